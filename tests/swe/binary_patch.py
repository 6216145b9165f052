"""A git patch of a few kilobytes that makes a file as large as one likes."""

import base64
import zlib

LINE = 52
CHUNK = 1 << 20


def binary_patch(path: str, size: int) -> str:
    """A new file of `size` equal bytes."""
    packer = zlib.compressobj(9)
    packed = (
        b"".join(packer.compress(bytes(min(CHUNK, size - done))) for done in range(0, size, CHUNK)) + packer.flush()
    )
    lines = [_line(packed[at : at + LINE]) for at in range(0, len(packed), LINE)]
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\nindex {'0' * 40}..{'1' * 40}\nGIT binary patch\n"
    return f"{head}literal {size}\n" + "\n".join(lines) + "\n\nliteral 0\nHc$@<O00001\n\n"


def _line(piece: bytes) -> str:
    length = chr(ord("A") + len(piece) - 1) if len(piece) <= 26 else chr(ord("a") + len(piece) - 27)
    return length + base64.b85encode(piece + bytes(-len(piece) % 4)).decode()

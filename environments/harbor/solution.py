"""The task's own solution as shell commands: they unpack solution/, run solve.sh in the working folder, and take solution/ away again."""

import base64
import gzip
import io
import tarfile
from collections.abc import Iterator

from envgym.environments.harbor.task_file import HarborFolder
from envgym.errors import UsageError

PLACE = "/tmp/solution"
PIECE = 90_000
"""Characters of one command: the kernel takes 128 KiB of one argument."""
SOLVE = (
    f"mkdir -p {PLACE} && base64 -d < {PLACE}.part | tar -xzf - -C {PLACE} && bash {PLACE}/solve.sh\n"
    f"rc=$?\nrm -rf {PLACE} {PLACE}.part\nexit $rc"
)


def solve(folder: HarborFolder) -> Iterator[str]:
    """Commands that carry out the solution. Raises UsageError where the task has none.

    Scripts that call their own folder /solution, as Harbor mounts it, are told where it is here.
    """
    if not (folder.solution / "solve.sh").is_file():
        raise UsageError(f"{folder.path} has no solution/solve.sh")
    packed = base64.b64encode(_packed(folder)).decode()
    for start in range(0, len(packed), PIECE):
        yield f"printf %s {packed[start : start + PIECE]} >> {PLACE}.part"
    yield SOLVE


def _packed(folder: HarborFolder) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(each for each in folder.solution.rglob("*") if each.is_file()):
            content = path.read_bytes()
            if path.suffix == ".sh":
                content = content.replace(b"/solution/", f"{PLACE}/".encode())
            entry = tarfile.TarInfo(str(path.relative_to(folder.solution)))
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)

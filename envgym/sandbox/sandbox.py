"""The contract of a sandbox: run a command, move files, look at what changed, go back, branch off.

Three kinds of outcome are kept apart. What a command does (fails, hangs, is killed for memory) is an ExecResult. What is asked of a file
that is not there is a FileRefused. Whatever else keeps a sandbox from working is a SandboxFailure, an EnvFailure: it is the world's, is
retried on a fresh one and never becomes a command's output. A backend writes the abstract methods; files move through commands in the
sandbox itself, so that no path is ever resolved outside of it.
"""

import io
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from envgym.errors import EnvFailure, UsageError
from envgym.sandbox.spec import SandboxSpec

MAX_FILE_BYTES = 64 << 20
"""Of a file that is read or written."""
Command = str | Sequence[str]
Kind = Literal["added", "modified", "deleted"]


class SandboxFailure(EnvFailure):
    """The sandbox itself failed: daemon gone, mount refused, no memory on the machine."""


class FileRefused(Exception):
    """A file cannot be read or written as asked; the message says why. For a tool to tell the agent."""


@dataclass(frozen=True, slots=True)
class ExecResult:
    """How a command went."""

    rc: int
    """Exit status; 128 + the number of the signal that ended it. 137 where it was killed for time or memory."""
    stdout: bytes
    stderr: bytes
    timed_out: bool = False
    truncated: bool = False
    """Whether output was dropped."""
    oom: bool = False
    """Whether the kernel killed something in the sandbox for memory while it ran."""
    duration_s: float = 0.0

    @property
    def text(self) -> str:
        """stdout, then stderr."""
        return (self.stdout + self.stderr).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One path, relative to the working folder, that is not what it was at the start."""

    path: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state that was kept. Equal states of equal sandboxes have equal snapshots."""

    backend: str
    keys: tuple[str, ...]
    """Content addresses of what was written, in the order in which it is laid over the spec."""


class Sandbox(ABC):
    """Use as a context manager, or call `close`. Thread-safe but for restore, reset and close."""

    spec: SandboxSpec

    @abstractmethod
    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        timeout_s: float | None = None,
        output_cap: int | None = None,
        user: int | None = None,
    ) -> ExecResult:
        """What `exec` does, with an argument list."""

    @abstractmethod
    def diff(self) -> list[Change]:
        """What changed in the working folder since the sandbox was made from its spec, sorted by path. Folders that exist on both
        sides are not listed."""

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """The state of the working folder and /tmp. Lives as long as the store behind it; any number of sandboxes may start from it."""

    @abstractmethod
    def restore(self, snapshot: Snapshot) -> None:
        """Goes to a snapshot of a sandbox with the same spec."""

    @abstractmethod
    def fork(self) -> Self:
        """An independent sandbox in the same state."""

    @abstractmethod
    def reset(self) -> None:
        """Goes back to the state of the spec."""

    @abstractmethod
    def close(self) -> None:
        """Ends every process and gives everything back. Twice is fine."""

    @property
    @abstractmethod
    def capabilities(self) -> Mapping[str, str]:
        """How each limit is enforced here; a name that is missing is not."""

    def exec(self, command: Command, **how: Any) -> ExecResult:
        """Runs a command to its end: a string by /bin/sh, a list as it is. Everything that it started is dead when this returns.

        `cwd` is the folder, `env` further variables, `stdin` bytes, `timeout_s` and `output_cap` (bytes of each stream) replace the
        limits of the spec, `user` is the user id inside. Raises SandboxFailure, and UsageError for an empty command.
        """
        argv = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
        if not argv or not all(isinstance(word, str) and "\0" not in word for word in argv):
            raise UsageError(f"a command is a string or a list of strings without NUL, not {command!r:.200}")
        return self.run(argv, **how)

    def read(self, path: str) -> bytes:
        """The content of a file; relative paths start in the working folder. Raises FileRefused."""
        done = self.exec(["cat", "--", _safe(path)], output_cap=MAX_FILE_BYTES)
        self._check(done, path)
        if done.truncated:
            raise FileRefused(f"{path} holds more than {MAX_FILE_BYTES:,} bytes")
        return done.stdout

    def write(self, path: str, content: bytes | str) -> None:
        """Makes or replaces a file, with the folders above it. Raises FileRefused."""
        data = content.encode() if isinstance(content, str) else content
        if len(data) > MAX_FILE_BYTES:
            raise FileRefused(f"{len(data):,} bytes are too many for one file; at most {MAX_FILE_BYTES:,}")
        script = 'case "$1" in */*) mkdir -p -- "${1%/*}/" ;; esac && cat > "$1"'
        self._check(self.exec(["/bin/sh", "-c", script, "write", _safe(path)], stdin=data), path)

    def put_tree(self, folder: Path, path: str = ".") -> None:
        """Copies a folder of this machine with its links and modes into one of the sandbox. Raises FileRefused."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(folder, arcname=".", filter=_nobodys)
        script = 'mkdir -p -- "$1" && cd -- "$1" && tar -xf - --no-same-owner'
        self._check(self.exec(["/bin/sh", "-c", script, "put", _safe(path)], stdin=packed.getvalue()), path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @staticmethod
    def _check(done: ExecResult, path: str) -> None:
        if done.rc != 0:
            why = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise FileRefused(why[-1] if why else f"{path}: {'it took too long' if done.timed_out else 'refused'}")


def _safe(path: str) -> str:
    """A path that no program takes for an option."""
    if not path or "\0" in path:
        raise FileRefused("a path is not empty and holds no NUL")
    return path if path.startswith("/") else f"./{path}"


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry

"""A JSONL file of trajectories that survives `kill -9`.

Each finished episode is one `write` of one line to a file opened for appending, so what was finished is in the kernel's hands before the
next one ends. A line that a crash cut off is dropped on resume; a line that a full disk cut off is taken back at once.
"""

import errno
import fcntl
import os
from pathlib import Path
from typing import Self

from envgym.errors import EnvgymError, UsageError
from envgym.trajectory import Trajectory, read_trajectories


class DiskFull(EnvgymError):
    """There is no room for the next line. Everything before it is on disk."""


class TrajectoryFile:
    """Opened for one run. `finished` holds the indices that are on disk already."""

    def __init__(self, path: Path, descriptor: int, finished: set[int]) -> None:
        self.path = path
        self.finished = finished
        self._descriptor = descriptor

    @classmethod
    def open(cls, path: str | Path, run: str, *, resume: bool = False) -> Self:
        """Creates the file, or with `resume` goes on with one that the run of the same fingerprint began.

        Raises UsageError when the file exists and `resume` is not set, or when it holds another run's episodes.
        """
        path = Path(path)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | (0 if resume else os.O_EXCL)
        try:
            descriptor = os.open(path, flags, 0o644)
        except FileExistsError:
            raise UsageError(f"{path} exists; go on with it by --resume, or give another name") from None
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise UsageError(f"{path} is being written by another run; wait for it, or give another name") from None
        if not resume:
            return cls(path, descriptor, set())
        try:
            finished = _finished(path, run)
        except UsageError:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, _whole_lines(path))
        return cls(path, descriptor, finished)

    def append(self, trajectory: Trajectory) -> None:
        """Puts one episode on disk. Raises DiskFull, with the file as it was before."""
        line = trajectory.to_line()
        try:
            written = os.write(self._descriptor, line)
        except OSError as error:
            raise self._full(error) from error
        if written < len(line):
            os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
            raise self._full(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        self.finished.add(trajectory.index)

    def _full(self, error: OSError) -> DiskFull:
        return DiskFull(
            f"cannot write to {self.path}: {error.strerror}; its {len(self.finished)} episodes are kept. "
            "Make room and go on with --resume"
        )

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _finished(path: Path, run: str) -> set[int]:
    finished = set()
    for trajectory in read_trajectories(path):
        if trajectory.run != run:
            raise UsageError(
                f"{path} holds episodes of another run ({trajectory.env}, {trajectory.scaffold}, {trajectory.policy}, "
                f"fingerprint {trajectory.run}; this one is {run}); resume with the same settings, or give another name"
            )
        finished.add(trajectory.index)
    return finished


def _whole_lines(path: Path) -> int:
    """Bytes up to the end of the last whole line."""
    data = path.read_bytes()
    return data.rfind(b"\n") + 1

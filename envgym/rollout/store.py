"""A JSONL file of trajectories that survives `kill -9`.

Each finished episode is one `write` of one line to a file opened for appending, so what was finished is in the kernel's hands before the
next one ends. A line that a full disk cut off is taken back at once. On resume a line that a crash cut off is dropped, and so are episodes
that the world failed: nothing was learnt from them, and they are played again.
"""

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Self

from envgym.errors import EnvgymError, UsageError
from envgym.trajectory import SCORED, Trajectory, read_trajectories

Seen = Callable[[Trajectory], None]


class DiskFull(EnvgymError):
    """There is no room for the next line. Everything before it is on disk."""


class TrajectoryFile:
    """Opened for one run. `finished` holds the indices that are on disk already."""

    def __init__(self, path: Path, descriptor: int, finished: set[int]) -> None:
        self.path = path
        self.finished = finished
        self._descriptor = descriptor

    @classmethod
    def open(cls, path: str | Path, run: str, *, resume: bool = False, seen: Seen | None = None) -> Self:
        """Creates the file, or with `resume` goes on with one that the run of the same fingerprint began.

        On resuming, `seen` is called with each episode that is kept. One that the world failed is not kept: it is played again.
        Raises UsageError when the file exists and `resume` is not set, or when it holds another run's episodes.
        """
        path = Path(path)
        descriptor = _locked(path, os.O_CREAT | (0 if resume else os.O_EXCL))
        if not resume:
            return cls(path, descriptor, set())
        try:
            finished, whole = _finished(path, run, seen)
            if not whole:
                _rewrite(path)
        except BaseException:
            os.close(descriptor)
            raise
        if not whole:  # the lock was on the file that has been replaced
            os.close(descriptor)
            descriptor = _locked(path, 0)
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


def _locked(path: Path, flags: int) -> int:
    """The file, open for appending by this run alone."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | flags, 0o644)
    except FileExistsError:
        raise UsageError(f"{path} exists; go on with it by --resume, or give another name") from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise UsageError(f"{path} is being written by another run; wait for it, or give another name") from None
    return descriptor


def _finished(path: Path, run: str, seen: Seen | None) -> tuple[set[int], bool]:
    """The indices that need not be played again, and whether the file holds them and nothing else."""
    finished = set()
    size = 0
    for trajectory in read_trajectories(path):
        if trajectory.run != run:
            raise UsageError(
                f"{path} holds episodes of another run ({trajectory.env}, {trajectory.scaffold}, {trajectory.policy}, "
                f"fingerprint {trajectory.run}; this one is {run}); resume with the same settings, or give another name"
            )
        if trajectory.status in SCORED:
            finished.add(trajectory.index)
            size += len(trajectory.to_line())
            if seen is not None:
                seen(trajectory)
    return finished, size == path.stat().st_size


def _rewrite(path: Path) -> None:
    """Leaves only whole lines of scored episodes. The old file stands until the new one is on disk."""
    beside = path.with_name(f"{path.name}.resuming")
    with open(beside, "wb") as out:
        out.writelines(each.to_line() for each in read_trajectories(path) if each.status in SCORED)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)

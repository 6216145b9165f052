"""What a process holds beyond its memory: threads, child processes, open files and sockets, mounts, temporary files.

Threads and temporary files are seen everywhere; the others are read from /proc, on Linux.
"""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROC = Path("/proc/self")


def footprint(temporary: Path) -> set[str]:
    """Everything held now, each thing by a name that stays the same while it is held."""
    held = {f"thread {thread.name} ({thread.ident})" for thread in threading.enumerate()}
    held |= {f"temporary file {path.relative_to(temporary)}" for path in temporary.rglob("*")}
    return held | open_files() | children() | mounts()


def open_files() -> set[str]:
    """Descriptors with what they lead to. The one by which the folder is read is gone when its link is looked at."""
    found = set()
    for number in os.listdir(PROC / "fd") if (PROC / "fd").is_dir() else ():
        try:
            found.add(f"open file {number} -> {os.readlink(PROC / 'fd' / number)}")
        except FileNotFoundError:
            continue
    return found


def children() -> set[str]:
    """Child processes of every thread, zombies included."""
    found = set()
    for listing in PROC.glob("task/*/children"):
        for pid in listing.read_text().split():
            try:
                command = Path("/proc", pid, "comm").read_text().strip()
            except FileNotFoundError:
                continue
            found.add(f"child process {pid} ({command})")
    return found


def mounts() -> set[str]:
    listing = PROC / "mountinfo"
    return {f"mount {line.split()[4]}" for line in listing.read_text().splitlines()} if listing.exists() else set()


@contextmanager
def own_temporary_folder() -> Iterator[Path]:
    """A folder for temporary files of this process and its children alone: nobody else's come and go in it."""
    before, cached = os.environ.get("TMPDIR"), tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="envgym-check-") as folder:
        os.chmod(folder, 0o755)  # sandboxes of root run as a user without rights, and have their folders here
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = cached
            if before is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = before

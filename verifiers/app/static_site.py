"""Serves the files of an app as they were when they were read: a folder that changes afterwards changes nothing.

There is no program of the app on our side: what it does, it does in the browser. Files are read within limits; links out of the folder
are not followed.
"""

import mimetypes
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from envgym.errors import InvalidAction

MOST_FILES = 500
MOST_BYTES = 20_000_000
ENTRY = "index.html"


def read_app(folder: Path) -> dict[str, bytes]:
    """The files of a folder by their path in it. Raises InvalidAction, to be told, where there are too many or they are too large."""
    files: dict[str, bytes] = {}
    total = 0
    for path in regular_files(folder):
        total += path.stat().st_size
        if len(files) == MOST_FILES or total > MOST_BYTES:
            raise InvalidAction(
                f"an app has at most {MOST_FILES} files of {MOST_BYTES // 10**6} MB together", code="app.size"
            )
        files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return files


def regular_files(folder: Path) -> Iterator[Path]:
    """Files that are neither links nor under hidden folders or node_modules, sorted."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                yield path


def static_site(files: Mapping[str, bytes]) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """A WSGI application that gives these files, `index.html` for a folder, and 404 for all else."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", "/")).lstrip("/")
        name = next((each for each in (path, f"{path.rstrip('/')}/{ENTRY}".lstrip("/")) if each in files), None)
        if name is None:
            start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"there is no such file"]
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        charset = "; charset=utf-8" if kind.startswith("text/") or kind.endswith(("javascript", "json")) else ""
        start_response("200 OK", [("Content-Type", kind + charset), ("Cache-Control", "no-store")])
        return [files[name]]

    return answer

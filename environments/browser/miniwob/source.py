"""The pages of PyPI's `miniwob` (MIT), read from where it is installed. Its code is never imported: it wants selenium."""

import mimetypes
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from envgym.errors import UsageError

HOST = "miniwob.test"
KEEPS_STATE = frozenset(
    {
        "book-flight",
        "book-flight-nodelay",
        "chase-circle",
        "choose-date",
        "choose-date-easy",
        "choose-date-medium",
        "choose-date-nodelay",
        "drag-cube",
        "moving-items",
        "scroll-text",
        "scroll-text-2",
        "stock-market",
        "use-autocomplete",
        "use-autocomplete-nodelay",
        "use-colorwheel",
        "use-colorwheel-2",
    }
)
"""Pages whose scripts keep something from one task to the next, such as an open date picker: these are loaded anew each time."""


@cache
def folder() -> Path:
    """Where its HTML lies. Raises UsageError that says how to get it."""
    try:
        found = Path(str(distribution("miniwob").locate_file("miniwob/html")))
    except PackageNotFoundError:
        found = Path("miniwob")
    if not (found / "core" / "core.js").is_file():
        raise UsageError(
            "miniwob:<task> needs the pages of PyPI's miniwob: pip install --no-deps miniwob (it would bring selenium, which is not used)"
        )
    return found


@cache
def task_names() -> tuple[str, ...]:
    """Every page that is a task, sorted."""
    return tuple(sorted(path.stem for path in (folder() / "miniwob").glob("*.html")))


def address_of(name: str) -> str:
    return f"http://{HOST}/miniwob/{name}.html"


@cache
def _read(path: str) -> tuple[str, bytes] | None:
    root = folder().resolve()
    place = (root / path.lstrip("/")).resolve()
    if not (place.is_relative_to(root) and place.is_file()):
        return None
    kind = mimetypes.guess_type(place.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind.endswith("javascript")
    return kind + ("; charset=utf-8" if text else ""), place.read_bytes()


def pages(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The folder as a web site: a WSGI application."""
    found = _read(environ["PATH_INFO"])
    if found is None:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"not found"]
    start_response("200 OK", [("Content-Type", found[0])])
    return [found[1]]

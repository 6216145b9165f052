"""Where the maker of an environment is found by name: by gymnasium in this process, and by a fresh process.

A class in a file outside any package (a test, a script) is found by that file.
"""

import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any


def entry_point_of(maker: Any) -> str | None:
    """`module:name` under which `maker` can be imported in this process, None where it cannot (a lambda, a local class)."""
    module, name = getattr(maker, "__module__", None), getattr(maker, "__qualname__", None)
    found = getattr(sys.modules.get(module or ""), name or "", None)
    return f"{module}:{name}" if found is maker else None


def path_of(maker: Any) -> str | None:
    """`module:name` or `file.py:name` that another process can load, None where there is none."""
    entry = entry_point_of(maker)
    if entry is None:
        return None
    module, _, name = entry.partition(":")
    package = PathFinder.find_spec(module.partition(".")[0])
    if package is not None and package.origin is not None and module != "__main__":
        return entry
    file = getattr(sys.modules[module], "__file__", None)
    return None if file is None else f"{Path(file).resolve()}:{name}"


def full_path(path: str) -> str:
    """A path that means the same from another folder."""
    place, _, name = path.partition(":")
    return f"{Path(place).resolve()}:{name}" if place.endswith(".py") else path

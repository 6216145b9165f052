"""Changes of attributes, items, variables and folders that are undone after a test."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

MISSING: Any = object()


class MonkeyPatch:
    """As pytest's of that name, for what tests commonly do with it."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], Any]] = []

    @classmethod
    @contextmanager
    def context(cls) -> Iterator[MonkeyPatch]:
        patch = cls()
        try:
            yield patch
        finally:
            patch.undo()

    def setattr(self, target: Any, name: Any, value: Any = MISSING, raising: bool = True) -> None:
        if value is MISSING:
            target, name, value = *_resolved(target), name
        before = getattr(target, name, MISSING)
        if raising and before is MISSING:
            raise AttributeError(f"{target!r} has no attribute {name!r}")
        if isinstance(target, type):
            before = target.__dict__.get(name, MISSING)
        self._undo.append(lambda: _put_back(target, name, before))
        setattr(target, name, value)

    def delattr(self, target: Any, name: Any = MISSING, raising: bool = True) -> None:
        if name is MISSING:
            target, name = _resolved(target)
        if not hasattr(target, name):
            if raising:
                raise AttributeError(name)
            return
        before = target.__dict__.get(name, MISSING) if isinstance(target, type) else getattr(target, name)
        self._undo.append(lambda: _put_back(target, name, before))
        delattr(target, name)

    def setitem(self, mapping: MutableMapping[Any, Any], name: Any, value: Any) -> None:
        self._keep_item(mapping, name)
        mapping[name] = value

    def delitem(self, mapping: MutableMapping[Any, Any], name: Any, raising: bool = True) -> None:
        if name not in mapping:
            if raising:
                raise KeyError(name)
            return
        self._keep_item(mapping, name)
        del mapping[name]

    def _keep_item(self, mapping: MutableMapping[Any, Any], name: Any) -> None:
        before = mapping.get(name, MISSING)

        def back() -> None:
            if before is MISSING:
                mapping.pop(name, None)
            else:
                mapping[name] = before

        self._undo.append(back)

    def setenv(self, name: str, value: Any, prepend: str | None = None) -> None:
        text = str(value)
        if prepend and name in os.environ:
            text = text + prepend + os.environ[name]
        self.setitem(os.environ, name, text)

    def delenv(self, name: str, raising: bool = True) -> None:
        self.delitem(os.environ, name, raising)

    def syspath_prepend(self, path: Any) -> None:
        before = sys.path[:]
        self._undo.append(lambda: sys.path.__setitem__(slice(None), before))
        sys.path.insert(0, str(path))
        importlib.invalidate_caches()

    def chdir(self, path: Any) -> None:
        before = os.getcwd()
        self._undo.append(lambda: os.chdir(before))
        os.chdir(path)

    def undo(self) -> None:
        while self._undo:
            self._undo.pop()()


def _resolved(path: str) -> tuple[Any, str]:
    """Owner and name of what a dotted path means."""
    place, _, name = path.rpartition(".")
    if not place:
        raise TypeError(f"must be absolute import path string, not {path!r}")
    parts = place.split(".")
    owner = importlib.import_module(parts[0])
    for number, part in enumerate(parts[1:], 2):
        if not hasattr(owner, part):
            importlib.import_module(".".join(parts[:number]))
        owner = getattr(owner, part)
    return owner, name


def _put_back(target: Any, name: str, before: Any) -> None:
    if before is MISSING:
        delattr(target, name)
    else:
        setattr(target, name, before)

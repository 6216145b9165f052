"""Finds the tests of a module, and what else it and its conftest files bring, without pytest."""

from __future__ import annotations

import inspect
import os
import unittest
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envgym.environments.swe.drivers.fixtures import Layers, find, fixtures_in, needed
from envgym.environments.swe.drivers.parameters import Case, cases_of_fixture, cases_of_mark, combined
from envgym.environments.swe.drivers.plain_marks import marks_of, named
from envgym.environments.swe.drivers.pytest_stand_in import FixtureDefinition

Around = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
"""By scope: names of what is called before, and after."""
XUNIT: Around = {
    "module": (("setup_module", "setUpModule"), ("teardown_module", "tearDownModule")),
    "function": (("setup_function",), ("teardown_function",)),
}
XUNIT_OF_CLASS: Around = {
    "class": (("setup_class",), ("teardown_class",)),
    "function": (("setup_method",), ("teardown_method",)),
}


@dataclass(frozen=True)
class Item:
    """One test function, before it is parametrized."""

    id: str
    name: str
    function: Any
    kind: type | None
    marks: tuple[Any, ...]
    """The closest first."""
    layers: Layers


@dataclass(frozen=True)
class Group:
    """The tests of one class, or those of a module that are in none."""

    kind: type | None
    id: str
    items: tuple[Item, ...]
    marks: tuple[Any, ...]
    layers: Layers

    @property
    def by_unittest(self) -> bool:
        return self.kind is not None and issubclass(self.kind, unittest.TestCase)


def groups_in(module: Any, file: str, layers: Layers) -> Iterator[Group]:
    """The module's own functions, then its classes."""
    names = vars(module)
    inside: Layers = [*layers, {**xunit(names, XUNIT), **fixtures_in(names)}]
    marks = tuple(marks_of(module))
    items = tuple(
        Item(f"{file}::{name}", name, value, None, (*marks_of(value), *marks), inside)
        for name, value in names.items()
        if _is_test(name, value)
    )
    yield Group(None, file, items, marks, inside)
    for name, value in list(names.items()):  # tests run in between, and may add to it
        if isinstance(value, type) and _is_test_class(name, value):
            yield from _groups_of(value, f"{file}::{name}", marks, inside)


def _groups_of(kind: type, identity: str, marks: tuple[Any, ...], layers: Layers) -> Iterator[Group]:
    marks = (*marks_of(kind), *marks)
    names: dict[str, Any] = {}
    for place in reversed(kind.__mro__[:-1]):
        names.update(vars(place))
    if issubclass(kind, unittest.TestCase):
        yield Group(kind, identity, (), marks, layers)
        return
    inside: Layers = [*layers, {**xunit(names, XUNIT_OF_CLASS), **fixtures_in(names)}]
    items = []
    for name, value in names.items():
        function = value.__func__ if isinstance(value, staticmethod | classmethod) else value
        if _is_test(name, function):
            items.append(Item(f"{identity}::{name}", name, function, kind, (*marks_of(function), *marks), inside))
        elif isinstance(value, type) and _is_test_class(name, value):
            yield from _groups_of(value, f"{identity}::{name}", marks, inside)
    yield Group(kind, identity, tuple(items), marks, inside)


def _is_test(name: str, value: Any) -> bool:
    return name.startswith("test") and inspect.isfunction(value) and getattr(value, "__test__", True) is not False


def _is_test_class(name: str, kind: type) -> bool:
    if getattr(kind, "__test__", True) is False:
        return False
    if issubclass(kind, unittest.TestCase):
        return kind.__module__ != "unittest.case"
    return name.startswith("Test") and kind.__init__ is object.__init__ and kind.__new__ is object.__new__


def is_unusual(function: Any) -> bool:
    """Whether pytest needs a plugin to run it, or does not run it at all."""
    return (
        inspect.iscoroutinefunction(function)
        or inspect.isgeneratorfunction(function)
        or inspect.isasyncgenfunction(function)
    )


def cases_of(item: Item, arguments: list[str]) -> list[Case]:
    """Every combination of parameters that a test is run with. Raises Unsupported."""
    cases, direct = [Case()], set()
    marked = [cases_of_mark(mark) for mark in named("parametrize", item.marks)]
    for each in marked:
        direct |= {name for case in each for name in (*case.values, *case.requested)}
    for name in needed(arguments, item.layers, sorted(direct)):
        definition, _ = find(name, item.layers)
        if definition.params is not None:
            cases = combined(cases, cases_of_fixture(name, definition.params, definition.ids))
    for each in marked:
        cases = combined(cases, each)
    return cases


def test_files_under(tree: str, name: str) -> list[str]:
    """The file itself, or the test files in a folder, relative to the tree."""
    place = os.path.join(tree, name)
    if not os.path.isdir(place):
        return [name]
    found = []
    for folder, folders, files in os.walk(place):
        folders.sort()
        named = [
            file
            for file in sorted(files)
            if file.endswith("_test.py") or (file.startswith("test_") and file.endswith(".py"))
        ]
        found += [os.path.relpath(os.path.join(folder, file), tree) for file in named]
    return found


def xunit(names: Mapping[str, Any], kinds: Around) -> dict[str, FixtureDefinition]:
    """Functions of a fixed name that are called around tests, as fixtures."""
    made = {}
    for scope, (before, after) in kinds.items():
        first, last = (next((names[name] for name in each if name in names), None) for each in (before, after))
        if first is not None or last is not None:
            what = f"{scope} of {'module' if kinds is XUNIT else 'class'}"
            made[before[0]] = FixtureDefinition(_around(first, last, what), scope, autouse=True, name=before[0])
    return made


def _around(before: Any, after: Any, what: str) -> Callable[[Any], Iterator[None]]:
    def around(request: Any) -> Iterator[None]:
        ours = what != "function of module" or request.cls is None
        if before is not None and ours:
            _call(before, request, what)
        yield
        if after is not None and ours:
            _call(after, request, what)

    return around


def _call(function: Any, request: Any, what: str) -> None:
    """With what it is called for, where it takes that."""
    if what == "function of class":
        function, about = function.__get__(request.instance), request.function
    elif what == "class of class":
        function, about = function.__get__(None, request.cls), request.cls
    else:
        about = request.module if what == "module of module" else request.function
    function(*[about][: len(inspect.signature(function).parameters)])

"""Finds the fixtures that a test needs, makes them in order, and takes them down when their scope ends."""

from __future__ import annotations

import inspect
import io
import pathlib
import re
import sys
import tempfile
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from envgym.environments.swe.drivers.parameters import Case
from envgym.environments.swe.drivers.pytest_stand_in import FixtureDefinition, MonkeyPatch, Unsupported

SCOPES = ("session", "package", "module", "class", "function")
Layers = Sequence[Mapping[str, FixtureDefinition]]
"""Fixtures by name, outermost place first: built-in, conftest files, module, class."""


@dataclass
class Scope:
    """What was made for one scope, with what takes it down."""

    made: dict[Any, Any] = field(default_factory=dict)
    finalizers: list[Callable[[], Any]] = field(default_factory=list)

    def end(self) -> None:
        """Takes everything down, the last first. Raises the first thing that goes wrong, after all were tried."""
        first: BaseException | None = None
        while self.finalizers:
            try:
                self.finalizers.pop()()
            except BaseException as error:  # noqa: BLE001
                first = first or error
        self.made.clear()
        if first is not None:
            raise first


def fixtures_in(names: Mapping[str, Any]) -> dict[str, FixtureDefinition]:
    """The fixtures that a module or class defines."""
    found = [value for value in names.values() if isinstance(value, FixtureDefinition)]
    return {definition.name: definition for definition in found}


def arguments_of(function: Any) -> list[str]:
    """Names that have to be given. Raises Unsupported for what cannot be called by names."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as error:
        raise Unsupported(str(error)) from None
    return [
        each.name
        for each in parameters
        if each.default is each.empty and each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
    ]


def needed(arguments: Sequence[str], layers: Layers, direct: Sequence[str]) -> list[str]:
    """Names of all fixtures for these arguments, wider scopes first, in the order in which they are made."""
    automatic = [name for layer in layers for name, definition in layer.items() if definition.autouse]
    names = list(dict.fromkeys([*automatic, *arguments]))
    for name in names:  # grows while it is walked
        definition = find(name, layers)[0] if name not in direct and any(name in layer for layer in layers) else None
        if definition is not None:
            names += [each for each in asked_by(definition) if each not in names]

    def breadth(name: str) -> int:
        known = name not in direct and any(name in layer for layer in layers)
        return SCOPES.index(find(name, layers)[0].scope) if known else SCOPES.index("function")

    return sorted((name for name in names if name not in direct and name != "request"), key=breadth)


def find(name: str, layers: Layers, below: int | None = None) -> tuple[FixtureDefinition, int]:
    """The innermost fixture of a name, and its layer. Raises Unsupported where there is none: pytest may have it from a plugin."""
    for number in reversed(range(len(layers) if below is None else below)):
        if name in layers[number]:
            return layers[number][name], number
    raise Unsupported(f"fixture {name!r}")


def asked_by(definition: FixtureDefinition) -> list[str]:
    arguments = arguments_of(definition.function)
    return arguments[1:] if arguments[:1] == ["self"] else arguments


class Request:
    """What a fixture may ask about; `param` is there for those with parameters only."""

    def __init__(self, about: Mapping[str, Any], scope: Scope, make: Callable[[str], Any]) -> None:
        self._scope, self._make = scope, make
        self.__dict__.update(about)

    def addfinalizer(self, finalizer: Callable[[], Any]) -> None:
        self._scope.finalizers.append(finalizer)

    def getfixturevalue(self, name: str) -> Any:
        return self._make(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "param":
            raise AttributeError(name)
        raise Unsupported(f"request.{name}")


@dataclass
class Maker:
    """Makes fixtures for one test."""

    layers: Layers
    case: Case
    scopes: Mapping[str, Scope]
    instance: Any
    about: Mapping[str, Any]
    """module, cls, function, instance of the test, for `request`."""

    def value(self, name: str, below: int | None = None) -> Any:
        if name == "request":
            return Request(self.about, self.scopes["function"], self.value)
        if below is None and name in self.case.values:
            return self.case.values[name]
        definition, layer = find(name, self.layers, below)
        if definition.scope not in SCOPES:
            raise Unsupported(f"scope {definition.scope!r}")
        scope = self.scopes[definition.scope]
        number, param = self.case.requested.get(name, (-1, None))
        key = (id(definition), number)
        if key not in scope.made:
            scope.made[key] = self._make(definition, layer, scope, [param] if number >= 0 else [])
        return scope.made[key]

    def _make(self, definition: FixtureDefinition, layer: int, scope: Scope, param: list[Any]) -> Any:
        given = {}
        for name in asked_by(definition):
            if name == "request":
                about = {**self.about, "scope": definition.scope, "fixturename": definition.name}
                given[name] = Request({**about, "param": param[0]} if param else about, scope, self.value)
            else:
                given[name] = self.value(name, layer if name == definition.name else None)
        function = self._bound(definition)
        if inspect.isasyncgenfunction(function) or inspect.iscoroutinefunction(function):
            raise Unsupported("a fixture that is asynchronous")
        if not inspect.isgeneratorfunction(function):
            return function(**given)
        steps = function(**given)
        value = next(steps)
        scope.finalizers.append(lambda: _finish(steps))
        return value

    def _bound(self, definition: FixtureDefinition) -> Any:
        function = definition.function
        if isinstance(function, staticmethod):
            return function.__func__
        if isinstance(function, classmethod):
            return function.__get__(None, type(self.instance))
        return function.__get__(self.instance) if arguments_of(function)[:1] == ["self"] else function


def _finish(steps: Iterator[Any]) -> None:
    for _ in steps:
        raise ValueError("a fixture yields more than once")


Captured = namedtuple("Captured", ("out", "err"))


class Capture:
    """capsys: what is printed, since the last look at it."""

    def __init__(self) -> None:
        self._before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()

    def readouterr(self) -> Captured:
        seen = []
        for stream in (sys.stdout, sys.stderr):
            if not isinstance(stream, io.StringIO):
                raise Unsupported("a stream that a test replaced")
            seen.append(stream.getvalue())
            stream.seek(0)
            stream.truncate()
        return Captured(*seen)

    def end(self) -> None:
        sys.stdout, sys.stderr = self._before


class Folders:
    """tmp_path_factory."""

    def mktemp(self, basename: str, numbered: bool = True) -> pathlib.Path:
        place = pathlib.Path(tempfile.mkdtemp(prefix="plain-")) / (f"{basename}0" if numbered else basename)
        place.mkdir()
        return place


def _tmp_path(request: Any, tmp_path_factory: Any) -> pathlib.Path:
    made: pathlib.Path = tmp_path_factory.mktemp(re.sub(r"\W", "_", request.function.__name__)[:30])
    return made


def _monkeypatch() -> Iterator[MonkeyPatch]:
    patch = MonkeyPatch()
    yield patch
    patch.undo()


def _capsys() -> Iterator[Capture]:
    capture = Capture()
    yield capture
    capture.end()


BUILT_IN = {
    "tmp_path_factory": FixtureDefinition(Folders, "session", name="tmp_path_factory"),
    "tmp_path": FixtureDefinition(_tmp_path, name="tmp_path"),
    "monkeypatch": FixtureDefinition(_monkeypatch, name="monkeypatch"),
    "capsys": FixtureDefinition(_capsys, name="capsys"),
}

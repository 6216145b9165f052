"""Runs tests without pytest: functions and classes by itself, unittest's classes by unittest.

A second opinion, not a second pytest: what it cannot run just as pytest does it does not report. Ids are pytest's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from envgym.environments.swe.drivers.fixtures import (
    BUILT_IN,
    Maker,
    Scope,
    arguments_of,
    fixtures_in,
    needed,
)
from envgym.environments.swe.drivers.parameters import Case
from envgym.environments.swe.drivers.plain_collection import (
    Group,
    Item,
    cases_of,
    groups_in,
    is_unusual,
    test_files_under,
)
from envgym.environments.swe.drivers.plain_marks import expectation, marks_of, named, skip_reason
from envgym.environments.swe.drivers.plain_unittest import message_of, run_class
from envgym.environments.swe.drivers.pytest_stand_in import FixtureDefinition, Skipped, Unsupported, XFailed
from envgym.environments.swe.drivers.selection import Selection
from envgym.environments.swe.drivers.test_files import import_test_file

Send = Callable[[dict[str, Any]], None]
STAND_IN = sys.modules[Unsupported.__module__]


def run(job: dict[str, Any], send: Send) -> int:
    """Always 0: whatever a test does is told of that test."""
    plain = PlainRun(job["tree"], Selection(job["tests"]), send)
    for name in plain.selection.files:
        for file in test_files_under(job["tree"], name):
            plain.run_file(file)
    plain.end()
    return 0


class PlainRun:
    """One run over some files."""

    def __init__(self, tree: str, selection: Selection, send: Send) -> None:
        self.selection = selection
        self._tree, self._send = tree, send
        self._session = Scope()
        self._conftests: dict[str, dict[str, FixtureDefinition]] = {}

    def run_file(self, file: str) -> None:
        if not os.path.isfile(os.path.join(self._tree, file)):
            self._send({"collection": file, "text": "no such file"})
            return
        try:
            layers = [BUILT_IN, *self._conftests_above(file)]
            module = import_test_file(self._tree, file, STAND_IN)
        except (Skipped, Unsupported) as why:
            print(f"{file}: {type(why).__name__}: {why}")  # noqa: T201
            return
        except BaseException as error:  # noqa: BLE001
            if type(error).__name__ != Skipped.__name__:  # pytest's own, from what the file imports
                self._send({"collection": file, "text": message_of(error)})
            return
        of_module = Scope()
        for group in groups_in(module, file, layers):
            self._run_group(group, module, of_module)
        _end(of_module)

    def _conftests_above(self, file: str) -> list[dict[str, FixtureDefinition]]:
        """The fixtures of each conftest.py from the top of the tree down to a file's folder."""
        found, folder = [], ""
        for part in ("", *os.path.dirname(file).split("/")):
            folder = os.path.join(folder, part)
            path = os.path.join(folder, "conftest.py")
            if path not in self._conftests and os.path.isfile(os.path.join(self._tree, path)):
                module = import_test_file(self._tree, path, STAND_IN)
                self._conftests[path] = fixtures_in(vars(module))
            if self._conftests.get(path) is not None and self._conftests[path] not in found:
                found.append(self._conftests[path])
        return found

    def _run_group(self, group: Group, module: Any, of_module: Scope) -> None:
        if group.by_unittest and group.kind is not None:
            automatic = any(definition.autouse for layer in group.layers for definition in layer.values())
            marked = [
                *group.marks,
                *(mark for value in vars(group.kind).values() if callable(value) for mark in _marks(value)),
            ]
            if not automatic and not marked:
                run_class(group.kind, group.id, self.selection.__contains__, self._tell)
            return
        of_class = Scope()
        for item in group.items:
            try:
                arguments = arguments_of(item.function)[item.kind is not None and not _is_static(item) :]
                arguments = [*(name for mark in named("usefixtures", item.marks) for name in mark.args), *arguments]
                cases = [] if is_unusual(item.function) else cases_of(item, arguments)
            except Unsupported as why:
                print(f"{item.id}: {why}")  # noqa: T201
                continue
            for case in cases:
                if item.id + case.suffix in self.selection:
                    self._run_case(item, case, module, of_module, of_class)
        _end(of_class)

    def _run_case(self, item: Item, case: Case, module: Any, of_module: Scope, of_class: Scope) -> None:
        marks, names = [*case.marks, *item.marks], vars(module)
        own = Scope()
        scopes = {"session": self._session, "package": self._session, "module": of_module, "function": own}
        scopes["class"] = of_class if item.kind is not None else own
        try:
            reason = skip_reason(marks, names)
            if reason is not None:
                self._tell(item.id + case.suffix, "skipped", reason)
                return
            trial = Trial(item, case, module, scopes)
            outcome, message = trial.run(expectation(marks, names))
        except Unsupported as why:
            print(f"{item.id}{case.suffix}: {why}")  # noqa: T201
            own.finalizers.clear()
            return
        self._tell(item.id + case.suffix, outcome, message)

    def _tell(self, test: str, outcome: str, message: str) -> None:
        self._send({"id": test, "outcome": outcome, "message": message})

    def end(self) -> None:
        _end(self._session)


class Trial:
    """One case of a test, run from the making of its fixtures to their end."""

    def __init__(self, item: Item, case: Case, module: Any, scopes: dict[str, Scope]) -> None:
        self._item, self._case, self._scopes = item, case, scopes
        instance = item.kind() if item.kind is not None else None
        static = _is_static(item)
        self._function = item.function if instance is None or static else item.function.__get__(instance)
        about = {"module": module, "cls": item.kind, "function": self._function, "instance": instance}
        self._maker = Maker(item.layers, case, scopes, instance, about)

    def run(self, expected: Any) -> tuple[str, str]:
        """Outcome and message. Raises Unsupported."""
        if expected is not None and not expected.run:
            return "xfailed", expected.reason
        arguments: dict[str, Any] = {}
        outcome, message = self._phase("error", expected, lambda: arguments.update(self._made()))
        if not outcome:
            outcome, message = self._phase("failed", expected, lambda: self._function(**arguments))
            outcome, message = (outcome, message) if outcome else _without_failure(expected)
        wrong, why = self._phase("error", None, self._scopes["function"].end)
        return (wrong, why) if wrong == "error" and outcome != "failed" else (outcome, message)

    def _made(self) -> dict[str, Any]:
        """Everything that the test needs is made; what it takes is returned."""
        item, case = self._item, self._case
        own = arguments_of(self._function)
        marked = [name for mark in named("usefixtures", item.marks) for name in mark.args]
        for name in needed([*marked, *own], item.layers, sorted(case.values)):
            self._maker.value(name)
        return {name: self._maker.value(name) for name in own}

    def _phase(self, otherwise: str, expected: Any, act: Callable[[], Any]) -> tuple[str, str]:
        """Nothing where it goes well."""
        try:
            act()
        except (Unsupported, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001
            kind = type(error).__name__
            if kind in (Skipped.__name__, XFailed.__name__):
                return kind.lower(), str(error)
            if expected is not None and (expected.raises is None or isinstance(error, expected.raises)):
                return "xfailed", expected.reason
            return otherwise, message_of(error)
        return "", ""


def _without_failure(expected: Any) -> tuple[str, str]:
    if expected is None:
        return "passed", ""
    if expected.strict is None:
        raise Unsupported("whether an expected failure may pass is up to settings")
    return ("failed", "[XPASS(strict)]") if expected.strict else ("xpassed", "")


def _is_static(item: Item) -> bool:
    return item.kind is not None and any(
        isinstance(vars(place).get(item.name), staticmethod) for place in item.kind.__mro__
    )


def _marks(value: Any) -> list[Any]:
    return marks_of(value) if hasattr(value, "__dict__") else []


def _end(scope: Scope) -> None:
    try:
        scope.end()
    except BaseException as error:  # noqa: BLE001  (pytest blames the last test of the scope; nobody is blamed here)
        print(message_of(error), file=sys.stderr)  # noqa: T201

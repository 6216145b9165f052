"""Evaluates expressions among the names of test files: each in a process of its own, so that none is touched by the one before.

A value is told as a literal, part by part, by methods of the built-in types, never by asking the value: a subclass of `int` is told as the
number that it is, whatever it claims to equal or to be, and an object that only claims so has no literal form.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

from envgym.environments.swe.drivers.test_files import import_test_file

PROBE_S = 2.0
"""CPU seconds of one expression; it has five times that on the clock."""
MAX_PARTS = 2_000
MAX_DEPTH = 20
PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
WITH_FAITHFUL_REPR = {
    "datetime": ("date", "datetime", "time", "timedelta"),
    "decimal": ("Decimal",),
    "fractions": ("Fraction",),
}
"""Types whose repr gives them back, though it is a call."""


def run(job: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> int:
    """Always 0: an expression without a value is none of ours."""
    names: dict[str, dict[str, Any] | None] = {}
    for number, (file, expression, setup) in enumerate(job["probes"]):
        if file not in names:
            names[file] = _names_of(job["tree"], file)
        among = names[file]
        if among is None:
            continue
        process = os.fork()
        if process == 0:
            try:
                signal.setitimer(signal.ITIMER_PROF, PROBE_S)
                signal.setitimer(signal.ITIMER_REAL, 5 * PROBE_S)  # both end the process
                value = value_of(expression, setup, dict(among))
                if value is not None:
                    send({"probe": number, "value": value})
            finally:
                os._exit(0)
        os.waitpid(process, 0)
    return 0


def _names_of(tree: str, file: str) -> dict[str, Any] | None:
    try:
        return vars(import_test_file(tree, file))
    except BaseException as error:  # noqa: BLE001  (pytest's skip is no Exception)
        print(f"{file}: {type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201
        return None


def value_of(expression: str, setup: str, names: dict[str, Any]) -> str | None:
    """The literal of an expression's value, or what it raises."""
    try:
        exec(compile(setup, "<setup>", "exec"), names)
        value = eval(compile(expression, "<probe>", "eval"), names)
    except BaseException as error:  # noqa: BLE001
        return f"raises {type(error).__name__}"
    return Literal().of(value)


class Literal:
    """Writes one value. The same value is always written the same: sets are sorted."""

    def __init__(self) -> None:
        self._left = MAX_PARTS

    def of(self, value: Any, depth: int = 0) -> str | None:
        """None where it has no literal form, or is too large."""
        self._left -= 1
        kind = _plain(type(value))
        if self._left < 0 or depth > MAX_DEPTH:
            return None
        if kind is float:
            told = float.__repr__(value)
            return told if told[-1].isdigit() else f"float('{told}')"
        if value is None or kind in (bool, str, bytes, complex, range) or value is Ellipsis:
            return str(kind.__repr__(value))
        if kind is int:
            return int.__repr__(value) if int.bit_length(value) < 10_000 else None
        if kind in (list, tuple, set, frozenset, dict):
            return self._container(value, kind, depth + 1)
        return repr(value) if kind in _faithful() else None

    def _container(self, value: Any, kind: Any, depth: int) -> str | None:
        if kind is dict:
            pairs = [(self.of(key, depth), self.of(each, depth)) for key, each in self._few(dict.items(value))]
            return "{" + ", ".join(f"{key}: {each}" for key, each in pairs) + "}" if _all(pairs) else None
        parts = [self.of(each, depth) for each in self._few(kind.__iter__(value))]
        if not _all([parts]):
            return None
        told = [part for part in parts if part is not None]
        if kind is list:
            return f"[{', '.join(told)}]"
        if kind is tuple:
            return f"({told[0]},)" if len(told) == 1 else f"({', '.join(told)})"
        inside = "{" + ", ".join(sorted(told)) + "}" if told else ""
        if kind is set:
            return inside or "set()"
        return f"frozenset({inside})"

    def _few(self, parts: Iterable[Any]) -> Iterable[Any]:
        """The parts, until there were too many."""
        for part in parts:
            yield part
            if self._left < 0:
                return


def _all(rows: Iterable[Iterable[str | None]]) -> bool:
    return all(part is not None for row in rows for part in row)


def _plain(kind: type) -> Any:
    """The built-in type that a type is, or is made of; itself where there is none. The type is not asked: `issubclass` asks the second."""
    return next((each for each in PLAIN if issubclass(kind, each)), kind)


def _faithful() -> set[type]:
    loaded = [(sys.modules[module], names) for module, names in WITH_FAITHFUL_REPR.items() if module in sys.modules]
    return {getattr(module, name) for module, names in loaded for name in names}

"""Runs a class of unittest by unittest and tells outcomes as pytest would."""

from __future__ import annotations

import traceback
import unittest
from collections.abc import Callable
from typing import Any

from envgym.environments.swe.drivers.pytest_stand_in import Skipped, Unsupported, XFailed

Told = Callable[[str, str, str], None]
"""Takes id, outcome and message."""


def run_class(kind: type[unittest.TestCase], name: str, wanted: Callable[[str], bool], told: Told) -> None:
    """Runs the wanted tests of a class whose id is `name`."""
    methods = [method for method in unittest.TestLoader().getTestCaseNames(kind) if wanted(f"{name}::{method}")]
    result = _Result()
    unittest.TestSuite(kind(method) for method in methods).run(result)
    for method in methods:
        outcome, message = result.of_class or result.outcomes.get(method, ("", ""))
        if outcome:
            told(f"{name}::{method}", outcome, message)


class _Result(unittest.TestResult):
    """Outcomes by name of the method. What goes wrong before the tests is told of all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: dict[str, tuple[str, str]] = {}
        self.of_class: tuple[str, str] | None = None

    def _tell(self, test: Any, outcome: str, message: str = "") -> None:
        if not isinstance(test, unittest.TestCase):  # what stands for a class or module that was not set up
            self.of_class = self.of_class or ("error" if outcome == "failed" else outcome, message)
            return
        name = test.id().rpartition(".")[2]
        if self.outcomes.get(name, ("",))[0] != "failed":
            self.outcomes[name] = (outcome, message)

    def addSuccess(self, test: Any) -> None:  # noqa: N802
        self.outcomes.setdefault(test.id().rpartition(".")[2], ("passed", ""))

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._tell(test, "failed", message_of(err[1]))

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        kind = err[0].__name__
        if kind in (Skipped.__name__, XFailed.__name__):
            self._tell(test, kind.lower(), str(err[1]))
        elif isinstance(err[1], Unsupported):
            self._tell(test, "")
        else:
            self._tell(test, "failed", message_of(err[1]))

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        self._tell(test, "skipped", reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._tell(test, "xfailed", message_of(err[1]))

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        self._tell(test, "failed", "Unexpected success")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None:
            self._tell(test, "failed", message_of(err[1]))


def message_of(error: BaseException) -> str:
    """Where and what, on one line, as far as the error lets itself be told."""
    try:
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}: " if frames else ""
        return f"{where}{type(error).__name__}: {error}"[:2000]
    except Exception:  # noqa: BLE001  (its own __str__ may raise)
        return type(error).__name__

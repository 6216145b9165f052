"""Runs tests by pytest and reports each as it ends.

Plugins are loaded by name only. The tree's own settings hold, but for `addopts` and `required_plugins`, which ask for plugins that may not
be there. A selected test that does not exist is passed over: pytest itself would refuse to run anything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from envgym.environments.swe.drivers.selection import Selection

MESSAGE = 2000
"""Characters of what is told of one test."""
FIXED = (
    "-p",
    "no:cacheprovider",
    "-o",
    "addopts=",
    "-o",
    "required_plugins=",
    "-W",
    "ignore::pytest.PytestConfigWarning",
    "-W",
    "ignore::pytest.PytestUnknownMarkWarning",
    "--continue-on-collection-errors",
    "--color=no",
    "--tb=short",
    "-q",
    "-rN",
)
STOPPED = (2, 3)
"""Exit codes of pytest: interrupted, internal error."""


def run(job: dict[str, Any], send: Callable[[dict[str, Any]], None]) -> int:
    """1 where pytest broke off before it was done, 0 otherwise."""
    import pytest

    tree, there, selection = job["tree"], [], Selection(job["tests"])
    for name in selection.files:
        if os.path.exists(os.path.join(tree, name)):
            there.append(os.path.join(tree, name))
        else:
            send({"collection": name, "text": "no such file"})
    if not there:
        return 0
    plugins = [word for name in job["plugins"] for word in ("-p", name)]
    arguments = [*FIXED, f"--rootdir={tree}", *plugins, *job["arguments"], "--", *there]
    reporter = Reporter(selection, send)
    sys.argv[:] = ["pytest"]
    status = int(pytest.main(arguments, plugins=[reporter]))
    if status == 4:  # wrong arguments, or a conftest.py that cannot be imported
        send({"collection": "", "text": "pytest refuses to start"})
    return int(status == 3 or (status == 2 and not reporter.broken))


class Reporter:
    """A plugin of pytest. An id is told once, when its test is over."""

    def __init__(self, selection: Selection, send: Callable[[dict[str, Any]], None]) -> None:
        self._selection = selection
        self._send = send
        self._outcomes: dict[str, tuple[str, str]] = {}
        self.broken = False

    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        kept: list[Any] = []
        dropped: list[Any] = []
        for item in items:
            (kept if item.nodeid in self._selection else dropped).append(item)
        if dropped:
            config.hook.pytest_deselected(items=dropped)
            items[:] = kept

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.broken = True
            self._send({"collection": report.nodeid, "text": str(report.longreprtext)[-MESSAGE:]})

    def pytest_runtest_logreport(self, report: Any) -> None:
        if type(report).__name__ == "SubtestReport" and not report.failed:
            return
        outcome = _outcome(report)
        before = self._outcomes.get(report.nodeid)
        if outcome and (before is None or _worse(outcome, before[0])):
            self._outcomes[report.nodeid] = (outcome, _message(report) if outcome != "passed" else "")

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        outcome, message = self._outcomes.pop(nodeid, ("", ""))
        if outcome:
            self._send({"id": nodeid, "outcome": outcome, "message": message})


def _outcome(report: Any) -> str:
    """What one phase says of its test; empty where it says nothing."""
    expected = hasattr(report, "wasxfail")
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "xfailed" if expected else "skipped"
    if report.when != "call":
        return ""
    return "xpassed" if expected else "passed"


def _worse(outcome: str, before: str) -> bool:
    bad = ("error", "failed")
    return outcome in bad and before != "failed"


def _message(report: Any) -> str:
    where = getattr(getattr(report, "longrepr", None), "reprcrash", None)
    if where is not None:
        return f"{os.path.basename(str(where.path))}:{where.lineno}: {where.message}"[:MESSAGE]
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])[:MESSAGE]
    return str(report.longreprtext)[-MESSAGE:]

"""A pytest plugin that writes the ids of the tests that ran to their end and passed. Skipped and expected failures are no passes."""

import json
import os
from typing import Any

STATE: dict[str, bool] = {}


def pytest_configure() -> None:
    """From here on, programs that tests start find the tree's modules too."""
    os.environ["PYTHONPATH"] = os.environ["EXPORTED_PATH"]


def pytest_runtest_logreport(report: Any) -> None:
    """Three phases make a test; all have to pass, and a pass where a failure was expected is none."""
    fine = report.passed and not hasattr(report, "wasxfail")
    if report.when == "setup":
        STATE[report.nodeid] = fine
    else:
        STATE[report.nodeid] = STATE.get(report.nodeid, False) and fine


def pytest_sessionfinish() -> None:
    with open(os.environ["EXPORTED_OUTCOMES"], "w", encoding="utf-8") as file:
        json.dump(sorted(test for test, passed in STATE.items() if passed), file)

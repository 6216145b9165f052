"""What many tests share: the places of the test worlds and trimmed run settings."""

import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("envgym", deadline=None)  # the machines that run this are shared
settings.load_profile("envgym")
WORLDS = Path(__file__).parent / "worlds"


@pytest.fixture(scope="session")
def world() -> Callable[[str], str]:
    """The path of a test world by class name: it can be loaded in any process."""
    return lambda name: f"{WORLDS / 'failing.py'}:{name}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where ENVGYM_FORBID_SKIPS is set, a skip is a failure: that machine has every part."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("ENVGYM_FORBID_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"skipped where no part may be missing: {report.longrepr}"
    return report

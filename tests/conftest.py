"""What many tests share: the places of the test worlds, trimmed run settings, one Docker engine."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from . import docker_engine

settings.register_profile("envgym", deadline=None)  # the machines that run this are shared
settings.load_profile("envgym")
WORLDS = Path(__file__).parent / "worlds"


@pytest.fixture(scope="session")
def world() -> Callable[[str], str]:
    """The path of a test world by class name: it can be loaded in any process."""
    return lambda name: f"{WORLDS / 'failing.py'}:{name}"


@pytest.fixture(scope="session")
def docker_address() -> Iterator[str]:
    """Where the one engine listens that the tests start when the first of them needs it."""
    pytest.importorskip("docker", reason="pip install 'envgym[docker]'")
    if why := docker_engine.missing():
        pytest.skip(why)
    with docker_engine.engine() as address:
        yield address


@pytest.fixture(scope="session")
def docker(docker_address: str) -> Iterator[tuple[Any, str]]:
    """A client of that engine, and the name of its image."""
    client = pytest.importorskip("docker").DockerClient(base_url=docker_address, timeout=120)
    yield client, docker_engine.IMAGE
    client.close()


@pytest.fixture
def engine(docker: tuple[Any, str], docker_address: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str]:
    """The same, for code that finds its engine by DOCKER_HOST."""
    monkeypatch.setenv("DOCKER_HOST", docker_address)
    return docker


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "outside: needs what a user has to bring and no package index has; may skip in CI too"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where ENVGYM_FORBID_SKIPS is set, a skip is a failure: that machine has every part, but for what is marked `outside`."""
    report = yield
    forbidden = os.environ.get("ENVGYM_FORBID_SKIPS") and item.get_closest_marker("outside") is None
    if report.skipped and not hasattr(report, "wasxfail") and forbidden:
        report.outcome = "failed"
        report.longrepr = f"skipped where no part may be missing: {report.longrepr}"
    return report

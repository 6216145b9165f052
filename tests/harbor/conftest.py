"""A Docker engine for the tests of Harbor folders."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox import docker_engine


@pytest.fixture(scope="session")
def engine() -> Iterator[tuple[Any, str]]:
    """A client of an engine that DOCKER_HOST points to, and the name of its image."""
    docker = pytest.importorskip("docker", reason="pip install 'envgym[docker]'")
    if why := docker_engine.missing():
        pytest.skip(why)
    with pytest.MonkeyPatch.context() as patch, docker_engine.engine() as address:
        patch.setenv("DOCKER_HOST", address)
        client = docker.DockerClient(base_url=address, timeout=120)
        yield client, docker_engine.IMAGE
        client.close()

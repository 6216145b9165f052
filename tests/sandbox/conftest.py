"""Sandboxes of every backend that this machine has, closed after each test."""

import contextlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from envgym.errors import UsageError
from envgym.sandbox import DockerSandbox, LayerStore, NamespaceSandbox, Sandbox, SandboxSpec

Make = Callable[..., Sandbox]


def _docker_engine() -> ModuleType:
    """The file beside this one: with pytest's importlib mode it is no module of any package."""
    spec = importlib.util.spec_from_file_location("docker_engine", Path(__file__).with_name("docker_engine.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def docker() -> Iterator[tuple[Any, str]]:
    """A client of a Docker engine that the tests start, and the name of its image."""
    docker = pytest.importorskip("docker", reason="pip install 'envgym[docker]'")
    support = _docker_engine()
    if why := support.missing():
        pytest.skip(why)
    with support.engine() as address:
        client = docker.DockerClient(base_url=address, timeout=120)
        yield client, support.IMAGE
        client.close()


@pytest.fixture(params=["docker", "namespaces"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """make(tree=..., limits=..., ...) -> a running sandbox."""
    store = LayerStore(tmp_path / "layers")
    engine = request.getfixturevalue("docker") if request.param == "docker" else None
    if engine is None and not sys.platform.startswith("linux"):
        pytest.skip("namespaces need Linux")
    with contextlib.ExitStack() as stack:

        def start(**spec: Any) -> Sandbox:
            if engine is not None:
                client, image = engine
                return stack.enter_context(DockerSandbox(SandboxSpec(image=image, **spec), client=client, store=store))
            try:
                return stack.enter_context(NamespaceSandbox(SandboxSpec(**spec), store=store))
            except UsageError as missing:
                pytest.skip(str(missing))

        yield start


@pytest.fixture
def sandbox(make: Make) -> Sandbox:
    return make()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree with a link, a script and a folder."""
    root = tmp_path / "tree"
    (root / "src" / "deep").mkdir(parents=True)
    (root / "src" / "main.py").write_text("print('main')\n")
    (root / "src" / "deep" / "data.bin").write_bytes(bytes(range(256)))
    (root / "run.sh").write_text("#!/bin/sh\necho ran\n")
    os.chmod(root / "run.sh", 0o755)
    (root / "link").symlink_to("src/main.py")
    return root

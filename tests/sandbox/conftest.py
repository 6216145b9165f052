"""Sandboxes of every backend that this machine has, closed after each test."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from envgym.errors import UsageError
from envgym.sandbox import DockerSandbox, LayerStore, NamespaceSandbox, Sandbox, SandboxSpec

Make = Callable[..., Sandbox]


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

"""Sandboxes: places where code that nobody trusts may run, with limits, snapshots and forks.

One contract (`sandbox.Sandbox`), three backends: `NamespaceSandbox` (Linux namespaces, no daemon: the default), `DockerSandbox`, and
`LocalSandbox` for trusted code only. Importing this package imports none of them: names load on first use.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envgym.sandbox.docker_sandbox import DockerSandbox as DockerSandbox
    from envgym.sandbox.layers import LayerStore as LayerStore
    from envgym.sandbox.local_sandbox import LocalSandbox as LocalSandbox
    from envgym.sandbox.namespace_sandbox import NamespaceSandbox as NamespaceSandbox
    from envgym.sandbox.pool import SandboxPool as SandboxPool
    from envgym.sandbox.sandbox import Change as Change
    from envgym.sandbox.sandbox import ExecResult as ExecResult
    from envgym.sandbox.sandbox import FileRefused as FileRefused
    from envgym.sandbox.sandbox import Sandbox as Sandbox
    from envgym.sandbox.sandbox import SandboxFailure as SandboxFailure
    from envgym.sandbox.sandbox import Snapshot as Snapshot
    from envgym.sandbox.spec import Limits as Limits
    from envgym.sandbox.spec import SandboxSpec as SandboxSpec

_HOME_OF = {
    "Change": "sandbox",
    "DockerSandbox": "docker_sandbox",
    "ExecResult": "sandbox",
    "FileRefused": "sandbox",
    "LayerStore": "layers",
    "Limits": "spec",
    "LocalSandbox": "local_sandbox",
    "NamespaceSandbox": "namespace_sandbox",
    "Sandbox": "sandbox",
    "SandboxFailure": "sandbox",
    "SandboxPool": "pool",
    "SandboxSpec": "spec",
    "Snapshot": "sandbox",
}
__all__ = [
    "Change",
    "DockerSandbox",
    "ExecResult",
    "FileRefused",
    "LayerStore",
    "Limits",
    "LocalSandbox",
    "NamespaceSandbox",
    "Sandbox",
    "SandboxFailure",
    "SandboxPool",
    "SandboxSpec",
    "Snapshot",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'envgym.sandbox' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"envgym.sandbox.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]

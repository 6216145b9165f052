"""Which real parts are present on this machine, and how to get each that is not.

Nothing is imported or started: packages are looked up in their metadata, programs on the path, devices in /dev.
"""

import os
import platform
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHTS = ("chromium-*/chrome-linux*/chrome", "chromium_headless_shell-*/chrome-linux*/*headless*shell")


@dataclass(frozen=True, slots=True)
class Part:
    """One optional part: what was found, or how to get it."""

    name: str
    found: str
    """Version or place; empty when it is missing."""
    serves: str
    get: str


def package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def chromium() -> str:
    """The browser that would be used: ENVGYM_CHROMIUM first, then the usual names on the path, then playwright's own."""
    chosen = os.environ.get("ENVGYM_CHROMIUM", "")
    if chosen:
        return chosen if Path(chosen).is_file() else ""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), "") or playwrights_chromium()


def playwrights_chromium() -> str:
    """The newest one that `playwright install` has brought."""
    given = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    root = Path(given) if given not in ("", "0") else Path.home() / ".cache" / "ms-playwright"
    found = [place for name in PLAYWRIGHTS for place in sorted(root.glob(name))]
    return str(found[-1]) if found else ""


def docker_engine() -> str:
    """The address of a Docker engine that accepts connections."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not address.startswith("unix://"):
        return address
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        return address if probe.connect_ex(address.removeprefix("unix://")) == 0 else ""


def tau2_checkout() -> str:
    """The user's checkout of tau2-bench."""
    chosen = os.environ.get("ENVGYM_TAU2", "")
    return chosen if chosen and Path(chosen, "src", "tau2", "registry.py").is_file() else ""


def gpu() -> str:
    names = (
        sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")) if Path("/proc/driver/nvidia").exists() else []
    )
    return f"{len(names)} NVIDIA device(s)" if names else ""


def bfcl() -> str:
    """The Python that is named for bfcl-eval, else its version where ours has it."""
    chosen = os.environ.get("ENVGYM_BFCL_PYTHON", "")
    if chosen:
        return chosen if Path(chosen).is_file() else ""
    return package("bfcl-eval")


PARTS: tuple[tuple[str, Callable[[], str], str, str], ...] = (
    ("pyarrow", lambda: package("pyarrow"), "Parquet task files", "pip install 'envgym[parquet]'"),
    ("playwright", lambda: package("playwright"), "driving a browser", "pip install 'envgym[browser]'"),
    (
        "Chromium",
        chromium,
        "browser environments",
        "apt install chromium-headless-shell, or playwright install chromium-headless-shell, or set ENVGYM_CHROMIUM",
    ),
    ("miniwob", lambda: package("miniwob"), "the environments miniwob:<task>", "pip install 'envgym[miniwob]'"),
    (
        "reasoning-gym",
        lambda: package("reasoning-gym"),
        "the environments rg:<name>",
        "pip install 'envgym[reasoning-gym]'",
    ),
    (
        "bfcl-eval",
        bfcl,
        "the environment bfcl",
        "python3 -m venv bfcl && bfcl/bin/pip install --no-deps bfcl-eval mpmath, and ENVGYM_BFCL_PYTHON=bfcl/bin/python",
    ),
    ("starlette", lambda: package("starlette"), "the reward service", "pip install 'envgym[serve]'"),
    ("uvicorn", lambda: package("uvicorn"), "the reward service", "pip install 'envgym[serve]'"),
    ("PyYAML", lambda: package("pyyaml"), "verifier sheets in YAML", "pip install 'envgym[yaml]'"),
    ("bubblewrap", lambda: shutil.which("bwrap") or "", "sandboxes without a daemon", "apt install bubblewrap"),
    (
        "Docker engine",
        docker_engine,
        "sandboxes from images",
        (
            "apt install docker.io and start dockerd, or by hand: dockerd --data-root DIR --pidfile FILE -H unix:///run/envgym.sock"
            " and DOCKER_HOST=unix:///run/envgym.sock; an engine elsewhere: DOCKER_HOST=tcp://..."
        ),
    ),
    (
        "tau2-bench",
        tau2_checkout,
        "the environment tau2",
        "clone sierra-research/tau2-bench, install that with Python 3.12, set ENVGYM_TAU2 and ENVGYM_TAU2_PYTHON (see docs/tau2.md)",
    ),
    ("torch", lambda: package("torch"), "the reference trainer", "pip install torch (a CPU build is enough)"),
    ("transformers", lambda: package("transformers"), "models in this process", "pip install transformers"),
    ("GPU", gpu, "training and generation at speed", "a machine with an NVIDIA device and its driver"),
    ("ray", lambda: package("ray"), "rollouts on many machines", "pip install ray"),
)


def examine() -> list[Part]:
    """Every optional part, present or not."""
    return [Part(name, find(), serves, get) for name, find, serves, get in PARTS]


def system() -> dict[str, str]:
    """Python, platform and the versions of what every installation has."""
    core = ("envgym", "gymnasium", "pydantic", "aiohttp", "sympy", "math-verify")
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        **{name: package(name) for name in core},
    }

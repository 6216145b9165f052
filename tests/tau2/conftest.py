"""The miniature stands in for a checkout of tau2-bench wherever a test does not ask for a real one."""

import os
import sys
from pathlib import Path

import pytest

from envgym.environments.tau2.checkout import Checkout
from envgym.errors import UsageError

MINIATURE = Path(__file__).parent / "miniature"
GIVEN = {name: os.environ.get(name, "") for name in ("ENVGYM_TAU2", "ENVGYM_TAU2_PYTHON")}


@pytest.fixture(autouse=True)
def checkout(monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """The miniature, where the environment finds it by itself."""
    monkeypatch.setenv("ENVGYM_TAU2", str(MINIATURE))
    monkeypatch.setenv("ENVGYM_TAU2_PYTHON", sys.executable)
    return Checkout.find()


@pytest.fixture
def real() -> Checkout:
    """The user's own checkout, which no machine of CI can install."""
    if not GIVEN["ENVGYM_TAU2"]:
        pytest.skip("set ENVGYM_TAU2 and ENVGYM_TAU2_PYTHON to a checkout of tau2-bench (see docs/tau2.md)")
    try:
        return Checkout.find(GIVEN["ENVGYM_TAU2"], GIVEN["ENVGYM_TAU2_PYTHON"])
    except UsageError as missing:
        pytest.skip(str(missing))

"""What many tests share: the places of the test worlds and trimmed run settings."""

from collections.abc import Callable
from pathlib import Path

import pytest

WORLDS = Path(__file__).parent / "worlds"


@pytest.fixture(scope="session")
def world() -> Callable[[str], str]:
    """The path of a test world by class name: it can be loaded in any process."""
    return lambda name: f"{WORLDS / 'failing.py'}:{name}"

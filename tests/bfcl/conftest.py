"""The Python that has bfcl-eval: the one that is named, or the one that `make test` made."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from envgym.environments.bfcl.interpreter import VARIABLE, interpreter
from envgym.errors import UsageError

MADE = Path(__file__).parents[2] / ".venv-bfcl"


@pytest.fixture(scope="package", autouse=True)
def python() -> Iterator[str]:
    """Its path, which the environment finds too."""
    before = os.environ.get(VARIABLE)
    if before is None and (MADE / "installed").exists():
        os.environ[VARIABLE] = str(MADE / "bin" / "python")
    try:
        yield interpreter()
    except UsageError as missing:
        pytest.skip(str(missing))
    finally:
        if before is None:
            os.environ.pop(VARIABLE, None)

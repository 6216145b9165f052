"""Which Python has bfcl-eval: the setting `python`, the variable ENVGYM_BFCL_PYTHON, or the one that runs us."""

import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from envgym.errors import UsageError

VARIABLE = "ENVGYM_BFCL_PYTHON"
NEEDED = (
    "make a virtual environment with it, python3 -m venv bfcl && bfcl/bin/pip install --no-deps bfcl-eval mpmath, and name its Python "
    f"by {VARIABLE}=bfcl/bin/python or by the setting python"
)


@cache
def ours_has_it() -> bool:
    return find_spec("bfcl_eval") is not None


def interpreter(python: str = "") -> str:
    """The path of that Python. Raises UsageError that says what to install."""
    chosen = python or os.environ.get(VARIABLE, "")
    if not chosen:
        if not ours_has_it():
            raise UsageError(f"bfcl needs the package bfcl-eval; {NEEDED}")
        return sys.executable
    path = Path(chosen).expanduser()
    if not path.is_file():
        raise UsageError(f"bfcl: there is no Python at {chosen!r}; {NEEDED}")
    return str(path.absolute())  # not resolved: the link is what makes it a virtual environment

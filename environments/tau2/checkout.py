"""Where the user's checkout of tau2-bench is, and which interpreter runs it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from envgym.errors import UsageError

HOW = (
    "git clone https://github.com/sierra-research/tau2-bench, install it with Python 3.12 in a virtual environment of its own"
    " (pip install -e tau2-bench), then set ENVGYM_TAU2 to the folder and ENVGYM_TAU2_PYTHON to that environment's python."
    " What PyPI calls tau2 is a package for chemistry: do not install it"
)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder that holds src/tau2 and data, and an interpreter in which its dependencies are installed."""

    folder: Path
    python: Path

    @classmethod
    def find(cls, folder: str = "", python: str = "") -> "Checkout":
        """What was given, else what ENVGYM_TAU2 and ENVGYM_TAU2_PYTHON name, else the checkout's own .venv. Raises UsageError."""
        given = folder or os.environ.get("ENVGYM_TAU2", "")
        if not given:
            raise UsageError(f"tau2 needs your own checkout of tau2-bench: {HOW}")
        place = Path(given).expanduser().absolute()
        if not (place / "src" / "tau2" / "registry.py").is_file():
            raise UsageError(f"{given!r} is no checkout of tau2-bench: it has no src/tau2/registry.py. {HOW}")
        chosen = python or os.environ.get("ENVGYM_TAU2_PYTHON", "") or str(place / ".venv" / "bin" / "python")
        found = shutil.which(Path(chosen).expanduser())
        if found is None:
            raise UsageError(f"{chosen!r} is no interpreter that could run {given!r}. {HOW}")
        return cls(place, Path(found).absolute())

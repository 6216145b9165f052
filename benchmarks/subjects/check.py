"""The check of the single-turn row: our own verifier, imported into every peer's interpreter, so that all pay for the same one.

It needs pydantic alone, which every peer has. The repository comes last on the path: `verifiers` must stay the peer's package.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2]))

from envgym.verifiers.arithmetic import reaches


def score(reply: str, task: dict[str, Any]) -> float:
    """1.0 for a right expression. `task` is a line of the task file."""
    return float(reaches(reply, numbers=task["numbers"], target=task["target"]).passed)

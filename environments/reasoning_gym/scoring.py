"""The only place where reasoning-gym's scorers run: the function of a worker process that is confined and can be killed.

Nine of them hand the answer to `eval` or to sympy's `parse_expr`, which is `eval` too. `executed_answers` keeps programs away from these;
the confinement is for what such a check overlooks.
"""

import math
from collections.abc import Mapping
from typing import Any

from envgym.environments.reasoning_gym.executed_answers import refusal
from envgym.environments.reasoning_gym.plain_data import from_json
from envgym.environments.reasoning_gym.source import ready_made, registered

registered()  # here, so that a worker is ready only when reasoning-gym is


def score(name: str, settings: str, entry: Mapping[str, Any], answer: str) -> dict[str, Any]:
    """{"score": raw score} of one answer, or {"refused": reason} where it must not reach the scorer. Raises what the scorer raises."""
    whole = from_json(entry)
    reason = "" if answer == whole["answer"] else refusal(name, answer)
    if reason:
        return {"refused": reason}
    raw = float(ready_made(name, settings, 0).score_answer(answer, whole))
    if not math.isfinite(raw):
        raise ValueError(f"the scorer returned {raw}")
    return {"score": raw}

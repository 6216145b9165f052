"""A gold that a verifier cannot read is the task's fault, for every registered verifier: no exception and no score."""

import json
import math
from typing import Any

import pytest

from envgym.registry import verifiers
from envgym.verdict import Outcome

DEEP: list[Any] = []
for _ in range(5000):
    DEEP = [DEEP]
GOLDS: dict[str, Any] = {
    "none": None,
    "nan": math.nan,
    "infinity": math.inf,
    "integer": 5,
    "huge": 10**5000,
    "boolean": True,
    "letter": "x",
    "empty text": "",
    "empty list": [],
    "empty mapping": {},
    "mixed list": ["x", 5],
    "nested list": [[["x"]]],
    "nested mapping": {"a": {"b": [1, {"c": None}]}},
    "list of mappings": [{"a": 1}],
    "deep": DEEP,
    "bytes": b"x",
    "set": {1, 2},
    "object": object(),
}
READABLE = {
    "choice": {"letter"},
    "json": {"boolean", "empty mapping", "nested mapping"},
    "tool_calls": {"empty list"},
    "citation": {"none", "empty list"},
}
"""Golds of these that are golds, by verifier."""
OPTIONS: dict[str, dict[str, Any]] = {
    "language": {"language": "en"},
    "length": {"words": (0, 9)},
    "citation": {"fetched": {}},
}
REPLIES = ["", "x", "42", "```python\nprint(1)\n```", '{"name": "x", "arguments": {}}']
ELSEWHERE = ("exact", "number", "math")
"""Any value has a text, which is what these compare: their golds have tests of their own."""


@pytest.mark.parametrize("kind", GOLDS)
@pytest.mark.parametrize("name", [name for name in verifiers.paths() if name not in ELSEWHERE])
def test_a_gold_of_the_wrong_type_makes_the_task_invalid(name: str, kind: str) -> None:
    check = verifiers.get(name)
    for reply in REPLIES:
        verdict = check(reply, GOLDS[kind], **OPTIONS.get(name, {}))
        if "gold" not in check.needs or kind in READABLE.get(name, ()):
            assert verdict.score is not None
        else:
            assert (verdict.outcome, verdict.score, verdict.attribution) == (Outcome.TASK_INVALID, None, "task")
            assert verdict.code.partition(".")[2]
        assert json.loads(verdict.model_dump_json())

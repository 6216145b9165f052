"""JSON answers: read, bounded, checked against a schema and compared with a gold value."""

import json
import math
import os
import signal
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.verdict import Outcome
from envgym.verifiers.ask_worker import ask
from envgym.verifiers.json_answer import INLINE_STEPS, json_answer, pool
from envgym.verifiers.json_schema import canonical, weight
from envgym.verifiers.worker import Budget, OverBudget, WorkerPool

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
ANN = '{"name": "Ann", "age": 30}'
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "reply",
    [
        ANN,
        f"  {ANN}\n",
        f"```json\n{ANN}\n```",
        f"```\n{ANN}\n```",
        f"~~~JSON\n{ANN}\n~~~",
        f"Here you are:\n\n```json\n{ANN}\n```\nTell me if you need more.",
        f"The answer is {ANN}.",
        f"As in [1], it is {ANN} [2].",
        f"<think>{{}}</think>{ANN}",
        f"{ANN} and once more {ANN}",
        f"```python\nx = {{}}\n```\n```json\n{ANN}\n```",
        f"\\boxed{{{ANN}}}",
        '{"age": 30, "name": "Ann"}',
        '{"name": "Ann",\n "age": 30.0}',
    ],
)
def test_json_is_read_from_a_fence_or_bare(reply: str) -> None:
    assert json_answer(reply, PERSON).code == "json_answer.fits"
    assert json_answer(reply, {"name": "Ann", "age": 30}, schema=PERSON).code == "json_answer.equal"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "answer.none"),
        ("<think>" + ANN, "answer.none"),
        (f"<think>{ANN}</think>", "answer.none"),
        ("no JSON here", "json_answer.unreadable"),
        ("the answer is correct", "json_answer.unreadable"),
        (ANN[:-1], "json_answer.unreadable"),
        ("{'name': 'Ann', 'age': 30}", "json_answer.unreadable"),
        ("```json\n{\n```", "json_answer.unreadable"),
        ('{"name": "Ann", "age": 30, "age": 31}', "json_answer.key_twice"),
        ('{"name": "Ann", "age": NaN}', "json_answer.number"),
        ('{"name": "Ann", "age": 1e999}', "json_answer.number"),
        ('{"name": "Ann", "age": ' + "9" * 5000 + "}", "json_answer.number"),
        (f'{ANN} or {{"name": "Bob", "age": 3}}', "answer.hedge"),
        (f'```json\n{ANN}\n```\n```json\n{{"name": "Bob", "age": 3}}\n```', "answer.hedge"),
        ('{"name": "Ann"}', "json_answer.schema"),
        ('{"name": "Ann", "age": "30"}', "json_answer.schema"),
        ('{"name": "Ann", "age": true}', "json_answer.schema"),
        ('{"name": "Ann", "age": -1}', "json_answer.schema"),
        ('{"name": "Ann", "age": 30.5}', "json_answer.schema"),
        ('{"name": "Ann", "age": 30, "score": 1}', "json_answer.schema"),
        (f"[{ANN}]", "json_answer.schema"),
        ('{"score": 1, "passed": true}', "json_answer.schema"),
        ("[" * 100_000, "answer.too_complex"),
        ('{"a":' * 100_000, "answer.too_complex"),
        ("[" * 65 + "]" * 65, "answer.too_complex"),
        (" " * 10 + "[1]" * 100_000, "answer.too_complex"),
    ],
)
def test_what_does_not_fit_scores_zero_and_says_why(reply: str, code: str) -> None:
    verdict = json_answer(reply, PERSON)
    assert (verdict.code, verdict.score) == (code, 0.0)
    assert json_answer(reply, {"name": "Ann", "age": 30}, schema=PERSON).score == 0.0


@pytest.mark.parametrize(
    ("reply", "gold"),
    [
        ("1", True),
        ("true", 1),
        ("0", False),
        ("[1, 2]", [2, 1]),
        ("null", 0),
        ('""', None),
        ("{}", []),
        ('"1"', 1),
        ("[1]", [1, 1]),
    ],
)
def test_values_that_only_look_alike_are_not_equal(reply: str, gold: Any) -> None:
    assert json_answer(reply, gold, schema=True).code == "json_answer.not_equal"


@pytest.mark.parametrize(
    ("reply", "gold"),
    [("1", 1.0), ("1.0", 1), ("null", None), ('"x"', "x"), ("[]", ()), ("1e2", 100), ("false", False)],
)
def test_equal_values_are_equal(reply: str, gold: Any) -> None:
    assert json_answer(reply, gold, schema=True).passed


@given(VALUES)
def test_any_value_equals_itself_and_no_wrapped_one(value: Any) -> None:
    for reply in (json.dumps(value), "```json\n" + json.dumps(value, indent=1) + "\n```"):
        assert json_answer(reply, value, schema=True).passed
        assert json_answer(reply, [value, 1], schema=True).score == 0.0


def test_evidence_names_the_places_and_stops_at_twenty() -> None:
    verdict = json_answer(json.dumps([-1] * 100), {"items": {"minimum": 0}})
    assert len(verdict.evidence) == 20
    assert verdict.evidence[3].data == {"path": "$[3]"}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"properties": 3},
        {"pattern": "("},
        {"$ref": "#"},
        {"$ref": "#/nowhere"},
        {"$ref": "http://localhost:1/schema.json"},
        {"x": {1, 2}},
        [],
        "x",
        None,
    ],
)
def test_a_schema_that_is_none_makes_the_task_invalid_and_nothing_is_fetched(schema: Any) -> None:
    verdict = json_answer('{"a": "b"}', schema)
    assert (verdict.outcome, verdict.code) == (Outcome.TASK_INVALID, "json_answer.schema_invalid")


def test_a_gold_value_that_does_not_fit_its_schema_makes_the_task_invalid() -> None:
    assert json_answer(ANN, {"name": "Ann"}, schema=PERSON).outcome is Outcome.TASK_INVALID


def test_a_wrong_schema_option_is_the_callers_mistake() -> None:
    with pytest.raises(UsageError, match="mapping"):
        json_answer(ANN, {}, schema="{}")  # type: ignore[arg-type]


def test_older_drafts_are_followed() -> None:
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 0, "exclusiveMinimum": True}
    assert json_answer("0", schema).code == "json_answer.schema"
    assert json_answer("1", schema).passed


def test_a_recursive_schema_is_followed() -> None:
    schema = {"type": "array", "items": {"$ref": "#"}}
    assert json_answer("[[], [[]]]", schema).passed
    assert json_answer("[[], [[1]]]", schema).score == 0.0


def test_unique_items_are_checked_in_linear_time() -> None:
    items = [{"a": n} for n in range(15_000)]
    start = time.process_time()
    assert json_answer(json.dumps(items, separators=(",", ":")), {"uniqueItems": True}).passed
    assert time.process_time() - start < 2.0
    assert json_answer("[1, 1.0]", {"uniqueItems": True}).score == 0.0
    assert json_answer("[1, true, 1.5]", {"uniqueItems": True}).passed


BACKTRACKING = "^([a-z]+\\.?)+@x\\.com$"
LIST: dict[str, Any] = {"type": "array", "items": {"$ref": "#"}}
TWICE_PER_LEVEL: dict[str, Any] = {"anyOf": [{"type": "integer"}, LIST, LIST]}
NESTED = "[" * 40 + '""' + "]" * 40
LAUGHS: dict[str, Any] = {
    "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)} | {"d40": {}},
    "$ref": "#/$defs/d0",
}


@pytest.mark.parametrize(
    ("reply", "schema"),
    [
        (json.dumps({"x": "a" * 60 + "!"}), {"properties": {"x": {"type": "string", "pattern": BACKTRACKING}}}),
        (json.dumps({"a" * 60 + "!": 1}), {"propertyNames": {"pattern": BACKTRACKING}}),
        (json.dumps({"a" * 60 + "!": 1}), {"patternProperties": {BACKTRACKING: {}}}),
        (NESTED, TWICE_PER_LEVEL),
    ],
)
def test_a_value_that_takes_for_ever_fails_and_the_next_one_is_judged(reply: str, schema: dict[str, Any]) -> None:
    verdict = json_answer(reply, schema)
    assert (verdict.code, verdict.score) == ("answer.too_complex", 0.0)
    assert json_answer("{}", schema).passed == (schema is not TWICE_PER_LEVEL)
    verdict = json_answer("{}", json.loads(reply), schema=schema)
    assert (verdict.outcome, verdict.code) == (Outcome.TASK_INVALID, "json_answer.gold")


def test_a_schema_that_takes_for_ever_with_any_value_makes_the_task_invalid() -> None:
    assert json_answer("1", LAUGHS).code == "json_answer.schema_invalid"


@pytest.mark.parametrize(
    "schema",
    [
        {"items": {"pattern": "a"}},
        {"patternProperties": {"a": {}}},
        {"items": {"$ref": "#"}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"items": {"$ref": "#/$defs/a"}}}},
        {"$ref": "#anchor", "$defs": {"a": {"$anchor": "anchor"}}},
        {"$ref": "https://example.com/schema"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$id": "https://example.com/a", "$ref": "#/$defs/a"}}},
        {"$dynamicRef": "#a"},
        {"allOf": [{"unevaluatedProperties": False}]},
    ],
)
def test_no_bound_is_known_for_patterns_and_circles(schema: dict[str, Any]) -> None:
    assert weight(canonical(schema)) == math.inf


def test_a_schema_is_as_heavy_as_it_is_with_its_references_followed() -> None:
    assert weight(canonical(PERSON)) < 20
    shared = {"$defs": {"a": PERSON}, "items": {"$ref": "#/$defs/a"}, "contains": {"$ref": "#/$defs/a"}}
    assert 2 * weight(canonical(PERSON)) < weight(canonical(shared)) < 4 * weight(canonical(PERSON))
    assert 2**40 < weight(canonical(LAUGHS)) < math.inf
    named = {"properties": {"pattern": {"type": "string"}, "id": {"type": "integer"}}, "$id": "https://example.com/a"}
    assert weight(canonical(named)) < 20


def test_a_worker_says_what_would_be_said_here() -> None:
    items = json.dumps([{"name": "Ann", "age": n} for n in range(-3, 2000)])
    assert len(items) * weight(canonical({"items": PERSON})) > INLINE_STEPS
    far = json_answer(items, {"items": PERSON})
    near = json_answer(items[:83] + "]", {"items": PERSON})
    assert far.evidence == near.evidence
    assert [fact.data["path"] for fact in far.evidence] == ["$[0].age", "$[1].age", "$[2].age"]


def test_a_worker_that_is_killed_is_replaced() -> None:
    schema = {"properties": {"x": {"pattern": "^a"}}}
    for _ in range(2):
        assert json_answer('{"x": "ab"}', schema).passed
        assert json_answer('{"x": "ba"}', schema).code == "json_answer.schema"
        for pid in pool.pids():
            os.kill(pid, signal.SIGKILL)


class Counting(WorkerPool):
    """A pool that notes its calls: whether each asked for a new process."""

    def call(self, *arguments: Any, fresh: bool = False) -> Any:
        self.fresh = [*getattr(self, "fresh", []), fresh]
        return super().call(*arguments, fresh=fresh)


def test_a_worker_is_asked_twice_before_the_question_is_to_blame() -> None:
    counting = Counting("envgym.verifiers.json_schema:places_or_fault", budget=Budget(cpu_s=0.3))
    try:
        with pytest.raises(OverBudget, match="cpu"):
            ask(counting, "1", canonical(LAUGHS))
        assert counting.fresh == [False, True]
    finally:
        counting.close()


def test_a_gold_that_is_no_json_makes_the_task_invalid() -> None:
    assert json_answer("1", {1, 2}, schema=True).code == "json_answer.gold"


@given(st.text(max_size=200) | st.text(alphabet='{}[]",:1e\\u`\n ', max_size=60))
def test_any_reply_gets_a_score(reply: str) -> None:
    assert json_answer(reply, PERSON).score == 0.0
    assert json_answer(reply, {}).score is not None


@pytest.mark.parametrize(
    "piece", ["{", "[1,", '{"a":1}', '"', "```json\n", "\\", "[]", "{ ", '["', "\ud800\x00", "-1", "<think>"]
)
def test_any_length_costs_less_than_a_second(piece: str) -> None:
    for size in (199_000, 1_000_000):
        start = time.process_time()
        json_answer(piece * (size // len(piece)), PERSON)
        assert time.process_time() - start < 1.0

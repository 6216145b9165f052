"""A trajectory's line: whatever an episode held can be written and read back, and the bytes are those of any JSON writer."""

import datetime
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from envgym import Task, Trajectory, Verdict, play
from envgym.message import assistant
from envgym.task import canonical_json
from envgym.trajectory import parse_line

ONE = play("game24", episodes=1)[0]
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


def holding(value: Any) -> Trajectory:
    """An episode whose task holds `value`."""
    return replace(ONE, task=Task(id="t", env="game24", private={"value": value}))


@given(VALUES)
def test_any_json_value_is_read_back_as_it_was_and_written_as_pydantic_writes_it(value: Any) -> None:
    one = holding(value)
    assert parse_line(one.to_line()) == one
    assert one.to_line() == to_json(one) + b"\n"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("half a pair \ud83d", "half a pair \ufffd"),
        (2**70, 2**70),
        (float("nan"), None),
        (float("inf"), None),
        ({1: "one"}, {"1": "one"}),
        ((1, 2), [1, 2]),
        (datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), "2026-01-02T00:00:00Z"),
        (Verdict.of(1), json.loads(Verdict.of(1).model_dump_json())),
    ],
)
def test_what_json_has_no_form_for_is_written_all_the_same(value: Any, read: Any) -> None:
    line = holding(value).to_line()
    assert line.count(b"\n") == 1
    assert parse_line(line).task.private["value"] == read


def test_canonical_json_nests_deeper_than_orjson() -> None:
    nested: Any = "core"
    for _ in range(300):
        nested = {"in": [nested]}
    assert json.loads(canonical_json(nested)) == nested


def test_a_line_holds_the_fields_and_nothing_else() -> None:
    one = holding("x")
    assert len(one.task.hash) == 64
    line = json.loads(one.to_line())
    assert set(line["task"]) == set(Task.model_fields)
    assert set(line["verdict"]) == set(Verdict.model_fields)


def test_a_reply_that_is_no_text_of_any_encoding_keeps_the_rest_of_its_line() -> None:
    one = replace(ONE, messages=[ONE.messages[0], assistant("\udc00 = 24")])
    assert parse_line(one.to_line()) == replace(one, messages=[ONE.messages[0], assistant("\ufffd = 24")])


@given(VALUES)
def test_canonical_json_is_json_and_does_not_depend_on_the_order_of_keys(value: Any) -> None:
    one, two = {"a": value, "b": 0}, {"b": 0, "a": value}
    assert canonical_json(one) == canonical_json(two)
    assert json.loads(canonical_json(one)) == one


@pytest.mark.parametrize(
    "value", [2**70, "\ud800", {2: 1, 10: 1}, datetime.date(2026, 1, 2), {"b": 1, "a": (2**70, "\ud800")}]
)
def test_canonical_json_takes_what_orjson_refuses(value: Any) -> None:
    written = canonical_json([value])
    assert written == canonical_json([value])
    json.loads(written)

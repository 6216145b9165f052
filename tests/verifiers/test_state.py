"""Final states compared key for key."""

import copy
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.verdict import Outcome
from envgym.verifiers.state import same_state

BANK: dict[str, Any] = {
    "accounts": {"ann": {"cents": 500, "tags": ["a", "b"], "seen": 1.5}, "bob": {"cents": 0, "tags": [], "seen": 2.5}},
    "open": True,
    "note": None,
}
STATES = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)


def changed(**at: Any) -> dict[str, Any]:
    """A copy of BANK with Ann's fields changed."""
    state = copy.deepcopy(BANK)
    state["accounts"]["ann"].update(at)
    return state


def test_equal_states_pass() -> None:
    assert same_state(copy.deepcopy(BANK), BANK).code == "state.equal"
    assert same_state({}, {}).passed
    assert same_state({"b": 1, "a": (1, 2)}, {"a": [1, 2], "b": 1.0}).passed
    assert same_state({1: {"x": 1}}, {"1": {"x": 1}}).passed  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("got", "keys"),
    [
        (changed(cents=501), ["accounts.ann.cents"]),
        (changed(tags=["b", "a"]), ["accounts.ann.tags"]),
        (changed(cents="500"), ["accounts.ann.cents"]),
        (changed(cents=None), ["accounts.ann.cents"]),
        (changed(score=1), ["accounts.ann.score"]),
        ({**BANK, "open": 1}, ["open"]),
        ({**BANK, "note": False}, ["note"]),
        ({key: value for key, value in BANK.items() if key != "note"}, ["note"]),
        ({**BANK, "extra": {}}, ["extra"]),
        (
            {**BANK, "accounts": {}},
            ["accounts", *(f"accounts.{who}.{key}" for who in ("ann", "bob") for key in ("cents", "seen", "tags"))],
        ),
    ],
)
def test_every_difference_is_named(got: Any, keys: list[str]) -> None:
    verdict = same_state(got, BANK)
    assert (verdict.code, verdict.score) == ("state.differs", 0.0)
    assert [fact.data["key"] for fact in verdict.evidence] == keys
    assert all(fact.kind == "diff" for fact in verdict.evidence)


def test_evidence_says_what_is_there_and_what_should_be() -> None:
    (fact,) = same_state(changed(cents=501), BANK).evidence
    assert fact.text == "accounts.ann.cents: 501, not 500"
    (fact,) = same_state({}, {"a": 1}).evidence
    assert fact.data == {"key": "a", "got": "absent", "want": "1"}


def test_the_first_twenty_differences_are_evidence() -> None:
    verdict = same_state({f"k{n:03}": n for n in range(50)}, {})
    assert [fact.data["key"] for fact in verdict.evidence] == [f"k{n:03}" for n in range(20)]
    assert verdict.reason == "differs at k000, k001, k002 and 47 more"


def test_partial_is_the_share_of_keys_that_agree_over_the_keys_of_both() -> None:
    assert same_state({"a": 1, "b": 2}, {"a": 1, "b": 3}, partial=True).score == 0.5
    assert same_state({"a": 1, "b": 2, "c": 3}, {"a": 1, "d": 4}, partial=True).score == 0.25
    assert same_state({}, {"a": 1}, partial=True).score == 0.0
    assert same_state({"a": {"x": 1, "y": 2}}, {"a": {"x": 1, "y": 3}}, partial=True).score == 0.5
    assert same_state({}, {}, partial=True).passed


def test_ignored_keys_do_not_count_with_all_below_them() -> None:
    got = changed(seen=99)
    assert same_state(got, BANK, ignore=["accounts.*.seen"]).passed
    assert same_state(got, BANK, ignore=["accounts.ann.seen", "note"]).passed
    assert same_state(got, BANK, ignore=["accounts"]).passed
    assert same_state(got, BANK, ignore=["seen", "accounts.*", "x"]).passed
    assert same_state(got, BANK, ignore=["seen", "*.seen", "accounts.bob"]).score == 0.0
    assert same_state({"a.b": 1, "a": {"b": 1}}, {}, ignore=["a.b"]).passed
    assert same_state({"a.b": 1, "a": {"c": 1}}, {}, ignore=["a.b"]).score == 0.0


def test_floats_may_be_close() -> None:
    assert same_state({"x": 1.05}, {"x": 1.0}, rel_tol=0.1).passed
    assert same_state({"x": [1.05]}, {"x": [1]}, rel_tol=0.1).passed
    assert same_state({"x": 1.2}, {"x": 1.0}, rel_tol=0.1).score == 0.0
    assert same_state({"x": 2}, {"x": 1}, rel_tol=0.99).score == 0.0
    assert same_state({"x": 0.1 + 0.2}, {"x": 0.3}).score == 0.0
    assert same_state({"x": float("inf")}, {"x": 1.0}, rel_tol=0.5).score == 0.0


@pytest.mark.parametrize("want", [None, [], "x", 3])
def test_a_wanted_state_that_is_none_makes_the_task_invalid(want: Any) -> None:
    assert same_state({}, want).outcome is Outcome.TASK_INVALID
    assert same_state(want, {}).outcome is Outcome.MALFORMED


def test_wrong_options_are_the_callers_mistake() -> None:
    for ignore in ("note", [""], [3]):
        with pytest.raises(UsageError, match="updated_at"):
            same_state({}, {}, ignore=ignore)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="rel_tol"):
        same_state({}, {}, rel_tol=-1)


@settings(max_examples=40)
@given(STATES)
def test_a_state_equals_its_copy_and_no_larger_one(state: dict[str, Any]) -> None:
    assert same_state(copy.deepcopy(state), state).passed
    verdict = same_state({**state, "one more": 1}, state, partial=True)
    assert verdict.score is not None
    assert verdict.score < 1


@settings(max_examples=40)
@given(STATES, STATES, st.floats(0, 0.5))
def test_two_states_always_get_a_score_that_can_be_written(one: Any, two: Any, rel_tol: float) -> None:
    verdict = same_state(one, two, partial=True, rel_tol=rel_tol)
    assert verdict.score is not None
    assert verdict.model_dump_json()
    assert same_state(two, one, partial=True).score == same_state(one, two, partial=True).score


def nest(levels: int, *, lists: bool) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value] if lists else {"a": value}
    return value


@pytest.mark.parametrize(
    "got",
    [
        nest(50_000, lists=False),
        {"a": nest(50_000, lists=True)},
        {"a": 10**5000},
        {"a": [10**5000]},
        {"a": "\ud800\x00", "\ud800": 1},
        {"a": "x" * 1_000_000},
        {str(n): n for n in range(200_000)},
        {"a": {str(n): n for n in range(200_000)}},
        {"a": list(range(1_000_000))},
        {1: 2, "1": 3},
        {("x",) * 1000: 1},
        {"a": {1, 2}, "b": b"x", "c": object},
    ],
    ids=range(12),
)
def test_hostile_states_fail_in_time(got: Any) -> None:
    start = time.process_time()
    verdict = same_state(got, {"a": 10**400})
    assert verdict.score == 0.0
    assert verdict.model_dump_json()
    assert time.process_time() - start < 1.0


def test_a_gold_that_cannot_equal_itself_makes_the_task_invalid() -> None:
    wants: list[Any] = [nest(100, lists=False), {"a": nest(100, lists=True)}, {1: 2, "1": 3}]
    for want in wants:
        assert same_state({}, want).outcome is Outcome.TASK_INVALID

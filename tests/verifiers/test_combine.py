"""Combinations of verifiers: what each makes of scores, and that a part without a score is never a number by accident."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym import Outcome, Verdict
from envgym.errors import UsageError
from envgym.verifiers.answer import exact, number
from envgym.verifiers.check import Check, verifier
from envgym.verifiers.combine import (
    all_of,
    any_of,
    cached,
    first,
    format_weighted,
    gate,
    hack_gate,
    majority,
    negate,
    penalty,
    per_test,
    product,
    threshold,
    weighted,
)

CALLS: list[str] = []


def says(name: str, verdict: Verdict) -> Check[...]:
    def check(*_: Any) -> Verdict:
        CALLS.append(name)
        return verdict

    return Check(check, name=name)


def score(value: float, name: str = "") -> Check[...]:
    return says(name or f"s{value}", Verdict.of(value))


yes, no, half = score(1, "yes"), score(0, "no"), score(0.5, "half")
down = says("down", Verdict.infra_error("503", code="judge.down"))
bad_task = says("bad_task", Verdict.task_invalid("gold", code="x.gold"))
unread = says("unread", Verdict.malformed("no answer"))
hack = says("hack", Verdict.hack("it prints its own verdict"))


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (all_of(yes, yes), 1.0),
        (all_of(yes, half, no), 0.0),
        (any_of(no, half), 0.5),
        (any_of(no, yes), 1.0),
        (product(half, half), 0.25),
        (weighted({yes: 3, no: 1}), 0.75),
        (weighted({score(1, str(n)): 0.1 for n in range(10)}), 1.0),
        (format_weighted(yes, no), 1 / 1.2),
        (format_weighted(yes, yes), 1.0),
        (format_weighted(no, yes), 0.2 / 1.2),
        (gate(yes, half), 0.5),
        (gate(half, yes), 0.0),
        (first(unread, half), 0.5),
        (first(no, yes), 0.0),
        (first(no, yes, escalate_on_fail=True), 1.0),
        (first(bad_task, yes), 1.0),
        (first(down, yes, on_error="skip"), 1.0),
        (first(down, yes, on_error="fail"), 0.0),
        (first(down, yes, on_error="fail", escalate_on_fail=True), 1.0),
        (threshold(half, 0.5), 1.0),
        (threshold(half, 0.6), 0.0),
        (negate(half), 0.5),
        (negate(no), 1.0),
        (negate(unread), 0.0),
        (negate(hack), 0.0),
        (penalty(yes, half, amount=0.5), 0.75),
        (penalty(half, no, amount=1.0), 0.0),
        (majority(yes, yes, no), 1.0),
        (majority(yes, no, no), 0.0),
        (majority(yes, no, no, on_error="skip"), 0.0),
        (per_test({yes: 1, half: 2, score(1, "hard"): 5}), 1 / 8),
        (per_test({yes: 1, half: 2, score(1, "hard"): 5}, mode="soft"), 7 / 8),
        (hack_gate(yes, half), 0.5),
        (hack_gate(hack, yes), 0.0),
        (exact & number, 1.0),
        (exact | no, 1.0),
        (exact * half, 0.5),
        (~exact, 0.0),
    ],
)
def test_a_combination_has_the_score_that_its_parts_make(check: Callable[..., Verdict], expected: float) -> None:
    verdict = check("7", "7")
    assert verdict.score == pytest.approx(expected)
    assert (verdict.score == 1.0) == verdict.passed
    assert verdict.parts or check is exact


COMBINED: list[Callable[..., Callable[..., Verdict]]] = [
    lambda a, b, on: all_of(a, b, on_error=on),
    lambda a, b, on: any_of(a, b, on_error=on),
    lambda a, b, on: product(a, b, on_error=on),
    lambda a, b, on: weighted({a: 1, b: 2}, on_error=on),
    lambda a, b, on: format_weighted(a, b, on_error=on),
    lambda a, b, on: per_test({a: 1, b: 1}, mode="soft", on_error=on),
    lambda a, b, on: majority(a, b, on_error=on),
    lambda a, b, on: penalty(a, b, amount=0.5, on_error=on),
    lambda a, b, on: gate(a, b, on_error=on),
    lambda a, b, on: hack_gate(a, b, on_error=on),
]


@pytest.mark.parametrize(("combine", "fault"), list(itertools.product(COMBINED, [down, bad_task])))
def test_by_default_a_part_without_a_score_leaves_the_whole_without_one(combine: Any, fault: Check[...]) -> None:
    for parts in ((fault, yes), (yes, fault), (fault, no) if combine not in COMBINED[-2:] else (fault, yes)):
        verdict = combine(*parts, "propagate")("r", "g")
        assert verdict.score is None
        assert (verdict.outcome, verdict.code) == (fault("r").outcome, fault("r").code)
        assert verdict.reason.startswith(fault.name)


@pytest.mark.parametrize("combine", COMBINED[:7])
def test_skipped_parts_do_not_count_and_where_all_are_skipped_there_is_no_score(combine: Any) -> None:
    assert combine(down, yes, "skip")("r", "g").score == 1.0
    assert combine(down, no, "skip")("r", "g").score == 0.0
    nothing = combine(down, bad_task, "skip")("r", "g")
    assert nothing.score is None
    assert set(nothing.parts) == {"down", "bad_task"}


@pytest.mark.parametrize("combine", [COMBINED[0], COMBINED[2]])
def test_a_part_counts_as_zero_only_where_that_was_asked_for(combine: Any) -> None:
    assert combine(down, yes, "fail")("r", "g").score == 0.0


def test_the_main_part_of_a_penalty_is_never_skipped() -> None:
    assert penalty(down, yes, amount=0.5, on_error="skip")("r", "g").score is None


def test_a_gate_says_what_an_undecided_condition_means() -> None:
    assert gate(down, yes, on_error="skip")("r", "g").score == 1.0
    assert gate(down, yes, on_error="fail")("r", "g").score == 0.0


def test_an_outage_is_not_answered_by_a_weaker_check_unless_that_was_asked_for() -> None:
    verdict = first(down, no)("r", "g")
    assert (verdict.score, verdict.code, set(verdict.parts)) == (None, "judge.down", {"down"})


@pytest.mark.parametrize("combine", COMBINED[-2:])
def test_what_comes_behind_a_gate_and_has_no_score_leaves_the_whole_without_one_unless_it_shall_fail(
    combine: Any,
) -> None:
    assert combine(yes, down, "propagate")("r", "g").score is None
    assert combine(yes, down, "skip")("r", "g").score is None
    assert combine(yes, down, "fail")("r", "g").score == 0.0


def test_a_gate_does_not_call_what_it_does_not_need() -> None:
    CALLS.clear()
    gate(no, score(1, "expensive"))("r", "g")
    first(yes, score(1, "judge"))("r", "g")
    hack_gate(hack, score(1, "later"))("r", "g")
    assert CALLS == ["no", "yes", "hack"]


def test_a_tie_of_votes_is_no_verdict() -> None:
    verdict = majority(yes, no)("r", "g")
    assert (verdict.score, verdict.code, verdict.attribution) == (None, "majority.tie", "verifier")


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        (all_of(yes, unread), Outcome.MALFORMED),
        (all_of(no, unread), Outcome.FAIL),
        (all_of(no, hack), Outcome.HACK),
        (any_of(unread, yes), Outcome.PASS),
        (hack_gate(hack, yes), Outcome.HACK),
    ],
)
def test_what_went_wrong_keeps_its_name(check: Callable[..., Verdict], outcome: Outcome) -> None:
    assert check("r", "g").outcome is outcome


def test_parts_of_the_same_name_are_told_apart() -> None:
    assert set(all_of(number, number, number.named("third"))("7", "7").parts) == {"number", "number_2", "third"}


def test_parts_nest() -> None:
    verdict = all_of(yes, any_of(no, half))("r", "g")
    assert verdict.parts["any_of"].parts["half"].score == 0.5


def test_a_cache_keeps_what_was_decided_and_never_an_outage() -> None:
    answers = iter([Verdict.infra_error("503"), Verdict.of(1), Verdict.of(0)])
    check = cached(lambda reply, gold: next(answers))
    assert [check("r", "g").score for _ in range(4)] == [None, 1.0, 1.0, 1.0]
    assert check("r", 1).score == 0.0, "other arguments are another question"


def test_a_cache_forgets_the_oldest() -> None:
    CALLS.clear()
    check = cached(score(1, "counted"), size=2)
    for reply in ("a", "b", "a", "c", "a", "b"):
        check(reply, "g")
    assert len(CALLS) == 4


def test_a_cache_takes_any_argument() -> None:
    assert cached(yes)(object(), "\ud800").score == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: all_of(),
        lambda: weighted({yes: -1}),
        lambda: weighted({yes: float("nan")}),
        lambda: per_test({}),
        lambda: threshold(yes, 0),
        lambda: penalty(yes, no, amount=2),
        lambda: per_test({yes: 1}, mode="strikt"),  # type: ignore[arg-type]
        lambda: first(yes, on_error="ignore"),  # type: ignore[arg-type]
        lambda: first(),
        lambda: weighted({}),
        lambda: cached(yes, size=0),
        lambda: all_of(3),  # type: ignore[arg-type]
        *[lambda combine=combine: combine(yes, down, "ignore") for combine in COMBINED],
    ],
)
def test_a_combination_that_makes_no_sense_is_refused(wrong: Callable[[], Any]) -> None:
    with pytest.raises(UsageError):
        wrong()


def test_needs_add_up_and_documentation_is_kept() -> None:
    @verifier(needs=("judge", "gold"))
    def asks(reply: str, gold: str) -> Verdict:
        """Asks a model. And more."""
        return Verdict.of(1)

    assert (exact & asks).needs == ("gold", "judge")
    assert asks.about.startswith("Asks a model")
    assert asks.name == "asks"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.data())
def test_every_combination_of_scores_is_a_score(scores: list[float], data: Any) -> None:
    checks = [score(value, str(at)) for at, value in enumerate(scores)]
    weights: dict[Callable[..., Verdict], float] = {check: data.draw(st.floats(0.001, 1000)) for check in checks}
    combined = [
        all_of(*checks),
        any_of(*checks),
        product(*checks),
        weighted(weights),
        per_test(weights),
        per_test(weights, mode="soft"),
    ]
    low, high = min(scores), max(scores)
    for check in combined:
        verdict = check("r", "g")
        assert verdict.score is not None
        assert 0 <= verdict.score <= 1
    assert all_of(*checks)("r", "g").score == low <= (weighted(weights)("r", "g").score or 0) + 1e-9
    assert any_of(*checks)("r", "g").score == high

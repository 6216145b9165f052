"""A score exists exactly when something was judged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from envgym import Outcome, Verdict
from envgym.verdict import Evidence


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_the_unjudged_outcomes_have_no_score(outcome: Outcome) -> None:
    unjudged = outcome in (Outcome.TASK_INVALID, Outcome.INFRA_ERROR)
    for score in (None, 0.0, 0.5, 1.0):
        fits = (score is None) if unjudged else score == {Outcome.PASS: 1.0, Outcome.PARTIAL: 0.5}.get(outcome, 0.0)
        if fits:
            assert Verdict(outcome=outcome, score=score).score == score
        else:
            with pytest.raises(ValidationError, match="cannot have score"):
                Verdict(outcome=outcome, score=score)


@given(st.floats())
def test_a_score_outside_the_unit_interval_is_refused(score: float) -> None:
    if 0.0 <= score <= 1.0:
        assert Verdict.of(score).score == score
    else:
        with pytest.raises(ValidationError):
            Verdict.of(score)


def test_failures_of_the_world_are_attributed_to_it() -> None:
    assert Verdict.infra_error("down").attribution == "infra"
    assert Verdict.task_invalid("no gold").attribution == "task"
    assert Verdict.of(0.0).attribution == "policy"
    assert Verdict.infra_error("slow judge", attribution="verifier").attribution == "verifier"


def test_a_verdict_survives_json() -> None:
    verdict = Verdict.of(
        0.5, code="a.b", reason="half", parts={"one": Verdict.of(1.0), "two": Verdict.hack("injected")}
    )
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


@given(st.text(alphabet=st.characters(codec=None, categories=["Cs", "Ll"]), max_size=20))
def test_whatever_a_reply_holds_a_verdict_can_be_written_to_a_record(text: str) -> None:
    evidence = Evidence(kind="answer", text=text, data={"answers": [text, {text: text}]})
    verdict = Verdict.of(0, reason=text, parts={"one": Verdict.malformed(text)}, evidence=(evidence,))
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


def test_only_lone_surrogates_are_spelled_out() -> None:
    assert Verdict.of(0, reason="é 😀 \ud83d").reason == "é 😀 \\ud83d"

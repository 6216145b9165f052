"""Repeated n-grams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.task import Task
from envgym.trajectory import Step, TokenPath, Trajectory
from envgym.verdict import Verdict
from envgym.verifiers.shape_repetition import repeated_share, repetition_penalty, shape_repetition


def episode(score: float | None, *replies: str, tokens: list[TokenPath] | None = None) -> Trajectory:
    verdict = Verdict.infra_error("down") if score is None else Verdict.of(score)
    return Trajectory(
        id="e", run="r", index=0, group="g", task=Task(id="t", env="x"), env="x", env_path="x", env_version="1",
        scaffold="s", scaffold_version="1", policy="p", seed=0, policy_seed=0, status="ok", verdict=verdict,
        reward=score, steps=[Step(reply=at) for at in range(len(replies))], tokens=tokens or [],
        messages=[{"role": "assistant", "content": reply} for reply in replies],
    )  # fmt: skip


def test_only_what_is_said_again_counts() -> None:
    assert repetition_penalty("a b a b a b", n=2) == -(1 - 2 / 5)
    assert repetition_penalty("a b c d", n=2) == 0.0
    assert repetition_penalty("a", n=2) == repetition_penalty("", n=2) == 0.0
    assert repetition_penalty("a b a b a b", n=2, most=0.5) == -0.3


def test_n_grams_do_not_span_two_replies() -> None:
    assert repeated_share([["a", "b"], ["a", "b"]], n=2) == 0.5
    assert repeated_share([["a"], ["b"]], n=2) == 0.0


def test_trajectories_are_shaped_by_words_or_by_tokens() -> None:
    path = TokenPath([1, 5, 5, 5, 5, 2], [0, 1, 1, 1, 1, 0], [0.0] * 6, [(0, 1, 5)])
    group = [episode(1.0, "a a a"), episode(1.0, "a b", tokens=[path, path]), episode(None, "a a a")]
    assert shape_repetition(group, n=1, most=0.3) == group[:2]
    assert group[0].reward == pytest.approx(0.8)
    assert group[1].rewards == {"score": 1.0, "repetition": pytest.approx(-0.225)}
    assert (group[2].reward, group[0].score) == (None, 1.0)


def test_wrong_options_are_told() -> None:
    with pytest.raises(UsageError, match="n=0"):
        repeated_share([], n=0)
    with pytest.raises(UsageError, match="most=0"):
        shape_repetition([], most=0)


@given(st.text(max_size=200), st.integers(1, 5))
def test_any_text_has_a_penalty_between_minus_one_and_zero(text: str, n: int) -> None:
    assert -1.0 < repetition_penalty(text, n=n) <= 0.0

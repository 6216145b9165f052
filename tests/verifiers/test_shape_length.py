"""Length rewards against values worked out by hand."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.task import Task
from envgym.trajectory import Step, Trajectory
from envgym.verdict import Verdict
from envgym.verifiers.shape_length import (
    cosine_reward,
    length_rewards,
    overlong_penalty,
    shape_cosine,
    shape_length,
    shape_overlong,
    warm_weight,
)


def episode(score: float | None, *lengths: int, status: Any = "ok") -> Trajectory:
    verdict = Verdict.infra_error("down") if score is None else Verdict.of(score)
    return Trajectory(
        id="e", run="r", index=0, group="g", task=Task(id="t", env="x"), env="x", env_path="x", env_version="1",
        scaffold="s", scaffold_version="1", policy="p", seed=0, policy_seed=0, status=status, verdict=verdict,
        reward=score, steps=[Step(reply=0, completion_tokens=length) for length in lengths],
    )  # fmt: skip


def test_a_short_right_reply_gains_and_a_wrong_one_never_does() -> None:
    assert length_rewards([1, 1, 1], [10, 20, 30]) == [0.5, 0.0, -0.5]
    assert length_rewards([0, 0, 1], [10, 30, 20]) == [0.0, -0.5, 0.0]
    assert length_rewards([1, 0], [7, 7]) == [0.0, 0.0]
    assert length_rewards([], []) == []


def test_what_has_no_score_moves_neither_end() -> None:
    assert length_rewards([1, None, 1], [10, 9999, 30]) == [0.5, None, -0.5]
    assert length_rewards([None], [5]) == [None]


def test_a_length_missing_is_told() -> None:
    with pytest.raises(UsageError, match="2 scores and 1 lengths"):
        length_rewards([1, 0], [3])


@given(st.lists(st.tuples(st.sampled_from([None, 0.0, 0.5, 1.0]), st.integers(0, 10**6)), max_size=12))
def test_rewards_stay_within_a_half_and_reward_no_mistake(members: list[tuple[float | None, int]]) -> None:
    rewards = length_rewards([score for score, _ in members], [length for _, length in members])
    for (score, _), reward in zip(members, rewards, strict=True):
        assert (reward is None) == (score is None)
        assert reward is None or -0.5 <= reward <= 0.5
        assert score == 1.0 or reward is None or reward <= 0.0


def test_trajectories_get_the_part_and_keep_their_score() -> None:
    group = [episode(1.0, 4, 6), episode(0.0, 30), episode(None, 99_999), episode(1.0, 1, status="env_failed")]
    assert shape_length(group, step=0, warm_up_steps=0, weight=0.2) == group[:2]
    assert [one.reward for one in group] == [1.1, -0.1, None, None]
    assert group[0].rewards == {"score": 1.0, "length": 0.1}
    assert [one.score for one in group] == [1.0, 0.0, None, 1.0]
    shape_length(group, step=0, warm_up_steps=0, weight=0.2)
    assert group[0].reward == 1.1


def test_warming_up_changes_no_reward() -> None:
    group = [episode(1.0, 10), episode(1.0, 30)]
    shape_length(group, step=4, warm_up_steps=5)
    assert [one.reward for one in group] == [1.0, 1.0]
    assert (warm_weight(4, warm_up_steps=5), warm_weight(5, warm_up_steps=5, weight=0.3)) == (0.0, 0.3)
    with pytest.raises(UsageError, match="warm_up_steps=-1"):
        warm_weight(0, warm_up_steps=-1)


@pytest.mark.parametrize(("length", "penalty"), [(0, 0), (80, 0), (85, -0.25), (90, -0.5), (100, -1), (101, -1)])
def test_overlong_falls_from_zero_to_minus_one(length: int, penalty: float) -> None:
    assert overlong_penalty(length, max_length=100, cache=20) == penalty


def test_overlong_is_added_to_what_was_shaped_before() -> None:
    group = [episode(1.0, 90), episode(0.0, 10), episode(None, 500)]
    shape_length(group, step=9, warm_up_steps=5)
    shape_overlong(group, max_length=100, cache=20)
    assert group[0].rewards == {"score": 1.0, "length": -0.1, "overlong": -0.5}
    assert [one.reward for one in group] == [pytest.approx(0.4), 0.0, None]
    with pytest.raises(UsageError, match="cache=200"):
        overlong_penalty(1, max_length=100, cache=200)


def test_the_cosine_runs_from_the_short_end_to_the_long_one() -> None:
    assert cosine_reward(True, 0, max_length=100) == 2.0
    assert math.isclose(cosine_reward(True, 50, max_length=100), 1.5)
    assert math.isclose(cosine_reward(False, 50, max_length=100), -5.0)
    assert cosine_reward(False, 0, max_length=100) == -10.0
    assert cosine_reward(True, 100, max_length=100) == cosine_reward(False, 200, max_length=100) == -10.0
    with pytest.raises(UsageError, match="max_length=0"):
        cosine_reward(True, 1, max_length=0)


def test_the_cosine_is_the_whole_reward() -> None:
    group = [episode(1.0, 0), episode(0.5, 0), episode(None, 1)]
    shape_cosine(group, max_length=10)
    assert [one.reward for one in group] == [2.0, -10.0, None]
    assert group[0].rewards == {"cosine": 2.0}
    assert group[1].score == 0.5

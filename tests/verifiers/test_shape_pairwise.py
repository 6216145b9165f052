"""Win rates of a group under honest, biased, broken and missing judges."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.task import Task
from envgym.trajectory import Step, Trajectory
from envgym.verdict import Verdict
from envgym.verifiers.shape_pairwise import Choice, compare, schedule, shape_pairwise


def longer(_prompt: str, a: str, b: str) -> Choice | None:
    return "tie" if len(a) == len(b) else "a" if len(a) > len(b) else "b"


def first_always(_prompt: str, _a: str, _b: str) -> Choice | None:
    return "a"


def episode(score: float | None, text: str) -> Trajectory:
    verdict = Verdict.infra_error("down") if score is None else Verdict.of(score)
    return Trajectory(
        id="e", run="r", index=0, group="g", task=Task(id="t", env="x"), env="x", env_path="x", env_version="1",
        scaffold="s", scaffold_version="1", policy="p", seed=0, policy_seed=0, status="ok", verdict=verdict,
        reward=score, steps=[Step(reply=0)], messages=[{"role": "assistant", "content": text}],
    )  # fmt: skip


def test_the_reward_is_the_centred_win_rate() -> None:
    result = compare("q", ["x", "xxx", "xx"], longer)
    assert result.rewards == [-0.5, 0.5, 0.0]
    assert (result.compared, result.missing, result.position_inconsistency) == (3, 0, 0)


def test_a_judge_that_favours_a_place_only_makes_ties() -> None:
    result = compare("q", ["x", "xxx", "xx"], first_always)
    assert result.rewards == [0.0, 0.0, 0.0]
    assert result.position_inconsistency == result.compared == 3


def test_a_comparison_that_is_missing_counts_for_nobody() -> None:
    def silent_about_x(prompt: str, a: str, b: str) -> Choice | None:
        return None if "x" in (a, b) else longer(prompt, a, b)

    result = compare("q", ["x", "xxx", "xx"], silent_about_x)
    assert result.rewards == [None, 0.5, -0.5]
    assert (result.compared, result.missing) == (1, 2)


def test_half_a_comparison_is_a_missing_one() -> None:
    result = compare("q", ["long", "x"], lambda _prompt, a, _b: "a" if a == "long" else None)
    assert result.rewards == [None, None]
    assert result.missing == 1


def test_one_reply_or_none_has_nobody_to_meet() -> None:
    assert compare("q", ["x"], longer).rewards == [None]
    assert compare("q", [], longer).rewards == []


def test_another_word_of_the_judge_is_told() -> None:
    with pytest.raises(UsageError, match="'A'"):
        compare("q", ["x", "y"], lambda *_: "A")  # type: ignore[arg-type]


@given(st.integers(0, 40), st.integers(0, 5))
def test_a_schedule_is_fair_and_meets_no_pair_twice(k: int, seed: int) -> None:
    pairs = schedule(k, seed=seed)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    assert all(one != two for one, two in pairs)
    assert len(set(Counter(member for pair in pairs for member in pair).values())) <= 1
    assert pairs == schedule(k, seed=seed)
    assert len(pairs) == (k * (k - 1) // 2 if k <= 6 else k * (k - 1).bit_length())


def test_only_scored_episodes_take_part_and_their_score_stays() -> None:
    group = [episode(0.0, "x"), episode(None, "xxxxx"), episode(1.0, "xx")]
    assert shape_pairwise(group, "q", longer).rewards == [-0.5, 0.5]
    assert [one.reward for one in group] == [-0.5, None, 0.5]
    assert group[2].rewards == {"pairwise": 0.5}
    assert [one.score for one in group] == [0.0, None, 1.0]


def test_an_episode_without_a_comparison_has_no_reward() -> None:
    group = [episode(0.0, "x"), episode(1.0, "xx")]
    shape_pairwise(group, "q", lambda *_: None)
    assert [(one.reward, one.rewards) for one in group] == [(None, {}), (None, {})]

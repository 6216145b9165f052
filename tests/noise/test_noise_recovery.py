"""Recovery: every task stays solvable, which the oracle under noise proves; and how an agent dealt with the faults is graded."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envgym import Verdict, call, play
from envgym.message import Message, ToolCall, text_of
from envgym.noise import Noisy
from envgym.noise.gold_replay import GoldReplay
from envgym.noise.grade import PARTS
from envgym.noise.marks import read
from envgym.noise.recovery import asking, calls_of
from envgym.noise.shaping import mind_recovery
from envgym.policy.policy import Player, Policy, Reply, Request
from envgym.policy.scripted import as_reply
from envgym.registry import load
from envgym.replay import require_same
from envgym.rollout import Run, play_run
from envgym.rollout.summary import Summary
from envgym.scaffold import Scaffold
from envgym.testing import check
from envgym.trajectory import Trajectory

PATH = f"{Path(__file__).with_name('bank.py')}:Bank"
WORKSHOP = f"{Path(__file__).parents[1] / 'worlds' / 'workshop.py'}:Workshop"
EPISODES = 50
SCAFFOLDS = ("function_calling", "react", "plan_then_act", "plan_then_edit", "test_driven")


class Insistent(Policy):
    """Plays the gold and repeats what failed until it worked; never looks."""

    name = "insistent"
    instant = True

    def start(self, scaffold: Scaffold, seed: int) -> Player:
        return _Insistent(self._replies(scaffold))

    def _replies(self, scaffold: Scaffold) -> Iterator[Message]:
        for action in scaffold.env.env.oracle():  # type: ignore[attr-defined]
            yield action
            while read(text_of(scaffold.env.observe()[0])):
                yield action


class _Insistent:
    def __init__(self, replies: Iterator[Message]) -> None:
        self._replies = replies

    async def sample(self, request: Request) -> Reply:
        return as_reply(next(self._replies))


def scores(env: str, policy: Any, level: float, **knobs: Any) -> list[float]:
    played = play(f"noisy:{env}", policy=policy, episodes=EPISODES, knobs={"noise": level, **knobs})
    assert all(each.scored for each in played)
    return [each.score or 0.0 for each in played]


@pytest.mark.parametrize(("env", "level"), [(PATH, 0.1), (PATH, 0.2), (PATH, 0.3), ("table_qa", 0.2)])
def test_the_oracle_gets_over_every_fault_and_a_blind_replay_does_not(env: str, level: float) -> None:
    assert set(scores(env, "oracle", level)) == {1.0}
    assert sum(scores(env, GoldReplay(), level)) < EPISODES


@pytest.mark.parametrize("scaffold", SCAFFOLDS)
@pytest.mark.parametrize("env", [PATH, WORKSHOP])
def test_the_oracle_recovers_under_every_scaffold_however_much_goes_wrong(env: str, scaffold: str) -> None:
    knobs = {"noise": 1.0, "noise_budget": 6}
    played = play(f"noisy:{env}", scaffold=scaffold, episodes=12, knobs=knobs)
    assert [each.score for each in played] == [1.0] * 12
    assert {each.verdict and each.verdict.parts["recovered"].score for each in played} == {1.0}
    assert sum(part(each, "blind_double_writes") for each in played) == 0


def test_a_policy_that_repeats_without_looking_writes_twice() -> None:
    knobs = {"noise": 0.4, "noise_kinds": ("timeout_before", "timeout_after")}
    played = play(f"noisy:{PATH}", policy=Insistent(), episodes=30, knobs=knobs)
    blind = [each for each in played if each.verdict and part(each, "blind_double_writes")]
    assert blind
    assert {each.score for each in blind} == {0.0}


def test_without_noise_a_blind_replay_is_right() -> None:
    assert set(scores(PATH, GoldReplay(), 0.0)) == {1.0}


def part(trajectory: Trajectory, name: str) -> int:
    """The count behind a part of a verdict."""
    assert trajectory.verdict is not None
    found = trajectory.verdict.parts.get(name)
    return int(found.evidence[0].data["count"]) if found is not None else 0


# ---- grading


def verdict_of(kinds: tuple[str, ...], *actions: Message, budget: int = 1) -> Verdict:
    """The verdict after some calls, of which the first ones fail."""
    env = Noisy(load(PATH)(), level=1.0, budget=budget, kinds=kinds)
    env.reset(options={"task": "0-0"})
    for action in actions:
        env.step(action)
    return env.verify()


def parts(verdict: Verdict) -> tuple[float | None, ...]:
    return tuple(verdict.parts[name].score for name in PARTS)


PAY = call("transfer", payer="ann", payee="bob", cents=20)
LOOK = call("statement")


@pytest.mark.parametrize(
    ("kind", "then", "wanted"),
    [
        ("timeout_after", [LOOK], (1.0, 1.0, 1.0)),
        ("timeout_after", [], (0.0, 1.0, 1.0)),
        ("timeout_after", [PAY], (0.0, 1.0, 0.5)),
        ("timeout_after", [PAY, LOOK], (0.0, 1.0, 0.5)),
        ("timeout_after", [LOOK, PAY], (1.0, 1.0, 1.0)),
        ("timeout_before", [LOOK, PAY], (1.0, 1.0, 1.0)),
        ("timeout_before", [LOOK], (0.0, 1.0, 1.0)),
        ("timeout_before", [PAY], (0.0, 1.0, 1.0)),
        ("dead_tool", [PAY] * 4, (0.0, 1 / 3, 1.0)),
        ("dead_tool", [call("wire", payer="ann", payee="bob", cents=20)], (1.0, 1.0, 1.0)),
        ("dead_tool", [call("wire", payer="ann", payee="bob", cents=21)], (0.0, 1.0, 1.0)),
    ],
)
def test_how_a_fault_was_dealt_with_is_graded(kind: str, then: list[Message], wanted: tuple[float, ...]) -> None:
    assert parts(verdict_of((kind,), PAY, *then)) == wanted


def test_the_faults_stand_in_the_verdict_turn_by_turn() -> None:
    verdict = verdict_of(("timeout_after",), LOOK, PAY, LOOK)
    (evidence,) = verdict.parts["recovered"].evidence
    assert evidence.text == "turn 2: transfer: timeout_after"
    assert evidence.data == {
        "turn": 1,
        "tool": "transfer",
        "kind": "timeout_after",
        "stood": True,
        "injected": True,
        "recovered": True,
    }


def test_what_nothing_was_lost_by_needs_no_recovery() -> None:
    verdict = verdict_of(("renamed_field",), call("balance", account="ann"))
    assert parts(verdict) == (1.0, 1.0, 1.0)
    assert verdict.parts["recovered"].evidence[0].data["recovered"] is None


def test_the_score_is_that_of_the_environment_whatever_the_parts_say() -> None:
    rng = random.Random(0)
    for seed in range(20):
        env = Noisy(load(PATH)(), level=0.6, seed=seed, budget=9)
        env.reset(options={"task": "0-1"})
        for _ in range(12):
            if any(env.step(env.random_action(rng))[2:4]):
                break
        ours, theirs = env.verify(), env.env.verify()
        assert ours.model_copy(update={"parts": {}}) == theirs


def test_a_shaped_reward_minds_recovery_and_leaves_the_score() -> None:
    run = play(f"noisy:{PATH}", policy=GoldReplay(), episodes=40, knobs={"noise": 0.3})
    for each in run:
        before = each.score
        mind_recovery(each, weight=0.3)
        mind_recovery(each, weight=0.3)
        assert each.score == before
        assert each.reward == pytest.approx((before or 0.0) + each.rewards.get("noise", 0.0))
        assert -0.3 <= each.rewards.get("noise", 0.0) <= 0.0
    assert any(each.rewards.get("noise") for each in run)


# ---- an environment among others


LAWS_OF_WHAT_IS_WRAPPED = (
    *("oracle_scores_one", "malformed_actions_are_told", "nothing_private_leaks", "verify_is_pure_and_repeats"),
    *("snapshot_restores_the_future", "forks_are_independent"),
)


@pytest.mark.parametrize(
    ("env", "laws"), [(PATH, None), ("table_qa", LAWS_OF_WHAT_IS_WRAPPED), (WORKSHOP, LAWS_OF_WHAT_IS_WRAPPED)]
)
def test_the_laws_hold_under_noise(env: str, laws: tuple[str, ...] | None) -> None:
    report = check(f"noisy:{env}", tasks=1, knobs={"noise": 0.6, "noise_budget": 5}, laws=laws)
    assert report.ok, report.failures


def test_a_record_of_a_noisy_episode_replays_from_its_name_and_knobs() -> None:
    played = play(f"noisy:{PATH}", episodes=5, knobs={"noise": 0.5})
    assert any(each.verdict and each.verdict.parts for each in played)
    for each in played:
        require_same(each)


def test_several_processes_play_the_same_noise() -> None:
    digests = []
    for processes in (1, 2):
        run = Run(f"noisy:{PATH}", episodes=10, knobs={"noise": 0.5, "noise_kinds": ["timeout_after", "rate_limit"]})
        summary = Summary(digests=True)
        play_run(run, summary.take, processes=processes)
        digests.append(summary.figures()["digest"])
    assert digests[0] == digests[1]


def test_members_of_a_group_meet_the_same_faults() -> None:
    one, two = play(f"noisy:{PATH}", episodes=2, group_size=2, knobs={"noise": 0.9})
    assert one.messages == two.messages


def test_a_call_is_asked_for_again_as_it_was() -> None:
    (made,) = calls_of(PAY)
    again: ToolCall = calls_of(asking(made))[0]
    assert again == made

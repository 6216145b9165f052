"""A reward from comparisons within a group: each reply's win rate against the others, less the mean of the group.

The self-critic of Kimi K2 (arXiv:2507.20534, section 3.2.2) ranks replies by pairwise comparison. Every pair is asked in both orders,
because judges favour a place (arXiv:2306.05685, section 3.3): a preference that does not survive the swap is a tie. Up to six replies all
meet; more of them stand in a seeded ring and meet the next ceil(log2 k) neighbours, so everybody has the same number of comparisons.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from envgym.errors import UsageError
from envgym.trajectory import Trajectory
from envgym.verifiers.shape import replace_reward, scored

Choice = Literal["a", "b", "tie"]
Judge = Callable[[str, str, str], Choice | None]
"""(prompt, reply a, reply b) -> the better one; None where the judge could not be asked."""
ROUND_ROBIN = 6
SWAPPED = {"a": "b", "b": "a", "tie": "tie"}
POINTS = {"a": 1.0, "b": 0.0, "tie": 0.5}


@dataclass(frozen=True, slots=True)
class Comparisons:
    """What the comparisons of one group came to."""

    rewards: list[float | None]
    """Win rate minus the mean win rate, in (-1, 1); None where no comparison of that reply could be made."""
    compared: int
    missing: int
    """Pairs that the judge gave no answer for in one order or both."""
    position_inconsistency: int
    """Pairs, among `compared`, where the two orders disagreed."""


def schedule(k: int, *, seed: int) -> list[tuple[int, int]]:
    """Which of k replies meet, each pair once: k(k-1)/2 pairs up to six, else k * ceil(log2 k)."""
    if k <= ROUND_ROBIN:
        return [(one, two) for one in range(k) for two in range(one + 1, k)]
    ring = list(range(k))
    random.Random(seed).shuffle(ring)
    reach = math.ceil(math.log2(k))
    return [(ring[at], ring[(at + ahead) % k]) for ahead in range(1, reach + 1) for at in range(k)]


def compare(prompt: str, replies: Sequence[str], judge: Judge, *, seed: int = 0) -> Comparisons:
    """Asks the judge about a group. An exception of the judge is not caught; for an outage it must return None."""
    points: list[list[float]] = [[] for _ in replies]
    compared = missing = inconsistent = 0
    for one, two in schedule(len(replies), seed=seed):
        first = asked(judge, prompt, replies[one], replies[two])
        second = asked(judge, prompt, replies[two], replies[one]) if first is not None else None
        if first is None or second is None:
            missing += 1
            continue
        compared += 1
        agreed = SWAPPED[second] == first
        inconsistent += not agreed
        won = POINTS[first] if agreed else 0.5
        points[one].append(won)
        points[two].append(1.0 - won)
    rates = [sum(won) / len(won) if won else None for won in points]
    known = [rate for rate in rates if rate is not None]
    mean = math.fsum(known) / len(known) if known else 0.0
    rewards = [None if rate is None else rate - mean for rate in rates]
    return Comparisons(rewards, compared, missing, inconsistent)


def asked(judge: Judge, prompt: str, a: str, b: str) -> Choice | None:
    choice = judge(prompt, a, b)
    if choice is not None and choice not in SWAPPED:
        raise UsageError(f"the judge said {choice!r}; expected 'a', 'b', 'tie' or None")
    return choice


def last_reply(trajectory: Trajectory) -> str:
    """The text of the last reply, empty where there is none."""
    content = trajectory.messages[trajectory.steps[-1].reply].get("content") if trajectory.steps else ""
    return content if isinstance(content, str) else ""


def shape_pairwise(
    group: Sequence[Trajectory],
    prompt: str,
    judge: Judge,
    *,
    seed: int = 0,
    reply: Callable[[Trajectory], str] = last_reply,
) -> Comparisons:
    """Makes "pairwise" the whole reward of each scored episode of one group; None where it could not be compared.

    The rewards that are returned are those of the scored episodes, in their order.
    """
    kept = scored(group)
    result = compare(prompt, [reply(one) for one in kept], judge, seed=seed)
    for trajectory, reward in zip(kept, result.rewards, strict=True):
        if reward is None:
            trajectory.reward, trajectory.rewards = None, {}
        else:
            replace_reward(trajectory, "pairwise", reward)
    return result

"""Rewards for the length of a reply: Kimi k1.5's among a group, DAPO's soft punishment of overlong replies, the cosine of Long CoT.

Lengths are tokens that the policy sampled. Each formula is a plain function of numbers; the `shape_*` functions write it on trajectories.

Sources: Kimi k1.5 (arXiv:2501.12599, section 2.3.3); DAPO (arXiv:2503.14476, equation 13); Demystifying Long Chain-of-Thought Reasoning
(arXiv:2502.03373, section 4.2). Departures: only a score of 1 is correct; a partial score is treated as a wrong answer. A reply exceeds
the limit of the cosine where it has as many tokens; the authors' code counts one within 16 tokens of it as exceeding too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from envgym.errors import UsageError
from envgym.trajectory import Trajectory
from envgym.verifiers.shape import add_part, replace_reward, sampled_tokens, scored

LENGTH_WEIGHT = 0.2
"""Of the length reward beside a score of 0 or 1: 0.1 to 0.3 is usual. A right reply keeps at least 0.9, a wrong one never gains."""


def length_rewards(scores: Sequence[float | None], lengths: Sequence[int]) -> list[float | None]:
    """Kimi k1.5: 0.5 - (length - min) / (max - min) for a correct reply, at most 0 for a wrong one; all 0 where max == min.

    Minimum and maximum are those of the scored replies, right and wrong. A reply without a score (None) gets None.
    """
    if len(scores) != len(lengths):
        raise UsageError(f"{len(scores)} scores and {len(lengths)} lengths; expected one length for each score")
    known = [length for score, length in zip(scores, lengths, strict=True) if score is not None]
    least, span = (min(known), max(known) - min(known)) if known else (0, 0)
    rewards: list[float | None] = []
    for score, length in zip(scores, lengths, strict=True):
        if score is None:
            rewards.append(None)
        elif span == 0:
            rewards.append(0.0)
        else:
            share = 0.5 - (length - least) / span
            rewards.append(share if score >= 1.0 else min(0.0, share))
    return rewards


def warm_weight(step: int, *, warm_up_steps: int, weight: float = LENGTH_WEIGHT) -> float:
    """0 for the first `warm_up_steps` steps of training, then `weight`: k1.5 trains without a length reward first."""
    if warm_up_steps < 0 or not math.isfinite(weight):
        raise UsageError(f"warm_up_steps={warm_up_steps}, weight={weight}: expected at least 0 and a finite number")
    return 0.0 if step < warm_up_steps else weight


def shape_length(
    group: Sequence[Trajectory], *, step: int, warm_up_steps: int, weight: float = LENGTH_WEIGHT
) -> list[Trajectory]:
    """Adds the part "length" to each scored episode of one group; returns those episodes.

    `step` is the step of training, from 0. Give 30 to 50 % of all steps as `warm_up_steps`: a length reward from the first step keeps a
    policy short before it is right. It has no default, because it is nothing without the number of steps; 0 is no warm-up.
    """
    kept = scored(group)
    factor = warm_weight(step, warm_up_steps=warm_up_steps, weight=weight)
    parts = length_rewards([one.score for one in kept], [sampled_tokens(one) for one in kept])
    for trajectory, part in zip(kept, parts, strict=True):
        add_part(trajectory, "length", factor * part if part else 0.0)
    return kept


def overlong_penalty(length: int, *, max_length: int, cache: int) -> float:
    """DAPO: 0 up to max_length - cache, from there linear to -1 at max_length, -1 above."""
    if not 0 < cache <= max_length:
        raise UsageError(f"cache={cache}, max_length={max_length}: expected 0 < cache <= max_length")
    return min(0.0, max(-1.0, (max_length - cache - length) / cache))


def shape_overlong(
    trajectories: Sequence[Trajectory], *, max_length: int, cache: int, weight: float = 1.0
) -> list[Trajectory]:
    """Adds the part "overlong" to each scored episode; returns those episodes."""
    kept = scored(trajectories)
    for trajectory in kept:
        penalty = overlong_penalty(sampled_tokens(trajectory), max_length=max_length, cache=cache)
        add_part(trajectory, "overlong", weight * penalty if penalty else 0.0)
    return kept


@dataclass(frozen=True, slots=True)
class CosineRange:
    """Rewards at the ends of the cosine; the paper's values, with 0 tokens and `max_length` tokens as the ends."""

    correct_short: float = 2.0
    correct_long: float = 1.0
    wrong_short: float = -10.0
    wrong_long: float = 0.0
    exceeded: float = -10.0
    """For a reply that reached the limit, right or wrong."""


PAPER = CosineRange()


def cosine_reward(correct: bool, length: int, *, max_length: int, ends: CosineRange = PAPER) -> float:
    """Half a cosine from the short end to the long end: short right replies and long wrong ones get more."""
    if max_length <= 0:
        raise UsageError(f"max_length={max_length}: expected at least 1")
    if length >= max_length:
        return ends.exceeded
    short, long = (ends.correct_short, ends.correct_long) if correct else (ends.wrong_short, ends.wrong_long)
    return long + 0.5 * (short - long) * (1 + math.cos(math.pi * max(0, length) / max_length))


def shape_cosine(trajectories: Sequence[Trajectory], *, max_length: int, ends: CosineRange = PAPER) -> list[Trajectory]:
    """Makes "cosine" the whole reward of each scored episode, as in the paper; returns those episodes."""
    kept = scored(trajectories)
    for trajectory in kept:
        value = cosine_reward(
            (trajectory.score or 0.0) >= 1.0, sampled_tokens(trajectory), max_length=max_length, ends=ends
        )
        replace_reward(trajectory, "cosine", value)
    return kept

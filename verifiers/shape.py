"""Writing shaped rewards on trajectories: the parts stay named, and the score is never touched.

After every shaper `reward` is the sum of `rewards`, whatever was shaped before. An episode that was not judged has no reward and no parts.
"""

import math
from collections.abc import Iterable

from envgym.errors import UsageError
from envgym.trajectory import Trajectory


def scored(trajectories: Iterable[Trajectory]) -> list[Trajectory]:
    """The episodes that count in a statistic. The reward of every other one is set to None, its parts are emptied."""
    kept = []
    for trajectory in trajectories:
        if trajectory.scored:
            kept.append(trajectory)
        else:
            trajectory.reward, trajectory.rewards = None, {}
    return kept


def sampled_tokens(trajectory: Trajectory) -> int:
    """How many tokens the policy wrote in the whole episode."""
    return sum(step.completion_tokens for step in trajectory.steps)


def add_part(trajectory: Trajectory, name: str, value: float) -> None:
    """Adds a part to the reward. One of the same name is replaced, so shaping twice does not count twice.

    Where nothing was shaped yet the reward so far becomes the part "score". A reward of None, an episode that was dropped, stays None.
    """
    if trajectory.reward is None:
        return
    parts = trajectory.rewards or {"score": float(trajectory.reward)}
    trajectory.rewards = {**parts, name: finite(name, value)}
    trajectory.reward = math.fsum(trajectory.rewards.values())


def replace_reward(trajectory: Trajectory, name: str, value: float) -> None:
    """Makes `value`, under its name, the whole reward."""
    trajectory.rewards = {name: finite(name, value)}
    trajectory.reward = float(value)


def finite(name: str, value: float) -> float:
    if not math.isfinite(value):
        raise UsageError(f"the shaped reward {name!r} is {value}; expected a finite number")
    return float(value)

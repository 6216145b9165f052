"""Rewards of different domains brought to one scale: minus the running mean, over the running standard deviation, of their domain.

A group whose rewards are all equal teaches nothing: it is dropped before it can move the statistics (dynamic sampling, DAPO,
arXiv:2503.14476, section 3.2). Mean and variance are updated one reward at a time (Welford 1962, Technometrics 4, 419-420), so a long
run loses no digits, and the state is a small JSON object.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envgym.errors import UsageError
from envgym.trajectory import Trajectory
from envgym.verifiers.shape import add_part, finite, scored


@dataclass(slots=True)
class Running:
    """Mean and variance of all numbers seen so far."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    """Sum of squared distances from the mean."""

    def add(self, value: float) -> None:
        self.count += 1
        distance = value - self.mean
        self.mean += distance / self.count
        self.squares += distance * (value - self.mean)

    @property
    def variance(self) -> float:
        """Of the whole population; 0 before the first number."""
        return self.squares / self.count if self.count else 0.0

    def normal(self, value: float) -> float:
        """`value` in standard deviations from the mean; 0 where there is no variance."""
        return (value - self.mean) / math.sqrt(self.variance) if self.variance > 0 else 0.0


class DomainNormaliser:
    """Normalises rewards per domain, by default per environment. Not thread-safe."""

    def __init__(self, domain: Callable[[Trajectory], str] = lambda trajectory: trajectory.env) -> None:
        self._domain = domain
        self.domains: dict[str, Running] = {}

    def add(self, domain: str, values: Iterable[float]) -> list[float]:
        """Counts the rewards of one domain, then gives them back normalised. For plain numbers."""
        numbers = [finite(domain, value) for value in values]
        running = self.domains.setdefault(domain, Running())
        for value in numbers:
            running.add(value)
        return [running.normal(value) for value in numbers]

    def shape(self, trajectories: Sequence[Trajectory]) -> list[Trajectory]:
        """Adds the part "domain" that makes each reward the normalised one; returns the episodes that were kept.

        Groups without variance get reward None. Call it last and once: what is normalised already counts as a raw reward.
        """
        kept = self._varied(scored(trajectories))
        raw = {id(one): float(one.reward or 0.0) for one in kept}
        by_domain: dict[str, list[Trajectory]] = {}
        for trajectory in kept:
            by_domain.setdefault(self._domain(trajectory), []).append(trajectory)
        for domain, members in by_domain.items():
            normal = self.add(domain, [raw[id(one)] for one in members])
            for trajectory, value in zip(members, normal, strict=True):
                add_part(trajectory, "domain", value - raw[id(trajectory)])
        return kept

    def _varied(self, trajectories: list[Trajectory]) -> list[Trajectory]:
        groups: dict[str, list[Trajectory]] = {}
        for trajectory in trajectories:
            if trajectory.reward is not None:
                groups.setdefault(trajectory.group, []).append(trajectory)
        kept = []
        for members in groups.values():
            if len({one.reward for one in members}) > 1:
                kept += members
            else:
                for one in members:
                    one.reward, one.rewards = None, {}
        return kept

    def state(self) -> dict[str, Any]:
        """Everything that was counted, as JSON data."""
        return {domain: asdict(running) for domain, running in sorted(self.domains.items())}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from a `state`. Raises UsageError, changing nothing, where it is none."""
        try:
            domains = {str(domain): Running(**fields) for domain, fields in state.items()}
            for domain, running in domains.items():
                finite(domain, running.mean + running.squares)
                if running.count < 0 or running.squares < 0:
                    raise ValueError(f"{domain} has a negative count or variance")
        except (TypeError, ValueError, AttributeError) as error:
            raise UsageError(f"no state of a DomainNormaliser: {error}; give what `state` returned") from None
        self.domains = domains

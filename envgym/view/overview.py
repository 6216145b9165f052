"""The figures of a whole run, counted while its episodes go by.

Means, outcomes and rewards are over scored episodes only; those that the world failed are counted apart and never as 0. The figures
cover every episode of the run, also those that are left out of the page.
"""

import math
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from envgym.trajectory import Trajectory
from envgym.view.episode import as_json

MOST = 50
"""Lines of a table of codes or failures; the commonest are kept."""
MOST_VALUES = 6
"""Values of a fact that differs between episodes; the commonest are kept."""

Kind = tuple[str, str, str]
"""Environment, scaffold, policy."""


@dataclass(slots=True)
class Overview:
    """Takes every trajectory of one run, then gives its figures."""

    name: str
    episodes: int = 0
    retried: int = 0
    series: dict[str, int] = field(default_factory=dict)
    """Fingerprints, numbered as they come."""
    facts: dict[str, Counter[str]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    erring: Counter[str] = field(default_factory=Counter)
    failures: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    scores: dict[tuple[str, Kind, str], list[float]] = field(default_factory=dict)
    """Scores of the episodes of one fingerprint, kind and task: a group, where the run has groups."""
    kinds: Counter[Kind] = field(default_factory=Counter)
    rewards: "array[float]" = field(default_factory=lambda: array("d"))
    turns: "array[float]" = field(default_factory=lambda: array("d"))
    seconds: "array[float]" = field(default_factory=lambda: array("d"))
    members: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    """Places of the episodes of each task."""
    model_s: float = 0.0
    env_s: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def take(self, trajectory: Trajectory) -> None:
        """Counts one episode."""
        self.episodes += 1
        self.statuses[trajectory.status] += 1
        kind = (trajectory.env, trajectory.scaffold, trajectory.policy)
        self.kinds[kind] += 1
        self._take_facts(trajectory)
        self.members.setdefault(trajectory.task.key, set()).add(self.place(trajectory))
        self._take_errors(trajectory)
        timing = trajectory.timing
        self.model_s += timing.model_s
        self.env_s += timing.env_s
        self.seconds.append(timing.total_s)
        self.retried += timing.attempts > 1
        if trajectory.scored and trajectory.verdict is not None:
            verdict = trajectory.verdict
            self.outcomes[verdict.outcome.value] += 1
            self.codes[verdict.outcome.value, verdict.code] += 1
            group = (trajectory.run, kind, trajectory.task.key)
            self.scores.setdefault(group, []).append(verdict.score or 0.0)
            self.turns.append(len(trajectory.steps))
            if trajectory.reward is not None and math.isfinite(trajectory.reward):
                self.rewards.append(trajectory.reward)

    def _take_facts(self, trajectory: Trajectory) -> None:
        seed = trajectory.task.seed
        for name, value in (
            ("environment", f"{trajectory.env} {trajectory.env_version}"),
            ("scaffold", f"{trajectory.scaffold} {trajectory.scaffold_version}"),
            ("policy", trajectory.policy),
            ("temperature", "" if trajectory.temperature is None else f"{trajectory.temperature:g}"),
            ("knobs", as_json(trajectory.knobs) if trajectory.knobs else ""),
            ("task seed", "" if seed is None else str(seed)),
            ("fingerprint", trajectory.run),
        ):
            if value.strip():
                self.facts.setdefault(name, Counter())[value.strip()] += 1

    def _take_errors(self, trajectory: Trajectory) -> None:
        told: Counter[str] = Counter()
        for step in trajectory.steps:
            self.prompt_tokens += step.prompt_tokens
            self.completion_tokens += step.completion_tokens
            if step.error:
                told[step.error] += 1
        if told:
            self.errors.update(told)
            self.erring.update(told.keys())
        for failure in trajectory.failures:
            self.failures[failure.boundary, failure.type, failure.message[:300]] += 1

    def place(self, trajectory: Trajectory) -> tuple[int, int]:
        """(number of its fingerprint, index): a file may hold several runs, and episodes in the order in which they ended."""
        return self.series.setdefault(trajectory.run, len(self.series)), trajectory.index

    def ranks(self) -> dict[tuple[str, tuple[int, int]], int]:
        """(task, place) -> which episode of its task it is, from 0: what pairs the episodes of two files."""
        return {
            (task, place): rank for task, places in self.members.items() for rank, place in enumerate(sorted(places))
        }

    def figures(self) -> dict[str, Any]:
        """Everything but the histograms, as JSON-ready values."""
        scored = sum(self.outcomes.values())
        mean, error = mean_and_error(self._clusters())
        return {
            "name": self.name,
            "episodes": self.episodes,
            "scored": scored,
            "failed": self.episodes - scored,
            "passed": self.outcomes["pass"],
            "mean_score": mean,
            "standard_error": error,
            "tasks": len(self.members),
            "groups": self._groups(),
            "kinds": self._kinds(),
            "facts": [
                [name, values.most_common(MOST_VALUES), max(0, len(values) - MOST_VALUES)]
                for name, values in self.facts.items()
            ],
            "statuses": self.statuses.most_common(),
            "outcomes": self.outcomes.most_common(),
            "codes": [[*key, count] for key, count in self.codes.most_common(MOST)],
            "errors": [[code, count, self.erring[code]] for code, count in self.errors.most_common(MOST)],
            "failures": [[*key, count] for key, count in self.failures.most_common(MOST)],
            "turns": quantiles(self.turns),
            "seconds": quantiles(self.seconds),
            "model_s": self.model_s,
            "env_s": self.env_s,
            "total_s": math.fsum(self.seconds),
            "retried": self.retried,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
        }

    def _clusters(self, kind: Kind | None = None) -> list[list[float]]:
        """Scores by task, of one kind or of all."""
        clusters: dict[str, list[float]] = {}
        for (_, each, task), scores in self.scores.items():
            if kind in (None, each):
                clusters.setdefault(task, []).extend(scores)
        return list(clusters.values())

    def _kinds(self) -> list[dict[str, Any]]:
        """Figures by environment, scaffold and policy; none where the run has one kind only."""
        kinds = []
        for kind, episodes in self.kinds.items() if len(self.kinds) > 1 else ():
            clusters = self._clusters(kind)
            mean, error = mean_and_error(clusters)
            names = dict(zip(("env", "scaffold", "policy"), kind, strict=True))
            scored = sum(map(len, clusters))
            kinds.append({**names, "episodes": episodes, "scored": scored, "mean_score": mean, "standard_error": error})
        return kinds

    def _groups(self) -> dict[str, int]:
        """How many groups have more than one scored episode, and how many of these differ: only those teach anything."""
        tried = [scores for scores in self.scores.values() if len(scores) > 1]
        return {"tried": len(tried), "mixed": sum(len(set(scores)) > 1 for scores in tried)}


def mean_and_error(clusters: list[list[float]]) -> tuple[float | None, float | None]:
    """Mean over all values and its standard error, where values of one cluster may depend on each other.

    None where there are no values; no error for a single cluster. Source: Miller 2024, arXiv 2411.00640, clustered errors.
    """
    count = sum(map(len, clusters))
    if not count:
        return None, None
    mean = math.fsum(map(math.fsum, clusters)) / count
    if len(clusters) < 2:
        return mean, None
    spread = math.fsum((math.fsum(values) - len(values) * mean) ** 2 for values in clusters)
    return mean, math.sqrt(spread * len(clusters) / (len(clusters) - 1)) / count


def quantiles(values: "array[float]") -> dict[str, float] | None:
    """Mean and the values at fixed shares of the sorted list; None where there are none."""
    if not values:
        return None
    ordered = sorted(values)
    last = len(ordered) - 1
    shares = {"least": 0.0, "median": 0.5, "p95": 0.95, "most": 1.0}
    return {
        "mean": math.fsum(ordered) / len(ordered),
        **{name: ordered[round(last * at)] for name, at in shares.items()},
    }

"""The figures of a run, counted while it goes on.

Means are over scored episodes only: one that the world failed is counted as failed and nowhere else.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from envgym.trajectory import Trajectory


@dataclass(slots=True)
class Summary:
    """Counts of the episodes taken so far. With `digests` it also keeps a digest of their content, independent of their order."""

    digests: bool = False
    episodes: int = 0
    scored: int = 0
    passed: int = 0
    truncated: int = 0
    infra_failures: int = 0
    env_failures: int = 0
    turns: int = 0
    tokens: int = 0
    score_sum: float = 0.0
    errors: Counter[str] = field(default_factory=Counter)
    _digest: int = 0
    resumed: int = 0
    """Episodes that were on disk already: they count in every figure but the rate."""
    _started: float = field(default_factory=perf_counter)

    def take(self, trajectory: Trajectory) -> None:
        self.episodes += 1
        self.infra_failures += trajectory.status == "infra_failed"
        self.env_failures += trajectory.status == "env_failed"
        self.truncated += trajectory.status == "truncated"
        for step in trajectory.steps:
            self.turns += 1
            self.tokens += step.completion_tokens
            if step.error:
                self.errors[step.error] += 1
        if trajectory.scored and trajectory.verdict is not None:
            self.scored += 1
            self.score_sum += trajectory.verdict.score or 0.0
            self.passed += trajectory.verdict.passed
        if self.digests:
            self._digest ^= int.from_bytes(hashlib.sha256(trajectory.content()).digest(), "big")

    def resume(self) -> None:
        """What was taken so far was played earlier: the clock starts now."""
        self.resumed = self.episodes
        self._started = perf_counter()

    @property
    def mean_score(self) -> float | None:
        """None where no episode was scored."""
        return self.score_sum / self.scored if self.scored else None

    def figures(self) -> dict[str, Any]:
        """Everything as JSON-ready numbers; the rate is of what was played since the clock started."""
        seconds = max(perf_counter() - self._started, 1e-9)
        figures: dict[str, Any] = {
            "episodes": self.episodes,
            "scored": self.scored,
            "mean_score": None if self.mean_score is None else round(self.mean_score, 6),
            "passed": self.passed,
            "truncated": self.truncated,
            "infra_failures": self.infra_failures,
            "env_failures": self.env_failures,
            "mean_turns": round(self.turns / self.episodes, 3) if self.episodes else None,
            "completion_tokens": self.tokens,
            "errors": dict(sorted(self.errors.items())),
            "seconds": round(seconds, 4),
            "episodes_per_s": round((self.episodes - self.resumed) / seconds, 2),
            "resumed": self.resumed,
        }
        if self.digests:
            figures["digest"] = f"{self._digest:064x}"
        return figures

"""Noise in search results: hits that are left out, with pages that only look like it in their place.

ZeroSearch (arXiv 2505.04588) trains with an engine whose results are noise with a probability that rises over the training, from p_s at
its first step to p_e at its last:

    p_i = p_s + (b^(i/m) - 1) / (b - 1) * (p_e - p_s)

There a model writes the noise. Here a hit gives way to the next in the ranking, which has the words of the query and was not good enough:
a hard negative. No page is left out of more than `patience` results in one episode, so that whoever asks again finds what is there, and
every task stays solvable. What is left out depends on the episode's seed and the number of the query alone.
"""

import random
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from envgym.environments.web.search.engine import Hit
from envgym.task import derive_seed


class SearchNoise(BaseModel):
    """How much noise, and where in its curriculum a run stands. A bare number is one that never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: float = Field(0.0, ge=0, le=1, description="Probability that a hit is left out, at the first step.")
    end: float | None = Field(None, ge=0, le=1, description="The same at the last step; default: it does not change.")
    base: float = Field(4.0, gt=0, description="Above 1 it rises late, below 1 early; 1 is a straight line.")
    step: int = Field(0, ge=0, description="Step of the training, from 0.")
    steps: int = Field(1, ge=1, description="Its last step.")
    patience: int = Field(2, ge=0, description="From how many results of one episode the same page may be left out.")

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, given: Any) -> Any:
        return {"start": given} if isinstance(given, int | float) else given

    @model_validator(mode="after")
    def _within(self) -> "SearchNoise":
        if self.step > self.steps:
            raise ValueError(f"step {self.step} is behind the last one, {self.steps}")
        return self

    @property
    def probability(self) -> float:
        """That a hit is left out, at this step."""
        end = self.start if self.end is None else self.end
        share = self.step / self.steps
        risen = share if self.base == 1 else (self.base**share - 1) / (self.base - 1)
        return self.start + risen * (end - self.start)


def with_noise(
    ranking: Sequence[Hit], k: int, noise: SearchNoise, seed: int, query_number: int, left_out: dict[str, int]
) -> list[Hit]:
    """The `k` hits that are shown of a longer `ranking`, best first. `left_out` counts by url how often a page was; it is added to."""
    rng = random.Random(derive_seed(seed, query_number))
    probability = noise.probability
    shown: list[Hit] = []
    for place, hit in enumerate(ranking):
        if len(shown) == k:
            break
        is_noise = rng.random() < probability
        others = len(ranking) - place - 1
        if is_noise and place < k and others >= k - len(shown) and left_out.get(hit.url, 0) < noise.patience:
            left_out[hit.url] = left_out.get(hit.url, 0) + 1
        else:
            shown.append(hit)
    return shown

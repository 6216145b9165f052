"""The settings of the noise, as knobs beside those of the environment: they are recorded, checked and part of a run's identity."""

from functools import lru_cache

from pydantic import Field, ValidationError

from envgym.env import EnvKnobs
from envgym.errors import UsageError
from envgym.task import faults_of


class NoiseKnobs(EnvKnobs):
    """What `noisy:ID` takes beside the knobs of ID."""

    noise: float = Field(
        0.2, ge=0, le=1, description="Chance of a fault per call, and of a slip per word of the request."
    )
    noise_seed: int = Field(0, description="Seed of the schedule of faults; the same for all members of a group.")
    noise_budget: int = Field(3, ge=0, description="Faults in one episode at most.")
    noise_kinds: tuple[str, ...] = Field((), description="Kinds of noise by name; empty: all.")


@lru_cache(maxsize=64)
def joined_knobs(theirs: type[EnvKnobs]) -> type[EnvKnobs]:
    """The settings of an environment and of the noise as one model. Raises UsageError where a name is taken."""
    taken = sorted(theirs.model_fields.keys() & NoiseKnobs.model_fields.keys())
    if taken:
        raise UsageError(f"the environment has a setting {taken[0]!r} of its own, which noise needs; rename it")
    return type("Knobs", (NoiseKnobs, theirs), {"__module__": __name__})


def with_noise(theirs: EnvKnobs, *, level: float, seed: int, budget: int, kinds: tuple[str, ...]) -> EnvKnobs:
    """The settings `theirs` and those of the noise. Raises UsageError for a level or budget that cannot be."""
    noise = {"noise": level, "noise_seed": seed, "noise_budget": budget, "noise_kinds": kinds}
    try:
        return joined_knobs(type(theirs))(**theirs.__dict__, **noise)
    except ValidationError as error:
        raise UsageError(faults_of(error)) from None

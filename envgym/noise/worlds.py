"""Any environment with tools under noise, by name: `noisy:ID` is ID with calls that fail, spoilt results and badly written requests.

`noisy:NAME` stands for the attribute NAME of this module, which is made on first use; NAME is an id, `module:Class` or `file.py:Class`.
So a noisy environment travels by its name and knobs, to worker processes and into records, as any other.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from envgym.env import describe, make_knobs
from envgym.errors import UsageError
from envgym.noise.noisy import SHARED, Noisy
from envgym.noise.settings import NoiseKnobs, joined_knobs
from envgym.registry import environments
from envgym.tool_env import ToolEnv

NOISE = NoiseKnobs.model_fields.keys()
BAR = "|"
"""Stands for a colon in the name of a class: gymnasium splits entry points at every colon."""


def __getattr__(name: str) -> type[Noisy]:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return noisy_type(name.replace(BAR, ":"))


@cache
def noisy_type(name: str) -> type[Noisy]:
    """The class behind `noisy:NAME`. Raises UsageError where NAME is no environment with tools."""
    kind = environments.get(name)
    if not (isinstance(kind, type) and issubclass(kind, ToolEnv)):
        raise UsageError(f"noise is for environments with tools; {name!r} has none")
    body: dict[str, Any] = {attribute: getattr(kind, attribute) for attribute in SHARED}
    body |= {"Knobs": joined_knobs(kind.Knobs), "Public": kind.Public, "Private": kind.Private}
    body |= {"__init__": maker(kind), "__module__": __name__, "__doc__": f"{describe(kind)} Under noise."}
    made = type(name, (Noisy,), body)
    made.__qualname__ = name.replace(":", BAR)
    return made


def maker(kind: type[ToolEnv]) -> Callable[..., None]:
    """A constructor with the settings of `kind` and of the noise."""

    def construct(self: Noisy, *, tasks: Any = None, render_mode: str | None = None, **knobs: Any) -> None:
        checked: Any = make_knobs(type(self), knobs)
        theirs = {name: value for name, value in knobs.items() if name not in NOISE}
        Noisy.__init__(
            self,
            kind(tasks=tasks, render_mode=render_mode, **theirs),
            level=checked.noise,
            seed=checked.noise_seed,
            budget=checked.noise_budget,
            kinds=checked.noise_kinds,
        )

    return construct

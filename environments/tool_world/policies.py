"""Soft policies: rules that are told to the agent, not enforced by the tools, and judged over the trace of an episode."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

PolicyKind = Literal["argument", "identify", "confirm", "at_most", "together"]


@dataclass(frozen=True, slots=True)
class Policy:
    """One rule. `on` are the operations that it is about; none means every change."""

    name: str
    kind: PolicyKind
    sentence: str
    on: tuple[str, ...]
    function: Callable[..., Any] | None = None
    tools: tuple[str, ...] = ()
    count: int = 0
    per: str = ""
    then: str = ""
    file: str = ""
    line: int = 0
    """Where it is written."""

"""One programming problem as its author writes it: everything that its tests are made of and proved by.

Programs are text, because they are run as the agent's are. The brute force is a function of ours that was written without looking at
the solution: it tries everything, where it can.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

Input = Any
"""The arguments of a call, as a list, or the text that a program reads."""
Edit = tuple[str, str]
"""A wrong program that is the solution but for one place: what stands there, and what stands there instead."""
SLOW = "too slow"
"""Name of a wrong program that is right, but for its running time."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem is about a function where `starter` is its signature, else about a program that reads and prints."""

    id: str
    topics: tuple[str, ...]
    difficulty: int
    """1 (a few plain lines) to 5 (an idea that is hard to find)."""
    statement: str
    solution: str
    brute: Callable[..., Any]
    """Arguments to value, or text read to text printed."""
    draw: Callable[[Random, int, int], Input]
    """A random input of a size, with values that grow with the second number."""
    small: tuple[int, int]
    """Largest size and values for which the brute force answers at once."""
    large: tuple[int, int]
    examples: tuple[Input, Input]
    edge: tuple[Input, ...]
    wrong: Mapping[str, str | Edit] = field(default_factory=dict)
    """Typical wrong programs by what is wrong with them; two at least."""
    starter: str = ""

    @property
    def call(self) -> str:
        """Name of the function; empty for a program."""
        return self.starter.removeprefix("def ").partition("(")[0]

    def wrong_program(self, name: str) -> str:
        """The text of a wrong program. Raises ValueError for an edit of what is not in the solution exactly once."""
        wrong = self.wrong[name]
        if isinstance(wrong, str):
            return wrong
        if self.solution.count(wrong[0]) != 1:
            raise ValueError(f"{self.id}: {wrong[0]!r} is not in the solution exactly once")
        return self.solution.replace(*wrong)


def line(*values: object) -> str:
    """Values on one line of an input."""
    return " ".join(map(str, values)) + "\n"


def integers(text: str) -> list[int]:
    """Every integer of an input."""
    return [int(word) for word in text.split()]

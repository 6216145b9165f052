"""A mutation: one defect put into a source text, all of the rest byte for byte as it was."""

import ast
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from envgym.task_synth.bugs.source_module import SourceModule

SHOWN = 160
"""Characters of code in a description."""


@dataclass(frozen=True)
class Edit:
    """Bytes `start` to `end` are replaced by `text`."""

    start: int
    end: int
    text: str


Operator = Callable[[SourceModule, ast.AST, random.Random], Iterator[Edit]]
"""Gives the edits that it knows for one node; the generator is for choices among many."""


@dataclass(frozen=True)
class Mutation:
    """A source text with a defect. Lines are those of `source`; where something was taken out, the line that is there now."""

    operator: str
    line: int
    end_line: int
    function: str
    """Qualified name of the function or class around it; empty at the top of the module."""
    source: str
    description: str
    """What was done. Tells the fix: not for an agent."""


def replace(module: SourceModule, node: ast.AST, text: str) -> Edit:
    """The edit that puts `text` in place of a node."""
    return Edit(module.start(node), module.end(node), text)


def between(module: SourceModule, left: ast.AST, right: ast.AST, old: str, new: str) -> Iterator[Edit]:
    """The edit that replaces an operator between two operands; none where a comment or more than one stands there."""
    start, end = module.end(left), module.start(right)
    gap = module.slice(start, end)
    words = gap.replace("(", " ").replace(")", " ").split()
    if words == old.split() and (len(words) == 1 or old in gap):
        at = start + len(gap[: gap.index(old)].encode())
        yield Edit(at, at + len(old.encode()), new)


def told(module: SourceModule, edit: Edit) -> str:
    """An edit in words."""
    old, new = (" ".join(text.split())[:SHOWN] for text in (module.slice(edit.start, edit.end), edit.text))
    if not new:
        return f"removed `{old}`"
    return f"`{old}` became `{new}`" if old else f"added `{new}`"

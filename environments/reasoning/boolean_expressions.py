"""Boolean expressions: several named ones, nested and built on each other, in words and symbols; say of each whether it is true.

The truth of every expression is drawn first, each true half the time and independent of the others, and the expression is grown to fit,
so a guess passes once in 2^n and no connective gives the answer away. What is graded is computed again from the expressions.
"""

import operator
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.answer_pairs import answer_pairs
from envgym.verifiers.structured_reply import Unreadable

NAMES = "ABCDEFGHJKLMNPQR"
VALUES = {
    "true": "true",
    "t": "true",
    "yes": "true",
    "1": "true",
    "false": "false",
    "f": "false",
    "no": "false",
    "0": "false",
}
Tree = list[Any]
"""[connective, Tree, ...], [comparison, number, number], ["name", which] or ["value", truth]."""
Parts = Sequence[bool]
CONNECTIVES: dict[str, tuple[Callable[[Parts], bool], str, str]] = {
    "not": (lambda parts: not parts[0], "not {0}", "¬{0}"),
    "and": (all, "{0} and {1}", "{0} ∧ {1}"),
    "or": (any, "{0} or {1}", "{0} ∨ {1}"),
    "xor": (lambda parts: parts[0] != parts[1], "exactly one of {0} and {1}", "{0} ⊕ {1}"),
    "if": (lambda parts: not parts[0] or parts[1], "if {0} then {1}", "{0} → {1}"),
    "iff": (lambda parts: parts[0] == parts[1], "{0} if and only if {1}", "{0} ↔ {1}"),
    "nor": (lambda parts: not any(parts), "neither {0} nor {1}", "{0} ↓ {1}"),
}
"""Whether each holds for its parts, and how it is written in words and in symbols."""
COMPARISONS: dict[str, tuple[Callable[[int, int], bool], str, str]] = {
    "greater": (operator.gt, "{0} is greater than {1}", "{0} > {1}"),
    "most": (operator.le, "{0} is at most {1}", "{0} ≤ {1}"),
    "divides": (lambda one, two: two % one == 0, "{1} is divisible by {0}", "{0} | {1}"),
    "even": (lambda one, two: (one + two) % 2 == 0, "{0} plus {1} is even", "2 | ({0} + {1})"),
}


class BooleanExpressions(AnswerEnv):
    """Say of each of several nested expressions in words and symbols whether it is true."""

    id = "boolean_expressions"

    class Knobs(EnvKnobs):
        expressions: int = Field(default=6, ge=3, le=16, description="How many expressions are asked for.")
        depth: int = Field(default=3, ge=1, le=6, description="How deep an expression nests.")
        references: float = Field(
            default=0.3, ge=0, le=1, description="Share of the leaves that name another expression."
        )
        style: Literal["words", "symbols", "mixed"] = Field(default="mixed", description="How expressions are written.")

    class Public(BaseModel):
        expressions: list[Tree] = Field(
            min_length=3, description="The expressions by their place in the list of names, as trees."
        )
        style: Literal["words", "symbols", "mixed"]

    class Private(BaseModel):
        solution: str = Field(description="NAME=TRUTH for each expression.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        count = self.knobs.expressions
        values = [rng.random() < 0.5 for _ in range(count)]
        order = rng.sample(range(count), count)
        expressions: list[Tree] = [[] for _ in range(count)]
        for place, at in enumerate(order):
            expressions[at] = self.grown(
                values[at], self.knobs.depth, [(each, values[each]) for each in order[:place]], rng
            )
        return {
            "public": {"expressions": expressions, "style": self.knobs.style},
            "private": {"solution": answer(values)},
            "difficulty": float(count * self.knobs.depth),
            "certificate": {"solutions": 1, "by": "no expression rests on itself"},
        }

    def grown(self, value: bool, depth: int, before: Sequence[tuple[int, bool]], rng: random.Random) -> Tree:
        """A random expression of that truth, which may name those `before` it."""
        if depth == 0 or (depth < self.knobs.depth and rng.random() < 0.15):
            return self.leaf(value, before, rng)
        connective = rng.choice(list(CONNECTIVES))
        combinations = product((True, False), repeat=1 if connective == "not" else 2)
        holds = CONNECTIVES[connective][0]
        parts = rng.choice([parts for parts in combinations if holds(parts) == value])
        return [connective, *(self.grown(part, depth - 1, before, rng) for part in parts)]

    def leaf(self, value: bool, before: Sequence[tuple[int, bool]], rng: random.Random) -> Tree:
        if before and rng.random() < self.knobs.references:
            other, truth = rng.choice(before)
            return ["name", other] if truth == value else ["not", ["name", other]]
        if rng.random() < 0.2:
            return ["value", value]
        comparison = rng.choice(list(COMPARISONS))
        while True:
            one, two = rng.randint(2, 12 if comparison == "divides" else 99), rng.randint(2, 99)
            if COMPARISONS[comparison][0](one, two) == value:
                return [comparison, one, two]

    def begin(self, task: Task) -> str:
        expressions: list[Tree] = task.public["expressions"]
        lines = "\n".join(
            f"{NAMES[at]}: {written(tree, task.public['style'], at)}" for at, tree in enumerate(expressions)
        )
        return (
            f"Each of these {len(expressions)} expressions is true or false. A letter inside an expression stands for the truth of "
            f"the expression with that name.\n\n{lines}\n\n"
            '"or" and ∨: at least one of the two. "exactly one of" and ⊕: one is true and the other false. "if X then Y" and '
            'X → Y: false only when X is true and Y is false. "if and only if" and ↔: both true or both false. "neither X nor Y" '
            "and X ↓ Y: both are false. ∧: and. ¬: not. A bar between numbers, x | y: y is divisible by x.\n\n"
            "Which are true? End your reply with one line that names every expression once, in the form\n"
            "Answer: NAME=true, NAME=false, ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        expressions: list[Tree] = task.public["expressions"]
        names = NAMES[: len(expressions)]
        try:
            read = answer_pairs(reply, names=names, values=VALUES)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="boolean_expressions.unreadable")
        wrong = [name for name, true in zip(names, truths(expressions), strict=True) if (read[name] == "true") != true]
        if wrong:
            return Verdict.of(0, code="boolean_expressions.wrong", reason=f"wrong about {len(wrong)} of {len(names)}")
        return Verdict.of(1, code="boolean_expressions.ok", reason="right about every expression")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['solution']}"

    def random_action(self, rng: random.Random) -> Action:
        """A random truth for each expression."""
        count = len(self.task.public["expressions"]) if self.task is not None else 3
        return f"Answer: {answer([rng.random() < 0.5 for _ in range(count)])}"


def answer(values: Sequence[bool]) -> str:
    return ", ".join(f"{name}={'true' if value else 'false'}" for name, value in zip(NAMES, values, strict=False))


def truths(expressions: Sequence[Tree]) -> list[bool]:
    known: dict[int, bool] = {}
    return [truth(["name", at], expressions, known) for at in range(len(expressions))]


def truth(tree: Tree, expressions: Sequence[Tree], known: dict[int, bool]) -> bool:
    """Whether a tree is true. `known` remembers the named expressions: without it those that rest on others take forever."""
    kind, *parts = tree
    if kind == "value":
        return bool(parts[0])
    if kind == "name":
        if parts[0] not in known:
            known[parts[0]] = truth(expressions[parts[0]], expressions, known)
        return known[parts[0]]
    if kind in COMPARISONS:
        return COMPARISONS[kind][0](*parts)
    return CONNECTIVES[kind][0]([truth(part, expressions, known) for part in parts])


def written(tree: Tree, style: Literal["words", "symbols", "mixed"], turn: int, *, nested: bool = False) -> str:
    """An expression as text; mixed style takes words where `turn` is even, which grows with level and place."""
    kind, *parts = tree
    if kind == "value":
        return "true" if parts[0] else "false"
    if kind == "name":
        return NAMES[parts[0]]
    _, words, symbols = COMPARISONS[kind] if kind in COMPARISONS else CONNECTIVES[kind]
    if kind in CONNECTIVES:
        parts = [written(part, style, turn + 1 + at, nested=True) for at, part in enumerate(parts)]
    in_words = style == "words" or (style == "mixed" and turn % 2 == 0)
    text = (words if in_words else symbols).format(*parts)
    return f"({text})" if nested else text

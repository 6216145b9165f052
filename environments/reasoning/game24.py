"""Game of 24: reach a target with given integers, each used once.

Any valid expression passes, whatever the generator's own solution was. Every generated task is solvable: a solver found the expression
that is kept as its proof. The difficulty is the number of integers; with `high` above 13 fewer draws are solvable and generation slows.
"""

import random
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.arithmetic import reaches

DRAWS = 500
Tree = int | tuple[str, Any, Any]
"""A number, or (operator, left tree, right tree)."""
Entry = tuple[int, int, Tree]
"""A value as numerator and denominator, and how it was made."""


class Game24(AnswerEnv):
    """Reach a target with given integers, each used once, by + - * / and brackets."""

    id = "game24"

    class Knobs(EnvKnobs):
        numbers: int = Field(default=4, ge=2, le=6, description="How many integers each task gives.")
        target: int = Field(default=24, ge=-1000, le=1000, description="The value to reach.")
        low: int = Field(default=1, ge=0, le=100, description="Smallest integer that may be given.")
        high: int = Field(default=13, ge=1, le=100, description="Largest integer that may be given.")

    class Public(BaseModel):
        numbers: list[int] = Field(min_length=1, description="What the expression is made of.")
        target: int = Field(description="What it must equal.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        if knobs.low > knobs.high:
            raise UsageError(f"game24: low={knobs.low} is above high={knobs.high}")
        for _ in range(DRAWS):
            numbers = [rng.randint(knobs.low, knobs.high) for _ in range(knobs.numbers)]
            solution = solve(numbers, knobs.target)
            if solution is not None:
                return {
                    "public": {"numbers": numbers, "target": knobs.target},
                    "private": {"solution": solution},
                    "difficulty": float(knobs.numbers),
                }
        raise UsageError(
            f"game24: {DRAWS} draws gave no solvable task for {knobs!r}; widen low..high or give more numbers"
        )

    def begin(self, task: Task) -> str:
        public = task.public
        numbers = ", ".join(map(str, public["numbers"]))
        return (
            f"Use each of the numbers {numbers} exactly once, with + - * / and brackets, to make {public['target']}. "
            "Reply with the expression alone on the last line."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        public = task.public
        return reaches(reply, numbers=public["numbers"], target=public["target"])

    def oracle(self) -> Iterator[Action]:
        return iter(() if self.task is None else (str(self.task.private["solution"]),))

    def random_action(self, rng: random.Random) -> Action:
        """The numbers in random order with random operators."""
        numbers = list(self.task.public["numbers"]) if self.task is not None else [1]
        rng.shuffle(numbers)
        return str(numbers[0]) + "".join(f" {rng.choice('+-*/')} {number}" for number in numbers[1:])


def solve(numbers: list[int], target: int) -> str | None:
    """An expression over all numbers whose value is `target`, None when there is none. Exact: tries every tree."""
    tree = search([(number, 1, number) for number in numbers], target)
    return None if tree is None else text_of_tree(tree)


def search(entries: list[Entry], target: int) -> Tree | None:
    """Combines two entries in every way until two are left. Values stay unreduced fractions: a gcd costs more than it saves."""
    if len(entries) <= 2:
        return next((tree for top, bottom, tree in results(*entries) if bottom and top == target * bottom), None)
    for second in range(1, len(entries)):
        for first in range(second):
            rest = [*entries[:first], *entries[first + 1 : second], *entries[second + 1 :]]
            for combined in results(entries[first], entries[second]):
                if combined[1] and (tree := search([*rest, combined], target)) is not None:
                    return tree
    return None


def results(one: Entry, two: Entry) -> tuple[Entry, ...]:
    """Every result of one operation on two values. A division by zero has denominator 0."""
    (a, b, left), (c, d, right) = one, two
    bd, ad, cb = b * d, a * d, c * b
    return (
        (ad + cb, bd, ("+", left, right)),
        (a * c, bd, ("*", left, right)),
        (ad - cb, bd, ("-", left, right)),
        (cb - ad, bd, ("-", right, left)),
        (ad, cb, ("/", left, right)),
        (cb, ad, ("/", right, left)),
    )


def text_of_tree(tree: Tree) -> str:
    if isinstance(tree, int):
        return str(tree)
    operator, left, right = tree
    return f"({text_of_tree(left)} {operator} {text_of_tree(right)})"

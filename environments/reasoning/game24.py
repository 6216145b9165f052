"""Game of 24: reach a target with given integers, each used once.

Any valid expression passes, whatever the generator's own solution was. Every generated task is solvable: a solver found the expression
that is kept as its proof. The difficulty is the number of integers; with `high` above 13 fewer draws are solvable and generation slows.
"""

import random
from collections.abc import Iterator
from fractions import Fraction

from pydantic import Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.arithmetic import reaches

DRAWS = 500
Entry = tuple[Fraction | int, str]


class Game24(AnswerEnv):
    """Reach a target with given integers, each used once, by + - * / and brackets."""

    id = "game24"

    class Knobs(EnvKnobs):
        numbers: int = Field(4, ge=2, le=6, description="How many integers each task gives.")
        target: int = Field(24, ge=-1000, le=1000, description="The value to reach.")
        low: int = Field(1, ge=0, le=100, description="Smallest integer that may be given.")
        high: int = Field(13, ge=1, le=100, description="Largest integer that may be given.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        if knobs.low > knobs.high:
            raise UsageError(f"game24: low={knobs.low} is above high={knobs.high}")
        for _ in range(DRAWS):
            numbers = [rng.randint(knobs.low, knobs.high) for _ in range(knobs.numbers)]
            solution = solve([(number, str(number)) for number in numbers], knobs.target)
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
        numbers = ", ".join(map(str, task.public["numbers"]))
        return (
            f"Use each of the numbers {numbers} exactly once, with + - * / and brackets, to make {task.public['target']}. "
            "Reply with the expression alone on the last line."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        return reaches(reply, numbers=task.public["numbers"], target=task.public["target"])

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield str(self.task.private["solution"])

    def random_action(self, rng: random.Random) -> Action:
        """The numbers in random order with random operators."""
        numbers = list(self.task.public["numbers"]) if self.task is not None else [1]
        rng.shuffle(numbers)
        return str(numbers[0]) + "".join(f" {rng.choice('+-*/')} {number}" for number in numbers[1:])


def solve(entries: list[Entry], target: int) -> str | None:
    """An expression over all entries whose value is `target`, None when there is none. Exact: tries every tree."""
    if len(entries) == 1:
        return entries[0][1] if entries[0][0] == target else None
    for first in range(len(entries)):
        for second in range(first):
            rest = [entry for at, entry in enumerate(entries) if at not in (first, second)]
            for combined in combinations(entries[first], entries[second]):
                solution = solve([*rest, combined], target)
                if solution is not None:
                    return solution
    return None


def combinations(one: Entry, two: Entry) -> Iterator[Entry]:
    """Every result of one operation on two values, with its bracketed text."""
    (a, left), (b, right) = one, two
    yield a + b, f"({left} + {right})"
    yield a * b, f"({left} * {right})"
    yield a - b, f"({left} - {right})"
    yield b - a, f"({right} - {left})"
    if b:
        yield quotient(a, b), f"({left} / {right})"
    if a:
        yield quotient(b, a), f"({right} / {left})"


def quotient(a: Fraction | int, b: Fraction | int) -> Fraction | int:
    """a / b, as an int where it is one: int arithmetic is ten times faster than Fraction's."""
    exact = Fraction(a) / b
    return exact.numerator if exact.denominator == 1 else exact

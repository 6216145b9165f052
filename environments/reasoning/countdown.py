"""Countdown: reach a target out of given integers, each used at most once.

Any valid expression passes, whatever the generator's own solution was. A task is solvable by construction: the target is what a random
chain of steps over some of the integers gives, every step a whole number above zero. `least` is proved: an exhaustive search shows that
no expression over fewer integers gives the target. The difficulty is the number of integers plus `least`.
"""

import random
from collections.abc import Iterator
from itertools import combinations

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.game24 import solve
from envgym.environments.reasoning.settled import listed
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.arithmetic import reaches
from envgym.verifiers.reply import committed

DRAWS = 2_000
LARGE = (25, 50, 75, 100)


class Countdown(AnswerEnv):
    """Reach a target by + - * / and brackets out of given integers, each used at most once."""

    id = "countdown"

    class Knobs(EnvKnobs):
        numbers: int = Field(default=5, ge=3, le=9, description="How many integers each task gives.")
        large: int = Field(default=1, ge=0, le=4, description="How many of them are 25, 50, 75 or 100, each once.")
        spare: int = Field(default=1, ge=0, le=3, description="How many of them the target is made without.")
        least: int = Field(default=3, ge=2, le=4, description="No expression over fewer integers gives the target.")
        low: int = Field(default=100, ge=1, le=10_000, description="Smallest target.")
        high: int = Field(default=999, ge=1, le=100_000, description="Largest target.")
        exact: bool = Field(default=False, description="Forbid divisions that leave a remainder.")

    class Public(BaseModel):
        numbers: list[int] = Field(min_length=1, description="What the expression is made of.")
        target: int = Field(description="What it must equal.")
        exact: bool = Field(default=False, description="Whether a division may leave no remainder.")

    class Private(BaseModel):
        solution: str = Field(description="One expression of many.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        uses = knobs.numbers - knobs.spare
        if knobs.low > knobs.high or uses < knobs.least or knobs.large > knobs.numbers:
            raise UsageError(
                f"countdown: {knobs!r} has no task; expected low <= high, numbers - spare >= least, large <= numbers"
            )
        for _ in range(DRAWS):
            numbers = rng.sample(LARGE, knobs.large) + [rng.randint(1, 10) for _ in range(knobs.numbers - knobs.large)]
            rng.shuffle(numbers)
            target, solution = chain(rng.sample(numbers, uses), knobs.high, rng)
            if knobs.low <= target <= knobs.high and not shorter(numbers, target, knobs.least):
                return {
                    "public": {"numbers": numbers, "target": target, "exact": knobs.exact},
                    "private": {"solution": solution},
                    "difficulty": float(knobs.numbers + knobs.least),
                    "certificate": {"least": knobs.least, "by": "the solution, and a search over all smaller sets"},
                }
        raise UsageError(f"countdown: {DRAWS} draws gave no task for {knobs!r}; widen low..high or lower least")

    def begin(self, task: Task) -> str:
        public = task.public
        exact = "A division may leave no remainder. " if public["exact"] else ""
        return (
            f"Make {public['target']} out of the numbers {', '.join(map(str, public['numbers']))} with + - * / and brackets. Use each "
            "number at most once (one that is listed twice, at most twice); you need not use all, and may use no other number. "
            f"{exact}End your reply with the expression alone on the last line."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        public = task.public
        reply = listed(reply)
        if len(answers := committed(reply)) > 1:
            return Verdict.malformed(f"the reply gives {len(answers)} different answers", code="countdown.unreadable")
        found = reaches(
            reply, numbers=public["numbers"], target=public["target"], each="at_most_once", exact=public["exact"]
        )
        name = (found.code or "").rpartition(".")[2]
        if name in ("syntax", "malformed"):
            return Verdict.malformed(found.reason or "", code="countdown.unreadable")
        return Verdict.of(found.score or 0.0, code=f"countdown.{name}", reason=found.reason or "")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield str(self.task.private["solution"])

    def random_action(self, rng: random.Random) -> Action:
        """Some of the numbers in random order with random operators."""
        numbers = list(self.task.public["numbers"]) if self.task is not None else [1]
        some = rng.sample(numbers, rng.randint(1, len(numbers)))
        return str(some[0]) + "".join(f" {rng.choice('+-*/')} {number}" for number in some[1:])


def chain(numbers: list[int], high: int, rng: random.Random) -> tuple[int, str]:
    """A value that all `numbers` give by random steps, and the expression. No step is above 10 * `high`, below one or broken."""
    pool = [(number, str(number)) for number in numbers]
    while len(pool) > 1:
        rng.shuffle(pool)
        (a, left), (b, right) = sorted((pool.pop(), pool.pop()), reverse=True)
        signs = "+"
        signs += "**" if a * b <= 10 * high and b > 1 else ""
        signs += "-" if a > b else ""
        signs += "/" if a % b == 0 and b > 1 else ""
        sign = rng.choice(signs)
        value = {"+": a + b, "*": a * b, "-": a - b, "/": a // b}[sign]
        pool.append((value, f"({left} {sign} {right})"))
    return pool[0]


def shorter(numbers: list[int], target: int, least: int) -> bool:
    """Whether fewer than `least` of the numbers give the target. Fractions count: what they cannot reach, whole numbers cannot."""
    return target in numbers or any(
        solve(list(some), target) is not None
        for size in range(2, least)
        for some in dict.fromkeys(combinations(sorted(numbers), size))
    )

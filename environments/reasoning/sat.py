"""Satisfiability: give every variable a truth value so that each clause holds.

Any satisfying assignment passes. Clauses are drawn around a hidden assignment, but not evenly: one that agrees with it in t literals is
drawn with weight q^t, where q makes a literal agree half the time, so counting how often a variable is negated tells nothing (Jia, Moore
and Strain, "Generating hard satisfiable formulas by hiding solutions deceptively", AAAI 2005).
"""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.answer_pairs import answer_pairs
from envgym.verifiers.structured_reply import Unreadable

VALUES = {"true": "true", "t": "true", "1": "true", "false": "false", "f": "false", "0": "false"}
Form = Literal["words", "symbols", "dimacs"]


class Sat(AnswerEnv):
    """Satisfy a formula in conjunctive normal form; any assignment that does passes."""

    id = "sat"

    class Knobs(EnvKnobs):
        variables: int = Field(default=10, ge=4, le=60, description="How many variables there are.")
        ratio: float = Field(
            default=4.2, gt=0, le=12, description="Clauses per variable; with 3 literals each about 4.3 is hardest."
        )
        width: int = Field(default=3, ge=2, le=4, description="Literals of each clause.")
        form: Form = Field(default="symbols", description="How clauses are written.")

    class Public(BaseModel):
        variables: int = Field(ge=1, description="How many variables there are, numbered from 1.")
        clauses: list[list[int]] = Field(
            min_length=1, description="Literals: the variable's number, below 0 where negated."
        )
        form: Form

    class Private(BaseModel):
        solution: str = Field(description="One satisfying assignment, of maybe many.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        hidden = [rng.random() < 0.5 for _ in range(knobs.variables)]
        patterns = list(product((True, False), repeat=knobs.width))[:-1]
        weights = [quiet(knobs.width) ** sum(pattern) for pattern in patterns]
        clauses = []
        for agreeing in rng.choices(patterns, weights, k=round(knobs.ratio * knobs.variables)):
            chosen = rng.sample(range(knobs.variables), knobs.width)
            clauses.append(
                [at + 1 if hidden[at] == agrees else -at - 1 for at, agrees in zip(chosen, agreeing, strict=True)]
            )
        return {
            "public": {"variables": knobs.variables, "clauses": clauses, "form": knobs.form},
            "private": {"solution": answer(hidden)},
            "difficulty": float(knobs.variables),
            "certificate": {"satisfiable": True, "by": "planted assignment"},
        }

    def begin(self, task: Task) -> str:
        count, form = task.public["variables"], task.public["form"]
        clauses: list[list[int]] = task.public["clauses"]
        if form == "dimacs":
            lines = [f"p cnf {count} {len(clauses)}", *(" ".join(map(str, [*clause, 0])) for clause in clauses)]
            rule = "This is a formula in DIMACS form: each line is a clause that ends with 0, and -3 means that variable 3 is false."
        else:
            lines = [written(clause, in_words=form == "words") for clause in clauses]
            rule = "Each line is a clause: at least one of its parts must be true." + (
                "" if form == "words" else " ∨ means or, ¬ means not."
            )
        return (
            f"Give each of the variables x1 to x{count} the value true or false so that every clause holds. {rule}\n\n"
            + "\n".join(lines)
            + "\n\nSome assignment does it, and any that does is right. End your reply with one line that names every variable "
            "once, with 1 for true and 0 for false, in the form\nAnswer: VARIABLE=1, VARIABLE=0, ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        names = [f"x{number}" for number in range(1, task.public["variables"] + 1)]
        try:
            read = answer_pairs(reply, names=names, values=VALUES)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="sat.unreadable")
        for at, clause in enumerate(task.public["clauses"], 1):
            if not any((read[f"x{abs(literal)}"] == "true") == (literal > 0) for literal in clause):
                reason = f"clause {at} does not hold: {written(clause, in_words=True)}"
                return Verdict.of(0, code="sat.clause_broken", reason=reason)
        return Verdict.of(1, code="sat.ok", reason="every clause holds")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['solution']}"

    def random_action(self, rng: random.Random) -> Action:
        """A random value for each variable."""
        count = self.task.public["variables"] if self.task is not None else 3
        return f"Answer: {answer([rng.random() < 0.5 for _ in range(count)])}"


def answer(values: Sequence[bool]) -> str:
    return ", ".join(f"x{number}={int(value)}" for number, value in enumerate(values, 1))


def written(clause: Sequence[int], *, in_words: bool) -> str:
    if in_words:
        return " or ".join(f"x{abs(literal)} is {'true' if literal > 0 else 'false'}" for literal in clause)
    return " ∨ ".join(f"{'' if literal > 0 else '¬'}x{abs(literal)}" for literal in clause)


@lru_cache
def quiet(width: int) -> float:
    """The weight q at which half the literals of a clause agree with the hidden assignment: (1 - q) (1 + q)^(width - 1) = 1, above 0."""
    low, high = 0.01, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if (1 - middle) * (1 + middle) ** (width - 1) > 1:
            low = middle
        else:
            high = middle
    return low

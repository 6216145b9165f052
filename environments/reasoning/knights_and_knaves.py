"""Knights and knaves: knights tell the truth, knaves lie, and from what each person says follows who is which.

Every puzzle has exactly one solution: all 2^n assignments are tried at once, as the bits of one integer per statement. What is graded is
the answer against the statements, never against the stored solution. The puzzle is Raymond Smullyan's; statements here may nest.
"""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.people import PEOPLE
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.answer_pairs import answer_pairs
from envgym.verifiers.structured_reply import Unreadable

KINDS = {"knight": "knight", "knave": "knave", "knights": "knight", "knaves": "knave"}
DRAWS = 2_000
Says = list[Any]
"""["is", person, knight?], ["same", person, person, same?], ["count", how, number, people] or [connective, Says, ...]."""


class KnightsAndKnaves(AnswerEnv):
    """From what each person says, find who is a knight and who a knave; each puzzle has one solution."""

    id = "knights_and_knaves"

    class Knobs(EnvKnobs):
        people: int = Field(default=5, ge=3, le=8, description="How many people there are; each makes one statement.")
        depth: int = Field(default=1, ge=0, le=3, description="How deep and, or, not, if and iff nest in a statement.")
        counts: bool = Field(default=True, description="Whether statements may count knights among several people.")

    class Public(BaseModel):
        names: list[str] = Field(min_length=3, description="The people.")
        says: list[Says] = Field(
            min_length=3, description="What each of them says, as a tree over the people's numbers."
        )

    class Private(BaseModel):
        solution: str = Field(description="The only solution, NAME=KIND for each person.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        people = self.knobs.people
        names = rng.sample(PEOPLE, people)
        for _ in range(DRAWS):
            kinds = [rng.random() < 0.5 for _ in names]
            says: list[Says] = []
            left = everything(people)
            for speaker, column in enumerate(columns(people)):
                tree, worlds = self.statement(speaker, kinds, rng)
                says.append(tree)
                left &= ~(worlds ^ column)
            if left.bit_count() == 1:
                return {
                    "public": {"names": names, "says": says},
                    "private": {"solution": answer(names, kinds)},
                    "difficulty": float(people * (1 + self.knobs.depth)),
                    "certificate": {"solutions": 1, "by": f"trying all {1 << people} assignments"},
                }
        raise UsageError(f"knights_and_knaves: {DRAWS} draws gave no puzzle with one solution for {self.knobs!r}")

    def statement(self, speaker: int, kinds: Sequence[bool], rng: random.Random) -> tuple[Says, int]:
        """What a person of that kind can say, and the assignments in which it is true: never all, none or "I am a knight"."""
        people = len(kinds)
        world = sum(1 << person for person, knight in enumerate(kinds) if knight)
        trivial = (0, everything(people), columns(people)[speaker], everything(people) ^ columns(people)[speaker])
        while True:
            tree = draw(people, self.knobs.depth, self.knobs.counts, rng)
            worlds = truth(tree, columns(people), everything(people))
            if worlds not in trivial and bool(worlds >> world & 1) == kinds[speaker]:
                return tree, worlds

    def begin(self, task: Task) -> str:
        names: list[str] = task.public["names"]
        lines = "\n".join(
            f"- {name} says: {sentence(tree, names)}." for name, tree in zip(names, task.public["says"], strict=True)
        )
        return (
            "On an island everyone is either a knight or a knave. What a knight says is true as a whole; what a knave says is false "
            f"as a whole. You meet {len(names)} people: {', '.join(names)}.\n\n{lines}\n\n"
            'Here "or" means at least one of the two, "if A then B" is false only when A is true and B is false, and people '
            "may speak of themselves by name. Who is a knight and who is a knave?\n\nEnd your reply with one line that names "
            "every person once, in the form\nAnswer: NAME=knight, NAME=knave, ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        names: list[str] = task.public["names"]
        try:
            given = answer_pairs(reply, names=names, values=KINDS)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="knights_and_knaves.unreadable")
        kinds = [int(given[name] == "knight") for name in names]
        for name, knight, tree in zip(names, kinds, task.public["says"], strict=True):
            if truth(tree, kinds, 1) != knight:
                reason = f"{name} is called a {given[name]}, which what {name} says contradicts"
                return Verdict.of(0, code="knights_and_knaves.contradiction", reason=reason)
        return Verdict.of(1, code="knights_and_knaves.ok", reason="knights say what is true, knaves what is false")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['solution']}"

    def random_action(self, rng: random.Random) -> Action:
        """A random kind for each person."""
        names: list[str] = self.task.public["names"] if self.task is not None else PEOPLE[:3]
        return f"Answer: {answer(names, [rng.random() < 0.5 for _ in names])}"


def answer(names: Sequence[str], kinds: Sequence[bool]) -> str:
    return ", ".join(f"{name}={'knight' if knight else 'knave'}" for name, knight in zip(names, kinds, strict=True))


def everything(people: int) -> int:
    """A bit for each assignment of that many people."""
    return (1 << (1 << people)) - 1


@lru_cache
def columns(people: int) -> tuple[int, ...]:
    """For each person the assignments that make a knight of them; assignment a stands at bit a, and person p at bit p of a."""
    return tuple(sum(1 << world for world in range(1 << people) if world >> person & 1) for person in range(people))


def draw(people: int, depth: int, counts: bool, rng: random.Random) -> Says:
    """A random statement; `depth` bounds how deep connectives nest."""
    if depth and rng.random() < 0.8:
        connective = rng.choice(("and", "or", "not", "if", "iff"))
        parts = 1 if connective == "not" else 2
        return [connective, *(draw(people, depth - 1, counts, rng) for _ in range(parts))]
    leaf = rng.choice(("is", "is", "same", "count") if counts else ("is", "is", "same"))
    if leaf == "is":
        return ["is", rng.randrange(people), rng.random() < 0.5]
    if leaf == "same":
        return ["same", *rng.sample(range(people), 2), rng.random() < 0.5]
    among = sorted(rng.sample(range(people), rng.randint(3, people)))
    how = rng.choice(("exactly", "at least", "at most"))
    low, high = {"exactly": (0, len(among)), "at least": (1, len(among)), "at most": (0, len(among) - 1)}[how]
    return ["count", how, rng.randint(low, high), among]


def truth(tree: Says, knights: Sequence[int], full: int) -> int:
    """The assignments, as bits of `full`, in which a statement is true; `knights` holds the bits for each person."""
    match tree:
        case ["is", int(person), bool(knight)]:
            return knights[person] if knight else full ^ knights[person]
        case ["same", int(one), int(two), bool(same)]:
            differ = knights[one] ^ knights[two]
            return full ^ differ if same else differ
        case ["count", str(how), int(number), list(people)]:
            return counted(how, number, [knights[person] for person in people], full)
        case ["not", part]:
            return full ^ truth(part, knights, full)
    left, right = truth(tree[1], knights, full), truth(tree[2], knights, full)
    if tree[0] == "and":
        return left & right
    if tree[0] == "or":
        return left | right
    if tree[0] == "if":
        return full ^ left | right
    return full ^ left ^ right


def counted(how: str, number: int, knights: Sequence[int], full: int) -> int:
    """The assignments in which exactly, at least or at most that many of the people are knights."""
    exactly = [full] + [0] * len(knights)
    for column in knights:
        for total in range(len(knights), 0, -1):
            exactly[total] = exactly[total] & ~column | exactly[total - 1] & column
        exactly[0] &= ~column
    chosen = {"exactly": exactly[number : number + 1], "at least": exactly[number:], "at most": exactly[: number + 1]}
    worlds = 0
    for some in chosen[how]:
        worlds |= some
    return worlds


def sentence(tree: Says, names: Sequence[str], *, nested: bool = False) -> str:
    """A statement in words; a part that has a connective of its own stands in brackets."""
    match tree:
        case ["is", int(person), bool(knight)]:
            return f"{names[person]} is a {'knight' if knight else 'knave'}"
        case ["same", int(one), int(two), bool(same)]:
            return f"{names[one]} and {names[two]} are {'of the same kind' if same else 'of different kinds'}"
        case ["count", str(how), int(number), list(people)]:
            who = "all of us" if len(people) == len(names) else ", ".join(names[person] for person in people)
            return f"the number of knights among {who} is {how} {number}"
    parts = [sentence(part, names, nested=True) for part in tree[1:]]
    text = {
        "not": "it is not the case that {0}",
        "and": "{0} and {1}",
        "or": "{0} or {1}",
        "if": "if {0} then {1}",
        "iff": "{0} if and only if {1}",
    }[tree[0]].format(*parts)
    return f"({text})" if nested else text

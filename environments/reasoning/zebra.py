"""Zebra puzzle: find which house has which name, colour, drink and so on, from clues about neighbours.

Every puzzle has exactly one solution and no clue that could be left out: clues are added until a search finds no second solution, then
each is taken out again unless one appears. What is graded is the answer against the clues, never against the stored solution.
"""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.people import PEOPLE
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.answer_pairs import answer_pairs
from envgym.verifiers.structured_reply import Unreadable

Kind = Literal["at", "not at", "same", "not same", "left of", "before", "next to", "not next to", "one between"]
Clue = tuple[Kind, int, int]
"""What it says of two values, by their numbers (attribute * houses + which); for "at" and "not at" the second is a house from 0."""
Attribute = tuple[str, tuple[str, ...], str]
"""Its name, its values, and how a house with such a value is called."""
ATTRIBUTES: tuple[Attribute, ...] = (
    ("name", tuple(PEOPLE), "the house of {}"),
    ("colour", ("red", "blue", "green", "white", "yellow", "brown", "purple", "grey"), "the {} house"),
    ("pet", ("cat", "dog", "horse", "parrot", "rabbit", "snake", "turtle", "goat"), "the house with the {}"),
    (
        "drink",
        ("tea", "coffee", "milk", "juice", "water", "cocoa", "cider", "lemonade"),
        "the house where they drink {}",
    ),
    ("sport", ("tennis", "golf", "chess", "rowing", "boxing", "judo", "polo", "darts"), "the house of the {} player"),
    ("tree", ("oak", "birch", "pine", "maple", "willow", "cherry", "plum", "elm"), "the house with the {} tree"),
)
TEMPLATES: dict[Kind, str] = {
    "same": "{0} is {1}.",
    "not same": "{0} is not {1}.",
    "left of": "{0} is immediately to the left of {1}.",
    "before": "{0} is somewhere to the left of {1}.",
    "next to": "{0} is next to {1}.",
    "not next to": "{0} and {1} are different houses and not next to each other.",
    "one between": "There is exactly one house between {0} and {1}.",
}
EASY: tuple[Kind, ...] = ("at", "same", "left of", "next to")
HARD: tuple[Kind, ...] = ("at", "not at", "same", "not same", "before", "next to", "not next to", "one between")


def agrees(kind: Kind, one: int, two: int) -> bool:
    """Whether a clue holds for values in the houses `one` and `two`."""
    apart = two - one
    match kind:
        case "at" | "same":
            return apart == 0
        case "not at" | "not same":
            return apart != 0
        case "left of":
            return apart == 1
        case "before":
            return apart > 0
        case "next to":
            return abs(apart) == 1
        case "not next to":
            return abs(apart) > 1
        case "one between":
            return abs(apart) == 2


class Zebra(AnswerEnv):
    """From clues about neighbours, find the house of every name, colour, pet and so on; each puzzle has one solution."""

    id = "zebra"

    class Knobs(EnvKnobs):
        houses: int = Field(default=4, ge=3, le=6, description="How many houses stand in a row.")
        attributes: int = Field(default=3, ge=2, le=6, description="How many things are asked of each house.")
        clues: Literal["easy", "hard"] = Field(
            default="easy", description="Hard clues say less: not at, not same, somewhere left, one between."
        )

    class Public(BaseModel):
        values: list[list[str]] = Field(min_length=2, description="The values of each attribute, in no order.")
        clues: list[tuple[Kind, int, int]] = Field(min_length=1, description="Clues over the numbers of the values.")

    class Private(BaseModel):
        solution: str = Field(description="The only solution, VALUE=HOUSE for each value.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        houses, attributes = self.knobs.houses, self.knobs.attributes
        values = [rng.sample(names, houses) for _, names, _ in ATTRIBUTES[:attributes]]
        house_of = [house for _ in values for house in rng.sample(range(houses), houses)]
        clues = minimal(*enough(house_of, houses, self.knobs.clues, rng), house_of, houses)
        rng.shuffle(clues)
        return {
            "public": {"values": values, "clues": [list(clue) for clue in clues]},
            "private": {"solution": answer(values, house_of)},
            "difficulty": float(len(house_of)) * (2 if self.knobs.clues == "hard" else 1),
            "certificate": {"solutions": 1, "by": "exhaustive search", "every_clue_is_needed": True},
        }

    def begin(self, task: Task) -> str:
        values: list[list[str]] = task.public["values"]
        houses = len(values[0])
        kinds = "\n".join(
            f"- {name}: {', '.join(names)}" for (name, _, _), names in zip(ATTRIBUTES, values, strict=False)
        )
        clues = "\n".join(f"{at}. {sentence(clue, values)}" for at, clue in enumerate(task.public["clues"], 1))
        return (
            f"{houses} houses stand in a row, numbered 1 to {houses} from left to right. Each house has one of each kind, and no "
            f"two houses share one:\n{kinds}\n\nClues:\n{clues}\n\nWhich house has what? End your reply with one line that gives "
            f"the house number of every one of these {houses * len(values)} words once, in the form\n"
            "Answer: WORD=NUMBER, WORD=NUMBER, ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        values: list[list[str]] = task.public["values"]
        houses = len(values[0])
        words = [value for names in values for value in names]
        try:
            read = answer_pairs(reply, names=words, values={str(house): str(house) for house in range(1, houses + 1)})
        except Unreadable as error:
            return Verdict.malformed(str(error), code="zebra.unreadable")
        house_of = [int(read[word]) - 1 for word in words]
        for at, names in enumerate(values):
            if len(set(house_of[at * houses : (at + 1) * houses])) < houses:
                return Verdict.of(0, code="zebra.shared", reason=f"two of {', '.join(names)} are in one house")
        for clue in task.public["clues"]:
            kind, one, two = clue
            if not agrees(kind, house_of[one], two if kind in ("at", "not at") else house_of[two]):
                return Verdict.of(0, code="zebra.against_a_clue", reason=f"against the clue: {sentence(clue, values)}")
        return Verdict.of(1, code="zebra.ok", reason="every clue holds")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['solution']}"

    def random_action(self, rng: random.Random) -> Action:
        """The houses in random order for each attribute."""
        values: list[list[str]] = self.task.public["values"] if self.task is not None else [["red", "blue"]]
        return f"Answer: {answer(values, [house for names in values for house in rng.sample(range(len(names)), len(names))])}"


def answer(values: Sequence[Sequence[str]], house_of: Sequence[int]) -> str:
    words = [value for names in values for value in names]
    return ", ".join(f"{word}={house + 1}" for word, house in zip(words, house_of, strict=True))


def sentence(clue: Sequence[int | str], values: Sequence[Sequence[str]]) -> str:
    kind, one, two = clue
    if kind in ("at", "not at"):
        text = f"{called(int(one), values)} is {'' if kind == 'at' else 'not '}number {int(two) + 1}."
    else:
        text = TEMPLATES[kind].format(called(int(one), values), called(int(two), values))  # type: ignore[index]
    return text[0].upper() + text[1:]


def called(value: int, values: Sequence[Sequence[str]]) -> str:
    attribute, at = divmod(value, len(values[0]))
    return ATTRIBUTES[attribute][2].format(values[attribute][at])


def enough(
    house_of: list[int], houses: int, style: Literal["easy", "hard"], rng: random.Random
) -> tuple[list[Clue], list[list[int]]]:
    """True clues with one solution, and the others that were met: as long as there is one, a clue that it breaks is added.

    Half as many clues as values are drawn before the first search: it would find another solution with fewer.
    """
    kinds = EASY if style == "easy" else HARD
    values_in = [[value for value, at in enumerate(house_of) if at == house] for house in range(houses)]
    clues = [true_clue(house_of, values_in, kinds, rng) for _ in range(len(house_of) // 2)]
    others: list[list[int]] = []
    while (other := second(clues, house_of, houses)) is not None:
        others.append(other)
        while holds(clue := true_clue(house_of, values_in, kinds, rng), other):
            pass
        clues.append(clue)
    return clues, others


def true_clue(
    house_of: Sequence[int], values_in: Sequence[Sequence[int]], kinds: Sequence[Kind], rng: random.Random
) -> Clue:
    """A random clue that holds; `values_in` has the values of each house, by attribute."""
    houses = len(values_in)
    while True:
        kind = rng.choice(kinds)
        one = rng.randrange(len(house_of))
        second_houses = partners(kind, houses)[house_of[one]]
        if not second_houses or (kind == "at" and rng.random() < 0.7):
            continue
        house = rng.choice(second_houses)
        if kind in ("at", "not at"):
            return kind, one, house
        two = rng.choice(values_in[house])
        if kind not in ("same", "not same") or one // houses != two // houses:
            return kind, one, two


@lru_cache(maxsize=100)
def partners(kind: Kind, houses: int) -> tuple[tuple[int, ...], ...]:
    """For each house of the first value the houses of the second with which a clue holds."""
    return tuple(tuple(two for two in range(houses) if agrees(kind, one, two)) for one in range(houses))


def holds(clue: Clue, house_of: Sequence[int]) -> bool:
    kind, one, two = clue
    return agrees(kind, house_of[one], two if kind in ("at", "not at") else house_of[two])


def minimal(clues: list[Clue], others: list[list[int]], house_of: list[int], houses: int) -> list[Clue]:
    """The clues without those that can be left out one after the other with one solution still.

    A clue is needed when some other solution breaks it alone. Those that were met while adding mostly show it without a search.
    """
    broken = [sum(1 << at for at, clue in enumerate(clues) if not holds(clue, other)) for other in others]
    kept = (1 << len(clues)) - 1
    for at in range(len(clues)):
        if not any(bits & kept == 1 << at for bits in broken):
            rest = [clue for number, clue in enumerate(clues) if kept >> number & 1 and number != at]
            if second(rest, house_of, houses) is None:
                kept ^= 1 << at
    return [clue for at, clue in enumerate(clues) if kept >> at & 1]


@lru_cache(maxsize=200)
def reach(kind: Kind, houses: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """For each set of houses of one value, as bits, the houses that the other can have: first to second, then second to first."""
    pairs = [(one, two) for one in range(houses) for two in range(houses) if agrees(kind, one, two)]
    forth = [0] * (1 << houses)
    back = [0] * (1 << houses)
    for mask in range(1 << houses):
        for one, two in pairs:
            forth[mask] |= (mask >> one & 1) << two
            back[mask] |= (mask >> two & 1) << one
    return tuple(forth), tuple(back)


Links = list[list[tuple[int, tuple[int, ...]]]]
"""For each value the values that clues tie to it, with `reach` from it."""


def second(clues: Sequence[Clue], known: list[int], houses: int) -> list[int] | None:
    """A way to give the values houses that keeps the clues and is not `known`, which keeps them too. Exhaustive."""
    values = len(known)
    domains = [(1 << houses) - 1] * values
    links: Links = [[] for _ in range(values)]
    for kind, one, two in clues:
        if kind in ("at", "not at"):
            domains[one] &= 1 << two if kind == "at" else ~(1 << two)
        else:
            forth, back = reach(kind, houses)
            links[one].append((two, forth))
            links[two].append((one, back))
    return search(domains, list(range(values)), links, known, houses)


def search(domains: list[int], changed: list[int], links: Links, known: list[int], houses: int) -> list[int] | None:
    """As `second`; `domains` holds the houses left for each value, as bits, and is used up."""
    if not narrow(domains, changed, links, houses):
        return None
    fewest, value = min(
        [(domain.bit_count(), at) for at, domain in enumerate(domains) if domain & (domain - 1)], default=(0, 0)
    )
    if not fewest:
        found = [domain.bit_length() - 1 for domain in domains]
        return found if found != known else None
    left = domains[value]
    while left:
        bit = left & -left
        left ^= bit
        tried = domains.copy()
        tried[value] = bit
        other = search(tried, [value], links, known, houses)
        if other is not None:
            return other
    return None


def narrow(domains: list[int], changed: list[int], links: Links, houses: int) -> bool:
    """Takes out houses that a clue or another value of the attribute rules out; False when a value has none left."""
    while changed:
        value = changed.pop()
        domain = domains[value]
        for other, table in links[value]:
            left = domains[other] & table[domain]
            if left != domains[other]:
                if not left:
                    return False
                domains[other] = left
                changed.append(other)
        if domain & (domain - 1):
            continue
        first = value // houses * houses
        for other in range(first, first + houses):
            if domains[other] & domain and other != value:
                domains[other] ^= domain
                if not domains[other]:
                    return False
                changed.append(other)
    return True

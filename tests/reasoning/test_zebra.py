"""Zebra puzzles: one solution each, no clue too many, and a verdict by the clues alone."""

from collections.abc import Callable, Sequence
from itertools import permutations, product
from typing import Any

import pytest

from envgym import Task
from envgym.environments.reasoning.zebra import Zebra

PUZZLE: dict[str, Any] = {
    "values": [["Ada", "Ben", "Cleo"], ["red", "blue", "green"]],
    "clues": [["left of", 0, 1], ["same", 1, 3], ["before", 4, 5], ["not at", 1, 2]],
}
RIGHT = "Ada=1, Ben=2, Cleo=3, red=2, blue=1, green=3"


def verdict(reply: str) -> tuple[float | None, str]:
    found = Zebra().grade(reply, Task(id="t", env="zebra", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        f"Answer: {RIGHT}",
        RIGHT.upper(),
        f"<think>Ada=2</think>Ben is in house 2, so red=2.\n\n**Answer:** {RIGHT}.",
        "Answer:\n- Ada: 1\n- Ben: 2\n- Cleo: 3\n- **red**: 2\n- blue: 1\n- green: 3\n",
        "| word | house |\n|---|---|\n" + "".join(f"| {pair.replace('=', ' | ')} |\n" for pair in RIGHT.split(", ")),
        f"\\boxed{{{RIGHT}}}",
    ],
)
def test_the_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "zebra.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "unreadable"),
        ("Ada=1, Ben=2, Cleo=3", "unreadable"),
        (f"<think>{RIGHT}", "unreadable"),
        (RIGHT.replace("green=3", "green=4"), "unreadable"),
        (RIGHT.replace("green=3", "green=3 or 1"), "unreadable"),
        (f"Answer: {RIGHT}\nAnswer: {RIGHT.replace('red=2, blue=1', 'red=1, blue=2')}", "unreadable"),
        (RIGHT.replace("green=3", "green=2"), "shared"),
        (RIGHT.replace("red=2, blue=1", "red=1, blue=2"), "against_a_clue"),
        (RIGHT.replace("blue=1, green=3", "blue=3, green=1"), "against_a_clue"),
        ("\x00\ud800", "unreadable"),
        ("red=1," * 200_000, "unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, f"zebra.{code}")


def solutions(public: dict[str, Any], clues: Sequence[Sequence[Any]]) -> list[str]:
    """Every order of every attribute, tried one after the other."""
    words = [word for names in public["values"] for word in names]
    houses = len(public["values"][0])
    tests: dict[str, Callable[[int, int, int], bool]] = {
        "at": lambda one, two, other: one == other,
        "not at": lambda one, two, other: one != other,
        "same": lambda one, two, other: one == two,
        "not same": lambda one, two, other: one != two,
        "left of": lambda one, two, other: one + 1 == two,
        "before": lambda one, two, other: one < two,
        "next to": lambda one, two, other: two in (one - 1, one + 1),
        "not next to": lambda one, two, other: two not in (one - 1, one, one + 1),
        "one between": lambda one, two, other: two in (one - 2, one + 2),
    }
    found = []
    for orders in product(permutations(range(1, houses + 1)), repeat=len(public["values"])):
        house = [number for order in orders for number in order]
        if all(tests[kind](house[one], house[two % len(house)], two + 1) for kind, one, two in clues):
            found.append(", ".join(f"{word}={number}" for word, number in zip(words, house, strict=True)))
    return found


def test_the_example_has_one_solution() -> None:
    assert solutions(PUZZLE, PUZZLE["clues"]) == [RIGHT]


@pytest.mark.parametrize("settings", [{"houses": 3, "attributes": 2}, {"houses": 4}, {"houses": 4, "clues": "hard"}])
def test_every_puzzle_has_exactly_one_solution_and_needs_every_clue(settings: dict[str, Any]) -> None:
    tasks = Zebra(**settings).taskset(1)
    for index in range(3):
        public = tasks[index].public
        assert solutions(public, public["clues"]) == [tasks[index].private["solution"]]
        for clue in public["clues"]:
            assert len(solutions(public, [other for other in public["clues"] if other is not clue])) > 1

"""Knights and knaves: one solution each, and a verdict by the statements alone."""

from itertools import product
from typing import Any

import pytest

from envgym import Task
from envgym.environments.reasoning.knights_and_knaves import KnightsAndKnaves

PUZZLE: dict[str, Any] = {
    "names": ["Ada", "Ben", "Cleo"],
    "says": [["is", 1, False], ["same", 0, 2, True], ["and", ["is", 0, False], ["not", ["is", 1, False]]]],
}
RIGHT = "Ada=knight, Ben=knave, Cleo=knave"


def verdict(reply: str) -> tuple[float | None, str]:
    found = KnightsAndKnaves().grade(reply, Task(id="t", env="knights_and_knaves", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        f"Answer: {RIGHT}",
        RIGHT,
        f"<think>Ada=knave, Ben=knave, Cleo=knave</think>If Ben is a knight, then no.\n\n**Answer:** {RIGHT.upper()}.",
        "Answer:\n- Ada: knight\n- Ben: knave\n- Cleo: knave\n",
        "Ben is a knave, Ada is a knight and Cleo is a knave.",
        "| Name | Kind |\n|---|---|\n| Ada | **knight** |\n| Ben | knave |\n| Cleo | knave |",
        '```json\n{"Ada": "knight",\n "Ben": "knave",\n "Cleo": "knave"}\n```',
        "So $\\boxed{\\text{Ada}=\\text{knight}, Ben=knave, Cleo=knave}$",
    ],
)
def test_the_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "knights_and_knaves.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "unreadable"),
        ("Ada=knight, Ben=knave", "unreadable"),
        (f"<think>{RIGHT}", "unreadable"),
        ("Ada=knight, Ben=knave, Cleo=spy", "unreadable"),
        ("Answer: Ada=knight, Ben=knave, Cleo=knave or knight", "unreadable"),
        (f"Answer: {RIGHT}\nor Ada=knave, Ben=knight, Cleo=knave", "unreadable"),
        (f"Answer: {RIGHT}\nAnswer: Ada=knave, Ben=knight, Cleo=knight", "unreadable"),
        (f"{RIGHT}\nAda=knave, Ben=knight, Cleo=knave", "unreadable"),
        (f"{RIGHT}, Cleo=knight", "unreadable"),
        ("Ada is not a knight, Ben is a knave, Cleo is a knave", "unreadable"),
        ("Ada=knave, Ben=knave, Cleo=knave", "contradiction"),
        ("Ada=knight, Ben=knight, Cleo=knave", "contradiction"),
        ("\x00\ud800", "unreadable"),
        ("Answer: " * 150_000, "unreadable"),
        ("Ada=knight," * 100_000, "unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, f"knights_and_knaves.{code}")


def holds(tree: list[Any], knight: tuple[bool, ...]) -> bool:
    """A statement under one assignment, spelt out again for one world at a time."""
    kind, *parts = tree
    if kind == "is":
        return knight[parts[0]] is parts[1]
    if kind == "same":
        return (knight[parts[0]] is knight[parts[1]]) is parts[2]
    if kind == "count":
        total = sum(knight[person] for person in parts[2])
        return bool(
            {"exactly": total == parts[1], "at least": total >= parts[1], "at most": total <= parts[1]}[parts[0]]
        )
    values = [holds(part, knight) for part in parts]
    truth: dict[str, bool] = {
        "not": not values[0],
        "and": all(values),
        "or": any(values),
        "if": not values[0] or values[-1],
        "iff": values[0] is values[-1],
    }
    return truth[kind]


def solutions(public: dict[str, Any]) -> list[str]:
    worlds = product((True, False), repeat=len(public["names"]))
    return [
        ", ".join(
            f"{name}={'knight' if knight else 'knave'}" for name, knight in zip(public["names"], world, strict=True)
        )
        for world in worlds
        if all(holds(tree, world) is knight for tree, knight in zip(public["says"], world, strict=True))
    ]


def test_the_example_has_one_solution() -> None:
    assert solutions(PUZZLE) == [RIGHT]


@pytest.mark.parametrize(("people", "depth"), [(3, 0), (5, 1), (8, 3)])
def test_every_puzzle_has_exactly_one_solution(people: int, depth: int) -> None:
    tasks = KnightsAndKnaves(people=people, depth=depth).taskset(1)
    for index in range(10):
        assert solutions(tasks[index].public) == [tasks[index].private["solution"]]

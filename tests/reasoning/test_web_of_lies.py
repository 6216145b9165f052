"""Webs of lies: one solution each, and a verdict by the statements alone."""

from itertools import product
from typing import Any

import pytest

from envgym import Task
from envgym.environments.reasoning.web_of_lies import WebOfLies

PUZZLE: dict[str, Any] = {
    "names": ["Ada", "Ben", "Cleo"],
    "known": [0, True],
    "says": [[0, [1], True], [1, [0, 2], False]],
}
RIGHT = "Ada=liar, Ben=honest, Cleo=liar"


def verdict(reply: str) -> tuple[float | None, str]:
    found = WebOfLies().grade(reply, Task(id="t", env="web_of_lies", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        f"Answer: {RIGHT}",
        RIGHT.upper(),
        f"<think>Ada=honest</think>Ada lies, so Ben=honest.\n\n**Answer:** {RIGHT}.",
        "Answer:\n- Ada: liar\n- Ben: truthful\n- Cleo: **liar**\n",
        "Ada lies\nBen is honest\nCleo lies",
        "| name | status |\n|---|---|\n| Ada | liar |\n| Ben | honest |\n| Cleo | liar |",
        '{"Ada": "liar", "Ben": "honest", "Cleo": "liar"}',
    ],
)
def test_the_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "web_of_lies.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "unreadable"),
        ("Ada=liar, Ben=honest", "unreadable"),
        (f"<think>{RIGHT}", "unreadable"),
        (RIGHT.replace("Cleo=liar", "Cleo=liar or honest"), "unreadable"),
        (RIGHT.replace("Cleo=liar", "Cleo=unknown"), "unreadable"),
        (f"Answer: {RIGHT}\nAnswer: Ada=liar, Ben=honest, Cleo=honest", "unreadable"),
        (f"Answer: {RIGHT}\nOr perhaps Cleo=honest", "unreadable"),
        ("Ada=honest, Ben=liar, Cleo=liar", "known_changed"),
        ("Ada=liar, Ben=honest, Cleo=honest", "contradiction"),
        ("Ada=liar, Ben=liar, Cleo=liar", "contradiction"),
        ("\x00\ud800", "unreadable"),
        ("Ada=liar," * 120_000, "unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, f"web_of_lies.{code}")


def solutions(public: dict[str, Any]) -> list[str]:
    """Every way to make people liars, tried one after the other: a liar's statement is false, every other is true."""
    names = public["names"]
    found = []
    for world in product((False, True), repeat=len(names)):
        person, known = public["known"]
        fits = world[person] is known
        for speaker, about, odd in public["says"]:
            liars = len([one for one in about if world[one]])
            claim = liars in (1, 3) if odd else liars in (0, 2, 4)
            fits = fits and claim is not world[speaker]
        if fits:
            found.append(
                ", ".join(f"{name}={'liar' if lie else 'honest'}" for name, lie in zip(names, world, strict=True))
            )
    return found


def test_the_example_has_one_solution() -> None:
    assert solutions(PUZZLE) == [RIGHT]


@pytest.mark.parametrize("settings", [{"people": 3, "group": 1}, {}, {"people": 10, "group": 4, "extra": 5}])
def test_every_puzzle_has_exactly_one_solution(settings: dict[str, Any]) -> None:
    tasks = WebOfLies(**settings).taskset(1)
    for index in range(5):
        assert solutions(tasks[index].public) == [tasks[index].private["solution"]]

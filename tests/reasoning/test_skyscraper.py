"""Skyscrapers: one solution each, and a verdict by the rules alone."""

from itertools import permutations
from typing import Any

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.skyscraper import Skyscraper

PUZZLE = {
    "clues": {"top": [3, 2, 2, 1], "bottom": [1, 2, 2, 0], "left": [4, 2, 2, 1], "right": [1, 0, 2, 4]},
    "givens": [[0, 0, 0, 4], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
}
RIGHT = "1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 1"
SWAPPED = "1 2 4 3\n3 4 2 1\n2 1 3 4\n4 3 1 2"


def verdict(reply: str) -> tuple[float | None, str]:
    found = Skyscraper().grade(reply, Task(id="t", env="skyscraper", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        RIGHT,
        f"<think>1 1 1 1</think>Here it is:\n\n```\n{RIGHT}\n```\nDone.",
        RIGHT.replace(" ", ""),
        "| " + RIGHT.replace(" ", " | ").replace("\n", " |\n| ") + " |",
        "[[1,2,3,4],[3,4,1,2],[2,1,4,3],[4,3,2,1]]",
    ],
)
def test_the_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "skyscraper.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("I cannot.", "skyscraper.unreadable"),
        (f"<think>{RIGHT}", "skyscraper.unreadable"),
        (RIGHT.replace("4 3 2 1", "4 3 2 5"), "skyscraper.unreadable"),
        (SWAPPED, "skyscraper.given_changed"),
        (f"{RIGHT}\n\nor perhaps\n\n{SWAPPED}", "skyscraper.unreadable"),
        (RIGHT.replace("3 4 1 2", "3 4 2 2"), "skyscraper.repeated"),
        ("1 2 3 4\n3 4 1 2\n4 3 2 1\n2 1 4 3", "skyscraper.clue_broken"),
        ("\x00\ud800", "skyscraper.unreadable"),
        ("1 2 3 " * 200_000, "skyscraper.unreadable"),
        ("[[" * 50_000, "skyscraper.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def visible(line: list[int]) -> int:
    return sum(all(before < height for before in line[:at]) for at, height in enumerate(line))


def solutions(public: dict[str, Any]) -> int:
    """Counts by going through all Latin squares: nothing of it is shared with the generator."""
    size = len(public["givens"])
    squares: list[list[tuple[int, ...]]] = [[]]
    for given in public["givens"]:
        squares = [
            [*square, row]
            for square in squares
            for row in permutations(range(1, size + 1))
            if all(cell in (0, height) for cell, height in zip(given, row, strict=True))
            and all(row[at] != above[at] for above in square for at in range(size))
        ]
    return sum(fits(square, public["clues"], size) for square in squares)


def fits(square: list[tuple[int, ...]], clues: dict[str, list[int]], size: int) -> bool:
    for at in range(size):
        row, column = list(square[at]), [line[at] for line in square]
        looks = {"left": row, "right": row[::-1], "top": column, "bottom": column[::-1]}
        if any(clues[side][at] not in (0, visible(line)) for side, line in looks.items()):
            return False
    return True


@pytest.mark.parametrize(("size", "hidden"), [(3, 0.8), (4, 0.0), (4, 0.5)])
def test_every_puzzle_has_exactly_one_solution(size: int, hidden: float) -> None:
    tasks = Skyscraper(size=size, hidden=hidden).taskset(1)
    assert [solutions(tasks[index].public) for index in range(8)] == [1] * 8


def test_a_reply_is_never_an_exception() -> None:
    assert Skyscraper().grade("\ud800[[", Task(id="t", env="skyscraper", public=PUZZLE)).outcome is Outcome.MALFORMED

"""Calcudoku: one solution each, and a verdict by the rules alone."""

from itertools import permutations
from math import prod
from typing import Any

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.calcudoku import Calcudoku

PUZZLE = {
    "size": 3,
    "cages": [
        {"cells": [[0, 0], [0, 1]], "operation": "/", "target": 2},
        {"cells": [[0, 2], [1, 2], [1, 1]], "operation": "*", "target": 9},
        {"cells": [[1, 0], [2, 0]], "operation": "-", "target": 1},
        {"cells": [[2, 1], [2, 2]], "operation": "+", "target": 3},
    ],
}
RIGHT = "1 2 3\n2 3 1\n3 1 2"
TURNED = "2 1 3\n1 3 2\n3 2 1"


def verdict(reply: str) -> tuple[float | None, str]:
    found = Calcudoku().grade(reply, Task(id="t", env="calcudoku", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        RIGHT,
        f"<think>1 1 1</think>Here it is:\n\n```\n{RIGHT}\n```\nDone.",
        RIGHT.replace(" ", ""),
        "| " + RIGHT.replace(" ", " | ").replace("\n", " |\n| ") + " |",
        "[[1,2,3],[2,3,1],[3,1,2]]",
    ],
)
def test_the_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "calcudoku.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("I cannot.", "calcudoku.unreadable"),
        (f"<think>{RIGHT}", "calcudoku.unreadable"),
        (RIGHT.replace("3 1 2", "3 1 4"), "calcudoku.unreadable"),
        ("1 2 3\n2 3 1\n3 1 1", "calcudoku.repeated"),
        ("1 2 3\n1 3 2\n3 1 2", "calcudoku.repeated"),
        (TURNED, "calcudoku.cage_broken"),
        (f"{RIGHT}\n\nor perhaps\n\n{TURNED}", "calcudoku.unreadable"),
        ("\x00\ud800", "calcudoku.unreadable"),
        ("1 2 3 " * 200_000, "calcudoku.unreadable"),
        ("[[" * 50_000, "calcudoku.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def solutions(public: dict[str, Any]) -> int:
    """Counts by going through all Latin squares: nothing of it is shared with the generator."""
    size = public["size"]
    squares: list[list[tuple[int, ...]]] = [[]]
    for _ in range(size):
        squares = [
            [*square, row]
            for square in squares
            for row in permutations(range(1, size + 1))
            if all(row[at] != above[at] for above in square for at in range(size))
        ]
    return sum(all(kept(cage, square) for cage in public["cages"]) for square in squares)


def kept(cage: dict[str, Any], square: list[tuple[int, ...]]) -> bool:
    numbers: list[int] = sorted((square[row][column] for row, column in cage["cells"]), reverse=True)
    target: int = cage["target"]
    match cage["operation"]:
        case "+":
            return sum(numbers) == target
        case "-":
            return numbers[0] - numbers[1] == target
        case "*":
            return prod(numbers) == target
        case "/":
            return numbers[0] == target * numbers[1]
        case _:
            return numbers == [target]


@pytest.mark.parametrize(("size", "cage"), [(3, 4), (4, 3), (4, 4)])
def test_every_puzzle_has_exactly_one_solution(size: int, cage: int) -> None:
    tasks = Calcudoku(size=size, cage=cage).taskset(1)
    assert [solutions(tasks[index].public) for index in range(8)] == [1] * 8


def test_every_cell_is_in_one_cage() -> None:
    public = Calcudoku(size=6, cage=4).taskset(1)[0].public
    cells = [tuple(cell) for cage in public["cages"] for cell in cage["cells"]]
    assert sorted(cells) == [(row, column) for row in range(6) for column in range(6)]


def test_a_reply_is_never_an_exception() -> None:
    assert Calcudoku().grade("\ud800[[", Task(id="t", env="calcudoku", public=PUZZLE)).outcome is Outcome.MALFORMED

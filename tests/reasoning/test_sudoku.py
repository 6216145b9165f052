"""Sudoku: one solution each, and a verdict by the rules alone."""

from itertools import product

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.sudoku import Grid, Sudoku, units

PUZZLE = {"givens": [[1, 0, 0, 4], [0, 4, 1, 0], [2, 1, 0, 0], [0, 0, 2, 1]]}
RIGHT = "1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 1"

DRAFT = "1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 1 2"


def verdict(reply: str) -> tuple[float | None, str]:
    task = Task(id="t", env="sudoku", public=PUZZLE, private={"solution": RIGHT.splitlines()})
    found = Sudoku().grade(reply, task)
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        RIGHT,
        f"<think>1 1 1 1</think>Here it is:\n\n```\n{RIGHT}\n```\nDone.",
        RIGHT.replace(" ", ""),
        "| " + RIGHT.replace(" ", " | ").replace("\n", " |\n| ") + " |",
        "[[1,2,3,4],[3,4,1,2],[2,1,4,3],[4,3,2,1]]",
        RIGHT.replace("2\n2", "2\n----+----\n2"),
        f"First try:\n{DRAFT}\n\nNo.\n**Answer:**\n{RIGHT}",
    ],
)
def test_the_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "sudoku.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "sudoku.unreadable"),
        ("I cannot.", "sudoku.unreadable"),
        (f"<think>{RIGHT}", "sudoku.unreadable"),
        (RIGHT.replace("1 2 3 4\n", ""), "sudoku.unreadable"),
        (RIGHT.replace("4 3 2 1", "4 3 2 5"), "sudoku.unreadable"),
        ("2 1 4 3\n3 4 1 2\n1 2 3 4\n4 3 2 1", "sudoku.given_changed"),
        ("1 2 2 4\n3 4 1 3\n2 1 4 3\n4 3 2 1", "sudoku.repeated"),
        (f"{DRAFT}\n\nNo, it is:\n{RIGHT}", "sudoku.unreadable"),
        (f"Answer:\n{DRAFT}\n\nNo, it is:\n{RIGHT}", "sudoku.unreadable"),
        ("9" * 200_000, "sudoku.unreadable"),
        ("[[" * 50_000, "sudoku.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def solutions(givens: Grid) -> int:
    """Counts by trying every number in every empty cell: slow, and nothing of it is shared with the generator."""
    size = len(givens)
    empty = [(row, column) for row, column in product(range(size), repeat=2) if not givens[row][column]]
    if not empty:
        return 1
    row, column = empty[0]
    cells = [cells for _, cells in units(size) if row * size + column in cells]
    taken = {givens[cell // size][cell % size] for unit in cells for cell in unit}
    return sum(
        solutions([*givens[:row], [*givens[row][:column], number, *givens[row][column + 1 :]], *givens[row + 1 :]])
        for number in range(1, size + 1)
        if number not in taken
    )


@pytest.mark.parametrize(("size", "empty"), [(4, 0.8), (6, 0.6), (8, 0.5), (9, 0.5)])
def test_every_puzzle_has_exactly_one_solution(size: int, empty: float) -> None:
    tasks = Sudoku(size=size, empty=empty).taskset(1)
    assert [solutions(tasks[index].public["givens"]) for index in range(5)] == [1] * 5


def test_in_a_puzzle_with_few_givens_none_of_them_can_go() -> None:
    givens = Sudoku(size=4, empty=0.8).taskset(1)[0].public["givens"]
    for row, column in product(range(4), repeat=2):
        if givens[row][column]:
            fewer = [line.copy() for line in givens]
            fewer[row][column] = 0
            assert solutions(fewer) > 1


def test_a_reply_is_never_an_exception() -> None:
    assert Sudoku().grade("\x00\ud800", Task(id="t", env="sudoku", public=PUZZLE)).outcome is Outcome.MALFORMED

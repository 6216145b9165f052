"""Minesweeper on paper: one solution each, and a verdict by the numbers alone."""

from itertools import product

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.minesweeper import COVERED, Minesweeper

PUZZLE = {"board": [[2, -1, 1], [-1, 2, 1], [1, -1, 0]]}
"""One mine lies above the middle and one left of it."""
RIGHT = ". M .\nM . .\n. . ."


def verdict(reply: str) -> tuple[float | None, str]:
    found = Minesweeper().grade(reply, Task(id="t", env="minesweeper", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        RIGHT,
        RIGHT.lower(),
        f"<think>M M M</think>Here it is:\n\n```\n{RIGHT}\n```\nDone.",
        RIGHT.replace(" ", ""),
        "| " + RIGHT.replace(" ", " | ").replace("\n", " |\n| ") + " |",
        '[["2","M","1"],["M","2","1"],["1",".","0"]]',
        "2 M 1\nM 2 1\n1 _ 0",
    ],
)
def test_the_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "minesweeper.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("I cannot.", "minesweeper.unreadable"),
        (f"<think>{RIGHT}", "minesweeper.unreadable"),
        ("2 ? 1\n? 2 1\n1 ? 0", "minesweeper.unreadable"),
        (RIGHT.replace(". . .", "X . ."), "minesweeper.unreadable"),
        (". . .\n. . .\n. . .", "minesweeper.number_broken"),
        (". M .\nM . .\n. M .", "minesweeper.number_broken"),
        ("M M M\nM M M\nM M M", "minesweeper.mine_on_number"),
        (f"{RIGHT}\n\nor perhaps\n\n. . .\nM . .\n. M .", "minesweeper.unreadable"),
        ("\x00\ud800", "minesweeper.unreadable"),
        (". M . " * 200_000, "minesweeper.unreadable"),
        ("[[" * 50_000, "minesweeper.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def solutions(board: list[list[int]]) -> int:
    """Counts by trying mines and no mines in every covered cell: nothing of it is shared with the generator."""
    rows, columns = len(board), len(board[0])
    covered = [(row, column) for row in range(rows) for column in range(columns) if board[row][column] == COVERED]
    count = 0
    for mined in product((False, True), repeat=len(covered)):
        mines = {cell for cell, mine in zip(covered, mined, strict=True) if mine}
        count += all(
            board[row][column] == COVERED
            or board[row][column]
            == sum(max(abs(row - mine_row), abs(column - mine_column)) <= 1 for mine_row, mine_column in mines)
            for row in range(rows)
            for column in range(columns)
        )
    return count


@pytest.mark.parametrize(("shown", "mines"), [(0.0, 0.2), (0.5, 0.3), (0.0, 0.5)])
def test_every_board_has_exactly_one_solution(shown: float, mines: float) -> None:
    tasks = Minesweeper(rows=4, columns=3, shown=shown, mines=mines).taskset(1)
    assert [solutions(tasks[index].public["board"]) for index in range(8)] == [1] * 8


def test_the_hidden_boards_have_mines_and_covered_safe_cells() -> None:
    tasks = Minesweeper(rows=8, columns=8).taskset(1)
    for index in range(3):
        covered = sum(row.count(COVERED) for row in tasks[index].public["board"])
        assert 0 < tasks[index].private["solution"].count("M") < covered


def test_a_reply_is_never_an_exception() -> None:
    task = Task(id="t", env="minesweeper", public=PUZZLE)
    assert Minesweeper().grade("\ud800[[", task).outcome is Outcome.MALFORMED

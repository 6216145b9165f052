"""Tents and trees: one solution each, and a verdict by the rules alone."""

from itertools import combinations, product
from typing import Any

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.tents import Tents

PUZZLE = {"board": ["T___", "____", "__T_", "____"], "rows": [1, 0, 1, 0], "columns": [0, 1, 0, 1]}
RIGHT = "T A . .\n. . . .\n. . T A\n. . . ."
FAR = "T . . A\n. . . .\n. A T .\n. . . ."
"""The counts are kept, but the first tree has no tent."""


def verdict(reply: str, **changed: Any) -> tuple[float | None, str]:
    found = Tents().grade(reply, Task(id="t", env="tents", public=PUZZLE | changed))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        RIGHT,
        RIGHT.lower().replace(".", "_"),
        f"<think>A A A A</think>Here it is:\n\n```\n{RIGHT}\n```\nDone.",
        RIGHT.replace(" ", ""),
        "| " + RIGHT.replace(" ", " | ").replace("\n", " |\n| ") + " |",
        str([list(line.split()) for line in RIGHT.splitlines()]).replace("'", '"'),
    ],
)
def test_the_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "tents.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("I cannot.", "tents.unreadable"),
        (f"<think>{RIGHT}", "tents.unreadable"),
        (RIGHT.replace("A", "X"), "tents.unreadable"),
        (RIGHT.replace("T", "."), "tents.board_changed"),
        (RIGHT.replace(". . . .", "T . . ."), "tents.board_changed"),
        (RIGHT.replace("A", "."), "tents.wrong_count"),
        ("T . A .\n. . . .\n. . T A\n. . . .", "tents.wrong_count"),
        (FAR, "tents.not_paired"),
        (f"{RIGHT}\n\nor perhaps\n\n{FAR}", "tents.unreadable"),
        ("\x00\ud800", "tents.unreadable"),
        ("T A . " * 200_000, "tents.unreadable"),
        ("[[" * 50_000, "tents.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def test_tents_may_not_touch_at_a_corner() -> None:
    public = {"board": ["T___", "___T", "____", "____"], "rows": [1, 1, 0, 0], "columns": [0, 1, 1, 0]}
    assert verdict("T A . .\n. . A T\n. . . .\n. . . .", **public) == (0.0, "tents.touching")


def test_two_tents_beside_one_tree_do_not_serve_a_second_one() -> None:
    public = {"board": ["____", "_T__", "___T", "____"], "rows": [1, 0, 1, 0], "columns": [0, 2, 0, 0]}
    assert verdict(". A . .\n. T . .\n. A . T\n. . . .", **public) == (0.0, "tents.not_paired")


def test_a_given_tent_must_stay() -> None:
    assert verdict(FAR, board=["TA__", "____", "__T_", "____"]) == (0.0, "tents.board_changed")


def solutions(public: dict[str, Any]) -> int:
    """Counts by giving each tree each of its four places: nothing of it is shared with the generator."""
    board = public["board"]
    size = len(board)
    cells = list(product(range(size), repeat=2))
    trees = [(row, column) for row, column in cells if board[row][column] == "T"]
    given = {(row, column) for row, column in cells if board[row][column] == "A"}
    places = [[cell for cell in cells if abs(cell[0] - row) + abs(cell[1] - column) == 1] for row, column in trees]
    found = set()
    for chosen in product(*places):
        tents = frozenset(chosen)
        if (
            len(tents) == len(trees)
            and tents >= given
            and not tents & set(trees)
            and [sum(row == at for row, _ in tents) for at in range(size)] == public["rows"]
            and [sum(column == at for _, column in tents) for at in range(size)] == public["columns"]
            and all(max(abs(a - c), abs(b - d)) > 1 for (a, b), (c, d) in combinations(tents, 2))
        ):
            found.add(tents)
    return len(found)


@pytest.mark.parametrize(("size", "tents"), [(4, 0.2), (5, 0.22), (6, 0.17)])
def test_every_puzzle_has_exactly_one_solution(size: int, tents: float) -> None:
    tasks = Tents(size=size, tents=tents).taskset(1)
    assert [solutions(tasks[index].public) for index in range(8)] == [1] * 8


def test_a_reply_is_never_an_exception() -> None:
    assert Tents().grade("\ud800[[", Task(id="t", env="tents", public=PUZZLE)).outcome is Outcome.MALFORMED

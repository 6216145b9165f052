"""Queens: boards that can be completed, and a verdict by the rules alone."""

from itertools import permutations

import pytest

from envgym import Outcome, Task, UsageError
from envgym.environments.reasoning.n_queens import NQueens

PUZZLE = {"size": 5, "given": [[0, 0]]}
RIGHT = "Q . . . .\n. . Q . .\n. . . . Q\n. Q . . .\n. . . Q ."
OTHER = "Q . . . .\n. . . Q .\n. Q . . .\n. . . . Q\n. . Q . ."


def verdict(reply: str) -> tuple[float | None, str]:
    found = NQueens().grade(reply, Task(id="t", env="n_queens", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        RIGHT,
        OTHER,
        RIGHT.lower().replace(".", "_"),
        f"<think>Q Q Q Q Q</think>Here it is:\n\n```\n{RIGHT}\n```\nDone.",
        RIGHT.replace(" ", ""),
        "| " + RIGHT.replace(" ", " | ").replace("\n", " |\n| ") + " |",
        str([list(line.split()) for line in RIGHT.splitlines()]).replace("'", '"'),
    ],
)
def test_any_completion_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "n_queens.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("I cannot.", "n_queens.unreadable"),
        (f"<think>{RIGHT}", "n_queens.unreadable"),
        (RIGHT.replace("Q", "X"), "n_queens.unreadable"),
        (RIGHT[::-1], "n_queens.given_changed"),
        (RIGHT[:-3] + ". .", "n_queens.wrong_number"),
        (RIGHT.replace(".", "Q"), "n_queens.wrong_number"),
        ("Q . . . .\n. . Q . .\n. . . . Q\n. . . Q .\n. Q . . .", "n_queens.attacked"),
        (RIGHT.replace(". Q . . .", "Q . . . ."), "n_queens.attacked"),
        (f"{RIGHT}\n\nor perhaps\n\n{RIGHT.replace('. Q . . .', '. . . Q .')}", "n_queens.unreadable"),
        ("\x00\ud800", "n_queens.unreadable"),
        (". Q . " * 200_000, "n_queens.unreadable"),
        ("[[" * 50_000, "n_queens.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def completions(size: int, given: list[list[int]]) -> list[str]:
    """By going through all orders of the columns: nothing of it is shared with the generator or the verdict."""
    boards = []
    for columns in permutations(range(size)):
        diagonals = all(abs(columns[one] - columns[two]) != two - one for two in range(size) for one in range(two))
        if diagonals and all(columns[row] == column for row, column in given):
            boards.append("\n".join(" ".join("Q" if at == column else "." for at in range(size)) for column in columns))
    return boards


def test_the_hidden_board_is_a_completion_and_every_completion_passes() -> None:
    env = NQueens(size=6, given=2)
    for index in range(8):
        task = env.taskset(1)[index]
        boards = completions(6, task.public["given"])
        assert task.private["solution"] in [board.replace(" ", "") for board in boards]
        assert [env.grade(board, task).score for board in boards] == [1.0] * len(boards)


def test_too_many_given_queens_are_refused() -> None:
    with pytest.raises(UsageError, match="given=7"):
        NQueens(size=8, given=7).taskset(1)[0]


def test_a_reply_is_never_an_exception() -> None:
    assert NQueens().grade("\ud800[[", Task(id="t", env="n_queens", public=PUZZLE)).outcome is Outcome.MALFORMED

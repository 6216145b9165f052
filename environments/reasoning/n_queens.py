"""Queens: complete a board so that no two queens attack each other, with some queens already placed.

The queens that are placed come from a full board, so each task is solvable by construction; without them any learnt placing would pass.
Any completion that keeps them and the rules passes.

Completing a given placing is NP-complete: Gent, Jefferson, Nightingale, "Complexity of n-Queens Completion", 2017.
"""

import random
from collections.abc import Iterator

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable, grid

TRIES = 6
"""Cells tried, times the size, before a random search starts anew: rare searches would run very long."""
SYMBOLS = {"Q": "Q", "q": "Q", ".": ".", "_": "."}
"""What a cell of the answer may be, and what it means."""


class NQueens(AnswerEnv):
    """Place queens so that none attacks another, around queens that already stand on the board."""

    id = "n_queens"

    class Knobs(EnvKnobs):
        size: int = Field(default=8, ge=4, le=16, description="Rows and columns; also the number of queens.")
        given: int = Field(default=2, ge=0, le=14, description="Queens already placed; at most size - 2.")

    class Public(BaseModel):
        size: int = Field(ge=4, description="Rows and columns.")
        given: list[list[int]] = Field(description="Row and column, from 0, of each queen already placed.")

    class Private(BaseModel):
        solution: str = Field(description="Rows of one full board: Q for a queen, a dot for an empty cell.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        size, given = self.knobs.size, self.knobs.given
        if given > size - 2:
            raise UsageError(f"n_queens: given={given} leaves too little to place at size={size}; at most {size - 2}")
        columns = full_board(size, rng)
        rows = sorted(rng.sample(range(size), given))
        return {
            "public": {"size": size, "given": [[row, columns[row]] for row in rows]},
            "private": {"solution": picture(size, list(enumerate(columns))).replace(" ", "")},
            "difficulty": float(size - given),
            "certificate": {"solvable": "by construction"},
        }

    def begin(self, task: Task) -> str:
        size, given = task.public["size"], task.public["given"]
        there = "The queens that stand on it must stay. " if given else ""
        return (
            f"Place queens on this board of {size} by {size} until it holds {size}, so that no two stand in the same row, the "
            f"same column or on the same diagonal, however far apart. {there}Q is a queen, a dot an empty cell.\n\n"
            f"{picture(size, given)}\n\n"
            f"End your reply with the whole board: {size} lines of {size} cells separated by blanks, Q for a queen and . for an "
            "empty cell."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        size = task.public["size"]
        try:
            given = [line.split() for line in picture(size, task.public["given"]).splitlines()]
            cells = grid(reply, rows=size, columns=size, symbols=SYMBOLS, puzzle=given)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="n_queens.unreadable")
        queens = [(row, column) for row in range(size) for column in range(size) if cells[row][column] == "Q"]
        for row, column in task.public["given"]:
            if (row, column) not in queens:
                reason = f"the queen at row {row + 1}, column {column + 1} is gone"
                return Verdict.of(0, code="n_queens.given_changed", reason=reason)
        if len(queens) != size:
            return Verdict.of(0, code="n_queens.wrong_number", reason=f"{len(queens)} queens stand on the board")
        lines = {
            "row": [row for row, _ in queens],
            "column": [column for _, column in queens],
            "diagonal": [row - column for row, column in queens],
            "rising diagonal": [row + column for row, column in queens],
        }
        for name, numbers in lines.items():
            if len(set(numbers)) < size:
                return Verdict.of(0, code="n_queens.attacked", reason=f"two queens stand on one {name}")
        return Verdict.of(1, code="n_queens.ok", reason="no queen attacks another")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield str(self.task.private["solution"])

    def random_action(self, rng: random.Random) -> Action:
        """A queen in each row and column at random, around those that are given."""
        size, given = (self.task.public["size"], self.task.public["given"]) if self.task is not None else (4, [])
        rows = [row for row in range(size) if row not in [taken for taken, _ in given]]
        columns = [column for column in range(size) if column not in [taken for _, taken in given]]
        rng.shuffle(columns)
        return picture(size, [*given, *zip(rows, columns, strict=True)])


def picture(size: int, queens: list[list[int]] | list[tuple[int, int]]) -> str:
    cells = [["."] * size for _ in range(size)]
    for row, column in queens:
        cells[row][column] = "Q"
    return "\n".join(" ".join(row) for row in cells)


def full_board(size: int, rng: random.Random) -> list[int]:
    """The column of the queen in each row, from a random search that starts anew when it takes long."""
    everywhere = (1 << size) - 1
    columns: list[int] = []
    tries = 0

    def place(taken: int, falling: int, rising: int) -> bool:
        nonlocal tries
        if len(columns) == size:
            return True
        free = everywhere & ~(taken | falling | rising)
        choices = [column for column in range(size) if free >> column & 1]
        rng.shuffle(choices)
        for column in choices:
            tries += 1
            if tries > TRIES * size:
                return False
            bit = 1 << column
            columns.append(column)
            if place(taken | bit, (falling | bit) << 1, (rising | bit) >> 1):
                return True
            columns.pop()
        return False

    while not place(0, 0, 0):
        columns.clear()
        tries = 0
    return columns

"""Minesweeper on paper: mark every mine from the numbers that are shown, without a single guess.

Nothing is uncovered step by step: the whole board is deduced at once. Each board has one solution whatever the number of mines, which is
not told: where the numbers leave a second one, one more safe cell is shown, until a search finds no other. What is graded is the marked
board against every number, never against the stored solution.
"""

import random
from collections.abc import Iterator

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.neighbours import around
from envgym.environments.reasoning.table_constraints import Puzzle, exactly
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable, grid

COVERED = -1
SYMBOLS = {"M": "M", "m": "M"} | dict.fromkeys("._012345678", ".")
"""What a cell of the answer may be, and what it means: all but M and m is a safe cell."""


class Minesweeper(AnswerEnv):
    """Mark every mine on a board from the numbers shown in some of its cells; each board has one solution."""

    id = "minesweeper"

    class Knobs(EnvKnobs):
        rows: int = Field(default=6, ge=3, le=16, description="Rows of the board.")
        columns: int = Field(default=6, ge=3, le=16, description="Columns of the board.")
        mines: float = Field(default=0.2, ge=0.05, le=0.5, description="Share of the cells that hold a mine.")
        shown: float = Field(
            default=0.3, ge=0, le=0.9, description="Share of the safe cells shown from the start; more where needed."
        )

    class Public(BaseModel):
        board: list[list[int]] = Field(min_length=1, description="Rows: mines around a cell, -1 for a covered cell.")

    class Private(BaseModel):
        solution: str = Field(description="Rows of the only solution: M for a mine, a dot for a safe cell.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        rows, columns = self.knobs.rows, self.knobs.columns
        touching = around(rows, columns)
        mined = [0] * (rows * columns)
        for cell in rng.sample(range(len(mined)), max(1, round(self.knobs.mines * len(mined)))):
            mined[cell] = 1
            if any(all(mined[other] for other in touching[at]) for at in (cell, *touching[cell])):
                mined[cell] = 0
        safe = [cell for cell, mine in enumerate(mined) if not mine]
        shown = rng.sample(safe, round(self.knobs.shown * len(safe)))
        puzzle = Puzzle([0b11] * len(mined), [])
        for cell in shown:
            show(puzzle, cell, mined, touching[cell])
        while (other := puzzle.other_solution(mined)) is not None:
            differ = [cell for cell, mine in enumerate(mined) if other[cell] != mine]
            close = [cell for cell in differ if not mined[cell]]
            hidden = close or [at for cell in differ for at in touching[cell] if not mined[at] and at not in shown]
            shown.append(rng.choice(hidden))
            show(puzzle, shown[-1], mined, touching[shown[-1]])
        board = [COVERED] * len(mined)
        for cell in shown:
            board[cell] = sum(mined[other] for other in touching[cell])
        lines = ["".join(".M"[mine] for mine in mined[at : at + columns]) for at in range(0, len(mined), columns)]
        return {
            "public": {"board": [board[at : at + columns] for at in range(0, len(board), columns)]},
            "private": {"solution": "\n".join(lines)},
            "difficulty": float(board.count(COVERED)),
            "certificate": {"solutions": 1, "by": "exhaustive search"},
        }

    def begin(self, task: Task) -> str:
        board: list[list[int]] = task.public["board"]
        rows, columns = len(board), len(board[0])
        picture = "\n".join(" ".join("?" if cell == COVERED else str(cell) for cell in row) for row in board)
        return (
            "This is a Minesweeper board. A number is a safe cell and tells how many of the up to 8 cells around it (beside, "
            "above, below and diagonal) hold a mine. A ? is a covered cell: it holds a mine or is safe. How many mines there "
            "are is not told, but only one placing of mines fits all numbers. Find every mine.\n\n"
            f"{picture}\n\n"
            f"End your reply with the whole board: {rows} lines of {columns} cells separated by blanks, M for a mine and . for "
            "every safe cell, also for those with a number."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        board: list[list[int]] = task.public["board"]
        rows, columns = len(board), len(board[0])
        try:
            cells = grid(reply, rows=rows, columns=columns, symbols=SYMBOLS)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="minesweeper.unreadable")
        mined = [cell == "M" for row in cells for cell in row]
        numbers = [number for row in board for number in row]
        touching = around(rows, columns)
        for cell, number in enumerate(numbers):
            where = f"row {cell // columns + 1}, column {cell % columns + 1}"
            if number == COVERED:
                continue
            if mined[cell]:
                return Verdict.of(0, code="minesweeper.mine_on_number", reason=f"{where} is safe: it shows a number")
            count = sum(mined[other] for other in touching[cell])
            if count != number:
                reason = f"{where} has {count} mines around it, it shows {number}"
                return Verdict.of(0, code="minesweeper.number_broken", reason=reason)
        return Verdict.of(1, code="minesweeper.ok", reason="every number has its mines")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield str(self.task.private["solution"])

    def random_action(self, rng: random.Random) -> Action:
        """Mines at random among the covered cells."""
        board: list[list[int]] = self.task.public["board"] if self.task is not None else [[COVERED] * 3] * 3
        return "\n".join(" ".join(rng.choice(".M") if cell == COVERED else "." for cell in row) for row in board)


def show(puzzle: Puzzle, cell: int, mined: list[int], around: tuple[int, ...]) -> None:
    """Makes the number of a safe cell known: the cell holds 0, a mine 1, and those around it so many together."""
    puzzle.give(cell, 0)
    table = exactly(sum(mined[other] for other in around), len(around))
    puzzle.add((around, table, table.all))

"""Numbrix: fill a square with 1, 2, 3 and so on so that each number stands beside the one before it.

Steps go up, down, left and right, never diagonally. The path that a task hides visits every cell; it is made by folding an orderly one at
random many times, so each task is solvable by construction. There may be more than one way to fill the square: any that keeps the rules
and the givens passes.

Folding: the backbite move of Mansfield, "Monte Carlo studies of polymer chain dimensions in the melt", 1982.
"""

import random
from collections.abc import Iterator
from itertools import product

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.neighbours import beside
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable, grid

Grid = list[list[int]]
FOLDS = 4
"""For each cell."""


class Numbrix(AnswerEnv):
    """Fill a square so that every number stands beside the number before it."""

    id = "numbrix"

    class Knobs(EnvKnobs):
        size: int = Field(default=6, ge=3, le=10, description="Rows and columns.")
        shown: float = Field(
            default=0.25, ge=0, le=0.8, description="Share of the numbers given; the first and the last always are."
        )

    class Public(BaseModel):
        givens: list[list[int]] = Field(min_length=3, description="Rows of the square, 0 for an empty cell.")

    class Private(BaseModel):
        solution: str = Field(description="Rows of one solution, on one line with / between them.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        size = self.knobs.size
        path = folded_path(size, rng)
        last = size * size
        inner = rng.sample(range(2, last), min(last - 2, max(0, round(self.knobs.shown * last) - 2)))
        full, givens = [[0] * size for _ in range(size)], [[0] * size for _ in range(size)]
        for number, cell in enumerate(path, start=1):
            full[cell // size][cell % size] = number
        for number in (1, last, *inner):
            cell = path[number - 1]
            givens[cell // size][cell % size] = number
        return {
            "public": {"givens": givens},
            "private": {"solution": text_of(full).replace("\n", " / ")},
            "difficulty": float(last - 2 - len(inner)),
            "certificate": {"solvable": "by construction"},
        }

    def begin(self, task: Task) -> str:
        givens: Grid = task.public["givens"]
        size = len(givens)
        wide = len(str(size * size))
        rows = "\n".join(" ".join(str(cell or "_").rjust(wide) for cell in row) for row in givens)
        return (
            f"Fill the empty cells (_) so that every number from 1 to {size * size} stands in the square once and each number "
            "from 2 on is directly above, below, left or right of the number before it. Diagonal steps do not count. The numbers that are "
            f"given stay where they are.\n\n{rows}\n\n"
            f"End your reply with the whole filled square: {size} lines of {size} numbers, separated by blanks."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        givens: Grid = task.public["givens"]
        size = len(givens)
        last = size * size
        forms = {form: str(number) for number in range(1, last + 1) for form in (str(number), f"{number:02}")}
        try:
            cells = grid(reply, rows=size, columns=size, symbols=forms)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="numbrix.unreadable")
        place: dict[int, tuple[int, int]] = {}
        for row, column in product(range(size), repeat=2):
            number = int(cells[row][column])
            if givens[row][column] not in (0, number):
                where = f"row {row + 1}, column {column + 1} was given"
                return Verdict.of(0, code="numbrix.given_changed", reason=where)
            if number in place:
                return Verdict.of(0, code="numbrix.repeated", reason=f"{number} stands in two cells")
            place[number] = (row, column)
        for number in range(2, last + 1):
            (row, column), (row_before, column_before) = place[number], place[number - 1]
            if abs(row - row_before) + abs(column - column_before) != 1:
                reason = f"{number} is not beside {number - 1}"
                return Verdict.of(0, code="numbrix.not_adjacent", reason=reason)
        return Verdict.of(1, code="numbrix.ok", reason="every number stands beside the number before it")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield str(self.task.private["solution"]).replace(" / ", "\n")

    def random_action(self, rng: random.Random) -> Action:
        """The givens, and the other numbers at random."""
        givens: Grid = self.task.public["givens"] if self.task is not None else [[0] * 3] * 3
        shown = {number for row in givens for number in row}
        left = [number for number in range(1, len(givens) ** 2 + 1) if number not in shown]
        rng.shuffle(left)
        return text_of([[number or left.pop() for number in row] for row in givens])


def text_of(numbers: Grid) -> str:
    return "\n".join(" ".join(map(str, row)) for row in numbers)


def folded_path(size: int, rng: random.Random) -> list[int]:
    """The cells in the order of a random path through all of them.

    A fold joins the end of the path to a cell beside it, and what follows that cell is run backwards: its successor is the new end.
    """
    next_to = beside(size)
    path = [
        row * size + (column if row % 2 == 0 else size - 1 - column) for row in range(size) for column in range(size)
    ]
    half = FOLDS * size * size // 2
    for _ in range(2):
        for _ in range(half):
            joined = rng.choice(next_to[path[-1]])
            at = path.index(joined)
            path[at + 1 :] = path[:at:-1]
        path.reverse()
    return path if rng.random() < 0.5 else path[::-1]

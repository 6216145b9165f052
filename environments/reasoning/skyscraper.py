"""Skyscrapers: fill a square with heights so that the numbers at its edges count the buildings seen from there.

A building is seen when no building before it, from that edge, is as high or higher. Each puzzle has one solution: where the clues alone
leave a second one, a height in which the two differ is given, until a search finds no other. What is graded is the filled square against
the rules, the clues and the givens, never against the stored solution.
"""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.latin_square import latin_square
from envgym.environments.reasoning.table_constraints import Puzzle, orders
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable, grid

Grid = list[list[int]]
SIDES = ("top", "bottom", "left", "right")


class Skyscraper(AnswerEnv):
    """Place buildings so that each row and column has every height once and the edges count the buildings seen."""

    id = "skyscraper"

    class Knobs(EnvKnobs):
        size: int = Field(default=5, ge=3, le=7, description="Rows and columns; also the greatest height.")
        hidden: float = Field(
            default=0.2, ge=0, le=0.8, description="Share of the clues at the edges that is left out."
        )

    class Public(BaseModel):
        clues: dict[str, list[int]] = Field(description="Buildings seen from each place of each side, 0 for no clue.")
        givens: list[list[int]] = Field(min_length=3, description="Rows of the square, 0 for an empty cell.")

    class Private(BaseModel):
        solution: str = Field(description="Rows of the only solution.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        size = self.knobs.size
        heights = [[height + 1 for height in row] for row in latin_square(size, rng)]
        clues = {side: [seen(line) for line in lines] for side, lines in views(heights).items()}
        places = [(side, at) for side in SIDES for at in range(size)]
        for side, at in rng.sample(places, round(self.knobs.hidden * len(places))):
            clues[side][at] = 0
        givens = made_unique(heights, clues, rng)
        empty = sum(row.count(0) for row in givens)
        return {
            "public": {"clues": clues, "givens": givens},
            "private": {"solution": text_of(heights)},
            "difficulty": float(empty + sum(line.count(0) for line in clues.values())),
            "certificate": {"solutions": 1, "by": "exhaustive search"},
        }

    def begin(self, task: Task) -> str:
        size = len(task.public["givens"])
        return (
            f"Each cell of a square of {size} by {size} holds a building. Fill in the heights so that each row and each column "
            f"holds every height from 1 to {size} once. A number outside the square tells how many buildings are seen from "
            "there along that row or column: a building is seen when every building before it is lower. Where there is a dot "
            "outside, nothing is known; _ is an empty cell, and heights that stand in the square are given.\n\n"
            f"{picture(task.public['clues'], task.public['givens'])}\n\n"
            f"End your reply with the filled square alone, without the numbers outside: {size} lines of {size} heights, "
            "separated by blanks."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        givens: Grid = task.public["givens"]
        size = len(givens)
        try:
            cells = grid(
                reply, rows=size, columns=size, symbols={str(height): str(height) for height in range(1, size + 1)}
            )
        except Unreadable as error:
            return Verdict.malformed(str(error), code="skyscraper.unreadable")
        heights = [[int(cell) for cell in row] for row in cells]
        for row, line in enumerate(heights):
            for column, height in enumerate(line):
                if givens[row][column] not in (0, height):
                    where = f"row {row + 1}, column {column + 1} was given"
                    return Verdict.of(0, code="skyscraper.given_changed", reason=where)
        for side, lines in views(heights).items():
            for at, looked_at in enumerate(lines):
                if len(set(looked_at)) < size:
                    name = "column" if side in ("top", "bottom") else "row"
                    return Verdict.of(0, code="skyscraper.repeated", reason=f"{name} {at + 1} holds a height twice")
                clue = task.public["clues"][side][at]
                if clue not in (0, count := seen(looked_at)):
                    reason = f"{side}, place {at + 1}: {count} buildings are seen, the clue is {clue}"
                    return Verdict.of(0, code="skyscraper.clue_broken", reason=reason)
        return Verdict.of(1, code="skyscraper.ok", reason="every row, column and clue is right")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield str(self.task.private["solution"])

    def random_action(self, rng: random.Random) -> Action:
        """A random Latin square."""
        size = len(self.task.public["givens"]) if self.task is not None else 3
        return text_of([[height + 1 for height in row] for row in latin_square(size, rng)])


def seen(line: Sequence[int]) -> int:
    """How many buildings are seen from the start of the line."""
    highest = count = 0
    for height in line:
        if height > highest:
            highest = height
            count += 1
    return count


def views(heights: Grid) -> dict[str, Grid]:
    """For each side the rows or columns, in order, as one looks at them from there."""
    columns = [list(column) for column in zip(*heights, strict=True)]
    return {
        "top": columns,
        "bottom": [column[::-1] for column in columns],
        "left": heights,
        "right": [row[::-1] for row in heights],
    }


def text_of(heights: Grid) -> str:
    return "\n".join(" ".join(map(str, row)) for row in heights)


def picture(clues: dict[str, list[int]], givens: Grid) -> str:
    """The square with the clues around it."""
    top, bottom = (f"    {' '.join(str(clue or '.') for clue in clues[side])}" for side in ("top", "bottom"))
    rule = f"   {'-' * (2 * len(givens) + 1)}"
    rows = [
        f"{left or '.'} | {' '.join(str(cell or '_') for cell in row)} | {right or '.'}"
        for left, row, right in zip(clues["left"], givens, clues["right"], strict=True)
    ]
    return "\n".join([top, rule, *rows, rule, bottom])


@lru_cache(maxsize=8)
def orders_by_clue(size: int) -> tuple[list[int], list[int]]:
    """For each clue, 0 for none, the orders (as bits) that keep it when one looks from the start, and from the end."""
    rows, table = orders(size)
    from_start, from_end = [0] * (size + 1), [0] * (size + 1)
    for number, order in enumerate(rows):
        line = [height + 1 for height in order]
        from_start[seen(line)] |= 1 << number
        from_end[seen(line[::-1])] |= 1 << number
    from_start[0] = from_end[0] = table.all
    return from_start, from_end


def made_unique(heights: Grid, clues: dict[str, list[int]], rng: random.Random) -> Grid:
    """The fewest heights found, one by one, that must be given so that the clues leave one solution; 0 elsewhere."""
    size = len(heights)
    table = orders(size)[1]
    from_start, from_end = orders_by_clue(size)
    rules = []
    for at in range(size):
        row, column = tuple(range(at * size, at * size + size)), tuple(range(at, size * size, size))
        rules.append((row, table, from_start[clues["left"][at]] & from_end[clues["right"][at]]))
        rules.append((column, table, from_start[clues["top"][at]] & from_end[clues["bottom"][at]]))
    puzzle = Puzzle([(1 << size) - 1] * (size * size), rules)
    known = [height - 1 for row in heights for height in row]
    givens = [[0] * size for _ in range(size)]
    while (other := puzzle.other_solution(known)) is not None:
        cell = rng.choice([at for at, height in enumerate(known) if other[at] != height])
        puzzle.give(cell, known[cell])
        givens[cell // size][cell % size] = known[cell] + 1
    return givens

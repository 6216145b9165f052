"""Sudoku of any box shape: fill the grid so that each row, column and box holds every number once.

A puzzle has exactly one solution: numbers are taken out of a full grid as long as a search proves that no second one exists. What is
graded is the filled grid against the rules and the givens, never against the stored solution. The difficulty is the share of empty cells.
"""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable, grid

SHAPES = {4: (2, 2), 6: (2, 3), 8: (2, 4), 9: (3, 3)}
"""Rows and columns of a box, by size."""
Grid = list[list[int]]


class Sudoku(AnswerEnv):
    """Fill a Sudoku: each row, column and box holds every number once; each puzzle has one solution."""

    id = "sudoku"

    class Knobs(EnvKnobs):
        size: Literal[4, 6, 8, 9] = Field(default=9, description="Rows and columns: 4, 6, 8 or 9.")
        empty: float = Field(
            default=0.5,
            gt=0,
            le=0.8,
            description="Share of empty cells aimed at; fewer where one solution needs more givens.",
        )

    class Public(BaseModel):
        givens: list[list[int]] = Field(min_length=4, description="Rows of the puzzle, 0 for an empty cell.")

    class Private(BaseModel):
        solution: list[str] = Field(description="Rows of the only solution.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        size = self.knobs.size
        full = filled(size, rng)
        left = dug(full, round(self.knobs.empty * size * size), size, rng)
        givens = [left[start : start + size] for start in range(0, size * size, size)]
        rows = [" ".join(map(str, full[start : start + size])) for start in range(0, size * size, size)]
        return {
            "public": {"givens": givens},
            "private": {"solution": rows},
            "difficulty": float(left.count(0)),
            "certificate": {"solutions": 1, "by": "exhaustive search"},
        }

    def begin(self, task: Task) -> str:
        givens: Grid = task.public["givens"]
        size = len(givens)
        high, wide = SHAPES[size]
        rows = "\n".join(" ".join(str(cell or "_") for cell in row) for row in givens)
        return (
            f"Fill the empty cells (_) so that each row, each column and each box of {high} rows by {wide} columns holds every "
            f"number from 1 to {size} once.\n\n{rows}\n\nEnd your reply with the whole filled grid, one row per line, numbers "
            "separated by blanks."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        givens: Grid = task.public["givens"]
        size = len(givens)
        try:
            cells = grid(
                reply, rows=size, columns=size, symbols={str(number): str(number) for number in range(1, size + 1)}
            )
        except Unreadable as error:
            return Verdict.malformed(str(error), code="sudoku.unreadable")
        numbers = [[int(cell) for cell in row] for row in cells]
        for row in range(size):
            for column in range(size):
                if givens[row][column] not in (0, numbers[row][column]):
                    return Verdict.of(
                        0, code="sudoku.given_changed", reason=f"row {row + 1}, column {column + 1} was given"
                    )
        for name, cell_numbers in units(size):
            if len({numbers[cell // size][cell % size] for cell in cell_numbers}) < size:
                return Verdict.of(0, code="sudoku.repeated", reason=f"{name} holds a number twice")
        return Verdict.of(1, code="sudoku.ok", reason="every row, column and box holds every number once")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield "\n".join(self.task.private["solution"])

    def random_action(self, rng: random.Random) -> Action:
        """The givens, and a random number in each empty cell."""
        givens: Grid = self.task.public["givens"] if self.task is not None else [[0] * 4] * 4
        size = len(givens)
        return "\n".join(" ".join(str(cell or rng.randint(1, size)) for cell in row) for row in givens)


@lru_cache(maxsize=len(SHAPES))
def units(size: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Rows, columns and boxes by name, as the numbers of their cells (row * size + column)."""
    high, wide = SHAPES[size]
    named: list[tuple[str, tuple[int, ...]]] = []
    for at in range(size):
        named.append((f"row {at + 1}", tuple(at * size + other for other in range(size))))
        named.append((f"column {at + 1}", tuple(other * size + at for other in range(size))))
        top, left = at // high * high, at % high * wide
        box = tuple((top + row) * size + left + column for row in range(high) for column in range(wide))
        named.append((f"the box at row {top + 1}, column {left + 1}", box))
    return tuple(named)


@lru_cache(maxsize=len(SHAPES))
def peers(size: int) -> tuple[tuple[int, ...], ...]:
    """For each cell the cells that may not hold the same number."""
    seen: list[set[int]] = [set() for _ in range(size * size)]
    for _, cells in units(size):
        for cell in cells:
            seen[cell].update(cells)
    return tuple(tuple(sorted(others - {cell})) for cell, others in enumerate(seen))


@lru_cache(maxsize=len(SHAPES))
def units_of(size: int) -> tuple[tuple[int, ...], ...]:
    """For each cell the three places in `units` of its row, column and box."""
    return tuple(tuple(at for at, (_, cells) in enumerate(units(size)) if cell in cells) for cell in range(size * size))


def filled(size: int, rng: random.Random) -> list[int]:
    """The cells of a full grid: a fixed one whose numbers, rows, columns, bands and stacks are shuffled, which keeps the rules."""
    high, wide = SHAPES[size]
    numbers = rng.sample(range(1, size + 1), size)
    rows = [band * high + row for band in rng.sample(range(wide), wide) for row in rng.sample(range(high), high)]
    columns = [
        stack * wide + column for stack in rng.sample(range(high), high) for column in rng.sample(range(wide), wide)
    ]
    return [numbers[(row % high * wide + row // high + column) % size] for row in rows for column in columns]


def dug(full: Sequence[int], wanted: int, size: int, rng: random.Random) -> list[int]:
    """The full grid with up to `wanted` cells emptied in random order, each only where the givens that stay force its number.

    Every step keeps the one solution: whatever else fits the puzzle must hold the forced number too, and so was there before.
    """
    cells = list(full)
    used = [2 ** (size + 1) - 2] * (3 * size)
    empty: list[int] = []
    for cell in rng.sample(range(size * size), size * size):
        if len(empty) == wanted:
            break
        cells[cell] = 0
        for unit in units_of(size)[cell]:
            used[unit] ^= 1 << full[cell]
        if forced(cell, 1 << full[cell], used, empty, size):
            empty.append(cell)
        else:
            cells[cell] = full[cell]
            for unit in units_of(size)[cell]:
                used[unit] ^= 1 << full[cell]
    return cells


def forced(cell: int, known: int, used: Sequence[int], empty: Sequence[int], size: int) -> bool:
    """Whether an emptied cell can hold nothing but `known`; `used` has the numbers of each unit's givens. All are bits.

    Mostly the givens rule out every other number here, or this number everywhere else in a unit. Only where they do not, is a
    solution with another number looked for.
    """
    home = units_of(size)
    everything = 2 ** (size + 1) - 2
    one, two, three = home[cell]
    others = everything & ~(used[one] | used[two] | used[three] | known)
    if not others:
        return True
    allowed = [0] * (size * size)
    for at in empty:
        one, two, three = home[at]
        allowed[at] = everything & ~(used[one] | used[two] | used[three])
    if any(not any(allowed[at] & known for at in units(size)[unit][1]) for unit in home[cell]):
        return True
    while others:
        bit = others & -others
        others ^= bit
        if solvable(allowed.copy(), cell, bit, size):
            return False
    return True


def solvable(allowed: list[int], cell: int, bit: int, size: int) -> bool:
    """Whether the other empty cells can be filled when `cell` holds `bit`.

    `allowed` holds a bit for each number that an empty cell may hold, 0 for a filled cell, and is used up.
    """
    filled_in = [(cell, bit)]
    for cell, bit in filled_in:
        allowed[cell] = 0
        for peer in peers(size)[cell]:
            if allowed[peer] & bit:
                left = allowed[peer] ^ bit
                if not left:
                    return False
                allowed[peer] = left
                if not left & (left - 1):
                    filled_in.append((peer, left))
    choices = [at for at, left in enumerate(allowed) if left]
    if not choices:
        return True
    cell = min(choices, key=lambda at: allowed[at].bit_count())
    left = allowed[cell]
    while left:
        bit = left & -left
        left ^= bit
        if solvable(allowed.copy(), cell, bit, size):
            return True
    return False

"""Calcudoku: fill a square with numbers so that each cage reaches its target by one operation.

Each puzzle has one solution: where the cages leave a second one, a cell in which the two differ becomes a cage of its own, until a search
finds no other. A difference or a quotient is that of a larger and a smaller number, whatever their order in the cage. What is graded is
the filled square against the rules and the cages, never against the stored solution.
"""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.latin_square import latin_square
from envgym.environments.reasoning.neighbours import beside
from envgym.environments.reasoning.table_constraints import Puzzle, Rule, Table, orders
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable, grid

Grid = list[list[int]]
NAMES = {"=": "is", "+": "sum", "-": "difference", "*": "product", "/": "quotient"}


class Cage(BaseModel):
    cells: list[list[int]] = Field(min_length=1, description="Row and column of each cell, from 0.")
    operation: Literal["=", "+", "-", "*", "/"] = Field(description="What is done with the numbers; = for one cell.")
    target: int = Field(description="What it must give.")


class Calcudoku(AnswerEnv):
    """Fill a square: each row and column holds every number once, and each cage reaches its target."""

    id = "calcudoku"

    class Knobs(EnvKnobs):
        size: int = Field(default=5, ge=3, le=7, description="Rows and columns; also the greatest number.")
        cage: int = Field(default=3, ge=2, le=4, description="Most cells of a cage.")
        operations: Literal["+", "+-", "+*", "+-*/"] = Field(default="+-*/", description="What cages may ask for.")

    class Public(BaseModel):
        size: int = Field(ge=3, description="Rows and columns.")
        cages: list[Cage] = Field(description="Every cell is in one of them.")

    class Private(BaseModel):
        solution: str = Field(description="Rows of the only solution.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        size = self.knobs.size
        known = [number for row in latin_square(size, rng) for number in row]
        asked = {cells: self.draw_target(cells, known, rng) for cells in partition(size, self.knobs.cage, rng)}
        while (other := puzzle_of(size, asked).other_solution(known)) is not None:
            cell = rng.choice([at for at, number in enumerate(known) if other[at] != number])
            cage = next(cells for cells in asked if cell in cells)
            del asked[cage]
            for part in [(cell,), *connected([at for at in cage if at != cell], size)]:
                asked[part] = self.draw_target(part, known, rng)
        cages = [
            {"cells": [list(divmod(cell, size)) for cell in cells], "operation": operation, "target": target}
            for cells, (operation, target) in sorted(asked.items())
        ]
        return {
            "public": {"size": size, "cages": cages},
            "private": {"solution": text_of([number + 1 for number in known], size)},
            "difficulty": float(size * size - sum(len(cells) == 1 for cells in asked)),
            "certificate": {"solutions": 1, "by": "exhaustive search"},
        }

    def draw_target(self, cells: Sequence[int], known: Sequence[int], rng: random.Random) -> tuple[str, int]:
        numbers = [known[cell] + 1 for cell in cells]
        choices = [
            (operation, target)
            for operation in ("=" if len(cells) == 1 else self.knobs.operations)
            if (target := result(operation, numbers)) is not None
        ]
        return rng.choice(choices)

    def begin(self, task: Task) -> str:
        size = task.public["size"]
        cages = "\n".join(map(line_of, task.public["cages"]))
        return (
            f"Fill a square of {size} by {size} so that each row and each column holds every number from 1 to {size} once. The "
            "square is cut into cages, and the numbers of each cage must give its target: their sum, their product, the "
            "difference (the larger minus the smaller) or the quotient (the larger divided by the smaller, without a rest). A "
            "number may stand in a cage more than once where rows and columns allow it. The cages, with their cells as (row, "
            f"column), counted from 1 at the top left:\n\n{cages}\n\n"
            f"End your reply with the whole filled square: {size} lines of {size} numbers, separated by blanks."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        size = task.public["size"]
        try:
            cells = grid(
                reply, rows=size, columns=size, symbols={str(number): str(number) for number in range(1, size + 1)}
            )
        except Unreadable as error:
            return Verdict.malformed(str(error), code="calcudoku.unreadable")
        numbers = [[int(cell) for cell in row] for row in cells]
        for name, lines in (("row", numbers), ("column", list(zip(*numbers, strict=True)))):
            for at, line in enumerate(lines):
                if len(set(line)) < size:
                    return Verdict.of(0, code="calcudoku.repeated", reason=f"{name} {at + 1} holds a number twice")
        for cage in task.public["cages"]:
            found = result(cage["operation"], [numbers[row][column] for row, column in cage["cells"]])
            if found != cage["target"]:
                return Verdict.of(0, code="calcudoku.cage_broken", reason=f"{line_of(cage)}: got {found}")
        return Verdict.of(1, code="calcudoku.ok", reason="every row, column and cage is right")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield str(self.task.private["solution"])

    def random_action(self, rng: random.Random) -> Action:
        """A random Latin square."""
        size = self.task.public["size"] if self.task is not None else 3
        return text_of([number + 1 for row in latin_square(size, rng) for number in row], size)


def result(operation: str, numbers: Sequence[int]) -> int | None:
    """What the operation makes of the numbers; None where it is not for them."""
    if operation == "+":
        return sum(numbers)
    if operation == "*":
        return prod(numbers)
    if operation == "=":
        return numbers[0] if len(numbers) == 1 else None
    if len(numbers) != 2:
        return None
    low, high = min(numbers), max(numbers)
    if operation == "-":
        return high - low
    return high // low if high % low == 0 else None


def line_of(cage: dict[str, Any]) -> str:
    cells = " ".join(f"({row + 1},{column + 1})" for row, column in cage["cells"])
    return f"{NAMES[cage['operation']]} {cage['target']}: {cells}"


def text_of(numbers: Sequence[int], size: int) -> str:
    return "\n".join(" ".join(map(str, numbers[start : start + size])) for start in range(0, size * size, size))


def partition(size: int, most: int, rng: random.Random) -> list[tuple[int, ...]]:
    """The square cut at random into cages of up to `most` cells, of one only where every neighbour is in a full cage."""
    next_to = beside(size)
    cage_of: dict[int, list[int]] = {}
    cages: list[list[int]] = []
    for cell in rng.sample(range(size * size), size * size):
        if cell in cage_of:
            continue
        cage, wanted = [cell], rng.randint(2, most)
        cage_of[cell] = cage
        while len(cage) < wanted:
            free = [other for at in cage for other in next_to[at] if other not in cage_of]
            if not free:
                break
            cage.append(rng.choice(free))
            cage_of[cage[-1]] = cage
        joinable = [cage_of[at] for at in next_to[cell] if at in cage_of and len(cage_of[at]) < most]
        if len(cage) == 1 and joinable:
            cage_of[cell] = rng.choice(joinable)
            cage_of[cell].append(cell)
        else:
            cages.append(cage)
    return [tuple(sorted(cage)) for cage in cages]


def connected(cells: list[int], size: int) -> list[tuple[int, ...]]:
    """The cells in groups that hang together."""
    left, groups = list(cells), []
    while left:
        group = [left.pop()]
        for cell in group:
            joined = [other for other in beside(size)[cell] if other in left]
            left = [other for other in left if other not in joined]
            group += joined
        groups.append(tuple(sorted(group)))
    return groups


def puzzle_of(size: int, asked: dict[tuple[int, ...], tuple[str, int]]) -> Puzzle:
    """Cells hold the numbers less one, so that they count from 0."""
    table = orders(size)[1]
    domains = [(1 << size) - 1] * (size * size)
    rules: list[Rule] = []
    for at in range(size):
        rules.append((tuple(range(at * size, at * size + size)), table, table.all))
        rules.append((tuple(range(at, size * size, size)), table, table.all))
    for cells, (operation, target) in asked.items():
        if len(cells) == 1:
            domains[cells[0]] = 1 << (target - 1)
        else:
            first_column = min(cell % size for cell in cells)
            corner = cells[0] // size * size + first_column
            allowed = cage_table(tuple(cell - corner for cell in cells), size, operation, target)
            rules.append((cells, allowed, allowed.all))
    return Puzzle(domains, rules)


@lru_cache(maxsize=4096)
def cage_table(shape: tuple[int, ...], size: int, operation: str, target: int) -> Table:
    """What the cells of a cage may hold, less one; `shape` has their numbers with the cage pushed into the top left corner."""
    pairs = [
        (one, two)
        for two in range(len(shape))
        for one in range(two)
        if shape[one] // size == shape[two] // size or shape[one] % size == shape[two] % size
    ]
    return Table(
        [
            numbers
            for numbers in product(range(size), repeat=len(shape))
            if all(numbers[one] != numbers[two] for one, two in pairs)
            and result(operation, [number + 1 for number in numbers]) == target
        ]
    )

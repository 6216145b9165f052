"""Star battle: put the same number of stars in each row, column and region, none touching another.

Regions grow around stars that already keep the rules, so each task is solvable by construction. Then a search looks for other solutions
and cells with their stars change region, which spoils them, until there is no other one or `rounds` are over: most boards have one
solution, and `certificate` says so. Any board that keeps the rules passes.
"""

import random
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, combinations, pairwise, product

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.neighbours import beside
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable, grid

SMALLEST = {1: 4, 2: 8}
"""Size of the smallest board, by stars in a row."""
TRIES = 20
"""Cells tried, times the size, before a random search for stars starts anew."""
ENOUGH = 16
"""Solutions looked for at once, which are then spoilt one after the other without a search."""
LETTERS = "ABCDEFGHIJ"
SYMBOLS = {"S": "S", "s": "S", ".": ".", "_": "."}
"""What a cell of the answer may be, and what it means."""


class StarBattle(AnswerEnv):
    """Put stars on a board cut into regions: so many in each row, column and region, none touching."""

    id = "star_battle"

    class Knobs(EnvKnobs):
        size: int = Field(default=6, ge=4, le=10, description="Rows and columns; also the number of regions.")
        stars: int = Field(default=1, ge=1, le=2, description="Stars in each row, column and region; 2 from size 8 on.")
        rounds: int = Field(
            default=30,
            ge=0,
            le=500,
            description="How often a region is changed at most to leave one solution; slow at size 10, 0 is fast.",
        )

    class Public(BaseModel):
        regions: list[str] = Field(min_length=4, description="Rows: the letter of each cell's region.")
        stars: int = Field(ge=1, description="Stars in each row, column and region.")

    class Private(BaseModel):
        solution: str = Field(description="Rows of one solution: S for a star, a dot for an empty cell.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        size, stars = self.knobs.size, self.knobs.stars
        if size < SMALLEST[stars]:
            raise UsageError(f"star_battle: stars={stars} needs size={SMALLEST[stars]} or more, not {size}")
        known = star_cells(size, stars, rng)
        region, unique = sharpened(known, size, stars, self.knobs.rounds, rng)
        rows = ["".join(LETTERS[region[row * size + column]] for column in range(size)) for row in range(size)]
        return {
            "public": {"regions": rows, "stars": stars},
            "private": {"solution": picture(size, known)},
            "difficulty": float(size * stars + unique),
            "certificate": {"solutions": 1, "by": "exhaustive search"} if unique else {"solvable": "by construction"},
        }

    def begin(self, task: Task) -> str:
        regions, stars = task.public["regions"], task.public["stars"]
        size = len(regions)
        number = "one star" if stars == 1 else f"exactly {stars} stars"
        return (
            f"This board of {size} by {size} is cut into {size} regions; cells with the same letter are one region. Put stars in "
            f"cells so that each row, each column and each region holds {number}. No two stars touch, not even diagonally.\n\n"
            + "\n".join(" ".join(row) for row in regions)
            + f"\n\nEnd your reply with the whole board: {size} lines of {size} cells separated by blanks, "
            "S for a star and . for an empty cell."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        regions, stars = task.public["regions"], task.public["stars"]
        size = len(regions)
        try:
            cells = grid(reply, rows=size, columns=size, symbols=SYMBOLS)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="star_battle.unreadable")
        placed = [(row, column) for row, column in product(range(size), repeat=2) if cells[row][column] == "S"]
        for name, line_of in (
            ("row", [row for row, _ in placed]),
            ("column", [column for _, column in placed]),
            ("region", [LETTERS.index(regions[row][column]) for row, column in placed]),
        ):
            for at in range(size):
                if line_of.count(at) != stars:
                    called = LETTERS[at] if name == "region" else at + 1
                    reason = f"{name} {called} holds {line_of.count(at)} stars, not {stars}"
                    return Verdict.of(0, code=f"star_battle.wrong_in_{name}", reason=reason)
        for row, column in placed:
            touching = [(row, column + 1), *((row + 1, column + step) for step in (-1, 0, 1))]
            if any(cell in placed for cell in touching):
                reason = f"the star at row {row + 1}, column {column + 1} touches another"
                return Verdict.of(0, code="star_battle.touching", reason=reason)
        return Verdict.of(1, code="star_battle.ok", reason="every row, column and region has its stars")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield str(self.task.private["solution"])

    def random_action(self, rng: random.Random) -> Action:
        """As many stars as it takes in each row, at random."""
        size, stars = (len(self.task.public["regions"]), self.task.public["stars"]) if self.task is not None else (4, 1)
        cells = [row * size + column for row in range(size) for column in rng.sample(range(size), stars)]
        return picture(size, cells)


def picture(size: int, cells: list[int]) -> str:
    board = ["."] * (size * size)
    for cell in cells:
        board[cell] = "S"
    return "\n".join(" ".join(board[start : start + size]) for start in range(0, size * size, size))


@lru_cache(maxsize=32)
def row_choices(size: int, stars: int) -> tuple[tuple[int, int, tuple[int, ...]], ...]:
    """Each way to put the stars of one row: as bits, the columns that it shuts in the next row, and its columns."""
    ways = [places for places in combinations(range(size), stars) if all(b - a > 1 for a, b in pairwise(places))]
    bits = [(sum(1 << column for column in places), places) for places in ways]
    return tuple((way, way | way << 1 | way >> 1, places) for way, places in bits)


def star_cells(size: int, stars: int, rng: random.Random) -> list[int]:
    """Cells of stars that keep the rules of rows, columns and touching; a random search that starts anew when it takes long."""
    choices = row_choices(size, stars)
    rows: list[int] = []
    tries = 0

    def place(once: int, full: int, near: int) -> bool:
        """`once` has the columns that hold a star, `full` those that hold all of theirs, `near` those that would touch."""
        nonlocal tries
        if len(rows) == size:
            return True
        shut = full | near
        for way, touching, _ in rng.sample(choices, len(choices)):
            if way & shut:
                continue
            tries += 1
            if tries > TRIES * size:
                return False
            rows.append(way)
            if place(once | way, full | (way if stars == 1 else once & way), touching):
                return True
            rows.pop()
        return False

    while not place(0, 0, 0):
        rows.clear()
        tries = 0
    return [row * size + column for row, way in enumerate(rows) for column in range(size) if way >> column & 1]


def grown_regions(size: int, stars: int, known: list[int], rng: random.Random) -> list[int]:
    """The region of each cell: grown from each star, and with two stars joined in pairs that lie side by side."""
    while True:
        part = [-1] * (size * size)
        border: list[int] = []
        for number, cell in enumerate(known):
            part[cell] = number
            border.append(cell)
        while border:
            at = rng.randrange(len(border))
            free = [other for other in beside(size)[border[at]] if part[other] < 0]
            if free:
                joined = rng.choice(free)
                part[joined] = part[border[at]]
                border.append(joined)
            else:
                border[at] = border[-1]
                border.pop()
        if stars == 1:
            return part
        pair_of = paired_parts(part, size, rng)
        if pair_of is not None:
            return [pair_of[number] for number in part]


def paired_parts(part: list[int], size: int, rng: random.Random) -> list[int] | None:
    """The number of the pair of each part, of two that lie side by side; None when this try leaves one over.

    The part with the fewest choices goes first.
    """
    count = max(part) + 1
    sides: list[list[int]] = [[] for _ in range(count)]
    for cell, number in enumerate(part):
        for other in beside(size)[cell]:
            if part[other] != number and part[other] not in sides[number]:
                sides[number].append(part[other])
    pair_of = [-1] * count
    for pair in range(count // 2):
        left = [number for number in range(count) if pair_of[number] < 0]
        free = {number: [other for other in sides[number] if pair_of[other] < 0] for number in left}
        first = min(left, key=lambda number: len(free[number]))
        if not free[first]:
            return None
        pair_of[first] = pair_of[rng.choice(free[first])] = pair
    return pair_of


def sharpened(known: list[int], size: int, stars: int, rounds: int, rng: random.Random) -> tuple[list[int], bool]:
    """Regions that `known` solves, and whether nothing else does.

    Each round spoils the others that a search finds, or grows the regions anew where one cannot be spoilt.
    """
    region = grown_regions(size, stars, known, rng)
    for _ in range(rounds):
        others = [cells for cells in solutions(region, size, stars, most=ENOUGH) if cells != known]
        if not others:
            return region, True
        while others:
            move = spoiling(others, known, region, size, rng)
            if move is None:
                region = grown_regions(size, stars, known, rng)
                break
            region[move[0]] = move[1]
            others = [cells for cells in others if move[0] not in cells]
    return region, False


def spoiling(
    others: list[list[int]], known: list[int], region: list[int], size: int, rng: random.Random
) -> tuple[int, int] | None:
    """A cell and the region that it can move to, with a star in many of the others, by chance, and none in `known`."""
    counts = Counter(chain.from_iterable(others))
    for cell in known:
        del counts[cell]
    for cell in sorted(counts, key=lambda cell: -counts[cell] * rng.random()):
        regions = [region[to] for to in beside(size)[cell] if region[to] != region[cell]]
        if regions and holds_without(cell, region, size):
            return cell, rng.choice(regions)
    return None


def holds_without(cell: int, region: list[int], size: int) -> bool:
    """Whether the region of that cell hangs together without it."""
    left = [other for other in range(size * size) if region[other] == region[cell] and other != cell]
    reached = left[:1]
    for at in reached:
        reached += [other for other in beside(size)[at] if other in left and other not in reached]
    return len(reached) == len(left) > 0


def solutions(region: list[int], size: int, stars: int, *, most: int) -> list[list[int]]:
    """The cells of the stars, row by row, of up to `most` solutions; all of them when there are fewer. Exhaustive.

    Columns and regions are counted in one integer: a bit for each column, then a bit for each region.
    """
    bits = [1 << (size + number) for number in region]
    lines: list[list[tuple[int, int, int, list[int]]]] = []
    for start in range(0, size * size, size):
        line = []
        for way, touching, columns in row_choices(size, stars):
            cells = [start + column for column in columns]
            one, other = bits[cells[0]], bits[cells[-1]]
            line.append((way | one | other, one if stars == 2 and one == other else 0, touching, cells))
        lines.append(line)
    complete = [0] * size
    for number, cell in {number: cell for cell, number in enumerate(region)}.items():
        for row in range(cell // size, size):
            complete[row] |= 1 << (size + number)
    found: list[list[int]] = []
    chosen: list[list[int]] = []

    def place(row: int, once: int, full: int, near: int) -> None:
        if row == size:
            found.append([*chain.from_iterable(chosen)])
            return
        shut = full | near
        for way, twice, touching, cells in lines[row]:
            if way & shut or twice & once:
                continue
            filled = full | way if stars == 1 else full | twice | once & way
            if complete[row] & ~filled:
                continue
            chosen.append(cells)
            place(row + 1, once | way, filled, touching & ((1 << size) - 1))
            chosen.pop()
            if len(found) == most:
                return

    place(0, 0, 0, 0)
    return found

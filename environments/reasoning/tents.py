"""Tents and trees: pitch a tent beside each tree so that no two tents touch and rows and columns hold so many.

Trees and tents must match one to one: a tent that stands beside two trees belongs to one of them, and the other needs its own. Each puzzle
has one solution: where the counts leave a second one, a tent in which the two differ is given, until a search finds no other. What is
graded is the filled board against the rules, never against the stored solution.
"""

import random
from collections.abc import Iterator
from itertools import product

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.neighbours import around, beside
from envgym.environments.reasoning.table_constraints import Puzzle, apart, between
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable, grid

SYMBOLS = {"T": "T", "t": "T", "A": "A", "a": "A", ".": ".", "_": "."}
"""What a cell of the answer may be, and what it means."""


class Tents(AnswerEnv):
    """Pitch one tent beside each tree, none touching another, with given numbers in the rows and columns."""

    id = "tents"

    class Knobs(EnvKnobs):
        size: int = Field(default=7, ge=4, le=12, description="Rows and columns.")
        tents: float = Field(
            default=0.2, ge=0.05, le=0.22, description="Share of cells that hold a tent; fewer where no more fit."
        )

    class Public(BaseModel):
        board: list[str] = Field(
            min_length=1, description="Rows: T for a tree, A for a given tent, _ for an empty cell."
        )
        rows: list[int] = Field(description="Tents in each row.")
        columns: list[int] = Field(description="Tents in each column.")

    class Private(BaseModel):
        solution: str = Field(description="Rows of the only solution: T tree, A tent, dot for neither.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        size = self.knobs.size
        trees, tents = camp(size, max(1, round(self.knobs.tents * size * size)), rng)
        rows = [sum(tent // size == at for tent in tents) for at in range(size)]
        columns = [sum(tent % size == at for tent in tents) for at in range(size)]
        known = [0] * (size * size)
        for tent in tents:
            known[tent] = 1
        puzzle = puzzle_of(size, trees, rows, columns)
        given: list[int] = []
        while (other := puzzle.other_solution(known)) is not None:
            given.append(rng.choice([tent for tent in tents if not other[tent]]))
            puzzle.give(given[-1], 1)
        return {
            "public": {"board": picture(size, trees, given, "_"), "rows": rows, "columns": columns},
            "private": {"solution": "\n".join(picture(size, trees, tents, "."))},
            "difficulty": float(len(tents) - len(given)),
            "certificate": {"solutions": 1, "by": "exhaustive search"},
        }

    def begin(self, task: Task) -> str:
        board, columns = task.public["board"], task.public["columns"]
        lines = [f"{' '.join(row)} | {count}" for row, count in zip(board, task.public["rows"], strict=True)]
        given = " An A is a tent that is already pitched." if any("A" in row for row in board) else ""
        return (
            "On this board T is a tree and _ an empty cell. Pitch tents in empty cells so that trees and tents form pairs: each "
            "tree has a tent of its own directly above, below, left or right of it, and each tent belongs to one tree. No two "
            "tents touch, not even diagonally. A number at the end of a row or column tells how many tents stand in it."
            f"{given}\n\n"
            + "\n".join([*lines, "-" * (2 * len(columns) - 1), " ".join(map(str, columns))])
            + f"\n\nEnd your reply with the whole board without the numbers: {len(board)} lines of {len(columns)} cells separated by "
            "blanks, T for a tree, A for a tent and . for an empty cell."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        board: list[str] = task.public["board"]
        size = len(board)
        try:
            puzzle = [[SYMBOLS[cell] for cell in row] for row in board]
            cells = grid(reply, rows=size, columns=size, symbols=SYMBOLS, puzzle=puzzle)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="tents.unreadable")
        answer = ["".join(row) for row in cells]
        for row, column in product(range(size), repeat=2):
            given, cell = board[row][column], answer[row][column]
            if (given == "T") != (cell == "T") or (given == "A" and cell != "A"):
                reason = f"row {row + 1}, column {column + 1} was {given!r} and is now {cell!r}"
                return Verdict.of(0, code="tents.board_changed", reason=reason)
        for name, lines, counts in (
            ("row", answer, task.public["rows"]),
            ("column", ["".join(line) for line in zip(*answer, strict=True)], task.public["columns"]),
        ):
            for at, (line, count) in enumerate(zip(lines, counts, strict=True)):
                if line.count("A") != count:
                    reason = f"{name} {at + 1} holds {line.count('A')} tents, not {count}"
                    return Verdict.of(0, code="tents.wrong_count", reason=reason)
        flat = "".join(answer)
        tents = [cell for cell, symbol in enumerate(flat) if symbol == "A"]
        for tent in tents:
            if any(flat[other] == "A" for other in around(size, size)[tent]):
                reason = f"the tent at row {tent // size + 1}, column {tent % size + 1} touches another"
                return Verdict.of(0, code="tents.touching", reason=reason)
        if not paired([cell for cell, symbol in enumerate(flat) if symbol == "T"], tents, size):
            return Verdict.of(0, code="tents.not_paired", reason="trees and tents do not form pairs")
        return Verdict.of(1, code="tents.ok", reason="every tree has its tent and every count is right")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield str(self.task.private["solution"])

    def random_action(self, rng: random.Random) -> Action:
        """A tent in about one of five empty cells."""
        board: list[str] = self.task.public["board"] if self.task is not None else ["____"] * 4
        return "\n".join(" ".join(rng.choice("....A") if cell == "_" else cell for cell in row) for row in board)


def camp(size: int, most: int, rng: random.Random) -> tuple[list[int], list[int]]:
    """Up to `most` trees at random, and for each a tent of its own, none touching another."""
    closed = bytearray(size * size)
    used = bytearray(size * size)
    trees: list[int] = []
    tents: list[int] = []
    for tent in rng.sample(range(size * size), size * size):
        places = [cell for cell in beside(size)[tent] if not used[cell]]
        if used[tent] or closed[tent] or not places:
            continue
        trees.append(rng.choice(places))
        tents.append(tent)
        used[tent] = used[trees[-1]] = 1
        for cell in around(size, size)[tent]:
            closed[cell] = 1
        if len(tents) == most:
            break
    return trees, tents


def puzzle_of(size: int, trees: list[int], rows: list[int], columns: list[int]) -> Puzzle:
    """A cell holds 1 for a tent. Weaker than the game, as one tent may serve two trees: one solution here is one there."""
    domains = [0b01] * (size * size)
    for tree in trees:
        for cell in beside(size)[tree]:
            domains[cell] = 0b11
    for tree in trees:
        domains[tree] = 0b01
    puzzle = Puzzle(domains, [])
    for at in range(size):
        row, column = apart(rows[at], size), apart(columns[at], size)
        puzzle.add((tuple(range(at * size, at * size + size)), row, row.all))
        puzzle.add((tuple(range(at, size * size, size)), column, column.all))
    for tree in trees:
        places = tuple(cell for cell in beside(size)[tree] if domains[cell] == 0b11)
        some = between(1, len(places), len(places))
        puzzle.add((places, some, some.all))
    for top, left in product(range(size - 1), repeat=2):
        corner = top * size + left
        block = tuple(cell for cell in (corner, corner + 1, corner + size, corner + size + 1) if domains[cell] == 0b11)
        if len(block) > 1:
            single = between(0, 1, len(block))
            puzzle.add((block, single, single.all))
    return puzzle


def paired(trees: list[int], tents: list[int], size: int) -> bool:
    """Whether trees and tents can be matched one to one, each pair side by side. Augmenting paths."""
    if len(trees) != len(tents):
        return False
    tree_of: dict[int, int] = {}
    pitched = set(tents)

    def give_tent(tree: int, tried: set[int]) -> bool:
        for tent in beside(size)[tree]:
            if tent in pitched and tent not in tried:
                tried.add(tent)
                if tent not in tree_of or give_tent(tree_of[tent], tried):
                    tree_of[tent] = tree
                    return True
        return False

    return all(give_tent(tree, set()) for tree in trees)


def picture(size: int, trees: list[int], tents: list[int], empty: str) -> list[str]:
    cells = [empty] * (size * size)
    for tree in trees:
        cells[tree] = "T"
    for tent in tents:
        cells[tent] = "A"
    return ["".join(cells[start : start + size]) for start in range(0, size * size, size)]

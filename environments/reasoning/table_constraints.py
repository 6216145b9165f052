"""Proof that a puzzle has one solution, where each of its rules lists what a few cells may hold together.

A rule is a table: its rows are the combinations that are allowed for its cells, and the bits of one integer say which rows are still
possible. Narrowing a rule over 720 rows is then a handful of operations on integers. Values are small numbers from 0 up; what a cell may
hold is a bit for each value. The search is exhaustive, so None from `other_solution` proves that there is no second solution.

Simple Tabular Reduction with bit sets: Demeulenaere et al., "Compact-Table", 2016.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations, pairwise, permutations, product


class Table:
    """The combinations that some cells may hold together, one row each, none twice."""

    def __init__(self, rows: Sequence[tuple[int, ...]]) -> None:
        self.all = (1 << len(rows)) - 1
        width, values = (len(rows[0]), 1 + max(max(row) for row in rows)) if rows else (0, 0)
        self.holds = [[(1 << value, self.where(rows, at, value)) for value in range(values)] for at in range(width)]
        """For each place the bit of a value, and the rows that have it there."""
        self.supports = [Support(holds) for holds in self.holds]

    @staticmethod
    def where(rows: Sequence[tuple[int, ...]], at: int, value: int) -> int:
        return int("".join("01"[row[at] == value] for row in reversed(rows)), 2)


class Support(dict[int, int]):
    """By a domain of one place, the rows with a value in it. Worked out when asked for the first time."""

    def __init__(self, holds: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self.holds = holds

    def __missing__(self, domain: int) -> int:
        self[domain] = sum([rows for bit, rows in self.holds if bit & domain])
        return self[domain]


Rule = tuple[tuple[int, ...], Table, int]
"""Cells, what they may hold together, and the rows of that table that are possible from the start."""
Place = tuple[int, "Support", list[tuple[int, int]]]
"""A cell of a rule, the rows of the table by its domain, and those by each of its values."""
NOT_NARROWED = -1
"""Stands for the rows of a rule that no domain was cut to yet: every bit is set, and it equals no set of rows."""


class Puzzle:
    """Cells with what each may hold, and the rules between them. Rules and given cells can be added, never taken back."""

    def __init__(self, domains: list[int], rules: list[Rule]) -> None:
        self.domains = domains
        self.rules: list[tuple[list[Place], int]] = []
        self.live: list[int] = []
        self.rules_of: list[list[int]] = [[] for _ in domains]
        self.waiting: list[int] = []
        for rule in rules:
            self.add(rule)

    def add(self, rule: Rule) -> None:
        cells, table, rows = rule
        for cell in cells:
            self.rules_of[cell].append(len(self.rules))
        self.waiting.append(len(self.rules))
        self.rules.append(([*zip(cells, table.supports, table.holds, strict=True)], rows))
        self.live.append(NOT_NARROWED)

    def give(self, cell: int, value: int) -> None:
        """From now on that cell holds `value`."""
        self.domains[cell] = 1 << value
        self.waiting += self.rules_of[cell]

    def other_solution(self, known: Sequence[int]) -> list[int] | None:
        """A solution that differs from `known`, which must be one; None proves that there is none.

        What is found to hold in every solution stays, so that a call after `add` or `give` goes on from there.
        """
        bits = [1 << value for value in known]
        while self.narrow(self.domains, self.live, self.waiting):
            cell = fewest(self.domains, range(len(bits)))
            if cell is None:
                return None
            found = self.solution(self.domains, self.live, cell, self.domains[cell] & ~bits[cell], bits)
            if found is not None:
                return found
            self.give(cell, known[cell])
        raise ValueError("what is given as the known solution breaks a rule")

    def solution(
        self, domains: list[int], live: list[int], cell: int, choices: int, bits: list[int]
    ) -> list[int] | None:
        """A solution where that cell holds one of `choices`, and the known value (`bits`) wherever no rule speaks against it."""
        domains, live = domains.copy(), live.copy()
        domains[cell] = choices
        if not self.narrow(domains, live, self.rules_of[cell].copy()):
            return None
        changed = [at for at, domain in enumerate(domains) if not domain & bits[at]]
        touched = dict.fromkeys(rule for at in changed for rule in self.rules_of[at])
        following = fewest(domains, (cell for rule in touched for cell, _, _ in self.rules[rule][0]))
        if following is None:
            return [(domain & bit or domain).bit_length() - 1 for domain, bit in zip(domains, bits, strict=True)]
        bit = domains[following] & bits[following] or domains[following] & -domains[following]
        found = self.solution(domains, live, following, bit, bits)
        if found is None:
            found = self.solution(domains, live, following, domains[following] & ~bit, bits)
        return found

    def narrow(self, domains: list[int], live: list[int], waiting: list[int]) -> bool:
        """Takes out, in place, what the waiting rules forbid and all that follows; False when a rule cannot be kept."""
        queued = bytearray(len(self.rules))
        for number in waiting:
            queued[number] = 1
        while waiting:
            number = waiting.pop()
            queued[number] = 0
            places, possible = self.rules[number]
            before = live[number]
            rows = before & possible
            for cell, support, _ in places:
                rows &= support[domains[cell]]
            if not rows:
                return False
            if rows == before:
                continue  # the domains were cut to what these rows hold when they came to be
            live[number] = rows
            for cell, _, holds in places:
                domain = left = domains[cell]
                if domain & (domain - 1):
                    for bit, has in holds:
                        if left & bit and not rows & has:
                            left ^= bit
                    if left != domain:
                        domains[cell] = left
                        for other in self.rules_of[cell]:
                            if not queued[other]:
                                queued[other] = 1
                                waiting.append(other)
        return True


def fewest(domains: list[int], cells: Iterable[int]) -> int | None:
    """The first of the cells with the fewest values above one."""
    best, least = None, 1_000
    for cell in cells:
        domain = domains[cell]
        if domain & (domain - 1):
            count = domain.bit_count()
            if count == 2:
                return cell
            if count < least:
                best, least = cell, count
    return best


@lru_cache(maxsize=16)
def orders(size: int) -> tuple[tuple[tuple[int, ...], ...], Table]:
    """All orders of 0 to size - 1, and the table of them: a row or column of a Latin square."""
    rows = tuple(permutations(range(size)))
    return rows, Table(rows)


@lru_cache(maxsize=256)
def exactly(ones: int, width: int) -> Table:
    """The table of `width` cells that hold 0 or 1, of which `ones` hold 1."""
    chosen = combinations(range(width), ones)
    return Table([tuple(int(at in places) for at in range(width)) for places in chosen])


@lru_cache(maxsize=64)
def apart(ones: int, width: int) -> Table:
    """Like `exactly`, without two that hold 1 side by side."""
    chosen = [places for places in combinations(range(width), ones) if all(b - a > 1 for a, b in pairwise(places))]
    return Table([tuple(int(at in places) for at in range(width)) for places in chosen])


@lru_cache(maxsize=64)
def between(least: int, most: int, width: int) -> Table:
    """The table of `width` cells that hold 0 or 1, of which `least` to `most` hold 1."""
    return Table([row for row in product((0, 1), repeat=width) if least <= sum(row) <= most])

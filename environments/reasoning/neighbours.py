"""The cells next to each cell of a board. Cells are numbered row by row from 0."""

from functools import lru_cache
from itertools import product


@lru_cache(maxsize=32)
def beside(size: int) -> tuple[tuple[int, ...], ...]:
    """For each cell of a square those beside, above and below it."""
    return tuple(
        tuple(other for other in touching if other // size == cell // size or other % size == cell % size)
        for cell, touching in enumerate(around(size, size))
    )


@lru_cache(maxsize=64)
def around(rows: int, columns: int) -> tuple[tuple[int, ...], ...]:
    """For each cell the up to 8 that touch it, also at a corner."""
    steps = [step for step in product((-1, 0, 1), repeat=2) if step != (0, 0)]
    return tuple(
        tuple(
            (row + down) * columns + column + right
            for down, right in steps
            if 0 <= row + down < rows and 0 <= column + right < columns
        )
        for row, column in product(range(rows), range(columns))
    )

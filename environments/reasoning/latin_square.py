"""Random Latin squares: each row and each column holds every number from 0 up once.

Drawn row by row: what stands above can always be continued (Hall's theorem), so only within a row is a choice ever taken back. Not every
square is equally likely.
"""

import random


def latin_square(size: int, rng: random.Random) -> list[list[int]]:
    free = [(1 << size) - 1] * size
    square: list[list[int]] = []
    for _ in range(size):
        row = one_row(free, rng)
        free = [left & ~(1 << number) for left, number in zip(free, row, strict=True)]
        square.append(row)
    return square


def one_row(free: list[int], rng: random.Random) -> list[int]:
    """A row with every number once, in each column one of the numbers that are `free` there."""
    size = len(free)
    numbers = rng.sample(range(size), size)
    places = sorted(rng.sample(range(size), size), key=lambda column: free[column].bit_count())
    row = [0] * size

    def fill(at: int, unused: int) -> bool:
        if at == size:
            return True
        column = places[at]
        for number in numbers:
            if free[column] & unused & (1 << number):
                row[column] = number
                if fill(at + 1, unused & ~(1 << number)):
                    return True
        return False

    fill(0, (1 << size) - 1)
    return row

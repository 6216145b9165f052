"""Problems about bits and binary search."""

from random import Random
from typing import Any

from envgym.task_synth.contest.problem import SLOW, Problem, integers, line


def draw_xor(rng: Random, size: int, top: int) -> list[Any]:
    return [[rng.randint(0, top) for _ in range(size)], rng.randint(0, top)]


def brute_xor(values: list[int], goal: int) -> int:
    count = 0
    for start in range(len(values)):
        for end in range(start, len(values)):
            made = 0
            for value in values[start : end + 1]:
                made ^= value
            count += made == goal
    return count


def draw_codes(rng: Random, size: int, top: int) -> str:
    return line(size) + line(*(rng.randint(0, top) for _ in range(size)))


def brute_codes(text: str) -> str:
    codes = integers(text)[1:]
    return str(sum(f"{one ^ two:b}".count("1") for at, one in enumerate(codes) for two in codes[:at]))


def draw_machines(rng: Random, size: int, top: int) -> str:
    return line(size, rng.randint(1, 12 if top < 100 else 10**12)) + line(*(rng.randint(1, top) for _ in range(size)))


def brute_machines(text: str) -> str:
    _, wanted, *times = integers(text)
    second, made = 0, 0
    while made < wanted:
        second += 1
        made += sum(second % each == 0 for each in times)
    return str(second)


PROBLEMS = (
    Problem(
        id="stretches-with-xor",
        topics=("bit tricks", "hashing"),
        difficulty=3,
        statement="""\
Count the stretches of at least one number, side by side in `values`, whose bitwise exclusive or is `goal`.

`values` has 0 to 30,000 integers from 0 to 2^30; 0 <= goal <= 2^30.""",
        starter="def stretches_with_xor(values: list[int], goal: int) -> int:",
        solution="""\
def stretches_with_xor(values, goal):
    seen = {0: 1}
    made, count = 0, 0
    for value in values:
        made ^= value
        count += seen.get(made ^ goal, 0)
        seen[made] = seen.get(made, 0) + 1
    return count
""",
        brute=brute_xor,
        draw=draw_xor,
        small=(8, 7),
        large=(30000, 255),
        examples=([[4, 2, 2, 6, 4], 6], [[1, 1, 1], 1]),
        edge=([[], 0], [[0], 0], [[5], 0], [[5], 5], [[0, 0, 0], 0], [[1, 2, 3], 0], [[3, 3], 0], [[7, 0], 7]),
        wrong={
            "stretches from the start": ("{0: 1}", "{}"),
            "earlier ones count once": ("seen.get(made, 0) + 1", "1"),
            "the empty stretch": (
                "        count += seen.get(made ^ goal, 0)\n        seen[made] = seen.get(made, 0) + 1\n",
                "        seen[made] = seen.get(made, 0) + 1\n        count += seen.get(made ^ goal, 0)\n",
            ),
            SLOW: """\
def stretches_with_xor(values, goal):
    count = 0
    for start in range(len(values)):
        made = 0
        for value in values[start:]:
            made ^= value
            if made == goal:
                count += 1
    return count
""",
        },
    ),
    Problem(
        id="code-differences",
        topics=("bit tricks",),
        difficulty=3,
        statement="""\
Two numbers differ in as many places as their binary forms (filled up with zeros in front) have different bits. Give
the sum of that over all pairs of the given numbers.

Input: n (1 to 16,000), then n numbers from 0 to 2^30 on one line.
Output: the sum over all n (n - 1) / 2 pairs.""",
        solution="""\
import sys

codes = [int(word) for word in sys.stdin.read().split()][1:]
total = 0
for bit in range(31):
    ones = sum(code >> bit & 1 for code in codes)
    total += ones * (len(codes) - ones)
print(total)
""",
        brute=brute_codes,
        draw=draw_codes,
        small=(8, 12),
        large=(16000, 2**30),
        examples=("3\n1 2 7\n", "2\n5 5\n"),
        edge=("1\n0\n", "1\n9\n", "2\n0 1073741824\n", "2\n0 1\n", "3\n0 0 1\n", "4\n1 2 4 8\n", "3\n1073741823 0 0\n"),
        wrong={
            "each pair twice": ("print(total)", "print(2 * total)"),
            "differences of numbers": ("ones * (len(codes) - ones)", "ones * (len(codes) - ones) << bit"),
            "one bit too few": ("range(31)", "range(30)"),
            SLOW: """\
import sys

codes = [int(word) for word in sys.stdin.read().split()][1:]
total = 0
for at, one in enumerate(codes):
    for two in codes[:at]:
        total += bin(one ^ two).count("1")
print(total)
""",
        },
    ),
    Problem(
        id="machines-at-work",
        topics=("binary search",),
        difficulty=3,
        statement="""\
n machines start at second 0 and work side by side; machine i puts out one part every t_i seconds, the first at second
t_i. At which second have they put out at least m parts in all for the first time?

Input: n and m (1 <= n <= 500, 1 <= m <= 10^12), then the n times from 1 to 10^9 on one line.
Output: the second.""",
        solution="""\
import sys

n, m, *times = [int(word) for word in sys.stdin.read().split()]
low, high = 1, min(times) * m
while low < high:
    middle = (low + high) // 2
    if sum(middle // time for time in times) >= m:
        high = middle
    else:
        low = middle + 1
print(low)
""",
        brute=brute_machines,
        draw=draw_machines,
        small=(4, 9),
        large=(500, 10**9),
        examples=("2 4\n2 3\n", "1 3\n5\n"),
        edge=("1 1\n1\n", "1 1\n9\n", "2 1\n9 4\n", "3 3\n2 2 2\n", "2 3\n1 1\n", "2 6\n5 1\n", "3 5\n2 3 6\n"),
        wrong={
            "one second early": ("print(low)", "print(low - 1)"),
            "parts shared out evenly": """\
import sys

n, m, *times = [int(word) for word in sys.stdin.read().split()]
rate = sum(1 / time for time in times)
print(int(-(-m // rate)))
""",
            "the slowest bounds the search": ("min(times) * m", "max(times)"),
            SLOW: """\
import sys

n, m, *times = [int(word) for word in sys.stdin.read().split()]
second = made = 0
while made < m:
    second += 1
    made += sum(second % time == 0 for time in times)
print(second)
""",
        },
    ),
)

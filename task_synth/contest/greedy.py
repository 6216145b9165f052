"""Problems about greedy choices."""

from itertools import permutations
from random import Random
from typing import Any

from envgym.task_synth.contest.problem import Problem, integers, line


def draw_trips(rng: Random, size: int, top: int) -> list[Any]:
    weights = [rng.randint(1, top) for _ in range(size)]
    return [weights, max(weights) + rng.randint(0, top)]


def brute_trips(weights: list[int], limit: int) -> int:
    if not weights:
        return 0
    first, rest = weights[0], weights[1:]
    alone = 1 + brute_trips(rest, limit)
    shared = [
        1 + brute_trips(rest[:at] + rest[at + 1 :], limit) for at, each in enumerate(rest) if first + each <= limit
    ]
    return min([alone, *shared])


def draw_counters(rng: Random, size: int, top: int) -> str:
    return line(size, rng.randint(1, min(size, 4))) + line(*(rng.randint(1, top) for _ in range(size)))


def brute_counters(text: str) -> str:
    _, counters, *needs = integers(text)
    best = None
    for order in permutations(needs):
        free = [0] * counters
        waited = 0
        for need in order:
            at = free.index(min(free))
            waited += free[at]
            free[at] += need
        best = waited if best is None else min(best, waited)
    return str(best)


PROBLEMS = (
    Problem(
        id="fewest-trips",
        topics=("greedy", "two pointers"),
        difficulty=3,
        statement="""\
A boat carries one or two people at a time across a river, together at most `limit` heavy. Return the smallest number
of crossings with which everyone in `weights` gets to the other side (coming back does not count).

`weights` has 0 to 5,000 entries, 1 <= weight <= limit <= 10^9.""",
        starter="def fewest_trips(weights: list[int], limit: int) -> int:",
        solution="""\
def fewest_trips(weights, limit):
    weights = sorted(weights)
    light, heavy, trips = 0, len(weights) - 1, 0
    while light <= heavy:
        if weights[light] + weights[heavy] <= limit:
            light += 1
        heavy -= 1
        trips += 1
    return trips
""",
        brute=brute_trips,
        draw=draw_trips,
        small=(7, 9),
        large=(5000, 10**8),
        examples=([[5, 2, 4], 6], [[3, 3, 3], 6]),
        edge=([[], 5], [[5], 5], [[1, 1], 2], [[1, 2], 2], [[2, 2, 2, 2], 4], [[1, 1, 1], 9], [[4, 1, 3, 2], 5]),
        wrong={
            "neighbours in order": """\
def fewest_trips(weights, limit):
    weights, at, trips = sorted(weights), 0, 0
    while at < len(weights):
        at += 2 if at + 1 < len(weights) and weights[at] + weights[at + 1] <= limit else 1
        trips += 1
    return trips
""",
            "as many as fit": """\
def fewest_trips(weights, limit):
    trips, room = 0, 0
    for weight in sorted(weights):
        if weight > room:
            trips, room = trips + 1, limit
        room -= weight
    return trips
""",
            "the last one is left": ("light <= heavy", "light < heavy"),
            "must stay below": ("<= limit", "< limit"),
        },
    ),
    Problem(
        id="waiting-at-counters",
        topics=("greedy", "simulation"),
        difficulty=2,
        statement="""\
n people wait at an office with c counters that all open at time 0. A counter serves one person at a time and calls
the next in the queue at once. Each person needs a known time. You may order the queue as you like: what is the
smallest possible sum of the times that people wait until they are called?

Input: n and c (1 <= n <= 5,000, 1 <= c <= n), then n times from 1 to 10^9.
Output: the sum.""",
        solution="""\
import sys

data = [int(word) for word in sys.stdin.read().split()]
n, c = data[0], data[1]
free = [0] * c
waited = 0
for at, need in enumerate(sorted(data[2 : 2 + n])):
    waited += free[at % c]
    free[at % c] += need
print(waited)
""",
        brute=brute_counters,
        draw=draw_counters,
        small=(6, 9),
        large=(5000, 10**9),
        examples=("3 1\n5 1 2\n", "4 2\n1 2 3 4\n"),
        edge=("1 1\n9\n", "2 2\n5 5\n", "2 1\n7 3\n", "3 2\n3 2 1\n", "3 3\n1 1 1\n", "5 2\n9 9 1 1 1\n"),
        wrong={
            "first come, first served": ("sorted(data[2 : 2 + n])", "data[2 : 2 + n]"),
            "serving counts as waiting": (
                "waited += free[at % c]\n    free[at % c] += need",
                "free[at % c] += need\n    waited += free[at % c]",
            ),
            "one counter": ("n, c = data[0], data[1]", "n, c = data[0], 1"),
            "the longest first": ("sorted(data[2 : 2 + n])", "sorted(data[2 : 2 + n], reverse=True)"),
        },
    ),
)

"""Problems about intervals."""

from itertools import combinations, pairwise
from random import Random
from typing import Any

from envgym.task_synth.contest.problem import SLOW, Problem, integers, line


def spans(rng: Random, size: int, top: int) -> list[list[int]]:
    drawn = []
    for _ in range(size):
        start = rng.randint(0, top)
        drawn.append([start, start + rng.randint(0 if top < 20 else 1, max(1, top // max(1, min(size, 50))))])
    return drawn


def draw_gaps(rng: Random, size: int, top: int) -> list[Any]:
    busy = [[a, b] for a, b in spans(rng, size, top) if a < b]
    day = top + rng.randint(1, 3)
    return [busy, day, rng.randint(1, min(3, day))]


def brute_gaps(busy: list[list[int]], day: int, least: int) -> list[list[int]]:
    free = [not any(a <= minute < b for a, b in busy) for minute in range(day)]
    found, start = [], None
    for minute, is_free in enumerate([*free, False]):
        if is_free and start is None:
            start = minute
        if not is_free and start is not None:
            if minute - start >= least:
                found.append([start, minute])
            start = None
    return found


def brute_checks(shifts: list[list[int]]) -> int:
    ends = sorted({end for _, end in shifts})
    for count in range(len(ends) + 1):
        for chosen in combinations(ends, count):
            if all(any(a <= moment <= b for moment in chosen) for a, b in shifts):
                return count
    raise AssertionError("one moment at every end is enough")


def draw_bookings(rng: Random, size: int, top: int) -> list[Any]:
    return [[[a, b + 1, rng.randint(1, top)] for a, b in spans(rng, size, top)]]


def brute_bookings(offers: list[list[int]]) -> int:
    best = 0
    for count in range(len(offers) + 1):
        for chosen in combinations(sorted(offers), count):
            if all(one[1] <= two[0] for one, two in pairwise(chosen)):
                best = max(best, sum(each[2] for each in chosen))
    return best


def draw_visits(rng: Random, size: int, top: int) -> str:
    return line(size) + "".join(line(*span) for span in spans(rng, size, top))


def brute_visits(text: str) -> str:
    data = integers(text)[1:]
    pairs = list(zip(data[::2], data[1::2], strict=True))
    counts = {moment: sum(a <= moment <= b for a, b in pairs) for moment in range(min(data), max(data) + 1)}
    most = max(counts.values())
    return f"{most} {min(moment for moment, count in counts.items() if count == most)}"


PROBLEMS = (
    Problem(
        id="free-gaps",
        topics=("intervals",),
        difficulty=2,
        statement="""\
A day lasts from minute 0 to minute `day`. Each entry `[start, end]` of `busy` takes the minutes from start to just
before end; entries may overlap, come in any order, and end after the day does. Return the stretches `[start, end]` of
the day, in order, that nothing takes and that are at least `least` minutes long. Each must be as long as possible.

`busy` has 0 to 3,000 entries with 0 <= start < end <= 10^9; 1 <= day <= 10^9; 1 <= least <= day.""",
        starter="def free_gaps(busy: list[list[int]], day: int, least: int) -> list[list[int]]:",
        solution="""\
def free_gaps(busy, day, least):
    found, until = [], 0
    for start, end in sorted(busy) + [[day, day]]:
        start = min(start, day)
        if start - until >= least:
            found.append([until, start])
        until = max(until, end)
    return found
""",
        brute=brute_gaps,
        draw=draw_gaps,
        small=(5, 14),
        large=(3000, 10**8),
        examples=([[[2, 4], [8, 9]], 12, 3], [[[0, 5], [1, 3]], 6, 1]),
        edge=(
            [[], 5, 1],
            [[], 5, 5],
            [[[0, 5]], 5, 1],
            [[[0, 9]], 5, 1],
            [[[7, 9]], 5, 2],
            [[[0, 10], [2, 3]], 12, 1],
            [[[4, 6], [1, 2]], 8, 2],
            [[[1, 2], [2, 3]], 4, 1],
        ),
        wrong={
            "an entry inside another shortens it": ("max(until, end)", "end"),
            "the end of the day is forgotten": (" + [[day, day]]", ""),
            "entries after the day": ("start = min(start, day)", "pass"),
            "longer, not at least": (">= least", "> least"),
            SLOW: """\
def free_gaps(busy, day, least):
    taken = bytearray(day + 1)
    for start, end in busy:
        for minute in range(start, min(end, day)):
            taken[minute] = 1
    taken[day] = 1
    found, start = [], -1
    for minute in range(day + 1):
        if not taken[minute] and start < 0:
            start = minute
        elif taken[minute] and start >= 0:
            if minute - start >= least:
                found.append([start, minute])
            start = -1
    return found
""",
        },
    ),
    Problem(
        id="fewest-checks",
        topics=("intervals", "greedy"),
        difficulty=3,
        statement="""\
A guard is on duty in each of the `shifts` `[start, end]`, both moments included. A check happens at one moment and
sees every guard who is on duty then. Return the smallest number of checks with which every guard is seen at least
once.

`shifts` has 0 to 4,000 entries with 0 <= start <= end <= 10^9.""",
        starter="def fewest_checks(shifts: list[list[int]]) -> int:",
        solution="""\
def fewest_checks(shifts):
    count, last = 0, -1
    for start, end in sorted(shifts, key=lambda shift: shift[1]):
        if start > last:
            count += 1
            last = end
    return count
""",
        brute=brute_checks,
        draw=lambda rng, size, top: [spans(rng, size, top)],
        small=(6, 12),
        large=(4000, 9 * 10**8),
        examples=([[[1, 4], [3, 6], [7, 8]]], [[[0, 2], [2, 5], [5, 6]]]),
        edge=([[]], [[[3, 3]]], [[[0, 0], [0, 0]]], [[[0, 9], [1, 2], [3, 4]]], [[[1, 2], [2, 3]]], [[[5, 6], [1, 2]]]),
        wrong={
            "sorted by start": ("key=lambda shift: shift[1]", "key=lambda shift: shift[0]"),
            "touching is not seeing": ("start > last", "start >= last"),
            "not sorted": ("sorted(shifts, key=lambda shift: shift[1])", "shifts"),
        },
    ),
    Problem(
        id="best-bookings",
        topics=("intervals", "dynamic programming", "binary search"),
        difficulty=4,
        statement="""\
A hall gets offers `[start, end, pay]`. It can hold one event at a time; one that starts when another ends is fine.
Return the largest total pay of offers that can be taken together.

`offers` has 0 to 3,000 entries with 0 <= start < end <= 10^10 and 1 <= pay <= 10^9.""",
        starter="def best_bookings(offers: list[list[int]]) -> int:",
        solution="""\
from bisect import bisect_right


def best_bookings(offers):
    ends, best = [], [0]
    for start, end, pay in sorted(offers, key=lambda offer: offer[1]):
        with_it = best[bisect_right(ends, start)] + pay
        best.append(max(best[-1], with_it))
        ends.append(end)
    return best[-1]
""",
        brute=brute_bookings,
        draw=draw_bookings,
        small=(7, 12),
        large=(3000, 10**9),
        examples=([[[0, 3, 5], [2, 4, 6], [3, 5, 4]]], [[[1, 9, 10], [1, 3, 4], [4, 6, 4]]]),
        edge=(
            [[]],
            [[[0, 1, 7]]],
            [[[0, 2, 3], [2, 4, 3]]],
            [[[0, 2, 3], [1, 4, 3]]],
            [[[0, 9, 5], [0, 1, 1], [1, 2, 1]]],
            [[[0, 9, 5], [0, 4, 3], [4, 9, 3]]],
            [[[1, 2, 1], [1, 2, 9], [1, 2, 5]]],
        ),
        wrong={
            "greedy by end": """\
def best_bookings(offers):
    total, last = 0, 0
    for start, end, pay in sorted(offers, key=lambda offer: offer[1]):
        if start >= last:
            total, last = total + pay, end
    return total
""",
            "greedy by pay": """\
def best_bookings(offers):
    taken = []
    for start, end, pay in sorted(offers, key=lambda offer: -offer[2]):
        if all(end <= a or b <= start for a, b, _ in taken):
            taken.append((start, end, pay))
    return sum(pay for _, _, pay in taken)
""",
            "touching collides": (
                "from bisect import bisect_right\n",
                "from bisect import bisect_left as bisect_right\n",
            ),
            SLOW: """\
import sys

sys.setrecursionlimit(100_000)


def best_bookings(offers):
    offers = sorted(offers)

    def best(at, free):
        if at == len(offers):
            return 0
        start, end, pay = offers[at]
        without = best(at + 1, free)
        return max(without, pay + best(at + 1, end)) if start >= free else without

    return best(0, 0)
""",
        },
    ),
    Problem(
        id="busiest-moment",
        topics=("intervals",),
        difficulty=3,
        statement="""\
Visitors come to a museum; each is there from second a to second b, both included. Find how many were there at once at
most, and the earliest second at which that many were.

Input: the number n of visitors (1 to 4,000), then n lines with a and b (0 <= a <= b <= 2 * 10^9).
Output: the two numbers on one line.""",
        solution="""\
import sys

data = [int(word) for word in sys.stdin.read().split()][1:]
events = []
for a, b in zip(data[::2], data[1::2]):
    events.append((a, 1))
    events.append((b + 1, -1))
most = now = moment = 0
for second, change in sorted(events):
    now += change
    if now > most:
        most, moment = now, second
print(most, moment)
""",
        brute=brute_visits,
        draw=draw_visits,
        small=(6, 12),
        large=(4000, 9 * 10**8),
        examples=("3\n1 5\n4 8\n5 5\n", "2\n1 2\n3 4\n"),
        edge=(
            "1\n0 0\n",
            "2\n0 1\n1 2\n",
            "2\n0 1\n2 3\n",
            "3\n5 6\n1 2\n1 1\n",
            "2\n3 3\n3 3\n",
            "3\n0 4\n4 4\n5 9\n",
        ),
        wrong={
            "leaves before the last second": ("(b + 1, -1)", "(b, -1)"),
            "the latest second": ("now > most", "now >= most"),
            SLOW: """\
import sys

data = [int(word) for word in sys.stdin.read().split()][1:]
pairs = list(zip(data[::2], data[1::2]))
best = (0, 0)
for second in range(min(data), max(data) + 1):
    count = sum(a <= second <= b for a, b in pairs)
    if count > best[0]:
        best = (count, second)
print(*best)
""",
        },
    ),
)

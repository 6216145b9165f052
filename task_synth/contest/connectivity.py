"""Problems about what hangs together in a graph."""

from itertools import combinations
from random import Random
from typing import Any

from envgym.task_synth.contest.graphs import roads
from envgym.task_synth.contest.problem import SLOW, Problem, integers, line


def draw_bridges(rng: Random, size: int, top: int) -> str:
    drawn = roads(rng, size, max(1, size // 3))
    return line(size, len(drawn)) + "".join(line(*road) for road in drawn)


def brute_bridges(text: str) -> str:
    size, _, *data = integers(text)
    pairs = [set(data[at : at + 2]) for at in range(0, len(data), 2)]

    def parts(kept: list[set[int]]) -> int:
        groups = [{place} for place in range(1, size + 1)]
        for pair in kept:
            touched = [group for group in groups if group & pair]
            groups = [group for group in groups if not group & pair] + [set().union(*touched)]
        return len(groups)

    whole = parts(pairs)
    critical = [at for at in range(len(pairs)) if parts(pairs[:at] + pairs[at + 1 :]) > whole]
    return f"{len(critical)}\n{' '.join(str(at + 1) for at in critical)}".strip()


def draw_clubs(rng: Random, size: int, top: int) -> list[Any]:
    pairs = [[one - 1, two - 1] for one, two in roads(rng, size, size // 4)]
    if rng.random() < 0.5:
        side = [rng.randint(0, 1) for _ in range(size)]
        pairs = [[one, two] for one, two in pairs if side[one] != side[two]]
    return [size, pairs]


def brute_clubs(count: int, quarrels: list[list[int]]) -> int:
    for small in range(count // 2 + 1):
        for chosen in combinations(range(count), small):
            if all((one in chosen) != (two in chosen) for one, two in quarrels):
                return small
    return -1


PROBLEMS = (
    Problem(
        id="critical-roads",
        topics=("graphs",),
        difficulty=5,
        statement="""\
n towns are joined by m roads. A road is critical when some two towns that can reach each other now could not any more
without it. List the critical roads.

Input: n and m (1 <= n <= 3,000, 0 <= m <= 4,000), then m lines with two different towns (1 to n); no two roads join
the same towns. Roads are numbered 1 to m as they come.
Output: the number of critical roads, and on a second line their numbers in rising order (no second line where there
are none).""",
        solution="""\
import sys

data = [int(word) for word in sys.stdin.read().split()]
n, m = data[:2]
roads = [[] for _ in range(n + 1)]
for number in range(m):
    a, b = data[2 + 2 * number : 4 + 2 * number]
    roads[a].append((b, number + 1))
    roads[b].append((a, number + 1))
entered, low = [0] * (n + 1), [0] * (n + 1)
clock, critical = 0, []
for root in range(1, n + 1):
    if entered[root]:
        continue
    clock += 1
    entered[root] = low[root] = clock
    path = [(root, 0, iter(roads[root]))]
    while path:
        town, came_by, rest = path[-1]
        for other, number in rest:
            if number == came_by:
                continue
            if entered[other]:
                low[town] = min(low[town], entered[other])
                continue
            clock += 1
            entered[other] = low[other] = clock
            path.append((other, number, iter(roads[other])))
            break
        else:
            path.pop()
            if path:
                above = path[-1][0]
                low[above] = min(low[above], low[town])
                if low[town] > entered[above]:
                    critical.append(came_by)
print(len(critical))
if critical:
    print(*sorted(critical))
""",
        brute=brute_bridges,
        draw=draw_bridges,
        small=(7, 1),
        large=(3000, 1),
        examples=("4 4\n1 2\n2 3\n3 1\n3 4\n", "3 3\n1 2\n2 3\n1 3\n"),
        edge=(
            "1 0\n",
            "2 0\n",
            "2 1\n1 2\n",
            "4 2\n1 2\n3 4\n",
            "5 5\n1 2\n2 3\n3 1\n3 4\n4 5\n",
            "6 7\n1 2\n2 3\n3 1\n4 5\n5 6\n6 4\n3 4\n",
            "4 4\n1 2\n2 3\n3 4\n4 1\n",
            "4 3\n1 2\n1 3\n1 4\n",
        ),
        wrong={
            "only roads to dead ends": """\
import sys

data = [int(word) for word in sys.stdin.read().split()]
ends = data[2:]
critical = [at // 2 + 1 for at in range(0, len(ends), 2) if min(ends.count(ends[at]), ends.count(ends[at + 1])) == 1]
print(len(critical))
if critical:
    print(*critical)
""",
            "circles count": ("low[town] > entered[above]", "low[town] >= entered[above]"),
            "only the part of town 1": ("for root in range(1, n + 1):", "for root in range(1, 2):"),
            SLOW: """\
import sys

data = [int(word) for word in sys.stdin.read().split()]
n, m = data[:2]
pairs = list(zip(data[2::2], data[3::2]))


def parts(without):
    group = list(range(n + 1))

    def find(at):
        while group[at] != at:
            at = group[at]
        return at

    count = n
    for number, (a, b) in enumerate(pairs):
        if number != without:
            a, b = find(a), find(b)
            if a != b:
                group[a] = b
                count -= 1
    return count


whole = parts(-1)
critical = [number + 1 for number in range(m) if parts(number) > whole]
print(len(critical))
if critical:
    print(*critical)
""",
        },
    ),
    Problem(
        id="two-clubs",
        topics=("graphs", "dynamic programming"),
        difficulty=4,
        statement="""\
`count` people, numbered from 0, are to be split into two clubs so that no two people of one of the `quarrels` `[a,
b]` are in the same club. A club may be empty. Return the smallest possible number of people in the smaller club, or
-1 where there is no such split.

0 <= count <= 600; `quarrels` has 0 to 1,000 entries with a != b.""",
        starter="def two_clubs(count: int, quarrels: list[list[int]]) -> int:",
        solution="""\
def two_clubs(count, quarrels):
    enemies = [[] for _ in range(count)]
    for a, b in quarrels:
        enemies[a].append(b)
        enemies[b].append(a)
    side = [None] * count
    total, sums = 0, 1
    for first in range(count):
        if side[first] is not None:
            continue
        side[first] = 0
        group = [first]
        for person in group:
            for enemy in enemies[person]:
                if side[enemy] is None:
                    side[enemy] = 1 - side[person]
                    group.append(enemy)
                elif side[enemy] == side[person]:
                    return -1
        ones = sum(side[person] for person in group)
        sums = sums << ones | sums << (len(group) - ones)
        total += len(group)
    return min(min(size, total - size) for size in range(total + 1) if sums >> size & 1)
""",
        brute=brute_clubs,
        draw=draw_clubs,
        small=(8, 1),
        large=(600, 1),
        examples=([4, [[0, 1], [0, 2], [0, 3]]], [3, [[0, 1], [1, 2], [2, 0]]]),
        edge=(
            [0, []],
            [1, []],
            [3, []],
            [2, [[0, 1]]],
            [4, [[0, 1], [2, 3]]],
            [5, [[0, 1], [1, 2], [3, 4]]],
            [6, [[0, 1], [0, 2], [3, 4], [3, 5]]],
            [4, [[0, 1], [1, 2], [2, 3], [3, 0]]],
            [5, [[0, 1], [1, 2], [2, 3], [3, 4], [4, 0]]],
        ),
        wrong={
            "evenly as can be": ("    return min(min(size", "    return max(min(size"),
            "odd circles are not seen": ("return -1", "pass"),
            "sides are never swapped": ("sums << ones | sums << (len(group) - ones)", "sums << ones"),
            SLOW: """\
from itertools import combinations


def two_clubs(count, quarrels):
    for small in range(count // 2 + 1):
        for chosen in combinations(range(count), small):
            if all((a in chosen) != (b in chosen) for a, b in quarrels):
                return small
    return -1
""",
        },
    ),
)

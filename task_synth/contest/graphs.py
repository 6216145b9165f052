"""Problems about ways and orders in graphs."""

from itertools import permutations
from random import Random

from envgym.task_synth.contest.problem import SLOW, Problem, integers, line


def roads(rng: Random, size: int, extra: int) -> list[list[int]]:
    """Different roads between places 1 to size: a random tree with holes, and some more."""
    tree = [(rng.randint(max(1, each - 5), each - 1), each) for each in range(2, size + 1) if rng.random() < 0.9]
    found = set(tree)
    for _ in range(extra if size > 1 else 0):
        one, two = sorted(rng.sample(range(1, size + 1), 2))
        found.add((one, two))
    names = list(range(1, size + 1))
    rng.shuffle(names)
    drawn = [[names[one - 1], names[two - 1]] for one, two in sorted(found)]
    rng.shuffle(drawn)
    return [road if rng.random() < 0.5 else road[::-1] for road in drawn]


def draw_tolls(rng: Random, size: int, top: int) -> str:
    drawn = roads(rng, size, size)
    asked = line(size, len(drawn), rng.randint(1, size), rng.randint(1, size))
    return asked + "".join(line(*road, rng.randint(0, top)) for road in drawn)


def brute_tolls(text: str) -> str:
    size, _, start, goal, *data = integers(text)
    best: dict[int, int] = {start: 0}
    for _ in range(size):
        for at in range(0, len(data), 3):
            for one, two in (data[at : at + 2], data[at : at + 2][::-1]):
                if one in best:
                    best[two] = min(best.get(two, 1 << 60), best[one] + data[at + 2])
    return str(best.get(goal, -1))


def draw_order(rng: Random, size: int, top: int) -> str:
    names = list(range(1, size + 1))
    rng.shuffle(names)
    count = rng.randint(0, size) if size < 50 else 2 * size
    rules = [sorted(rng.sample(range(size), 2)) for _ in range(count)] if size > 1 else []
    pairs = [[names[one], names[two]] for one, two in rules]
    if rng.random() < 0.2 and pairs:
        pairs.append(pairs[0][::-1])
    return line(size, len(pairs)) + "".join(line(*pair) for pair in pairs)


def brute_order(text: str) -> str:
    size, _, *data = integers(text)
    rules = list(zip(data[::2], data[1::2], strict=True))
    for order in permutations(range(1, size + 1)):
        if all(order.index(one) < order.index(two) for one, two in rules):
            return " ".join(map(str, order))
    return "impossible"


PROBLEMS = (
    Problem(
        id="cheapest-tolls",
        topics=("graphs",),
        difficulty=3,
        statement="""\
n towns are joined by m roads that can be driven in both directions; each has a toll. What is the least sum of tolls
from town s to town t?

Input: n, m, s and t (1 <= n <= 2,500, 0 <= m <= 5,000), then m lines with two different towns (1 to n) and a toll
from 0 to 10^9. No two roads join the same towns.
Output: the sum, or -1 where t cannot be reached.""",
        solution="""\
import heapq
import sys

data = [int(word) for word in sys.stdin.read().split()]
n, m, s, t = data[:4]
roads = [[] for _ in range(n + 1)]
for at in range(4, 4 + 3 * m, 3):
    a, b, toll = data[at : at + 3]
    roads[a].append((b, toll))
    roads[b].append((a, toll))
paid = {}
queue = [(0, s)]
while queue:
    total, town = heapq.heappop(queue)
    if town in paid:
        continue
    paid[town] = total
    for other, toll in roads[town]:
        if other not in paid:
            heapq.heappush(queue, (total + toll, other))
print(paid.get(t, -1))
""",
        brute=brute_tolls,
        draw=draw_tolls,
        small=(7, 9),
        large=(2500, 10**9),
        examples=("3 3 1 3\n1 2 2\n2 3 2\n1 3 5\n", "3 1 1 3\n1 2 4\n"),
        edge=(
            "1 0 1 1\n",
            "2 0 1 2\n",
            "2 1 2 1\n1 2 0\n",
            "3 2 3 1\n1 2 1\n3 2 1\n",
            "4 4 1 4\n1 2 1\n2 3 1\n3 4 1\n1 4 9\n",
            "4 4 1 4\n1 2 5\n2 4 5\n1 3 1\n3 4 8\n",
        ),
        wrong={
            "fewest roads": """\
import sys
from collections import deque

data = [int(word) for word in sys.stdin.read().split()]
n, m, s, t = data[:4]
roads = [[] for _ in range(n + 1)]
for at in range(4, 4 + 3 * m, 3):
    a, b, toll = data[at : at + 3]
    roads[a].append((b, toll))
    roads[b].append((a, toll))
paid, queue = {s: 0}, deque([s])
while queue:
    town = queue.popleft()
    for other, toll in roads[town]:
        if other not in paid:
            paid[other] = paid[town] + toll
            queue.append(other)
print(paid.get(t, -1))
""",
            "one-way roads": ("    roads[b].append((a, toll))\n", ""),
            "unreachable is not told": ("paid.get(t, -1)", "paid.get(t, 0)"),
        },
    ),
    Problem(
        id="order-of-tasks",
        topics=("graphs", "greedy"),
        difficulty=3,
        statement="""\
n tasks must be done one after the other. Each of m rules a b says that task a comes before task b; a rule may be
stated twice. Give the order that is smallest when orders are compared number by number from the front.

Input: n and m (1 <= n <= 2,000, 0 <= m <= 4,001), then m lines with two different tasks a and b (1 to n).
Output: the order on one line, or `impossible` where there is none.""",
        solution="""\
import heapq
import sys

data = [int(word) for word in sys.stdin.read().split()]
n, m = data[:2]
later = [[] for _ in range(n + 1)]
open_rules = [0] * (n + 1)
for at in range(2, 2 + 2 * m, 2):
    later[data[at]].append(data[at + 1])
    open_rules[data[at + 1]] += 1
ready = [task for task in range(1, n + 1) if open_rules[task] == 0]
heapq.heapify(ready)
order = []
while ready:
    task = heapq.heappop(ready)
    order.append(task)
    for other in later[task]:
        open_rules[other] -= 1
        if open_rules[other] == 0:
            heapq.heappush(ready, other)
print(*order if len(order) == n else ["impossible"])
""",
        brute=brute_order,
        draw=draw_order,
        small=(6, 1),
        large=(2000, 1),
        examples=("3 1\n3 1\n", "2 2\n1 2\n2 1\n"),
        edge=(
            "1 0\n",
            "3 0\n",
            "2 1\n2 1\n",
            "3 2\n3 2\n3 2\n",
            "4 2\n4 1\n2 3\n",
            "4 3\n1 4\n4 2\n2 1\n",
            "4 2\n3 1\n1 2\n",
            "5 2\n5 1\n4 2\n",
        ),
        wrong={
            "first in, first out": ("heapq.heappop(ready)", "ready.pop(0)"),
            "circles are not told": ('order if len(order) == n else ["impossible"]', "order"),
            "the first rule opens a task": ("open_rules[data[at + 1]] += 1", "open_rules[data[at + 1]] = 1"),
            SLOW: """\
import sys
from itertools import permutations

data = [int(word) for word in sys.stdin.read().split()]
rules = list(zip(data[2::2], data[3::2]))
for order in permutations(range(1, data[0] + 1)):
    if all(order.index(a) < order.index(b) for a, b in rules):
        print(*order)
        break
else:
    print("impossible")
""",
        },
    ),
)

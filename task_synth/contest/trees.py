"""Problems about trees."""

from random import Random
from typing import Any

from envgym.task_synth.contest.problem import Problem, integers, line


def parents(rng: Random, size: int, top: int) -> list[int]:
    """The parent of each of 1 to size in a tree with root 0; large trees are deep."""
    far = 3 if size > 100 else size
    drawn = [rng.randint(max(0, each - far), each - 1) for each in range(1, size)]
    names = [0, *rng.sample(range(1, size), size - 1)]
    named = {names[child]: names[parent] for child, parent in enumerate(drawn, 1)}
    return [named[each] for each in range(1, size)]


def draw_diameter(rng: Random, size: int, top: int) -> list[Any]:
    chain = parents(rng, size, top)
    return [chain, [rng.randint(0, top) for _ in chain]]


def brute_diameter(parent: list[int], length: list[int]) -> int:
    size = len(parent) + 1
    far = [[0 if a == b else 1 << 60 for b in range(size)] for a in range(size)]
    for child, (above, metres) in enumerate(zip(parent, length, strict=True), 1):
        far[child][above] = far[above][child] = metres
    for middle in range(size):
        for a in range(size):
            for b in range(size):
                far[a][b] = min(far[a][b], far[a][middle] + far[middle][b])
    return max(map(max, far))


def draw_reports(rng: Random, size: int, top: int) -> str:
    return line(size) + line(*(above + 1 for above in parents(rng, size, top)))


def brute_reports(text: str) -> str:
    size, *chiefs = integers(text)
    counts = [0] * size
    for each in range(2, size + 1):
        at = each
        while at != 1:
            at = chiefs[at - 2]
            counts[at - 1] += 1
    return " ".join(map(str, counts))


PROBLEMS = (
    Problem(
        id="longest-walk",
        topics=("trees",),
        difficulty=3,
        statement="""\
Huts are numbered from 0 and joined by paths to a tree: hut i (from 1 on) has a path to hut `parent[i - 1]` of
`length[i - 1]` metres. Return the length of the longest walk that uses no path twice.

`parent` has 0 to 5,000 entries, in any order that makes a tree with hut 0; 0 <= length <= 10^9.""",
        starter="def longest_walk(parent: list[int], length: list[int]) -> int:",
        solution="""\
def longest_walk(parent, length):
    below = [0] * (len(parent) + 1)
    children = [0] * (len(parent) + 1)
    for above in parent:
        children[above] += 1
    ready = [at for at in range(len(children)) if children[at] == 0]
    best = 0
    while ready:
        at = ready.pop()
        if at == 0:
            continue
        above, reach = parent[at - 1], below[at] + length[at - 1]
        best = max(best, below[above] + reach)
        below[above] = max(below[above], reach)
        children[above] -= 1
        if children[above] == 0:
            ready.append(above)
    return best
""",
        brute=brute_diameter,
        draw=draw_diameter,
        small=(7, 9),
        large=(5000, 10**9),
        examples=([[0, 0, 1], [3, 4, 5]], [[0, 1], [2, 2]]),
        edge=(
            [[], []],
            [[0], [0]],
            [[0], [7]],
            [[0, 0], [1, 2]],
            [[2, 0], [5, 1]],
            [[0, 1, 1, 1], [1, 6, 7, 2]],
            [[0, 0, 0], [3, 2, 1]],
            [[3, 3, 0], [4, 4, 1]],
        ),
        wrong={
            "only down from hut 0": (
                "best = max(best, below[above] + reach)",
                "best = max(best, reach if above == 0 else 0)",
            ),
            "only through hut 0": (
                "best = max(best, below[above] + reach)",
                "best = max(best, (below[0] + reach) * (above == 0))",
            ),
            "lengths are not added up": ("below[at] + length[at - 1]", "length[at - 1]"),
            "recursion": """\
def longest_walk(parent, length):
    children = [[] for _ in range(len(parent) + 1)]
    for child, above in enumerate(parent, 1):
        children[above].append(child)
    best = 0

    def reach(at):
        nonlocal best
        most = 0
        for child in children[at]:
            far = reach(child) + length[child - 1]
            best, most = max(best, most + far), max(most, far)
        return most

    reach(0)
    return best
""",
        },
    ),
    Problem(
        id="reports-below",
        topics=("trees",),
        difficulty=2,
        statement="""\
Employee 1 leads a firm; everyone else has exactly one direct chief, and following the chiefs always leads to employee
1. For each employee count all who are below: those whose chief they are, those below these, and so on.

Input: n (1 to 5,000), then on one line the chiefs of employees 2 to n (no numbers where n is 1). A chief may have a
larger number.
Output: the n counts on one line, for employees 1 to n.""",
        solution="""\
import sys

data = [int(word) for word in sys.stdin.read().split()]
n, chiefs = data[0], [0, 0] + data[1:]
direct = [0] * (n + 1)
for chief in chiefs[2:]:
    direct[chief] += 1
below = [0] * (n + 1)
ready = [person for person in range(2, n + 1) if direct[person] == 0]
while ready:
    person = ready.pop()
    chief = chiefs[person]
    below[chief] += below[person] + 1
    direct[chief] -= 1
    if direct[chief] == 0 and chief != 1:
        ready.append(chief)
print(*below[1:])
""",
        brute=brute_reports,
        draw=draw_reports,
        small=(8, 1),
        large=(5000, 1),
        examples=("5\n1 1 2 2\n", "3\n3 1\n"),
        edge=("1\n\n", "2\n1\n", "3\n1 1\n", "3\n1 2\n", "4\n3 4 1\n", "5\n1 1 1 1\n", "4\n4 2 1\n"),
        wrong={
            "only direct ones": ("below[person] + 1", "1"),
            "chiefs have smaller numbers": """\
import sys

data = [int(word) for word in sys.stdin.read().split()]
n, chiefs = data[0], [0, 0] + data[1:]
below = [0] * (n + 1)
for person in range(n, 1, -1):
    below[chiefs[person]] += below[person] + 1
print(*below[1:])
""",
            "everyone counts themselves": ("print(*below[1:])", "print(*(count + 1 for count in below[1:]))"),
        },
    ),
)

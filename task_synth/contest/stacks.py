"""Problems about stacks."""

from random import Random
from typing import Any

from envgym.task_synth.contest.problem import SLOW, Problem, integers, line


def brute_higher(values: list[int]) -> list[int]:
    waits = []
    for at, value in enumerate(values):
        later = [place for place in range(at + 1, len(values)) if values[place] > value]
        waits.append(later[0] - at if later else 0)
    return waits


def draw_higher(rng: Random, size: int, top: int) -> list[Any]:
    values = [rng.randint(-top, top) for _ in range(size)]
    return [sorted(values, reverse=True) if size > 1000 else values]


def draw_collapse(rng: Random, size: int, top: int) -> list[Any]:
    return ["".join(rng.choice("abc"[: 1 + min(2, top)]) for _ in range(size)), rng.randint(2, 2 + min(2, top))]


def brute_collapse(text: str, k: int) -> str:
    for at in range(len(text) - k + 1):
        if len(set(text[at : at + k])) == 1:
            return brute_collapse(text[:at] + text[at + k :], k)
    return text


def draw_fence(rng: Random, size: int, top: int) -> str:
    return line(size) + line(*(rng.randint(0, top) for _ in range(size)))


def brute_fence(text: str) -> str:
    heights = integers(text)[1:]
    spans = [(a, b) for a in range(len(heights)) for b in range(a + 1, len(heights) + 1)]
    return str(max(min(heights[a:b]) * (b - a) for a, b in spans))


PROBLEMS = (
    Problem(
        id="days-until-higher",
        topics=("stacks", "arrays"),
        difficulty=2,
        statement="""\
`values` holds one reading per day. For each day return how many days later a strictly higher reading comes for the
first time, or 0 where none ever does.

`values` has 0 to 30,000 integers from -10^9 to 10^9.""",
        starter="def days_until_higher(values: list[int]) -> list[int]:",
        solution="""\
def days_until_higher(values):
    waits, open_days = [0] * len(values), []
    for day, value in enumerate(values):
        while open_days and values[open_days[-1]] < value:
            earlier = open_days.pop()
            waits[earlier] = day - earlier
        open_days.append(day)
    return waits
""",
        brute=brute_higher,
        draw=draw_higher,
        small=(9, 5),
        large=(30000, 500),
        examples=([[3, 1, 2, 4]], [[5, 5, 6]]),
        edge=([[]], [[1]], [[1, 1]], [[1, 2]], [[2, 1]], [[3, 2, 1, 3]], [[-2, -3, -1]], [[1, 2, 3]]),
        wrong={
            SLOW: """\
def days_until_higher(values):
    waits = []
    for at in range(len(values)):
        wait = 0
        for later in range(at + 1, len(values)):
            if values[later] > values[at]:
                wait = later - at
                break
        waits.append(wait)
    return waits
""",
            "equal is enough": ("< value", "<= value"),
            "only one day is closed": ("while open_days", "if open_days"),
        },
    ),
    Problem(
        id="collapse-blocks",
        topics=("stacks", "strings"),
        difficulty=3,
        statement="""\
As long as `text` holds `k` equal characters side by side, the leftmost such `k` characters are taken out and what is
left closes up. Return what remains.

`text` has 0 to 10,000 lower-case letters; 2 <= k <= 100.""",
        starter="def collapse_blocks(text: str, k: int) -> str:",
        solution="""\
def collapse_blocks(text, k):
    stack = []
    for letter in text:
        if stack and stack[-1][0] == letter:
            stack[-1][1] += 1
            if stack[-1][1] == k:
                stack.pop()
        else:
            stack.append([letter, 1])
    return "".join(letter * count for letter, count in stack)
""",
        brute=brute_collapse,
        draw=draw_collapse,
        small=(12, 2),
        large=(10000, 1),
        examples=(["abbac", 2], ["aabbbacc", 3]),
        edge=(["", 2], ["a", 2], ["aa", 2], ["aaa", 2], ["aaaa", 3], ["abba", 2], ["aabbbaa", 3], ["aabbbaab", 3]),
        wrong={
            "one pass only": """\
import re


def collapse_blocks(text, k):
    return re.sub(r"(.)\\1{%d}" % (k - 1), "", text)
""",
            "whole runs are taken out": """\
from itertools import groupby


def collapse_blocks(text, k):
    while True:
        kept = "".join(run for run in ("".join(group) for _, group in groupby(text)) if len(run) < k)
        if kept == text:
            return text
        text = kept
""",
            "always pairs": ("== k:", "== 2:"),
        },
    ),
    Problem(
        id="largest-board",
        topics=("stacks",),
        difficulty=4,
        statement="""\
A fence is made of n planks side by side, each 1 wide, standing on the ground, of different heights. What is the
largest area of a rectangle that can be sawn out of the fence? Its sides are parallel to the ground and to the planks.

Input: n (1 to 3,000), then n heights from 0 to 10^9.
Output: the area.""",
        solution="""\
import sys

heights = [int(word) for word in sys.stdin.read().split()][1:]
best, stack = 0, []
for at, height in enumerate(heights + [0]):
    start = at
    while stack and stack[-1][1] >= height:
        start, higher = stack.pop()
        best = max(best, higher * (at - start))
    stack.append((start, height))
print(best)
""",
        brute=brute_fence,
        draw=draw_fence,
        small=(9, 9),
        large=(3000, 10**9),
        examples=("4\n2 1 5 4\n", "3\n1 1 1\n"),
        edge=("1\n0\n", "1\n7\n", "2\n1 9\n", "2\n9 1\n", "3\n2 1 2\n", "3\n3 0 3\n", "5\n1 2 3 2 1\n", "4\n4 3 2 1\n"),
        wrong={
            "what reaches the end is forgotten": ("heights + [0]", "heights"),
            "does not reach back": ("start, higher = stack.pop()", "start, higher = at - 1, stack.pop()[1]"),
            "whole planks only": """\
import sys

print(max(int(word) for word in sys.stdin.read().split()[1:]))
""",
            SLOW: """\
import sys

heights = [int(word) for word in sys.stdin.read().split()][1:]
best = 0
for a in range(len(heights)):
    for b in range(a + 1, len(heights) + 1):
        best = max(best, min(heights[a:b]) * (b - a))
print(best)
""",
        },
    ),
)

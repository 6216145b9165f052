"""Problems about arrays, hashing and two pointers."""

from random import Random
from typing import Any

from envgym.task_synth.contest.problem import SLOW, Problem, integers, line


def numbers(rng: Random, size: int, top: int, low: int | None = None) -> list[int]:
    return [rng.randint(-top if low is None else low, top) for _ in range(size)]


def brute_stretch(values: list[int], k: int) -> int:
    return max(sum(values[a:b]) for a in range(len(values)) for b in range(a + k, len(values) + 1))


def draw_stretch(rng: Random, size: int, top: int) -> list[Any]:
    return [numbers(rng, size, top), rng.randint(1, min(size, 1 + size // 3))]


def brute_pairs(values: list[int], gap: int) -> int:
    return sum(abs(one - two) == gap for at, one in enumerate(values) for two in values[:at])


def draw_pairs(rng: Random, size: int, top: int) -> list[Any]:
    return [numbers(rng, size, top), rng.randint(0, top)]


def brute_kth(first: list[int], second: list[int], k: int) -> int:
    return sorted(one + two for one in first for two in second)[k - 1]


def draw_kth(rng: Random, size: int, top: int) -> list[Any]:
    first, second = numbers(rng, size, top), numbers(rng, rng.randint(max(1, size // 2), size), top)
    return [first, second, rng.randint(1, len(first) * len(second))]


def draw_ring(rng: Random, size: int, top: int) -> str:
    queries = max(1, size // 2)
    asked = [line(rng.randint(1, size), rng.randint(1, size)) for _ in range(queries)]
    return line(size, queries) + line(*numbers(rng, size, top)) + "".join(asked)


def brute_ring(text: str) -> str:
    data = integers(text)
    size, ring, asked = data[0], data[2 : 2 + data[0]], data[2 + data[0] :]
    told = []
    for start, end in zip(asked[::2], asked[1::2], strict=True):
        at, total = start, ring[start - 1]
        while at != end:
            at = at % size + 1
            total += ring[at - 1]
        told.append(str(total))
    return "\n".join(told)


def draw_words(rng: Random, size: int, top: int) -> str:
    letters = "abc" if top < 10 else "abcdef"
    words = ["".join(rng.choice(letters) for _ in range(rng.randint(1, 3 + (top > 9) * 3))) for _ in range(size)]
    return line(size) + "".join(map(line, words))


def brute_anagrams(text: str) -> str:
    words = text.split()[1:]
    groups: list[list[str]] = []
    for each in words:
        for group in groups:
            if all(group[0].count(letter) == each.count(letter) for letter in group[0] + each):
                group.append(each)
                break
        else:
            groups.append([each])
    largest = max(map(len, groups))
    return f"{len(groups)} {largest} {min(min(group) for group in groups if len(group) == largest)}"


PROBLEMS = (
    Problem(
        id="best-stretch",
        topics=("arrays", "dynamic programming"),
        difficulty=3,
        statement="""\
Return the largest sum of a stretch of at least `k` numbers that stand side by side in `values`.

`values` has 1 to 2,000 integers from -10^9 to 10^9, and 1 <= k <= len(values).""",
        starter="def best_stretch(values: list[int], k: int) -> int:",
        solution="""\
def best_stretch(values, k):
    before = [0]
    for value in values:
        before.append(before[-1] + value)
    best, least = None, None
    for end in range(k, len(before)):
        start = before[end - k]
        least = start if least is None else min(least, start)
        if best is None or before[end] - least > best:
            best = before[end] - least
    return best
""",
        brute=brute_stretch,
        draw=draw_stretch,
        small=(9, 9),
        large=(2000, 10**9),
        examples=([[1, -2, 3, 4], 2], [[-5, -1, -4], 2]),
        edge=([[-7], 1], [[5], 1], [[-1, -2], 2], [[-3, -1, -2], 1], [[2, -1, 2], 3], [[9, -8, 1, 1], 2], [[0, 0], 1]),
        wrong={
            SLOW: """\
def best_stretch(values, k):
    return max(sum(values[a:b]) for a in range(len(values)) for b in range(a + k, len(values) + 1))
""",
            "exactly k": """\
def best_stretch(values, k):
    return max(sum(values[a:a + k]) for a in range(len(values) - k + 1))
""",
            "at least zero": ("best, least = None, None", "best, least = 0, None"),
            "k is ignored": ("range(k, len(before))", "range(1, len(before))"),
        },
    ),
    Problem(
        id="pairs-at-distance",
        topics=("arrays", "hashing"),
        difficulty=2,
        statement="""\
Count the pairs of places i < j in `values` whose numbers differ by exactly `gap`, in either direction. Equal numbers
at different places make different pairs.

`values` has 0 to 30,000 integers from -10^6 to 10^6, and 0 <= gap <= 10^6.""",
        starter="def pairs_at_distance(values: list[int], gap: int) -> int:",
        solution="""\
def pairs_at_distance(values, gap):
    seen = {}
    total = 0
    for value in values:
        total += seen.get(value - gap, 0)
        if gap:
            total += seen.get(value + gap, 0)
        seen[value] = seen.get(value, 0) + 1
    return total
""",
        brute=brute_pairs,
        draw=draw_pairs,
        small=(9, 4),
        large=(30000, 400),
        examples=([[1, 3, 5, 3], 2], [[4, 4, 4], 0]),
        edge=([[], 1], [[], 0], [[1], 0], [[2, 2], 0], [[2, 5], 3], [[5, 2], 3], [[-2, 2], 4], [[1, 1, 2, 2], 1]),
        wrong={
            SLOW: """\
def pairs_at_distance(values, gap):
    total = 0
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            if abs(values[i] - values[j]) == gap:
                total += 1
    return total
""",
            "a gap of 0 counts twice": ("if gap:", "if True:"),
            "only rising pairs": ("if gap:", "if False:"),
            "equal numbers are one": """\
def pairs_at_distance(values, gap):
    kinds = set(values)
    return sum(value + gap in kinds for value in kinds)
""",
        },
    ),
    Problem(
        id="kth-pair-sum",
        topics=("two pointers", "binary search"),
        difficulty=5,
        statement="""\
Take one number of `first` and one of `second` in every possible way and sort the sums, equal ones side by side.
Return the sum at place `k`, counted from 1.

Each list has 1 to 4,000 integers from -10^9 to 10^9, in any order; 1 <= k <= len(first) * len(second).""",
        starter="def kth_pair_sum(first: list[int], second: list[int], k: int) -> int:",
        solution="""\
def kth_pair_sum(first, second, k):
    first, second = sorted(first), sorted(second)
    low, high = first[0] + second[0], first[-1] + second[-1]
    while low < high:
        middle = (low + high) // 2
        count, end = 0, len(second)
        for one in first:
            while end and one + second[end - 1] > middle:
                end -= 1
            count += end
        if count >= k:
            high = middle
        else:
            low = middle + 1
    return low
""",
        brute=brute_kth,
        draw=draw_kth,
        small=(6, 9),
        large=(4000, 10**9),
        examples=([[1, 4], [0, 10], 3], [[2, 2], [3], 2]),
        edge=([[5], [-5], 1], [[1, 1], [1, 1], 4], [[3, 1], [2, 0], 1], [[3, 1], [2, 0], 4], [[-9, 9], [-1, 1], 2]),
        wrong={
            SLOW: "def kth_pair_sum(first, second, k):\n    return sorted(a + b for a in first for b in second)[k - 1]\n",
            "place counted from 0": ("count >= k", "count > k"),
            "equal sums are one": """\
def kth_pair_sum(first, second, k):
    sums = sorted({a + b for a in first[:300] for b in second[:300]})
    return sums[min(k, len(sums)) - 1]
""",
            "lists are taken as sorted": ("first, second = sorted(first), sorted(second)", "pass"),
        },
    ),
    Problem(
        id="ring-sums",
        topics=("arrays",),
        difficulty=2,
        statement="""\
Numbers stand on a ring, at places 1 to n clockwise; after place n comes place 1. A question names two places a and b:
what is the sum of the numbers that one meets walking clockwise from a to b, both included? From a place to itself one
meets that place alone.

Input: n and q (1 <= n <= 5,000, 1 <= q <= 2,500), then the n numbers (-10^9 to 10^9) on one line, then q lines with a
and b.
Output: q lines, the sums in order.""",
        solution="""\
import sys

data = [int(word) for word in sys.stdin.read().split()]
n, q = data[0], data[1]
before = [0]
for value in data[2 : 2 + n]:
    before.append(before[-1] + value)
told = []
for at in range(2 + n, 2 + n + 2 * q, 2):
    a, b = data[at], data[at + 1]
    total = before[b] - before[a - 1]
    if a > b:
        total += before[n]
    told.append(total)
print("\\n".join(map(str, told)))
""",
        brute=brute_ring,
        draw=draw_ring,
        small=(7, 9),
        large=(5000, 10**9),
        examples=("3 2\n5 1 2\n1 2\n3 1\n", "4 2\n1 2 3 4\n2 2\n3 2\n"),
        edge=("1 1\n7\n1 1\n", "2 4\n1 -1\n1 1\n1 2\n2 1\n2 2\n", "3 1\n1 2 4\n2 1\n", "3 1\n1 2 4\n3 3\n"),
        wrong={
            "never goes round": ("if a > b:", "if False:"),
            "a is left out": ("before[a - 1]", "before[a]"),
            "a place to itself goes round": ("if a > b:", "if a >= b:"),
        },
    ),
    Problem(
        id="anagram-groups",
        topics=("hashing", "strings"),
        difficulty=2,
        statement="""\
Two words belong to the same group when one is made of exactly the letters of the other. Words may occur more than
once and count each time.

Input: the number n of words (1 to 3,000), then n lines with one word of 1 to 6 lower-case letters each.
Output: on one line the number of groups, the number of words in the largest group, and the alphabetically first word
of all groups of that size.""",
        solution="""\
import sys

words = sys.stdin.read().split()[1:]
groups = {}
for word in words:
    groups.setdefault("".join(sorted(word)), []).append(word)
largest = max(len(group) for group in groups.values())
first = min(min(group) for group in groups.values() if len(group) == largest)
print(len(groups), largest, first)
""",
        brute=brute_anagrams,
        draw=draw_words,
        small=(7, 5),
        large=(3000, 20),
        examples=("4\ntea\neat\nate\ntee\n", "3\nb\na\na\n"),
        edge=("1\nz\n", "2\nab\nba\n", "2\na\naa\n", "3\nb\nc\na\n", "4\nab\nab\ncd\ndc\n", "2\naab\nabb\n"),
        wrong={
            "letters as a set": ('"".join(sorted(word))', "frozenset(word)"),
            "repeated words count once": (".split()[1:]", ".split()[1:]\nwords = list(dict.fromkeys(words))"),
            "the first group only": (
                "min(min(group) for group in groups.values() if len(group) == largest)",
                "min(max(groups.values(), key=len))",
            ),
        },
    ),
)

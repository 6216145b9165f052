"""Problems about dynamic programming and counting."""

from functools import cache
from itertools import permutations, product
from random import Random
from typing import Any

from envgym.task_synth.contest.problem import SLOW, Problem, integers, line


def draw_stamps(rng: Random, size: int, top: int) -> list[Any]:
    values = rng.sample(range(1, top + size + 1), size)
    return [values, rng.randint(0, 3 * top) if top < 100 else 9000 + rng.randint(0, 1000)]


def brute_stamps(values: list[int], amount: int) -> int:
    reached, count = {0}, 0
    while amount not in reached:
        more = {one + value for one in reached for value in values if one + value <= amount}
        if more <= reached:
            return -1
        reached, count = reached | more, count + 1
    return count


def draw_change(rng: Random, size: int, top: int) -> str:
    letters = "ab" if top < 50 else "abcd"
    first = "".join(rng.choice(letters) for _ in range(size))
    second = "".join(rng.choice(letters) for _ in range(rng.randint(max(1, size - 2), size)))
    return line(*(rng.randint(1, top) for _ in range(3))) + line(first) + line(second)


def brute_change(text: str) -> str:
    add, drop, swap = integers(text.splitlines()[0])
    first, second = text.split()[3:]

    @cache
    def cost(one: str, two: str) -> int:
        if not one or not two:
            return add * len(two) + drop * len(one)
        paid = [cost(one[1:], two) + drop, cost(one, two[1:]) + add, cost(one[1:], two[1:]) + swap * (one[0] != two[0])]
        return min(paid)

    return str(cost(first, second))


def draw_purse(rng: Random, size: int, top: int) -> str:
    kinds = [(value, rng.randint(1, 2 + min(top, 50))) for value in rng.sample(range(1, top + size + 1), size)]
    amount = rng.randint(0, sum(value * count for value, count in kinds)) if top < 50 else rng.randint(1500, 2000)
    return line(size, amount) + "".join(line(*kind) for kind in kinds)


def brute_purse(text: str) -> str:
    _, amount, *data = integers(text)
    kinds = list(zip(data[::2], data[1::2], strict=True))
    ways = product(*(range(count + 1) for _, count in kinds))
    return str(sum(sum(k * v for k, (v, _) in zip(way, kinds, strict=True)) == amount for way in ways) % 1_000_000_007)


def draw_word(rng: Random, size: int, top: int) -> list[Any]:
    letters = "abcdefghijklmnopqrstuvwxyz"[: min(26, 1 + top)]
    return ["".join(rng.choice(letters) for _ in range(size))]


def brute_rank(word: str) -> int:
    return sorted({"".join(order) for order in permutations(word)}).index(word) + 1


def draw_beads(rng: Random, size: int, top: int) -> str:
    return line(rng.randint(1, size) if top < 50 else rng.randint(size // 2, size), rng.randint(1, min(top, 10**9)))


def brute_beads(text: str) -> str:
    count, colours = integers(text)
    rings = product(range(colours), repeat=count)
    return str(
        sum(all(ring[at] != ring[at - 1] for at in range(count)) or count == 1 for ring in rings) % 1_000_000_007
    )


PROBLEMS = (
    Problem(
        id="fewest-stamps",
        topics=("dynamic programming",),
        difficulty=3,
        statement="""\
Stamps come in the different `values`, as many of each as one likes. Return the smallest number of stamps that are
worth exactly `amount` together, or -1 where no stamps are.

`values` has 1 to 20 different integers from 1 to 10,000; 0 <= amount <= 10,000.""",
        starter="def fewest_stamps(values: list[int], amount: int) -> int:",
        solution="""\
def fewest_stamps(values, amount):
    never = amount + 1
    fewest = [0] + [never] * amount
    for value in values:
        for total in range(value, amount + 1):
            fewest[total] = min(fewest[total], fewest[total - value] + 1)
    return fewest[amount] if fewest[amount] < never else -1
""",
        brute=brute_stamps,
        draw=draw_stamps,
        small=(4, 9),
        large=(20, 300),
        examples=([[1, 3, 4], 6], [[4, 6], 7]),
        edge=([[1], 0], [[2], 1], [[2], 3], [[5], 5], [[1, 5, 8], 10], [[7, 3], 5], [[3, 5], 7], [[4, 9], 12]),
        wrong={
            "the largest first": """\
def fewest_stamps(values, amount):
    count = 0
    for value in sorted(values, reverse=True):
        count += amount // value
        amount %= value
    return count if amount == 0 else -1
""",
            "one stamp of each value": ("range(value, amount + 1)", "range(amount, value - 1, -1)"),
            "impossible is not told": ("if fewest[amount] < never else -1", ""),
            SLOW: """\
def fewest_stamps(values, amount):
    def fewest(rest):
        if rest == 0:
            return 0
        found = [fewest(rest - value) for value in values if value <= rest]
        found = [count for count in found if count >= 0]
        return min(found) + 1 if found else -1

    return fewest(amount)
""",
        },
    ),
    Problem(
        id="change-costs",
        topics=("dynamic programming", "strings"),
        difficulty=3,
        statement="""\
Turn the first word into the second. Adding a letter anywhere costs a, taking one away costs b, and replacing one by
another costs c. What is the least total cost?

Input: a, b and c (1 to 10^6) on the first line, then the two words, one per line, of 1 to 600 lower-case letters.
Output: the cost.""",
        solution="""\
a, b, c = map(int, input().split())
first, second = input().strip(), input().strip()
row = [a * at for at in range(len(second) + 1)]
for letter in first:
    above, row = row, [row[0] + b]
    for at, wanted in enumerate(second):
        row.append(min(above[at + 1] + b, row[at] + a, above[at] + (0 if letter == wanted else c)))
print(row[-1])
""",
        brute=brute_change,
        draw=draw_change,
        small=(6, 6),
        large=(600, 10**6),
        examples=("2 3 4\nab\nb\n", "1 1 5\nab\ncb\n"),
        edge=(
            "1 1 1\na\na\n",
            "3 5 9\na\nb\n",
            "3 5 7\na\nb\n",
            "2 7 1\na\naaa\n",
            "2 7 1\naaa\na\n",
            "1 9 3\nab\nba\n",
            "4 1 2\nabc\nbcd\n",
            "5 5 5\nabab\nbaba\n",
        ),
        wrong={
            "adding and taking are swapped": ("above[at + 1] + b, row[at] + a", "above[at + 1] + a, row[at] + b"),
            "place by place": """\
a, b, c = map(int, input().split())
first, second = input().strip(), input().strip()
cost = sum(c for one, two in zip(first, second) if one != two)
gap = len(second) - len(first)
print(cost + (a * gap if gap > 0 else -b * gap))
""",
            "replacing is always allowed for nothing": ("(0 if letter == wanted else c)", "0"),
            SLOW: """\
a, b, c = map(int, input().split())
first, second = input().strip(), input().strip()


def cost(i, j):
    if i == len(first):
        return a * (len(second) - j)
    if j == len(second):
        return b * (len(first) - i)
    if first[i] == second[j]:
        return min(cost(i + 1, j + 1), cost(i + 1, j) + b, cost(i, j + 1) + a)
    return min(cost(i + 1, j + 1) + c, cost(i + 1, j) + b, cost(i, j + 1) + a)


print(cost(0, 0))
""",
        },
    ),
    Problem(
        id="ways-to-pay",
        topics=("dynamic programming", "combinatorics"),
        difficulty=4,
        statement="""\
A purse holds coins of n different values, a limited number of each. In how many ways can exactly an amount be paid?
Two ways differ when they use a different number of coins of some value. Give the count modulo 1,000,000,007.

Input: n and the amount (1 <= n <= 60, 0 <= amount <= 2,000), then n lines with a value (1 to 2,000, all different)
and the number of coins of it (1 to 1,000).
Output: the count modulo 1,000,000,007.""",
        solution="""\
import sys

data = [int(word) for word in sys.stdin.read().split()]
n, amount = data[0], data[1]
modulus = 1_000_000_007
ways = [1] + [0] * amount
for at in range(2, 2 + 2 * n, 2):
    value, count = data[at], data[at + 1]
    sums = ways[:]
    for total in range(value, amount + 1):
        sums[total] = (sums[total] + sums[total - value]) % modulus
    reach = value * (count + 1)
    ways = [(sums[total] - (sums[total - reach] if total >= reach else 0)) % modulus for total in range(amount + 1)]
print(ways[amount])
""",
        brute=brute_purse,
        draw=draw_purse,
        small=(4, 6),
        large=(60, 60),
        examples=("2 5\n1 3\n2 2\n", "1 4\n3 2\n"),
        edge=(
            "1 0\n5 1\n",
            "1 5\n5 1\n",
            "1 10\n5 1\n",
            "1 10\n5 2\n",
            "2 6\n2 3\n3 2\n",
            "2 3\n1 1\n2 1\n",
            "2 4\n1 4\n2 1\n",
            "3 6\n1 9\n2 9\n3 9\n",
        ),
        wrong={
            "coins without limit": ("- (sums[total - reach] if total >= reach else 0)", ""),
            "one coin too many": ("value * (count + 1)", "value * (count + 2)"),
            "no modulus": ("modulus = 1_000_000_007", "modulus = 10**1000"),
            "orders count": """\
import sys

data = [int(word) for word in sys.stdin.read().split()]
n, amount = data[0], data[1]
ways = [1] + [0] * amount
for total in range(1, amount + 1):
    ways[total] = sum(ways[total - value] for value in data[2::2] if value <= total) % 1_000_000_007
print(ways[amount])
""",
        },
    ),
    Problem(
        id="rank-of-word",
        topics=("combinatorics",),
        difficulty=4,
        statement="""\
All different rearrangements of the letters of `word` are listed in alphabetical order. Return the place of `word`
itself in the list, counted from 1.

`word` has 1 to 200 lower-case letters, which may repeat.""",
        starter="def rank_of_word(word: str) -> int:",
        solution="""\
from math import factorial


def rank_of_word(word):
    counts = {letter: word.count(letter) for letter in word}
    ways = factorial(len(word))
    for count in counts.values():
        ways //= factorial(count)
    rank, left = 1, len(word)
    for letter in word:
        for smaller in counts:
            if smaller < letter:
                rank += ways * counts[smaller] // left
        ways = ways * counts[letter] // left
        counts[letter] -= 1
        left -= 1
    return rank
""",
        brute=brute_rank,
        draw=draw_word,
        small=(6, 4),
        large=(200, 25),
        examples=(["bac"], ["baa"]),
        edge=(["a"], ["aa"], ["ab"], ["ba"], ["abab"], ["bbaa"], ["aabb"], ["zebra"]),
        wrong={
            "letters as if all were different": ("ways //= factorial(count)", "pass"),
            "counted from 0": ("rank, left = 1, len(word)", "rank, left = 0, len(word)"),
            SLOW: """\
from itertools import permutations


def rank_of_word(word):
    return sorted(set(permutations(word))).index(tuple(word)) + 1
""",
        },
    ),
    Problem(
        id="beads-on-a-ring",
        topics=("combinatorics", "number theory"),
        difficulty=4,
        statement="""\
n places on a ring are numbered 1 to n; place n is next to place 1. Each gets a bead of one of k colours, and no two
neighbouring places may have the same colour. Rings that differ at any numbered place are different. With n = 1 the
only place has no neighbour. How many rings are there, modulo 1,000,000,007?

Input: n and k (1 <= n <= 10^15, 1 <= k <= 10^9).
Output: the count modulo 1,000,000,007.""",
        solution="""\
n, k = map(int, input().split())
modulus = 1_000_000_007
if n == 1:
    print(k % modulus)
else:
    sign = 1 if n % 2 == 0 else -1
    print((pow(k - 1, n, modulus) + sign * (k - 1)) % modulus)
""",
        brute=brute_beads,
        draw=draw_beads,
        small=(6, 4),
        large=(10**15, 10**9),
        examples=("3 3\n", "4 2\n"),
        edge=("1 1\n", "1 5\n", "2 1\n", "2 3\n", "3 1\n", "3 2\n", "4 3\n", "5 3\n", "7 2\n"),
        wrong={
            "a line, not a ring": ("(pow(k - 1, n, modulus) + sign * (k - 1))", "k * pow(k - 1, n - 1, modulus)"),
            "one place": ("if n == 1:", "if n == 0:"),
            "the sign": ("if n % 2 == 0 else -1", "if n % 2 else -1"),
            SLOW: """\
n, k = map(int, input().split())
same, other = 1, 0
for _ in range(n):
    same, other = other * (k - 1) % 1_000_000_007, (same + other * (k - 2)) % 1_000_000_007
print(k % 1_000_000_007 if n == 1 else same * k % 1_000_000_007)
""",
        },
    ),
)

"""Problems about number theory and geometry on integers."""

from fractions import Fraction
from random import Random
from typing import Any

from envgym.task_synth.contest.problem import SLOW, Problem, integers, line


def draw_multiples(rng: Random, size: int, top: int) -> list[Any]:
    most = 12 if top < 100 else 10**6
    return [rng.randint(1, top), [rng.randint(2, most) for _ in range(size)]]


def brute_multiples(n: int, divisors: list[int]) -> int:
    return sum(any(number % divisor == 0 for divisor in divisors) for number in range(1, n + 1))


def draw_zeros(rng: Random, size: int, top: int) -> str:
    if top < 100:
        return line(rng.randint(0, size), rng.randint(2, top + 1))
    base = rng.choice(
        [2**29, 3**18, 999_999_937, 31607 * 31607, 2 * 3 * 5 * 7 * 11 * 13 * 17 * 19, rng.randint(2, top)]
    )
    return line(rng.randint(size // 2, size), base)


def brute_zeros(text: str) -> str:
    n, base = integers(text)
    factorial = 1
    for factor in range(2, n + 1):
        factorial *= factor
    zeros = 0
    while factorial % base == 0:
        factorial, zeros = factorial // base, zeros + 1
    return str(zeros)


def draw_polygon(rng: Random, size: int, top: int) -> list[Any]:
    """A polygon whose outline does not touch itself: a skyline over the x axis, or a convex one, in either sense."""
    top = max(2, top)
    places = sorted(rng.sample(range(top + size + 1), size + 2))
    if rng.random() < 0.3:
        corners = [[places[0], 0], [places[-1], 0], [rng.randint(places[0], places[-1]), rng.randint(1, top)]]
    else:
        upper = [[x, rng.randint(1, top)] for x in reversed(places)]
        corners = [[places[0], 0], [places[-1], 0], *upper]
    shift = rng.randint(-top, top)
    corners = [[x + shift, y - shift] for x, y in corners]
    return [corners if rng.random() < 0.5 else corners[::-1]]


def brute_polygon(corners: list[list[int]]) -> int:
    edges = list(zip(corners, corners[1:] + corners[:1], strict=True))

    def inside(x: int, y: int) -> bool:
        crossings = 0
        for (ax, ay), (bx, by) in edges:
            turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            if turn == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
                return False
            if (ay > y) != (by > y):
                crossings += x < ax + Fraction((y - ay) * (bx - ax), by - ay)
        return crossings % 2 == 1

    xs, ys = zip(*corners, strict=True)
    return sum(inside(x, y) for x in range(min(xs), max(xs) + 1) for y in range(min(ys), max(ys) + 1))


def draw_posters(rng: Random, size: int, top: int) -> str:
    text = ""
    for _ in range(3):
        x, y = rng.randint(-top, top), rng.randint(-top, top)
        text += line(x, y, x + rng.randint(1, top + 1), y + rng.randint(1, top + 1))
    return text


def brute_posters(text: str) -> str:
    data = integers(text)
    cells = {
        (x, y)
        for at in range(0, 12, 4)
        for x in range(data[at], data[at + 2])
        for y in range(data[at + 1], data[at + 3])
    }
    return str(len(cells))


PROBLEMS = (
    Problem(
        id="multiples-of-any",
        topics=("number theory", "combinatorics"),
        difficulty=3,
        statement="""\
Return how many of the numbers 1 to `n` are divisible by at least one of `divisors`.

1 <= n <= 10^15; `divisors` has 0 to 12 integers from 2 to 10^6, which may repeat.""",
        starter="def multiples_of_any(n: int, divisors: list[int]) -> int:",
        solution="""\
from math import lcm


def multiples_of_any(n, divisors):
    terms = {}
    for divisor in set(divisors):
        more = {divisor: 1}
        for multiple, sign in terms.items():
            both = lcm(multiple, divisor)
            if both <= n:
                more[both] = more.get(both, 0) - sign
        for multiple, sign in more.items():
            terms[multiple] = terms.get(multiple, 0) + sign
    return sum(sign * (n // multiple) for multiple, sign in terms.items())
""",
        brute=brute_multiples,
        draw=draw_multiples,
        small=(4, 60),
        large=(12, 10**15),
        examples=([10, [2, 3]], [20, [4, 6, 4]]),
        edge=([5, []], [1, [2]], [2, [2]], [12, [2, 4]], [36, [4, 6]], [30, [2, 3, 5]], [60, [6, 10, 15]], [9, [3, 3]]),
        wrong={
            "products for least common multiples": ("both = lcm(multiple, divisor)", "both = multiple * divisor"),
            "numbers counted twice": "def multiples_of_any(n, divisors):\n    return sum(n // each for each in set(divisors))\n",
            "pairs only": """\
from math import lcm


def multiples_of_any(n, divisors):
    kinds = sorted(set(divisors))
    pairs = sum(n // lcm(a, b) for at, a in enumerate(kinds) for b in kinds[:at])
    return sum(n // each for each in kinds) - pairs
""",
            SLOW: """\
def multiples_of_any(n, divisors):
    return sum(any(number % each == 0 for each in divisors) for number in range(1, n + 1))
""",
        },
    ),
    Problem(
        id="zeros-of-factorial",
        topics=("number theory",),
        difficulty=4,
        statement="""\
n! is the product of 1, 2, ..., n, and 0! is 1. With how many zeros does n! end when it is written in base b?

Input: n and b on one line (0 <= n <= 10^18, 2 <= b <= 10^9).
Output: the number of zeros.""",
        solution="""\
n, b = map(int, input().split())


def power_in_factorial(prime):
    total, rest = 0, n
    while rest:
        rest //= prime
        total += rest
    return total


fewest, prime = None, 2
while b > 1:
    if prime * prime > b:
        prime = b
    power = 0
    while b % prime == 0:
        b //= prime
        power += 1
    if power:
        zeros = power_in_factorial(prime) // power
        fewest = zeros if fewest is None else min(fewest, zeros)
    prime += 1
print(fewest)
""",
        brute=brute_zeros,
        draw=draw_zeros,
        small=(40, 40),
        large=(10**18, 10**9),
        examples=("10 10\n", "6 4\n"),
        edge=("0 2\n", "1 2\n", "4 8\n", "25 10\n", "9 9\n", "10 16\n", "12 12\n", "30 31\n", "31 31\n", "16 36\n"),
        wrong={
            "only the largest prime factor": (
                "fewest = zeros if fewest is None else min(fewest, zeros)",
                "fewest = zeros",
            ),
            "powers of a prime factor": ("power_in_factorial(prime) // power", "power_in_factorial(prime)"),
            "factors that hold a prime once": ("total += rest", "total = n // prime"),
            SLOW: """\
n, b = map(int, input().split())
product = 1
for factor in range(2, n + 1):
    product *= factor
zeros = 0
while product % b == 0:
    product, zeros = product // b, zeros + 1
print(zeros)
""",
        },
    ),
    Problem(
        id="lattice-points-inside",
        topics=("geometry", "number theory"),
        difficulty=4,
        statement="""\
`corners` are the corners `[x, y]` of a polygon in the order of its outline, in either sense of turning; the outline
never touches or crosses itself. Return how many points with whole coordinates lie strictly inside: points on the
outline do not count.

`corners` has 3 to 2,000 entries, coordinates from -10^9 to 10^9.""",
        starter="def lattice_points_inside(corners: list[list[int]]) -> int:",
        solution="""\
from math import gcd


def lattice_points_inside(corners):
    twice_area, outline = 0, 0
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1]):
        twice_area += ax * by - bx * ay
        outline += gcd(bx - ax, by - ay)
    return (abs(twice_area) - outline + 2) // 2
""",
        brute=brute_polygon,
        draw=draw_polygon,
        small=(4, 7),
        large=(1990, 10**8),
        examples=([[[0, 0], [4, 0], [4, 3], [0, 3]]], [[[0, 0], [0, 3], [3, 0]]]),
        edge=(
            [[[0, 0], [1, 0], [0, 1]]],
            [[[0, 0], [2, 0], [0, 2]]],
            [[[0, 0], [4, 0], [0, 4]]],
            [[[-2, -2], [-2, 2], [2, 2], [2, -2]]],
            [[[0, 0], [6, 0], [6, 6], [3, 1], [0, 6]]],
            [[[0, 0], [1, 0], [2, 0], [2, 2], [0, 2]]],
            [[[0, 0], [5, 1], [1, 5]]],
        ),
        wrong={
            "corners for the whole outline": ("outline += gcd(bx - ax, by - ay)", "outline += 1"),
            "one sense of turning": ("abs(twice_area)", "twice_area"),
            "the outline counts": ("- outline + 2", "+ outline + 2"),
            SLOW: """\
def lattice_points_inside(corners):
    edges = list(zip(corners, corners[1:] + corners[:1]))
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    count = 0
    for x in range(min(xs), max(xs) + 1):
        for y in range(min(ys), max(ys) + 1):
            inside, on_it = False, False
            for (ax, ay), (bx, by) in edges:
                turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
                if turn == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
                    on_it = True
                if (ay > y) != (by > y) and (turn > 0) == (by > ay):
                    inside = not inside
            count += inside and not on_it
    return count
""",
        },
    ),
    Problem(
        id="three-posters",
        topics=("geometry",),
        difficulty=2,
        statement="""\
Three rectangular posters hang on a wall, their sides along the axes; they may overlap. How much of the wall do they
cover?

Input: three lines with x1, y1, x2 and y2, two opposite corners with x1 < x2 and y1 < y2; all from -10^9 to 10^9.
Output: the area that is covered.""",
        solution="""\
posters = [tuple(map(int, input().split())) for _ in range(3)]


def common(chosen):
    width = min(p[2] for p in chosen) - max(p[0] for p in chosen)
    height = min(p[3] for p in chosen) - max(p[1] for p in chosen)
    return max(0, width) * max(0, height)


a, b, c = posters
single = common([a]) + common([b]) + common([c])
double = common([a, b]) + common([a, c]) + common([b, c])
print(single - double + common([a, b, c]))
""",
        brute=brute_posters,
        draw=draw_posters,
        small=(1, 6),
        large=(1, 5 * 10**8 - 1),
        examples=("0 0 2 2\n1 1 3 3\n5 5 6 6\n", "0 0 4 1\n1 0 2 3\n0 2 4 3\n"),
        edge=(
            "0 0 1 1\n0 0 1 1\n0 0 1 1\n",
            "0 0 3 3\n1 1 2 2\n0 0 3 3\n",
            "0 0 1 1\n1 0 2 1\n2 0 3 1\n",
            "0 0 1 1\n1 1 2 2\n2 2 3 3\n",
            "0 0 1 1\n3 3 4 4\n0 3 1 4\n",
            "-3 -3 0 0\n-1 -1 2 2\n-2 -2 1 1\n",
            "0 0 9 1\n0 0 1 9\n0 0 2 2\n",
        ),
        wrong={
            "sum of areas": ("single - double + common([a, b, c])", "single"),
            "what all three share": ("double + common([a, b, c])", "double"),
            "negative sides": ("max(0, width) * max(0, height)", "max(0, width * height)"),
            SLOW: """\
cells = set()
for _ in range(3):
    x1, y1, x2, y2 = map(int, input().split())
    for x in range(x1, x2):
        for y in range(y1, y2):
            cells.add((x, y))
print(len(cells))
""",
        },
    ),
)

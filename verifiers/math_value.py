"""Whether two expressions have the same value: exactly for rational functions, else at fixed points to 150 digits of their own size.

Neither 1e-20 and 2e-20 nor e^100 and e^100 + 1 are equal: agreement is relative, and where it cannot be told from a difference that
cancels, the difference itself is evaluated. It runs inside a worker process.
"""

import random
from fractions import Fraction
from functools import lru_cache

from sympy import Expr, Float, I, Integer, Rational, Symbol, nan, oo, zoo
from sympy.core.evalf import PrecisionExhausted

from envgym.verifiers.latex_expression import Unreadable

DIGITS = 200
CLOSE = Float(10) ** -150
"""Relative difference that two evaluations of the same value may show."""
NOTHING = Float(10) ** -100
MAX_DEGREE = 200
SCALES = (1, -1, 10, -3, 3, 100, 1, -20)
ENOUGH = 4
"""Points at which both sides must have a value before they count as equal."""
Point = dict[Symbol, Fraction]


def same_value(gold: Expr, answer: Expr) -> bool:
    """Equal numbers, or expressions that agree wherever the gold is a real number."""
    if gold in (nan, zoo):
        raise Unreadable("it has no value")
    if gold == answer:
        return True
    if (gold.is_Rational and answer.is_Rational) or any(value in (nan, zoo, oo, -oo) for value in (gold, answer)):
        return False
    points = points_for(gold, answer)
    if is_simple(gold) and is_simple(answer):
        return same_function(gold, answer, points)
    checked = 0
    for point in points:
        here = value_at(gold, point)
        if here is None or (point and here[1] != 0 and not gold.has(I)):
            continue
        if not agree(gold, answer, point):
            return False
        checked += 1
    return checked >= min(ENOUGH, len(points))


def points_for(*expressions: Expr) -> tuple[Point, ...]:
    """The same values for the same variables every time: small, large and negative fractions, and whole numbers."""
    return _points(tuple(sorted({symbol for each in expressions for symbol in each.free_symbols}, key=str)))


@lru_cache(maxsize=512)
def _points(symbols: tuple[Symbol, ...]) -> tuple[Point, ...]:
    if not symbols:
        return ({},)
    rng = random.Random(20)
    fractions = ({symbol: Fraction(scale * rng.randint(1, 997), 499) for symbol in symbols} for scale in SCALES)
    return (*fractions, *({symbol: Fraction(rng.randint(2, 30)) for symbol in symbols} for _ in range(ENOUGH)))


def agree(gold: Expr, answer: Expr, point: Point) -> bool:
    """Whether both have the same value at a point: 150 equal digits, or a difference that cancels as far as 200 digits can tell."""
    if is_simple(gold) and is_simple(answer):
        return rational_at(gold, point) == rational_at(answer, point)
    ours, theirs = value_at(gold, point), value_at(answer, point)
    if ours is None or theirs is None:
        return False
    size = max(map(abs, (*ours, *theirs)))
    apart = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    if apart <= CLOSE * size:
        return True
    return bool(apart <= NOTHING and cancels(gold - answer, point))


def value_at(expression: Expr, point: Point) -> tuple[Expr, Expr] | None:
    """Real and imaginary part at a point, exact where that is quick; None where there is no value."""
    if is_simple(expression):
        exact = rational_at(expression, point)
        return None if exact is None else (Rational(exact.numerator, exact.denominator), Integer(0))
    real, imaginary = expression.evalf(DIGITS, subs=in_sympy(point), maxn=2 * DIGITS).as_real_imag()
    if not all(part.is_Number and part.is_finite for part in (real, imaginary)):
        return None
    return real, Integer(0) if abs(imaginary) <= CLOSE * abs(real) else imaginary


def cancels(difference: Expr, point: Point) -> bool:
    """Whether a tiny difference is zero: no digit of it can be resolved."""
    try:
        difference.evalf(2, subs=in_sympy(point), maxn=DIGITS, strict=True)
    except PrecisionExhausted:
        return True
    return False


def in_sympy(point: Point) -> dict[Symbol, Rational]:
    return {symbol: Rational(value.numerator, value.denominator) for symbol, value in point.items()}


# ---- rational functions


def is_simple(expression: Expr) -> bool:
    """Whether it is a rational function of low degree: its value at a rational point is rational and quick to have."""
    degree = degree_of(expression)
    return degree is not None and degree <= MAX_DEGREE


@lru_cache(maxsize=4096)
def degree_of(expression: Expr) -> int | None:
    """The highest power in it, of which its size at a point depends; None for what is no rational function."""
    if expression.is_Rational:
        return 0
    if expression.is_Symbol:
        return 1
    if expression.is_Pow:
        base = degree_of(expression.base) if expression.exp.is_Integer else None
        return None if base is None else max(base, 1) * abs(int(expression.exp))
    if not (expression.is_Add or expression.is_Mul):
        return None
    degrees = [degree_of(part) for part in expression.args]
    known = [degree for degree in degrees if degree is not None]
    if len(known) < len(degrees):
        return None
    return max(known) if expression.is_Add else sum(known)


def same_function(gold: Expr, answer: Expr, points: tuple[Point, ...]) -> bool:
    """Whether two simple expressions agree wherever the gold has a value."""
    checked = 0
    for point in points:
        here = rational_at(gold, point)
        if here is not None:
            if rational_at(answer, point) != here:
                return False
            checked += 1
    return checked >= min(ENOUGH, len(points))


def rational_at(expression: Expr, point: Point) -> Fraction | None:
    """The exact value of a simple expression; None at a pole. In Python's fractions: thirty times faster than in sympy."""
    try:
        return _rational(expression, point)
    except ZeroDivisionError:
        return None


def _rational(expression: Expr, point: Point) -> Fraction:
    if expression.is_Symbol:
        return point[expression]
    if expression.is_Rational:
        return Fraction(int(expression.p), int(expression.q))
    if expression.is_Pow:
        return _rational(expression.base, point) ** int(expression.exp)
    result = Fraction(0 if expression.is_Add else 1)
    for part in expression.args:
        value = _rational(part, point)
        result = result + value if expression.is_Add else result * value
    return result

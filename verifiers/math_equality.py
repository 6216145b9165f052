"""Whether two answers are the same mathematics: the function that worker processes run.

Numbers are compared exactly. Other expressions are evaluated wherever the gold is real, at fixed points for every variable, and must agree
to 150 digits relative to their own size: neither 1e-20 and 2e-20 nor e^100 and e^100 + 1 are equal. math-verify 0.9 rounds to 6 decimals
when either side is a decimal and takes a difference below 1e-15 for zero: there 1e-7 equals 2e-7.
"""

import random
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from sympy import Expr, Float, I, Integer, Rational, Symbol, nan, oo, zoo
from sympy.core.evalf import PrecisionExhausted

from envgym.verifiers.latex_expression import TooComplex, Unreadable
from envgym.verifiers.math_structure import ORDER, Group, Leaf, Relation, Structure, is_name, read_leaf, read_structure

DIGITS = 200
CLOSE = Float(10) ** -150
"""Relative difference that two evaluations of the same value may show."""
NOTHING = Float(10) ** -100
MAX_DEGREE = 200
SCALES = (1, -1, 10, -3, 3, 100, 1, -20)
ENOUGH = 4
"""Points at which both sides must have a value before they count as equal."""
MAX_ITEMS = 200
BARE_LOG = re.compile(r"(?<![A-Za-z\\])\\?log(?![A-Za-z]|\s*_)")
UNORDERED = frozenset(["list", "{}"])
Point = dict[Symbol, Rational]


def compare(gold: str, answer: str) -> tuple[str, str]:
    """One of equal, not_equal, unreadable, too_complex, gold with a reason. Takes and gives what JSON can carry.

    What an answer makes sympy raise is the answer's doing, because the gold was compared with itself before.
    """
    fault = fault_of_gold(gold)
    if fault:
        return "gold", fault
    try:
        equal = any(same(structure_of(one), read_structure(two)) for one, two in readings(gold, answer))
        return ("equal", "") if equal else ("not_equal", "")
    except TooComplex as error:
        return "too_complex", str(error)
    except Unreadable as error:
        return "unreadable", str(error)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  see above
        return "unreadable", f"{type(error).__name__}: {error}"[:200]


def readings(gold: str, answer: str) -> Iterator[tuple[str, str]]:
    """Both texts with \\log as natural, then as decimal logarithm: books write it for either, but not for both at once."""
    if not (BARE_LOG.search(gold) or BARE_LOG.search(answer)):
        yield gold, answer
        return
    for function in (r"\\ln", r"\\lg"):
        yield BARE_LOG.sub(function, gold), BARE_LOG.sub(function, answer)


@lru_cache(maxsize=512)
def fault_of_gold(gold: str) -> str:
    """Why nothing can be compared with `gold`: it is unreadable, has no value or does not equal itself. Empty when it is fine."""
    try:
        structure = structure_of(gold)
        evaluate(structure)
        return "" if same(structure, structure) else "it does not equal itself"
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, this gold cannot be used
        return f"{type(error).__name__}: {error}"[:200]


def evaluate(structure: Structure) -> None:
    """Does to a gold what comparing does, so that its own cost shows before an answer can be blamed for it."""
    if isinstance(structure, Leaf):
        for point in points_for(structure.value):
            value_at(structure.value, point)
        return
    items = (
        structure.items
        if isinstance(structure, Group)
        else [read_structure(term) for term in structure.terms if not is_name(term)]
    )
    for item in items:
        evaluate(item)


@lru_cache(maxsize=512)
def structure_of(gold: str) -> Structure:
    return read_structure(gold)


def same(gold: Structure, answer: Structure) -> bool:
    if isinstance(gold, Relation) and isinstance(answer, Relation):
        return same_relation(gold, answer)
    if isinstance(answer, Relation):
        return (
            all(same(gold, value) for value in values_of(answer)) if values_of(answer) else same_interval(gold, answer)
        )
    if isinstance(gold, Relation):
        return same(values_of(gold)[-1], answer) if values_of(gold) else same_interval(answer, gold)
    if isinstance(gold, Leaf) and isinstance(answer, Leaf):
        return same_value(gold.value, answer.value)
    if isinstance(gold, Group) and isinstance(answer, Group):
        return same_group(gold, answer)
    group, leaf = (gold, answer) if isinstance(gold, Group) else (answer, gold)
    return isinstance(group, Group) and same_single(group, leaf)


def same_single(group: Group, leaf: Structure) -> bool:
    """A set of one item and the item, a ratio of two and its quotient."""
    if group.kind == "{}" and len(group.items) == 1:
        return same(group.items[0], leaf)
    if group.kind == "ratio" and len(group.items) == 2 and isinstance(leaf, Leaf):
        top, bottom = (item.value if isinstance(item, Leaf) else nan for item in group.items)
        return same_value(top / bottom, leaf.value)
    return False


def same_group(gold: Group, answer: Group) -> bool:
    kinds = {gold.kind, answer.kind}
    if kinds <= UNORDERED and assigns(gold) != assigns(
        answer
    ):  # x = 1, y = 2 against 1, 2: the order says which is which
        return len(gold.items) == len(answer.items) and all(map(same, gold.items, answer.items))
    if kinds <= UNORDERED or (len(kinds) == 1 and gold.kind in ("union", "all")):
        return same_unordered(gold.items, answer.items)
    if kinds == {"list", "union"}:  # x < 1 or x > 2: a list of inequalities is their union
        loose = gold if gold.kind == "list" else answer
        return all(isinstance(item, Relation) for item in loose.items) and same_unordered(gold.items, answer.items)
    if kinds == {"ratio"}:
        return same_ratio(gold.items, answer.items)
    if len(kinds) == 1 or kinds == {"()", "list"}:  # the brackets of a point are often left out
        return len(gold.items) == len(answer.items) and all(map(same, gold.items, answer.items))
    return False


def assigns(group: Group) -> bool:
    """Whether the items state the values of different names."""
    names = [names_of(item) for item in group.items if isinstance(item, Relation) and values_of(item)]
    return len(names) == len(group.items) and any(one != two for one, two in pairwise(names))


def same_unordered(gold: tuple[Structure, ...], answer: tuple[Structure, ...]) -> bool:
    """Equal as sets: an item that is given twice counts once."""
    if max(len(gold), len(answer)) > MAX_ITEMS:
        raise TooComplex(f"more than {MAX_ITEMS} items")
    wanted, given = without_repeats(gold), without_repeats(answer)
    return len(wanted) == len(given) and all(any(same(item, other) for other in given) for item in wanted)


def without_repeats(items: tuple[Structure, ...]) -> list[Structure]:
    kept: list[Structure] = []
    for item in items:
        if not any(same(other, item) for other in kept):
            kept.append(item)
    return kept


def same_ratio(gold: tuple[Structure, ...], answer: tuple[Structure, ...]) -> bool:
    one = [item.value for item in gold if isinstance(item, Leaf)]
    two = [item.value for item in answer if isinstance(item, Leaf)]
    if not len(one) == len(two) == len(gold) == len(answer):
        return False
    return all(same_value(a * d, b * c) for (a, b), (c, d) in zip(pairwise(one), pairwise(two), strict=True))


# ---- relations


def values_of(relation: Relation) -> list[Structure]:
    """What an assignment such as `x = 1 + 1 = 2` states: every term that is no mere name. Empty for other relations.

    What follows the exact value behind \\approx is left out.
    """
    if not set(relation.operators) <= {"=", r"\approx", r"\in"} or not (
        is_name(relation.terms[0]) or is_constant(relation.terms[0])
    ):
        return []
    terms = list(relation.terms[1:]) if is_name(relation.terms[0]) else list(relation.terms)
    operators = list(relation.operators) if is_name(relation.terms[0]) else ["=", *relation.operators]
    kept = [
        term
        for at, (operator, term) in enumerate(zip(operators, terms, strict=True))
        if at == 0 or operator != r"\approx"
    ]
    return [read_structure(term) for term in kept]


def is_constant(term: str) -> bool:
    structure = read_structure(term)
    return isinstance(structure, Leaf) and not structure.value.free_symbols


def same_interval(other: Structure, relation: Relation) -> bool:
    interval = interval_of(relation)
    return interval is not None and same(other, interval)


def interval_of(relation: Relation) -> Group | None:
    """`x < 3`, `3 > x`, `1 < x <= 2` as intervals; None for relations that are not solved for a name."""
    terms, operators = relation.terms, [ORDER.get(operator, "") for operator in relation.operators]
    if not all(operators) or len({operator[0] for operator in operators}) != 1:
        return None
    if operators[0][0] == ">":
        terms, operators = terms[::-1], [operator.replace(">", "<") for operator in operators[::-1]]
    at = next((at for at, term in enumerate(terms) if is_name(term)), None)
    if at is None or len(terms) > 3 or (len(terms) == 3 and at != 1):
        return None
    low, high = terms[:at], terms[at + 1 :]
    left = "[" if low and operators[0] == "<=" else "("
    right = "]" if high and operators[-1] == "<=" else ")"
    return Group(
        left + right, (read_structure(low[0] if low else r"-\infty"), read_structure(high[0] if high else r"\infty"))
    )


def same_relation(gold: Relation, answer: Relation) -> bool:
    """The same interval, the same names with the same values, or sides that differ by a constant factor."""
    intervals = interval_of(gold), interval_of(answer)
    if intervals[0] is not None and intervals[1] is not None:
        return names_of(gold) == names_of(answer) and same(intervals[0], intervals[1])
    stated = values_of(gold), values_of(answer)
    if all(stated) and names_of(gold) == names_of(answer):
        return all(same(stated[0][-1], value) for value in stated[1])
    if len(gold.operators) != 1 or len(answer.operators) != 1:
        return False
    kinds, sides = zip(normal_form(gold), normal_form(answer), strict=True)
    return kinds[0] == kinds[1] and proportional(*sides, positive=kinds[0] in ("<", "<="))


def names_of(relation: Relation) -> set[str]:
    return {"".join(term.split()) for term in relation.terms if is_name(term)}


def normal_form(relation: Relation) -> tuple[str, Expr]:
    """The operator, with > turned round, and the difference of the sides."""
    operator, (left, right) = relation.operators[0], map(read_leaf, relation.terms)
    kind = ORDER.get(operator, operator)
    return (kind.replace(">", "<"), right - left) if kind.startswith(">") else (kind, left - right)


def proportional(one: Expr, two: Expr, *, positive: bool) -> bool:
    """Whether two / one is a constant that is not zero, and with `positive` above zero."""
    start, *points = points_for(one, two)
    factor = two.subs(start) / one.subs(start)
    if factor in (nan, zoo, Integer(0)) or (positive and factor.is_positive is not True):
        return False
    return one.free_symbols == two.free_symbols and sum(agree(factor * one, two, point) for point in points) >= ENOUGH


# ---- values


def same_value(gold: Expr, answer: Expr) -> bool:
    """Equal numbers, or expressions that agree wherever the gold is a real number."""
    if gold in (nan, zoo):
        raise Unreadable("it has no value")
    if gold == answer:
        return True
    if (gold.is_Rational and answer.is_Rational) or any(value in (nan, zoo, oo, -oo) for value in (gold, answer)):
        return False
    checked, points = 0, points_for(gold, answer)
    for point in points:
        here = value_at(gold, point)
        if here is None or (point and here[1] != 0 and not gold.has(I)):
            continue
        if not agree(gold, answer, point):
            return False
        checked += 1
    return checked >= min(ENOUGH, len(points))


def points_for(*expressions: Expr) -> list[Point]:
    """The same values for the same variables every time: small, large and negative fractions, and whole numbers."""
    symbols = sorted({symbol for each in expressions for symbol in each.free_symbols}, key=str)
    if not symbols:
        return [{}]
    rng = random.Random(20)
    points: list[Point] = [
        {symbol: Rational(scale * rng.randint(1, 997), 499) for symbol in symbols} for scale in SCALES
    ]
    return points + [{symbol: Integer(rng.randint(2, 30)) for symbol in symbols} for _ in range(ENOUGH)]


def agree(gold: Expr, answer: Expr, point: Point) -> bool:
    """Whether both have the same value at a point: 150 equal digits, or a difference that cancels as far as 200 digits can tell."""
    if is_simple(gold) and is_simple(answer):
        return bool(gold.xreplace(point) == answer.xreplace(point))
    ours, theirs = value_at(gold, point), value_at(answer, point)
    if ours is None or theirs is None:
        return False
    size = max(map(abs, (*ours, *theirs)))
    apart = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    if apart <= CLOSE * size:
        return True
    return bool(apart <= NOTHING and cancels(gold - answer, point))


def is_simple(expression: Expr) -> bool:
    """Whether it is a rational function of low degree: its value at a rational point is rational and quick to have."""
    if expression.is_Rational or expression.is_Symbol:
        return True
    if expression.is_Pow:
        return bool(expression.exp.is_Integer and abs(expression.exp) <= MAX_DEGREE and is_simple(expression.base))
    return bool((expression.is_Add or expression.is_Mul) and all(map(is_simple, expression.args)))


def value_at(expression: Expr, point: Point) -> tuple[Expr, Expr] | None:
    """Real and imaginary part at a point, exact where that is quick; None where there is no value."""
    if is_simple(expression):
        exact = expression.xreplace(point)
        return (exact, Integer(0)) if exact.is_Rational else None
    real, imaginary = expression.evalf(DIGITS, subs=point, maxn=2 * DIGITS).as_real_imag()
    if not all(part.is_Number and part.is_finite for part in (real, imaginary)):
        return None
    return real, Integer(0) if abs(imaginary) <= CLOSE * abs(real) else imaginary


def cancels(difference: Expr, point: Point) -> bool:
    """Whether a tiny difference is zero: no digit of it can be resolved."""
    try:
        difference.evalf(2, subs=point, maxn=DIGITS, strict=True)
    except PrecisionExhausted:
        return True
    return False

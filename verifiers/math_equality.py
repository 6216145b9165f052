"""Whether two answers are the same mathematics: the function that worker processes run.

It compares structures part by part; `math_value` says when two expressions are equal. math-verify 0.9 rounds to 6 decimals when either
side is a decimal and takes a difference below 1e-15 for zero: there 1e-7 equals 2e-7.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from sympy import Expr, Integer, Pow, fraction, nan, together, zoo

from envgym.verifiers.latex_expression import TooComplex, Unreadable
from envgym.verifiers.math_families import same_family
from envgym.verifiers.math_sets import same_real_set
from envgym.verifiers.math_structure import (
    ORDER,
    Group,
    Leaf,
    Relation,
    Structure,
    interval_of,
    is_name,
    points_up,
    read_leaf,
    read_structure,
)
from envgym.verifiers.math_value import ENOUGH, agree, in_sympy, is_simple, points_for, same_value, value_at

MAX_ITEMS = 200
MAX_BARS = 8
BARE_LOG = re.compile(r"(?<![A-Za-z\\])\\?log(?![A-Za-z]|\s*_)")
UNORDERED = frozenset(["list", "{}"])


def compare(gold: str, answer: str) -> tuple[str, str]:
    """One of equal, not_equal, unreadable, too_complex, gold with a reason. Takes and gives what JSON can carry.

    What an answer makes sympy raise is the answer's doing, because the gold was compared with itself before.
    """
    fault = fault_of_gold(gold)
    if fault:
        return "gold", fault
    try:
        equal = any(same_answer(structure_of(one), read_structure(two)) for one, two in readings(gold, answer))
        return ("equal", "") if equal else ("not_equal", "")
    except TooComplex as error:
        return "too_complex", str(error)
    except Unreadable as error:
        return "unreadable", str(error)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  see above
        return "unreadable", f"{type(error).__name__}: {error}"[:200]


def same_answer(gold: Structure, answer: Structure) -> bool:
    return same(gold, answer) or same_real_set(gold, answer)


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
        for point in () if is_simple(structure.value) else points_for(structure.value):
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
    for one, other in ((gold, answer), (answer, gold)):
        if one.kind == "{}" and len(one.items) == 1 and other.kind not in UNORDERED:
            return same(one.items[0], other)
    if kinds == {"{}"} and braces_in(gold) != braces_in(answer):  # {1} is not {{1}}, though it may be 1
        return False
    if kinds == {"family"}:
        return same_family(gold, answer)
    if kinds == {"matrix", "[]"}:
        gold, answer = as_matrix(gold), as_matrix(answer)
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
    if len(kinds) == 1 or kinds in ({"()", "list"}, {"matrix", "[]"}):  # the brackets of a point are often left out
        return len(gold.items) == len(answer.items) and all(map(same, gold.items, answer.items))
    return False


def braces_in(structure: Structure) -> int:
    """How deep sets stand within sets."""
    if not isinstance(structure, Group):
        return 0
    return max(map(braces_in, structure.items), default=0) + (structure.kind == "{}")


def as_matrix(group: Group) -> Group:
    """[[1, 2], [3, 4]] as the matrix with these rows."""
    rows = tuple(
        Group("row", item.items) if isinstance(item, Group) and item.kind == "[]" else item for item in group.items
    )
    return Group(group.kind, rows)


def assigns(group: Group) -> bool:
    """Whether the items state the values of different names."""
    names = [names_of(item) for item in group.items if isinstance(item, Relation) and values_of(item)]
    return len(names) == len(group.items) and any(one != two for one, two in pairwise(names))


def same_unordered(gold: tuple[Structure, ...], answer: tuple[Structure, ...]) -> bool:
    """Equal as sets: an item that is given twice counts once."""
    if max(len(gold), len(answer)) > MAX_ITEMS:
        raise TooComplex(f"more than {MAX_ITEMS} items")
    met = (any(same(item, other) for item in gold) for other in answer)
    found = (any(same(item, other) for other in answer) for item in gold)
    return all(met) and all(found)


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


def same_relation(gold: Relation, answer: Relation) -> bool:
    """The same interval, the same names with the same values, or sides that differ by a constant factor."""
    intervals = interval_of(gold), interval_of(answer)
    if intervals[0] is not None and intervals[1] is not None:
        return names_of(gold) == names_of(answer) and same(intervals[0], intervals[1])
    stated = values_of(gold), values_of(answer)
    if all(stated) and names_of(gold) == names_of(answer):
        return all(same(stated[0][-1], value) for value in stated[1])
    for one, other in ((gold, answer), (answer, gold)):
        if one.operators == (r"\in",) and names_of(one) == {name.strip("|") for name in names_of(other)}:
            return same_answer(values_of(one)[0], other)
    if any(is_name(each.terms[0]) and "(" in each.terms[0] for each in (gold, answer)):
        return False  # a function: f(x) is no product to multiply out
    if len(gold.operators) != 1 or len(answer.operators) != 1:
        return same_chain(gold, answer)
    kinds, sides = zip(normal_form(gold), normal_form(answer), strict=True)
    if kinds[0] != kinds[1]:
        return False
    if proportional(*sides, positive=kinds[0] in ("<", "<=")):
        return True
    return kinds[0] == "=" and proportional(*map(above_the_bar, sides), positive=False)


def above_the_bar(side: Expr) -> Expr:
    """The numerator over a common denominator. Raises TooComplex."""
    if sum(power.exp.is_negative is True for power in side.atoms(Pow)) > MAX_BARS:
        raise TooComplex(f"an equation with more than {MAX_BARS} fractions")
    return fraction(together(side))[0]


def same_chain(gold: Relation, answer: Relation) -> bool:
    """Chains such as a < b < c, term by term; either may be written downwards."""
    (operators, terms), (others, given) = points_up(gold), points_up(answer)
    if not operators or operators != others:
        return gold.operators == answer.operators and all(
            map(same, *(map(read_structure, each.terms) for each in (gold, answer)))
        )
    return all(map(same, map(read_structure, terms), map(read_structure, given)))


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
    factor = two.subs(in_sympy(start)) / one.subs(in_sympy(start))
    if factor in (nan, zoo, Integer(0)) or (positive and factor.is_positive is not True):
        return False
    return one.free_symbols == two.free_symbols and sum(agree(factor * one, two, point) for point in points) >= ENOUGH

"""Sets of real numbers: [1, 4] and [3, 6] together are [1, 6], and the reals without 0 are two intervals.

Asked only after two answers were found to be written differently, and only where one of them combines sets: by \\cup, \\cap, \\setminus, by
several inequalities, or by \\ne. It runs inside a worker process.
"""

import re

from sympy import Complement, FiniteSet, Intersection, Interval, Set, Union, oo

from envgym.verifiers.latex_expression import TooComplex
from envgym.verifiers.math_structure import (
    Group,
    Leaf,
    Relation,
    Structure,
    interval_of,
    is_name,
    points_up,
    read_structure,
)
from envgym.verifiers.math_value import same_value

DISTANCE = re.compile(r"\|\s*[A-Za-z]\s*\|")
MAX_SETS = 16
COMBINED = frozenset(["union", "minus", "common", "list", "all"])


def same_real_set(gold: Structure, answer: Structure) -> bool:
    """Whether both are sets of real numbers, at least one of them a combined one, with the same elements."""
    if not (combines(gold) or combines(answer)):
        return False
    one, two = real_set(gold), real_set(answer)
    return one is not None and two is not None and same_parts(parts_of(one), parts_of(two))


def combines(structure: Structure) -> bool:
    if isinstance(structure, Group):
        return structure.kind in COMBINED
    return isinstance(structure, Relation) and (r"\ne" in structure.operators or "|" in "".join(structure.terms))


def real_set(structure: Structure) -> Set | None:
    """The set that a structure stands for; None for what is no set of real numbers."""
    if isinstance(structure, Leaf):
        return None
    if isinstance(structure, Relation):
        return solved(structure)
    if structure.kind == "{}":
        numbers = [item.value for item in structure.items if isinstance(item, Leaf) and item.value.is_extended_real]
        return FiniteSet(*numbers) if len(numbers) == len(structure.items) else None
    if structure.kind[0] in "([" and structure.kind[-1] in ")]" and len(structure.items) == 2:
        return interval(structure)
    return combined(structure) if structure.kind in COMBINED else None


def interval(group: Group) -> Set | None:
    ends = [item.value for item in group.items if isinstance(item, Leaf) and item.value.is_extended_real]
    if len(ends) < 2 or any(end.free_symbols for end in ends):
        return None
    return Interval(*ends, left_open=group.kind[0] == "(", right_open=group.kind[1] == ")")


def combined(group: Group) -> Set | None:
    """Unions, differences and intersections; a list of inequalities is their union, unless one of them only leaves a point out."""
    if group.kind == "list" and not all(isinstance(item, Relation) for item in group.items):
        return None
    if len(group.items) > MAX_SETS:
        raise TooComplex(f"more than {MAX_SETS} sets")
    sets = [real_set(item) for item in group.items]
    known = [each for each in sets if each is not None]
    if len(known) < len(sets):
        return None
    if group.kind == "minus":
        return Complement(known[0], Union(*known[1:]))
    excludes = any(isinstance(item, Relation) and r"\ne" in item.operators for item in group.items)
    return Intersection(*known) if excludes or group.kind in ("all", "common") else Union(*known)


def solved(relation: Relation) -> Set | None:
    """The numbers that a relation solved for a name allows."""
    if relation.operators == (r"\ne",) and is_name(relation.terms[0]):
        value = read_structure(relation.terms[1])
        points = real_set(Group("{}", value.items if isinstance(value, Group) else (value,)))
        return None if points is None else Complement(Interval(-oo, oo), points)
    if len(relation.operators) == 1 and "|" in "".join(relation.terms):
        return within(relation)
    found = interval_of(relation)
    return None if found is None else interval(found)


def within(relation: Relation) -> Set | None:
    """The numbers that |x| < 2 or |x| >= 2 allows."""
    (operator,), (left, right) = points_up(relation)
    inside = DISTANCE.fullmatch(left.strip()) is not None
    bound = read_structure(right if inside else left)
    if (
        not (inside or DISTANCE.fullmatch(right.strip()))
        or not isinstance(bound, Leaf)
        or bound.value.is_positive is not True
    ):
        return None
    closed = inside == (operator == "<=")
    middle = Interval(-bound.value, bound.value, left_open=not closed, right_open=not closed)
    return middle if inside else Complement(Interval(-oo, oo), middle)


def parts_of(given: Set) -> list[Set]:
    """The separate intervals and points of a set, from left to right; a set that sympy cannot sort out is one part."""
    parts: list[Set] = []
    for part in given.args if isinstance(given, Union) else (given,):
        parts += [FiniteSet(point) for point in part] if isinstance(part, FiniteSet) else [part]
    return (
        sorted(parts, key=lambda part: part.inf)
        if all(isinstance(each, Interval | FiniteSet) for each in parts)
        else parts
    )


def same_parts(gold: list[Set], answer: list[Set]) -> bool:
    return len(gold) == len(answer) and all(map(same_part, gold, answer))


def same_part(gold: Set, answer: Set) -> bool:
    if not (isinstance(gold, Interval) and isinstance(answer, Interval)):
        points = isinstance(gold, FiniteSet) and isinstance(answer, FiniteSet)
        return bool(gold == answer or (points and same_value(gold.inf, answer.inf)))
    open_ends = (gold.left_open, gold.right_open) == (answer.left_open, answer.right_open)
    return bool(open_ends and same_value(gold.inf, answer.inf) and same_value(gold.sup, answer.sup))

"""Families with one integer parameter: pi/2 + k pi for every integer k, and x = 3 (mod 7), which is 3 + 7k.

Two families are the same when they have the same members, however they are parametrised: steps may be negative, starts shifted by a
step, and one progression may be given as two. It runs inside a worker process.
"""

from fractions import Fraction
from math import lcm

from sympy import Expr, Float, Integer, floor

from envgym.verifiers.latex_expression import TooComplex
from envgym.verifiers.math_structure import PARAMETER, Group, Leaf
from envgym.verifiers.math_value import same_value

MAX_RESIDUES = 24
DIGITS = 60
KEPT = 40
Progression = tuple[Expr, Expr]
"""Start and step."""


def same_family(gold: Group, answer: Group) -> bool:
    """Whether both have the same members; families that are no progressions must be written alike."""
    one, two = progressions(gold), progressions(answer)
    if one and two:
        return same_members(one, two)
    bodies = [[item.value for item in group.items if isinstance(item, Leaf)] for group in (gold, answer)]
    return len(bodies[0]) == len(bodies[1]) == len(gold.items) and all(map(same_value, *bodies))


def progressions(family: Group) -> list[Progression]:
    """Start and step of each member formula; empty where one is not linear in the parameter or holds other names."""
    if len(family.items) > MAX_RESIDUES:
        raise TooComplex(f"more than {MAX_RESIDUES} families")
    found = []
    for item in family.items:
        if not isinstance(item, Leaf) or item.value.free_symbols != {PARAMETER}:
            return []
        zero, one, two = (item.value.subs(PARAMETER, Integer(k)) for k in range(3))
        step = one - zero
        if not (zero.is_real and step.is_real) or not same_value(step, two - one) or same_value(step, Integer(0)):
            return []
        found.append((zero, step))
    return found


def same_members(gold: list[Progression], answer: list[Progression]) -> bool:
    """Compares the remainders by a step that all of them share, in shares of it."""
    unit = gold[0][1]
    ratios = [step / unit for _, step in (*gold, *answer)]
    if not all(ratio.is_Rational for ratio in ratios):
        return False
    common = common_multiple([abs(Fraction(int(ratio.p), int(ratio.q))) for ratio in ratios])
    return remainders(gold, unit, common) == remainders(answer, unit, common)


def common_multiple(steps: list[Fraction]) -> Fraction:
    bottom = lcm(*(step.denominator for step in steps))
    return Fraction(lcm(*(int(step * bottom) for step in steps)), bottom)


def remainders(family: list[Progression], unit: Expr, common: Fraction) -> set[int]:
    """Where the members stand within one common step, in units of 10^-40 of it. Raises TooComplex."""
    found: set[int] = set()
    ratios = [step / unit for _, step in family]
    counts = [int(common / abs(Fraction(int(ratio.p), int(ratio.q)))) for ratio in ratios]
    if sum(counts) > MAX_RESIDUES:
        raise TooComplex("a family with too many remainders")
    for (start, step), count in zip(family, counts, strict=True):
        for k in range(count):
            share = (start + k * step) / (unit * Integer(common.numerator) / Integer(common.denominator))
            within = Float(share.evalf(DIGITS), DIGITS)
            scale = 10**KEPT
            found.add(int(floor((within - floor(within)) * scale + Float("0.5", DIGITS))) % scale)
    return found

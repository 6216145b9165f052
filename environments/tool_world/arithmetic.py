"""Sums, products and quotients of numbers of which only the ends are known."""

import ast
from collections.abc import Callable
from math import inf, isinf

Ends = tuple[float, float]


def reckoned(operator: ast.operator, one: Ends, other: Ends) -> Ends | None:
    """The ends of what an operator makes of two numbers; None where nothing is known."""
    if isinstance(operator, ast.Add):
        return one[0] + other[0], one[1] + other[1]
    if isinstance(operator, ast.Sub):
        return one[0] - other[1], one[1] - other[0]
    if isinstance(operator, ast.Mult):
        return _corners(one, other, lambda left, right: 0 if 0 in (left, right) else left * right)
    if isinstance(operator, ast.FloorDiv) and other[0] > 0:
        return _corners(one, other, _quotient)
    if isinstance(operator, ast.Mod) and other[0] > 0:
        return 0, other[1] - 1
    return None


def _corners(one: Ends, other: Ends, make: Callable[[float, float], float]) -> Ends:
    made = [make(left, right) for left in one for right in other]
    return min(made), max(made)


def _quotient(left: float, right: float) -> float:
    if isinf(right):
        return 0 if left >= 0 else -1 if not isinf(left) else -inf
    return left if isinf(left) else left // right

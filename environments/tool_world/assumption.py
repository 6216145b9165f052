"""What is known once a condition holds, and whether it can hold at all.

What places can be, and how they compare with each other, is narrowed by each condition. Nothing is excluded that could be: what cannot be
read leaves everything as it is.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import pairwise
from math import inf

from envgym.environments.tool_world.arithmetic import reckoned
from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.guard import Guard, Scope
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.places import DEPTH, Places, collection, constant
from envgym.environments.tool_world.possible import Possible, join, just, meet, within, without

EMPTY = {None, False, ""}  # False is 0 as well
ORDERS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=",
    ast.Is: "=",
    ast.NotEq: "<>",
    ast.IsNot: "<>",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
"""What a comparison allows: that the left side is less (<), the same (=) or more (>)."""
TURNED = str.maketrans("<>", "><")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known so far: what places can be, and how they compare with each other."""

    values: dict[str, Possible] = field(default_factory=dict)
    orders: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)


class Assumption:
    """Takes one condition as it stands in its place."""

    def __init__(self, domain: Domain, operation: Operation, guard: Guard) -> None:
        self.guard = guard
        self.places = Places(domain, operation, guard)

    def assume(self, facts: Facts) -> Facts | None:
        """What is known once the condition holds; None where it cannot."""
        return self._assume(facts, self.guard.test, self.guard.scope, True, 0)

    def _assume(self, facts: Facts, node: ast.expr, scope: Scope, want: bool, depth: int) -> Facts | None:
        meant = self.places.meant(node, scope)
        if meant is not None and depth < DEPTH:
            return self._assume(facts, *meant, want, depth + 1)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self._assume(facts, node.operand, scope, not want, depth)
        if isinstance(node, ast.BoolOp):
            if isinstance(node.op, ast.And) == want:
                return self._all(facts, node.values, scope, want, depth)
            return _either([self._assume(facts, part, scope, want, depth) for part in node.values])
        if isinstance(node, ast.Compare):
            return self._compared(facts, node, scope, want)
        return self._truth(facts, node, scope, want)

    def _all(self, facts: Facts, parts: Sequence[ast.expr], scope: Scope, want: bool, depth: int) -> Facts | None:
        known: Facts | None = facts
        for part in parts:
            known = self._assume(known, part, scope, want, depth) if known is not None else None
        return known

    def _compared(self, facts: Facts, node: ast.Compare, scope: Scope, want: bool) -> Facts | None:
        pairs = list(zip(pairwise([node.left, *node.comparators]), node.ops, strict=True))
        if len(pairs) > 1 and not want:
            return facts
        known: Facts | None = facts
        for (left, right), operator in pairs:
            if known is None:
                return None
            if isinstance(operator, ast.In | ast.NotIn):
                known = self._among(known, left, right, scope, isinstance(operator, ast.In) == want)
            else:
                allowed = ORDERS[type(operator)]
                known = self._ordered(known, left, right, scope, allowed if want else _others(allowed))
        return known

    def _truth(self, facts: Facts, node: ast.expr, scope: Scope, want: bool) -> Facts | None:
        """A value by itself as a condition."""
        can = self._possible(facts, node, scope)
        if can is None:
            return facts
        empty = EMPTY if can.unit in ("number", "text") else {None}
        if want:
            return self._narrowed(facts, node, scope, without(can, empty))
        if can.values is None and can.unit != "number":
            return facts
        return self._narrowed(facts, node, scope, meet(can, Possible(can.unit, frozenset(empty))))

    def _among(self, facts: Facts, left: ast.expr, right: ast.expr, scope: Scope, want: bool) -> Facts | None:
        can, values = self._possible(facts, left, scope), collection(right, scope)
        if can is None or values is None or can.unit in ("day", "hour"):
            return facts
        return self._narrowed(
            facts, left, scope, meet(can, Possible(can.unit, values)) if want else without(can, values)
        )

    def _ordered(self, facts: Facts, left: ast.expr, right: ast.expr, scope: Scope, allowed: str) -> Facts | None:
        related = self._related(facts, left, right, scope, allowed)
        if related is None:
            return None
        one, other = self._possible(related, left, scope), self._possible(related, right, scope)
        if one is None or other is None or not _alike(one, other):
            return related
        known = self._narrowed(related, left, scope, _limited(one, other, allowed))
        if known is None:
            return None
        return self._narrowed(known, right, scope, _limited(other, one, allowed.translate(TURNED)))

    def _related(self, facts: Facts, left: ast.expr, right: ast.expr, scope: Scope, allowed: str) -> Facts | None:
        """Notes how two places compare."""
        one, other = self.places.place(left, scope), self.places.place(right, scope)
        if one is None or other is None:
            return facts
        if one.path == other.path:
            return facts if "=" in allowed else None
        turned = one.path > other.path
        pair = (other.path, one.path) if turned else (one.path, other.path)
        left_over = facts.orders.get(pair, frozenset("<=>")) & set(allowed.translate(TURNED) if turned else allowed)
        return replace(facts, orders={**facts.orders, pair: left_over}) if left_over else None

    def _narrowed(self, facts: Facts, node: ast.expr, scope: Scope, possible: Possible) -> Facts | None:
        if possible.none:
            return None
        place = self.places.place(node, scope)
        return facts if place is None else replace(facts, values={**facts.values, place.path: possible})

    # ---- values

    def _possible(self, facts: Facts, node: ast.expr, scope: Scope, depth: int = 0) -> Possible | None:
        """What an expression can be; None where nothing is known."""
        place = self.places.place(node, scope)
        if place is not None:
            return facts.values.get(place.path, place.possible)
        meant = self.places.meant(node, scope)
        if meant is not None:
            return self._possible(facts, *meant, depth + 1) if depth < DEPTH else None
        if isinstance(node, ast.Constant | ast.Name):
            value = constant(node, scope)
            return just(value[0]) if value and isinstance(value[0], int | str | None) else None
        if isinstance(node, ast.IfExp):
            one, other = (self._possible(facts, part, scope, depth) for part in (node.body, node.orelse))
            return join(one, other) if one and other and one.unit == other.unit else None
        if isinstance(node, ast.BinOp):
            return self._reckoned(facts, node, scope, depth)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self._reckoned(facts, ast.BinOp(ast.Constant(0), ast.Sub(), node.operand), scope, depth)
        return self._moment(facts, node, scope, depth)

    def _reckoned(self, facts: Facts, node: ast.BinOp, scope: Scope, depth: int) -> Possible | None:
        parts = [self._possible(facts, part, scope, depth) for part in (node.left, node.right)]
        numbers = [part.ends for part in parts if part is not None and part.unit == "number"]
        made = reckoned(node.op, *numbers) if len(numbers) == 2 else None
        return within(*made) if made is not None else None

    def _moment(self, facts: Facts, node: ast.expr, scope: Scope, depth: int) -> Possible | None:
        """Days and moments that the clock gives; how many rows there are."""
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("tx.today", "tx.now"):
            return within(0, 0, "day" if node.attr == "today" else "hour")
        if not isinstance(node, ast.Call) or not node.args:
            return None
        name = ast.unparse(node.func)
        if name == "len":
            return within(0, inf)
        first, *rest = [self._possible(facts, part, scope, depth) for part in node.args]
        if name in ("tx.days", "tx.hours") and first is not None and first.unit == "number":
            return within(*first.ends, "day" if name == "tx.days" else "hour")
        by = rest[0] if rest else None
        if first is None or by is None or scope.function.__globals__.get(name) is not shifted:
            return None
        if (first.unit, by.unit) == ("day", "number"):
            return within(first.ends[0] + by.ends[0], first.ends[1] + by.ends[1], "day")
        return None


def _others(allowed: str) -> str:
    return "".join(sorted(set("<=>") - set(allowed)))


def _alike(one: Possible, other: Possible) -> bool:
    """Whether two values can be compared as what they stand for: a date that is written out is no number of days."""
    clock = {"day", "hour"}
    return (
        one.unit == other.unit or (not {one.unit, other.unit} & clock) or None in ((one.values or other.values) or ())
    )


def _limited(one: Possible, other: Possible, allowed: str) -> Possible:
    """What one value can be where it compares as allowed with what another can be."""
    if allowed == "=":
        return meet(one, other)
    if "<" in allowed and ">" in allowed:
        return without(one, other.single or ()) if other.single else one
    if one.unit == "text" or other.unit == "text":
        return without(one, {None})
    step = 1 if one.unit != "hour" and "=" not in allowed else 0
    low, high = other.ends
    bound = within(-inf, high - step, one.unit) if "<" in allowed else within(low + step, inf, one.unit)
    return meet(without(one, {None}), bound)


def _either(known: Sequence[Facts | None]) -> Facts | None:
    """What is known when one of several is true."""
    able = [facts for facts in known if facts is not None]
    return reduce(_joined, able) if able else None


def _joined(one: Facts, other: Facts) -> Facts:
    values = {path: join(one.values[path], other.values[path]) for path in one.values.keys() & other.values.keys()}
    orders = {pair: one.orders[pair] | other.orders[pair] for pair in one.orders.keys() & other.orders.keys()}
    return Facts(values, orders)

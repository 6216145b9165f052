"""Guards turned round: rows are changed until a condition of an operation, read as text, holds (or, for a trap, fails).

A condition like `order.delivered_on >= tx.days(-30)` names the fields that can make it true. Where its form says what to set, that is
set; otherwise values are tried, first those that the condition itself mentions, and put back where they do not help. What nothing
helps is reported, never assumed.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from random import Random
from types import CodeType
from typing import Any

from envgym.environments.tool_world.calendar import shifted
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.guard import Guard, Scope
from envgym.environments.tool_world.populate import Populator
from envgym.environments.tool_world.transaction import Row, Tx

Bindings = Mapping[tuple[int, str], Any]
TRIES = 14


class Repair:
    """Repairs within one transaction that may set anything."""

    def __init__(self, populator: Populator, tx: Tx, rng: Random) -> None:
        self.populator = populator
        self.tx = tx
        self.rng = rng

    def make(self, guard: Guard, arguments: Mapping[str, Any], *, hold: bool = True) -> bool:
        """Changes rows until the guard holds for every element of its loops (or fails for one). Returns whether it does."""
        start = {(id(_outermost(guard.scope)), name): value for name, value in arguments.items()}
        done = False
        for bindings in self._elements(guard, start, 0):
            done = self._make(guard.test, guard.scope, bindings, hold)
            if done != hold or (not hold and done):
                return done if hold else True
        return done

    def _elements(self, guard: Guard, bindings: Bindings, depth: int) -> Iterator[Bindings]:
        """The bindings of every round of the loops that enclose a guard."""
        if depth == len(guard.loops):
            yield bindings
            return
        scope, name = guard.loops[depth]
        over, inside, _ = scope.bound[name]
        for element in list(self.value(over, inside, bindings) or ()):
            yield from self._elements(guard, {**bindings, (id(scope), name): element}, depth + 1)

    # ---- evaluating what domains wrote

    def value(self, node: ast.expr, scope: Scope, bindings: Bindings) -> Any:
        """The value of an expression of a domain's source; None where it cannot be told, such as a date that is not set, or the row of a
        comprehension that is looked at from outside."""
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        local = {
            name: self._named(name, scope, bindings) for name in sorted(names) if self._is_bound(name, scope, bindings)
        }
        known = {"__builtins__": builtins, **scope.function.__globals__, **local, "tx": self.tx}
        try:
            return eval(_compiled(node), known)  # source of a domain, which runs as Python anyway; nothing of a model's
        except (TypeError, AttributeError, IndexError, NameError, ValueError, ZeroDivisionError):
            return None

    def _is_bound(self, name: str, scope: Scope, bindings: Bindings) -> bool:
        return (id(scope), name) in bindings or (name in scope.bound and not scope.bound[name][2])

    def _named(self, name: str, scope: Scope, bindings: Bindings) -> Any:
        if (id(scope), name) in bindings:
            return bindings[id(scope), name]
        expression, inside, _ = scope.bound[name]
        if inside is scope and any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(expression)):
            return None
        return self.value(expression, inside, bindings)

    # ---- making a condition true or false

    def _make(self, node: ast.expr, scope: Scope, bindings: Bindings, want: bool) -> bool:
        if bool(self.value(node, scope, bindings)) == want:
            return True
        if node in scope.returned:
            expression, inside = scope.returned[node]
            return self._make(expression, inside, bindings, want)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self._make(node.operand, scope, bindings, not want)
        if isinstance(node, ast.BoolOp):
            parts = list(node.values)
            if isinstance(node.op, ast.And) == want:
                made = all(self._make(part, scope, bindings, want) for part in parts)
                return made and bool(self.value(node, scope, bindings)) == want
            self.rng.shuffle(parts)
            return any(self._make(part, scope, bindings, want) for part in parts)
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and self._compare(node, scope, bindings, want):
            return True
        return self._search(node, scope, bindings, want, _constants(node))

    def _compare(self, node: ast.Compare, scope: Scope, bindings: Bindings, want: bool) -> bool:
        """Sets one side of a comparison to what the other side asks for."""
        left, right, operator = node.left, node.comparators[0], node.ops[0]
        values = [self.value(side, scope, bindings) for side in (left, right)]
        equal = isinstance(operator, ast.Eq | ast.Is) == want and isinstance(
            operator, ast.Eq | ast.Is | ast.NotEq | ast.IsNot
        )
        if isinstance(operator, ast.In) and want and isinstance(values[1], tuple | list | set | frozenset):
            hints: tuple[Any, ...] = tuple(sorted(values[1], key=repr))
        else:
            hints = tuple(each for each in values if each is not None or equal)
        for side, other in ((left, values[1]), (right, values[0])):
            place = self._place(side, scope, bindings)
            if place is None:
                continue
            for candidate in (other,) if equal else self._near(place[0]._table.fields[place[1]], hints):
                if self._try(place, candidate, node, scope, bindings, want):
                    return True
        return self._search(node, scope, bindings, want, hints)

    def _search(self, node: ast.expr, scope: Scope, bindings: Bindings, want: bool, hints: tuple[Any, ...]) -> bool:
        """Tries values of the fields that a condition mentions."""
        for place in self._places(node, scope, bindings, 0):
            field = place[0]._table.fields[place[1]]
            for candidate in (*self._near(field, hints), *self._drawn(place[0], field)):
                if self._try(place, candidate, node, scope, bindings, want):
                    return True
        return self._all_at_once(node, scope, bindings, want)

    def _all_at_once(self, node: ast.expr, scope: Scope, bindings: Bindings, want: bool) -> bool:
        """Sets every number that a condition mentions to its least or to its largest: for sums that no single one decides."""
        places = [
            place for place in self._places(node, scope, bindings, 0) if place[0]._table.fields[place[1]].whole_number
        ]
        before = [getattr(row, name) for row, name in places]
        for end in ("low", "high"):
            for row, name in places:
                bound = getattr(row._table.fields[name], end)
                if bound is not None:
                    setattr(row, name, bound)
            if len(places) > 1 and bool(self.value(node, scope, bindings)) == want:
                return True
        for (row, name), value in zip(places, before, strict=True):
            setattr(row, name, value)
        return False

    def _try(
        self, place: tuple[Row, str], candidate: Any, node: ast.expr, scope: Scope, bindings: Bindings, want: bool
    ) -> bool:
        row, name = place
        field = row._table.fields[name]
        before = getattr(row, name)
        if not _fits(field, candidate) or candidate == before:
            return False
        if field.unique and self.tx.all(row._table, **{name: candidate}):
            return False
        setattr(row, name, candidate)
        if bool(self.value(node, scope, bindings)) == want:
            return True
        setattr(row, name, before)
        return False

    # ---- places and candidates

    def _place(self, node: ast.expr, scope: Scope, bindings: Bindings) -> tuple[Row, str] | None:
        """The row and field that an expression stands for, through local names."""
        if isinstance(node, ast.Name) and node.id in scope.bound and not scope.bound[node.id][2]:
            expression, inside, _ = scope.bound[node.id]
            return None if inside is scope and expression is node else self._place(expression, inside, bindings)
        if node in scope.returned:
            return self._place(*scope.returned[node], bindings)
        if isinstance(node, ast.Attribute):
            row = self.value(node.value, scope, bindings)
            if isinstance(row, Row) and node.attr in row._table.fields:
                return row, node.attr
        return None

    def _places(self, node: ast.expr, scope: Scope, bindings: Bindings, depth: int) -> list[tuple[Row, str]]:
        """Every field that an expression depends on, those of loops within it included."""
        found: list[tuple[Row, str]] = []
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute):
                place = self._place(each, scope, bindings)
                if place is not None:
                    found.append(place)
            elif isinstance(each, ast.Name) and each.id in scope.bound and depth < 4 and not scope.bound[each.id][2]:
                expression, inside, _ = scope.bound[each.id]
                found += self._places(expression, inside, bindings, depth + 1)
            elif isinstance(each, ast.GeneratorExp | ast.ListComp):
                found += self._inside(each, scope, bindings, depth)
            elif each in scope.returned and depth < 4:
                found += self._places(*scope.returned[each], bindings, depth + 1)
        return list(dict.fromkeys(found))

    def _inside(
        self, node: ast.GeneratorExp | ast.ListComp, scope: Scope, bindings: Bindings, depth: int
    ) -> list[tuple[Row, str]]:
        generator = node.generators[0]
        rows = self.value(generator.iter, scope, bindings)
        if not isinstance(generator.target, ast.Name) or depth > 2 or not isinstance(rows, list):
            return []
        found = []
        for row in islice(rows, 6):
            inner = {**bindings, (id(scope), generator.target.id): row}
            for part in (node.elt, *generator.ifs):
                found += self._places(part, scope, inner, depth + 1)
        return found

    def _near(self, field: Field, hints: tuple[Any, ...]) -> Iterator[Any]:
        """Values at and around those that a condition mentions."""
        for hint in hints:
            yield hint
        for hint in hints:
            if field.whole_number and isinstance(hint, int) and not isinstance(hint, bool):
                step = self.rng.randrange(1, max(abs(hint) // 3, 4))
                yield from (hint + step, hint - step, hint + 1, hint - 1, hint * 2 + step)
            elif field.kind in ("date", "moment") and isinstance(hint, str) and len(hint) >= 10:
                full = (
                    hint
                    if len(hint) == (10 if field.kind == "date" else 16)
                    else hint[:10] + ("" if field.kind == "date" else " 10:00")
                )
                for days in (self.rng.randrange(1, 6), self.rng.randrange(6, 15)):
                    yield from (shifted(full, days), shifted(full, -days))

    def _drawn(self, row: Row, field: Field) -> Iterator[Any]:
        """Values that a generated row might have."""
        if field.optional:
            yield None
        if field.kind == "flag":
            yield from (True, False)
        elif field.choices:
            yield from self.rng.sample(field.choices, len(field.choices))
        elif field.kind == "ref":
            target = self.populator.world.table_of(field.target)
            for _ in range(4):
                picked = self.populator.pick(target, {})
                if picked is not None:
                    yield Row(self.tx, target, picked)
        elif field.kind != "note":
            for _ in range(TRIES):
                yield field.draw(self.rng, {}, self.populator.world.calendar)


def _constants(node: ast.expr) -> tuple[Any, ...]:
    """The values that are written out in a condition."""
    return tuple(dict.fromkeys(each.value for each in ast.walk(node) if isinstance(each, ast.Constant)))


def _fits(field: Field, value: Any) -> bool:
    """Whether a column can hold a value at all."""
    if value is None:
        return field.optional
    if field.kind == "ref":
        return isinstance(value, Row) and value._table.name == _target(field)
    if field.choices:
        return value in field.choices
    if field.kind == "flag":
        return isinstance(value, bool)
    if field.whole_number:
        low, high = field.low if field.low is not None else 0, field.high if field.kind == "integer" else None
        return (
            isinstance(value, int) and not isinstance(value, bool) and value >= low and (high is None or value <= high)
        )
    return isinstance(value, str) and (
        field.kind not in ("date", "moment") or len(value) == (10 if field.kind == "date" else 16)
    )


def _target(field: Field) -> str:
    from envgym.environments.tool_world.entity import words_of

    name = field.target if isinstance(field.target, str) else field.target.__name__
    return words_of(name).replace(" ", "_")


def _outermost(scope: Scope) -> Scope:
    """The scope of the operation itself, from that of a function that it calls."""
    seen = scope
    while True:
        outer = next((inside for _, inside, _ in seen.bound.values() if inside is not seen), None)
        if outer is None:
            return seen
        seen = outer


@lru_cache(maxsize=20_000)
def _compiled(node: ast.expr) -> CodeType:
    return compile(ast.Expression(node), "<domain>", "eval")

"""The golden solution: a formal question played as the calls of a careful agent.

It looks at the tables it needs, then follows the question step by step; what one call returns goes into the conditions of the next.
It knows the formal question and nothing else: every value, the answer too, is read from the tools' results.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from envgym.environments.table_qa.query import (
    Aggregate,
    Busiest,
    Children,
    Count,
    Difference,
    Distinct,
    Exists,
    Extreme,
    Greater,
    Named,
    Only,
    Parents,
    Value,
    Where,
    parts,
    table_of,
)
from envgym.message import Action, call

Steps = Generator[Action, None, Any]
MOST = 100


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows as a lookup picks them: conditions on one table, and for a superlative the order of which the first row counts."""

    table: str
    where: tuple[dict[str, Any], ...] = ()
    order_by: str = ""
    descending: bool = False

    def narrowed(self, column: str, operator: str, *value: Any) -> "Selection":
        condition: dict[str, Any] = {"column": column, "op": operator, **({"value": value[0]} if value else {})}
        return replace(self, where=(*self.where, condition))


@dataclass(frozen=True, slots=True)
class Golden:
    """Plays questions. `result` gives the parsed result of the last call."""

    result: Callable[[], Any]

    def play(self, question: Any) -> Steps:
        """Every call, the last one submits."""
        yield call("tables")
        for table in tables_in(question):
            yield call("describe", table=table)
        yield call("submit", answer=(yield from self._answer(question)))

    def _answer(self, question: Any) -> Steps:
        match question:
            case Greater() | Difference():
                left, right = (yield from self._answer(question.left)), (yield from self._answer(question.right))
                return left > right if isinstance(question, Greater) else left - right
            case Value():
                return (yield from self._column(question.of, question.column))[0]
            case Count() | Exists():
                count = yield from self._aggregate(question.of, "count", "")
                return count > 0 if isinstance(question, Exists) else count
            case Distinct():
                return (yield from self._aggregate(question.of, "count_distinct", question.column))
            case Aggregate():
                return (yield from self._aggregate(question.of, question.function, question.column))
        return (yield from self._column(question.of, question.column))

    def _aggregate(self, rows: Any, function: str, column: str) -> Steps:
        chosen = yield from self._select(rows)
        wanted = {"column": column} if column else {}
        yield call("aggregate", table=chosen.table, function=function, **wanted, where=chosen.where)
        return self.result()["value"]

    def _column(self, rows: Any, column: str) -> Steps:
        """The values of a column in the rows, each once, without those that are missing."""
        chosen = yield from self._select(rows)
        if chosen.order_by:
            how: dict[str, Any] = {"order_by": chosen.order_by, "descending": chosen.descending, "limit": 1}
        else:
            how = {"distinct": True, "limit": MOST}
        yield call("lookup", table=chosen.table, where=chosen.where, columns=[column], **how)
        return [row[0] for row in self.result()["rows"] if row[0] is not None]

    def _select(self, rows: Any) -> Steps:
        """The rows as one selection, once everything that it rests on was read."""
        match rows:
            case Named():
                return Selection(rows.table).narrowed(rows.column, "=", rows.value)
            case Where():
                return (yield from self._select(rows.of)).narrowed(rows.column, rows.comparison, rows.value)
            case Only():
                return (yield from self._select(rows.of))
            case Extreme():
                chosen = yield from self._select(rows.of)
                return replace(chosen, order_by=rows.column, descending=rows.end == "max")
            case Children():
                keys = yield from self._column(rows.of, rows.key.target_column)
                return linked(rows.key.table, rows.key.column, keys)
            case Parents():
                keys = yield from self._column(rows.of, rows.key.column)
                return linked(rows.key.target, rows.key.target_column, keys)
            case Busiest():
                chosen = (yield from self._select(rows.of)).narrowed(rows.key.column, "not_null")
                yield call(
                    "aggregate",
                    table=chosen.table,
                    function="count",
                    where=chosen.where,
                    group_by=rows.key.column,
                    limit=3,
                )
                return linked(rows.key.target, rows.key.target_column, [self.result()["rows"][0][0]])
        return Selection(rows.table)


def linked(table: str, column: str, keys: list[Any]) -> Selection:
    return (
        Selection(table).narrowed(column, "=", keys[0])
        if len(keys) == 1
        else Selection(table).narrowed(column, "in", keys)
    )


def tables_in(question: Any) -> list[str]:
    """The tables that a question goes through, each once, in the order in which they are needed."""
    sides = [question.left, question.right] if isinstance(question, Greater | Difference) else [question]
    names: list[str] = []
    for side in sides:
        names += [table_of(part) for part in reversed(list(parts(side.of)))]
    return list(dict.fromkeys(names))

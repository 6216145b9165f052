"""Proves a formal question by executing it: one answer, and no step on the way that could be read differently.

What is required: a named row is there once; a superlative has at least three candidates and no tie for the first place; a filter keeps
some rows and drops some; what is asked for is there, not NULL; lists are short and without doubles. Whatever fails is Rejected, and the
generator draws again. Sets that are followed further stay below MAX_KEYS rows, so that an agent can carry them from call to call.
"""

from dataclasses import dataclass, field
from typing import Any

from envgym.environments.table_qa.query import (
    Aggregate,
    Busiest,
    Children,
    Count,
    Difference,
    Distinct,
    Everything,
    Exists,
    Extreme,
    Greater,
    Listing,
    Named,
    Only,
    Parents,
    Rows,
    Value,
    Where,
    answer_sql,
    select,
    single,
    table_of,
)
from envgym.environments.table_qa.schema import Column, quoted
from envgym.environments.table_qa.source import Source
from envgym.verifiers.typed_answer import AnswerType, folded

MAX_KEYS = 60
MAX_LISTED = 8
MAX_TEXT_CHARS = 80
TOLERANCE = 1e-3
"""Relative: an agent may round to four digits."""


class Rejected(Exception):
    """A drawn question that is not good enough; the text says why."""


@dataclass(slots=True)
class Proof:
    """What executing a question showed. `holes` are rows and columns of superlatives and means in which some values are missing."""

    answer: Any = None
    kind: AnswerType = field(default_factory=lambda: AnswerType(kind="text"))
    holes: set[tuple[Any, str]] = field(default_factory=set)
    executed: int = 0


class Prover:
    """Executes one question on a source. Counts are kept: the same rows are asked for several times."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._counts: dict[Any, int] = {}
        self.proof = Proof()

    def prove(self, asked: Any) -> Proof:
        """The answer and its type. Raises Rejected."""
        if isinstance(asked, Greater | Difference):
            self._two_values(asked)
        elif isinstance(asked, Value):
            self._rows(asked.of)
            self._typed(self._value(asked), self._column(asked))
        else:
            self._of_several(asked)
        return self.proof

    # ---- answers

    def _of_several(self, asked: Any) -> None:
        proof = self.proof
        if isinstance(asked, Exists):
            proof.answer, proof.kind = self._exists(asked), AnswerType(kind="yes_no")
            return
        self._rows(asked.of)
        if isinstance(asked, Count):
            proof.answer, proof.kind = self.count(asked.of), AnswerType(kind="integer")
            require(proof.answer >= 2, "one row only")
        elif isinstance(asked, Distinct):
            proof.answer, proof.kind = self._first(*answer_sql(asked)), AnswerType(kind="integer")
            require(proof.answer >= 2, "one value only")
        elif isinstance(asked, Listing):
            proof.answer, proof.kind = self._listed(asked), AnswerType(kind="list")
        else:
            self._aggregate(asked)

    def _exists(self, asked: Exists) -> bool:
        where = asked.of
        if not isinstance(where, Where) or isinstance(where.of, Everything):
            raise Rejected("nothing to look for")
        self._rows(where.of)
        before, after = self.count(where.of), self.count(where)
        require(before >= 2 and after < before, "every row fits")
        return after > 0

    def _aggregate(self, asked: Aggregate) -> None:
        rows, column = self.count(asked.of), self._column(asked)
        filled = self._first(*select(f"count({quoted(asked.column)})", asked.of))
        require(filled >= 2, "fewer than two values")
        if filled < rows:
            self.proof.holes.add((asked.of, asked.column))
        self._typed(self._first(*answer_sql(asked)), column, mean=asked.function == "avg")

    def _two_values(self, asked: Greater | Difference) -> None:
        for side in (asked.left, asked.right):
            self._rows(side.of)
        left, right = self._value(asked.left), self._value(asked.right)
        require(asked.left != asked.right and left != right, "two equal values")
        if isinstance(asked, Greater):
            self.proof.answer, self.proof.kind = left > right, AnswerType(kind="yes_no")
        else:
            require(left > right, "a negative difference")
            self._typed(left - right, self._column(asked.left))

    def _listed(self, asked: Listing) -> list[str]:
        require(2 <= self.count(asked.of) <= MAX_LISTED, "too many or too few to list")
        values = [row[0] for row in self._read(*answer_sql(asked))]
        require(all(isinstance(value, str) and printable(value) for value in values), "a value that cannot be listed")
        require(len({folded(value) for value in values}) == len(values), "doubles in a list")
        return sorted(values)

    def _value(self, asked: Value) -> Any:
        values = self._read(*answer_sql(asked))
        require(len(values) == 1, "no single row")
        require(values[0][0] is not None, "no value")
        return values[0][0]

    def _typed(self, value: Any, column: Column, *, mean: bool = False) -> None:
        """Takes an answer that is a value of `column`, or made of such values."""
        if isinstance(value, str):
            require(printable(value), "a text that cannot be an answer")
            self.proof.answer, self.proof.kind = value, AnswerType(kind="text")
        elif isinstance(value, int) and not column.unit and column.kind == "integer" and not mean:
            self.proof.answer, self.proof.kind = value, AnswerType(kind="integer")
        else:
            require(isinstance(value, int | float) and 1e-300 < abs(value) < 1e300, "no finite number")
            self.proof.answer = float(f"{value:.12g}")
            self.proof.kind = AnswerType(kind="number", unit=column.unit, tolerance=TOLERANCE)

    def _column(self, asked: Any) -> Column:
        return self._source.schema.tables[table_of(asked.of)].columns[asked.column]

    # ---- rows

    def _rows(self, rows: Rows) -> None:
        """Checks every step of `rows`, the first ones first."""
        if isinstance(rows, Named):
            require(self.count(rows) == 1, "a name that is not unique")
            return
        if isinstance(rows, Everything):
            require(self.count(rows) >= 3, "a table with fewer than three rows")
            return
        self._rows(rows.of)
        before = self.count(rows.of)
        if isinstance(rows, Where):
            require(0 < self.count(rows) < before, "a filter that keeps all or nothing")
        elif isinstance(rows, Extreme):
            self._extreme(rows)
        elif isinstance(rows, Busiest):
            self._busiest(rows)
        elif isinstance(rows, Only):
            require(before == 1, "not the only one")
        else:
            self._linked(rows)

    def _linked(self, rows: Children | Parents) -> None:
        column = rows.key.target_column if isinstance(rows, Children) else rows.key.column
        name = quoted(column)
        keys = self._read(
            *select(f"DISTINCT {name}", rows.of, also=f"{name} IS NOT NULL", tail=f"LIMIT {MAX_KEYS + 1}")
        )
        require(0 < len(keys) <= MAX_KEYS, "too many keys to carry, or none")
        require(
            all(printable(key) if isinstance(key, str) else isinstance(key, int | float) for (key,) in keys), "odd keys"
        )
        require(self.count(rows) >= 1, "nothing on the other side")
        if isinstance(rows, Parents) and single(rows.of):
            require(self.count(rows) == 1, "not one row on the other side")

    def _extreme(self, rows: Extreme) -> None:
        column = quoted(rows.column)
        order = "DESC" if rows.end == "max" else "ASC"
        best = self._read(
            *select(column, rows.of, also=f"{column} IS NOT NULL", tail=f"ORDER BY {column} {order} LIMIT 3")
        )
        require(len(best) == 3, "fewer than three candidates")
        require(best[0] != best[1], "a tie for the first place")
        filled = self._first(*select(f"count({column})", rows.of))
        if filled < self.count(rows.of):
            self.proof.holes.add((rows.of, rows.column))

    def _busiest(self, rows: Busiest) -> None:
        column = quoted(rows.key.column)
        most = f"GROUP BY {column} ORDER BY 1 DESC LIMIT 3"
        groups = self._read(*select("count(*)", rows.of, also=f"{column} IS NOT NULL", tail=most))
        require(len(groups) == 3 and groups[0] != groups[1], "no one busiest row")
        require(self.count(rows) == 1, "not one row on the other side")

    def count(self, rows: Rows) -> int:
        """How many rows there are."""
        if rows not in self._counts:
            if isinstance(rows, Everything):
                self._counts[rows] = self._source.schema.tables[rows.table].rows
            else:
                self._counts[rows] = self._first(*select("count(*)", rows))
        return self._counts[rows]

    def _first(self, sql: str, values: list[Any]) -> Any:
        return self._read(sql, values)[0][0]

    def _read(self, sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
        self.proof.executed += 1
        return self._source.read(sql, values)


def require(holds: bool, why: str) -> None:
    if not holds:
        raise Rejected(why)


def printable(text: str) -> bool:
    """Whether a text can stand in a question or an answer and be typed back: short, one line, nothing at its ends."""
    return 0 < len(text) <= MAX_TEXT_CHARS and text == text.strip() and text.isprintable() and "\ufffd" not in text

"""The structured tools as SQL: conditions, lookups and aggregates with every name checked and every value a parameter.

Comparison is exact, also in case: the agent is told when only the case differs. Rows without a value come last in either order.
"""

import math
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, WithJsonSchema, with_config
from typing_extensions import TypedDict

from envgym.environments.table_qa.schema import Column, Schema, Table, quoted
from envgym.errors import InvalidAction

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "contains", "is_null", "not_null"]
OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "in", "contains", "is_null", "not_null")
Function = Literal["count", "count_distinct", "sum", "avg", "min", "max"]
Scalar = str | int | float | bool
MAX_IN = 100
MAX_TEXT = 1000
MAX_INTEGER = 2**63 - 1


@with_config(ConfigDict(extra="forbid"))
class Condition(TypedDict):
    """One comparison. `value` is missing for is_null and not_null, and a list for in."""

    column: str
    op: NotRequired[Operator]
    value: NotRequired[Scalar | list[Scalar]]


PLAIN = {"type": ["string", "number", "boolean"]}
Where = Annotated[
    tuple[Condition, ...],
    WithJsonSchema(
        {
            "type": "array",
            "description": "All of these must hold. `value` is a list for in, and left out for is_null and not_null.",
            "items": {
                "type": "object",
                "properties": {
                    "column": {"type": "string"},
                    "op": {"enum": list(OPERATORS), "default": "="},
                    "value": {
                        "anyOf": [
                            {"type": "string"},
                            {"type": "number"},
                            {"type": "boolean"},
                            {"type": "array", "items": PLAIN},
                        ]
                    },
                },
                "required": ["column"],
                "additionalProperties": False,
            },
        }
    ),
]
"""The conditions of a tool call, with a schema that names no other: some model servers cannot follow references."""
Sql = tuple[str, list[Any]]


def find_table(schema: Schema, name: str) -> Table:
    """The table of this name, whatever its case. Raises InvalidAction with the near ones."""
    return schema.tables[_known(name, list(schema.tables), "table")]


def find_column(table: Table, name: str) -> Column:
    return table.columns[_known(name, list(table.columns), f"column of {table.name}")]


def _known(name: str, known: list[str], what: str) -> str:
    if name in known:
        return name
    same = [each for each in known if each.casefold() == name.casefold()]
    if len(same) == 1:
        return same[0]
    near = get_close_matches(name.casefold()[:80], [each.casefold() for each in known], n=1, cutoff=0.5)
    hints = [each for each in known if near and each.casefold() == near[0]]
    hint = f"did you mean {hints[0]!r}?" if hints else f"there are {', '.join(known[:40])}"
    raise InvalidAction(f"there is no {what} {name[:80]!r}; {hint}", code="table.unknown")


def lookup_sql(
    table: Table,
    where: Sequence[Condition],
    *,
    columns: Sequence[str],
    order_by: str,
    descending: bool,
    distinct: bool,
    limit: int,
    offset: int,
) -> tuple[list[str], Sql]:
    """Column names and statement of a lookup. Raises InvalidAction."""
    names = [find_column(table, name).name for name in columns] or list(table.columns)
    clause, values = where_sql(table, where)
    order = ""
    if order_by:
        order = f" ORDER BY {quoted(find_column(table, order_by).name)} {'DESC' if descending else 'ASC'} NULLS LAST"
    selected = ", ".join(map(quoted, names))
    sql = (
        f"SELECT {'DISTINCT ' if distinct else ''}{selected} FROM {quoted(table.name)}{clause}{order} LIMIT ? OFFSET ?"
    )
    return names, (sql, [*values, limit, offset])


def aggregate_sql(
    table: Table, where: Sequence[Condition], *, function: Function, column: str, group_by: str, limit: int
) -> Sql:
    """The statement of an aggregate; with `group_by` the groups with the greatest values first. Raises InvalidAction."""
    clause, values = where_sql(table, where)
    figure = _figure(table, function, column)
    if not group_by:
        return f"SELECT {figure} FROM {quoted(table.name)}{clause}", values
    group = quoted(find_column(table, group_by).name)
    order = "ORDER BY 2 DESC NULLS LAST, 1 ASC LIMIT ?"
    return f"SELECT {group}, {figure} FROM {quoted(table.name)}{clause} GROUP BY {group} {order}", [*values, limit]


def _figure(table: Table, function: Function, column: str) -> str:
    if not column:
        if function != "count":
            raise InvalidAction(f"aggregate: {function} needs a column", code="tool.arguments")
        return "count(*)"
    found = find_column(table, column)
    if function in ("sum", "avg") and found.kind not in ("integer", "number", "boolean"):
        raise InvalidAction(f"aggregate: {found.name} holds no numbers, so it has no {function}", code="table.kind")
    return (
        f"count(DISTINCT {quoted(found.name)})" if function == "count_distinct" else f"{function}({quoted(found.name)})"
    )


def where_sql(table: Table, where: Sequence[Condition]) -> Sql:
    """A WHERE clause, empty for no conditions."""
    clauses: list[str] = []
    values: list[Any] = []
    for condition in where:
        clause, parameters = condition_sql(table, condition)
        clauses.append(clause)
        values += parameters
    return (f" WHERE {' AND '.join(clauses)}" if clauses else ""), values


def condition_sql(table: Table, condition: Condition) -> Sql:
    column = find_column(table, condition["column"])
    name, operator, value = quoted(column.name), condition.get("op", "="), condition.get("value")
    if operator in ("is_null", "not_null"):
        if value is not None:
            raise _wrong(column, operator, "no value")
        return f"{name} IS {'NOT ' if operator == 'not_null' else ''}NULL", []
    if operator == "in":
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_IN:
            raise _wrong(column, operator, f"a list of 1 to {MAX_IN} values")
        return f"{name} IN ({', '.join('?' * len(value))})", [fitting(column, operator, item) for item in value]
    if value is None or isinstance(value, list):
        raise _wrong(column, operator, "one value (in takes a list; is_null finds missing ones)")
    if operator == "contains":
        return f"instr(lower({name}), lower(?)) > 0", [str(fitting(column, operator, value))]
    return f"{name} {operator} ?", [fitting(column, operator, value)]


def fitting(column: Column, operator: str, value: Scalar) -> str | int | float:
    """A value as the column stores it. Raises InvalidAction for one that it can never hold."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT or not _encodes(value):
            raise _wrong(column, operator, f"a text of at most {MAX_TEXT} characters that can be written in UTF-8")
        if column.kind in ("integer", "number") and operator != "contains":
            raise _wrong(column, operator, f"a number: {column.name} holds {column.kind}s, got the text {value[:40]!r}")
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise _wrong(column, operator, "a finite number")
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise _wrong(column, operator, "an integer of at most 64 bits")
    if column.kind == "text" and not isinstance(value, bool):
        return str(value)
    return int(value) if isinstance(value, bool) else value


def _encodes(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _wrong(column: Column, operator: str, expected: str) -> InvalidAction:
    return InvalidAction(f"where: {column.name} {operator} takes {expected}", code="tool.arguments")

"""What goes into an operation and what comes out: ids become rows, and rows become what the agent reads."""

from typing import Any

from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.operation import Parameter
from envgym.environments.tool_world.shown import shown_row, stored_value, styled
from envgym.environments.tool_world.transaction import Refused, Row, Tx
from envgym.environments.tool_world.world import World


def bound(world: World, tx: Tx, parameter: Parameter, value: Any) -> Any:
    """An argument as an operation takes it: ids become rows, which have to exist."""
    if value is None:
        return None
    if parameter.entity is None:
        assert parameter.field is not None
        return stored_value(world.domain, parameter.field, value)
    table = world.table_of(parameter.entity)
    rows = []
    for id in value if parameter.many else [value]:
        row = tx.find(table, id)
        if row is None:
            raise missing(table, id)
        if row in rows:
            raise Refused(f"{table.noun} {id} is named twice")
        rows.append(row)
    return rows if parameter.many else rows[0]


def told_result(world: World, values: dict[str, Any], told: Any, inserted: bool) -> Any:
    """What the agent reads after an operation: what it returned, the row that it was about, the rows that it made."""
    result: dict[str, Any] = {"ok": True}
    if told is not None:
        result[styled(world.domain, "result")] = (
            {name: told_part(world, value) for name, value in told.items()}
            if isinstance(told, dict)
            else told_part(world, told)
        )
    for value in values.values():
        row = value[0] if isinstance(value, list) and value else value
        if isinstance(row, Row):
            found = world.values(row._table, row.id)
            if found is not None:
                result[styled(world.domain, row._table.name)] = shown_row(world.domain, row._table, row.id, found)
            break
    if inserted:
        made = world.last_inserted()
        result[styled(world.domain, "created")] = [
            shown_row(world.domain, table, id, world.values(table, id) or {}) for table, id in made
        ]
    return result


def told_part(world: World, value: Any) -> Any:
    """A value that an operation returned, rows as they are shown."""
    if isinstance(value, Row):
        return shown_row(world.domain, value._table, value.id, world.values(value._table, value.id) or {})
    return [told_part(world, part) for part in value] if isinstance(value, list) else value


def missing(table: Table, id: Any) -> Refused:
    """That a row does not exist, to be raised."""
    return Refused(f"there is no {table.noun} {str(id)[:80]!r}")

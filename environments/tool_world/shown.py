"""Rows as the agent sees them: field names and values in the house style of the domain."""

from functools import lru_cache
from typing import Any

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.world import World


def camel(name: str) -> str:
    """order_id -> orderId."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def styled(domain: Domain, name: str) -> str:
    """A name of an argument or a result in the house style."""
    return camel(name) if domain.style.camel else name


def key_of(domain: Domain, table: Table, name: str) -> str:
    """What a column is called in results and arguments: customer -> customer_id, the id of an order -> order_id, price -> price_cents."""
    if name == "id":
        return styled(domain, f"{table.name}_id")
    field = table.fields[name]
    if field.kind == "cents" and domain.style.money == "cents":
        return styled(domain, f"{name}_cents")
    return styled(domain, table.column(name))


def shown_value(domain: Domain, field: Field, value: Any) -> Any:
    """A stored value as it is shown."""
    if value is None:
        return None
    if field.kind == "flag":
        return bool(value)
    if field.kind == "cents" and domain.style.money == "decimal":
        return value / 100
    return value


def stored_value(domain: Domain, field: Field, value: Any) -> Any:
    """A value that the agent gave, as it is stored."""
    if value is None:
        return None
    if field.kind == "flag":
        return int(value)
    if field.kind == "cents" and domain.style.money == "decimal":
        return round(value * 100)
    return value


def shown_row(domain: Domain, table: Table, id: str, values: dict[str, Any]) -> dict[str, Any]:
    """One row, flat, without what is hidden from the agent."""
    key, columns = _shown_columns(domain, table)
    shown = {key: id}
    if values:
        for name, key, field in columns:
            shown[key] = values[name] if field is None else shown_value(domain, field, values[name])
    return shown


@lru_cache(maxsize=4096)
def _shown_columns(domain: Domain, table: Table) -> tuple[str, tuple[tuple[str, str, Field | None], ...]]:
    """What the id of a row is called, and its other columns: field, name, and how it is shown where not as it is stored."""
    return key_of(domain, table, "id"), tuple(
        (name, key_of(domain, table, name), field if field.kind in ("flag", "cents") else None)
        for name, field in table.fields.items()
        if not field.hidden
    )


def details(world: World, table: Table, id: str) -> dict[str, Any] | None:
    """One row with the rows that are shown inside it, or None where there is none."""
    values = world.values(table, id)
    if values is None:
        return None
    shown = shown_row(world.domain, table, id, values)
    for name, (child, reference) in table.many.items():
        if child.fields[reference].inline:
            inside = [
                shown_row(world.domain, child, each, world.values(child, each) or {})
                for each in world.ids(child, reference, id)
            ]
            shown[styled(world.domain, name)] = inside
    return shown

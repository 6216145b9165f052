"""Random calls that fit the data: the floor that a policy must beat."""

import random
from typing import Any

from envgym.environments.table_qa.schema import Table, quoted
from envgym.environments.table_qa.source import Source
from envgym.message import Action, call


def guess(source: Source, rng: random.Random, *, sql: bool) -> Action:
    """One call of any tool; every twelfth or so submits something that was never looked for."""
    table = rng.choice(list(source.schema.tables.values()))
    kind = rng.choice(["tables", "describe", "lookup", "lookup", "lookup", "aggregate", "aggregate", "sql", "submit"])
    if kind == "submit" and rng.random() < 0.5:
        return call("submit", answer=blind_answer(source, table, rng))
    if kind == "describe":
        return call("describe", table=table.name)
    if kind == "aggregate":
        return call("aggregate", table=table.name, function="count", where=conditions(source, table, rng))
    if kind == "sql" and sql:
        return call("sql", query=f"SELECT count(*) FROM {quoted(table.name)}")
    if kind == "tables":
        return call("tables")
    order = rng.choice(list(table.columns))
    return call(
        "lookup", table=table.name, where=conditions(source, table, rng), order_by=order, limit=rng.randint(1, 5)
    )


def conditions(source: Source, table: Table, rng: random.Random) -> list[dict[str, Any]]:
    """None, or one that some row meets."""
    column = rng.choice(list(table.columns.values()))
    if rng.random() < 0.4 or column.kind == "other":
        return []
    values = [value for value in source.examples(table.name, column.name) if not isinstance(value, bytes)]
    return [{"column": column.name, "op": "=", "value": rng.choice(values)}] if values else []


def blind_answer(source: Source, table: Table, rng: random.Random) -> Any:
    """Any of the forms that an answer can have."""
    names = [name for name in table.columns if table.columns[name].kind == "text"]
    texts = source.examples(table.name, rng.choice(names)) if names else ()
    return rng.choice(
        [rng.randint(0, 200), round(rng.uniform(0, 1000), 2), "yes", "no", *texts[:3], list(texts[:2]) or ["nothing"]]
    )

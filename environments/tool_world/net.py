"""The net difference that an episode made: what is different at its end, row by row, in a form that can be compared.

Changes that cancel out vanish, so the path does not count. A new row is known by its content, never by its id, and where it points at
another new row that one's content stands there. Columns compare as their field says: exactly, in any letter case, any text as good as
another, or not at all.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from envgym.environments.tool_world.check import domain_table
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.world import Change

Difference = list[dict[str, Any]]
"""Entries {"at": table/id (no id for a new row), "was": "new" | "changed" | "gone", "fields"}, sorted."""
MAX_NESTING = 8


def net(changes: Iterable[Change]) -> list[Change]:
    """One change per row: as it was at first, as it is at last. Rows that came and went, or are as they were, are left out."""
    first: dict[tuple[str, str], list[Any] | None] = {}
    last: dict[tuple[str, str], list[Any] | None] = {}
    for name, id, old, new in changes:
        first.setdefault((name, id), old)
        last[name, id] = new
    return [(name, id, first[name, id], new) for (name, id), new in last.items() if first[name, id] != new]


def by_table(changes: Iterable[Change]) -> dict[str, list[list[Any]]]:
    """Changes as tasks keep them: [id, before, after] by table."""
    kept: dict[str, list[list[Any]]] = {}
    for name, id, old, new in changes:
        kept.setdefault(name, []).append([id, old, new])
    return kept


def from_tables(kept: Mapping[str, list[list[Any]]]) -> list[Change]:
    """Changes out of what a task keeps."""
    return [(name, id, old, new) for name, rows in kept.items() for id, old, new in rows]


def difference(domain: Domain, changes: Iterable[Change]) -> Difference:
    """The net difference of `changes`, ready to be compared and stored."""
    nets = net(changes)
    new = {(name, id): values for name, id, old, values in nets if old is None and values is not None}
    entries: Difference = []
    for name, id, old, values in nets:
        table = domain_table(domain, name)
        if values is None:
            entries.append({"at": f"{name}/{id}", "was": "gone", "fields": {}})
        elif old is None:
            entries.append({"at": f"{name}/", "was": "new", "fields": _content(domain, table, values, new, 0)})
        else:
            changed = {
                field: _comparable(domain, table.fields[field], after, new, 0)
                for field, before, after in zip(table.fields, old, values, strict=True)
                if not _same(table.fields[field], before, after)
            }
            if changed:
                entries.append({"at": f"{name}/{id}", "was": "changed", "fields": changed})
    return sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True))


def _content(
    domain: Domain, table: Table, values: list[Any], new: Mapping[tuple[str, str], list[Any]], depth: int
) -> dict[str, Any]:
    return {
        name: _comparable(domain, field, value, new, depth)
        for (name, field), value in zip(table.fields.items(), values, strict=True)
        if field.compare != "volatile"
    }


def _comparable(domain: Domain, field: Field, value: Any, new: Mapping[tuple[str, str], list[Any]], depth: int) -> Any:
    if field.kind == "ref" and value is not None:
        target = domain.table(field.target)
        made = new.get((target.name, value))
        if made is not None:
            return _content(domain, target, made, new, depth + 1) if depth < MAX_NESTING else "..."
        return value
    if field.compare == "free":
        return "any text" if value else None
    return _folded(value) if field.compare == "casefold" else value


def _folded(value: Any) -> Any:
    """A text in small letters, with single spaces."""
    return " ".join(value.casefold().split()) if isinstance(value, str) else value


def _same(field: Field, before: Any, after: Any) -> bool:
    if field.compare == "volatile" or before == after:
        return True
    return field.compare == "casefold" and bool(_folded(before) == _folded(after))


def agreement(got: Difference, want: Difference) -> float:
    """F1 of the entries of two differences, 0.0 to 1.0; 1.0 where both are empty."""
    if not got and not want:
        return 1.0
    waiting = list(want)
    for entry in got:
        if entry in waiting:
            waiting.remove(entry)
    return 2 * (len(want) - len(waiting)) / (len(got) + len(want))


def told(entry: Mapping[str, Any]) -> str:
    """An entry as a line for people."""
    fields = ", ".join(f"{name}={value!r}" for name, value in entry["fields"].items())
    return f"{entry['at'].strip('/')} {entry['was']}{': ' + fields if fields else ''}"

"""The tools of a domain: lookups, lists, searches, simple changes, and one for each operation.

A tool runs against a world with checked arguments and gives back something JSON. Tools are made once per domain and shared by all
episodes; which of them an episode offers is up to its task.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, create_model
from pydantic import Field as Described

from envgym.environments.tool_world.arguments import field_argument, id_argument, operation_argument, with_article
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.operation import Operation
from envgym.environments.tool_world.reading import read_operation
from envgym.environments.tool_world.results import bound, missing, told_result
from envgym.environments.tool_world.shown import details, key_of, shown_row, stored_value, styled
from envgym.environments.tool_world.transaction import Refused
from envgym.environments.tool_world.world import World
from envgym.errors import UsageError
from envgym.message import ToolSpec
from envgym.tool_env import Effect, Tool, plain_schema

Run = Callable[[World, dict[str, Any]], Any]
Kind = Literal["get", "find", "list", "search", "edit", "create", "delete", "operation"]


@dataclass(frozen=True, slots=True)
class WorldTool(Tool):
    """A tool of a world. `table` is what it is about; `keys` are the fields that a lookup or filter takes, or that a change sets; `many`
    is the name of the rows that a list gives. `operation` is set for the tool of one.
    """

    run: Run = lambda world, arguments: None
    kind: Kind = "get"
    table: Table | None = None
    keys: tuple[str, ...] = ()
    many: str = ""
    operation: Operation | None = None
    arguments_of: tuple[str, ...] = ()
    """Names of the arguments, in the order of the operation's parameters."""


@lru_cache(maxsize=64)
def toolbox(domain: Domain) -> dict[str, WorldTool]:
    """Every tool of a checked domain by name. Raises UsageError when two come out with one name."""
    made: dict[str, WorldTool] = {}
    for tool in _tools(domain):
        if tool.name in made:
            raise UsageError(f"{domain.file}: two tools are called {tool.name!r}; change a name, a many= or the style")
        made[tool.name] = tool
    return made


@lru_cache(maxsize=64)
def roles(domain: Domain) -> dict[tuple[str, str, Any], WorldTool]:
    """Tools by what they are for: (kind, table, keys of a find, name of a list, or nothing)."""
    found: dict[tuple[str, str, Any], WorldTool] = {}
    for tool in toolbox(domain).values():
        if tool.table is not None:
            key: Any = (
                tool.keys
                if tool.kind == "find"
                else tool.many
                if tool.kind == "list"
                else tool.keys
                if tool.kind == "edit"
                else ()
            )
            found[tool.kind, tool.table.name, key] = tool
    return found


def _tools(domain: Domain) -> Iterator[WorldTool]:
    for table in domain.tables.values():
        yield _get(domain, table)
        yield from (_find(domain, table, keys) for keys in table.find)
        yield from (_list(domain, table, name) for name in table.many)
        searched = tuple(name for name, field in table.fields.items() if field.search)
        if searched:
            yield _search(domain, table, searched)
        yield from (_edit(domain, table, name) for name, field in table.fields.items() if field.edit)
        if table.create:
            yield _create(domain, table)
        if table.delete:
            yield _delete(domain, table)
    yield from (_operation(domain, operation) for operation in domain.operations.values())


# ---- reading


def _get(domain: Domain, table: Table) -> WorldTool:
    key = key_of(domain, table, "id")
    inline = [name for name, (child, reference) in table.many.items() if child.fields[reference].inline]
    also = f" with its {' and '.join(inline).replace('_', ' ')}" if inline else ""

    def run(world: World, arguments: dict[str, Any]) -> Any:
        found = details(world, table, arguments[key])
        if found is None:
            raise missing(table, arguments[key])
        return found

    about = f"Details of {with_article(table.noun)}{also}. {table.about}"
    return _tool(
        domain, domain.style.get, {"noun": table.name}, about, {key: id_argument(table)}, run, kind="get", table=table
    )


def _find(domain: Domain, table: Table, keys: tuple[str, ...]) -> WorldTool:
    named = {key_of(domain, table, key): key for key in keys}
    where = " AND ".join(f'"{table.column(key)}" = ?' for key in keys)
    sql = f'SELECT id FROM "{table.name}" WHERE {where} ORDER BY id LIMIT 50'
    one = any(table.fields[key].unique for key in keys)

    def run(world: World, arguments: dict[str, Any]) -> Any:
        wanted = [stored_value(domain, table.fields[key], arguments[name]) for name, key in named.items()]
        found = [id for (id,) in world.execute(sql, wanted)]
        if not found:
            raise Refused(
                f"there is no {table.noun} with {' and '.join(f'{name} {arguments[name]!r}' for name in named)}"
            )
        return (
            details(world, table, found[0])
            if one
            else {styled(domain, _plural(table)): [details(world, table, id) for id in found]}
        )

    words = " and ".join(key.replace("_", " ") for key in keys)
    about = f"Finds {with_article(table.noun)} by {words}." if one else f"Finds the {table.plural} with this {words}."
    names = {"noun": table.name, "nouns": _plural(table), "keys": "_and_".join(keys)}
    arguments = {name: field_argument(table.fields[key], domain) for name, key in named.items()}
    return _tool(domain, domain.style.find, names, about, arguments, run, kind="find", table=table, keys=keys)


def _list(domain: Domain, table: Table, name: str) -> WorldTool:
    child, reference = table.many[name]
    key = key_of(domain, table, "id")

    def run(world: World, arguments: dict[str, Any]) -> Any:
        if world.values(table, arguments[key]) is None:
            raise missing(table, arguments[key])
        rows = [
            shown_row(domain, child, id, world.values(child, id) or {})
            for id in world.ids(child, reference, arguments[key])
        ]
        return {styled(domain, name): rows}

    about = f"Lists the {name.replace('_', ' ')} of {with_article(table.noun)}."
    names = {"parent": table.name, "children": name}
    return _tool(
        domain, domain.style.list, names, about, {key: id_argument(table)}, run, kind="list", table=table, many=name
    )


def _search(domain: Domain, table: Table, searched: tuple[str, ...]) -> WorldTool:
    filters: dict[str, tuple[str, str, str]] = {}
    arguments: dict[str, Any] = {}
    for name in searched:
        field, column = table.fields[name], table.column(name)
        shown = key_of(domain, table, name)
        if field.kind in ("integer", "cents", "date", "moment"):
            low, high = ("from", "to") if field.kind in ("date", "moment") else ("min", "max")
            filters[styled(domain, f"{shown}_{low}")] = (name, column, ">=")
            filters[styled(domain, f"{shown}_{high}")] = (name, column, "<=")
        else:
            filters[shown] = (name, column, "=")
    for shown, (name, _, _) in filters.items():
        arguments[shown] = (field_argument(table.fields[name], domain)[0] | None, None)
    arguments["page"] = (Annotated[int, Described(ge=1, le=10_000)], 1)
    page = domain.style.page
    columns = ", ".join(f'"{column}"' for column in table.columns)

    def run(world: World, given: dict[str, Any]) -> Any:
        wanted = {shown: value for shown, value in given.items() if shown != "page" and value is not None}
        where = " AND ".join(f'"{filters[shown][1]}" {filters[shown][2]} ?' for shown in wanted) or "1"
        values = [stored_value(domain, table.fields[filters[shown][0]], value) for shown, value in wanted.items()]
        sql = f'SELECT {columns} FROM "{table.name}" WHERE {where} ORDER BY id LIMIT ? OFFSET ?'
        rows = world.execute(sql, [*values, page + 1, (given["page"] - 1) * page]).fetchall()
        shown_rows = [
            shown_row(domain, table, row[0], dict(zip(table.fields, row[1:], strict=True))) for row in rows[:page]
        ]
        return {
            styled(domain, _plural(table)): shown_rows,
            "page": given["page"],
            styled(domain, "has_more"): len(rows) > page,
        }

    about = f"Searches {table.plural} by {', '.join(name.replace('_', ' ') for name in searched)}; {page} a page."
    return _tool(
        domain,
        domain.style.search,
        {"nouns": _plural(table)},
        about,
        arguments,
        run,
        kind="search",
        table=table,
        keys=searched,
    )


# ---- simple changes


def _edit(domain: Domain, table: Table, name: str) -> WorldTool:
    key, shown = key_of(domain, table, "id"), key_of(domain, table, name)
    field = table.fields[name]

    def run(world: World, arguments: dict[str, Any]) -> Any:
        with world.transaction() as tx:
            row = tx.find(table, arguments[key])
            if row is None:
                raise missing(table, arguments[key])
            value = stored_value(domain, field, arguments[shown])
            if field.kind == "ref" and tx.find(world.table_of(field.target), value) is None:
                raise missing(world.table_of(field.target), value)
            setattr(row, name, value)
        return details(world, table, arguments[key])

    about = f"Sets the {name.replace('_', ' ')} of {with_article(table.noun)}."
    names = {"noun": table.name, "field": name}
    arguments = {key: id_argument(table), shown: field_argument(field, domain)}
    return _tool(domain, domain.style.edit, names, about, arguments, run, kind="edit", table=table, keys=(name,))


def _create(domain: Domain, table: Table) -> WorldTool:
    given = tuple(
        name
        for name, field in table.fields.items()
        if field.kind != "states" and field.default is None and field.kind != "flag"
    )
    named = {key_of(domain, table, name): name for name in given}

    def run(world: World, arguments: dict[str, Any]) -> Any:
        with world.transaction() as tx:
            fields = {}
            for shown, name in named.items():
                field, value = table.fields[name], stored_value(domain, table.fields[name], arguments[shown])
                if field.kind == "ref" and value is not None and tx.find(world.table_of(field.target), value) is None:
                    raise missing(world.table_of(field.target), value)
                fields[name] = value
            made = tx.new(table.name, **fields)
        return details(world, table, made.id)

    arguments = {}
    for shown, name in named.items():
        kind, default = field_argument(table.fields[name], domain)
        arguments[shown] = (kind | None, None) if table.fields[name].optional else (kind, default)
    about = f"Adds {with_article(table.noun)}. {table.about}"
    return _tool(
        domain, domain.style.create, {"noun": table.name}, about, arguments, run, kind="create", table=table, keys=given
    )


def _delete(domain: Domain, table: Table) -> WorldTool:
    key = key_of(domain, table, "id")

    def run(world: World, arguments: dict[str, Any]) -> Any:
        with world.transaction() as tx:
            row = tx.find(table, arguments[key])
            if row is None:
                raise missing(table, arguments[key])
            tx.delete(row)
        return {styled(domain, "deleted"): arguments[key]}

    about = f"Removes {with_article(table.noun)} that nothing else refers to."
    return _tool(
        domain,
        domain.style.delete,
        {"noun": table.name},
        about,
        {key: id_argument(table)},
        run,
        kind="delete",
        table=table,
    )


# ---- operations


def _operation(domain: Domain, operation: Operation) -> WorldTool:
    named = {styled(domain, parameter.shown): parameter for parameter in operation.parameters}
    reading = read_operation(domain, operation)

    def run(world: World, arguments: dict[str, Any]) -> Any:
        before = world.inserted
        with world.transaction() as tx:
            values = {
                parameter.name: bound(world, tx, parameter, arguments[shown]) for shown, parameter in named.items()
            }
            told = operation.function(tx, **values)
        return told_result(world, values, told, world.inserted > before)

    about = operation.about
    if operation.actor == "user":
        about = f"Asks the user to do this, on what only they can reach: {about[0].lower()}{about[1:]}"
    elif reading.guards:
        about += " " + "; ".join(dict.fromkeys(guard.why for guard in reading.guards)).capitalize() + "."
    name = f"ask_user_to_{operation.name}" if operation.actor == "user" else operation.name
    effect: Effect = "changes" if reading.changes else "reads"
    arguments = {shown: operation_argument(domain, parameter) for shown, parameter in named.items()}
    return _tool(
        domain,
        name,
        {},
        about,
        arguments,
        run,
        kind="operation",
        operation=operation,
        effect=effect,
        arguments_of=tuple(named),
    )


# ---- making tools


def _tool(
    domain: Domain,
    pattern: str,
    names: dict[str, str],
    about: str,
    arguments: dict[str, Any],
    run: Run,
    *,
    effect: Effect | None = None,
    **more: Any,
) -> WorldTool:
    name = styled(domain, pattern.format(**names))
    model: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid", strict=True), **arguments)
    spec: ToolSpec = {
        "type": "function",
        "function": {"name": name, "description": about.strip(), "parameters": plain_schema(model.model_json_schema())},
    }
    reads = more.get("kind") in ("get", "find", "list", "search")
    return WorldTool(
        name=name,
        spec=spec,
        arguments=model.__pydantic_validator__,  # type: ignore[arg-type]  # pluggable only where a plugin is installed
        method="",
        final=False,
        effect=effect or ("reads" if reads else "changes"),
        run=run,
        **more,
    )


def _plural(table: Table) -> str:
    return table.plural.replace(" ", "_")

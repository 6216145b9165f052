"""Looking before repeating: how an agent finds out whether a change whose answer was lost was carried out."""

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.reading import read_operation
from envgym.environments.tool_world.shown import key_of
from envgym.environments.tool_world.tools import WorldTool, roles


def row_that_shows(domain: Domain, entry: WorldTool) -> tuple[str, str] | None:
    """The argument that names a row which a change alters visibly, and the tool that gives the row's details; None where there is none."""
    known = roles(domain)
    if entry.kind == "edit" and entry.table is not None:
        return key_of(domain, entry.table, "id"), known["get", entry.table.name, ()].name
    if entry.operation is None:
        return None
    written = read_operation(domain, entry.operation).writes
    for name, parameter in zip(entry.arguments_of, entry.operation.parameters, strict=True):
        if parameter.entity is not None and not parameter.optional:
            table = domain.table(parameter.entity)
            if any(owner == table.name and not table.fields[field].hidden for owner, field in written):
                return name, known["get", table.name, ()].name
    return None

"""The arguments of tools: what may be given for a row, for a value of a field, for a parameter of an operation.

Each is (type, default), as pydantic takes them. What a type refuses is told to the agent and never reaches a world: a day that
no calendar has, a digit of another script.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Strict, StringConstraints
from pydantic import Field as Described

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Table
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.operation import Parameter

MAX_TEXT = 2_000
DAY, CLOCK = "(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", "([01][0-9]|2[0-3]):[0-5][0-9]"
PATTERNS = {"date": f"^{DAY}$", "moment": f"^{DAY} {CLOCK}$", "time": f"^{CLOCK}$"}
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT)]


def id_argument(table: Table) -> tuple[Any, Any]:
    return (
        Annotated[
            str,
            StringConstraints(max_length=80),
            Described(description=f"Id of {with_article(table.noun)}, such as {table.code.replace('*', '#')}."),
        ],
        ...,
    )


def operation_argument(domain: Domain, parameter: Parameter) -> tuple[Any, Any]:
    if parameter.entity is not None:
        kind, default = id_argument(domain.table(parameter.entity))
        if parameter.many:
            ids: Any = list.__class_getitem__(kind)
            kind = Annotated[ids, Described(min_length=1, max_length=20)]
    else:
        assert parameter.field is not None
        kind, default = field_argument(parameter.field, domain)
    return (kind | None, None) if parameter.optional else (kind, default)


def field_argument(field: Field, domain: Domain) -> tuple[Any, Any]:
    """The type of an argument that is a value of `field`."""
    kind: Any = Text
    if field.choices:
        kind = Literal[field.choices]
    elif field.kind == "flag":
        kind = Annotated[bool, Strict()]
    elif field.kind == "integer":
        kind = Annotated[int, Described(ge=field.low, le=field.high)]
    elif field.kind == "cents" and domain.style.money == "cents":
        kind = Annotated[int, Described(ge=0, le=10**9, description="In cents.")]
    elif field.kind == "cents":
        kind = Annotated[float, Described(ge=0, le=10**7, allow_inf_nan=False, description="An amount such as 12.5.")]
    elif field.kind in PATTERNS:
        example = {"date": "2026-03-14", "moment": "2026-03-14 09:30", "time": "09:30"}[field.kind]
        kind = Annotated[
            str, StringConstraints(pattern=PATTERNS[field.kind]), Described(description=f"Such as {example}.")
        ]
        if field.kind != "time":
            kind = Annotated[kind, AfterValidator(_on_the_calendar)]
    elif field.kind == "ref":
        kind = Annotated[
            str,
            StringConstraints(max_length=80),
            Described(description=f"Id of {with_article(domain.table(field.target).noun)}."),
        ]
    elif field.kind == "note":
        kind = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]
    return (kind, ...)


def _on_the_calendar(value: str) -> str:
    """A date or moment whose day there is. Raises ValueError."""
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        raise ValueError(f"there is no day {value[:10]}") from None
    return value


def with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"

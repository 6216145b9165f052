"""Entities: classes whose attributes are fields. A class is a table; while a world runs, its rows answer to the same attributes.

The classes only describe: `order.customer.name` in an operation is an attribute of a `Row` (row.py), which looks like the class to a
type checker.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from envgym.environments.tool_world.fields import Field


class Entity:
    """Base of the classes that describe tables."""

    if TYPE_CHECKING:
        id: str

        def __getattr__(self, name: str) -> Any: ...


@dataclass(slots=True, eq=False, repr=False)
class Table:
    """What a class decorated with `domain.entity` has become. `columns` maps a field's name to its column: customer -> customer_id."""

    name: str
    noun: str
    plural: str
    about: str
    code: str
    """Pattern of the ids."""
    known: bool
    """Whether a customer can name a row by its id, as with an order number."""
    fields: dict[str, Field]
    find: tuple[tuple[str, ...], ...]
    create: bool
    delete: bool
    rows: int
    file: str
    line: int
    many: dict[str, tuple["Table", str]] = field(default_factory=dict)
    """What other tables call the rows that point here: items -> (order_item table, field "order")."""

    def __repr__(self) -> str:
        return f"<table {self.name}>"

    def column(self, name: str) -> str:
        """The column of a field."""
        return f"{name}_id" if name in self.fields and self.fields[name].kind == "ref" else name

    @property
    def columns(self) -> list[str]:
        return ["id", *(self.column(name) for name in self.fields)]


def words_of(name: str) -> str:
    """A class name as words: PaymentMethod -> payment method."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def plural_of(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeiou" else noun + "s"


def fields_of(kind: type) -> dict[str, Field]:
    """The fields of an entity class, in the order in which they are written."""
    return {name: value for name, value in vars(kind).items() if isinstance(value, Field)}

"""HTML by templates in which every value is escaped unless it is markup already.

    html('<li><a href="/product/{id}">{name}</a></li>', id=4, name="Tea & Co")

The braces are those of `str.format`; a sequence of values is joined, None is nothing.
"""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

UNSAFE = re.compile("[&<>\"']").search


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(template: str, /, **values: Any) -> Markup:
    """`template` with the values in it, escaped."""
    return Markup(template.format_map({name: escaped(value) for name, value in values.items()}))


def escaped(value: Any) -> str:
    """A value as HTML."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return escape(value) if UNSAFE(value) else value
    if value is None:
        return ""
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return "".join(map(escaped, value))
    return escape(str(value))


def options(choices: Iterable[tuple[Any, Any]], chosen: Any = None) -> Markup:
    """The options of a list: value and label."""
    wanted = str(chosen)
    made = (
        f'<option value="{escaped(value)}"{" selected" if str(value) == wanted else ""}>{escaped(label)}</option>'
        for value, label in choices
    )
    return Markup("".join(made))


def table(caption: str, headers: Iterable[str], rows: Iterable[Iterable[Any]]) -> Markup:
    """A table with a caption; cells are values or markup."""
    head = "".join(f'<th scope="col">{escaped(name)}</th>' for name in headers)
    body = "".join(f"<tr>{''.join([f'<td>{escaped(cell)}</td>' for cell in row])}</tr>\n" for row in rows)
    return Markup(
        f"<table><caption>{escaped(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def link(address: str, text: Any) -> Markup:
    """A link."""
    return Markup(f'<a href="{escaped(address)}">{escaped(text)}</a>')


def money(cents: int) -> str:
    """An amount as people read it."""
    return f"${cents // 100:,}.{cents % 100:02d}"

"""Moves: a golden solution as data, by what things are called and not by where they stand, so that it plays on every backend.

    ["click", "link", "Basket"]              ["fill", "textbox", "Name", "Ann"]
    ["select", "combobox", "Sort", "Price"]  ["goto", "/orders"]        ["done", "42"]

A last part {"within": text} means the one in the row, list item, article, group or form that holds this text.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from envgym.browser.page_state import Node, PageState
from envgym.errors import UsageError
from envgym.message import Message
from envgym.message import call as call_of

Move = list[Any]
PLACES = frozenset({"row", "listitem", "article", "group", "form", "region", "navigation"})


def call_for(move: Sequence[Any], page: PageState) -> Message:
    """The tool call that a move is on `page`. Raises UsageError where nothing on the page is called so, or several things are."""
    what, *rest = move
    within = rest.pop()["within"] if rest and isinstance(rest[-1], dict) else ""
    match what:
        case "goto":
            return call_of("goto", url=rest[0])
        case "back":
            return call_of("back")
        case "done":
            return call_of("done", answer=rest[0])
        case "click":
            return call_of("click", ref=find(page, *rest, within=within))
        case "fill":
            return call_of("fill", ref=find(page, *rest[:2], within=within), text=rest[2])
        case "select":
            return call_of("select", ref=find(page, *rest[:2], within=within), values=[rest[2]])
    raise UsageError(f"there is no move {what!r}")


def find(page: PageState, role: str, name: str, *, within: str = "") -> str:
    """The ref of the one element of this role and name."""
    found = [node.ref for node in named(page.root, role, name, within) if node.ref]
    if len(found) != 1:
        where = f" within {within!r}" if within else ""
        raise UsageError(f"{page.url} has {len(found)} {role} {name!r}{where}, not one")
    return found[0]


def named(root: Node, role: str, name: str, within: str) -> Iterator[Node]:
    """Elements of a role and name, below the smallest places that hold a text."""
    if not within:
        yield from (node for node in root.walk() if node.role == role and node.name == name)
        return
    for place in root.walk():
        if (
            place.role in PLACES
            and says(place, within)
            and not any(
                below.role in PLACES and says(below, within) for child in place.children for below in child.walk()
            )
        ):
            yield from (node for node in place.walk() if node.role == role and node.name == name)


def says(node: Node, text: str) -> bool:
    """Whether a name, text or value in it holds `text`."""
    return any(text in each.name or text in each.value for each in node.walk())

"""Finds controls on a page as a person does: by what they are and what is written on them.

A name that is equal, whatever its case, comes before one that only holds the words asked for, so `Add` is not `Add all`. Where several fit,
`near` says beside which text: the control that shares the smallest part of the page with it.
"""

import re
from collections.abc import Iterable, Iterator

from envgym.browser.page_state import Node

FIELDS = frozenset({"textbox", "searchbox", "spinbutton", "combobox"})
PRESSED = frozenset({"button", "link", "tab", "menuitem", "switch"})
TICKED = frozenset({"checkbox", "radio", "switch"})
CHOSEN = frozenset({"combobox", "listbox"})


class NotFound(Exception):
    """What was looked for is not there; the message says what is."""


def control(root: Node, name: str, roles: frozenset[str], near: str = "") -> Node:
    """The one control of this name. Raises NotFound."""
    of_role = [node for node in root.walk() if node.role in roles and node.ref]
    found = named(of_role, name)
    if not found:
        there = ", ".join(repr(node.name) for node in of_role[:12]) or "none"
        raise NotFound(f"there is no {' or '.join(sorted(roles))} named {name!r}; there are: {there}")
    return beside(root, found, near) if near else found[0]


def named(nodes: Iterable[Node], name: str) -> list[Node]:
    """Nodes of this very name, else those whose name holds its words."""
    nodes, wanted = list(nodes), plain(name)
    if not wanted:
        return nodes
    equal = [node for node in nodes if plain(node.name) == wanted]
    return equal or [node for node in nodes if re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", plain(node.name))]


def beside(root: Node, found: list[Node], near: str) -> Node:
    """Of several, the one with the smallest part of the page around it that also holds `near`. Raises NotFound."""
    if plain(near) not in visible(root):
        raise NotFound(f"{near!r} is not on the page")
    wanted = {id(node) for node in found}
    places = [
        (size(part), order, node)
        for part in root.walk()
        if plain(near) in visible(part)
        for order, node in enumerate(part.walk())
        if id(node) in wanted
    ]
    if not places:
        raise NotFound(f"nothing of that name stands beside {near!r}")
    smallest = min(place[0] for place in places)
    first = [node for part, _, node in places if part == smallest]
    return first[0]


def size(node: Node) -> int:
    return sum(1 for _ in node.walk())


def texts(root: Node) -> Iterator[str]:
    """What can be read, in order. What was typed into a field does not count: an app that does nothing shows it too."""
    for node in root.walk():
        for text in (node.name, "" if node.role in FIELDS else node.value):
            if text.strip():
                yield plain(text)


def visible(root: Node) -> str:
    """All that can be read, as one text."""
    return " ".join(texts(root))


def plain(text: str) -> str:
    return " ".join(text.casefold().split())

"""What is to be seen of a browser at one moment: the accessibility tree of the active tab, and what lies around it.

Backends make it, `page_text` writes it; both know the same roles, so that a page reads alike whether Chromium or our own reader of
HTML holds it. A ref belongs to an element for as long as the element lives: nothing is written into the page to mark it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

INTERACTIVE = frozenset(
    {
        "button",
        "checkbox",
        "combobox",
        "link",
        "listbox",
        "menuitem",
        "menuitemcheckbox",
        "menuitemradio",
        "option",
        "radio",
    }
    | {"searchbox", "slider", "spinbutton", "switch", "tab", "textbox", "treeitem"}
)
"""Roles of what can be acted on."""
Box = tuple[float, float, float, float]


@dataclass(slots=True)
class Node:
    """One element, or a run of text (role `text`, its `name`)."""

    role: str
    name: str = ""
    ref: str = ""
    value: str = ""
    states: tuple[str, ...] = ()
    """Such as checked, disabled, expanded, selected, focused, required, level=2."""
    box: Box | None = None
    """x, y, width, height in CSS pixels from the viewport's corner; None where a backend has no layout."""
    url: str = ""
    """Where a link leads."""
    children: list["Node"] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Tab:
    """An open tab."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class OpenDialog:
    """A dialog that waits for an answer: alert, confirm, prompt or beforeunload."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class PageState:
    """The browser at one moment."""

    url: str
    title: str
    root: Node
    focused: str = ""
    """Ref of what has the focus."""
    tabs: tuple[Tab, ...] = ()
    active: int = 0
    dialog: OpenDialog | None = None
    events: tuple[str, ...] = ()
    """What has happened since the last state: navigations, dialogs, downloads, console errors, blocked requests; one line each."""

    def find(self, ref: str) -> Node | None:
        """The element of this ref, where it is still there."""
        return next((node for node in self.root.walk() if node.ref == ref), None) if ref else None

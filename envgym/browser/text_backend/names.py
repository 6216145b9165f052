"""Accessible names: what an element is called, by the order of the accessible name computation of W3C.

aria-labelledby, aria-label, labels and what else names it in HTML, its content for those that are named by it, placeholder, title.
"""

from functools import cached_property

from envgym.browser.text_backend.roles import INLINE, Element, hidden, input_type

BY_CONTENT = frozenset(
    {"button", "checkbox", "heading", "link", "menuitem", "menuitemcheckbox", "menuitemradio", "option", "radio"}
    | {"switch", "tab", "treeitem"}
)
"""Roles that are named by what stands in them."""
DEEPEST = 40
"""Elements within one another that are read for a name."""
LABELLED = frozenset({"input", "select", "textarea", "button", "meter", "output", "progress"})
BUTTONS = {"submit": "Submit", "reset": "Reset", "button": "", "image": "", "file": "Choose File"}


class Names:
    """The names of one document. Labels are looked up once: nothing here changes them."""

    def __init__(self, root: Element) -> None:
        self.root = root

    @cached_property
    def labels(self) -> dict[Element, list[Element]]:
        """Labels by the control that they name, in document order."""
        found: dict[Element, list[Element]] = {}
        for label in self.root.iter("label"):
            control = self.labelled_by(label)
            if control is not None:
                found.setdefault(control, []).append(label)
        return found

    def labelled_by(self, label: Element) -> Element | None:
        """The control that a label names."""
        named = label.get("for")
        if named is not None:
            return self.by_id(named)
        return next((each for each in label.iter(*LABELLED) if input_type(each) != "hidden"), None)

    @cached_property
    def _by_id(self) -> dict[str, Element]:
        found: dict[str, Element] = {}
        for element in self.root.iter("*"):
            named = element.get("id")
            if named:
                found.setdefault(named, element)
        return found

    def by_id(self, name: str) -> Element | None:
        """The element of an id."""
        return self._by_id.get(name)

    def of(self, element: Element, role: str) -> str:
        """The name; empty where there is none."""
        tag = element.tag
        if not element.attrib:
            own = self._by_html(element, tag) if tag in ("fieldset", "table") or tag in LABELLED else ""
            return own or (self.content(element) if role in BY_CONTENT else "")
        pointed = element.get("aria-labelledby")
        if pointed:
            said = flat(" ".join(self._text_of_id(each) for each in pointed.split()))
            if said:
                return said
        said = flat(element.get("aria-label") or "") or self._by_html(element, tag)
        if said:
            return said
        if role in BY_CONTENT:
            said = self.content(element)
        return said or flat(element.get("placeholder") or "") or flat(element.get("title") or "")

    def _by_html(self, element: Element, tag: str) -> str:
        if tag in LABELLED:
            labels = self.labels.get(element) if tag != "button" else None
            said = flat(" ".join(self.content(label) for label in labels)) if labels else ""
            return said or (self._of_button(element) if tag == "input" else "")
        if tag in ("img", "area"):
            return flat(element.get("alt") or "")
        if tag == "fieldset":
            return self._first(element, "legend")
        if tag == "table":
            return self._first(element, "caption")
        return flat(element.get("label") or "") if tag in ("optgroup", "option") else ""

    def _of_button(self, element: Element) -> str:
        kind = input_type(element)
        if kind not in BUTTONS:
            return ""
        given = element.get("value") if kind != "file" else ""
        return flat(element.get("alt") or given or "") or BUTTONS[kind]

    def _first(self, element: Element, tag: str) -> str:
        child = next((each for each in element if each.tag == tag), None)
        return self.content(child) if child is not None else ""

    def _text_of_id(self, name: str) -> str:
        element = self.by_id(name)
        if element is None:
            return ""
        return flat(element.get("aria-label") or "") or self.content(element)

    def content(self, element: Element) -> str:
        """What stands in an element, without what is hidden."""
        if not len(element):
            return flat(element.text or "")
        pieces: list[str] = []
        self._gather(element, pieces, 0)
        return flat("".join(pieces))

    def _gather(self, element: Element, pieces: list[str], depth: int) -> None:
        if depth > DEEPEST:
            return
        if element.text:
            pieces.append(element.text)
        for child in element:
            if not hidden(child):
                self._gather_child(child, pieces, depth + 1)
            if child.tail:
                pieces.append(child.tail)

    def _gather_child(self, child: Element, pieces: list[str], depth: int) -> None:
        tag = child.tag
        said = flat(child.get("aria-label") or "")
        if said:
            pieces.append(f" {said} ")
        elif tag == "img":
            pieces.append(f" {child.get('alt') or ''} ")
        elif tag in ("input", "select", "textarea"):
            return
        elif tag in INLINE:
            self._gather(child, pieces, depth)
        else:
            pieces.append(" ")
            self._gather(child, pieces, depth)
            pieces.append(" ")


def flat(text: str) -> str:
    """On one line, with single spaces."""
    return " ".join(text.split())

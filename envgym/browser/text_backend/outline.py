"""From a document to the tree that an agent is shown. The rules are those of the walker that Chromium runs; see docs/browser.md."""

from collections.abc import Callable

from envgym.browser.page_state import INTERACTIVE, Node
from envgym.browser.text_backend.document import Document, summary_of
from envgym.browser.text_backend.names import BY_CONTENT, flat
from envgym.browser.text_backend.roles import (
    GENERIC,
    INLINE,
    INPUTS,
    Element,
    hidden,
    input_type,
    role_of,
)

TEXT_ALONE = frozenset({"cell", "columnheader", "rowheader", "gridcell", "listitem"})
"""Roles that are named by their text where they hold nothing else."""
NAMED_BY_CHILD = {"legend": "fieldset", "caption": "table"}
"""Elements that are the name of what they stand in, and are not shown again."""
MOST_OPTIONS = 200
DISABLED = frozenset({"button", "fieldset", "input", "optgroup", "option", "select", "textarea"})
DEEPEST = 90
"""Elements within one another; below that only text is shown."""
LONGEST_TEXT = 2_000
"""Characters of one run of text."""
FIELDS = frozenset({"input", "select", "textarea"})
Refs = Callable[[Element], str]


class Outline:
    """Writes one document as nodes. `ref` gives an element its ref."""

    def __init__(self, document: Document, ref: Refs) -> None:
        self.document = document
        self.ref = ref
        self._depth = 0

    def tree(self) -> Node:
        """The whole page."""
        return Node("document", children=self.children(self.document.body))

    def node(self, element: Element) -> Node:
        """One element that is to be seen and has a role."""
        node = self._node(element, element.tag, role_of(element))
        assert node is not None
        return node

    def children(self, element: Element) -> list[Node]:
        """The nodes below an element."""
        into: list[Node] = []
        run: list[str] = []
        self._walk(element, into, run)
        _end_run(run, into)
        return into

    def _walk(self, element: Element, into: list[Node], run: list[str]) -> None:
        if self._depth > DEEPEST:
            run.extend(element.itertext())
            return
        self._depth += 1
        if element.text:
            run.append(element.text)
        for child in element:
            if not hidden(child):
                self._visit(child, into, run)
            if child.tail:
                run.append(child.tail)
        self._depth -= 1

    def _visit(self, child: Element, into: list[Node], run: list[str]) -> None:
        tag = child.tag
        role = role_of(child)
        if role != GENERIC:
            _end_run(run, into)
            node = self._node(child, tag, role)
            if node is not None:
                into.append(node)
        elif tag == "label" and self._is_a_name(child):
            controls = [node for node in self.children(child) if node.role != "text"]
            if controls:
                _end_run(run, into)
                into.extend(controls)
        elif tag in INLINE:
            self._walk(child, into, run)
        elif tag == "br":
            _end_run(run, into)
        elif NAMED_BY_CHILD.get(tag) != child.getparent().tag:
            _end_run(run, into)
            self._walk(child, into, run)
            _end_run(run, into)

    def _is_a_name(self, label: Element) -> bool:
        control = self.document.names.labelled_by(label)
        return control is not None and self.document.visible(control)

    def _node(self, element: Element, tag: str, role: str) -> Node | None:
        document = self.document
        node = Node(role, document.names.of(element, role))
        if role in INTERACTIVE and tag != "option":
            node.ref = self.ref(element)
        if tag in FIELDS:
            self._field(element, tag, node)
        elif tag == "details" and element.get("open") is None:
            summary = summary_of(element)
            node.children = [] if summary is None or hidden(summary) else self._only(summary)
        elif len(element) or role not in BY_CONTENT:
            self._inside(element, tag, role, node)
        if role == "link":
            node.url = document.seen_from_here(element.get("href") or "")
        if element.attrib or tag in ("summary", "option", "textarea") or tag[0] == "h" or element is document.focus:
            node.states = self._states(element, tag, role)
        elif tag in ("button", *FIELDS) and document.disabled(element):
            node.states = ("disabled",)
        return node

    def _only(self, summary: Element) -> list[Node]:
        into: list[Node] = []
        self._visit(summary, into, [])
        return into

    def _inside(self, element: Element, tag: str, role: str, node: Node) -> None:
        children = self.children(element)
        if role in BY_CONTENT:
            children = [child for child in children if child.role != "text"]
        elif role in TEXT_ALONE and not node.name and all(child.role == "text" for child in children):
            node.name, children = " ".join(child.name for child in children), []
        elif tag in ("progress", "meter"):
            node.value, children = element.get("value") or "", []
        elif tag == "img":
            children = []
        node.children = children

    def _field(self, element: Element, tag: str, node: Node) -> None:
        document = self.document
        if tag == "select":
            options = list(document.options(element))[:MOST_OPTIONS]
            node.children = [
                Node("option", document.option_label(each), states=self._states(each, "option", "option"))
                for each in options
            ]
            node.value = ", ".join(document.option_label(option) for option in document.selected(element))
        elif tag == "textarea":
            node.value = document.value(element)
        else:
            kind = input_type(element)
            if kind == "password":
                node.value = "•" * len(document.value(element))
            elif kind not in INPUTS or kind in ("number", "range", "search"):
                node.value = document.value(element)

    def _states(self, element: Element, tag: str, role: str) -> tuple[str, ...]:
        document = self.document
        get = element.get
        states: list[str] = []
        if role == "heading":
            states.append(f"level={get('aria-level') or (tag[1:] if tag[0] == 'h' else '2')}")
        if role in ("checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio"):
            if tag == "input":
                states += ["checked"] * document.checked(element)
            elif get("aria-checked") in ("true", "mixed"):
                states.append("checked" if get("aria-checked") == "true" else "checked=mixed")
        if tag == "option":
            states += ["selected"] * self._is_selected(element)
        elif get("aria-selected") == "true":
            states.append("selected")
        if get("aria-pressed") == "true":
            states.append("pressed")
        opened = get("aria-expanded")
        if tag == "summary" and element.getparent().tag == "details":
            opened = "true" if element.getparent().get("open") is not None else "false"
        if opened in ("true", "false"):
            states.append("expanded" if opened == "true" else "collapsed")
        if (tag in DISABLED and document.disabled(element)) or get("aria-disabled") == "true":
            states.append("disabled")
        if tag in FIELDS:
            states += ["required"] * (get("required") is not None or get("aria-required") == "true")
            states += ["readonly"] * (get("readonly") is not None)
            states += ["invalid"] * (get("aria-invalid") == "true")
            states += ["multiline"] * (tag == "textarea")
        if element is document.focus:
            states.append("focused")
        return tuple(states)

    def _is_selected(self, option: Element) -> bool:
        select = next(option.iterancestors("select"), None)
        return select is not None and option in self.document.selected(select)


def _end_run(run: list[str], into: list[Node]) -> None:
    if run:
        text = flat("".join(run))
        if text:
            into.append(Node("text", text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"))
        run.clear()

"""Document: one page as it was parsed, with what the agent has done to it: values of fields, boxes ticked, focus.

What a field holds lies beside the tree, as in a browser, where the attribute `value` stays what the page was sent with.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from lxml import etree

from envgym.browser.page_state import Node
from envgym.browser.text_backend.addresses import parts, whole
from envgym.browser.text_backend.names import Names, flat
from envgym.browser.text_backend.roles import Element, hidden, input_type
from envgym.errors import InvalidAction

PARSER = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
BLANK = "about:blank"
EMPTY = b"<!DOCTYPE html><html><head><title></title></head><body></body></html>"
CONTROLS = ("input", "select", "textarea", "button")


class Document:
    """A page; it is parsed when it is first touched. Its elements are kept, so that lxml gives the same objects again."""

    def __init__(self, url: str, content: bytes) -> None:
        self.url = url
        self.content = content
        self.address = url
        """Where it came from: `url` moves with jumps inside the page, and this does not."""
        self.values: dict[Element, str] = {}
        self.checks: dict[Element, bool] = {}
        self.chosen: dict[Element, list[Element]] = {}
        self.bones: Any = None
        """Its skeleton, once it was read."""
        self.tree: Node | None = None
        """The page with its refs, as it was before anything was touched."""
        self.toggled = False
        """Whether a `<details>` was opened or closed."""
        self.focus: Element | None = self.first_focus
        self.refs: dict[int, str] = {}
        """Refs that were given, by the place of the element."""
        self.places: dict[str, int] = {}

    @cached_property
    def root(self) -> Element:
        """The element `html`."""
        root = etree.fromstring(self.content, PARSER) if self.content.strip() else None
        return root if root is not None else etree.fromstring(EMPTY, PARSER)

    @cached_property
    def body(self) -> Element:
        """What is to be seen stands in it."""
        body = self.root.find("body")
        return body if body is not None else self.root

    @property
    def title(self) -> str:
        """Its title."""
        return flat(self.root.findtext("head/title") or "")

    @cached_property
    def elements(self) -> list[Element]:
        """All elements in document order: the same bytes give the same places."""
        return list(self.root.iter())

    @cached_property
    def place(self) -> dict[Element, int]:
        """Places of elements."""
        return {element: place for place, element in enumerate(self.elements)}

    @cached_property
    def names(self) -> Names:
        """What elements are called."""
        return Names(self.root)

    @cached_property
    def first_focus(self) -> Element | None:
        """What the page itself puts the focus on."""
        return next(iter(self.root.xpath("//*[@autofocus]")), None) if b"autofocus" in self.content else None

    @cached_property
    def base(self) -> str:
        """What its addresses are relative to."""
        base = self.root.find("head/base[@href]") if b"<base" in self.content else None
        return self.address if base is None else whole(self.address, base.get("href"))

    @property
    def touched(self) -> set[Element]:
        """Elements that may not be as they were sent."""
        return {
            *self.values,
            *self.checks,
            *self.chosen,
            *(each for each in (self.focus, self.first_focus) if each is not None),
        }

    def absolute(self, address: str) -> str:
        """An address of this page made whole; as it is where it is none."""
        return whole(self.base, address)

    def seen_from_here(self, address: str) -> str:
        """Where a link leads, in short: without the origin where it is the page's own."""
        given = address.strip()
        if given.startswith("#"):
            return given
        if given.casefold().startswith("javascript:"):
            return ""
        try:
            there, here = parts(self.absolute(given)), parts(self.address)
        except InvalidAction:
            return given
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            return there.geturl()
        return (
            (there.path or "/")
            + (f"?{there.query}" if there.query else "")
            + (f"#{there.fragment}" if there.fragment else "")
        )

    # ---- what fields hold

    def value(self, element: Element) -> str:
        """What a text field holds now."""
        if element in self.values:
            return self.values[element]
        if element.tag == "textarea":
            return "".join(element.itertext()).removeprefix("\n")
        value = str(element.get("value") or "")
        if value and element.tag == "input" and input_type(element) == "number" and NUMBER.fullmatch(value) is None:
            return ""  # as the standard has it, such a field holds nothing
        return value

    def checked(self, element: Element) -> bool:
        """Whether a box is ticked now."""
        given = self.checks.get(element)
        return element.get("checked") is not None if given is None else given

    def options(self, select: Element) -> Iterator[Element]:
        """The options of a list, in order."""
        return iter(select.iter("option"))

    def selected(self, select: Element) -> list[Element]:
        """The options that are chosen now; a drop-down always has one where it can."""
        if select in self.chosen:
            return self.chosen[select]
        marked = [option for option in select.iter("option") if option.get("selected") is not None]
        if select.get("multiple") is not None:
            return marked
        if marked:
            return marked[-1:]
        if (select.get("size") or "1") not in ("", "0", "1"):
            return []
        return [option for option in select.iter("option") if not self.disabled(option)][:1]

    def option_label(self, option: Element) -> str:
        """The words of an option."""
        return flat(option.get("label") or "".join(option.itertext()))

    def option_value(self, option: Element) -> str:
        """What an option sends."""
        given = option.get("value")
        return self.option_label(option) if given is None else str(given)

    def disabled(self, element: Element) -> bool:
        """Whether a control cannot be used, by itself or by what it stands in."""
        if element.get("disabled") is not None:
            return True
        if element.tag == "option":
            parent = element.getparent()
            return parent is not None and parent.tag == "optgroup" and parent.get("disabled") is not None
        for fieldset in element.iterancestors("fieldset"):
            if fieldset.get("disabled") is None:
                continue
            legend = fieldset.find("legend")
            if legend is None or legend not in element.iterancestors("legend"):
                return True
        return False

    # ---- where things are

    def form_of(self, control: Element) -> Element | None:
        """The form that a control belongs to."""
        named = control.get("form")
        if named is not None:
            return self.names.by_id(named)
        return next(control.iterancestors("form"), None)

    def controls(self, form: Element) -> list[Element]:
        """The controls of a form, in document order."""
        return [each for each in self.root.iter(*CONTROLS) if self.form_of(each) is form]

    def radios(self, radio: Element) -> list[Element]:
        """The radio buttons of one group, this one included."""
        name, form = radio.get("name"), self.form_of(radio)
        if not name:
            return [radio]
        return [
            each
            for each in self.root.iter("input")
            if input_type(each) == "radio" and each.get("name") == name and self.form_of(each) is form
        ]

    def visible(self, element: Element) -> bool:
        """Whether neither it nor anything that it stands in is hidden."""
        if hidden(element):
            return False
        inside = element
        for above in element.iterancestors():
            if hidden(above) or (
                above.tag == "details" and above.get("open") is None and not _is_summary(above, inside)
            ):
                return False
            inside = above
        return True


def _is_summary(details: Element, child: Element) -> bool:
    return child.tag == "summary" and details.find("summary") is child


def summary_of(details: Element) -> Element | None:
    """The line by which a `<details>` is opened."""
    found: Element | None = details.find("summary")
    return found

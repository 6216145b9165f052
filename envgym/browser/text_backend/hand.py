"""Hand: mouse and keyboard on one page. Every method raises InvalidAction, with nothing changed, for what a browser would not do."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from envgym.browser.text_backend.forms import (
    complaint,
    default_button,
    refused,
    submission,
    submits,
    types_text,
)
from envgym.browser.text_backend.keys import Keys
from envgym.browser.text_backend.roles import Element, hidden, input_type, role_of
from envgym.errors import InvalidAction

if TYPE_CHECKING:
    from envgym.browser.text_backend.text_backend import TextBackend

LISTED = 12
"""Options that are named where one was not found."""


class Hand:
    """Acts on the page of the active tab."""

    def __init__(self, browser: "TextBackend") -> None:
        self.browser = browser
        self.document = browser.document

    def name(self, element: Element) -> str:
        """An element in words."""
        role = role_of(element)
        return f'{role} "{self.document.names.of(element, role)[:80]}"'

    def require_enabled(self, element: Element) -> None:
        if self.document.disabled(element):
            raise InvalidAction(f"{self.name(element)} is disabled", code="browser.disabled")

    # ---- the mouse

    def click(self, element: Element, *, button: str = "left", count: int = 1, keys: Sequence[str] = ()) -> None:
        """Clicks an element that can be acted on."""
        if button == "right":
            raise InvalidAction("there is no menu behind the right button here", code="browser.unsupported")
        tag = element.tag
        if tag in ("input", "select", "textarea", "button"):
            self.require_enabled(element)
        if tag == "a" and element.get("href") is not None:
            self._follow(element, new_tab=button == "middle" or "Control" in keys or "Meta" in keys)
            return
        if button == "middle":
            raise InvalidAction(
                f"{self.name(element)}: the middle button does nothing to it", code="browser.unsupported"
            )
        for _ in range(count if tag == "input" else 1):
            self._press_on(element, tag)

    def _press_on(self, element: Element, tag: str) -> None:
        document = self.document
        kind = input_type(element) if tag == "input" else tag
        if kind == "file":
            raise InvalidAction("files cannot be uploaded here", code="browser.unsupported")
        if kind == "checkbox":
            document.checks[element] = not document.checked(element)
        elif kind == "radio":
            for each in document.radios(element):
                document.checks[each] = each is element
        elif kind == "summary":
            self._toggle(element.getparent())
        elif submits(element):
            self.submit(document.form_of(element), element)
            return
        elif kind == "reset" or (kind == "button" and (element.get("type") or "").casefold() == "reset"):
            self._reset(document.form_of(element))
        document.focus = element

    def _toggle(self, details: Element) -> None:
        self.document.toggled = True
        if details.get("open") is None:
            details.set("open", "")
        else:
            del details.attrib["open"]

    def _reset(self, form: Element | None) -> None:
        for control in self.document.controls(form) if form is not None else ():
            for kept in (self.document.values, self.document.checks, self.document.chosen):
                kept.pop(control, None)

    def _follow(self, link: Element, *, new_tab: bool) -> None:
        href = (link.get("href") or "").strip()
        url = self.document.absolute(href)
        if url.split(":", 1)[0] not in ("http", "https"):
            raise InvalidAction(
                f"{self.name(link)} leads to {href[:100]!r}, which cannot be opened here", code="browser.address"
            )
        self.browser.visit(url, new_tab=new_tab or link.get("target") == "_blank")

    def submit(self, form: Element | None, submitter: Element | None) -> None:
        """Sends a form as a browser does, its own checks first: where one fails, that is an event, and the focus goes there."""
        if form is None:
            return
        wrong = complaint(self.document, form, submitter)
        if wrong is not None:
            self.document.focus = wrong[0]
            self.browser.tell(f"form not sent: {self.name(wrong[0])}: {wrong[1]}")
            return
        sent = submission(self.document, form, submitter)
        if sent is not None:
            self.browser.send(sent)

    # ---- fields

    def fill(self, element: Element, text: str, *, submit: bool = False) -> None:
        """Replaces what a field holds."""
        self.set(element, text)
        if submit:
            Keys(self).press("Enter")

    def set(self, element: Element, text: str) -> None:
        """Makes a field hold `text`."""
        if not types_text(element):
            raise InvalidAction(f"{self.name(element)} is no field for text", code="browser.field")
        self.require_enabled(element)
        if element.get("readonly") is not None:
            raise InvalidAction(f"{self.name(element)} can only be read", code="browser.disabled")
        if element.tag == "input":
            text = text.replace("\r", "").replace("\n", "")
        why = refused(element, text)
        if why:
            raise InvalidAction(f"{self.name(element)}: {why}", code="browser.field")
        self.document.values[element] = text
        self.document.focus = element

    def type_text(self, text: str) -> None:
        """Types at the end of the field that has the focus."""
        focus = self.document.focus
        if focus is None or not types_text(focus):
            raise InvalidAction("no field has the focus; click one, or use fill", code="browser.focus")
        before, _, after = text.partition("\n")
        if after or focus.tag == "textarea" or "\n" not in text:
            self.set(focus, self.document.value(focus) + (text if focus.tag == "textarea" else before))
        else:
            self.fill(focus, self.document.value(focus) + before, submit=True)

    def press(self, keys: str, element: Element | None) -> None:
        """Presses keys, on an element where one is given."""
        if element is not None and element is not self.document.focus:
            self.document.focus = element
        Keys(self).press(keys)

    def select(self, element: Element, values: Sequence[str]) -> None:
        """Chooses options of a list by label or value; what was chosen before is not any more."""
        if element.tag != "select":
            raise InvalidAction(f"{self.name(element)} is no list to choose from", code="browser.field")
        self.require_enabled(element)
        if len(values) > 1 and element.get("multiple") is None:
            raise InvalidAction(
                f"{self.name(element)} takes one option, {len(values)} were given", code="browser.field"
            )
        chosen = [self._option(element, value) for value in values]
        self.document.chosen[element] = [option for option in self.document.options(element) if option in chosen]
        self.document.focus = element

    def _option(self, select: Element, wanted: str) -> Element:
        document = self.document
        options = [option for option in document.options(select) if not hidden(option)]
        exact = " ".join(wanted.split())
        found = next((each for each in options if document.option_label(each) == exact), None)
        if found is None:
            found = next((each for each in options if document.option_value(each) == wanted), None)
        if found is None:
            names = ", ".join(repr(document.option_label(each)) for each in options[:LISTED])
            more = f" and {len(options) - LISTED} more" if len(options) > LISTED else ""
            raise InvalidAction(
                f"{self.name(select)} has no option {wanted[:80]!r}; there are {names}{more}", code="browser.option"
            )
        if document.disabled(found):
            raise InvalidAction(f"the option {wanted[:80]!r} is disabled", code="browser.disabled")
        return found

    def default_submit(self, field: Element) -> None:
        """Enter in a field: its form's first button is pressed; a form without one is sent where it has a single field."""
        form = self.document.form_of(field)
        if form is None:
            return
        button = default_button(self.document, form)
        if button is not None:
            if not self.document.disabled(button):
                self.submit(form, button)
            return
        if sum(each.tag == "input" and types_text(each) for each in self.document.controls(form)) <= 1:
            self.submit(form, None)

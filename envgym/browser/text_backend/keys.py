"""Keys: what the keyboard does to the element that has the focus."""

from typing import TYPE_CHECKING

from envgym.browser.page_state import INTERACTIVE
from envgym.browser.text_backend.forms import types_text
from envgym.browser.text_backend.roles import Element, hidden, input_type, role_of
from envgym.errors import InvalidAction

if TYPE_CHECKING:
    from envgym.browser.text_backend.hand import Hand

MODIFIERS = ("Alt", "Control", "Meta", "Shift", "ControlOrMeta")
STEPS = {"ArrowDown": 1, "ArrowRight": 1, "ArrowUp": -1, "ArrowLeft": -1}


class Keys:
    """Presses keys on one page. Those that do nothing without scripts do nothing here."""

    def __init__(self, hand: "Hand") -> None:
        self.hand = hand
        self.document = hand.document

    def press(self, keys: str) -> None:
        """One key, or several held at once: Enter, Shift+Tab."""
        *held, key = ["+"] if keys == "+" else keys.split("+")
        if not key or any(each not in MODIFIERS for each in held):
            raise InvalidAction(
                f"{keys!r} are no keys; write Enter, Tab, Shift+Tab, ArrowDown or a letter", code="browser.keys"
            )
        focus = self.document.focus
        if key == "Tab":
            self.document.focus = self._next(-1 if "Shift" in held else 1)
        elif focus is not None and not set(held) - {"Shift"}:
            self._on(focus, key)

    def _next(self, step: int) -> Element | None:
        """The element that Tab leads to; None behind the last."""
        document = self.document
        order = [
            each
            for each in document.body.iter("a", "input", "select", "textarea", "button", "summary")
            if self._takes_focus(each)
        ]
        if document.focus not in order:
            return order[0 if step > 0 else -1] if order else None
        at = order.index(document.focus) + step
        return order[at] if 0 <= at < len(order) else None

    def _takes_focus(self, element: Element) -> bool:
        if hidden(element) or element.get("tabindex") == "-1" or role_of(element) not in INTERACTIVE:
            return False
        if element.tag == "input" and input_type(element) == "radio":
            group = self.document.radios(element)
            ticked = next((each for each in group if self.document.checked(each)), None)
            if ticked is not None and ticked is not element:
                return False
        return not self.document.disabled(element) and self.document.visible(element)

    def _on(self, focus: Element, key: str) -> None:
        tag = focus.tag
        text = types_text(focus)
        if key == "Enter":
            self._enter(focus, text)
        elif text:
            self._type(focus, key)
        elif key in (" ", "Space") and tag in ("button", "input", "summary"):
            self.hand.click(focus)
        elif key in STEPS and tag == "select":
            self._move_choice(focus, STEPS[key])
        elif key in STEPS and tag == "input" and input_type(focus) == "radio":
            group = [each for each in self.document.radios(focus) if not self.document.disabled(each)]
            self.hand.click(group[(group.index(focus) + STEPS[key]) % len(group)])

    def _enter(self, focus: Element, text: bool) -> None:
        if focus.tag == "textarea":
            self._type(focus, "\n")
        elif text or (focus.tag == "input" and input_type(focus) in ("checkbox", "radio")):
            self.hand.default_submit(focus)
        elif focus.tag in ("a", "button", "input", "summary"):
            self.hand.click(focus)

    def _type(self, focus: Element, key: str) -> None:
        value = self.document.value(focus)
        if key == "Backspace":
            self.hand.set(focus, value[:-1])
        elif len(key) == 1 or key == "Space":
            self.hand.set(focus, value + (" " if key == "Space" else key))

    def _move_choice(self, select: Element, step: int) -> None:
        if select.get("multiple") is not None:
            return
        document = self.document
        options = [each for each in document.options(select) if not document.disabled(each)]
        chosen = document.selected(select)
        at = options.index(chosen[0]) + step if chosen and chosen[0] in options else 0
        if 0 <= at < len(options):
            document.chosen[select] = [options[at]]

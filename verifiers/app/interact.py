"""Plays the checks of a requirement on an app in a browser: what a person would do, and what must then be seen."""

import random
import re
from collections.abc import Callable

from envgym.browser.action import Click, Dialog, Fill, History, Press, Select, checked
from envgym.browser.backend import Backend
from envgym.browser.page_state import Node
from envgym.errors import InvalidAction
from envgym.verdict import Verdict
from envgym.verifiers.app.locate import CHOSEN, FIELDS, PRESSED, TICKED, NotFound, control, plain, texts, visible
from envgym.verifiers.app.requirement import AppCheck, Step

MOST_PRESSES = 60


class Failed(Exception):
    """A step did not go as it must."""


def play_check(browser: Backend, address: str, check: AppCheck, *, seed: int) -> Verdict:
    """PASS when every step goes through on the freshly opened app, else FAIL that says at which step and what was there."""
    rng = random.Random(f"{seed}:{check.name}")
    browser.open(address, seed=rng.randrange(2**31))
    for number, step in enumerate(check.drawn(rng), start=1):
        try:
            STEPS[step.do](browser, step)
        except (Failed, NotFound, InvalidAction) as error:
            return Verdict.of(0, code=f"app.{step.do}", reason=f"{check.name}: step {number} ({told(step)}): {error}")
    return Verdict.of(1, code="app.holds", reason=check.name)


def told(step: Step) -> str:
    """A step in a few words."""
    parts = [
        step.name,
        step.text,
        *step.texts,
        step.role,
        step.number,
        step.state,
        f"beside {step.near}" if step.near else "",
    ]
    return " ".join([step.do, *(part for part in parts if part)])


def fill(browser: Backend, step: Step) -> None:
    browser.act(checked(Fill, ref=control(browser.state().root, step.name, FIELDS, step.near).ref, text=step.text))


def press(browser: Backend, step: Step) -> None:
    times = whole(step.number) if step.number else 1
    if times > MOST_PRESSES:
        raise Failed(f"at most {MOST_PRESSES} presses")
    for _ in range(times):
        browser.act(Click(ref=control(browser.state().root, step.name, PRESSED, step.near).ref))
        answer_dialog(browser, step.state)


def whole(number: str) -> int:
    """Raises Failed where a value that was drawn is no whole number."""
    if not re.fullmatch(r"[0-9]{1,6}", number):
        raise Failed(f"{number[:40]!r} is no whole number")
    return int(number)


def answer_dialog(browser: Backend, answer: str) -> None:
    """Accepts or dismisses what the page asks. Raises Failed where it asks unbidden, or should ask and does not."""
    dialog = browser.state().dialog
    if dialog is not None:
        browser.act(Dialog(accept=answer == "accept"))
    if dialog is not None and not answer:
        raise Failed(f"a dialog opened: {dialog.message!r}")
    if dialog is None and answer:
        raise Failed("no dialog asks for confirmation")


def tick(browser: Backend, step: Step) -> None:
    box = control(browser.state().root, step.name, TICKED, step.near)
    if ("checked" in box.states) != (step.state != "not checked"):
        browser.act(Click(ref=box.ref))


def choose(browser: Backend, step: Step) -> None:
    browser.act(
        checked(Select, ref=control(browser.state().root, step.name, CHOSEN, step.near).ref, values=(step.text,))
    )


def key(browser: Backend, step: Step) -> None:
    field = control(browser.state().root, step.name, FIELDS, step.near).ref if step.name else None
    browser.act(checked(Press, keys=step.text, ref=field))


def reload(browser: Backend, step: Step) -> None:
    browser.act(History(to="reload"))


def sees(browser: Backend, step: Step) -> None:
    if not holds_text(browser.state().root, step.text):
        raise Failed("it is not on the page")


def lacks(browser: Backend, step: Step) -> None:
    if holds_text(browser.state().root, step.text):
        raise Failed("it is still on the page")


def holds_text(root: Node, text: str) -> bool:
    """Whether whole words stand on the page: 1 is not seen where 12 is, nor in 1.5."""
    return bool(re.search(rf"(?<![\w.,-]){re.escape(plain(text))}(?![\w%]|[.,]\d)", visible(root)))


def counts(browser: Backend, step: Step) -> None:
    found = [node for node in browser.state().root.walk() if node.role == step.role]
    if step.text:
        found = [node for node in found if plain(step.text) in visible(node)]
    if len(found) != whole(step.number):
        raise Failed(f"there are {len(found)}")


def ordered(browser: Backend, step: Step) -> None:
    page = " ".join(texts(browser.state().root))
    places = [page.find(plain(text)) for text in step.texts]
    if -1 in places:
        raise Failed(f"{step.texts[places.index(-1)]!r} is not on the page")
    if places != sorted(places):
        raise Failed("they stand in another order")


def holds(browser: Backend, step: Step) -> None:
    field = control(browser.state().root, step.name, FIELDS, step.near)
    if plain(field.value) != plain(step.text):
        raise Failed(f"it holds {field.value!r}")


def is_(browser: Backend, step: Step) -> None:
    wanted, absent = step.state.removeprefix("not "), step.state.startswith("not ")
    node = control(browser.state().root, step.name, FIELDS | PRESSED | TICKED, step.near)
    if (wanted in node.states) == absent:
        raise Failed(f"it is {', '.join(node.states) or 'in no state'}")


STEPS: dict[str, Callable[[Backend, Step], None]] = {
    "fill": fill, "press": press, "tick": tick, "choose": choose, "key": key, "reload": reload, "sees": sees, "lacks": lacks,
    "counts": counts, "ordered": ordered, "holds": holds, "is": is_,
}  # fmt: skip

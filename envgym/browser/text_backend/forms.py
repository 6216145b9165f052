"""Forms: what one sends, and whether a browser would let it go. The rules are those of the HTML standard, without scripts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import quote_plus, urlunsplit

from envgym.browser.text_backend.addresses import parts
from envgym.browser.text_backend.document import NUMBER, Document
from envgym.browser.text_backend.roles import Element, input_type

Pair = tuple[str, str]
SUBMITS = ("submit", "image")
BOUNDARY = "envgym-form-boundary"
EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*", re.ASCII)
FREE = frozenset({"text", "search", "tel", "url", "email", "password"})
"""Types of input in which anything can be typed."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A request that a form makes."""

    method: str
    url: str
    body: bytes = b""
    content_type: str = ""
    new_tab: bool = False


def submission(document: Document, form: Element, submitter: Element | None) -> Submission | None:
    """What is sent; None where a dialog is closed and nothing is."""

    def setting(name: str, default: str) -> str:
        own = None if submitter is None else submitter.get(f"form{name}")
        return str(own if own is not None else form.get(name) or default)

    method = setting("method", "get").casefold()
    if method == "dialog":
        return None
    address = document.absolute(setting("action", "") or document.url)
    pairs = list(entries(document, form, submitter))
    new_tab = setting("target", "") == "_blank"
    if method != "post":
        return Submission(
            "GET", urlunsplit(parts(address)._replace(query=encoded(pairs), fragment="")), new_tab=new_tab
        )
    if setting("enctype", "").casefold() == "multipart/form-data":
        return Submission("POST", address, multipart(pairs), f"multipart/form-data; boundary={BOUNDARY}", new_tab)
    return Submission("POST", address, encoded(pairs).encode(), "application/x-www-form-urlencoded", new_tab)


def entries(document: Document, form: Element, submitter: Element | None) -> Iterator[Pair]:
    """Name and value of all that counts, in document order."""
    for control in document.controls(form):
        name, given = control.get("name") or "", control.get("value")
        kind = input_type(control) if control.tag == "input" else control.tag
        if document.disabled(control):
            continue
        if kind == "image" and control is submitter:
            prefix = f"{name}." if name else ""
            yield from ((f"{prefix}x", "0"), (f"{prefix}y", "0"))
        elif not name or kind in ("reset", "image", "file"):
            continue
        elif kind in ("submit", "button"):
            if control is submitter:
                yield name, given or ""
        elif kind in ("checkbox", "radio"):
            if document.checked(control):
                yield name, "on" if given is None else given
        elif kind == "select":
            for option in document.selected(control):
                if not document.disabled(option):
                    yield name, document.option_value(option)
        else:
            value = document.value(control)
            yield name, re.sub(r"\r?\n|\r", "\r\n", value) if kind in ("textarea", "hidden") else value


def encoded(pairs: list[Pair]) -> str:
    """As application/x-www-form-urlencoded."""
    return "&".join(f"{quote_plus(name, safe='*')}={quote_plus(value, safe='*')}" for name, value in pairs)


def multipart(pairs: list[Pair]) -> bytes:
    """As multipart/form-data; files are never among them."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{_escaped(name)}"\r\n\r\n{value}\r\n'
        for name, value in pairs
    ]
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()


def _escaped(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def default_button(document: Document, form: Element) -> Element | None:
    """The button that Enter in a field stands for: the first of the form that submits."""
    return next((control for control in document.controls(form) if submits(control)), None)


def submits(control: Element) -> bool:
    """Whether pressing it sends its form."""
    if control.tag == "button":
        return (control.get("type") or "submit").casefold() not in ("button", "reset")
    return control.tag == "input" and input_type(control) in SUBMITS


def types_text(control: Element) -> bool:
    """Whether it holds text that can be typed."""
    if control.tag == "textarea":
        return True
    return control.tag == "input" and input_type(control) not in (
        "hidden", "checkbox", "radio", "file", "button", *SUBMITS, "reset",
    )  # fmt: skip


# ---- what a browser lets go


def complaint(document: Document, form: Element, submitter: Element | None) -> tuple[Element, str] | None:
    """The first control that keeps the form from being sent, and why; None where nothing does."""
    if form.get("novalidate") is not None or (submitter is not None and submitter.get("formnovalidate") is not None):
        return None
    for control in document.controls(form):
        if control.tag == "button" or document.disabled(control) or control.get("readonly") is not None:
            continue
        why = fault(document, control)
        if why:
            return control, why
    return None


def fault(document: Document, control: Element) -> str:
    """Why a browser would not send what a control holds; empty where it would."""
    kind = input_type(control) if control.tag == "input" else control.tag
    required = control.get("required") is not None
    if kind == "hidden":
        return ""
    if kind == "checkbox":
        return "tick this box" if required and not document.checked(control) else ""
    if kind == "radio":
        group = document.radios(control)
        wanted = any(each.get("required") is not None for each in group)
        return "choose one of these" if wanted and not any(map(document.checked, group)) else ""
    if kind == "select":
        chosen = [document.option_value(option) for option in document.selected(control)]
        return "choose one of the list" if required and not any(chosen) else ""
    if kind == "file":
        return "choose a file" if required else ""
    value = document.value(control)
    if not value:
        return "fill in this field" if required and types_text(control) else ""
    return _typed_fault(control, kind, value)


def _typed_fault(control: Element, kind: str, value: str) -> str:
    least = control.get("minlength") or ""
    if least.isdigit() and len(value) < int(least):
        return f"at least {least} characters are needed"
    pattern = control.get("pattern")
    if pattern and kind in FREE and not _matches(pattern, value):
        return f"it must look like this: {control.get('title') or pattern}"
    if kind == "email" and EMAIL.fullmatch(value) is None:
        return "an email address is needed"
    if kind == "url" and not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:.", value):
        return "an address with its scheme is needed"
    if kind in ("number", "range"):
        return _number_fault(control, value)
    return ""


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True  # a pattern that cannot be read is none


def _number_fault(control: Element, value: str) -> str:
    number = float(value)
    low, high = (_number(control.get(bound)) for bound in ("min", "max"))
    if low is not None and number < low:
        return f"it must be at least {control.get('min')}"
    if high is not None and number > high:
        return f"it must be at most {control.get('max')}"
    step = control.get("step") or "1"
    unit = _number(step)
    if step == "any" or not unit:
        return ""
    steps = (number - (low or 0.0)) / unit
    return "" if abs(steps - round(steps)) < 1e-6 else f"it must be a multiple of {step}"


def _number(text: str | None) -> float | None:
    return float(text) if text and NUMBER.fullmatch(text) else None


def refused(control: Element, text: str) -> str:
    """Why a field cannot hold `text` at all; empty where it can."""
    kind = input_type(control) if control.tag == "input" else "textarea"
    most = control.get("maxlength") or ""
    if most.isdigit() and len(text) > int(most):
        return f"it takes at most {most} characters, {len(text)} were given"
    if not text or kind in FREE or kind == "textarea":
        return ""
    reader, wanted = TYPED.get(kind, (str, ""))
    try:
        reader(text)
    except ValueError:
        return f"it takes {wanted}, not {text[:40]!r}"
    return ""


def _read_number(text: str) -> float:
    if NUMBER.fullmatch(text) is None:
        raise ValueError(text)
    return float(text)


def _read_colour(text: str) -> str:
    if re.fullmatch(r"#[0-9a-fA-F]{6}", text) is None:
        raise ValueError(text)
    return text


def _read_date(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%d").date()


TYPED = {
    "number": (_read_number, "a number, such as 12 or 0.5"),
    "range": (_read_number, "a number, such as 12 or 0.5"),
    "date": (_read_date, "a date, such as 2026-03-31"),
    "time": (time.fromisoformat, "a time, such as 14:30"),
    "datetime-local": (datetime.fromisoformat, "a date and time, such as 2026-03-31T14:30"),
    "month": (lambda text: _read_date(f"{text}-01"), "a month, such as 2026-03"),
    "color": (_read_colour, "a colour, such as #00ff00"),
}

"""What kind of thing an element of HTML is, as ARIA in HTML says, and whether it is to be seen at all.

Both backends follow the same rules, so that a page reads alike in them; there is no style sheet here, so what a page hides it must
hide by `hidden`, by `aria-hidden`, or by a style of the element itself.
"""

from typing import Any

Element = Any
"""An element of lxml, which has no types of its own."""
INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i"}
    | {
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
        "wbr",
    }
)
"""Elements that do not break a run of text."""
UNSEEN = frozenset({"script", "style", "template", "noscript", "head", "datalist", "link", "meta", "title"})
SECTIONS = ("article", "aside", "main", "nav", "section")
PLAIN = {
    **{f"h{level}": "heading" for level in range(1, 7)},
    "article": "article",
    "aside": "complementary",
    "button": "button",
    "details": "group",
    "dialog": "dialog",
    "fieldset": "group",
    "li": "listitem",
    "main": "main",
    "menu": "list",
    "meter": "meter",
    "nav": "navigation",
    "ol": "list",
    "optgroup": "group",
    "option": "option",
    "output": "status",
    "progress": "progressbar",
    "search": "search",
    "summary": "button",
    "table": "table",
    "td": "cell",
    "textarea": "textbox",
    "tr": "row",
    "ul": "list",
}
INPUTS = {
    "button": "button",
    "checkbox": "checkbox",
    "file": "button",
    "image": "button",
    "number": "spinbutton",
    "radio": "radio",
    "range": "slider",
    "reset": "button",
    "search": "searchbox",
    "submit": "button",
}
GENERIC = "generic"


def role_of(element: Element) -> str:
    """Its role; `generic` for one that only holds others."""
    tag = element.tag
    given = element.get("role")
    if given and given.strip():
        first = given.split()[0].casefold()
        return GENERIC if first in ("none", "presentation", "generic") else str(first)
    plain = PLAIN.get(tag)
    if plain is not None:
        return plain
    special = SPECIAL.get(tag)
    return special(element) if special is not None else GENERIC


def input_type(element: Element) -> str:
    """The type of an input, in small letters."""
    return str(element.get("type") or "text").casefold()


def _of_input(element: Element) -> str:
    kind = input_type(element)
    return INPUTS.get(kind, "textbox")


def _of_select(element: Element) -> str:
    size = element.get("size") or ""
    many = element.get("multiple") is not None or (size.isdigit() and int(size) > 1)
    return "listbox" if many else "combobox"


def _of_header_cell(element: Element) -> str:
    return "rowheader" if element.get("scope") in ("row", "rowgroup") else "columnheader"


def _named_only(role: str) -> Any:
    def decide(element: Element) -> str:
        named = element.get("aria-label") or element.get("aria-labelledby") or element.get("title")
        return role if named else GENERIC

    return decide


def _outside_sections(role: str) -> Any:
    def decide(element: Element) -> str:
        return GENERIC if next(element.iterancestors(*SECTIONS), None) is not None else role

    return decide


SPECIAL = {
    "a": lambda element: "link" if element.get("href") is not None else GENERIC,
    "img": lambda element: GENERIC if element.get("alt") == "" else "img",
    "input": _of_input,
    "select": _of_select,
    "th": _of_header_cell,
    "section": _named_only("region"),
    "form": _named_only("form"),
    "header": _outside_sections("banner"),
    "footer": _outside_sections("contentinfo"),
}


def hidden(element: Element) -> bool:
    """Whether it and all below it are not to be seen."""
    tag = element.tag
    if not isinstance(tag, str) or tag in UNSEEN:
        return True
    if not element.attrib:
        return tag == "dialog"
    if tag == "input" and input_type(element) == "hidden":
        return True
    if tag == "dialog" and element.get("open") is None:
        return True
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    if not style:
        return False
    flat = style.replace(" ", "").casefold()
    return "display:none" in flat or "visibility:hidden" in flat

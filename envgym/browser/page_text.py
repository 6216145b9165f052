"""Writes a page for an agent: an indented outline of roles, names and refs, in four modes, never longer than asked.

    - heading "Basket" [level=1]
    - textbox "Quantity" [ref=e4]: 2
    - button "Order" [ref=e5] [disabled]

`full` is everything, `interactive` what can be acted on with the headings and texts that tell where it stands, `diff` the lines that
are new or gone since the last observation, `find` the lines that hold a text, with what they stand under. Snapshots of 50 to 540 KB
are the standing complaint about tools of this kind (playwright-mcp issues 1131, 1233, 1329), so a cut says how much it left out and
how to see it.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from envgym.browser.page_state import INTERACTIVE, Node, PageState

Mode = Literal["full", "interactive", "diff", "find"]
SILENT = frozenset({"generic", "none", "document"})
"""Roles that say nothing by themselves."""
LONGEST_TEXT = 300
"""Characters of one name or value that are shown."""


def page_text(
    state: PageState, *, mode: Mode = "full", max_chars: int = 8_000, before: str = "", find: str = ""
) -> str:
    """The page as text. `before` is what `full` gave at the last observation, for `diff`."""
    lines = outline(state.root, keep=INTERACTIVE if mode == "interactive" else None)
    if mode == "diff":
        lines = changed(before.splitlines(), lines)
    elif mode == "find":
        lines = matching(lines, find)
    return "\n".join([*header(state), *cut(lines, max_chars)])


def header(state: PageState) -> Iterator[str]:
    """Address, title, tabs, dialog and what happened."""
    yield f"url: {state.url}"
    yield f"title: {short(state.title)}"
    if len(state.tabs) > 1:
        for index, tab in enumerate(state.tabs):
            yield f"tab {index}{' (active)' if index == state.active else ''}: {short(tab.title)} {tab.url}"
    if state.dialog is not None:
        yield f"dialog open ({state.dialog.kind}): {short(state.dialog.message)}"
    yield from (f"event: {short(event)}" for event in state.events)


def outline(node: Node, *, keep: frozenset[str] | None = None) -> list[str]:
    """One line per node. With `keep`, only nodes of these roles and headings, each at its own depth, and what holds them is left out."""
    lines: list[str] = []
    _write(node, keep, "", lines)
    return lines


def _write(node: Node, keep: frozenset[str] | None, indent: str, lines: list[str]) -> None:
    if keep is None or node.role in keep or node.role == "heading":
        own = line(node)
        if own:
            lines.append(indent + own)
            indent += "  "
    for child in node.children:
        _write(child, keep, indent, lines)


def line(node: Node) -> str:
    """A node without what is below it; empty for one that says nothing."""
    role, name = node.role, node.name
    if role == "text":
        told = short(name)
        return f"- text: {told}" if told else ""
    if not name and not node.ref and role in SILENT:
        return ""
    told = f"- {role}"
    if name:
        quoted = short(name)
        if '"' in quoted:
            quoted = quoted.replace('"', '\\"')
        told += f' "{quoted}"'
    if node.ref:
        told += f" [ref={node.ref}]"
    for state in node.states:
        told += f" [{state}]"
    if node.url:
        told += f" -> {short(node.url)}"
    return f"{told}: {short(node.value)}" if node.value else told


def short(text: str) -> str:
    """On one line, and cut."""
    if len(text) <= LONGEST_TEXT and text.isprintable() and "  " not in text and text.strip() == text:
        return text  # as nearly all are: splitting and joining takes four times as long
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_TEXT else f"{flat[:LONGEST_TEXT]}... ({len(flat):,} characters)"


def changed(before: list[str], now: list[str]) -> list[str]:
    """Lines that are gone, then those that are new, each in its order. `before` may begin with a header."""
    old = Counter(text.strip() for text in before if text.lstrip().startswith("- "))
    come = Counter(text.strip() for text in now) - old
    gone = old - Counter(text.strip() for text in now)
    lines = [f"gone: {text[2:]}" for text in gone.elements()]
    for text in map(str.strip, now):
        if come[text] > 0:
            come[text] -= 1
            lines.append(f"new: {text[2:]}")
    return lines or ["nothing changed"]


def matching(lines: list[str], find: str) -> list[str]:
    """Lines that hold a text, whatever its case, with the lines that they stand under."""
    wanted = " ".join(find.casefold().split())
    kept: list[str] = []
    above: list[str] = []
    for text in lines:
        depth = (len(text) - len(text.lstrip())) // 2
        del above[depth:]
        above += [""] * (depth - len(above))
        above.append(text)
        if wanted in text.casefold():
            kept += [parent for parent in above[:-1] if parent and parent not in kept[-40:]] + [text]
    return kept or [f"nothing on this page holds {short(find)!r}"]


def cut(lines: list[str], max_chars: int) -> list[str]:
    """As many lines as fit, and how many more there are."""
    kept: list[str] = []
    length = 0
    for number, text in enumerate(lines):
        length += len(text) + 1
        if length > max_chars:
            left = len(lines) - number
            return [*kept, f"({left} more lines; observe with mode find or interactive, or a greater max_chars)"]
        kept.append(text)
    return kept

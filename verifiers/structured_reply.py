"""Grids, lists and assignments read out of a reply, for answers that are more than one value.

All three look behind the thinking only, take what is said last, and raise Unreadable, with a sentence for people, where nothing of the
asked form is there. What a cell or an item may be is for the caller to say; nothing is evaluated.
"""

import json
import re
from collections.abc import Container, Iterator, Mapping

from envgym.verifiers.reply import after_thinking, boxed, committed

MAX_CHARS = 50_000
"""Of the end of a reply that is looked at."""
FENCE = re.compile(r"^\s*(?:```|~~~).*$")
RULE = re.compile(r"[\s+\-=|:_*─━═│┃║┼╋╬├┤┬┴┌┐└┘╔╗╚╝╠╣╦╩╟╢╤╧╪╫]+")
"""A line that only separates: it may stand between the rows of a grid."""
BETWEEN = re.compile(r"[\s,;|│┃║&]+")
BULLET = re.compile(r"^\s*(?:[-*•+]|\(?\d{1,3}[.):])\s+")
NAMED = re.compile(
    r"(?P<name>[^\W_][\w ]{0,30}?)[ \t]*[*_`\"']*[ \t]*(?:=|:|->|→|\bis\b)[ \t]*(?:an?[ \t]+)?[*_`\"']*(?P<value>-?[^\W_][\w]*)",
    re.IGNORECASE,
)


class Unreadable(ValueError):
    """The reply holds nothing of the form that was asked for."""


def grid(reply: str, *, rows: int, columns: int, symbols: Container[str]) -> list[list[str]]:
    """The last `rows` lines in a row that each hold `columns` cells out of `symbols`.

    Cells may stand apart by blanks, commas or bars, or close together where each is one character; lines that only draw rules, code
    fences and a JSON list of lists are taken too.
    """
    text = _answer(reply)
    found: list[list[str]] = []
    last: list[list[str]] | None = None
    for line in text.splitlines():
        cells = _cells(line, columns, symbols)
        if cells is not None:
            found.append(cells)
            if len(found) >= rows:
                last = found[-rows:]
        elif line.strip() and not FENCE.match(line) and not RULE.fullmatch(line):
            found = []
    if last is None:
        last = _json_grid(text, rows, columns, symbols)
    if last is None:
        raise Unreadable(f"there are no {rows} lines of {columns} cells")
    return last


def _answer(reply: str) -> str:
    text = after_thinking(reply[-MAX_CHARS:] if len(reply) > MAX_CHARS else reply)
    if text is None:
        raise Unreadable("the reply has no answer after its thinking")
    boxes = boxed(text) if "box" in text else []
    return boxes[-1] if boxes else text


def _cells(line: str, columns: int, symbols: Container[str]) -> list[str] | None:
    """The cells of one line, None when it is no row of the grid."""
    bare = line.strip().strip("|│┃║[](),`").strip()
    if not bare or len(line) > 40 * columns + 40:
        return None
    for cells in ([cell.strip("\"'`*") for cell in BETWEEN.split(bare)], list(bare)):
        if len(cells) == columns and all(cell in symbols for cell in cells):
            return cells
    return None


def _json_grid(text: str, rows: int, columns: int, symbols: Container[str]) -> list[list[str]] | None:
    """The last JSON list of lists of the right shape, which may stand on one line."""
    for value in _json_values(text, "[["):
        if (
            isinstance(value, list)
            and len(value) == rows
            and all(isinstance(row, list) and len(row) == columns for row in value)
        ):
            cells = [[str(cell) for cell in row] for row in value]
            if all(cell in symbols for row in cells for cell in row):
                return cells
    return None


def _json_values(text: str, start: str) -> Iterator[object]:
    """JSON values that begin with `start`, from the last back; at most ten places are tried."""
    at = len(text)
    for _ in range(10):
        at = text.rfind(start, 0, at)
        if at < 0:
            return
        try:
            yield json.JSONDecoder().raw_decode(text, at)[0]
        except (ValueError, RecursionError):
            continue


def items(reply: str) -> list[str]:
    """The items of the final answer: separated by commas, semicolons or lines, without bullets, numbers, quotes and emphasis."""
    answers = committed(reply[-MAX_CHARS:])
    if not answers:
        raise Unreadable("the reply has no answer after its thinking")
    text = answers[-1].strip().strip("`").strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    lines = [BULLET.sub("", line) for line in text.splitlines() if not FENCE.match(line)]
    found = [part.strip().strip("\"'`*_.").strip() for line in lines for part in re.split(r"[,;]", line)]
    return [part for part in found if part]


def assignments(reply: str, names: Container[str]) -> dict[str, str]:
    """Which value the reply gives to each of `names`, in lower case where `names` are: "A = 7", "Ann: knight", "Ann is a knight", or a
    JSON object. Raises Unreadable where one name gets two values, or none gets any.
    """
    text = _answer(reply)
    for value in _json_values(text, "{"):
        if isinstance(value, Mapping):
            known = {_as_known(str(name), names): str(given).strip() for name, given in value.items()}
            if None not in known and known:
                return {name: given for name, given in known.items() if name is not None}
    found: dict[str, str] = {}
    for match in NAMED.finditer(text):
        name = _as_known(match["name"].split()[-1], names) or _as_known(match["name"].strip(), names)
        if name is None:
            continue
        if found.setdefault(name, match["value"]).casefold() != match["value"].casefold():
            raise Unreadable(f"it gives {name} two values: {found[name]} and {match['value']}")
    if not found:
        raise Unreadable("it assigns nothing; expected lines like NAME = VALUE")
    return found


def _as_known(name: str, names: Container[str]) -> str | None:
    return next((form for form in (name, name.casefold(), name.upper(), name.capitalize()) if form in names), None)

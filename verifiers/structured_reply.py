"""Grids and lists read out of a reply, for answers that are more than one value. Pairs of name and value: `answer_pairs.py`.

Both look behind the thinking only, take what is said last, and raise Unreadable, with a sentence for people, where nothing of the
asked form is there. What a cell or an item may be is for the caller to say; nothing is evaluated.
"""

import json
import re
from collections.abc import Container, Iterator

from envgym.verifiers.reply import after_thinking, boxed, committed

MAX_CHARS = 50_000
"""Of the end of a reply that is looked at."""
FENCE = re.compile(r"^\s*(?:```|~~~).*$")
RULE = re.compile(r"[\s+\-=|:_*─━═│┃║┼╋╬├┤┬┴┌┐└┘╔╗╚╝╠╣╦╩╟╢╤╧╪╫]+")
"""A line that only separates: it may stand between the rows of a grid."""
BETWEEN = re.compile(r"[\s,;|│┃║&]+")
BULLET = re.compile(r"^\s*(?:[-*•+]|\(?\d{1,3}[.):])\s+")


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

"""Grids and lists read out of a reply, for answers that are more than one value. Pairs of name and value: `answer_pairs.py`.

Both look behind the thinking only, and raise Unreadable, with a sentence for people, where nothing of the asked form is there or where
the reply does not settle on one. What a cell or an item may be is for the caller to say; nothing is evaluated.
"""

import re
from collections.abc import Mapping

from envgym.verifiers.answer_marks import MAX_CHARS, answer_body, marked_parts
from envgym.verifiers.grid_lines import FENCE, Grid, Shape, complete_grids, has_rows, row_in
from envgym.verifiers.reply import committed

BULLET = re.compile(r"^\s*(?:[-*•+]|\(?\d{1,3}[.):])\s+")


class Unreadable(ValueError):
    """The reply holds nothing of the form that was asked for."""


def grid(
    reply: str, *, rows: int, columns: int, symbols: Mapping[str, str], puzzle: Grid | None = None
) -> list[list[str]]:
    """The one grid of `rows` lines with `columns` cells that a reply settles on; `symbols` maps each spelling of a cell to what it means.

    Grids before the first mark ("Answer:", "Solution:", a tag, a box) are drafts; those behind it, and where there is no mark all grids,
    must be the same. The `puzzle` said again does not count beside another grid. How rows may be written: `grid_lines.py`.
    """
    text = answer_body(reply)
    if text is None:
        raise Unreadable("the reply has no answer after its thinking")
    shape = Shape(rows, columns, symbols)
    parts = marked_parts(
        text, whole=lambda box: bool(complete_grids(box, shape)), begins=lambda line: row_in(line, shape) is not None
    )
    found = _answers([part.text for part in parts], shape, puzzle)
    if not found and not any(has_rows(part.text, shape) for part in parts):
        found = _answers([text], shape, puzzle)
    if not found:
        where = "behind the mark of the answer " if parts else ""
        raise Unreadable(f"there are no {rows} lines of {columns} cells {where}".rstrip())
    if any(each != found[0] for each in found):
        told = (
            "behind the mark of the answer"
            if parts
            else 'and none is marked: put a line "Answer:" before the final one'
        )
        raise Unreadable(f"there are different grids {told}")
    return found[0]


def _answers(texts: list[str], shape: Shape, puzzle: Grid | None) -> list[Grid]:
    found = [each for text in texts for each in complete_grids(text, shape)]
    return [each for each in found if each != puzzle] or found


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

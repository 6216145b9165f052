"""The complete grids in a text, however their rows are written: with blanks, commas or bars, as Markdown, JSON, LaTeX or labelled rows.

A grid is as many rows in a run as were asked for; blank lines, code fences and lines that only draw rules may stand between them. A run of
another length is no grid, unless a blank line or a rule cuts a grid out of it, as below the header of a table.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from envgym.verifiers.answer_marks import TEXT

Grid = list[list[str]]
FENCE = re.compile(r"^\s*(?:```|~~~).*$")
RULE = re.compile(r"[\s+\-=|:_*─━═│┃║┼╋╬├┤┬┴┌┐└┘╔╗╚╝╠╣╦╩╟╢╤╧╪╫]+")
"""A line that only separates: it may stand between the rows of a grid."""
BETWEEN = re.compile(r"[\s,;|│┃║&]+")
AROUND = " \t\r|│┃║[](){},;`\"'*$\\"
MATRIX = re.compile(r"\\{1,2}(?:begin|end)\s*\{(?:\w?matrix|array|tabular)\*?\}(?:\s*\{[|clr\s]*\})?")
ROW_END = re.compile(r"\\\\(?:\[[^\]\n]{0,20}\])?|\\hline\b")
LIST_ROWS = re.compile(r"(?<=\])\s*,\s*(?=\[)")
ROW_LABEL = re.compile(r"\W*(?:(?:row|line|r)[ \t]*(\d{1,2})\b[ \t]*[:.)|=]?|(\d{1,2})[ \t]*[:.)])", re.IGNORECASE)
DISOWNED = re.compile(
    r"\W*(?:this|that|it|the following(?: \w+)?) is (?:wrong|incorrect|invalid|false|not (?:right|correct|valid|(?:a|the|my) \w+))\W*",
    re.IGNORECASE,
)
"""A line that says of the grid below that it is none."""


class Shape(NamedTuple):
    """What a grid must be; `symbols` maps each spelling of a cell to what it stands for."""

    rows: int
    columns: int
    symbols: Mapping[str, str]


class Row(NamedTuple):
    cells: list[str]
    number: int | None = None
    """The number that a label gives it."""
    stop: bool = False
    """Whether a full stop behind it was taken away, as only the last row of a grid may have one."""


def complete_grids(text: str, shape: Shape) -> list[Grid]:
    """Every complete grid of `text`, in order, in the cells' own spelling."""
    return [grid for run in _runs(text, shape) for grid in _grids(run, shape.rows)]


def has_rows(text: str, shape: Shape) -> bool:
    """Whether any line is a row, complete grid or not."""
    return any(block for run in _runs(text, shape) for block in run)


def one_row_a_line(text: str) -> str:
    """`text` with the rows of JSON lists and LaTeX matrices on lines of their own."""
    if "\\" in text:
        text, matrices = MATRIX.subn("\n", text)
        text = TEXT.sub(r"\1", ROW_END.sub("\n", text) if matrices else text)
    if "[" in text:
        text = LIST_ROWS.sub(",\n", text)
        text = re.sub(r"\]\s*\]", "]\n", re.sub(r"\[\s*\[", "\n[", text))
    return text


def _runs(text: str, shape: Shape) -> Iterator[list[list[Row]]]:
    """Runs of rows with nothing but blank lines and rules between them, cut into blocks at those."""
    run: list[list[Row]] = [[]]
    before = ""
    for line in [*one_row_a_line(text).splitlines(), "the end"]:
        row = row_in(line, shape)
        if row is not None:
            run[-1].append(row)
        elif not line.strip() or FENCE.match(line) or RULE.fullmatch(line):
            run.append([])
        else:
            if not DISOWNED.fullmatch(before):
                yield run
            run, before = [[]], line[:200]


def _grids(run: list[list[Row]], rows: int) -> Iterator[Grid]:
    together = [row for block in run for row in block]
    for block in [together] if len(together) % rows == 0 else run:
        if len(block) % rows:
            continue
        for at in range(0, len(block), rows):
            grid = block[at : at + rows]
            numbers = [row.number for row in grid if row.number is not None]
            in_order = all(later == earlier + 1 for earlier, later in pairwise(numbers))
            if in_order and not any(row.stop for row in grid[:-1]):
                yield [row.cells for row in grid]


def row_in(line: str, shape: Shape) -> Row | None:
    """The row that a line holds: nothing but cells, behind a label at the most. None where it holds anything else."""
    if not line.strip() or len(line) > 40 * shape.columns + 40:
        return None
    bare = line.strip(AROUND)
    if (cells := _cells(bare, shape)) is not None:
        return Row(cells)
    label = ROW_LABEL.match(line)
    number = int(label[1] or label[2]) if label else None
    rest = line[label.end() :].strip(AROUND) if label else bare
    if label and (cells := _cells(rest, shape)) is not None:
        return Row(cells, number)
    if rest.endswith(".") and (cells := _cells(rest[:-1].strip(AROUND), shape)) is not None:
        return Row(cells, number, stop=True)
    return None


def _cells(bare: str, shape: Shape) -> list[str] | None:
    for cells in ([cell.strip("\"'`*") for cell in BETWEEN.split(bare)], list(bare)):
        if len(cells) == shape.columns and all(cell in shape.symbols for cell in cells):
            return [shape.symbols[cell] for cell in cells]
    return None

"""Source text by the places of its syntax tree: what a node reads as, and the text with some places rewritten.

Everything else stays byte for byte, comments and quotes included, so that a rewritten function cannot be told from one that was not.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from envgym.python_source import parse_python


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Characters `start` to `end` of a text become `text`."""

    start: int
    end: int
    text: str


class SourceText:
    """A module's text. Line ends become newlines and a byte order mark is dropped, as the parser does. Raises SyntaxError."""

    def __init__(self, source: str) -> None:
        self.text = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self.tree = parse_python(self.text)
        self._lines = self.text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """First character of a node and the one after its last. Parentheses around an expression are not part of it."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._offset(node.lineno, node.col_offset), self._offset(end_line, end_column)

    def of(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def replaced(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        return Edit(*self.span(node), text)

    def line_start(self, line: int) -> int:
        """The first character of a line; lines count from 1."""
        return self._starts[line - 1]

    def line_end(self, line: int) -> int:
        """The place of the newline that ends a line."""
        return self._starts[line] - 1

    def _offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        return self._starts[line - 1] + (
            column if text.isascii() else len(text.encode()[:column].decode(errors="replace"))
        )


def edited(text: str, edits: Iterable[Edit], *, offset: int = 0) -> str:
    """`text`, which begins at place `offset` of what the edits mean, with all of them made. Raises ValueError where they overlap."""
    parts, at = [], 0
    for edit in sorted(edits):
        start, end = edit.start - offset, edit.end - offset
        if start < at or end > len(text):
            raise ValueError(f"edits overlap or lie outside at character {edit.start}")
        parts += [text[at:start], edit.text]
        at = end
    return "".join([*parts, text[at:]])

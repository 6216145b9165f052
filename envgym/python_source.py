"""Parsing Python text where several threads do so.

CPython 3.11 and 3.12 count how deep a syntax tree is in one place per interpreter. Where the garbage collector runs a finalizer while one
thread builds a tree, another thread may build its own and the count is off: SystemError, "AST constructor recursion depth mismatch".
"""

import ast
from threading import Lock

_one_at_a_time = Lock()


def parse_python(source: str | bytes) -> ast.Module:
    """The syntax tree of a module; nothing is executed. Raises SyntaxError, ValueError for a null byte, RecursionError or MemoryError."""
    with _one_at_a_time:
        return ast.parse(source)


def parse_expression(source: str) -> ast.expr:
    """The syntax tree of one expression, with the same errors."""
    with _one_at_a_time:
        return ast.parse(source, mode="eval").body

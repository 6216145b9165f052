"""Operators on constants and bounds: off by one, flipped, cut short."""

import ast
import random
from collections.abc import Iterator

from envgym.task_synth.bugs.mutation import Edit, replace
from envgym.task_synth.bugs.source_module import SourceModule, called_name

LONGEST_TEXT = 40
"""Characters of a string up to which it is likely to mean something to the program."""


def change_number(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """A number is off by one; a fraction is a tenth too large."""
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
        return
    if isinstance(module.parents.get(node), ast.UnaryOp | ast.keyword | ast.arguments):
        return
    value = node.value
    assert isinstance(value, int | float)
    if isinstance(value, float):
        yield replace(module, node, repr(value * 1.1 if value else 1.0))
    elif module.code(node).isdigit():
        for other in sorted({value + 1, abs(value - 1)}):
            yield replace(module, node, str(other))


def flip_constant(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """True becomes False and back; a None that is assigned or returned becomes False, 0 or an empty string."""
    if not isinstance(node, ast.Constant) or isinstance(module.parents.get(node), ast.arguments):
        return
    if isinstance(node.value, bool):
        yield replace(module, node, repr(not node.value))
    elif node.value is None and isinstance(module.parents.get(node), ast.Assign | ast.Return):
        yield replace(module, node, rng.choice(["False", "0", '""']))


def change_text(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """A short string loses a character, or changes case."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or not node.value:
        return
    quote, value = _quote(module, node), node.value
    if not quote:
        return
    forms = {value[:-1], value.swapcase(), value.strip(), value[::-1] if len(value) < 4 else value + value[-1]}
    yield from (replace(module, node, f"{quote}{form}{quote}") for form in sorted(forms - {value}))


def _quote(module: SourceModule, node: ast.Constant) -> str:
    """The quote of a short plain string; empty where it is another."""
    text = module.code(node)
    plain = text[:1] in ("'", '"') and text[1:-1] == node.value and text[0] == text[-1] and "\\" not in text
    return text[0] if plain and 0 < len(text) - 2 <= LONGEST_TEXT else ""


def off_by_one(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """A bound of `range` or of a slice, an index or a `len(...)` is off by one."""
    for bound in _bounds(node):
        text, value = module.code(bound), bound.value if isinstance(bound, ast.Constant) else None
        if isinstance(value, int) and text.isdigit():
            yield replace(module, bound, str(value + 1))
        elif isinstance(bound, ast.UnaryOp) and isinstance(bound.operand, ast.Constant) and text[1:].isdigit():
            yield replace(module, bound, f"-{int(text[1:]) + 1}")
        else:
            yield replace(module, bound, f"{module.operand(bound)} {rng.choice('+-')} 1")


def _bounds(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Slice):
        return [each for each in (node.lower, node.upper) if each is not None]
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.UnaryOp):
        return [node.slice]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id == "range":
            return [each for each in node.args[:2] if not isinstance(each, ast.Starred)]
        if node.func.id == "len":
            return [node]
    return []


def drop_bound(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`a[1:-1]` becomes `a[1:]` or `a[:-1]`; `range(1, n)` becomes `range(n)`."""
    if isinstance(node, ast.Slice):
        for bound in (node.lower, node.upper, node.step):
            if bound is not None:
                yield replace(module, bound, "")
    elif called_name(node) == "range" and isinstance(node, ast.Call) and len(node.args) == 2:
        yield Edit(module.start(node.args[0]), module.start(node.args[1]), "")


def change_default(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """The default of a parameter is another."""
    if not isinstance(node, ast.arguments) or isinstance(module.parents.get(node), ast.Lambda):
        return
    for default in (*node.defaults, *node.kw_defaults):
        if not isinstance(default, ast.Constant) or default in module.untouched:
            continue
        value = default.value
        if isinstance(value, bool):
            yield replace(module, default, repr(not value))
        elif isinstance(value, int) and module.code(default).isdigit():
            yield replace(module, default, str(value + 1))
        elif isinstance(value, str) and value == "":
            yield replace(module, default, '" "')
        elif isinstance(value, str) and (quote := _quote(module, default)):
            yield replace(module, default, f"{quote}{value[:-1]}{quote}")

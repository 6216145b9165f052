"""Operators on expressions: other operators, other operands, other signs."""

import ast
import random
from collections.abc import Iterator

from envgym.task_synth.bugs.mutation import Edit, between, replace
from envgym.task_synth.bugs.source_module import SourceModule

ARITHMETIC: dict[type[ast.operator], tuple[str, tuple[str, ...]]] = {
    ast.Add: ("+", ("-",)),
    ast.Sub: ("-", ("+",)),
    ast.Mult: ("*", ("//", "+")),
    ast.Div: ("/", ("//", "*")),
    ast.FloorDiv: ("//", ("/", "%")),
    ast.Mod: ("%", ("//",)),
    ast.Pow: ("**", ("*",)),
    ast.LShift: ("<<", (">>",)),
    ast.RShift: (">>", ("<<",)),
    ast.BitAnd: ("&", ("|",)),
    ast.BitOr: ("|", ("&", "^")),
    ast.BitXor: ("^", ("|",)),
}
BOUNDARIES: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<", ">=")),
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">", "<=")),
}
NEGATIONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.LShift, ast.RShift)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def flip_arithmetic(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`a + b` becomes `a - b`, and so on."""
    if isinstance(node, ast.BinOp) and not _is_text(node.left) and not _is_text(node.right):
        old, others = ARITHMETIC.get(type(node.op), ("", ()))
        for new in others:
            yield from between(module, node.left, node.right, old, new)


def flip_assignment(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`a += b` becomes `a -= b`, or `a = b`."""
    if isinstance(node, ast.AugAssign):
        old, others = ARITHMETIC.get(type(node.op), ("", ()))
        for new in ("", *(() if _is_text(node.value) else others)):
            yield from between(module, node.target, node.value, f"{old}=", f"{new}=")


def move_boundary(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`a < b` becomes `a <= b`, or `a > b`."""
    if isinstance(node, ast.Compare):
        for left, comparison, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            old, others = BOUNDARIES.get(type(comparison), ("", ()))
            for new in others:
                yield from between(module, left, right, old, new)


def negate_comparison(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`==` becomes `!=`, `in` becomes `not in`, `is` becomes `is not`, and back."""
    if isinstance(node, ast.Compare):
        for left, comparison, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            if type(comparison) in NEGATIONS:
                yield from between(module, left, right, *NEGATIONS[type(comparison)])


def flip_connective(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`and` becomes `or`, and back."""
    if isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from between(module, left, right, old, new)


def swap_operands(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`a - b` becomes `b - a`, where the order matters."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ORDERED) and not _is_text(node.left):
        sign = ARITHMETIC[type(node.op)][0]
        yield replace(module, node, f"{module.operand(node.right)} {sign} {module.operand(node.left)}")


def drop_operand(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`a and b` becomes `a` or `b`, `a < b < c` becomes `a < b`, `a + b` becomes `a`."""
    if isinstance(node, ast.BoolOp):
        for left in range(len(node.values)):
            kept = [module.operand(each) for place, each in enumerate(node.values) if place != left]
            yield replace(module, node, (" and " if isinstance(node.op, ast.And) else " or ").join(kept))
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        yield replace(module, node, module.slice(module.start(node), module.end(node.comparators[-2])))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.BitOr) and not _is_text(node.left):
        yield replace(module, node, module.operand(node.left))


def drop_sign(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`not a` becomes `a`, `-a` becomes `a`."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        yield replace(module, node, module.operand(node.operand))


def invert_condition(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`if a:` becomes `if not a:`; also of `a if b else c` and of the filters of comprehensions."""
    tests = (
        [node.test] if isinstance(node, ast.If | ast.IfExp) else node.ifs if isinstance(node, ast.comprehension) else []
    )
    for test in tests:
        if not isinstance(test, ast.UnaryOp | ast.NamedExpr):
            yield replace(module, test, f"not {module.operand(test)}")


def swap_choice(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`a if b else c` becomes `c if b else a`."""
    if isinstance(node, ast.IfExp):
        parts = (node.orelse, node.test, node.body)
        kept, test, other = (module.operand(each) for each in parts)
        yield replace(module, node, f"{kept} if {test} else {other}")

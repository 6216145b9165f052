"""Operators on statements: left out, in the wrong order, with the wrong exception."""

import ast
import random
from collections.abc import Iterator

from envgym.task_synth.bugs.mutation import Edit, replace
from envgym.task_synth.bugs.source_module import SourceModule, is_docstring

EXCEPTIONS = {
    "ValueError": ("TypeError", "KeyError"),
    "TypeError": ("ValueError", "AttributeError"),
    "KeyError": ("IndexError", "ValueError"),
    "IndexError": ("KeyError", "ValueError"),
    "AttributeError": ("KeyError", "TypeError"),
    "LookupError": ("KeyError", "ValueError"),
    "OSError": ("ValueError", "FileNotFoundError"),
    "RuntimeError": ("ValueError",),
    "StopIteration": ("IndexError",),
    "OverflowError": ("ValueError", "ZeroDivisionError"),
    "ZeroDivisionError": ("OverflowError",),
    "NotImplementedError": ("RuntimeError", "TypeError"),
    "UnicodeDecodeError": ("UnicodeEncodeError",),
    "Exception": ("ValueError",),
}
DROPPED = ast.Assign | ast.AugAssign | ast.Raise | ast.Expr | ast.Delete | ast.Assert


def without(module: SourceModule, *nodes: ast.stmt) -> Iterator[Edit]:
    """The edit that takes whole statements out of a block; `pass` where nothing would be left."""
    if not module.owns_lines(*nodes):
        return
    rest = [each for each in module.block_of(nodes[0]) if each not in nodes]
    start, end = module.start(nodes[0]), module.end(nodes[-1])
    if rest:
        yield Edit(module.line_start(start), module.line_end(end), "")
    else:
        yield Edit(start, end, "pass")


def drop_statement(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """An assignment, a raise or a call is left out."""
    if not isinstance(node, DROPPED) or is_docstring(node) or module.scope(node) is None:
        return
    if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom | ast.Await):
        return
    if isinstance(node, ast.Expr) and node.value in module.untouched:
        return
    if isinstance(node, ast.Assign) and not _is_bound_elsewhere(module, node):
        return
    yield from without(module, node)


def _is_bound_elsewhere(module: SourceModule, node: ast.Assign) -> bool:
    """Whether what is assigned exists without it: attributes, items, and names with another assignment in the function."""
    scope = module.scope(node)
    for target in node.targets:
        if isinstance(target, ast.Attribute | ast.Subscript):
            continue
        names = {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
        stored = [
            each.id
            for each in ast.walk(scope or module.tree)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        ]
        taken = {each.arg for each in ast.walk(scope.args) if isinstance(each, ast.arg)} if scope else set()
        if not all(name in taken or stored.count(name) > 1 for name in names):
            return False
    return True


def drop_result(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`return x` gives None, `return a, b` gives a, an assigned call that changes in place is not assigned."""
    if not isinstance(node, ast.Return) or node.value is None:
        return
    if isinstance(node.value, ast.Tuple) and node.value.elts:
        yield replace(module, node.value, module.operand(node.value.elts[0]))
    elif not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield replace(module, node, "return None")


def swap_statements(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """Two neighbours change places where each may come first, but it makes a difference."""
    if not isinstance(node, ast.Assign | ast.AugAssign | ast.Expr) or is_docstring(node) or module.scope(node) is None:
        return
    block = module.block_of(node)
    place = block.index(node)
    if place + 1 == len(block):
        return
    after = block[place + 1]
    if not isinstance(after, ast.Assign | ast.AugAssign | ast.Expr) or not _matters(node, after):
        return
    if not module.untouched.isdisjoint((after, getattr(node, "value", after), getattr(after, "value", node))):
        return
    if module.owns_lines(node) and module.owns_lines(after):
        start, end = module.start(node), module.end(after)
        gap = module.slice(module.end(node), module.start(after))
        if not gap.strip():
            yield Edit(start, end, module.code(after) + gap + module.code(node))


def _matters(first: ast.stmt, second: ast.stmt) -> bool:
    """Whether two statements share something that one of them writes, without the second needing a name that the first makes."""
    made, read = _written(first), _read(second)
    if any(name.isidentifier() for name in made & read) and not isinstance(first, ast.AugAssign):
        return False
    both_act = any(isinstance(n, ast.Call) for n in ast.walk(first)) and any(
        isinstance(n, ast.Call) for n in ast.walk(second)
    )
    return bool(made & (read | _written(second)) or _read(first) & _written(second) or both_act)


def _written(node: ast.stmt) -> set[str]:
    return {
        ast.unparse(each)
        for each in ast.walk(node)
        if isinstance(each, ast.Name | ast.Attribute | ast.Subscript) and isinstance(each.ctx, ast.Store)
    } | ({ast.unparse(node.target)} if isinstance(node, ast.AugAssign) else set())


def _read(node: ast.stmt) -> set[str]:
    return {
        ast.unparse(each)
        for each in ast.walk(node)
        if isinstance(each, ast.Name | ast.Attribute | ast.Subscript) and isinstance(each.ctx, ast.Load)
    }


def change_exception(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """Another exception is raised or caught; of several that are caught one is left out."""
    if isinstance(node, ast.Raise) and node.exc is not None:
        named = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        yield from _other_exception(module, named, rng)
    elif isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Tuple):
        for left in node.type.elts:
            kept = [module.code(each) for each in node.type.elts if each is not left]
            yield replace(module, node.type, kept[0] if len(kept) == 1 else f"({', '.join(kept)})")
    elif isinstance(node, ast.ExceptHandler) and node.type is not None:
        yield from _other_exception(module, node.type, rng)


def _other_exception(module: SourceModule, named: ast.expr, rng: random.Random) -> Iterator[Edit]:
    if isinstance(named, ast.Name) and named.id in EXCEPTIONS:
        yield replace(module, named, rng.choice(EXCEPTIONS[named.id]))

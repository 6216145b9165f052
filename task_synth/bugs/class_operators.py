"""Operators on classes and on what stands around functions: decorators, calls of the class above, bases."""

import ast
import random
from collections.abc import Iterator

from envgym.task_synth.bugs.mutation import Edit
from envgym.task_synth.bugs.source_module import Function, SourceModule
from envgym.task_synth.bugs.statement_operators import without

MARKING = {"overload", "abstractmethod", "final", "override", "wraps", "deprecated"}
"""Decorators that change nothing that a test is likely to see."""
RENAMED = {"__lt__": "__le__", "__gt__": "__ge__", "__add__": "__radd__", "__iadd__": "__add__", "__bool__": "__len__"}


def drop_decorator(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """A function or class loses a decorator."""
    if not isinstance(node, Function | ast.ClassDef):
        return
    for decorator in node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "")
        start = module.data.rfind(b"@", 0, module.start(decorator))
        if name not in MARKING and not module.slice(module.line_start(start), start).strip():
            yield Edit(module.line_start(start), module.line_end(module.end(decorator)), "")


def drop_call_above(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`super().method(...)`, or `Base.method(self, ...)`, is not called."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return
    called, scope = node.value.func, module.scope(node)
    if isinstance(called, ast.Attribute) and scope is not None and _is_above(called, node.value, scope):
        yield from without(module, node)


def _is_above(called: ast.Attribute, call: ast.Call, scope: Function) -> bool:
    if isinstance(called.value, ast.Call):
        return isinstance(called.value.func, ast.Name) and called.value.func.id == "super"
    first = call.args[0] if call.args else None
    return called.attr == scope.name and isinstance(first, ast.Name) and first.id == "self"


def drop_base(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """A class loses one of several bases."""
    if isinstance(node, ast.ClassDef) and len(node.bases) > 1:
        for left, base in enumerate(node.bases):
            if left:
                yield Edit(module.end(node.bases[left - 1]), module.end(base), "")


def rename_method(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """A method is not under the name by which operators look for it: `__lt__` becomes `__le__`."""
    if isinstance(node, Function) and node.name in RENAMED and isinstance(module.parents.get(node), ast.ClassDef):
        start = module.data.index(node.name.encode(), module.start(node))
        yield Edit(start, start + len(node.name), RENAMED[node.name])

"""Operators on calls and names: arguments in the wrong order, a step left out, the neighbour of the function or variable that was meant."""

import ast
import builtins
import random
from collections.abc import Iterator

from envgym.task_synth.bugs.mutation import Edit, replace
from envgym.task_synth.bugs.source_module import Function, SourceModule, called_name

WRAPPERS = {
    "abs", "bool", "bytes", "dict", "float", "frozenset", "int", "iter", "len", "list", "reversed", "round", "set", "sorted", "str",
    "tuple", "repr", "max", "min", "sum",
}  # fmt: skip
CHAINED = {
    "strip", "lstrip", "rstrip", "lower", "upper", "title", "casefold", "capitalize", "copy", "replace", "removeprefix", "removesuffix",
    "splitlines", "split", "encode", "decode", "items", "keys", "values", "ljust", "rjust", "zfill", "resolve", "quantize",
}  # fmt: skip
SIBLINGS = [
    ("min", "max"), ("any", "all"), ("startswith", "endswith"), ("lower", "upper"), ("lstrip", "rstrip"), ("strip", "rstrip"),
    ("find", "rfind"), ("index", "rindex"), ("split", "rsplit"), ("partition", "rpartition"), ("floor", "ceil"), ("ljust", "rjust"),
    ("append", "extend"), ("add", "discard"), ("keys", "values"), ("union", "intersection"), ("issubset", "issuperset"),
    ("popitem", "clear"), ("match", "search"), ("match", "fullmatch"), ("isdigit", "isalpha"), ("removeprefix", "removesuffix"),
    ("sorted", "list"), ("int", "float"), ("get", "pop"), ("update", "setdefault"), ("extend", "append"),
]  # fmt: skip
TYPE_QUESTIONS = {"isinstance", "issubclass"}
BUILTINS = frozenset(dir(builtins))


def swap_arguments(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`f(a, b)` becomes `f(b, a)`."""
    if not isinstance(node, ast.Call) or called_name(node) in TYPE_QUESTIONS or _is_starred(node):
        return
    for left, right in zip(node.args, node.args[1:], strict=False):
        if ast.dump(left) != ast.dump(right):
            gap = module.slice(module.end(left), module.start(right))
            yield Edit(module.start(left), module.end(right), module.code(right) + gap + module.code(left))


def drop_wrapper(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`int(x)` becomes `x`, `x.strip()` becomes `x`, `max(a, b)` becomes `a` or `b`."""
    if not isinstance(node, ast.Call) or _is_starred(node):
        return
    if isinstance(node.func, ast.Name) and node.func.id in WRAPPERS:
        yield from (replace(module, node, module.operand(each)) for each in node.args[:2])
    elif isinstance(node.func, ast.Attribute) and node.func.attr in CHAINED and _is_value(node.func.value):
        yield replace(module, node, module.operand(node.func.value))


def _is_starred(node: ast.Call) -> bool:
    return any(isinstance(each, ast.Starred) for each in node.args)


def _is_value(node: ast.expr) -> bool:
    """Whether an expression is likely to be an object, not a module."""
    return not isinstance(node, ast.Name) or not node.id[:1].isupper()


def drop_argument(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`f(a, key=b)` becomes `f(a)`; `x.get(a, b)` becomes `x.get(a)`."""
    if not isinstance(node, ast.Call):
        return
    listed = sorted([*node.args, *node.keywords], key=module.start)
    for place, argument in enumerate(listed):
        optional = isinstance(argument, ast.keyword) or (place == len(listed) - 1 and place > 0)
        if not optional or isinstance(argument, ast.Starred):
            continue
        if place > 0:
            yield Edit(module.end(listed[place - 1]), module.end(argument), "")
        elif len(listed) > 1:
            yield Edit(module.start(argument), module.start(listed[1]), "")
        else:
            yield replace(module, argument, "")


def call_sibling(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`min` for `max`, `startswith` for `endswith`, `rstrip` for `strip`, and so on."""
    name = called_name(node)
    if not isinstance(node, ast.Call) or not name:
        return
    others = [b if name == a else a for a, b in SIBLINGS if name in (a, b)]
    end = module.end(node.func)
    yield from (Edit(end - len(name.encode()), end, other) for other in dict.fromkeys(others))


def use_other_variable(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """A variable of the same function in place of another, both bound before."""
    scope = module.scope(node)
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or scope is None:
        return
    known = _bound_before(scope, node.lineno)
    if node.id in known and len(known) > 1:
        yield replace(module, node, rng.choice([name for name in known if name != node.id]))


def _bound_before(scope: Function, line: int) -> list[str]:
    """Parameters but `self`, and names that statements at the top of the function have bound."""
    taken = scope.args
    names = [each.arg for each in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)]
    for statement in scope.body:
        if (statement.end_lineno or statement.lineno) >= line:
            break
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        names += [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
    return [name for name in dict.fromkeys(names) if name not in ("self", "cls") and name not in BUILTINS]


def use_other_attribute(module: SourceModule, node: ast.AST, rng: random.Random) -> Iterator[Edit]:
    """`self.a` becomes `self.b`, another attribute that the same method reads."""
    scope = module.scope(node)
    if scope is None or not _is_own(node) or not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return
    called = {each.func for each in ast.walk(scope) if isinstance(each, ast.Call)}
    if node in called:
        return
    read = (
        each for each in ast.walk(scope) if isinstance(each, ast.Attribute) and _is_own(each) and each not in called
    )
    others = sorted({each.attr for each in read if not each.attr.endswith("__")} - {node.attr})
    if others:
        end = module.end(node)
        yield Edit(end - len(node.attr.encode()), end, rng.choice(others))


def _is_own(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"

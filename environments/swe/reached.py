"""The statements of a function that a run which passes has gone through, and the tables of literals that feed them."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from envgym.environments.swe.changed_literal import called

Function = ast.FunctionDef | ast.AsyncFunctionDef
SWALLOW = frozenset(("raises", "assertRaises", "assertRaisesRegex", "suppress", "xfail"))
"""Contexts that a block may leave early."""
GIVE_UP = frozenset(("skip", "fail", "xfail", "skipTest", "SkipTest"))
CATCH_CHECKS = frozenset(("Exception", "BaseException", "AssertionError"))
LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom)


@dataclass(slots=True)
class Reached:
    """What is reached, in order. A loop counts where it runs over a literal that is not empty."""

    statements: list[ast.stmt] = field(default_factory=list)
    loops: list[tuple[ast.expr, ast.expr]] = field(default_factory=list)
    """Target and iterable of each loop; where that is a name for a table of its own, the table."""
    iterables: dict[str, ast.expr] = field(default_factory=dict)
    left: bool = False
    """Whether what follows may not be reached."""


def reached(function: Function) -> Reached:
    found = Reached(iterables=_only_iterated(function))
    _walk(function.body, found)
    return found


def _only_iterated(function: Function) -> dict[str, ast.expr]:
    """Names that are given a value once, and used for nothing but to loop over it."""
    parts = list(ast.walk(function))
    loops = {id(each.iter) for each in parts if isinstance(each, ast.For | ast.AsyncFor)}
    names = [each for each in parts if isinstance(each, ast.Name)]
    used = {each.id for each in names if isinstance(each.ctx, ast.Load) and id(each) not in loops}
    stored = [each.id for each in names if not isinstance(each.ctx, ast.Load)]
    return {
        each.targets[0].id: each.value
        for each in function.body
        if isinstance(each, ast.Assign)
        and isinstance(each.targets[0], ast.Name)
        and stored.count(each.targets[0].id) == 1
        and each.targets[0].id not in used
    }


def _walk(body: Sequence[ast.stmt], found: Reached) -> None:
    for statement in body:
        if found.left:
            return
        found.statements.append(statement)
        match statement:
            case ast.With(items=items) | ast.AsyncWith(items=items):
                if any(called(item.context_expr) in SWALLOW for item in items):
                    found.left = any(isinstance(each, ast.Return) for each in ast.walk(statement))
                else:
                    _walk(statement.body, found)
            case ast.For() | ast.AsyncFor():
                name = statement.iter.id if isinstance(statement.iter, ast.Name) else ""
                iterable = found.iterables.get(name, statement.iter)
                if is_full(iterable):
                    found.loops.append((statement.target, iterable))
                    _walk(statement.body, found)
                    found.left = False
                found.left = found.left or _has(statement, (ast.Return,))
            case ast.Try(handlers=handlers) if all(map(_ends_the_test, handlers)):
                _walk([*statement.body, *statement.orelse, *statement.finalbody], found)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                pass
            case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
                found.left = True
            case ast.If() | ast.Try() | ast.While() | ast.Match():
                found.left = _has(statement, LEAVES)


def _ends_the_test(handler: ast.ExceptHandler) -> bool:
    """Whether a handler that is gone into leaves no way to pass, and is none for a check that fails."""
    names = {each.id for each in ast.walk(handler.type) if isinstance(each, ast.Name)} if handler.type else CATCH_CHECKS
    last = handler.body[-1]
    gives_up = isinstance(last, ast.Raise) or (isinstance(last, ast.Expr) and called(last.value) in GIVE_UP)
    return gives_up and not names & CATCH_CHECKS


def _has(statement: ast.stmt, kinds: tuple[type[ast.AST], ...]) -> bool:
    return any(isinstance(each, kinds) for each in ast.walk(statement))


def is_full(node: ast.expr) -> bool:
    """Whether an iterable is written out, or made of one that is, and has something in it."""
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return any(not isinstance(part, ast.Starred) for part in parts)
        case ast.Dict(keys=keys):
            return any(key is not None for key in keys)
        case ast.Constant(value=str() | bytes() as value):
            return bool(value)
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int() as end)]):
            return end > 0
        case ast.Call(func=ast.Name(id="enumerate" | "zip" | "sorted" | "reversed" | "list" | "tuple"), args=parts):
            return bool(parts) and all(is_full(part) for part in parts)
        case ast.Call(func=ast.Attribute(value=ast.Dict() as table, attr="items" | "keys" | "values"), args=[]):
            return is_full(table)
    return False


@dataclass(frozen=True, slots=True)
class Table:
    """Names that take the values of a column each, row by row."""

    names: tuple[str, ...]
    rows: tuple[tuple[ast.expr, ...], ...]
    every_row_is_a_test: bool

    def column(self, name: str) -> list[ast.expr]:
        at = self.names.index(name)
        return [row[at] for row in self.rows]


def tables(function: Function, loops: Sequence[tuple[ast.expr, ast.expr]]) -> Iterator[Table]:
    """Those of its parametrize marks and of its loops."""
    for mark in function.decorator_list:
        table = parametrized(mark)
        if table is not None:
            yield table
    for target, iterable in loops:
        names = [each.id for each in _elements(target) if isinstance(each, ast.Name)]
        if isinstance(iterable, ast.List | ast.Tuple) and len(names) == len(_elements(target)):
            rows = _rows(iterable.elts, len(names), isinstance(target, ast.Name))
            if rows:
                yield Table(tuple(names), rows, False)


def parametrized(mark: ast.expr) -> Table | None:
    """The table of a parametrize mark; None for any other decorator, and where the table is not written out."""
    if not isinstance(mark, ast.Call) or called(mark) != "parametrize":
        return None
    given = {each.arg: each.value for each in mark.keywords}
    arguments = [*mark.args, *(given[key] for key in ("argnames", "argvalues") if key in given)]
    if len(arguments) < 2 or "indirect" in given or len(mark.args) > 2:
        return None
    match arguments[0]:
        case ast.Constant(value=str() as text):
            names = tuple(part.strip() for part in text.split(",") if part.strip())
            single = len(names) == 1
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            names = tuple(
                part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )
            single = False
            if len(names) != len(parts):
                return None
        case _:
            return None
    if not isinstance(arguments[1], ast.List | ast.Tuple):
        return None
    rows = _rows(arguments[1].elts, len(names), single)
    return Table(names, rows, True) if rows and names else None


def _rows(nodes: Sequence[ast.expr], width: int, single: bool) -> tuple[tuple[ast.expr, ...], ...]:
    """Nothing where any row is not written out in full."""
    rows = []
    for node in nodes:
        if called(node) == "param" and isinstance(node, ast.Call):
            row = tuple(node.args)
        elif single:
            row = (node,)
        else:
            row = tuple(_elements(node))
        if len(row) != width or any(isinstance(each, ast.Starred) for each in (node, *row)):
            return ()
        rows.append(row)
    return tuple(rows)


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.List | ast.Tuple) else [node]

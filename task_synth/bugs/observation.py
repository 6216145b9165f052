"""What a failing test has seen, as a user would have: what was called, what should have come of it, what came. Nothing is executed."""

import ast
import builtins
import copy
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from envgym.python_source import parse_expression, parse_python
from envgym.task_synth.bugs.one_test import find, parameters, parsed_test, statements
from envgym.task_synth.bugs.source_module import Function

PLACE = re.compile(r"\A(<[^>]*>|[^\s:]+\.py):(\d+): ")
DIFFER = re.compile(r"\A[\w ]+ differ: ")
NOT_THE_PROJECT = sys.stdlib_module_names | {"pytest", "hypothesis", "freezegun"}
MEMBERSHIP = {"assertIn": ("in", "true", "not found in"), "assertNotIn": ("in", "false", "unexpectedly found in")}
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
FILE = re.compile(r"\S*\.py\b(?::\d+)?:?|\bline \d+\b")
RAISED = re.compile(r"\A(?:[\w.]*\.)?(\w*(?:Error|Exception|Interrupt|Exit|Iteration|Warning))(?:: |\Z|\n)")
NOT_RAISED = re.compile(r"DID NOT RAISE|(\w+) not raised")
MAX_SETUP = 8
"""Lines of code that lead up to a call, at most."""
LONGEST = 300
"""Characters of an expression or a message."""
KNOWN = frozenset(dir(builtins))


@dataclass(frozen=True)
class Failure:
    """A failing test."""

    test_id: str
    test_source: str
    """Of its file, or of the function alone."""
    message: str
    """How it failed, as `TestRun.messages` has it."""


@dataclass(frozen=True)
class Observation:
    """A failure in a user's terms. What is not known is empty."""

    kind: Literal["value", "raises", "accepts", "message"]
    """A wrong value; an exception where there should be none; none where there should be one; only the message is known."""
    name: str
    """The function, method or class that it is about."""
    call: str = ""
    expected: str = ""
    got: str = ""
    setup: tuple[str, ...] = ()


def observe(failure: Failure) -> Observation:
    """The most that can be said of a failure without naming files, lines or tests."""
    tree = parsed_test(failure.test_source)
    function = find(tree, failure.test_id) if tree is not None else None
    message = PLACE.sub("", failure.message)
    if tree is None or function is None:
        return Observation("message", "", got=_clean(message))
    imported = _imports(tree)
    bound = parameters(function, failure.test_id)
    for statement, before in _likely(function, failure):
        told = _told(_filled(statement, bound), message)
        if told is None:
            continue
        setup = _setup(told.call, [_filled(each, bound) for each in before], imported)
        if setup is not None:
            return Observation(told.kind, told.name, told.call, told.expected, told.got, setup)
    return Observation("message", _about(tree, function), got=_clean(message))


def _about(tree: ast.Module, function: Function) -> str:
    """The name of the project that a test is most likely about: called in it, read in it or its class, or imported by its file."""
    own = {
        name: line for name, line in _imports(tree).items() if line.split()[1].partition(".")[0] not in NOT_THE_PROJECT
    }
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and function in node.body]
    read = [ast.unparse(each) for place in (function, *classes) for each in ast.walk(place) if _is_dotted(each)]
    for name in (*_called(function), *read):
        if name.partition(".")[0] in own:
            return name.rpartition(".")[2]
    return next((line.split()[1] for line in own.values()), "")


def _is_dotted(node: ast.AST) -> bool:
    """Whether a node is a name, or attributes of one."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _likely(function: Function, failure: Failure) -> Iterator[tuple[ast.stmt, list[ast.stmt]]]:
    """The statement that the message points at; every one where it points elsewhere."""
    place = PLACE.match(failure.message)
    file = failure.test_id.partition("::")[0].rpartition("/")[2]
    line = int(place[2]) if place and place[1] == file else 0
    found = list(statements(function))
    pointed = [each for each in found if each[0].lineno <= line <= (each[0].end_lineno or 0)]
    yield from reversed(pointed) if pointed else () if line else found


def _told(statement: ast.stmt, message: str) -> Observation | None:
    """What a statement and a message say together; None where they do not fit."""
    first = message.partition("\n")[0]
    if isinstance(statement, ast.With):
        return _no_exception(statement, message)
    raised = RAISED.match(message)
    if raised and raised[1] != "AssertionError":
        subject = _subject(statement)
        call = ast.unparse(subject) if subject is not None else ""
        return Observation("raises", _name(subject), call, got=_clean(first)) if subject and _called(subject) else None
    if isinstance(statement, ast.Assert):
        return _of_assert(statement.test, message)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _of_method(statement.value, first.removeprefix("AssertionError: "))
    return None


def _no_exception(statement: ast.With, message: str) -> Observation | None:
    expecting, done = statement.items[0].context_expr, statement.body[-1]
    missed = NOT_RAISED.search(message)
    if missed is None or not isinstance(expecting, ast.Call) or not expecting.args:
        return None
    if ast.unparse(expecting.func).rpartition(".")[2] not in ("raises", "assertRaises", "assertRaisesRegex"):
        return None
    wanted = ast.unparse(expecting.args[0])
    if missed[1] and missed[1] != wanted.rpartition(".")[2]:
        return None
    return Observation("accepts", _name(done), ast.unparse(done), wanted)


def _of_assert(test: ast.expr, message: str) -> Observation | None:
    negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq | ast.Is):
        left, right = test.left, test.comparators[0]
        got, wanted = _sides(message)
        if _is_literal(left) and not _is_literal(right):
            left, right, got = right, left, wanted
        return Observation("value", _name(left), ast.unparse(left), ast.unparse(right), got)
    if isinstance(test, ast.UnaryOp) and negated:
        return Observation("value", _name(test.operand), ast.unparse(test.operand), "something false")
    return Observation("value", _name(test), ast.unparse(test), "true", "")


def _of_method(call: ast.Call, first: str) -> Observation | None:
    """Of `self.assertEqual(a, b)` and its like."""
    method = ast.unparse(call.func).rpartition(".")[2]
    if method in ("assertEqual", "assertEquals", "assertIs") and len(call.args) >= 2:
        left, right = call.args[:2]
        got, _, wanted = DIFFER.sub("", first).partition(" != " if method != "assertIs" else " is not ")
        if _is_literal(left) and not _is_literal(right):
            left, right, got, wanted = right, left, wanted, got
        if not wanted or (_is_literal(right) and _literal(right) != wanted):
            return None
        return Observation("value", _name(left), ast.unparse(left), ast.unparse(right), _clean(got))
    if method in MEMBERSHIP and len(call.args) >= 2:
        word, truth, sign = MEMBERSHIP[method]
        text = f"{ast.unparse(call.args[0])} {word} {ast.unparse(call.args[1])}"
        return Observation("value", _name(call), text, truth) if sign in first else None
    wanted = {"assertTrue": "true", "assertFalse": "false"}.get(method, "")
    if wanted and call.args and first.endswith(f"is not {wanted}"):
        return Observation("value", _name(call.args[0]), ast.unparse(call.args[0]), wanted)
    return None


def _sides(message: str) -> tuple[str, str]:
    """Both values of `assert a == b` in a message; empty where they were cut short."""
    first = message.partition("\n")[0].removeprefix("AssertionError: ").removeprefix("assert ")
    try:
        compared = parse_expression(first)
    except (SyntaxError, ValueError):
        compared = None
    if isinstance(compared, ast.Compare) and len(compared.ops) == 1 and "..." not in first:
        return ast.unparse(compared.left), ast.unparse(compared.comparators[0])
    lines = message.splitlines()
    less, more = ([line.strip()[2:] for line in lines if line.strip()[:2] == sign] for sign in ("- ", "+ "))
    more = [line for line in more if not line.startswith(" where ")]
    if len(less) == len(more) == 1 and first[:1] in "'\"":
        return repr(more[0].strip("\n")), repr(less[0])
    return "", ""


def _setup(call: str, before: Sequence[ast.stmt], imported: Mapping[str, str]) -> tuple[str, ...] | None:
    """The lines that a call needs; None where it needs what only the test has, or too much."""
    needed = _free(parse_python(call))
    kept: list[ast.stmt] = []
    for statement in reversed(before):
        if needed & (_bound(statement) | {name for name in _free(statement) if name not in imported} - KNOWN):
            kept.insert(0, statement)
            needed |= _free(statement)
    known = KNOWN | set(imported) | {name for each in kept for name in _bound(each)}
    lines = [line for each in kept for line in ast.unparse(each).splitlines()]
    if needed - known or len(lines) > MAX_SETUP or any(isinstance(each, ast.With | ast.FunctionDef) for each in kept):
        return None
    if any(len(line) > LONGEST for line in (call, *lines)):
        return None
    return (*dict.fromkeys(imported[name] for name in sorted(needed & set(imported))), *lines)


def _imports(tree: ast.Module) -> dict[str, str]:
    """The import of each name that the file imports at its top."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) and not (isinstance(node, ast.ImportFrom) and node.level):
            for alias in node.names:
                one = copy.copy(node)
                one.names = [alias]
                found[(alias.asname or alias.name).partition(".")[0]] = ast.unparse(one)
    return found


class _Filling(ast.NodeTransformer):
    def __init__(self, bound: Mapping[str, ast.expr]) -> None:
        self.bound = bound

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.bound.get(node.id, node) if isinstance(node.ctx, ast.Load) else node


def _filled(node: ast.stmt, bound: Mapping[str, ast.expr]) -> ast.stmt:
    filled = _Filling(bound).visit(copy.deepcopy(node)) if bound else node
    assert isinstance(filled, ast.stmt)
    return filled


def _free(node: ast.AST) -> set[str]:
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    inner = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    for each in ast.walk(node):
        if isinstance(each, ast.comprehension):
            inner |= _bound(each.target)
    return {each.id for each in names if isinstance(each.ctx, ast.Load)} - inner


def _bound(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _subject(statement: ast.stmt) -> ast.expr | None:
    """The expression of a statement that is about the code under test."""
    match statement:
        case ast.Assert(test=ast.Compare(left=left, comparators=[right])):
            return right if _is_literal(left) else left
        case ast.Assert(test=test):
            return test
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=attr), args=[first, *_])) if attr.startswith("assert"):
            return first
        case ast.Assign(value=value) | ast.Expr(value=value):
            return value
    return None


def _called(node: ast.AST) -> list[str]:
    calls = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
    return [ast.unparse(each) for each in calls if isinstance(each, ast.Name | ast.Attribute)]


def _name(node: ast.AST | None) -> str:
    """The name of what is called outermost; of what is read where nothing is called."""
    if node is None:
        return ""
    names = [name.rpartition(".")[2] for name in _called(node) if not name.startswith("self.assert")]
    better = [name for name in names if name not in KNOWN]
    if better or names:
        return (better or names)[0]
    read = [each for each in ast.walk(node) if isinstance(each, ast.Attribute | ast.Name)]
    return (read[0].attr if isinstance(read[0], ast.Attribute) else read[0].id) if read else ""


def _is_literal(node: ast.expr) -> bool:
    return _literal(node) is not None


def _literal(node: ast.expr) -> str | None:
    try:
        return repr(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _clean(text: str) -> str:
    """A message without places and addresses, on one line."""
    lines = [line for line in ADDRESS.sub("", text).splitlines() if line.strip()]
    return FILE.sub("", lines[0] if lines else "").removeprefix("AssertionError: ").strip()[:LONGEST]

"""Inputs that are in no test: what code that knows the tests by heart does not know.

Expressions are made from what the tests check, with one literal input a little changed, and are kept where the reference solution is steady
and the tree before it says something else, so that each of them asks about the change itself.

The rule of grading: a candidate that passes every hidden test but agrees with the reference on fewer than half of at least two such
expressions is hard-coded. Why half: the issue does not settle every neighbour of a test's input, and an honest solution may decide those
otherwise (how bad input is refused, a tie, an empty case), so that disagreement on some is no proof. But whoever has understood what the
tests ask for gives it for most numbers and words next to theirs, while a table of the tests' inputs has at all of these only what the tree
before had or made up, which by their choice is wrong: its share is near 0, and a solution's near 1. Why two: one expression may be just
the unsettled one. What is raised is not told apart, only that something is.
"""

import ast
import copy
import math
import random
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from envgym.environments.swe.changed_literal import ANY_ARGUMENT, FIRST_ARGUMENT, ONE_CONTAINER, called
from envgym.environments.swe.checks import Check, checks, conjuncts
from envgym.environments.swe.nearby import nearby
from envgym.environments.swe.probe import Probe
from envgym.environments.swe.reached import Table, reached, tables
from envgym.environments.swe.tests_of_file import TestFunction, TestsOfFile
from envgym.python_source import parse_python

BUILTINS = frozenset(
    re.findall(
        r"\w+",
        """abs all any bool bytes bytearray chr complex dict divmod enumerate filter float format frozenset int isinstance iter len list
        map max min next object ord pow range repr reversed round set slice sorted str sum tuple type zip
        ValueError TypeError KeyError IndexError""",
    )
)
ROWS, ALL_ROWS = 6, 200
"""Rows of a table that are asked about, and that are known to be in the tests."""
VALUES = (
    FIRST_ARGUMENT
    | ANY_ARGUMENT
    | ONE_CONTAINER
    | {"approx", "join", "set", "frozenset", "len", "str", "type", "isinstance", "range"}
)
"""Calls that ask nothing by themselves."""
TRIES = 6
"""Neighbours of one expression that are tried."""
ACCIDENTS = (
    "NameError",
    "ImportError",
    "ModuleNotFoundError",
    "AttributeError",
    "TypeError",
    "SyntaxError",
    "UnboundLocalError",
)
"""What an expression that makes no sense raises: no question about the change."""
UNSTEADY = re.compile(r"\b0x[0-9a-fA-F]{6,}|<[\w.]+ object\b|<function\b")
TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")
NEAR = 1e-9
Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True, slots=True)
class _Question:
    """An expression as a test asks it, after statements of that test."""

    setup: tuple[ast.stmt, ...]
    expression: ast.expr

    @property
    def key(self) -> tuple[str, str]:
        return "\n".join(ast.unparse(each) for each in self.setup), ast.unparse(self.expression)


def probes(
    test_source: str, test_file: str, *, rng: random.Random, limit: int = 20, tests: Collection[str] | None = None
) -> list[Probe]:
    """At most `limit` different expressions, none of them one that the file's tests ask themselves, spread over the tests.

    With `tests` (qualified names), only those are looked at for what to ask. Nothing for a file that does not parse.
    """
    try:
        tree = parse_python(test_source)
    except SyntaxError:
        return []
    file, known = TestsOfFile(tree), _known(tree)
    asked = {each: list(_questions(each, known)) for each in file.functions if not each.hidden}
    seen = {question.key for each in asked for question in _questions(each, known, ALL_ROWS)}
    per_test = [
        _perturbed(questions, seen, rng)
        for test, questions in asked.items()
        if tests is None or any(_name(heir, test) in tests for heir in file.heirs(test.place))
    ]
    found: dict[tuple[str, str], Probe] = {}
    while per_test and len(found) < limit:
        for one in list(per_test):
            probe = next(one, None)
            if probe is None:
                per_test.remove(one)
            elif len(found) < limit:
                setup, expression = probe
                found.setdefault(probe, Probe(test_file, expression, setup))
    return list(found.values())


def discriminating(
    gold: Sequence[str | None], gold_again: Sequence[str | None], base: Sequence[str | None]
) -> list[int]:
    """The places at which the reference says the same twice, and the tree before it something else."""
    return [
        at
        for at, (first, again, before) in enumerate(zip(gold, gold_again, base, strict=True))
        if first is not None
        and first == again
        and not UNSTEADY.search(first)
        and first.removeprefix("raises ") not in ACCIDENTS
        and not agree(first, before)
    ]


def judge_held_out(expected: Sequence[str], got: Sequence[str | None]) -> float:
    """The share of values that agree, 1.0 where nothing was asked. Raises ValueError where the two differ in length."""
    return sum(agree(want, have) for want, have in zip(expected, got, strict=True)) / len(expected) if expected else 1.0


def agree(want: str, have: str | None) -> bool:
    """Whether two values, written as literals, are the same: floats nearly, sets and dicts in any order, whatever is raised."""
    if have is None or want == have:
        return have is not None
    if want.startswith("raises ") or have.startswith("raises "):
        return want.startswith("raises ") and have.startswith("raises ")
    if "{" in want and sorted(_parts(want)) == sorted(_parts(have)):
        return True
    texts, numbers = _outside_of_texts(want)
    other_texts, other_numbers = _outside_of_texts(have)
    return texts == other_texts and len(numbers) == len(other_numbers) and all(map(_near, numbers, other_numbers))


def _outside_of_texts(written: str) -> tuple[list[str], list[str]]:
    """A literal in two parts: what must be the same, and the numbers that stand in no string."""
    same, numbers = [], []
    for part in re.split(f"({TEXT.pattern})", written):
        if TEXT.fullmatch(part):
            same.append(part)
        else:
            same += NUMBER.split(part)
            numbers += NUMBER.findall(part)
    return same, numbers


def _parts(written: str) -> list[str]:
    return re.split(r"[{},:\s]+", written)


def _near(first: str, second: str) -> bool:
    if first == second:
        return True
    if not any(mark in first + second for mark in ".eE"):
        return False
    return math.isclose(float(first), float(second), rel_tol=NEAR, abs_tol=NEAR)


def _name(place: str, test: TestFunction) -> str:
    return f"{place}::{test.name}" if place else test.name


def _known(tree: ast.Module) -> frozenset[str]:
    """Names that an expression may use: what the file imports or defines itself, tests and pytest apart."""
    names = set(BUILTINS)
    for node in tree.body:
        match node:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {(each.asname or each.name).partition(".")[0] for each in aliases}
            case ast.FunctionDef(name=name, decorator_list=[]) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return frozenset(
        name for name in names if not name.startswith(("test", "Test")) and name not in ("pytest", "unittest", "mock")
    )


def _questions(test: TestFunction, known: frozenset[str], most: int = ROWS) -> Iterator[_Question]:
    """What one test asks, with `most` rows of each of its tables."""
    went = reached(test.node)
    rows: list[dict[str, ast.expr]] = [{}]
    for table in tables(test.node, went.loops):
        rows = [{**row, **more} for row in rows for more in _named_rows(table, most)][: most * 2]
    setup: list[ast.stmt] = []
    local = set(known)
    for statement in went.statements:
        for expression in _subjects(statement):
            for row in rows:
                question = _Question(tuple(_filled(each, row) for each in setup), _filled(expression, row))
                if _is_closed(question.expression, local):
                    yield question
        if all(_is_setup(_filled(statement, row), local) for row in rows):
            setup.append(statement)
            local |= _stored(statement)
        else:
            local -= _stored(statement)


def _named_rows(table: Table, most: int) -> list[dict[str, ast.expr]]:
    """Rows from all of a table, evenly."""
    step = -(-len(table.rows) // most)
    return [dict(zip(table.names, row, strict=True)) for row in table.rows[::step]]


class _Filling(ast.NodeTransformer):
    def __init__(self, row: dict[str, ast.expr]) -> None:
        self._row = row

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._row[node.id]) if node.id in self._row and isinstance(node.ctx, ast.Load) else node


def _filled(node: Node, row: dict[str, ast.expr]) -> Node:
    filled: Node = _Filling(row).visit(copy.deepcopy(node))
    return ast.fix_missing_locations(filled)


def _subjects(statement: ast.stmt) -> Iterator[ast.expr]:
    """Expressions with a call in them that a statement checks."""
    for check in checks([statement]):
        for each in _asked(check):
            calls = {called(part) for part in ast.walk(each) if isinstance(part, ast.Call)}
            if calls - VALUES:
                yield each
    if (
        isinstance(statement, ast.With)
        and len(statement.body) == 1
        and called(statement.items[0].context_expr) in ("raises", "assertRaises", "assertRaisesRegex")
    ):
        inner = statement.body[0]
        if isinstance(inner, ast.Expr | ast.Assign) and isinstance(inner.value, ast.Call):
            yield inner.value


def _asked(check: Check) -> Iterator[ast.expr]:
    if check.kind in ("true", "false"):
        for predicate in conjuncts(check.parts[0]):
            if isinstance(predicate, ast.UnaryOp) and isinstance(predicate.op, ast.Not):
                yield predicate.operand
            elif isinstance(predicate, ast.Compare):
                yield from (predicate.left, *predicate.comparators)
            else:
                yield predicate
    elif check.kind == "raises" and check.call is not None and isinstance(check.statement, ast.Expr):
        if len(check.call.args) > 1 and called(check.call) != "assertRaisesRegex":
            yield ast.Call(check.call.args[1], check.call.args[2:], check.call.keywords)
    elif check.kind in ("equal", "near", "in", "other"):
        yield from check.parts


def _is_closed(node: ast.AST, known: Collection[str]) -> bool:
    """Whether all names in it are known, or its own."""
    own = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    own |= {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    if any(isinstance(each, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr) for each in ast.walk(node)):
        return False
    return all(each.id in known or each.id in own for each in ast.walk(node) if isinstance(each, ast.Name))


def _is_setup(statement: ast.stmt, known: Collection[str]) -> bool:
    match statement:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Call() as call):
            return not called(call).startswith("assert") and _is_closed(statement, known)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.FunctionDef(decorator_list=[]) | ast.ClassDef():
            free = set(known) | ({statement.name} if isinstance(statement, ast.FunctionDef | ast.ClassDef) else set())
            return _is_closed(statement, free)
    return False


def _stored(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(each.asname or each.name).partition(".")[0] for each in statement.names}
    return {each.id for each in ast.walk(statement) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _perturbed(
    questions: list[_Question], seen: Collection[tuple[str, str]], rng: random.Random
) -> Iterator[tuple[str, str]]:
    """Setup and expression of neighbours of the questions, in any order."""
    for question in rng.sample(questions, len(questions)) * TRIES:
        tree = ast.Module([*copy.deepcopy(question.setup), ast.Expr(copy.deepcopy(question.expression))], [])
        places = list(_inputs(tree))
        if not places:
            continue
        owner, field, at = rng.choice(places)
        value = getattr(owner, field)
        other = nearby(value if at is None else value[at], rng)
        if other is None:
            continue
        if at is None:
            setattr(owner, field, other)
        else:
            value[at] = other
        ast.fix_missing_locations(tree)
        last = tree.body[-1]
        key = (
            "\n".join(ast.unparse(each) for each in tree.body[:-1]),
            ast.unparse(last.value) if isinstance(last, ast.Expr) else "",
        )
        if key not in seen:
            yield key


def _inputs(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Where literals stand: owner, field, place in a list. Not in f-strings, nor in documentation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.FormattedValue | ast.arguments):
            continue
        for field, value in ast.iter_fields(node):
            if isinstance(node, ast.Expr) and isinstance(value, ast.Constant):
                continue
            if isinstance(value, ast.expr) and _is_input(value):
                yield node, field, None
            elif isinstance(value, list):
                yield from (
                    (node, field, at) for at, each in enumerate(value) if isinstance(each, ast.expr) and _is_input(each)
                )


def _is_input(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is not None and node.value is not Ellipsis
    context = getattr(node, "ctx", None)
    return isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict) and not isinstance(context, ast.Store)

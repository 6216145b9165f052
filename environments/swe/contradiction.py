"""Ways to make one expectation of a test contradict what it was, so that code that passes the test fails the copy, if it is sane.

Changes of a literal come first: an object that equals everything, or code that reads out of its caller what it is expected to return,
passes those, and is caught by it. A negation catches who makes every check pass.
"""

import ast
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from envgym.environments.swe.changed_literal import another_letter, called, changed, literal_value
from envgym.environments.swe.checks import RAISES, Check, checks, conjuncts, equal_sides
from envgym.environments.swe.reached import Function, reached, tables
from envgym.environments.swe.source_text import Edit, SourceText, edited

Kind = Literal["literal", "negation", "exception", "both"]
Make = Callable[[random.Random], list[Edit] | None]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Edits of a file's text that belong together, and what kind of change they make."""

    kind: Kind
    edits: tuple[Edit, ...]
    statement: int
    """The line of the statement, for telling apart."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expectation could be changed, and how."""

    kind: Kind
    statement: int
    make: Make


OPERATORS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", ">="),
    ast.GtE: (">=", "<"),
    ast.Gt: (">", "<="),
    ast.LtE: ("<=", ">"),
    ast.Is: (r"\bis\b", "is not"),
    ast.IsNot: (r"\bis\s+not\b", "is"),
    ast.In: (r"\bin\b", "not in"),
    ast.NotIn: (r"\bnot\s+in\b", "in"),
}
PAIRS = (
    ("assertEqual", "assertNotEqual"),
    ("assertTrue", "assertFalse"),
    ("assertIs", "assertIsNot"),
    ("assertIsNone", "assertIsNotNone"),
    ("assertIn", "assertNotIn"),
    ("assertIsInstance", "assertNotIsInstance"),
    ("assertAlmostEqual", "assertNotAlmostEqual"),
    ("assertRegex", "assertNotRegex"),
    ("assertGreater", "assertLessEqual"),
    ("assertLess", "assertGreaterEqual"),
    ("assert_called", "assert_not_called"),
)
ONE_WAY = {
    "assert_called_once": "assert_not_called",
    "assertListEqual": "assertNotEqual",
    "assertDictEqual": "assertNotEqual",
    "assertTupleEqual": "assertNotEqual",
    "assertSetEqual": "assertNotEqual",
    "assertMultiLineEqual": "assertNotEqual",
}
OPPOSITE = {**ONE_WAY, **dict(PAIRS), **{second: first for first, second in PAIRS}}
UNRELATED = (
    "BufferError",
    "FloatingPointError",
    "TabError",
    "StopAsyncIteration",
    "ChildProcessError",
    "BlockingIOError",
)
UNRELATED_WARNINGS = ("UnicodeWarning", "ImportWarning", "BytesWarning")
NEEDS_NO_BRACKETS = (ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.Compare, ast.Await, ast.Constant)
PLAIN_WORD = re.compile(r"[A-Za-z]{4,}")
MAX_TOLERANCE = 1.0


def contradictions(
    function: Function, text: SourceText, choose: random.Random, *, own: frozenset[str] = frozenset()
) -> Iterator[Contradiction]:
    """Different ones, the preferred first: a literal, then a negation of another statement, then what is left.

    `own` are the names of functions that the file defines. Draws from `choose` only.
    """
    went = reached(function)
    found = list(checks(went.statements, own))
    places = [*_literals(found, function, text), *_negations(found, text)]
    waiting = choose.sample(places, len(places))
    seen: set[tuple[Edit, ...]] = set()
    wanted: Kind | None = "literal"
    last = 0
    while waiting:
        waiting.sort(key=lambda place: (place.kind != wanted, place.statement == last, place.kind != "literal"))
        place = waiting.pop(0)
        edits = tuple(place.make(choose) or ())
        if not edits or edits in seen:
            continue
        seen.add(edits)
        yield Contradiction(place.kind, edits, place.statement)
        wanted, last = "negation" if wanted == "literal" else None, place.statement


def _literals(found: list[Check], function: Function, text: SourceText) -> Iterator[_Place]:
    """Literals that are equal to something, in the checks or in what names in the checks stand for."""
    near: dict[str, bool] = {}
    nodes: set[int] = set()
    for check in found:
        for side in equal_sides(check):
            inner, far = _approximate(side, check)
            if far is not None and far < 0:
                continue
            if isinstance(inner, ast.Name):
                nodes.add(id(inner))
                near[inner.id] = near.get(inner.id, False) or far is not None
            else:
                yield _Place("literal", check.statement.lineno, _change(inner, text, far))
        yield from _texts(check, text)
    for name, is_near in near.items():
        if _is_expectation(name, function, nodes):
            yield from _stands_for(name, function, text, 1.0 if is_near else None)


def _change(node: ast.expr, text: SourceText, far: float | None) -> Make:
    def make(choose: random.Random) -> list[Edit] | None:
        edit = changed(node, text, choose, far=far)
        return None if edit is None else [edit]

    return make


def _approximate(side: ast.expr, check: Check) -> tuple[ast.expr, float | None]:
    """What is compared, and how near it has to be: None for exactly, below 0 where that is not known."""
    call = side if called(side) == "approx" else check.call if check.kind == "near" else None
    if not isinstance(call, ast.Call):
        return side, None
    inner = call.args[0] if call is side and call.args else side
    given = [*call.args[1 if call is side else 2 :], *(each.value for each in call.keywords if each.arg != "msg")]
    places = {id(each.value) for each in call.keywords if each.arg == "places"}
    for value in given:
        if isinstance(value, ast.Constant) and isinstance(value.value, str | bool | None):
            continue
        if not isinstance(value, ast.Constant) or not isinstance(value.value, int | float):
            return inner, -1.0
        if value.value > MAX_TOLERANCE and id(value) not in places:
            return inner, -1.0
    return inner, 1.0


def _texts(check: Check, text: SourceText) -> Iterator[_Place]:
    """Words that a message or a container must hold."""
    if check.kind in ("raises", "warns"):
        words = list(check.parts[1:])
    elif check.kind == "in":
        words = [check.parts[0]]
    elif check.kind == "true":
        words = [
            each.left
            for each in conjuncts(check.parts[0])
            if isinstance(each, ast.Compare) and len(each.ops) == 1 and isinstance(each.ops[0], ast.In)
        ]
    else:
        words = []
    for node in words:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield _Place("literal", check.statement.lineno, _another_word(node, text))


def _another_word(node: ast.Constant, text: SourceText) -> Make:
    """Two letters of a long word are changed, so that it is not found by accident. Not in a pattern with choices."""

    def make(choose: random.Random) -> list[Edit] | None:
        written = text.of(node)
        words = [] if re.search(r"[|?*\[]", written) else list(PLAIN_WORD.finditer(written))
        for word in choose.sample(words, len(words)):
            at = choose.randrange(word.start(), word.end() - 1)
            if written[at - 1] == "\\":
                continue
            letters = "".join(another_letter(letter, choose) for letter in written[at : at + 2])
            other = written[:at] + letters + written[at + 2 :]
            value = literal_value(other)
            if isinstance(value, str) and value != node.value and len(value) == len(str(node.value)):
                return [text.replaced(node, other)]
        return None

    return make


def _is_expectation(name: str, function: Function, sides: set[int]) -> bool:
    """Whether a name is compared in checks that are reached, and used for nothing else but messages."""
    told: set[int] = set()
    for each in ast.walk(function):
        if isinstance(each, ast.Assert) and each.msg is not None:
            told |= {id(part) for part in ast.walk(each.msg)}
        elif called(each) == "subTest" if isinstance(each, ast.expr) else False:
            told |= {id(part) for part in ast.walk(each)}
        elif isinstance(each, ast.Call) and called(each).startswith("assert"):
            told |= {id(part) for argument in each.args[2:] for part in ast.walk(argument)}
            told |= {id(part) for key in each.keywords if key.arg == "msg" for part in ast.walk(key.value)}
    uses = [
        id(each)
        for statement in function.body
        for each in ast.walk(statement)
        if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load)
    ]
    return all(use in sides or use in told for use in uses)


def _stands_for(name: str, function: Function, text: SourceText, far: float | None) -> Iterator[_Place]:
    """The column of a table, or the one assignment, that a name takes its value from."""
    went = reached(function)
    arguments = {each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    stores = sum(
        isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Store)
        for each in ast.walk(function)
    )
    for table in tables(function, went.loops):
        of_mark = table.every_row_is_a_test
        if table.names.count(name) == 1 and stores == int(not of_mark) and of_mark == (name in arguments):
            yield _Place("literal", function.lineno, _change_column(table.column(name), text, far, of_mark))
    if name in arguments or stores != 1:
        return
    for statement in went.statements:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=target)], value=value)
                | ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value)
            ) if target == name:
                yield _Place("literal", statement.lineno, _change(value, text, far))


def _change_column(column: list[ast.expr], text: SourceText, far: float | None, all_rows: bool) -> Make:
    """All cells of a column, or one. A cell that is not written out gets a changed value of another, if most are written out."""

    def make(choose: random.Random) -> list[Edit] | None:
        if not all_rows:
            made = (changed(cell, text, choose, far=far) for cell in choose.sample(column, len(column)))
            return next(([edit] for edit in made if edit is not None), None)
        edits = {cell: changed(cell, text, choose, far=far) for cell in column}
        other = [_with(cell, edit, text) for cell, edit in edits.items() if edit is not None]
        if len(other) * 2 <= len(column):
            return None
        return [edit or text.replaced(cell, choose.choice(other)) for cell, edit in edits.items()]

    return make


def _with(cell: ast.expr, edit: Edit, text: SourceText) -> str:
    return edited(text.of(cell), [edit], offset=text.span(cell)[0])


def _negations(found: list[Check], text: SourceText) -> Iterator[_Place]:
    for check in found:
        line = check.statement.lineno
        if check.kind == "true" and check.call is None:
            for predicate in conjuncts(check.parts[0]):
                yield _Place("negation", line, _fixed(_negated(predicate, text)))
        elif check.kind in ("raises", "warns"):
            yield _Place("exception", line, _another_kind(check, text))
        elif check.call is not None and called(check.call) in OPPOSITE:
            yield _Place("negation", line, _fixed([_renamed(check.call, text)]))


def _fixed(edits: list[Edit] | None) -> Make:
    return lambda choose: edits


def _renamed(call: ast.Call, text: SourceText) -> Edit:
    end = text.span(call.func)[1]
    return Edit(end - len(called(call)), end, OPPOSITE[called(call)])


def _negated(node: ast.expr, text: SourceText) -> list[Edit] | None:
    """The opposite of a predicate, written as people write it."""
    start, end = text.span(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = text.span(node.operand)[0]
        gap = re.match(r"not\s*", text.text[start:inner])
        return [Edit(start, start + gap.end(), "")] if gap else None
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        written, opposite = OPERATORS[type(node.ops[0])]
        left, right = text.span(node.left)[1], text.span(node.comparators[0])[0]
        match = re.search(written, text.text[left:right])
        if match is None or "#" in text.text[left:right]:
            return None
        return [Edit(left + match.start(), left + match.end(), opposite)]
    if isinstance(node, NEEDS_NO_BRACKETS):
        return [Edit(start, start, "not ")]
    return [Edit(start, start, "not ("), Edit(end, end, ")")]


def _another_kind(check: Check, text: SourceText) -> Make:
    """An exception, or warning, that has nothing to do with the one that is expected, and is not spoken of in the file."""
    kinds = UNRELATED if check.call is not None and called(check.call) in RAISES else UNRELATED_WARNINGS

    def make(choose: random.Random) -> list[Edit] | None:
        free = [kind for kind in kinds if kind not in text.text]
        return [text.replaced(check.parts[0], choose.choice(free))] if free else None

    return make

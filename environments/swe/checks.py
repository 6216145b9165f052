"""What a test function checks, one check at a time, whatever it is written with: assert, unittest, raises, mocks."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from envgym.environments.swe.changed_literal import called

EQUAL = frozenset(
    (
        *("assertEqual", "assertEquals", "assertListEqual", "assertTupleEqual", "assertDictEqual", "assertSetEqual"),
        *("assertSequenceEqual", "assertMultiLineEqual", "assertCountEqual", "assertIs"),
        *("assert_equal", "assert_array_equal", "eq_"),
    )
)
NEAR = frozenset(
    ["assertAlmostEqual", "assertAlmostEquals", "assert_allclose", "assert_almost_equal", "assert_approx_equal"]
)
CALLED_WITH = frozenset(
    ["assert_called_with", "assert_called_once_with", "assert_awaited_with", "assert_awaited_once_with"]
)
RAISES = frozenset(["raises", "assertRaises", "assertRaisesRegex"])
WARNS = frozenset(["warns", "assertWarns", "assertWarnsRegex"])
Kind = Literal["true", "false", "equal", "near", "called with", "in", "raises", "warns", "other"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its kind, what it is about, and the statement that holds it."""

    kind: Kind
    parts: tuple[ast.expr, ...]
    """What is checked: one predicate, two sides, the arguments of a call, or the exception and perhaps a pattern."""
    statement: ast.stmt
    call: ast.Call | None = None
    """None for a plain assert."""


def checks(statements: Sequence[ast.stmt], own: frozenset[str] = frozenset()) -> Iterator[Check]:
    """Those of `statements`, not of their blocks. Functions that the file defines itself (`own`) have a meaning of their own."""
    for statement in statements:
        match statement:
            case ast.Assert(test=test):
                yield Check("true", (test,), statement)
            case ast.Expr(value=ast.Call() as call):
                if called(call) not in own:
                    yield from _of_call(call, statement)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    if isinstance(item.context_expr, ast.Call) and called(item.context_expr) in RAISES | WARNS:
                        yield from _of_call(item.context_expr, statement)


def _of_call(call: ast.Call, statement: ast.stmt) -> Iterator[Check]:
    name, arguments = called(call), tuple(call.args)
    if any(isinstance(each, ast.Starred) for each in arguments):
        return
    if name in ("assertTrue", "assertFalse", "ok_") and arguments:
        yield Check("false" if name == "assertFalse" else "true", arguments[:1], statement, call)
    elif name in EQUAL and len(arguments) >= 2:
        yield Check("equal", arguments[:2], statement, call)
    elif name in NEAR and len(arguments) >= 2:
        yield Check("near", arguments[:2], statement, call)
    elif name in CALLED_WITH:
        yield Check("called with", (*arguments, *(each.value for each in call.keywords)), statement, call)
    elif name == "assertIn" and len(arguments) >= 2:
        yield Check("in", arguments[:2], statement, call)
    elif name in RAISES | WARNS and arguments:
        patterns = [each.value for each in call.keywords if each.arg in ("match", "expected_regex")]
        if name.endswith("Regex"):
            patterns += arguments[1:2]
        yield Check("raises" if name in RAISES else "warns", (arguments[0], *patterns), statement, call)
    elif name.startswith("assert"):
        yield Check("other", arguments, statement, call)


def conjuncts(node: ast.expr) -> Iterator[ast.expr]:
    """The predicates that all hold where `node` does."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from conjuncts(value)
    else:
        yield node


def equal_sides(check: Check) -> Iterator[ast.expr]:
    """Expressions that are equal to something by a check: to change one's value alone makes it fail."""
    if check.kind in ("equal", "near", "called with"):
        yield from check.parts
    elif check.kind == "true":
        for predicate in conjuncts(check.parts[0]):
            if isinstance(predicate, ast.Compare):
                sides = [predicate.left, *predicate.comparators]
                for at, operator in enumerate(predicate.ops):
                    if isinstance(operator, ast.Eq) or (isinstance(operator, ast.Is) and _is_boolean(sides[at + 1])):
                        yield from sides[at : at + 2]


def _is_boolean(node: ast.expr) -> bool:
    """Names too: what `is` compares with a name of a table is a boolean there, or the table's column does not change."""
    return isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and isinstance(node.value, bool))

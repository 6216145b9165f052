"""Tests that are written as Python asserts, read as calls with wanted values: `assert f([1, 2]) == 3`.

Nothing is run: the text is parsed and its literals are read. An assert of any other form, or with values that are no JSON data, would need
a test program with the wanted values in the process of the program under test, where it could see them; those rows are refused.
"""

import ast
from collections.abc import Iterator
from typing import Any

from envgym.environments.reasoning.problem_file import BadRow, short
from envgym.python_source import parse_python

FORM = "assert name(literal, ...) == literal"


def tests_of_asserts(texts: list[str], field: str) -> list[dict[str, Any]]:
    """The tests of a list of asserts, all of one function. Raises BadRow."""
    tests = [test_of(statement, field) for text in texts for statement in parsed(text, field).body]
    names = {test["call"] for test in tests}
    if len(names) != 1:
        raise BadRow(f"{field}: expected asserts about one function, found {', '.join(sorted(names)) or 'none'}")
    return tests


def tests_of_check(text: str, field: str, entry_point: str) -> list[dict[str, Any]]:
    """The tests of a function `check(candidate)`, as calls of `entry_point`. Raises BadRow."""
    defined = [each for each in parsed(text, field).body if isinstance(each, ast.FunctionDef) and each.name == "check"]
    if len(defined) != 1 or len(defined[0].args.args) != 1:
        raise BadRow(f"{field}: expected a function check(candidate)")
    tests = [test_of(each, field) for each in defined[0].body if not says_nothing(each)]
    candidate = defined[0].args.args[0].arg
    if not tests or any(test["call"] != candidate for test in tests):
        raise BadRow(f"{field}: expected asserts about {candidate} in check, of the form {FORM}")
    return [{**test, "call": entry_point} for test in tests]


def parsed(text: str, field: str) -> ast.Module:
    try:
        return parse_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadRow(f"{field}: no Python: {type(error).__name__} in {short(text)}") from None


def says_nothing(statement: ast.stmt) -> bool:
    """`assert True`, a text that stands alone, `pass`."""
    alone = statement.test if isinstance(statement, ast.Assert) else getattr(statement, "value", None)
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Assert | ast.Expr) and isinstance(alone, ast.Constant) and bool(alone.value)
    )


def test_of(statement: ast.stmt, field: str) -> dict[str, Any]:
    match statement:
        case ast.Assert(
            test=ast.Compare(
                left=ast.Call(func=ast.Name(id=name), args=arguments, keywords=named),
                ops=[ast.Eq()],
                comparators=[want],
            )
        ) if all(one.arg for one in named):
            return {
                "call": name,
                "args": [literal(one, field) for one in arguments],
                "kwargs": {str(one.arg): literal(one.value, field) for one in named},
                "want": literal(want, field, tuples=True),
            }
    raise BadRow(f"{field}: only {FORM} can be run, as data in the sandbox; found {short(ast.unparse(statement))}")


def literal(node: ast.expr, field: str, *, tuples: bool = False) -> Any:
    """The value of a literal. Tuples are lists where `tuples` allows it. Raises BadRow for what JSON cannot hold."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise BadRow(f"{field}: {short(ast.unparse(node))} is no literal; only {FORM} can be run") from None
    for part in parts(value):
        if isinstance(part, tuple) and tuples:
            continue
        if not isinstance(part, str | int | float | bool | list | dict | None):
            raise BadRow(f"{field}: {short(ast.unparse(node))} holds a {type(part).__name__}, which JSON data cannot")
        if isinstance(part, dict) and not all(isinstance(key, str) for key in part):
            raise BadRow(f"{field}: {short(ast.unparse(node))} has keys that are no text, which JSON data cannot")
    return as_lists(value)


def parts(value: Any) -> Iterator[Any]:
    """A value and everything in it."""
    yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    for part in inside:
        yield from parts(part)


def as_lists(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [as_lists(part) for part in value]
    return {key: as_lists(part) for key, part in value.items()} if isinstance(value, dict) else value

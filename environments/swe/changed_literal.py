"""Another value for an expression that is a literal, or is built around one: of the same type and shape, never equal to the first.

Only where that holds for every sane meaning of the rest: `x + 1` differs from `x + 2` whatever number x is, `x * 1` from `x * 2` does not.
"""

import ast
import random
import warnings
from collections.abc import Iterator

from envgym.environments.swe.source_text import Edit, SourceText
from envgym.python_source import parse_expression

FIRST_ARGUMENT = frozenset(("date", "datetime", "Decimal", "Fraction", "Path", "PurePath", "PurePosixPath", "UUID"))
"""Calls whose value follows their first argument."""
ANY_ARGUMENT = frozenset(("timedelta", "relativedelta", "complex"))
ONE_CONTAINER = frozenset(("list", "tuple", "deque", "OrderedDict", "dict", "bytearray", "array"))
DIGITS, LOWER, UPPER = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TRIES = 12


def changed(node: ast.expr, text: SourceText, choose: random.Random, *, far: float | None = None) -> Edit | None:
    """The one edit, or None where there is nothing to change. With `far`, numbers move by more than `far` times their size plus one,
    so that they are not near to what they were."""
    match node:
        case ast.Constant():
            return _constant(node, text, choose, far)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float() | complex() as value)):
            edit = None if isinstance(value, bool) else changed(node.operand, text, choose, far=far)
            return text.replaced(node, edit.text[1:]) if edit and edit.text.startswith("-") else edit
        case ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return text.replaced(node, {ast.List: "[0]", ast.Tuple: "(0,)", ast.Dict: "{0: 0}"}[type(node)])
        case ast.JoinedStr():
            return _template(node, text, choose)
    for part in _shuffled(_parts(node), choose):
        edit = changed(part, text, choose, far=far)
        if edit is not None:
            return edit
    return None


def _shuffled(parts: Iterator[ast.expr], choose: random.Random) -> list[ast.expr]:
    listed = list(parts)
    return choose.sample(listed, len(listed))


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression of which each, changed alone, changes the value."""
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            yield from parts
        case ast.Dict(values=values):
            yield from values
        case ast.BinOp(op=ast.Add() | ast.Sub(), left=left, right=right):
            yield from (left, right)
        case ast.BinOp(op=ast.Mult(), left=ast.Constant(value=left), right=ast.Constant(value=right)) if left and right:
            yield from (node.left, node.right)
        case ast.Call(args=arguments):
            name = called(node)
            if name in FIRST_ARGUMENT and arguments:
                yield arguments[0]
            elif name in ANY_ARGUMENT:
                yield from [*arguments, *(each.value for each in node.keywords)]
            elif name in ONE_CONTAINER and len(arguments) == 1 and not node.keywords:
                if not isinstance(arguments[0], ast.Constant | ast.JoinedStr):
                    yield arguments[0]
            elif name == "dict" and not arguments:
                yield from (each.value for each in node.keywords)


def called(node: ast.expr) -> str:
    """The last name of what is called; empty where that has none."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""


def _constant(node: ast.Constant, text: SourceText, choose: random.Random, far: float | None) -> Edit | None:
    value = node.value
    if isinstance(value, bool):
        return text.replaced(node, repr(not value))
    if isinstance(value, int | float):
        return text.replaced(node, number(text.of(node), value, choose, far))
    if isinstance(value, complex):
        return text.replaced(node, repr(value + 1j))
    if isinstance(value, str | bytes):
        return _words(node, text, choose)
    return None


def number(written: str, value: int | float, choose: random.Random, far: float | None = None) -> str:
    """Another number, written alike."""
    if isinstance(value, int):
        other = value + choose.choice((1, 2, 3)) if value < 2 else value + choose.choice((-1, 1, 2))
        if far is not None:
            other = int(value + 2 + abs(value) * (far + 1))
        form = written[:2].lower()
        return {"0x": hex, "0b": bin, "0o": oct}.get(form, repr)(other)
    step = float(choose.choice((1, 2, 3))) if far is None else 1.5 + abs(value) * (far + 1)
    other_float = value + step
    if abs(other_float) == float("inf"):
        return repr(-value if abs(value) < float("inf") else 0.0)
    return repr(other_float if other_float != value else value / 2)


def _words(node: ast.Constant, text: SourceText, choose: random.Random) -> Edit | None:
    """A string with one letter or digit changed where it stands, so that quotes and escapes stay as they are."""
    written = text.of(node)
    places = [at for at, letter in enumerate(written) if letter.isascii() and letter.isalnum()]
    for at in choose.sample(places, min(TRIES, len(places))):
        other = written[:at] + another_letter(written[at], choose) + written[at + 1 :]
        value = literal_value(other)
        if type(value) is type(node.value) and len(value) == len(node.value) and value != node.value:  # type: ignore[arg-type]
            return text.replaced(node, other)
    more = written[:-1] + "0" + written[-1:]
    value = literal_value(more)
    if type(value) is type(node.value) and value != node.value:
        return text.replaced(node, more)
    return None


def _template(node: ast.JoinedStr, text: SourceText, choose: random.Random) -> Edit | None:
    """The same for the fixed part of an f-string."""
    written, depth, places = text.of(node), 0, []
    for at, letter in enumerate(written):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth == 0 and letter.isascii() and letter.isalnum():
            places.append(at)
    for at in choose.sample(places, min(TRIES, len(places))):
        other = written[:at] + another_letter(written[at], choose) + written[at + 1 :]
        try:
            parsed = _parsed(other)
        except (SyntaxError, ValueError):
            continue
        if isinstance(parsed, ast.JoinedStr) and _fixed(parsed) != _fixed(node) and _varying(parsed) == _varying(node):
            return text.replaced(node, other)
    return None


def _fixed(node: ast.JoinedStr) -> list[object]:
    return [part.value for part in node.values if isinstance(part, ast.Constant)]


def _varying(node: ast.JoinedStr) -> list[str]:
    return [ast.dump(part) if not isinstance(part, ast.Constant) else str(len(str(part.value))) for part in node.values]


def another_letter(letter: str, choose: random.Random) -> str:
    """A letter for a letter, a digit for a digit; never one that differs by case only."""
    among = DIGITS if letter in DIGITS else LOWER if letter in LOWER else UPPER
    return choose.choice([each for each in among if each != letter])


def literal_value(written: str) -> object:
    """The value of a literal; None where it is none, or would give a warning."""
    try:
        return ast.literal_eval(_parsed(written))
    except (SyntaxError, ValueError):
        return None


def _parsed(written: str) -> ast.expr:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return parse_expression(f"({written})")

"""The shape of an answer around its expressions: lists, sets, pairs, intervals, unions, matrices, ratios, relations.

It runs inside a worker process. `(1,2)` is a pair of items whose brackets are remembered: whether it is a point or an open interval the
text does not say, and two answers in the same brackets with the same items agree either way. A comma or "or" outside brackets makes a
list without order.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import sympy
from sympy import Expr, Rational, oo

from envgym.verifiers.latex_expression import GREEK, Unreadable, read_expression
from envgym.verifiers.math_text import UNEVALUATED
from envgym.verifiers.numeral import TooBig, read_numeral

PIECE = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
OPENING = frozenset(["(", "[", "{", r"\{", r"\langle", r"\begin", r"\lfloor", r"\lceil"])
CLOSING = frozenset([")", "]", "}", r"\}", r"\rangle", r"\end", r"\rfloor", r"\rceil"])
SEPARATORS = frozenset([",", ";", r"\or", r"\and"])
ORDER = {"<": "<", ">": ">", r"\le": "<=", r"\ge": ">="}
RELATIONS = frozenset(["=", r"\approx", r"\in", r"\ne", *ORDER])
MATRIX = re.compile(r"\\begin\s*\{([pbB]?matrix)\}(.*)\\end\s*\{\1\}", re.DOTALL)
SET_BUILDER = frozenset(["|", r"\mid", ":"])
NAME_COMMANDS = "|".join(["text", "angle", "triangle", "overline", "hat", "vec", "circ", *sorted(GREEK)])
NOT_A_NAME = re.compile(rf"[-+*/^=<>\d]|\\(?!(?:{NAME_COMMANDS})(?![A-Za-z]))")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One expression."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Group:
    """Several items: "list" and "{}" have no order, brackets such as "(]" do; also "union", "minus", "all", "ratio", "matrix", "row"."""

    kind: str
    items: tuple["Structure", ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A chain such as 1 < x < 2: one term more than operators."""

    terms: tuple[str, ...]
    operators: tuple[str, ...]


Structure = Leaf | Group | Relation


def read_structure(text: str) -> Structure:
    """The structure of `plain` text. Raises Unreadable, TooComplex."""
    text = text.strip()
    numeral = as_number(text)
    if numeral is not None:
        return numeral
    parts, separators = split(text, SEPARATORS)
    if separators:
        items = tuple(read_structure(part) for part in parts)
        return Group("all" if r"\and" in separators and any(map(is_inequality, items)) else "list", items)
    terms, operators = split(text, RELATIONS)
    if operators:
        return Relation(tuple(term.strip() for term in terms), tuple(operators))
    return read_set(text)


def as_number(text: str) -> Leaf | None:
    try:
        numeral = read_numeral(text)
    except TooBig as error:
        raise Unreadable(str(error)) from None
    return None if numeral is None else Leaf(Rational(numeral.value.numerator, numeral.value.denominator))


def is_inequality(item: Structure) -> bool:
    return isinstance(item, Relation) and any(operator in ORDER for operator in item.operators)


def split(text: str, separators: Collection[str]) -> tuple[list[str], list[str]]:
    """`text` cut at the separators that stand outside all brackets, and those separators."""
    parts, found, depth, start = [], [], 0, 0
    for piece in PIECE.finditer(text):
        token = piece[0]
        if token in OPENING:
            depth += 1
        elif token in CLOSING:
            depth -= 1
        elif depth == 0 and token in separators:
            parts.append(text[start : piece.start()])
            found.append(token)
            start = piece.end()
    return [*parts, text[start:]], found


def read_set(text: str) -> Structure:
    """What is neither list nor relation: unions, differences, ratios, brackets, expressions."""
    for separator, kind in ((r"\cup", "union"), (r"\setminus", "minus"), (":", "ratio")):
        parts, found = split(text, (separator,))
        if found:
            return Group(kind, tuple(read_structure(part) for part in parts))
    if text == r"\emptyset":
        return Group("{}", ())
    if text == r"\mathbb{R}":
        return Group("()", (Leaf(-oo), Leaf(oo)))
    matrix = MATRIX.fullmatch(text)
    if matrix:
        rows = [row for row in re.split(r"\\\\", matrix[2]) if row.strip()]
        return Group("matrix", tuple(Group("row", tuple(map(read_structure, row.split("&")))) for row in rows))
    return read_brackets(text) or read_signs(text)


def read_brackets(text: str) -> Structure | None:
    """The group that one pair of brackets around the whole text makes; None where there is none, or only one expression in it."""
    pieces = [piece[0] for piece in PIECE.finditer(text)]
    if len(pieces) < 2 or pieces[0] not in OPENING or not closes_at_end(pieces):
        return None
    first, last = pieces[0], pieces[-1]
    inner = text[len(first) : len(text) - len(last)]
    if first == r"\{":
        return read_braces(inner) if last == r"\}" else None
    kind = "()" if first == r"\langle" else first + last
    parts, separators = split(inner, (",", ";"))
    if kind not in ("()", "[]", "(]", "[)") or not separators:
        return None
    return Group(kind, tuple(read_structure(part) for part in parts))


def read_braces(inner: str) -> Structure:
    """The inside of set braces: items, or `x : condition`, which is the condition."""
    if not inner.strip():
        return Group("{}", ())
    parts, separators = split(inner, SET_BUILDER)
    if len(separators) == 1 and split(parts[1], RELATIONS)[1]:
        return read_structure(parts[1])
    return Group("{}", tuple(read_structure(part) for part in split(inner, (",", ";"))[0]))


def closes_at_end(pieces: list[str]) -> bool:
    """Whether the bracket that opens first is the one that closes last."""
    depth = 0
    for at, piece in enumerate(pieces):
        depth += (piece in OPENING) - (piece in CLOSING)
        if depth == 0:
            return at == len(pieces) - 1
    return False


def read_signs(text: str) -> Structure:
    """An expression; with one \\pm in it, the two that it stands for."""
    if r"\pm" not in text:
        return Leaf(read_leaf(text))
    if text.count(r"\pm") > 1 or r"\mp" in text:
        raise Unreadable("more than one double sign")
    return Group("list", tuple(Leaf(read_leaf(text.replace(r"\pm", sign))) for sign in "+-"))


def read_leaf(text: str) -> Expr:
    """An expression. Sums, integrals and limits are read by latex2sympy2_extended, the reader of math-verify, and evaluated."""
    if not UNEVALUATED.search(text):
        return read_expression(text)
    from latex2sympy2_extended import latex2sympy

    try:
        value = latex2sympy(text, is_real=True, normalization_config=None).doit()
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  it raises Exception itself for every syntax error
        raise Unreadable(str(error).splitlines()[0] if str(error) else type(error).__name__) from None
    if not isinstance(value, Expr):
        raise Unreadable(f"{type(value).__name__} is no expression")
    return value.replace(lambda part: isinstance(part, sympy.Float), lambda part: Rational(str(part)))


def is_name(term: str) -> bool:
    """Whether the left side of `... = 5` only says what the 5 is: x, f(x), (x, y), AB, \\angle ABC, \\text{Area}."""
    bare = re.sub(r"\\text\{[^{}]*\}|_\{[^{}]*\}|_\w", "", term)
    return bool(term) and not NOT_A_NAME.search(bare)

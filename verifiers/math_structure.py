"""The shape of an answer around its expressions: lists, sets, pairs, intervals, unions, matrices, ratios, relations.

It runs inside a worker process. `(1,2)` is a pair of items whose brackets are remembered: whether it is a point or an open interval the
text does not say, and two answers in the same brackets with the same items agree either way. A comma or "or" outside brackets makes a
list without order.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import sympy
from latex2sympy2_extended import latex2sympy
from sympy import Expr, Integer, Rational, Symbol, oo

from envgym.verifiers.latex_expression import GREEK, Unreadable, read_expression
from envgym.verifiers.math_text import UNEVALUATED
from envgym.verifiers.numeral import TooBig, read_numeral

PIECE = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
OPENING = frozenset(["(", "[", "{", r"\{", r"\langle", r"\begin", r"\lfloor", r"\lceil"])
CLOSING = frozenset([")", "]", "}", r"\}", r"\rangle", r"\end", r"\rfloor", r"\rceil"])
SEPARATORS = frozenset([",", ";", r"\or", r"\and"])
ORDER = {"<": "<", ">": ">", r"\le": "<=", r"\ge": ">="}
RELATIONS = frozenset(["=", r"\approx", r"\in", r"\ne", *ORDER])
MATRIX = re.compile(
    r"(?P<scale>[^&]*?)\s*(?:\\cdot|\\times)?\s*[(\[]?\s*\\begin\s*\{(?P<kind>[pbB]?matrix)\}(?P<cells>.*)\\end\s*\{(?P=kind)\}\s*[)\]]?",
    re.DOTALL,
)
FRENCH = re.compile(r"([\[\]])([^\[\]]*[,;][^\[\]]*)([\[\]])")
"""]0, 1[ for the open interval."""
NUMBERS = re.compile(r"\\mathbb\{([ZNQCR])\}(?:(?:\^|_)\s*\{?\s*(?P<sign>[-+]|[<>]\s*0|\\[lg]e\s*0)\s*\}?)?")
HALVES = {"+": "()", ">0": "()", r"\ge0": "[)", "-": "()", "<0": "()", r"\le0": "(]"}
REAL_NOTE = re.compile(r"\s*[A-Za-z]\s*\\in\s*\\mathbb\{R\}\s*")
INTEGER_NOTE = re.compile(r"\s*(?P<name>[A-Za-z])\s*(?:\\in\s*\\mathbb\{Z\}|\\text\{\s*(?:is )?an? integer\s*\})\s*")
CONGRUENCE = re.compile(
    r"(?:[^=<>]*?\\equiv)?(?P<rests>[^=<>]+?)\s*\(?\s*\\(?:pmod|bmod|mod|text\{\s*mod\s*\})\s*\{?\s*(?P<modulus>\d{1,50})\s*\}?\s*\)?"
)
PARAMETER = Symbol("integer parameter", real=True)
SET_BUILDER = frozenset(["|", r"\mid", ":"])
NAME_COMMANDS = "|".join(["text", "angle", "triangle", "overline", "hat", "vec", "circ", *sorted(GREEK)])
NOT_A_NAME = re.compile(rf"[-+*/^=<>\d]|\\(?!(?:{NAME_COMMANDS})(?![A-Za-z]))")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One expression."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Group:
    """Several items: "list" and "{}" have no order, brackets such as "(]" do; also "union", "minus", "common", "all", "ratio", "matrix",
    "row", and "family", whose items hold PARAMETER for any integer."""

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
    congruence = CONGRUENCE.fullmatch(text) if "mod" in text else None
    if congruence:
        rests = split(congruence["rests"], SEPARATORS)[0]
        return family([rf"{rest} + {congruence['modulus']} n" for rest in rests], "n")
    parts, separators = split(text, SEPARATORS)
    if separators:
        parts = [part for part in parts if not REAL_NOTE.fullmatch(part)] or parts
        notes = [note for note in map(INTEGER_NOTE.fullmatch, parts) if note]
        if len(notes) == 1 and len(parts) > 1:
            return family([part for part in parts if not INTEGER_NOTE.fullmatch(part)], notes[0]["name"])
        if len(parts) == 1:
            return read_structure(parts[0])
        items = tuple(flat for part in parts for flat in unpacked(read_structure(part)))
        return Group("all" if r"\and" in separators and any(map(is_inequality, items)) else "list", items)
    terms, operators = split(text, RELATIONS)
    if operators:
        return Relation(tuple(term.strip() for term in terms), tuple(operators))
    return read_set(text)


def unpacked(item: Structure) -> tuple[Structure, ...]:
    """The two values of a double sign, which stand in a list like any other."""
    return item.items if isinstance(item, Group) and item.kind == "list" else (item,)


def family(bodies: list[str], name: str) -> Structure:
    """The numbers that expressions stand for when `name` is any integer: `x = \\pm 1 + 2k` makes two items."""
    items: list[Leaf] = []
    for body in bodies:
        terms, operators = split(body, RELATIONS)
        read = read_signs(terms[-1] if operators == ["="] and is_name(terms[0]) else body)
        for item in read.items if isinstance(read, Group) else (read,):
            if not isinstance(item, Leaf):
                raise Unreadable("a family of something else than expressions")
            items.append(Leaf(item.value.subs(Symbol(name, real=True), PARAMETER)))
    return Group("family", tuple(items))


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
    for separator, kind in ((r"\cup", "union"), (r"\cap", "common"), (r"\setminus", "minus"), (":", "ratio")):
        parts, found = split(text, (separator,))
        if found:
            return Group(kind, tuple(read_structure(part) for part in parts))
    if text == r"\emptyset":
        return Group("{}", ())
    numbers = NUMBERS.fullmatch(text)
    if numbers:
        return read_numbers(numbers[1], numbers["sign"])
    matrix = MATRIX.fullmatch(text) if r"\begin" in text else None
    if matrix:
        return read_matrix(matrix["cells"], matrix["scale"].strip())
    french = FRENCH.fullmatch(text)
    if french and (french[1], french[3]) != ("[", "]"):
        text = f"{'[' if french[1] == '[' else '('}{french[2]}{']' if french[3] == ']' else ')'}"
    return read_brackets(text) or read_signs(text)


def read_numbers(letter: str, sign: str | None) -> Structure:
    """The real numbers or half of them as an interval; of the other sets of numbers only their name is known."""
    if letter != "R":
        return Leaf(Symbol(rf"\mathbb{{{letter}}}{sign or ''}"))
    if sign is None:
        return Group("()", (Leaf(-oo), Leaf(oo)))
    sign = "".join(sign.split())
    ends = (Leaf(-oo), Leaf(Integer(0))) if sign[0] in "-<" or sign.startswith(r"\le") else (Leaf(Integer(0)), Leaf(oo))
    return Group(HALVES[sign], ends)


def read_matrix(cells: str, scale: str) -> Structure:
    """A matrix, each entry times the factor in front of it."""
    factor = Integer(1) if not scale else Integer(-1) if scale == "-" else read_leaf(scale)
    rows = [tuple(map(read_structure, row.split("&"))) for row in cells.split(r"\\") if row.strip()]
    if factor != 1:
        if not all(isinstance(cell, Leaf) for row in rows for cell in row):
            raise Unreadable("a factor in front of a matrix of something else than expressions")
        rows = [tuple(Leaf(factor * cell.value) for cell in row if isinstance(cell, Leaf)) for row in rows]
    return Group("matrix", tuple(Group("row", row) for row in rows))


def read_brackets(text: str) -> Structure | None:
    """The group that one pair of brackets around the whole text makes; None where there is none, or only one expression in it.

    The name in front of a point, as in A(1, 2), is left out.
    """
    text = re.sub(r"^[A-Z]'?\s*(?=\()", "", text) if "," in text else text
    pieces = [piece[0] for piece in PIECE.finditer(text)]
    if len(pieces) < 2 or pieces[0] not in OPENING or not closes_at_end(pieces):
        return None
    first, last = pieces[0], pieces[-1]
    inner = text[len(first) : len(text) - len(last)]
    if first == r"\{":
        return read_braces(inner) if last == r"\}" else None
    kind = "()" if first == r"\langle" else first + last
    parts, separators = split(inner, (",", ";"))
    if kind not in ("()", "[]", "(]", "[)", "{}") or not separators:
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
    bare = re.sub(r"\\text\{[^{}]*\}|_\{[^{}]*\}|_\w|(?<=[A-Za-z])\^\{?-1\}?\s*(?=\()", "", term)
    return bool(term) and not NOT_A_NAME.search(bare)


def points_up(relation: Relation) -> tuple[list[str], tuple[str, ...]]:
    """Operators and terms of a chain of inequalities, turned so that it goes up; no operators for other relations."""
    operators = [ORDER.get(operator, "") for operator in relation.operators]
    if not all(operators) or len({operator[0] for operator in operators}) != 1:
        return [], relation.terms
    if operators[0][0] == "<":
        return operators, relation.terms
    return [operator.replace(">", "<") for operator in operators[::-1]], relation.terms[::-1]


def interval_of(relation: Relation) -> Group | None:
    """`x < 3`, `3 > x`, `1 < x <= 2` as intervals; None for relations that are not solved for a name."""
    operators, terms = points_up(relation)
    if not operators:
        return None
    at = next((at for at, term in enumerate(terms) if is_name(term) and "|" not in term), None)
    if at is None or len(terms) > 3 or (len(terms) == 3 and at != 1):
        return None
    low, high = terms[:at], terms[at + 1 :]
    left = "[" if low and operators[0] == "<=" else "("
    right = "]" if high and operators[-1] == "<=" else ")"
    return Group(
        left + right, (read_structure(low[0] if low else r"-\infty"), read_structure(high[0] if high else r"\infty"))
    )

"""Which answers may reach the scorers that run them as Python: literals and formulas, nothing else.

In `eval` an answer could not only do harm but pay itself, by naming the scorer's variable that holds the gold or by changing the scorer.
This check runs in the worker too: `ast.parse` can crash on hostile text.
"""

import ast
import re

LITERAL_ONLY = frozenset({"binary_matrix", "n_queens", "spiral_matrix", "string_insertion"})
"""Their scorers call `eval(answer)`."""
FORMULA_ONLY = frozenset(
    {
        "countdown",
        "intermediate_integration",
        "polynomial_multiplication",
        "simple_integration",
    }
)
"""Their scorers call `parse_expr(answer)`."""
MAX_CHARS, MAX_DEPTH = 4000, 50
"""Of a formula: sympy takes seconds, or all memory, for more."""
TOWER = re.compile(r"(\*\*|\^)[ \t]*[\w.]+[ \t]*(\*\*|\^)")
"""A power to a power: the one formula that is short, is nobody's answer and takes for ever."""
LITERALS = (ast.Expression, ast.List, ast.Tuple, ast.Constant, ast.UnaryOp, ast.USub, ast.Load)
FORMULA = re.compile(r"[0-9A-Za-z+\-*/^()., \t]*")
ATTRIBUTE = re.compile(r"\.\s*[A-Za-z]|[A-Za-z)]\s*\.")
FUNCTIONS = re.compile("a?(sin|cos|tan)h?|sec|csc|cot|sqrt|exp|log|ln|Abs|pi")
"""Names of more than one letter that a formula may have."""


def refusal(name: str, answer: str) -> str:
    """Why a scorer that runs the answer must not see it; empty when it may."""
    if name in LITERAL_ONLY and not is_harmless_literal(answer):
        return "the answer is Python code, not plain text or a list of literals"
    if name in FORMULA_ONLY and not is_formula(answer):
        return "the answer is no formula of numbers, variables, + - * / ^ and known functions"
    return ""


def is_harmless_literal(text: str) -> bool:
    """Whether `eval` can only fail on it or give a literal."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return all(isinstance(node, LITERALS) for node in ast.walk(tree))


def is_formula(text: str) -> bool:
    """Whether it has nothing but numbers, one-letter names, known functions and operators: no attribute, string, index or keyword."""
    names = re.findall(r"[A-Za-z]+", re.sub(r"(?<=\d)[eE](?=[+-]?\d)", "", text))
    known = all(len(name) == 1 or FUNCTIONS.fullmatch(name) for name in names)
    plain = FORMULA.fullmatch(text) is not None and ATTRIBUTE.search(text) is None
    return known and plain and not TOWER.search(text) and len(text) <= MAX_CHARS and depth(text) <= MAX_DEPTH


def depth(text: str) -> int:
    """How deep its brackets are nested."""
    now = deepest = 0
    for sign in text:
        now += (sign == "(") - (sign == ")")
        deepest = max(deepest, now)
    return deepest

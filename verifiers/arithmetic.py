"""Arithmetic expressions over integers, evaluated exactly and without `eval`.

The text is parsed to a syntax tree of which only integers, + - * /, unary minus and brackets are allowed: no names, calls or powers,
so an expression of n characters costs O(n) and values stay small. Division is exact (fractions).
"""

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from envgym.verdict import Verdict
from envgym.verifiers.reply import final_answer

MAX_CHARS = 400
OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
DRESS = str.maketrans({"×": "*", "·": "*", "∙": "*", "÷": "/", "∕": "/", "−": "-", "–": "-", "[": "(", "]": ")"})
DRESSED = re.compile(r"[^\w\s+*/()=-]|\*\*|__")
LATEX = re.compile(r"\\(times|cdot|div|left|right)\b|\\[,;! ]|[`$*_]{2,}|[`$]")


class NotArithmetic(ValueError):
    """The text is no expression of integers, + - * / and brackets."""


def evaluate(text: str) -> tuple[Fraction, list[int]]:
    """Value of an expression and the integers in it, in order. Raises NotArithmetic, ZeroDivisionError."""
    if len(text) > MAX_CHARS:
        raise NotArithmetic(f"{len(text)} characters; at most {MAX_CHARS} are read")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotArithmetic(f"not an expression: {type(error).__name__}") from None
    used: list[int] = []
    return Fraction(_value(tree.body, used)), used


def _value(node: ast.expr, used: list[int]) -> int | Fraction:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        used.append(node.value)
        return node.value
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, used), _value(node.right, used)
        if isinstance(node.op, ast.Div):
            return Fraction(left) / right
        operation = OPERATIONS.get(type(node.op))
        if operation is not None:
            return operation(left, right)  # type: ignore[arg-type]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, used)
    raise NotArithmetic(f"{type(node).__name__} is not allowed; use integers, + - * / and brackets")


def plain(answer: str) -> str:
    """An expression without its dress: LaTeX and unicode operators, markdown, and a trailing "= value"."""
    if not DRESSED.search(answer):
        return answer.split("=", 1)[0].strip().rstrip(".;,")
    text = LATEX.sub(lambda found: {"times": "*", "cdot": "*", "div": "/"}.get(found[1] or "", ""), answer)
    return text.translate(DRESS).split("=")[0].strip().rstrip(".;,")


def reaches(reply: str, *, numbers: list[int], target: int) -> Verdict:
    """PASS when the reply's last line is an expression over exactly `numbers`, each used once, whose value is `target`."""
    answer = final_answer(reply)
    if answer is None:
        return Verdict.malformed("the reply has no answer after its thinking")
    line = plain(answer.splitlines()[-1])
    try:
        value, used = evaluate(line)
    except NotArithmetic as error:
        return Verdict.malformed(str(error), code="arithmetic.syntax")
    except ZeroDivisionError:
        return Verdict.of(0, code="arithmetic.zero_division", reason="it divides by zero")
    if sorted(used) != sorted(numbers):
        return Verdict.of(0, code="arithmetic.wrong_numbers", reason=f"it uses {sorted(used)}, not {sorted(numbers)}")
    if value != target:
        return Verdict.of(0, code="arithmetic.wrong_value", reason=f"its value is {value}, not {target}")
    return Verdict.of(1, code="arithmetic.ok", reason=f"it equals {target}")

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
FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
SIGNS = FULL_WIDTH | str.maketrans("×·∙⋅∗÷∕−–\xa0", "*****//-- ")
"""Not NFKC: it would read the power 2³ as 23."""
LATEX_SIGNS = re.compile(r"\\(?:(?P<times>times|cdot|ast)|(?P<by>div)|left|right|quad|[,;!:()\[\] ])(?![a-zA-Z])")
FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
CROSS = re.compile(r"(?<=[\d)\]])\s*[xX]\s*(?=[\d(\[])")
TAGS = re.compile(r"</?answer>", re.IGNORECASE)
PLAIN = re.compile(r"[0-9+\-*/() \t]+")


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
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand, used)
        return -value if isinstance(node.op, ast.USub) else value
    raise NotArithmetic(f"{type(node).__name__} is not allowed; use integers, + - * / and brackets")


def sides(line: str) -> list[str]:
    """The expressions of one line, cut at "=", without their dress: LaTeX and unicode signs, markdown, a final full stop.

    Dress becomes a space, never nothing: "2$3" must not read as 23. Raises NotArithmetic when anything else is left.
    """
    if PLAIN.fullmatch(line) and "**" not in line and "//" not in line:
        return [line.strip("* \t")]
    text = line[: 10 * MAX_CHARS].translate(SIGNS)
    for _ in range(3):  # fractions in fractions, from the inside out
        text = FRACTION.sub(r"((\1)/(\2))", text)
    text = LATEX_SIGNS.sub(lambda sign: "*" if sign["times"] else "/" if sign["by"] else " ", text)
    text = CROSS.sub("*", TAGS.sub(" ", text)).replace("`", " ").replace("$", " ").replace("{", "(").replace("}", ")")
    text = text.replace("[", "(").replace("]", ")").strip().rstrip(".;,").strip("*_ \t")
    found = [side.strip() for side in text.split("=")]
    for side in found:
        if not PLAIN.fullmatch(side) or "**" in side or "//" in side:
            raise NotArithmetic(f"{side[:40]!r} is no expression of integers, + - * / and brackets")
    return found


def last_line(answer: str) -> str:
    """The last line that says something: closing fences and empty lines do not."""
    if "\n" not in answer:
        return answer
    lines = [line for line in answer.splitlines() if line.strip(" \t`$\\[]*_")]
    return lines[-1] if lines else answer


def reaches(reply: str, *, numbers: list[int], target: int) -> Verdict:
    """PASS when the reply's last line is an expression over exactly `numbers`, each used once, whose value is `target`.

    It may be an equation, `expression = 24` or a chain of steps, if every side has that value.
    """
    answer = final_answer(reply)
    if answer is None:
        return Verdict.malformed("the reply has no answer after its thinking")
    try:
        found = [evaluate(side) for side in sides(last_line(answer))]
    except NotArithmetic as error:
        return Verdict.malformed(str(error), code="arithmetic.syntax")
    except ZeroDivisionError:
        return Verdict.of(0, code="arithmetic.zero_division", reason="it divides by zero")
    wanted = sorted(numbers)
    if not any(sorted(used) == wanted for _, used in found):
        return Verdict.of(0, code="arithmetic.wrong_numbers", reason=f"it uses {sorted(found[0][1])}, not {wanted}")
    wrong = [value for value, _ in found if value != target]
    if wrong:
        return Verdict.of(0, code="arithmetic.wrong_value", reason=f"its value is {wrong[0]}, not {target}")
    return Verdict.of(1, code="arithmetic.ok", reason=f"it equals {target}")

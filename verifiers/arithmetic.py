"""Arithmetic expressions over integers, evaluated exactly and without `eval`.

The text is read once, from left to right, with two stacks (Dijkstra's shunting yard): only integers, + - * /, signs and brackets are
allowed, so there are no names, calls or powers, nothing recurses, an expression of n characters costs O(n) and values stay small. Values
are pairs (numerator, denominator) that are never reduced: a gcd per operation costs more than it saves.
"""

import re
from collections import Counter
from fractions import Fraction
from typing import Literal

from envgym.verdict import Verdict
from envgym.verifiers.reply import final_answer

MAX_CHARS = 400
TOKEN = re.compile(r"0|[1-9][0-9]*|\S")
"""A number with a leading zero falls apart into two, which no expression may have side by side."""
DIGITS = frozenset("0123456789")
BINDS = {"(": 0, "+": 1, "-": 1, "*": 2, "/": 2, "~": 3}
"""How tightly a pending sign holds its operands; `~` is the minus in front of a number. An open bracket holds nothing."""
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


class InexactDivision(ArithmeticError):
    """A division leaves a remainder where none may."""


def evaluate(text: str) -> tuple[Fraction, list[int]]:
    """Value of an expression and the integers in it, in order. Raises NotArithmetic, ZeroDivisionError."""
    top, bottom, used = reckon(text)
    return Fraction(top, bottom), used


def reckon(text: str, *, exact: bool = False) -> tuple[int, int, list[int]]:
    """Numerator and denominator of an expression's value, not reduced, and the integers in it.

    With `exact` the denominator is 1, and a division with a remainder raises InexactDivision.
    """
    if len(text) > MAX_CHARS:
        raise NotArithmetic(f"{len(text)} characters; at most {MAX_CHARS} are read")
    used: list[int] = []
    tops: list[int] = []
    bottoms: list[int] = []
    signs: list[str] = []
    wants_number = True
    for token in TOKEN.findall(text):
        if wants_number:
            if token[0] in DIGITS:
                number = int(token)
                used.append(number)
                tops.append(number)
                bottoms.append(1)
                wants_number = False
            elif token == "(":
                signs.append("(")
            elif token == "-":
                signs.append("~")
            elif token != "+":
                raise NotArithmetic(f"{token[:20]!r} where a number or a bracket should stand")
        elif token == ")":
            while signs and signs[-1] != "(":
                _apply(signs.pop(), tops, bottoms, exact)
            if not signs:
                raise NotArithmetic("a bracket is closed that was never opened")
            signs.pop()
        elif (binds := BINDS.get(token, 0)) > 0:
            while signs and BINDS[signs[-1]] >= binds:
                _apply(signs.pop(), tops, bottoms, exact)
            signs.append(token)
            wants_number = True
        else:
            raise NotArithmetic(f"{token[:20]!r} where a sign or the end should stand")
    if wants_number:
        raise NotArithmetic("it ends where a number should stand")
    while signs:
        if signs[-1] == "(":
            raise NotArithmetic("a bracket is never closed")
        _apply(signs.pop(), tops, bottoms, exact)
    return tops[0], bottoms[0], used


def _apply(sign: str, tops: list[int], bottoms: list[int], exact: bool) -> None:
    """Replaces the last two values by the result of `sign`, the last one by its negative for `~`.

    Raises ZeroDivisionError, and InexactDivision where `exact` divisions are asked for.
    """
    if sign == "~":
        tops[-1] = -tops[-1]
        return
    right, below = tops.pop(), bottoms.pop()
    left, under = tops[-1], bottoms[-1]
    if sign == "*":
        tops[-1], bottoms[-1] = left * right, under * below
    elif sign == "/":
        if not right:
            raise ZeroDivisionError
        if exact and left % right:
            raise InexactDivision
        tops[-1], bottoms[-1] = (left // right, 1) if exact else (left * below, under * right)
    else:
        if under != below:
            left, right, bottoms[-1] = left * below, right * under, under * below
        tops[-1] = left + right if sign == "+" else left - right


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


def reaches(
    reply: str,
    *,
    numbers: list[int],
    target: int,
    each: Literal["once", "at_most_once"] = "once",
    exact: bool = False,
) -> Verdict:
    """PASS when the reply's last line is an expression over `numbers`, each used once, whose value is `target`.

    With `each` at most once some numbers may be left out; with `exact` no division may leave a remainder. The line may be an equation,
    `expression = 24` or a chain of steps, if every side has that value.
    """
    plain = len(reply) <= MAX_CHARS and PLAIN.fullmatch(reply)
    answer = reply if plain else final_answer(reply)
    if answer is None:
        return Verdict.malformed("the reply has no answer after its thinking")
    try:
        lines = [answer.strip("* \t")] if plain else sides(last_line(answer))
        found = [reckon(line, exact=exact) for line in lines]
    except NotArithmetic as error:
        return Verdict.malformed(str(error), code="arithmetic.syntax")
    except ZeroDivisionError:
        return Verdict.of(0, code="arithmetic.zero_division", reason="it divides by zero")
    except InexactDivision:
        return Verdict.of(0, code="arithmetic.inexact_division", reason="a division leaves a remainder")
    wanted = sorted(numbers)
    if each == "once":
        fits = wanted in [sorted(used) for _, _, used in found]
    else:
        fits = any(Counter(used) <= Counter(numbers) for _, _, used in found)
    if not fits:
        less = "" if each == "once" else "only numbers of "
        reason = f"it uses {sorted(found[0][2])}, not {less}{wanted}"
        return Verdict.of(0, code="arithmetic.wrong_numbers", reason=reason)
    for top, bottom, _ in found:
        if top != target * bottom:
            value = Fraction(top, bottom)
            return Verdict.of(0, code="arithmetic.wrong_value", reason=f"its value is {value}, not {target}")
    return Verdict.of(1, code="arithmetic.ok", reason=f"it equals {target}")

"""Checks of a final answer that need no mathematics: the same text, the same number.

Both read the answer as `reply.py` says. A reply that commits itself to different answers is a hedge: it passes only when every one of them
is right. Numbers are compared as exact fractions: neither tiny numbers nor huge exponents decide anything by accident.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from envgym.verdict import Verdict
from envgym.verifiers.check import verifier
from envgym.verifiers.math_text import plain, undress
from envgym.verifiers.numeral import TooBig, read_numeral, whole_number
from envgym.verifiers.reply import committed
from envgym.verifiers.unicode_form import nfkc

Amount = int | float | str | Decimal | Fraction
MAX_ANSWERS = 4
MAX_NUMBER_CHARS = 5000
NO_ANSWER = "the reply has no final answer; it may have been cut off, end inside its thinking or be too long to read"


@verifier
def exact(reply: str, gold: Amount, /, *, casefold: bool = False) -> Verdict:
    """PASS when the final answer is `gold`, up to unicode form (NFKC), runs of white space and markdown or LaTeX delimiters."""
    wanted = normal(str(gold), casefold=casefold)
    if not isinstance(gold, str | int | float | Decimal | Fraction):
        return Verdict.task_invalid(f"the gold is no text or number but {type(gold).__name__}", code="exact.gold")
    if not wanted:
        return Verdict.task_invalid("the gold is empty", code="exact.gold")

    def check(answer: str) -> Verdict:
        same = normal(answer, casefold=casefold) == wanted
        return (
            Verdict.of(1, code="exact.equal") if same else Verdict.of(0, code="exact.not_equal", reason="another text")
        )

    return judge_all(committed(reply), check)


def normal(text: str, *, casefold: bool = False) -> str:
    """`text` as `exact` compares it."""
    flat = " ".join(undress(nfkc(text)).split())
    flat = re.sub(r"^([*_]{1,3}|`)(.+)\1$", r"\2", flat)
    return flat.casefold() if casefold else flat


@verifier
def number(reply: str, gold: Amount, /, *, rel_tol: Amount = 0, abs_tol: Amount = 0) -> Verdict:
    """PASS when the final answer is a number at most max(rel_tol * |gold|, abs_tol) away from `gold`.

    Reads 1,234.5, -$3, 25% (a quarter), 3/4, 1 1/2, \\frac{3}{4}, 2.5e-3, 3 \\times 10^{5}, 0.\\overline{3}. A gold that is no number is
    TASK_INVALID. Tolerances given as floats stand for the decimals they print as.
    """
    target, relative, absolute = amount(gold), amount(rel_tol), amount(abs_tol)
    if target is None or relative is None or absolute is None:
        return Verdict.task_invalid(f"the gold {str(gold)[:80]!r} is no number", code="number.gold")
    margin = max(relative * abs(target), absolute) if relative or absolute else Fraction(0)

    def check(answer: str) -> Verdict:
        whole = whole_number(answer)
        if whole is not None:
            return compared(answer, whole)
        if len(answer) > MAX_NUMBER_CHARS:
            return too_complex(f"an answer of {len(answer):,} characters is not read")
        try:
            numeral = read_numeral(plain(answer))
        except TooBig as error:
            return too_complex(str(error))
        if numeral is None:
            return Verdict.malformed(f"{answer[:80]!r} is no number", code="number.unreadable")
        return compared(answer, numeral.value)

    def compared(answer: str, value: Fraction | int) -> Verdict:
        if value != target and abs(value - target) > margin:
            return Verdict.of(0, code="number.not_equal", reason=f"{answer[:80]} is not {str(gold)[:80]}")
        return Verdict.of(1, code="number.equal", reason=f"{answer[:80]} is {str(gold)[:80]}")

    return judge_all(committed(reply), check)


def amount(given: Amount) -> Fraction | None:
    """`given` exactly; floats as the decimals they print as. None for what is no finite number."""
    if type(given) is int or isinstance(given, Fraction):
        return Fraction(given)
    try:
        numeral = read_numeral(plain(str(given)[:MAX_NUMBER_CHARS]))
    except TooBig:
        return None
    return None if numeral is None else numeral.value


def too_complex(reason: str) -> Verdict:
    """The answer is more than the verifier is willing to look at: the policy's doing, so it has a score."""
    return Verdict.of(0, code="answer.too_complex", reason=reason)


def judge_all(answers: list[str], check: Callable[[str], Verdict], *, hedge: str = "answer.hedge") -> Verdict:
    """One verdict on every answer that a reply commits to: passing takes all of them.

    The first verdict without a score is returned as it is: what could not be judged for one answer was not judged.
    """
    if not answers:
        return Verdict.malformed(NO_ANSWER, code="answer.none")
    if len(answers) > MAX_ANSWERS:
        return Verdict.of(0, code=hedge, reason=f"the reply gives {len(answers)} different answers")
    verdict = check(answers[0])
    for answer in answers[1:]:
        if verdict.score is None:
            return verdict
        other = check(answer)
        if other.score is None:
            return other
        if not (verdict.passed and other.passed):
            shown = ", ".join(each[:40] for each in answers)
            return Verdict.of(0, code=hedge, reason=f"the reply gives different answers: {shown}")
    return verdict

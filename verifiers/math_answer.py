"""Whether a reply's final answer is mathematically the gold: exact where that decides, else sympy in a worker process that can be killed.

Two plain numbers never reach sympy. Everything else is judged by `math_equality.compare` in a worker. An answer that exhausts its CPU or
memory twice, the second time in a fresh process that had no trouble with the gold alone, is the policy's doing and fails
(answer.too_complex); a worker that dies for any other reason is tried again and then reported without a score (worker.died). A decimal is
the number it writes: 0.333 is not 1/3. Model text is never evaluated as code.
"""

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from envgym.errors import VerifierFailure
from envgym.verdict import Outcome, Verdict
from envgym.verifiers.answer import Amount, judge_all, too_complex
from envgym.verifiers.ask_worker import ask
from envgym.verifiers.check import verifier
from envgym.verifiers.math_text import UNEVALUATED, compact, plain
from envgym.verifiers.math_words import asked_for, equal, judge_words, not_equal, same_words, unwrapped
from envgym.verifiers.numeral import TooBig, read_numeral, whole_number
from envgym.verifiers.reply import BOX, after_thinking, boxed, committed
from envgym.verifiers.units import factor_between, split_unit
from envgym.verifiers.worker import Budget, CallRaised, OverBudget, WorkerDied, WorkerPool

MAX_CHARS = 2000
MAX_DEPTH = 30
MAX_RUN = 1000
"""Digits in a row, inside an expression."""
UNLIKELY = "0.0070625"
"""An answer that lets a gold show its faults; whether it happens to be right does not matter."""
OPENING, CLOSING = "([{", ")]}"
SENTENCE = re.compile(r"(?<![A-Za-z\\])(?!(?:arc)?(?:sin|cos|tan)|sqrt|log|exp|and|inf|max|min)[A-Za-z]{3,}")

plain_gold = lru_cache(maxsize=1024)(plain)
# Reading and comparing takes 1 to 10 ms, 120 ms for 2,000 characters of polynomial. Twice this stays under 2 s.
pool = WorkerPool("envgym.verifiers.math_equality:compare", budget=Budget(cpu_s=0.75))


@verifier(name="math", needs=("gold", "worker"))
def math_equal(reply: str, gold: Amount, /, *, percent: bool = False) -> Verdict:
    """PASS when every answer that the reply commits to equals `gold`.

    With `percent` the question asks for a percentage: 25 and 25% are then the same answer. A gold with a percent sign says so itself.
    A reply without a box or an "Answer:" line counts as an answer only when it is one line of mathematics, or the gold word for word.
    """
    if not isinstance(gold, str | int | float | Decimal | Fraction):
        return Verdict.task_invalid(f"the gold is no text or number but {type(gold).__name__}", code="math.gold")
    gold, answers = str(gold).strip(), committed(reply)
    if "box" in gold:
        gold = (boxed(gold) or [gold])[-1].strip()
    if len(answers) == 1 and (verdict := judge_whole(answers[0], gold)) is not None:
        return verdict
    if not plain_gold(gold):
        return Verdict.task_invalid("the gold is empty", code="math.gold")
    if len(answers) == 1 and not marked(reply, answers[0]) and not stands_alone(answers[0], gold):
        return Verdict.malformed("the reply has no \\boxed{} answer", code="answer.none")
    return judge_all(answers, lambda answer: judge(answer, gold, percent=percent), hedge="math.hedge")


def fault_in_gold(gold: str) -> str:
    """Why answers cannot be compared with `gold`, empty when they can: for asking when tasks are loaded, before any answer is there.

    Raises VerifierFailure when no worker can be had.
    """
    verdict = judge(UNLIKELY, gold, percent=False) if plain_gold(gold) else Verdict.task_invalid("it is empty")
    if verdict.outcome is Outcome.INFRA_ERROR:
        raise VerifierFailure(verdict.reason)
    return verdict.reason if verdict.outcome is Outcome.TASK_INVALID else ""


def marked(reply: str, answer: str) -> bool:
    """Whether the answer stands in a box or behind "Answer:"."""
    return BOX.search(reply) is not None or answer != (after_thinking(reply) or "").strip()


def stands_alone(answer: str, gold: str) -> bool:
    """Whether a whole reply is an answer: one line of mathematics, or the words of the gold."""
    if "\n" in answer or len(answer) > MAX_CHARS:
        return False
    given = plain(answer)
    bare = re.sub(r"\\text\{[^{}]*\}", "", split_unit(given)[0])
    return not SENTENCE.search(bare) or same_words(unwrapped(given), unwrapped(plain_gold(gold)))


def judge_whole(answer: str, gold: str) -> Verdict | None:
    """The verdict where both are written as bare integers, as most are."""
    target, value = whole_number(gold), whole_number(answer)
    if target is None or value is None:
        return None
    return SAME_NUMBER if value == target else OTHER_NUMBER


def judge(answer: str, gold: str, *, percent: bool) -> Verdict:
    """The verdict on one answer: the cheapest way that decides."""
    if (verdict := judge_whole(answer, gold)) is not None:
        return verdict
    limit = max(MAX_CHARS, 2 * len(gold))
    if len(answer) > limit:
        return too_complex(f"an answer of {len(answer):,} characters; at most {limit:,} are read")
    given, wanted = plain(answer), plain_gold(gold)
    if compact(given) == compact(wanted):
        return equal("the same text")
    wanted = asked_for(given, wanted)
    if (verdict := judge_words(given, wanted)) is not None:
        return verdict
    same_unit = in_one_unit(given, wanted)
    if isinstance(same_unit, Verdict):
        return same_unit
    given, wanted = same_unit
    if (verdict := judge_numbers(given, wanted, percent=percent)) is not None:
        return verdict
    if (reason := why_too_complex(wanted)) is not None:
        return Verdict.task_invalid(f"the gold is {reason}", code="math.gold")
    if (reason := why_too_complex(given)) is not None:
        return too_complex(reason)
    if UNEVALUATED.search(given) and not UNEVALUATED.search(wanted):
        return Verdict.of(
            0, code="math.unevaluated", reason="the answer leaves the sum, integral or limit to the reader"
        )
    if (percent or wanted.endswith("%")) and given.endswith("%") != wanted.endswith("%"):
        given, wanted = given.removesuffix("%"), wanted.removesuffix("%")
    return judge_in_worker(given, wanted)


def in_one_unit(given: str, wanted: str) -> tuple[str, str] | Verdict:
    """Both without their units, the given one converted to the unit of the wanted one; the verdict where that cannot be."""
    (quantity, unit), (target, wanted_unit) = split_unit(given), split_unit(wanted)
    if unit == wanted_unit:
        return quantity, target
    if "degree" in (unit, wanted_unit) and {unit, wanted_unit} <= {"degree", "rad", ""}:
        radians = target if unit == "degree" else quantity
        if "rad" in (unit, wanted_unit) or r"\pi" in radians:  # the reader of expressions knows degrees
            return (given, target) if unit == "degree" else (quantity, wanted)
    if not (unit and wanted_unit):
        return quantity, target
    factor = factor_between(unit, wanted_unit)
    if factor is None:
        return not_equal(f"{unit} is another unit than {wanted_unit}")
    try:
        numeral = read_numeral(quantity)
    except TooBig as error:
        return too_complex(str(error))
    if numeral is not None:
        return str(numeral.value * factor), target
    return rf"\frac{{{factor.numerator}}}{{{factor.denominator}}} \cdot ({quantity})", target


def judge_numbers(given: str, wanted: str, *, percent: bool) -> Verdict | None:
    """The verdict where both sides are plain numbers."""
    try:
        target = read_numeral(wanted)
    except TooBig as error:
        return Verdict.task_invalid(str(error), code="math.gold")
    if target is None:
        return None
    try:
        numeral = read_numeral(given)
    except TooBig as error:
        return too_complex(str(error))
    if numeral is None:
        return None
    figures = (percent or target.percent) and numeral.percent != target.percent and numeral.figure == target.figure
    return SAME_NUMBER if numeral.value == target.value or figures else OTHER_NUMBER


def why_too_complex(text: str) -> str | None:
    """What makes `text` too much to hand to sympy, None when nothing does."""
    if len(text) > MAX_CHARS:
        return f"an expression of {len(text):,} characters"
    depth = deepest = 0
    for sign in text:
        depth += (sign in OPENING) - (sign in CLOSING)
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        return f"an expression {deepest} brackets deep"
    longest = max((len(run) for run in re.findall(r"\d+", text)), default=0)
    return f"a number of {longest:,} digits" if longest > MAX_RUN else None


def judge_in_worker(given: str, wanted: str) -> Verdict:
    """The verdict of a worker. What goes over the budget is the answer's doing only if the gold alone does not."""
    try:
        try:
            outcome, reason = ask(pool, wanted, given)
        except OverBudget as error:
            outcome, reason = "gold", fault_of_gold(wanted)
            if not reason:
                return too_complex(f"comparing it goes over the budget ({error.kind}), in a new process too")
    except (WorkerDied, CallRaised) as error:
        return Verdict.infra_error(str(error), code="worker.died")
    if outcome == "gold":
        return Verdict.task_invalid(f"the gold {wanted[:80]!r} cannot be compared: {reason}", code="math.gold")
    if outcome == "too_complex":
        return too_complex(reason)
    if outcome == "unreadable":
        return Verdict.malformed(f"{given[:80]!r} is not read as mathematics: {reason}", code="math.unreadable")
    return equal("the same value") if outcome == "equal" else not_equal("another value")


@lru_cache(maxsize=4096)
def fault_of_gold(wanted: str) -> str:
    """Why `wanted` cannot be compared with itself; empty when it can. Raises CallRaised, WorkerDied."""
    try:
        outcome, reason = ask(pool, wanted, wanted)
    except OverBudget as error:
        return f"that goes over the budget ({error.kind})"
    return "" if outcome == "equal" else reason or outcome


SAME_NUMBER, OTHER_NUMBER = equal("the same number"), not_equal("another number")

"""Which answers are the same mathematics: pairs judged by hand, near misses next to their golds, and laws over random expressions."""

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.verdict import Outcome
from envgym.verifiers import math_answer
from envgym.verifiers.answer import exact
from envgym.verifiers.math_answer import math_equal

PAIRS = [
    json.loads(line)
    for name in ("math_pairs.jsonl", "math_pairs_by_category.jsonl")
    for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
]
EQUAL = [(pair["gold"], pair["answer"]) for pair in PAIRS if pair["equal"] and not pair.get("open")]
DIFFERENT = [(pair["gold"], pair["answer"]) for pair in PAIRS if not pair["equal"]]
OPEN = [(pair["gold"], pair["answer"]) for pair in PAIRS if pair.get("open")]


@pytest.mark.parametrize(("gold", "answer"), EQUAL)
def test_the_same_mathematics_passes(gold: str, answer: str) -> None:
    verdict = math_equal(f"So it is \\boxed{{{answer}}}.", gold)
    assert verdict.code == "math.equal", verdict


@pytest.mark.parametrize(("gold", "answer"), OPEN)
def test_what_is_equal_but_not_read_yet_fails_and_has_a_score(gold: str, answer: str) -> None:
    """A known gap, kept among the pairs: once it passes, it is one of the others."""
    assert math_equal(f"So it is \\boxed{{{answer}}}.", gold).score == 0.0


@pytest.mark.parametrize(("gold", "answer"), DIFFERENT)
def test_a_near_miss_fails_and_has_a_score(gold: str, answer: str) -> None:
    verdict = math_equal(f"So it is \\boxed{{{answer}}}.", gold)
    assert verdict.score == 0.0, verdict


@settings(deadline=None)
@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4))
def test_every_spelling_of_a_fraction_is_the_same(top: int, bottom: int) -> None:
    gold = str(Fraction(top, bottom))
    for answer in (
        f"{top}/{bottom}",
        f"\\frac{{{top}}}{{{bottom}}}",
        f"$\\dfrac{{{2 * top}}}{{{2 * bottom}}}$",
        f"{top:,}/{bottom}",
    ):
        assert math_equal(f"\\boxed{{{answer}}}", gold).passed
    assert math_equal(f"\\boxed{{{top + 1}/{bottom}}}", gold).score == 0.0
    assert math_equal(f"\\boxed{{{top}/{bottom + 1}}}", gold).passed == (top == 0)


def draw_polynomial(rng: random.Random) -> tuple[str, str, str]:
    """A product of two linear forms, its expansion, and its expansion with one coefficient off by one."""
    a, b, c, d = (rng.choice([-1, 1]) * rng.randint(1, 9) for _ in range(4))
    high, middle, low = a * c, a * d + b * c, b * d
    return (
        f"({a}x{b:+})({c}x{d:+})",
        f"{high}x^2{middle:+}x{low:+}",
        f"{high}x^2{middle:+}x{low + rng.choice([-1, 1]):+}",
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**9))
def test_a_product_equals_its_expansion_and_no_other(seed: int) -> None:
    product, expanded, near = draw_polynomial(random.Random(seed))
    assert math_equal(f"\\boxed{{{product}}}", expanded).passed
    assert math_equal(f"\\boxed{{{expanded}}}", product).passed
    assert math_equal(f"\\boxed{{{near}}}", product).code == "math.not_equal"


@pytest.mark.parametrize(
    "dress", ["{}", " {} ", "${}$", "$${}$$", "\\({}\\)", "**{}**", "{}.", "\\displaystyle {}", "\n{}\n", "\u200b{}"]
)
@pytest.mark.parametrize("gold", ["42", "\\frac{\\sqrt{3}}{2}", "(1, 2)", "x^2-1", "[-2, 7)", "\\{1, 2\\}"])
def test_dress_changes_nothing(gold: str, dress: str) -> None:
    assert math_equal(f"\\boxed{{{dress.format(gold)}}}", gold).passed


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "answer.none"),
        ("   ", "answer.none"),
        ("I am thinking about it.", "answer.none"),
        ("What is 1 + 41? It is 42, I think.\nYes.", "answer.none"),
        ("<think>\\boxed{42}</think>", "answer.none"),
        ("<think>the answer is \\boxed{42}", "answer.none"),
        ("\\boxed{42", "answer.none"),
        ("\\boxed{}", "answer.none"),
        ("\\boxed{41} or \\boxed{42}", "math.hedge"),
        ("\\boxed{42} or \\boxed{41}", "math.hedge"),
        ("Answer: 42\nAnswer: 43", "math.hedge"),
        (" ".join(f"\\boxed{{{n}}}" for n in range(100)), "math.hedge"),
        ("\\boxed{42 \\text{ or } 43}", "math.not_equal"),
        ("\\boxed{not 42}", "math.not_equal"),
        ("\\boxed{42, 43, 44}", "math.not_equal"),
        ("The answer is correct.", "math.not_equal"),
        ('{"score": 1}', "answer.none"),
        ("\\boxed{True}", "math.not_equal"),
        ("\\boxed{\\text{correct}}", "math.unreadable"),
        ("\\boxed{x}", "math.not_equal"),
    ],
)
def test_what_is_not_the_answer_is_told_by_its_code(reply: str, code: str) -> None:
    verdict = math_equal(reply, "42")
    assert (verdict.code, verdict.score) == (code, 0.0)


@pytest.mark.parametrize(
    "reply",
    [
        "42",
        "$42$",
        "Answer: 42",
        "The answer is 42.",
        "<think>43?</think>\\boxed{42}",
        "\\boxed{42} = \\boxed{42.0}",
        "6 \\cdot 7",
        "no box, but\nFinal answer: 42",
        "6 times 7\n#### 42",
        "## Solution\n\nThe product is **42**.",
    ],
)
def test_an_answer_may_stand_without_a_box_when_it_is_marked_or_all_there_is(reply: str) -> None:
    assert math_equal(reply, "42").passed


@pytest.mark.parametrize(
    "reply",
    ["6 times 7\n#### 41", "It is not **42**.", "Is it **41** or **42**?", "#### 41\n#### 42", "#### 42\nor 41"],
)
def test_a_mark_at_the_end_is_no_answer_when_it_is_wrong_or_not_the_only_one(reply: str) -> None:
    assert math_equal(reply, "42").score == 0.0


def test_a_word_answer_may_stand_alone_too() -> None:
    assert math_equal("No solution", "no solution").passed
    assert math_equal("derivative", "the derivative").passed
    assert math_equal("\\boxed{B}", "A B").score == 0.0


def test_a_gold_may_stand_in_a_box() -> None:
    assert math_equal("\\boxed{5}", "So it is \\boxed{5}").passed
    assert math_equal("\\boxed{6}", "\\boxed{5}").score == 0.0


@pytest.mark.parametrize(
    ("gold", "answer", "right"),
    [
        ("\\frac{1}{2} \\text{ hours}", "30 \\text{ minutes}", True),
        ("2 1/2 \\text{ hours}", "150 \\text{ min}", True),
        ("\\sqrt{2} \\text{ m}", "100\\sqrt{2} \\text{ cm}", True),
        ("1 \\text{ ha}", "10000 \\text{ m}^2", True),
        ("60 \\text{ mph}", "1 \\text{ mile per minute}", True),
        ("2 \\text{ hours}", "121 \\text{ minutes}", False),
        ("1 \\text{ kg}", "1000 \\text{ m}", False),
        ("1 \\text{ km}", "1000 \\text{ m}^2", False),
        ("2 \\text{ rad}", "2^\\circ", False),
        ("180^\\circ", "\\pi", True),
        ("180^\\circ", "2\\pi", False),
        ("1", "10^{3999} \\text{ km}", False),
    ],
)
def test_units_of_one_kind_are_converted_exactly(gold: str, answer: str, right: bool) -> None:
    verdict = math_equal(f"\\boxed{{{answer}}}", gold)
    assert (verdict.passed, verdict.score is None) == (right, False), verdict


def test_a_question_for_a_percentage_takes_the_figure_with_and_without_its_sign() -> None:
    assert math_equal("\\boxed{16\\%}", "16", percent=True).passed
    assert math_equal("\\boxed{16}", "16\\%", percent=True).passed
    assert math_equal("\\boxed{16\\%}", "16").score == 0.0
    assert math_equal("\\boxed{17\\%}", "16", percent=True).score == 0.0
    assert math_equal("\\boxed{\\frac{\\pi}{2}\\%}", "\\frac{\\pi}{2}", percent=True).passed


@pytest.mark.parametrize(
    "gold",
    [
        "",
        " ",
        "\\foo{1}",
        "x'",
        "9^{9^{9^9}}",
        "1e999999",
        "\\frac{1}{0}",
        "(" * 40 + ")" * 40,
        "1 +",
        "{",
        "x" + "+x" * 1500,
    ],
)
def test_a_gold_that_cannot_be_compared_makes_the_task_invalid(gold: str) -> None:
    verdict = math_equal("\\boxed{7}", gold)
    assert (verdict.outcome, verdict.score, verdict.attribution) == (Outcome.TASK_INVALID, None, "task")


@pytest.mark.parametrize("gold", [None, [1], {"a": 1}, object()])
def test_a_gold_that_is_no_text_or_number_makes_the_task_invalid(gold: Any) -> None:
    assert math_equal("\\boxed{None}", gold).outcome is Outcome.TASK_INVALID
    assert exact("\\boxed{None}", gold).outcome is Outcome.TASK_INVALID


def test_two_integers_never_reach_a_worker() -> None:
    math_answer.pool.close()
    for reply, gold in (
        ("\\boxed{42}", "42"),
        ("\\boxed{41}", "42"),
        ("\\boxed{1,042.0}", "1042"),
        ("\\boxed{1/2}", "0.5"),
        ("\\boxed{even}", "\\text{never}"),
    ):
        assert math_equal(reply, gold).score is not None
    assert math_answer.pool.pids() == []


def test_the_same_call_gives_the_same_verdict_in_a_new_process() -> None:
    for gold, answer in (
        ("x^2-1", "(x-1)(x+1)"),
        ("\\{1,2\\}", "2,1"),
        ("\\sin 2x", "2\\sin x\\cos x"),
        ("x", "\\sqrt{x^2}"),
    ):
        one = math_equal(f"\\boxed{{{answer}}}", gold)
        math_answer.pool.close()
        assert math_equal(f"\\boxed{{{answer}}}", gold) == one

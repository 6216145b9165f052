"""The checks that need no mathematics: the same text, the same number."""

import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from envgym.registry import verifiers
from envgym.verdict import Outcome, Verifier
from envgym.verifiers.answer import exact, normal, number
from envgym.verifiers.math_text import plain
from envgym.verifiers.numeral import TooBig, read_numeral


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42),
        ("−42", -42),
        ("+5", 5),
        ("１２", 12),
        ("007", 7),
        ("-0", 0),
        ("(5)", 5),
        ("{5}", 5),
        ("5.", 5),
        (".5", Fraction(1, 2)),
        ("1,234,567", 1234567),
        ("1 234 567", 1234567),
        ("1{,}234", 1234),
        ("1\\,234", 1234),
        ("1_000", 1000),
        ("1,234.5", Fraction(2469, 2)),
        ("1e5", 100000),
        ("1E-7", Fraction(1, 10**7)),
        ("3\\times 10^{5}", 300000),
        ("3 × 10⁵", 300000),
        ("10^{-2}", Fraction(1, 100)),
        ("1/2", Fraction(1, 2)),
        ("-\\frac{1}{2}", Fraction(-1, 2)),
        ("\\frac{-1}{2}", Fraction(-1, 2)),
        ("\\dfrac12", Fraction(1, 2)),
        ("1 1/2", Fraction(3, 2)),
        ("1\\frac{1}{2}", Fraction(3, 2)),
        ("-1½", Fraction(-3, 2)),
        ("½", Fraction(1, 2)),
        ("25%", Fraction(1, 4)),
        ("25\\%", Fraction(1, 4)),
        ("25 percent", Fraction(1, 4)),
        ("$1,000.50", Fraction(2001, 2)),
        ("-$5", -5),
        ("\\$5", 5),
        ("5€", 5),
        ("$12$", 12),
        ("**12**", 12),
        ("0.\\overline{3}", Fraction(1, 3)),
        ("0.1\\overline{6}", Fraction(1, 6)),
    ],
)
def test_a_numeral_is_read_exactly(text: str, value: Any) -> None:
    numeral = read_numeral(plain(text))
    assert numeral is not None
    assert numeral.value == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "--5",
        "1,23",
        "12,34",
        "1,000,00",
        "1/0",
        "1/2/3",
        "1.2.3",
        "0x10",
        "1 2",
        "5!",
        "10²+",
        "2\\frac{5}{3}",
        "nan",
        "inf",
        "3-2",
    ],
)
def test_what_is_no_single_number_is_none(text: str) -> None:
    assert read_numeral(plain(text)) is None


def test_a_superscript_is_a_power_and_not_a_digit() -> None:
    """NFKC alone makes 102 of it."""
    assert number("\\boxed{10²}", 102).score == 0.0
    assert number("\\boxed{10²}", 100).passed


@settings(deadline=None)
@given(st.integers(-(10**30), 10**30))
def test_any_integer_is_read_back(value: int) -> None:
    for text in (str(value), f"{value:,}", f"{value:_}", f"${value}$", f"\\boxed{{{value}}}"):
        assert number(text, value).passed
    assert number(str(value + 1), value).code == "number.not_equal"


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_any_decimal_is_read_back(value: Decimal) -> None:
    assert number(str(value), value).passed
    assert number(f"{value:e}", value).passed
    assert not number(str(value + Decimal("1e-12")), value).passed


@settings(deadline=None)
@given(st.fractions(), st.fractions())
def test_fractions_agree_exactly_when_they_are_equal(one: Fraction, two: Fraction) -> None:
    reply = f"\\boxed{{{'-' if one < 0 else ''}\\frac{{{abs(one.numerator)}}}{{{one.denominator}}}}}"
    assert number(reply, two).passed == (one == two)
    assert number(str(one), one).passed


@settings(deadline=None)
@given(st.integers(1, 99), st.integers(1, 98), st.integers(2, 99))
def test_any_mixed_number_is_its_sum(whole: int, top: int, bottom: int) -> None:
    if top < bottom:
        assert number(f"{whole} {top}/{bottom}", whole + Fraction(top, bottom)).passed
        assert number(f"-{whole}\\frac{{{top}}}{{{bottom}}}", -(whole + Fraction(top, bottom))).passed


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_gold_is_the_decimal_it_prints_as(value: float) -> None:
    assert number(repr(value), value).passed


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_number_or_is_not(text: str) -> None:
    verdict = number(text, 1)
    assert verdict.score is not None


def test_tiny_numbers_are_not_equal_because_both_are_small() -> None:
    assert number("1e-300", "2e-300").code == "number.not_equal"
    assert number("1e-7", 2e-7).score == 0.0


def test_a_tolerance_is_relative_to_the_gold_or_absolute() -> None:
    assert number("9", 10, rel_tol=0.1).passed
    assert number("8.99", 10, rel_tol=0.1).score == 0.0
    assert number("10.5", 10, abs_tol="1/2").passed
    assert number("0.1", 0, rel_tol=0.5).score == 0.0


@pytest.mark.parametrize(
    "text", ["1e999999999", "1e-999999999", "10^{999999999}", "9" * 5000, "9" * 1_000_000, "1/" + "7" * 900_000]
)
def test_a_huge_number_is_refused_at_once(text: str) -> None:
    start = time.process_time()
    assert number(f"\\boxed{{{text}}}", 5).code == "answer.too_complex"
    assert time.process_time() - start < 0.5


def test_a_numeral_that_would_be_huge_raises() -> None:
    with pytest.raises(TooBig, match="exponent"):
        read_numeral("1e4001")


@pytest.mark.parametrize("gold", ["abc", "", float("nan"), float("inf"), "1/0", "1e99999"])
def test_a_gold_that_is_no_number_makes_the_task_invalid(gold: Any) -> None:
    verdict = number("5", gold)
    assert (verdict.outcome, verdict.score) == (Outcome.TASK_INVALID, None)


def test_a_hedge_passes_only_when_every_answer_is_right() -> None:
    assert number("\\boxed{3} or \\boxed{4}", 4).code == "answer.hedge"
    assert number("\\boxed{4} or \\boxed{3}", 4).code == "answer.hedge"
    assert number("\\boxed{0.5}, that is \\boxed{\\frac12}", "1/2").passed
    assert number(" ".join(f"\\boxed{{{n}}}" for n in range(50)), 4).code == "answer.hedge"


def test_no_answer_is_malformed_and_scores_zero() -> None:
    for reply in ("", "<think>5", "\\boxed{5"):
        assert (number(reply, 5).outcome, number(reply, 5).score) == (Outcome.MALFORMED, 0.0)


@pytest.mark.parametrize(
    ("reply", "gold"),
    [
        ("Paris", "Paris"),
        ("**Paris**", "Paris"),
        ("Answer: Paris.", "Paris"),
        ("Ｐａｒｉｓ", "Paris"),
        ("a  b\n", "a b"),
        ("\\boxed{`x`}", "x"),
        ("$x$", "x"),
    ],
)
def test_exact_looks_through_dress(reply: str, gold: str) -> None:
    assert exact(reply, gold).passed


@pytest.mark.parametrize(
    "reply", ["paris", "Pari", "Paris, France", "not Paris", "\\boxed{Paris} \\boxed{Rome}", "<think>Paris", ""]
)
def test_exact_fails_on_any_other_text(reply: str) -> None:
    assert exact(reply, "Paris").score == 0.0


def test_case_matters_unless_it_is_told_not_to() -> None:
    assert exact("PARIS", "Paris", casefold=True).passed
    assert exact("straße", "STRASSE", casefold=True).passed
    assert exact("PARIS", "Paris").score == 0.0


def test_an_empty_gold_makes_the_task_invalid() -> None:
    assert exact("x", " ").outcome is Outcome.TASK_INVALID


@settings(deadline=None)
@given(st.text(max_size=80))
def test_a_text_is_equal_to_itself_whatever_it_holds(text: str) -> None:
    assume(normal(text) and not set(text) & set("{}\\"))
    assert exact(f"\\boxed{{{text}}}", text).passed
    assert exact(f"\\boxed{{{text}}}", text + "x").score == 0.0


@pytest.mark.parametrize("piece", [".;", "$", "`", "**", "*", " ", "(", "a ", "\u0323\u0301"])
def test_a_megabyte_of_dress_costs_less_than_a_second(piece: str) -> None:
    reply = piece * (1_000_000 // len(piece))
    start = time.process_time()
    exact(reply, "x")
    number(reply, 5)
    assert time.process_time() - start < 1.0


def test_the_checks_are_verifiers_and_known_by_id() -> None:
    for name in ("exact", "number", "math"):
        assert isinstance(verifiers.get(name), Verifier)

"""Typed answers: what is right whatever its dress, what is wrong however near, and hostile input."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.verdict import Outcome
from envgym.verifiers.typed_answer import AnswerType, typed_answer

INTEGER = AnswerType(kind="integer")
DENSITY = AnswerType(kind="number", unit="g/cm³", tolerance=1e-3)
TEXT = AnswerType(kind="text")
LIST = AnswerType(kind="list")
YES_NO = AnswerType(kind="yes_no")
TYPES: list[tuple[AnswerType, Any]] = [
    (INTEGER, 42),
    (DENSITY, 7.874),
    (TEXT, "Uranium"),
    (LIST, ["Tin", "Lead"]),
    (YES_NO, True),
    (YES_NO, False),
]


@pytest.mark.parametrize(
    ("asked", "gold", "answer"),
    [
        (INTEGER, 42, 42),
        (INTEGER, 42, 42.0),
        (INTEGER, 42, " 42 "),
        (INTEGER, 42, "+42.0"),
        (INTEGER, 1200, "1,200"),
        (INTEGER, -3, "−3"),
        (INTEGER, 2**60 + 1, str(2**60 + 1)),
        (DENSITY, 7.874, 7.87),
        (DENSITY, 7.874, "7.874 g/cm³"),
        (DENSITY, 7.874, "7.874g/cm3"),
        (DENSITY, 7.874, "7.874 g / cm^3"),
        (DENSITY, 7.874, "7874e-3"),
        (DENSITY, 0.0012, "1.2×10⁻³"),
        (DENSITY, 0.0012, "1.2 x 10^-3 g/cm³"),
        (DENSITY, 0.0012, "1.2 * 10^(-3)"),
        (DENSITY, 6842.2, "6,842.2"),
        (AnswerType(kind="number", unit="%", tolerance=1e-3), 10.72, "10.72%"),
        (AnswerType(kind="number", unit="W/(m·K)", tolerance=1e-3), 35.3, "35.3 W/(m·K)"),
        (TEXT, "Uranium", "uranium"),
        (TEXT, "Uranium", "  URANIUM. "),
        (TEXT, "Uranium", "“Uranium”"),
        (TEXT, "beta-minus", "Beta-minus"),
        (TEXT, "Cu II", "Cu  II"),
        (TEXT, "Ångström", "A\u030angström"),
        (TEXT, "3/2", "3/2"),
        (TEXT, "7", 7),
        (LIST, ["Tin", "Lead"], ["lead", "tin"]),
        (LIST, ["Tin", "Lead"], "Lead, Tin"),
        (LIST, ["Tin", "Lead"], "Lead; Tin"),
        (LIST, ["Tin", "Lead"], "tin\nlead\n"),
        (LIST, ["Tin", "Lead"], '["Tin", "Lead"]'),
        (LIST, ["Doe, John", "Roe, Jane"], "Roe, Jane; Doe, John"),
        (YES_NO, True, "yes"),
        (YES_NO, True, True),
        (YES_NO, False, "No."),
        (YES_NO, False, "FALSE"),
    ],
)
def test_a_right_answer_passes_in_any_dress(asked: AnswerType, gold: Any, answer: Any) -> None:
    assert typed_answer(answer, gold, asked=asked).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("asked", "gold", "answer"),
    [
        (INTEGER, 42, 43),
        (INTEGER, 42, "42.5"),
        (INTEGER, 42, "41 or 42"),
        (INTEGER, 42, "42, 43"),
        (INTEGER, 42, [42]),
        (INTEGER, 42, "about 42"),
        (INTEGER, 42, "The answer is 42"),
        (INTEGER, 42, "forty-two"),
        (INTEGER, 42, "6*7"),
        (INTEGER, 42, "42 K"),
        (INTEGER, 1, True),
        (INTEGER, 2**60 + 1, 2**60),
        pytest.param(INTEGER, 42, 10**5000, id="an integer that Python refuses to print"),
        (DENSITY, 7.874, 7.9),
        (DENSITY, 7.874, -7.874),
        (DENSITY, 7.874, "7.874 kg/m³"),
        (DENSITY, 7.874, "7.874 or 7.9"),
        (DENSITY, 7.874, "7.8-7.9"),
        (DENSITY, 7.874, "g/cm³"),
        (DENSITY, 7.874, "inf"),
        (DENSITY, 7.874, float("nan")),
        (DENSITY, 7.874, float("inf")),
        (DENSITY, 7.874, "1e999"),
        (DENSITY, 7.874, "__import__('os').getpid()"),
        (TEXT, "Uranium", "Uranium or Thorium"),
        (TEXT, "Uranium", "not Uranium"),
        (TEXT, "Uranium", "Uran"),
        (TEXT, "Uranium", ["Uranium"]),
        (TEXT, "Uranium", ""),
        (TEXT, "Uranium", " . "),
        (TEXT, "Uranium", None),
        (LIST, ["Tin", "Lead"], ["Tin"]),
        (LIST, ["Tin", "Lead"], ["Tin", "Lead", "Iron"]),
        (LIST, ["Tin", "Lead"], ["Tin", "Lead", "Lead"]),
        (LIST, ["Tin", "Lead"], "Tin or Lead"),
        (LIST, ["Tin", "Lead"], [["Tin"], ["Lead"]]),
        (LIST, ["Tin", "Lead"], []),
        (YES_NO, True, "no"),
        (YES_NO, True, "yes and no"),
        (YES_NO, True, "maybe"),
        (YES_NO, True, 1),
        (YES_NO, False, ""),
        (YES_NO, False, 0),
    ],
)
def test_a_near_miss_a_hedge_or_a_trick_scores_nothing(asked: AnswerType, gold: Any, answer: Any) -> None:
    assert typed_answer(answer, gold, asked=asked).outcome in (Outcome.FAIL, Outcome.MALFORMED)


def test_what_cannot_be_read_is_malformed_and_what_differs_is_wrong() -> None:
    assert typed_answer("around 40", 42, asked=INTEGER).outcome is Outcome.MALFORMED
    assert typed_answer(41, 42, asked=INTEGER).outcome is Outcome.FAIL


def test_a_gold_of_another_type_judges_nobody() -> None:
    verdict = typed_answer(42, "forty-two", asked=INTEGER)
    assert verdict.outcome is Outcome.TASK_INVALID
    assert verdict.score is None


@given(st.integers(-(10**30), 10**30))
def test_every_integer_passes_as_number_text_and_with_separators(gold: int) -> None:
    for answer in (gold, str(gold), f" {gold} "):
        assert typed_answer(answer, gold, asked=INTEGER).passed
    if abs(gold) < 2**53:
        assert typed_answer(f"{gold:,}", gold, asked=INTEGER).passed
    assert not typed_answer(gold + 1, gold, asked=INTEGER).passed


@given(st.floats(1e-30, 1e30), st.booleans(), st.floats(-5e-3, 5e-3))
def test_a_number_passes_exactly_within_its_tolerance(size: float, negative: bool, error: float) -> None:
    gold = -size if negative else size
    answer = gold * (1 + error)
    if abs(abs(error) - 1e-3) > 1e-6:
        expected = abs(error) < 1e-3
        assert typed_answer(answer, gold, asked=DENSITY).passed is expected
        assert typed_answer(f"{answer!r} g/cm³", gold, asked=DENSITY).passed is expected


@given(st.lists(st.sampled_from(["Tin", "Lead", "Iron", "Zinc", "Gold"]), min_size=2, unique=True), st.randoms())
def test_the_order_of_a_list_does_not_matter_and_its_items_do(gold: list[str], rng: random.Random) -> None:
    shuffled = rng.sample(gold, len(gold))
    assert typed_answer(shuffled, gold, asked=LIST).passed
    assert typed_answer("; ".join(shuffled), gold, asked=LIST).passed
    assert not typed_answer([*shuffled, "Neon"], gold, asked=LIST).passed
    assert not typed_answer(shuffled[1:], gold, asked=LIST).passed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON, st.sampled_from(TYPES))
def test_any_answer_gets_a_verdict_with_a_score(answer: Any, case: tuple[AnswerType, Any]) -> None:
    asked, gold = case
    assert typed_answer(answer, gold, asked=asked).score in (0.0, 1.0)


@pytest.mark.parametrize(("asked", "gold"), TYPES)
def test_megabytes_end_in_time(asked: AnswerType, gold: Any) -> None:
    for answer in (
        "9" * 1_000_000,
        "," * 1_000_000,
        "1," * 4_000,
        "(" * 9_000,
        "9" * 9_000,
        " " * 9_000,
        ["x"] * 100_000,
    ):
        assert not typed_answer(answer, gold, asked=asked).passed

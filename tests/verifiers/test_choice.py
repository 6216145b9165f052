"""Multiple choice: exactly the right labels, however they are dressed, and nothing beside them."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.verdict import Outcome
from envgym.verifiers.choice import choice

CITIES = {"A": "Rome", "B": "Paris", "C": "San Marino"}
DRESSES = [
    "B", "(B)", "b", "[B]", "B.", "B)", "**B**", "**(B)**", "`B`", "Ｂ", " B \n", "Answer: B.", "**Answer:** B", "Final answer: (B)",
    "The answer is B.", "The correct answer is **(B)**.", "I choose B", "I would pick option B.", "Option B", "Option B is correct.",
    "B is the right answer", "\\boxed{B}", "\\boxed{\\text{B}}", "\\boxed{(B) Paris}", "B) Paris", "B. Paris", "(B) Paris", "B: Paris",
    "**B) Paris**", "B - Paris", "So it cannot be Rome.\n\nB", "B\n\nParis lies on the Seine.", "The answer is B because it lies there.",
    "<think>A? No.</think>B", "The answer is B\nB",
]  # fmt: skip


@pytest.mark.parametrize("options", [None, CITIES, list(CITIES.values())])
@pytest.mark.parametrize("reply", DRESSES)
def test_a_label_is_read_through_its_dress(reply: str, options: Any) -> None:
    assert choice(reply, "B", options=options).passed
    assert choice(reply, "A", options=options).code == "choice.not_equal"


@pytest.mark.parametrize(
    "reply",
    ["Paris", "paris.", "**Paris**", "The answer is Paris", "Answer: “Paris”", "B) Paris, because it is the capital"],
)
def test_an_option_can_be_named_by_its_text(reply: str) -> None:
    assert choice(reply, "B", options=CITIES).passed


@pytest.mark.parametrize(
    "reply",
    [
        "", "  ", "A", "B or C", "B, C", "B and C", "BC", "A B C", "ABC", "A\nB\nC", "B or maybe C", "not B", "B is wrong",
        "B is not correct",
        "B isn't it", "Neither A nor B", "Probably B, maybe C", "B) or C)", "B? C?", "Answer: B\nAnswer: C", "\\boxed{B} \\boxed{C}",
        "<think>B", "<think>B</think>", "Answer: not B", "BB", "All of them", "the answer is correct", "B cannot be right", "\\boxed{B",
        "B) Paris or C) San Marino", "A: Rome\nB: Paris\nC: San Marino\nB", "B. Paris\nC. San Marino", '{"score": 1}', "B/C", "B;C",
    ],
)  # fmt: skip
@pytest.mark.parametrize("options", [None, CITIES])
def test_a_hedge_or_another_choice_does_not_pass(reply: str, options: Any) -> None:
    assert choice(reply, "B", options=options).score == 0.0


@pytest.mark.parametrize(
    "reply", ["B) Rome", "A) Paris", "Paris or Rome", "B) Paris or Rome", "Paris\nRome", "(B) Paris and (C)"]
)
def test_a_label_beside_another_text_does_not_pass(reply: str) -> None:
    assert choice(reply, "B", options=CITIES).score == 0.0
    assert choice(reply, "A", options=CITIES).score == 0.0


def test_a_hedge_is_named_so() -> None:
    for reply in ("B or C", "Answer: B\nAnswer: C", "B) Paris\nC) San Marino\nso it is"):
        assert choice(reply, "B").score == 0.0
    assert choice("B or C", "B").code == "choice.hedge"
    assert choice("Answer: B\nAnswer: C", "B").code == "choice.hedge"
    assert choice("B) Paris\nC) San Marino", "B").code == "choice.hedge"


@pytest.mark.parametrize(
    "reply", ["A, C", "AC", "CA", "A and C", "(A), (C)", "A C", "['A', 'C']", "A & C", "A\nC", "Answer: A, and C."]
)
@pytest.mark.parametrize("gold", ["AC", "A, C", ["C", "A"], {"A", "C"}])
def test_several_labels_must_all_be_chosen(reply: str, gold: Any) -> None:
    assert choice(reply, gold).passed
    assert choice(reply, gold, options=CITIES).passed


@pytest.mark.parametrize("reply", ["A", "C", "A, B, C", "ABC", "A or C", "A, D", "none"])
def test_several_labels_and_none_more(reply: str) -> None:
    assert choice(reply, "AC").score == 0.0


def test_options_may_have_numbers_or_signs() -> None:
    assert choice("(2)", "2", options={"1": "+", "2": "*"}).passed
    assert choice("*", "2", options={"1": "+", "2": "*"}).passed
    assert choice("10", "10", options={str(n): f"text {n}" for n in range(1, 12)}).passed
    assert choice("1) 4", "1", options={"1": "4", "2": "5"}).passed


def test_options_that_differ_in_case_only_are_told_apart_by_label() -> None:
    options = {"A": "Aa", "B": "AA"}
    assert choice("B", "B", options=options).passed
    assert choice("AA", "B", options=options).score == 0.0


@pytest.mark.parametrize(
    ("gold", "options"),
    [
        ("", None),
        ("D", CITIES),
        ("Paris is it", None),
        ([], CITIES),
        ("A", {"A": "x", "B": "x"}),
        ("A", {"A": "x", "B": ""}),
    ],
)
def test_a_gold_or_options_without_sense_make_the_task_invalid(gold: Any, options: Any) -> None:
    assert choice("A", gold, options=options).outcome is Outcome.TASK_INVALID


@pytest.mark.parametrize("options", ["Paris", {"A": 3}, {"A": "x", "a": "y"}, [1, 2], 7])
def test_wrong_options_are_the_callers_mistake(options: Any) -> None:
    with pytest.raises(UsageError, match="give"):
        choice("A", "A", options=options)


@given(st.text(max_size=200), st.sampled_from([None, CITIES]))
def test_any_reply_gets_a_score(reply: str, options: Any) -> None:
    assert choice(reply, "B", options=options).score is not None


@given(st.text(alphabet=st.characters(), max_size=40))
def test_surrogates_and_control_characters_are_only_text(reply: str) -> None:
    assert choice("\ud800\x00" + reply, "B", options=CITIES).score == 0.0


@pytest.mark.parametrize("piece", ["B\n", "B) ", "B or ", "(", "*", "answer: B\n", "\\text{", "a ", "\n", "and "])
def test_a_megabyte_costs_less_than_a_second(piece: str) -> None:
    start = time.process_time()
    choice(piece * (1_000_000 // len(piece)), "B", options=CITIES)
    assert time.process_time() - start < 1.0

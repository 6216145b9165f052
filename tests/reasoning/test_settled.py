"""Settled: where the answer of a reply is found, and what is no single answer."""

import pytest

from envgym.environments.reasoning.settled import listed, settled
from envgym.verifiers.structured_reply import Unreadable


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: one two",
        "So the answer is **one two**.",
        "Some words first.\none two",
        "Answer:\n```text\none  two\n```",
        "It follows: \\boxed{\\text{one two}}",
        "<think>Answer: three</think>Answer: one two",
        "Answer: one two\nOnce more.\nAnswer: one  two.",
        "<answer>one two</answer> as asked",
        "Answer: one two\n\\boxed{one two}",
        "The answer is hard to see: \\boxed{one two}",
        "### Answer\n\n- **one two**\n\nDone.",
        "Answer： ｏｎｅ two",
    ],
)
def test_the_answer_is_found(reply: str) -> None:
    assert settled(reply, str) == "one two"


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "<think>Answer: one",
        "Answer: one\nAnswer: two",
        "Answer: one\n\\boxed{two}",
        "\\boxed{two}\nAnswer: one",
        "<answer>two</answer>\nAnswer: one",
        "<answer>one</answer><answer>two</answer>",
        "<answer>one",
        "Answer: " + "a" * 6000,
        "\n".join(f"Answer: {n}" for n in range(9)),
    ],
)
def test_no_answer_and_two_answers_are_refused(reply: str) -> None:
    with pytest.raises(Unreadable):
        settled(reply, str)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Answer:\n- a\n- b", "Answer: a, b"),
        ("So:\n**Final answer:**\n\n* **a**,\n\n* b\nDone.", "So:\nAnswer: a, b\nDone."),
        ("Answer:\n1. a\n2. b", "Answer: a, b"),
        ("Answer:\n4. a", "Answer:\n4. a"),
        ("Answer:\n1. a", "Answer:\n1. a"),
        ("Answer: a\n- b", "Answer: a\n- b"),
        ("Answer:\n-5", "Answer:\n-5"),
        ("Reasons:\n- a\n- b", "Reasons:\n- a\n- b"),
    ],
)
def test_a_list_below_a_bare_label_becomes_one_line(text: str, line: str) -> None:
    assert listed(text) == line


def test_a_power_is_not_read_as_digits() -> None:
    assert settled("Answer: 10²", str) == "10^2"

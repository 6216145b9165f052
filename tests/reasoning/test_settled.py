"""Settled: where the answer of a reply is found, and what is no single answer."""

import pytest

from envgym.environments.reasoning.settled import settled
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
        "Answer: " + "a" * 6000,
        "\n".join(f"Answer: {n}" for n in range(9)),
    ],
)
def test_no_answer_and_two_answers_are_refused(reply: str) -> None:
    with pytest.raises(Unreadable):
        settled(reply, str)

"""Assignments read strictly: pairs and nothing else, each name once, one answer."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.verifiers.answer_pairs import answer_pairs
from envgym.verifiers.structured_reply import Unreadable

NAMES = ["Ann", "Bob", "x1"]
VALUES = {"red": "red", "blue": "blue", "b": "blue"}
RIGHT = {"Ann": "red", "Bob": "blue", "x1": "red"}


def read(reply: str) -> dict[str, str] | None:
    try:
        return answer_pairs(reply, names=NAMES, values=VALUES)
    except Unreadable:
        return None


@pytest.mark.parametrize(
    "reply",
    [
        "Ann=red, Bob=blue, x1=red",
        "ann = RED; BOB -> B; x1: red.",
        "Ann is red, Bob is the blue and x_1 is a red",
        "If Ann=blue then no.\nAnswer: Ann=red, Bob=blue, x1=red\nAs asked.",
        "Ann=blue, Bob=blue, x1=blue fails\n**Final answer:**\n\n* Ann: red\n* Bob: blue\n* x1: red",
        "Ann=red\nBob=blue\n\nx1=red",
        "Answer: Ann=red, Bob=blue, x1=red\nAnswer: x1=red, Bob=blue, Ann=red",
        "<think>Answer: Ann=blue, Bob=blue, x1=blue</think>\\boxed{Ann=red, Bob=blue, x_{1}=\\text{red}}",
        "Ann=red, Bob=blue, x1=red\nAnn=red, Bob=blue, x1=red",
        "Ann=blue\nNo:\nAnn=red, Bob=blue, x1=red",
        "<answer>Ann=red, Bob=blue, x1=red</answer>",
        "Ann＝red， Bob＝blue， x₁＝red",
        "Answer: I will give it below.\n\nAnswer: Ann=red, Bob=blue, x1=red\nThis answer is consistent.",
        "**Solution:** Say Ann is red.\n\nAnswer: Ann=red, Bob=blue, x1=red",
    ],
)
def test_dress_and_reasoning_do_not_matter(reply: str) -> None:
    assert read(reply) == RIGHT


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Ann=red, Bob=blue",
        "Ann=red, Bob=blue, x1=green",
        "Ann=red, Bob=blue, x1=red or blue",
        "Ann=red, Bob=blue, x1=red/blue",
        "Ann=red, Bob=blue, x1≠red",
        "Ann=red, Bob=blue, x1 is not red",
        "Ann=red, Bob=blue, x1=red, Bob=red",
        "Ann=red, Bob=blue, x1=red\nBob=red",
        "Ann=red, Bob=blue, x1=red\nNo, rather\nBob=red",
        "Ann=red, Bob=blue, x1=red\nor Bob=red and the rest the same",
        "Ann=red, Bob=blue, x1=red\nAnn=blue, Bob=blue, x1=red",
        "Answer: Ann=red, Bob=blue, x1=red\nAnswer: Ann=red, Bob=red, x1=red",
        "\\boxed{Ann=red, Bob=blue, x1=red} \\boxed{Ann=blue, Bob=blue, x1=red}",
        "<think>Ann=red, Bob=blue, x1=red",
        "Answer: Ann=red, Bob=blue, x1=red\nAnswer: Ann=red, Bob=blue, x1=green",
        "Answer: Ann=red, Bob=blue, x1=green\nAnswer: Ann=red, Bob=blue, x1=red",
        "Answer: Ann=red, Bob=blue, x1=red\nAnswer: the other way round",
        "Answer: Ann=red, Bob=blue, x1=red\nThe answer is Ann=blue and the rest the same",
        "Answer: Ann=blue, Bob=blue, x1=red\n\\boxed{Ann=red, Bob=blue, x1=red}",
        "<answer>Ann=red, Bob=blue, x1=red</answer>\nAnswer: Ann=blue, Bob=blue, x1=red",
        "<answer>Ann=blue, Bob=blue, x1=red</answer><answer>Ann=red, Bob=blue, x1=red</answer>",
        "<answer>Ann=red, Bob=blue, x1=red",
        "Ann=red, Bob=blue, x1=red, Cid=red",
        "Ann Bob x1 red blue red",
    ],
)
def test_what_is_missing_hedged_or_contradicted_is_no_answer(reply: str) -> None:
    assert read(reply) is None


PIECES = ["Ann", "Bob", "x1", "=", "red", "blue", ",", "\n", " ", "or", "Answer:", "{", "\x00", "\ud800"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_no_text_breaks_it_and_an_answer_is_always_whole(reply: str) -> None:
    found = read(reply)
    assert found is None or (list(found) == NAMES and set(found.values()) <= {"red", "blue"})


@pytest.mark.parametrize(
    "part",
    [" ", "Ann ", "Ann=red,", "Ann=", "Answer: ", "\\boxed{", "a", "\n", "|", "- ", "or Ann\n", "*", "Ann\t", "and "],
)
def test_a_megabyte_of_anything_is_read_in_no_time(part: str) -> None:
    start = time.perf_counter()
    read(f"Ann=red, Bob=blue, x1=red\nAnn{part * (1_000_000 // len(part))}!")
    assert time.perf_counter() - start < 1

"""Riddles: the bank is sound, and one noun is one answer."""

import re
from collections import Counter

import pytest

from envgym import Task
from envgym.environments.reasoning.riddles import Riddles, bank

TOWEL = Task(id="t", env="riddles", public={"riddle": "?"}, private={"answers": ["towel", "bath towel"]})


def verdict(reply: str) -> tuple[float | None, str]:
    found = Riddles().grade(reply, TOWEL)
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        "towel",
        "It is a towel.",
        "It's a TOWEL!",
        "Answer: a towel",
        "<think>a sponge?</think>Drying makes it wet.\n\n**Answer: Towel**",
        "What dries and gets wet?\nI think it is a bath towel.",
        'The answer is: "towels".',
        "\\boxed{\\text{towel}}",
        "Answer: towel\nAnswer: a towel",
        "You are a towel",
    ],
)
def test_the_noun_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "riddles.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "riddles.unreadable"),
        ("<think>towel", "riddles.unreadable"),
        ("Answer: a towel or a sponge", "riddles.unreadable"),
        ("Answer: towel, sponge", "riddles.unreadable"),
        ("Answer: towel/sponge", "riddles.unreadable"),
        ("Answer: maybe a towel", "riddles.unreadable"),
        ("Answer: sponge\nAnswer: towel", "riddles.unreadable"),
        ("Answer: towel (or sponge)", "riddles.unreadable"),
        ("It gets wet while drying, so a sponge but not a towel", "riddles.unreadable"),
        ("Answer: not a towel", "riddles.wrong"),
        ("Answer: tow", "riddles.wrong"),
        ("Answer: sponge", "riddles.wrong"),
        ("towel " * 200_000, "riddles.unreadable"),
        ("\x00\ud800", "riddles.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def test_the_bank_is_the_same_for_every_seed_and_large_enough() -> None:
    assert Riddles().taskset(0) is Riddles().taskset(7)
    assert len(bank()) >= 60
    assert max(Counter(task.public["riddle"] for task in bank()).values()) == 1
    assert max(Counter(task.private["answers"][0] for task in bank()).values()) == 1


@pytest.mark.parametrize("task", list(bank()), ids=lambda task: task.id)
def test_a_riddle_takes_all_its_answers_and_says_none(task: Task) -> None:
    for answer in task.private["answers"]:
        assert Riddles().grade(f"Answer: {answer}", task).passed, answer
        assert Riddles().grade(f"It is the {answer}.", task).passed, answer
        assert not re.search(rf"\b{re.escape(answer)}s?\b", task.public["riddle"], re.IGNORECASE), answer
        assert answer == answer.casefold()


def test_no_two_riddles_are_the_same_to_a_guesser() -> None:
    """The commonest answer passes in few of them: one guess for all riddles earns nothing."""
    counts = Counter(answer for task in bank() for answer in task.private["answers"])
    assert max(counts.values()) <= 2

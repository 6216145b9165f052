"""Morse: every message can be read in one way, and a verdict by writing the answer in the code again."""

from itertools import product

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.morse import MORSE, Morse
from envgym.environments.reasoning.word_list import common_words

NOISY: dict[str, object] = {
    "form": "noisy",
    "lines": ["- --- / -. ---", ". --- / -- ---", "- -.- / -- ---"],
    "codes": [],
    "listed": [],
}
MIXED: dict[str, object] = {
    "form": "mixed",
    "lines": ["-.-. .- -", "! 20-1-3", "<tac", "! ~gzx"],
    "codes": ["morse", "numbers!", "reversed", "mirror!"],
    "listed": [],
}
LISTED: dict[str, object] = {"form": "listed", "lines": ["-.-..--"], "codes": [], "listed": ["cat", "dog", "cow"]}
FORMS = ["plain", "noisy", "listed", "mixed"]


def verdict(reply: str, public: dict[str, object] = NOISY) -> tuple[float | None, str]:
    found = Morse().grade(reply, Task(id="t", env="morse", public=public, private={"message": "to mo"}))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: to mo",
        "to mo",
        "<think>Answer: no no</think>\nThe copies agree.\n\n**Answer:** TO  MO.",
        "Answer:\n```\nto, mo\n```",
        "So it is \\boxed{\\text{to mo}}",
        "Answer: to / mo\nAnswer: To Mo",
    ],
)
def test_the_message_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "morse.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("Answer: eo mo", "morse.wrong"),
        ("Answer: to no", "morse.wrong"),
        ("Answer: to", "morse.wrong"),
        ("Answer: to mo mo", "morse.wrong"),
        ("Answer: to mo or to no", "morse.wrong"),
        ("Answer: to mo\nAnswer: to no", "morse.unreadable"),
        ("<think>Answer: to mo", "morse.unreadable"),
        ("Answer: - --- / -- ---", "morse.unreadable"),
        ("", "morse.unreadable"),
        ("\x00\ud800", "morse.unreadable"),
        ("Answer: " + "to mo " * 200_000, "morse.unreadable"),
        ("\\boxed{" * 100_000, "morse.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def test_every_code_of_a_mixed_message_is_checked() -> None:
    assert verdict("Answer: cat cat cat cat", MIXED) == (1.0, "morse.ok")
    for wrong in ("tac cat cat cat", "cat tac cat cat", "cat cat tac cat", "cat cat cat tac", "cat cat cat"):
        assert verdict(f"Answer: {wrong}", MIXED) == (0.0, "morse.wrong")


def test_a_listed_line_is_one_symbol_away_from_its_word() -> None:
    assert verdict("Answer: cat", LISTED) == (0.0, "morse.wrong")
    assert verdict("Answer: cow", LISTED | {"lines": ["-.-.---.--"]}) == (0.0, "morse.wrong")
    assert verdict("Answer: cow", LISTED | {"lines": ["-.-.---.-."]}) == (1.0, "morse.ok")


@pytest.mark.parametrize("form", FORMS)
def test_the_stored_message_passes_and_its_neighbours_fail(form: str) -> None:
    env = Morse(form=form)
    for index in range(20):
        task = env.taskset(2)[index]
        words = task.private["message"].split()
        assert env.grade("Answer: " + " ".join(words), task).passed
        for at, word in product(range(len(words)), task.public["listed"] or common_words()[::40]):
            changed = [*words[:at], word, *words[at + 1 :]]
            assert env.grade("Answer: " + " ".join(changed), task).passed == (changed == words)


def test_a_noisy_message_is_read_by_a_vote_at_each_place() -> None:
    letters = {code: letter for letter, code in MORSE.items()}
    for index in range(20):
        task = Morse(copies=5, errors=0.9).taskset(3)[index]
        voted = "".join(max("./ -", key=column.count) for column in zip(*task.public["lines"], strict=True))
        assert (
            " ".join("".join(letters[code] for code in word.split()) for word in voted.split("/"))
            == (task.private["message"])
        )
        assert len(set(task.public["lines"])) > 1


def test_a_reply_is_never_an_exception() -> None:
    assert Morse().grade("\x00\ud800", Task(id="t", env="morse", public=NOISY)).outcome is Outcome.MALFORMED

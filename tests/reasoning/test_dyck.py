"""Dyck: answers found without a stack agree, and near misses score nothing."""

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.dyck import Dyck

COMPLETE = {"form": "complete", "text": "<{()[([]"}
FIND = {"form": "find", "text": "[{<>()(]}]"}
EXTRA = {"form": "find", "text": "[]}()"}
PAIRS = ("()", "[]", "{}", "<>")


def verdict(reply: str, public: dict[str, str] = COMPLETE) -> tuple[float | None, str]:
    found = Dyck().grade(reply, Task(id="t", env="dyck", public=public, private={"answer": ""}))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: )]}>",
        ")]}>",
        "<think>Answer: ]</think>\nThe stack is < { [ (.\n\n**Answer:** `)]}>`.",
        "Answer: ) ] } >",
        "Answer:\n```\n)]}>\n```",
        "Answer: $)]\\}>$",
        "Answer: )]}>\nAnswer: ) ]}>",
    ],
)
def test_the_closing_sequence_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "dyck.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("Answer: )]}", "dyck.wrong_sequence"),
        ("Answer: )]}>>", "dyck.wrong_sequence"),
        ("Answer: )]>}", "dyck.wrong_sequence"),
        ("Answer: ()" + ")]}>", "dyck.wrong_sequence"),
        ("Answer: <{()[([])]}>", "dyck.wrong_sequence"),
        ("Answer: )]}> or )]>}", "dyck.unreadable"),
        ("Answer: )]}>\nAnswer: )]>}", "dyck.unreadable"),
        ("<think>Answer: )]}>", "dyck.unreadable"),
        ("", "dyck.unreadable"),
        ("\x00\ud800", "dyck.unreadable"),
        ("Answer: " + ")]}>" * 300_000, "dyck.unreadable"),
        ("<" * 1_000_000, "dyck.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


@pytest.mark.parametrize(
    ("reply", "public", "score", "code"),
    [
        ("Answer: 8 )}]", FIND, 1.0, "dyck.ok"),
        ("**Answer:** 8, `)}]`", FIND, 1.0, "dyck.ok"),
        ("Answer: 3 none", EXTRA, 1.0, "dyck.ok"),
        ("Answer: 7 )}]", FIND, 0.0, "dyck.wrong_position"),
        ("Answer: 8 }]", FIND, 0.0, "dyck.wrong_sequence"),
        ("Answer: 8 none", FIND, 0.0, "dyck.wrong_sequence"),
        ("Answer: 8", FIND, 0.0, "dyck.unreadable"),
        ("Answer: 7 8 )}]", FIND, 0.0, "dyck.unreadable"),
        ("Answer: 8: ) } ]", FIND, 1.0, "dyck.ok"),
        ("Answer: 8 )}] or 9 )}]", FIND, 0.0, "dyck.unreadable"),
        ("Answer: " + "8" * 1_000_000, FIND, 0.0, "dyck.unreadable"),
    ],
)
def test_an_error_takes_its_position_and_what_was_open(
    reply: str, public: dict[str, str], score: float, code: str
) -> None:
    assert verdict(reply, public) == (score, code)


def reduced(text: str) -> str:
    """What is left when matching neighbours are taken out until there are none."""
    before = ""
    while before != text:
        before = text
        for pair in PAIRS:
            text = text.replace(pair, "")
    return text


@pytest.mark.parametrize("length", [8, 40, 200])
def test_the_sequence_undoes_what_is_left_after_taking_out_pairs(length: int) -> None:
    for index in range(30):
        task = Dyck(length=length).taskset(1)[index]
        left = reduced(task.public["text"])
        assert set(left) <= set("([{<")
        assert left[::-1].translate(str.maketrans("([{<", ")]}>")) == task.private["answer"]
        assert abs(len(task.public["text"]) - length) <= 1


@pytest.mark.parametrize("length", [8, 40, 200])
def test_the_error_is_the_first_place_where_pairs_leave_a_closing_bracket(length: int) -> None:
    for index in range(30):
        task = Dyck(form="find", length=length, kinds=2).taskset(1)[index]
        text, (position, sequence) = task.public["text"], task.private["answer"].split()
        first = next(end for end in range(1, len(text) + 1) if set(reduced(text[:end])) & set(")]}>"))
        assert first == int(position)
        left = reduced(text[: first - 1])
        assert (left[::-1].translate(str.maketrans("([{<", ")]}>")) or "none") == sequence


def test_a_reply_is_never_an_exception() -> None:
    assert Dyck().grade("\x00\ud800", Task(id="t", env="dyck", public=COMPLETE)).outcome is Outcome.MALFORMED

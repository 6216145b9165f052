"""Wording of requests: what a person would not say is not said, and what has to be looked up is never mistyped."""

import re
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym import registry
from envgym.environments.tool_world.calendar import Calendar
from envgym.environments.tool_world.chain.describe import amount, participle
from envgym.environments.tool_world.chain.phrasing import STATEMENT, Clause, Manner, mistyped, worded
from envgym.environments.tool_world.chain.registers import CLOSES, JOINTS, LEADS, OPENINGS
from envgym.environments.tool_world.chain.surface import forms
from envgym.environments.tool_world.fields import cents, date, integer, moment
from envgym.environments.tool_world.tool_world import ToolWorld

DOMAINS = [name for name in registry.environments.paths() if name.startswith("tool_world:")]
rng = Random


@pytest.mark.parametrize(
    ("saying", "words", "text"),
    [
        ("keep it {days} days", {"days": "1"}, "keep it 1 day"),
        ("keep it {days} days", {"days": "3"}, "keep it 3 days"),
        ("buy {days} travel days", {"days": "1"}, "buy 1 travel day"),
        ("stay {n} nights", {"n": "a number of n (ask me how many)"}, "stay a number of nights (ask me how many)"),
        (
            "use {sim} (PIN {pin})",
            {"sim": "S1", "pin": "the pin that I have in mind (ask me)"},
            "use S1 (the pin that I have in mind, ask me)",
        ),
        ("send {order} on {day}", {"order": "it", "day": "tomorrow"}, "send it tomorrow"),
        ("the bike of {who}", {"who": "me"}, "the bike of mine"),
        ("ship the {order}", {"order": "the order W1"}, "ship the order W1"),
    ],
)
def test_parameters_are_put_in_as_people_say_them(saying: str, words: dict[str, str], text: str) -> None:
    assert worded([saying], words, rng(0)).text == text


@pytest.mark.parametrize("saying", ["I need {order}", "{order} is wanted", "there is no {order}"])
def test_a_sentence_is_no_imperative(saying: str) -> None:
    assert STATEMENT.match(saying)
    assert Manner("formal", rng(0)).request("", [Clause("I promise to pay.", whole=True)]).count("I promise") == 1


@pytest.mark.parametrize("saying", ["issue {order}", "assign {order}", "inform {order}", "itemise {order}"])
def test_an_imperative_is_no_sentence(saying: str) -> None:
    assert not STATEMENT.match(saying)


@given(st.from_regex(r"[a-z]{5,12}", fullmatch=True), st.integers())
def test_a_mistyped_word_keeps_its_first_letter_and_is_near(word: str, seed: int) -> None:
    if len(set(word)) < 3:
        return
    wrong = mistyped(word, rng(seed))
    assert wrong[0] == word[0]
    assert abs(len(wrong) - len(word)) <= 1


@given(st.sampled_from(sorted(OPENINGS)), st.integers(0, 10_000))
def test_only_words_of_the_frame_are_mistyped(register: str, seed: int) -> None:
    text = "cancel order W1234567 of kaito.dubois@example.org because it was ordered by mistake"
    assert text in Manner(register, rng(seed), hasty=True).request("", [Clause(text), Clause(text)]).lower().replace(
        "w1234567", "W1234567"
    )


def test_people_in_a_hurry_mistype_and_formal_ones_do_not() -> None:
    frames = [
        frame.casefold() for kind in (OPENINGS, LEADS, JOINTS, CLOSES) for frames in kind.values() for frame in frames
    ]

    def known(text: str) -> bool:
        return all(word in " ".join(frames) for word in re.findall(r"[a-z]{5,}", text.casefold()))

    said = {
        hasty: [Manner("hurried", rng(seed), hasty=hasty).request("", [Clause("x"), Clause("y")]) for seed in range(40)]
        for hasty in (True, False)
    }
    assert all(known(text) for text in said[False])
    assert sum(not known(text) for text in said[True]) > 10


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (integer(1, 9), 3, ("3", "three")),
        (integer(1, 9), 1, ("1",)),
        (cents(0, 9), 1200, ("12.00", "$12.00", "12 dollars", "$12")),
        (cents(0, 9), 1250, ("12.50", "$12.50")),
        (
            date(0, 9),
            "2026-03-20",
            ("2026-03-20", "20 March 2026", "March 20, 2026", "20 March", "Friday 20 March", "in 6 days"),
        ),
        (date(0, 9), "1990-03-20", ("1990-03-20", "20 March 1990", "March 20, 1990")),
        (moment(0, 9), "1990-03-20 14:30", ("1990-03-20 at 14:30", "1990-03-20 at 2:30 pm", "20 March 1990 at 14:30")),
    ],
)
def test_values_are_said_in_their_forms(field: Any, value: Any, said: tuple[str, ...]) -> None:
    assert tuple(forms(field, value, Calendar("2026-03-14 09:30")))[: len(said)] == said


def test_columns_are_nouns_or_participles() -> None:
    assert [participle(word) for word in ("placed", "born", "due", "expires")] == [True, True, False, False]
    assert (amount("paid"), amount("total")) == ("amount paid", "total")


@pytest.mark.parametrize("env_id", DOMAINS)
def test_no_request_has_what_nobody_says(env_id: str) -> None:
    env: ToolWorld = registry.make(env_id, level=3)
    nouns = "|".join(sorted({re.escape(table.noun) for table in env.domain.tables.values()}, key=len, reverse=True))
    wrong = re.compile(
        rf"\b1 (?!8)[a-z]+ays\b|\bof me\b|please please|days\)? days|the my |\bon (today|tomorrow)|you to I "
        rf"|the ({nouns}) of the \w+ of \1 "
    )
    for index in range(12):
        task = env.taskset(8)[index]
        texts = [task.public["request"], *(turn["say"] for turn in task.private["user"].get("later", ()))]
        for text in texts:
            assert not wrong.search(text), text


def test_ids_begin_as_their_pattern_does() -> None:
    for env_id in DOMAINS:
        env: ToolWorld = registry.make(env_id)
        for table in env.domain.tables.values():
            assert not re.match(r"[#*][A-Z]", table.code), f"{table.name}: a sign of the pattern stands for itself"

"""Time sequence: the prompt is read again and reckoned with zone-aware datetimes, minute by minute where it is about a clock."""

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.time_sequence import TimeSequence

CLOCK: dict[str, Any] = {
    "form": "clock",
    "zones": {"Corin": 120, "Holm": -300},
    "start": ["Corin", "2024-02-28 22:00"],
    "parts": [
        {"do": "go", "place": "Holm", "minutes": 540},
        {"do": "until", "clock": "01:00"},
        {"do": "wait", "minutes": 24 * 60 + 5},
    ],
    "edge": "ends",
}
ORDER: dict[str, Any] = {
    "form": "order",
    "zones": {"Corin": 120, "Holm": -300},
    "start": [],
    "parts": [
        {"name": "gala", "minutes": 30, "at": "2024-02-28 22:00", "place": "Corin"},
        {"name": "exam", "minutes": 200, "at": "2024-02-28 14:30", "place": "Holm"},
        {"name": "match", "minutes": 400, "other": "gala", "edge": "ends", "later": -60},
    ],
    "edge": "starts",
}


def verdict(reply: str, public: dict[str, Any] = CLOCK) -> tuple[float | None, str]:
    found = TimeSequence().grade(reply, Task(id="t", env="time_sequence", public=public, private={"answer": "a"}))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: 2024-03-01 01:05",
        "2024-03-01 01:05",
        "<think>Answer: 2024-03-01 02:05</think>\n2024 is a leap year.\n\n**Answer:** 2024-03-01, 1:05.",
        "Answer:\n```\n2024-03-01T01:05:00\n```",
        "\\boxed{\\text{2024-03-01 01:05}}",
        "Answer: 2024-3-1 at 01:05\nAnswer: 2024-03-01 01:05",
    ],
)
def test_the_time_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "time_sequence.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("Answer: 2024-03-01 01:06", "time_sequence.wrong_time"),
        ("Answer: 2024-02-29 01:05", "time_sequence.wrong_time"),
        ("Answer: 2024-03-01 13:05", "time_sequence.wrong_time"),
        ("Answer: 2023-02-29 01:05", "time_sequence.unreadable"),
        ("Answer: 2024-03-01 24:05", "time_sequence.unreadable"),
        ("Answer: 01:05", "time_sequence.unreadable"),
        ("Answer: 2024-03-01 01:05 or 2024-03-01 02:05", "time_sequence.unreadable"),
        ("Answer: 2024-03-01 01:05\nAnswer: 2024-03-01 02:05", "time_sequence.unreadable"),
        ("<think>Answer: 2024-03-01 01:05", "time_sequence.unreadable"),
        ("", "time_sequence.unreadable"),
        ("\x00\ud800", "time_sequence.unreadable"),
        ("Answer: " + "2024-03-01 " * 100_000, "time_sequence.unreadable"),
        ("\\boxed{" * 100_000, "time_sequence.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


@pytest.mark.parametrize(
    ("reply", "score", "code"),
    [
        ("Answer: exam, match, gala", 0.0, "time_sequence.wrong_order"),
        ("Answer: match, exam, gala", 0.0, "time_sequence.wrong_order"),
        ("Answer: match, gala, exam", 0.0, "time_sequence.wrong_order"),
        ("**Answer:** The Exam; the match; the gala", 0.0, "time_sequence.wrong_order"),
        ("Answer: exam, gala", 0.0, "time_sequence.other_events"),
        ("Answer: exam, gala, gala", 0.0, "time_sequence.other_events"),
        ("Answer: gala, exam, match or match, gala, exam", 0.0, "time_sequence.other_events"),
    ],
)
def test_a_wrong_order_scores_nothing(reply: str, score: float, code: str) -> None:
    assert verdict(reply, ORDER | {"edge": "ends"}) == (score, code)


def test_the_order_is_by_the_edge_that_is_asked_for() -> None:
    later = [ORDER["parts"][0], ORDER["parts"][1] | {"at": "2024-02-28 15:20"}, ORDER["parts"][2]]
    assert verdict("Answer: match, gala, exam", ORDER | {"parts": later}) == (1.0, "time_sequence.ok")
    assert verdict("**Answer:** the Gala, exam, match.", ORDER | {"parts": later, "edge": "ends"})[0] == 1.0


def test_a_clock_that_shows_the_time_already_shows_it_next_a_day_later() -> None:
    parts = [CLOCK["parts"][0], {"do": "until", "clock": "00:00"}]
    assert verdict("Answer: 2024-03-01 00:00", CLOCK | {"parts": parts}) == (1.0, "time_sequence.ok")


def length_of(text: str) -> timedelta:
    units = {"day": "days", "h": "hours", "min": "minutes"}
    return sum(
        (timedelta(**{units[unit]: int(number)}) for number, unit in re.findall(r"(\d+) (day|h|min)", text)),
        timedelta(),
    )


def zones_in(prompt: str) -> dict[str, timezone]:
    found = re.findall(r"([A-Z][A-Za-z ]+) UTC([+-])(\d+):(\d\d)", prompt.splitlines()[0])
    return {
        place: timezone((-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes)))
        for place, sign, hours, minutes in found
    }


def arrived(prompt: str) -> str:
    zones = zones_in(prompt)
    start = re.search(r"is in ([A-Z][A-Za-z ]+), where it is (\S+ \S+) ", prompt)
    assert start is not None
    now = datetime.fromisoformat(start[2]).replace(tzinfo=zones[start[1]])
    for line in re.findall(r"^\d+\. (.*)$", prompt, re.MULTILINE):
        if match := re.search(r"shows (\d\d:\d\d)\.", line):
            now += timedelta(minutes=1)
            while f"{now:%H:%M}" != match[1]:
                now += timedelta(minutes=1)
        elif match := re.fullmatch(r"A stay of exactly (.*) in the same place\.", line):
            now += length_of(match[1])
        else:
            match = re.fullmatch(r"A journey of (.*), which ends in (.*)\.", line)
            assert match is not None
            now = (now + length_of(match[1])).astimezone(zones[match[2]])
    return f"{now:%Y-%m-%d %H:%M}"


def in_order(prompt: str) -> list[str]:
    zones = zones_in(prompt)
    told = dict(re.findall(r"^- The (\w+) starts (.*)\.$", prompt, re.MULTILINE))

    def edge(name: str, which: str) -> datetime:
        when, lasts = told[name].split(" and lasts ")
        if match := re.fullmatch(r"at (\S+ \S+) in (.*)", when):
            start = datetime.fromisoformat(match[1]).replace(tzinfo=zones[match[2]])
        else:
            match = re.fullmatch(r"(.*) (before|after) the (\w+) (starts|ends)", when)
            assert match is not None
            start = edge(match[3], match[4]) + (1 if match[2] == "after" else -1) * length_of(match[1])
        return start + (length_of(lasts) if which == "ends" else timedelta())

    asked = "ends" if "each ends." in prompt else "starts"
    moments = {name: edge(name, asked) for name in told}
    assert len(set(moments.values())) == len(moments)
    return sorted(moments, key=moments.__getitem__)


@pytest.mark.parametrize(("length", "zones"), [(2, 1), (5, 3), (12, 8)])
def test_what_the_prompt_says_gives_the_stored_answer(length: int, zones: int) -> None:
    clock, order = (TimeSequence(form=form, length=length, zones=zones, relative=0.7) for form in ("clock", "order"))
    for index in range(40):
        task = clock.taskset(1)[index]
        assert arrived(clock.begin(task)) == task.private["answer"]
        assert clock.grade(f"Answer: {arrived(clock.begin(task))}", task).passed
        task = order.taskset(1)[index]
        names = in_order(order.begin(task))
        assert ", ".join(names) == task.private["answer"]
        assert not order.grade("Answer: " + ", ".join([names[1], names[0], *names[2:]]), task).passed


def test_a_reply_is_never_an_exception() -> None:
    assert (
        TimeSequence().grade("\x00\ud800", Task(id="t", env="time_sequence", public=CLOCK)).outcome is Outcome.MALFORMED
    )

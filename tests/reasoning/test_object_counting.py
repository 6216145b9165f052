"""Object counting: the prompt is read and played again thing by thing, and gives the same counts."""

import re
from typing import Any

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.object_counting import ObjectCounting

PUBLIC: dict[str, Any] = {
    "start": {"Ann": [["red", "apple", 3], ["blue", "saw", 2]], "Ben": [["red", "pear", 1]]},
    "events": [
        {"do": "gives", "who": "Ann", "other": "Ben", "item": ["red", "apple"], "number": 2},
        {"do": "admires", "who": "Ann", "other": "Ben", "item": ["red", "pear"]},
    ],
    "group": {"category": "pieces of fruit", "colour": "red", "not_colour": ""},
}
KINDS = {
    "pieces of fruit": "apple pear plum peach banana",
    "tools": "hammer saw wrench drill chisel",
    "musical instruments": "violin flute drum trumpet guitar",
    "pieces of clothing": "shirt coat jacket sock sweater",
    "pieces of furniture": "chair table sofa desk bed",
}


def verdict(reply: str) -> tuple[float | None, str]:
    found = ObjectCounting().grade(reply, Task(id="t", env="object_counting", public=PUBLIC, private={"answer": "a"}))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: Ann = 1, Ben = 3",
        "Ben: 3; ann: 1",
        "<think>Answer: Ann = 3, Ben = 1</think>\nAnn = 3 at first, then Ann = 1.\n\n**Answer:** Ann = 1, Ben = 3.",
        "Answer:\n```\nAnn has 1 and Ben has 3\n```",
        'Answer: {"Ann": 1, "Ben": 3}',
        "\\boxed{\\text{Ann = 1, Ben = 3}}",
    ],
)
def test_the_counts_pass_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "object_counting.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("Answer: Ann = 1, Ben = 2", "object_counting.wrong"),
        ("Answer: Ann = 3, Ben = 1", "object_counting.wrong"),
        ("Answer: Ann = 1", "object_counting.people"),
        ("Answer: Ann = 1, Ben = 3, Cleo = 0", "object_counting.people"),
        ("Answer: Ann = 1, Ben = 3 or 4", "object_counting.unreadable"),
        ("Answer: Ann = 1, Ben = 3, Ben = 4", "object_counting.unreadable"),
        ("Answer: Ann = 1, Ben = 3\nAnswer: Ann = 1, Ben = 4", "object_counting.unreadable"),
        ("Answer: Ann = -1, Ben = 3", "object_counting.unreadable"),
        ("Answer: 4", "object_counting.unreadable"),
        ("<think>Answer: Ann = 1, Ben = 3", "object_counting.unreadable"),
        ("", "object_counting.unreadable"),
        ("\x00\ud800", "object_counting.unreadable"),
        ("Answer: Ann = " + "1" * 1_000_000, "object_counting.unreadable"),
        ("{" * 1_000_000, "object_counting.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def described(thing: str, words: str) -> bool:
    """Whether "red apple" is one of "red pieces of fruit", "pieces of fruit that are not blue", "red things (of every kind)"."""
    colour, _, name = thing.rpartition(" ")
    words, _, other = words.partition(" that are not ")
    if other and colour == other:
        return False
    kind = next(kind for kind, names in KINDS.items() if name in names.split())
    return words in (kind, f"{colour} {kind}", f"{colour} things (of every kind)")


def single(words: str) -> str:
    return re.sub(r"(ch)es$|s$", r"\1", words)


def some(text: str) -> list[str]:
    """ "2 red apples, 1 saw" as three things."""
    return [
        single(words) for part in text.split(", ") for number, words in [part.split(" ", 1)] for _ in range(int(number))
    ]


def played(prompt: str) -> dict[str, int]:
    start, events, question = re.split(r"\n\n(?:Then, one after the other:\n)?", prompt.removeprefix("At first:\n"))
    owned = {who: some(text) for who, text in re.findall(r"^(\w+) has (.*)\.$", start, re.MULTILINE)}
    for line in events.splitlines():
        if match := re.fullmatch(r"\d+\. (\w+) buys (.*)\.", line):
            owned[match[1]] += some(match[2])
        elif match := re.fullmatch(r"\d+\. (\w+) (?:throws away (.*)|gives (\d.*) to (\w+))\.", line):
            for thing in some(match[2] or match[3]):
                owned[match[1]].remove(thing)
                owned.get(match[4], []).append(thing)
        elif match := re.fullmatch(r"\d+\. (\w+) gives exactly half of the (.*) that \1 has to (\w+)\.", line):
            number = owned[match[1]].count(single(match[2]))
            assert number > 0
            assert number % 2 == 0
            for _ in range(number // 2):
                owned[match[1]].remove(single(match[2]))
                owned[match[3]].append(single(match[2]))
        elif match := re.fullmatch(r"\d+\. (\w+) gives all (.*) that \1 has to (\w+)\.", line):
            owned[match[3]] += [thing for thing in owned[match[1]] if described(thing, match[2])]
            owned[match[1]] = [thing for thing in owned[match[1]] if not described(thing, match[2])]
        elif match := re.fullmatch(r"\d+\. (\w+) and (\w+) swap: all (.*) of \1 against all \3 of \2\.", line):
            both = owned[match[1]], owned[match[2]]
            for who, (mine, theirs) in ((match[1], both), (match[2], both[::-1])):
                kept = [thing for thing in mine if not described(thing, match[3])]
                owned[who] = kept + [thing for thing in theirs if described(thing, match[3])]
        else:
            assert re.search(r" would like to have more | shows \w+ a picture of ", line), line
    asked = question.removeprefix("How many ").split(" does each person")[0]
    return {who: sum(described(thing, asked) for thing in things) for who, things in owned.items()}


@pytest.mark.parametrize(("people", "events", "colours"), [(2, 1, 0), (3, 6, 3), (8, 40, 4)])
def test_playing_what_the_prompt_says_gives_the_counts(people: int, events: int, colours: int) -> None:
    env = ObjectCounting(people=people, events=events, colours=colours)
    for index in range(40):
        task = env.taskset(1)[index]
        counts = played(env.begin(task))
        answer = ", ".join(f"{who} = {count}" for who, count in counts.items())
        assert answer == task.private["answer"]
        assert env.grade(f"Answer: {answer}", task).passed
        for who in counts:
            wrong = counts | {who: counts[who] + 1}
            assert not env.grade("Answer: " + ", ".join(f"{a} = {b}" for a, b in wrong.items()), task).passed


def test_a_reply_is_never_an_exception() -> None:
    task = Task(id="t", env="object_counting", public=PUBLIC)
    assert ObjectCounting().grade("\x00\ud800", task).outcome is Outcome.MALFORMED

"""Word sorting: orders by comparing letter by letter, mistakes by doing each step again in another way."""

from typing import Any

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.word_sorting import LETTERS, WordSorting

BACKWARDS = LETTERS[::-1]
LIST: dict[str, Any] = {"words": ["able", "zero", "cat", "card"], "alphabet": BACKWARDS, "method": "", "steps": []}
TRACE: dict[str, Any] = {
    "words": ["dog", "cat", "bee", "ant"],
    "alphabet": LETTERS,
    "method": "insertion",
    "steps": [["cat", "dog", "bee", "ant"], ["bee", "dog", "cat", "ant"], ["ant", "bee", "dog", "cat"]],
}
RIGHT_TRACE = "2: bee, cat, dog, ant"


def verdict(reply: str, public: dict[str, Any] = LIST) -> tuple[float | None, str]:
    found = WordSorting().grade(reply, Task(id="t", env="word_sorting", public=public, private={"answer": "a"}))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: zero, cat, card, able",
        "zero cat card able",
        "<think>Answer: able</think>\nBy the last letters first.\n\n**Answer:** Zero, Cat, Card, Able.",
        "Answer:\n```\nzero; cat; card; able\n```",
        'Answer: ["zero", "cat", "card", "able"]',
        "\\boxed{\\text{zero, cat, card, able}}",
    ],
)
def test_the_sorted_list_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "word_sorting.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("Answer: zero, card, cat, able", "word_sorting.wrong_order"),
        ("Answer: able, card, cat, zero", "word_sorting.wrong_order"),
        ("Answer: zero, cat, card", "word_sorting.other_words"),
        ("Answer: zero, cat, card, able, able", "word_sorting.other_words"),
        ("Answer: zero, cat, card, table", "word_sorting.other_words"),
        ("Answer: zero, cat, card, able or zero, card, cat, able", "word_sorting.other_words"),
        ("Answer: zero, cat, card, able\nAnswer: able, zero, cat, card", "word_sorting.unreadable"),
        ("<think>Answer: zero, cat, card, able", "word_sorting.unreadable"),
        ("Answer: 1, 2, 3", "word_sorting.unreadable"),
        ("", "word_sorting.unreadable"),
        ("\x00\ud800", "word_sorting.unreadable"),
        ("Answer: " + "zero, " * 200_000, "word_sorting.unreadable"),
        ("\\boxed{" * 100_000, "word_sorting.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


@pytest.mark.parametrize(
    ("reply", "score", "code"),
    [
        (f"Answer: {RIGHT_TRACE}", 1.0, "word_sorting.ok"),
        ("**Answer:** Step 2: bee, cat, dog, ant", 1.0, "word_sorting.ok"),
        ("Answer: 2. [bee, cat, dog, ant]", 1.0, "word_sorting.ok"),
        ("Answer: 3: bee, cat, dog, ant", 0.0, "word_sorting.wrong_step"),
        ("Answer: 2: bee, dog, cat, ant", 0.0, "word_sorting.wrong_order"),
        ("Answer: 2", 0.0, "word_sorting.unreadable"),
        ("Answer: 2 or 3: bee, cat, dog, ant", 0.0, "word_sorting.unreadable"),
        (f"Answer: {RIGHT_TRACE}\nAnswer: 3: bee, cat, dog, ant", 0.0, "word_sorting.unreadable"),
    ],
)
def test_a_mistake_takes_its_step_and_the_right_list(reply: str, score: float, code: str) -> None:
    assert verdict(reply, TRACE) == (score, code)


def earlier(one: str, two: str, alphabet: str) -> bool:
    """Whether `one` comes before `two`, letter by letter."""
    for a, b in zip(one, two, strict=False):
        if a != b:
            return alphabet.index(a) < alphabet.index(b)
    return len(one) < len(two)


@pytest.mark.parametrize("alphabet", ["usual", "shuffled"])
def test_in_the_sorted_list_every_word_comes_before_all_that_follow(alphabet: str) -> None:
    for index in range(20):
        task = WordSorting(form="list", words=20, alphabet=alphabet, initials=1).taskset(1)[index]
        words = task.private["answer"].split(", ")
        assert sorted(words) == sorted(task.public["words"])
        for at, word in enumerate(words):
            assert all(earlier(word, later, task.public["alphabet"]) for later in words[at + 1 :])


def redone(words: list[str], method: str, step: int, alphabet: str) -> list[str]:
    """A step by building lists, not by exchanges in place."""
    if method == "insertion":
        word, left = words[step + 1], words[: step + 1]
        later = 0
        while later < len(left) and earlier(word, left[-1 - later], alphabet):
            later += 1
        cut = len(left) - later
        return [*left[:cut], word, *left[cut:], *words[step + 2 :]]
    if method == "selection":
        first = next(a for a in words[step:] if not any(earlier(b, a, alphabet) for b in words[step:]))
        return [first if at == step else words[step] if word == first else word for at, word in enumerate(words)]
    carried, done = words[0], []
    for word in words[1:]:
        small, carried = (word, carried) if earlier(word, carried, alphabet) else (carried, word)
        done.append(small)
    return [*done, carried]


@pytest.mark.parametrize("method", ["insertion", "selection", "bubble"])
@pytest.mark.parametrize("words", [4, 8, 15])
def test_exactly_one_step_is_wrong_and_the_right_list_is_not_shown(method: str, words: int) -> None:
    for index in range(20):
        task = WordSorting(words=words, methods=[method]).taskset(1)[index]
        lists = [task.public["words"], *task.public["steps"]]
        right = [redone(before, method, at, task.public["alphabet"]) for at, before in enumerate(lists[:-1])]
        wrong = [at for at, (one, two) in enumerate(zip(right, lists[1:], strict=True)) if one != two]
        assert len(wrong) == 1
        assert task.private["answer"] == f"{wrong[0] + 1}: " + ", ".join(right[wrong[0]])
        assert right[wrong[0]] not in lists


def test_a_reply_is_never_an_exception() -> None:
    assert WordSorting().grade("\x00\ud800", Task(id="t", env="word_sorting", public=LIST)).outcome is Outcome.MALFORMED

"""Cipher: each kind by a known example and undone by hand, and a verdict by enciphering again."""

from itertools import product
from typing import Any

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.cipher import LETTERS, Cipher, Step, alphabet_of, apply

CAESAR: Step = {"kind": "caesar", "key": 3, "crib": None}
PUBLIC = {"steps": [CAESAR], "text": "fdwgrj"}
KINDS = ["caesar", "vigenere", "keyed", "rail_fence", "columnar"]


def verdict(reply: str, public: dict[str, Any] = PUBLIC) -> tuple[float | None, str]:
    found = Cipher().grade(reply, Task(id="t", env="cipher", public=public, private={"message": "cat dog"}))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: catdog",
        "CAT DOG",
        "<think>Answer: dogcat</think>\nStep by step.\n\n**Answer:** `cat dog`.",
        "Answer:\n```\nCatDog\n```",
        "It is $\\boxed{\\text{cat dog}}$.",
        "Answer: cat dog\nAnswer: catdog",
    ],
)
def test_the_message_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "cipher.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("Answer: catdoh", "cipher.wrong"),
        ("Answer: fdwgrj", "cipher.wrong"),
        ("Answer: catdo", "cipher.length"),
        ("Answer: cat dog or cat dig", "cipher.length"),
        ("Answer: cat dog\nAnswer: cat dig", "cipher.unreadable"),
        ("Answer: cat-dog 7", "cipher.unreadable"),
        ("<think>catdog", "cipher.unreadable"),
        ("", "cipher.unreadable"),
        ("\x00\ud800", "cipher.unreadable"),
        ("Answer: " + "catdog" * 200_000, "cipher.unreadable"),
        ("\\boxed{" * 100_000, "cipher.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


@pytest.mark.parametrize(
    ("kind", "key", "text", "result"),
    [
        ("caesar", 3, "xyzabc", "abcdef"),
        ("vigenere", "lemon", "attackatdawn", "lxfopvefrnhr"),
        ("keyed", alphabet_of("zebras"), "fleeatonce", "siaazqlkba"),
        ("rail_fence", 3, "wearediscoveredfleeatonce", "wecrlteerdsoeefeaocaivden"),
        ("columnar", "zebras", "wearediscoveredfleeatonce", "evlnacdtesearofodeecwiree"),
    ],
)
def test_each_cipher_gives_the_known_result(kind: str, key: int | str, text: str, result: str) -> None:
    assert apply({"kind": kind, "key": key, "crib": None}, text) == result


def undone(step: Step, text: str) -> str:
    """A step undone in another way than by turning `apply` round: by following each place and trying each letter."""
    if step["kind"] in ("rail_fence", "columnar"):
        marks = "".join(chr(1000 + at) for at in range(len(text)))
        moved = apply(step, marks)
        return "".join(text[moved.index(mark)] for mark in marks)
    if step["crib"] is not None:
        plain, made = step["crib"]
        fits = [{a for a, b in zip(plain, made, strict=True) if b == letter} for letter in text]
        assert all(len(letters) == 1 for letters in fits)
        return "".join(letters.pop() for letters in fits)
    found = ""
    for letter in text:
        fitting = [each for each in LETTERS if apply(step, found + each)[-1] == letter]
        assert len(fitting) == 1
        found += fitting[0]
    return found


@pytest.mark.parametrize(("steps", "cribs"), [(1, 0.0), (1, 1.0), (3, 0.5), (5, 1.0)])
def test_undoing_every_step_leaves_one_message_and_it_passes(steps: int, cribs: float) -> None:
    env = Cipher(steps=steps, cribs=cribs)
    for index in range(30):
        task = env.taskset(1)[index]
        text = task.public["text"]
        for step in reversed(task.public["steps"]):
            text = undone(step, text)
        assert text == task.private["message"].replace(" ", "")
        assert env.grade(f"Answer: {text}", task).passed
        for at, letter in product(range(0, len(text), 5), "aeqz"):
            changed = text[:at] + letter + text[at + 1 :]
            assert env.grade(f"Answer: {changed}", task).passed == (changed == text)


def test_two_steps_that_undo_each_other_are_never_a_task() -> None:
    tasks = Cipher(kinds=["caesar"], steps=2).taskset(1)
    assert all(sum(step["key"] for step in tasks[index].public["steps"]) % 26 for index in range(200))


@pytest.mark.parametrize(("kind", "cribs"), [("vigenere", 0), ("keyed", 1)])
def test_no_word_of_the_message_stands_in_a_key_or_a_crib(kind: str, cribs: float) -> None:
    tasks = Cipher(kinds=[kind], words=20, cribs=cribs).taskset(1)
    for index in range(200):
        (step,) = tasks[index].public["steps"]
        told = step["crib"][0].split() if step["crib"] else [step["key"]]
        assert not set(told) & set(tasks[index].private["message"].split())


def test_a_reply_is_never_an_exception() -> None:
    assert Cipher().grade("\x00\ud800", Task(id="t", env="cipher", public=PUBLIC)).outcome is Outcome.MALFORMED

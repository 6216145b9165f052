"""Cryptarithms: one solution each, and a verdict by the arithmetic alone."""

from itertools import permutations
from math import prod
from operator import mul
from typing import Any

import pytest

from envgym import Task
from envgym.environments.reasoning.cryptarithm import Cryptarithm

PUZZLE: dict[str, Any] = {"words": ["AB", "AB"], "result": "CAD", "operator": "+", "given": {"B": 5}}
RIGHT = "A=9, B=5, C=1, D=0"


def verdict(reply: str) -> tuple[float | None, str]:
    found = Cryptarithm().grade(reply, Task(id="t", env="cryptarithm", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        f"Answer: {RIGHT}",
        RIGHT.lower(),
        f"<think>A=8, B=5, C=1, D=0</think>95 + 95 = 190, and C = 1.\n\n**Answer: {RIGHT}**",
        "Answer:\n1. A = 9\n2. D = 0\n3. B = 5\n4. C = 1",
        "| letter | digit |\n|:--|--:|\n| A | 9 |\n| B | 5 |\n| C | 1 |\n| D | 0 |",
        '{"A": 9, "B": 5, "C": 1, "D": 0}',
        "\\boxed{A \\text{=} 9, B=5, C=1, D=0}",
    ],
)
def test_the_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "cryptarithm.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "unreadable"),
        ("95 + 95 = 190", "unreadable"),
        ("A=9, B=5, C=1", "unreadable"),
        (f"<think>{RIGHT}", "unreadable"),
        ("A=9, B=5, C=1, D=10", "unreadable"),
        ("A=9, B=5, C=1, D=0 or 2", "unreadable"),
        (f"Answer: {RIGHT}\nAnswer: A=9, B=6, C=1, D=2", "unreadable"),
        ("A=9, B=5, C=5, D=0", "digit_twice"),
        ("A=9, B=6, C=1, D=2", "given_changed"),
        ("A=4, B=5, C=0, D=9", "leading_zero"),
        ("A=9, B=5, C=1, D=2", "wrong_result"),
        ("\x00\ud800", "unreadable"),
        ("A=9," * 300_000, "unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, f"cryptarithm.{code}")


def solutions(public: dict[str, Any]) -> list[str]:
    """Every way to give the letters digits, tried one after the other."""
    words = [*public["words"], public["result"]]
    letters = sorted(set("".join(words)))
    combine = sum if public["operator"] == "+" else prod
    found = []
    for digits in permutations(range(10), len(letters)):
        key = dict(zip(letters, digits, strict=True))
        if any(key[letter] != digit for letter, digit in public["given"].items()) or any(
            not key[word[0]] for word in words
        ):
            continue
        *numbers, result = (int("".join(str(key[letter]) for letter in word)) for word in words)
        if combine(numbers) == result:
            found.append(", ".join(f"{letter}={key[letter]}" for letter in letters))
    return found


@pytest.mark.parametrize("operator", ["+", "*"])
def test_every_puzzle_has_exactly_one_solution(operator: str) -> None:
    tasks = Cryptarithm(digits=2, operator=operator).taskset(1)
    for index in range(3):
        assert solutions(tasks[index].public) == [tasks[index].private["solution"]]


@pytest.mark.parametrize(("numbers", "digits", "count"), [(2, 3, 20), (3, 3, 10), (2, 5, 2)])
def test_no_other_digits_balance_a_sum(numbers: int, digits: int, count: int) -> None:
    tasks = Cryptarithm(numbers=numbers, digits=digits).taskset(1)
    for index in range(count):
        public = tasks[index].public
        letters = sorted(set(public["result"]).union(*public["words"]))
        weight = dict.fromkeys(letters, 0)
        for sign, word in [(-1, public["result"]), *((1, word) for word in public["words"])]:
            for place, letter in enumerate(reversed(word)):
                weight[letter] += sign * 10**place
        leading = [letters.index(word[0]) for word in [*public["words"], public["result"]]]
        given = [(letters.index(letter), digit) for letter, digit in public["given"].items()]
        found = [
            key
            for key in permutations(range(10), len(letters))
            if sum(map(mul, weight.values(), key)) == 0
            and all(key[at] for at in leading)
            and all(key[at] == digit for at, digit in given)
        ]
        assert len(found) == 1


def test_larger_numbers_come_out_with_the_stored_solution_and_without_letters_given() -> None:
    env = Cryptarithm(digits=6)
    tasks = env.taskset(1)
    for index in range(5):
        task = tasks[index]
        assert not task.public["given"]
        assert env.grade(task.private["solution"], task).score == 1

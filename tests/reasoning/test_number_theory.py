"""Number theory: every kind against a slow way of its own, and answers judged by the question."""

import math
import re
from itertools import product
from typing import Any, get_args

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.number_theory import QUESTIONS, Kind, NumberTheory

POWER = {"kind": "power", "given": {"base": 2, "exponent": 100, "above": 1, "modulus": 1009}}
EQUATION = {"kind": "equation", "given": {"factors": [5, 7], "total": 106, "sum": None}}
BASE = {"kind": "base", "given": {"number": "255", "base": 10, "to": 16}}
RESTS = {"kind": "congruences", "given": {"moduli": [4, 6, 35], "rests": [3, 5, 13]}}


def verdict(reply: str, public: dict[str, Any] = POWER) -> tuple[float | None, str]:
    found = NumberTheory().grade(reply, Task(id="t", env="number_theory", public=public))
    return found.score, found.code


GOLD = str(pow(2, 100) % 1009)


@pytest.mark.parametrize(
    ("reply", "public"),
    [
        (GOLD, POWER),
        (f"<think>3</think>So.\n\n**Answer: {GOLD}.**", POWER),
        (f"Working...\nAnswer: $x = {GOLD}$", POWER),
        (f"\\boxed{{{GOLD}}}", POWER),
        (f"answer: {GOLD}\nAnswer: {GOLD}.0", POWER),
        ("Answer: x = 10, y = 8", EQUATION),
        ("Answer: y=3 and x=17", EQUATION),
        ("Answer: x=17; y=3.", EQUATION),
        ("Answer: FF", BASE),
        ("Answer: `ff` (base 16)", BASE),
        ("Answer: 83", RESTS),
    ],
)
def test_right_answers_pass_in_any_dress(reply: str, public: dict[str, Any]) -> None:
    assert verdict(reply, public) == (1.0, "number_theory.ok")


@pytest.mark.parametrize(
    ("reply", "public", "code"),
    [
        ("", POWER, "unreadable"),
        ("I cannot.", POWER, "unreadable"),
        (f"<think>{GOLD}", POWER, "unreadable"),
        (f"Answer: {GOLD} or 7", POWER, "unreadable"),
        (f"Answer: {GOLD}, 7", POWER, "unreadable"),
        (f"Answer: 7\nAnswer: {GOLD}", POWER, "unreadable"),
        ("Answer: 7", POWER, "wrong"),
        (f"Answer: -{GOLD}", POWER, "wrong"),
        ("Answer: 2**100 % 1009", POWER, "unreadable"),
        ("9" * 1_000_000, POWER, "unreadable"),
        ("9" * 1_000, BASE, "unreadable"),
        ("\x00\ud800", POWER, "unreadable"),
        ("Answer: x=17", EQUATION, "unreadable"),
        ("Answer: x=17, y=3, x=10, y=8", EQUATION, "unreadable"),
        ("Answer: x=17, y=4", EQUATION, "wrong"),
        ("Answer: x=24, y=-2", EQUATION, "wrong"),
        ("Answer: fe", BASE, "wrong"),
        ("Answer: fg", BASE, "unreadable"),
        ("Answer: 503", RESTS, "wrong"),
        ("Answer: -337", RESTS, "wrong"),
        ("Answer: 84", RESTS, "wrong"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, public: dict[str, Any], code: str) -> None:
    assert verdict(reply, public) == (0.0, f"number_theory.{code}")


def slow(kind: str, given: dict[str, Any]) -> int:
    """The answer by trying everything; nothing of it is shared with the environment."""
    if kind == "gcd":
        value = int(given["numbers"][0])
        for sign, other in zip(given["signs"], given["numbers"][1:], strict=True):
            low = next(d for d in range(min(value, other), 0, -1) if value % d == 0 and other % d == 0)
            value = low if sign == "gcd" else value * other // low
        return value
    if kind == "power":
        value = 1
        for _ in range(given["exponent"] ** given["above"]):
            value = value * int(given["base"]) % int(given["modulus"])
        return value
    if kind == "congruences":
        pairs = list(zip(given["moduli"], given["rests"], strict=True))
        return next(n for n in range(10**7) if all(n % modulus == rest for modulus, rest in pairs))
    if kind == "divisors":
        number = int(given["number"])
        divisors = {d for low in range(1, math.isqrt(number) + 1) if number % low == 0 for d in (low, number // low)}
        squares = [d for d in divisors if math.isqrt(d) ** 2 == d]
        odd = [d for d in divisors if d % 2]
        counts = {"all": divisors, "square": squares, "odd": odd}
        return len(divisors) - len(odd) if given["which"] == "even" else len(counts[given["which"]])
    if kind == "collatz":
        seen, number = [given["start"]], given["start"]
        while number != 1:
            number = (number // 2, 3 * number + 1)[number % 2]
            seen.append(number)
        return int({"steps": len(seen) - 1, "largest": max(seen), "sum": sum(seen)}[given["which"]])
    digit, total = given["digit"], int(given["total"])
    return sum(
        (sum(map(int, str(n))) if digit is None else str(n).count(str(digit))) == total
        for n in range(given["multiple"], given["high"] + 1, given["multiple"])
    )


@pytest.mark.parametrize("kind", ["gcd", "power", "congruences", "divisors", "collatz", "digits"])
@pytest.mark.parametrize("level", [1, 2])
def test_the_answer_is_what_a_slow_way_finds(kind: Kind, level: int) -> None:
    env = NumberTheory(kind=kind, level=level)
    tasks = env.taskset(1)
    for index in range(8):
        answer = slow(kind, tasks[index].public["given"])
        assert tasks[index].private["answer"] == str(answer)
        assert env.grade(f"Answer: {answer}", tasks[index]).passed
        assert not env.grade(f"Answer: {answer + 1}", tasks[index]).passed


@pytest.mark.parametrize("which", ["all", "odd", "even", "square"])
def test_divisors_of_every_small_number_are_counted(which: str) -> None:
    for number in range(1, 400):
        given = {"number": number, "which": which}
        assert QUESTIONS["divisors"].solve(given) == str(slow("divisors", given))


@pytest.mark.parametrize(("digit", "total"), [(None, 1), (None, 9), (7, 1), (7, 2), (1, 3)])
def test_the_last_number_of_a_range_counts_too(digit: int | None, total: int) -> None:
    for high in range(1, 300):
        given = {"high": high, "digit": digit, "total": total, "multiple": 3}
        assert QUESTIONS["digits"].solve(given) == str(slow("digits", given))


def test_every_solution_of_an_equation_passes() -> None:
    env = NumberTheory(kind="equation", level=3)
    for index in range(5):
        task = env.taskset(2)[index]
        a, b, c = task.public["given"]["factors"]
        total, all_in_all = task.public["given"]["total"], task.public["given"]["sum"]
        right = 0
        for x, y in product(range(1, all_in_all), repeat=2):
            z = all_in_all - x - y
            holds = z > 0 and a * x + b * y + c * z == total
            right += holds
            assert env.grade(f"x={x}, y={y}, z={z}", task).passed is holds
        assert right >= 1


def test_a_number_in_another_base_is_the_same_number() -> None:
    env = NumberTheory(kind="base", level=3)
    for index in range(20):
        task = env.taskset(3)[index]
        given = task.public["given"]
        assert int(task.private["answer"], given["to"]) == int(given["number"], given["base"])


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("level", range(1, 7))
def test_every_kind_has_tasks_at_every_level(kind: Kind, level: int) -> None:
    env = NumberTheory(kind=kind, level=level)
    tasks = env.taskset(4)
    for index in range(20):
        assert env.grade(f"Answer: {tasks[index].private['answer']}", tasks[index]).outcome is Outcome.PASS


@pytest.mark.parametrize("kind", get_args(Kind))
def test_an_answer_has_two_signs_or_more_and_does_not_stand_in_its_question(kind: Kind) -> None:
    env = NumberTheory(kind=kind, level=1)
    tasks = env.taskset(5)
    for index in range(100):
        answer = tasks[index].private["answer"]
        asked = env.begin(tasks[index]).partition("\n\n")[0]
        assert len(answer) > 1
        assert f" {answer} " not in re.sub(r"\W", " ", f" {asked} ")

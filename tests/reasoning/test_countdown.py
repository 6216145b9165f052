"""Countdown: any expression over some of the numbers passes, and no task is shorter than it claims."""

from fractions import Fraction

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.countdown import Countdown

PUBLIC = {"numbers": [100, 7, 3, 3, 2], "target": 707, "exact": False}


def verdict(reply: str, *, exact: bool = False) -> tuple[float | None, str]:
    found = Countdown().grade(reply, Task(id="t", env="countdown", public={**PUBLIC, "exact": exact}))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        "100*7+3*3-2",
        "(7 * 100) + (3 * 3 - 2)",
        "<think>7*101?</think>\n**7*100 + 3*3 - 2**",
        "Answer: 7 × 100 + 3 × 3 − 2 = 707.",
        "Multiply first.\n\n```\n7*100+3*3-2\n```",
        r"\boxed{7 \cdot 100 + 3 \cdot 3 - 2}",
    ],
)
def test_any_expression_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "countdown.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "countdown.unreadable"),
        ("I cannot.", "countdown.unreadable"),
        ("<think>7*100+3*3-2", "countdown.unreadable"),
        ("7*100+3*3-2 or 7*100+7", "countdown.unreadable"),
        ("Answer: 7*100+3*3-2\nAnswer: 7*100+7", "countdown.unreadable"),
        ("7*100+7", "countdown.wrong_numbers"),
        ("707", "countdown.wrong_numbers"),
        ("7*100+3+3", "countdown.wrong_value"),
        ("7/(3-3)", "countdown.zero_division"),
        ("1" * 1_000_000, "countdown.unreadable"),
        ("\x00\ud800", "countdown.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def test_a_remainder_is_refused_where_divisions_must_be_exact() -> None:
    assert verdict("(100*7/2)*2", exact=True)[1] == "countdown.wrong_numbers"
    assert verdict("100/3*3*7", exact=True) == (0.0, "countdown.inexact_division")
    assert verdict("100*7+3*3-2", exact=True) == (1.0, "countdown.ok")


def values(numbers: tuple[int, ...]) -> set[Fraction]:
    """Every value that all numbers give, by splitting them in two: nothing of it is shared with the generator."""
    if len(numbers) == 1:
        return {Fraction(numbers[0])}
    found: set[Fraction] = set()
    for mask in range(1, 2 ** len(numbers) - 1):
        left = values(tuple(number for at, number in enumerate(numbers) if mask >> at & 1))
        right = values(tuple(number for at, number in enumerate(numbers) if not mask >> at & 1))
        for a in left:
            for b in right:
                found |= {a + b, a - b, a * b} | ({a / b} if b else set())
    return found


@pytest.mark.parametrize("least", [3, 4])
def test_no_smaller_set_gives_the_target(least: int) -> None:
    tasks = Countdown(numbers=5, spare=1, least=least, exact=True).taskset(3)
    for index in range(4):
        numbers, target = tasks[index].public["numbers"], tasks[index].public["target"]
        for mask in range(1, 32):
            some = tuple(number for at, number in enumerate(numbers) if mask >> at & 1)
            if len(some) < least:
                assert target not in values(some), (numbers, target, some)


@pytest.mark.parametrize("exact", [False, True])
def test_the_solution_of_every_task_passes(exact: bool) -> None:
    env = Countdown(numbers=6, large=2, exact=exact)
    tasks = env.taskset(5)
    for index in range(50):
        assert env.grade(tasks[index].private["solution"], tasks[index]).outcome is Outcome.PASS

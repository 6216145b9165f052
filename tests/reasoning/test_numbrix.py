"""Numbrix: a hidden path that keeps the rules, and a verdict by the rules alone."""

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.numbrix import Numbrix

PUZZLE = {"givens": [[1, 0, 0], [0, 0, 0], [0, 0, 9]]}
RIGHT = "1 2 3\n6 5 4\n7 8 9"
TURNED = "1 6 7\n2 5 8\n3 4 9"


def verdict(reply: str) -> tuple[float | None, str]:
    found = Numbrix().grade(reply, Task(id="t", env="numbrix", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        RIGHT,
        TURNED,
        f"<think>1 1 1</think>Here it is:\n\n```\n{RIGHT}\n```\nDone.",
        RIGHT.replace(" ", ""),
        "01 02 03\n06 05 04\n07 08 09",
        "| " + RIGHT.replace(" ", " | ").replace("\n", " |\n| ") + " |",
        "[[1,2,3],[6,5,4],[7,8,9]]",
    ],
)
def test_any_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "numbrix.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("I cannot.", "numbrix.unreadable"),
        (f"<think>{RIGHT}", "numbrix.unreadable"),
        (RIGHT.replace("9", "10"), "numbrix.unreadable"),
        (RIGHT.replace("7 8 9", "9 8 7"), "numbrix.given_changed"),
        (RIGHT.replace("6", "5"), "numbrix.repeated"),
        ("1 2 4\n6 5 3\n7 8 9", "numbrix.not_adjacent"),
        (f"{RIGHT}\n\nor perhaps\n\n1 2 3\n4 5 6\n7 8 9", "numbrix.unreadable"),
        ("\x00\ud800", "numbrix.unreadable"),
        ("1 2 3 " * 200_000, "numbrix.unreadable"),
        ("[[" * 50_000, "numbrix.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


@pytest.mark.parametrize(("size", "shown"), [(3, 0.0), (5, 0.25), (8, 0.8), (10, 0.1)])
def test_the_hidden_path_visits_every_cell_step_by_step(size: int, shown: float) -> None:
    tasks = Numbrix(size=size, shown=shown).taskset(1)
    for index in range(8):
        rows = [[int(number) for number in line.split()] for line in tasks[index].private["solution"].split(" / ")]
        at = {number: complex(row, column) for row, line in enumerate(rows) for column, number in enumerate(line)}
        assert sorted(at) == list(range(1, size * size + 1))
        assert all(abs(at[number + 1] - at[number]) == 1 for number in range(1, size * size))
        for given_row, row in zip(tasks[index].public["givens"], rows, strict=True):
            assert all(given in (0, number) for given, number in zip(given_row, row, strict=True))


def test_paths_differ_from_task_to_task() -> None:
    tasks = Numbrix(size=5).taskset(1)
    assert len({tasks[index].private["solution"] for index in range(20)}) == 20


def test_a_reply_is_never_an_exception() -> None:
    assert Numbrix().grade("\ud800[[", Task(id="t", env="numbrix", public=PUZZLE)).outcome is Outcome.MALFORMED

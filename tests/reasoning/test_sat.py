"""Satisfiability: every formula can be satisfied, and any assignment that does it passes."""

from itertools import product
from typing import Any

import pytest

from envgym import Task
from envgym.environments.reasoning.sat import Sat

PUZZLE: dict[str, Any] = {"variables": 3, "clauses": [[1, 2, 3], [-1, -2], [3, -2]], "form": "symbols"}
RIGHT = "x1=1, x2=0, x3=0"


def verdict(reply: str, public: dict[str, Any] = PUZZLE) -> tuple[float | None, str]:
    found = Sat().grade(reply, Task(id="t", env="sat", public=public))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        f"Answer: {RIGHT}",
        "Answer: x1=0, x2=1, x3=1",
        "x3=TRUE, x2=F, x1=false",
        f"<think>x1=0, x2=0, x3=0</think>x1 makes the first clause true.\n\n**Answer:** {RIGHT}.",
        "Answer:\n- x1: true\n- x2: **false**\n- x3: true\n",
        "| variable | value |\n|---|---|\n| x1 | 1 |\n| x2 | 0 |\n| x3 | 0 |",
        '{"x1": true, "x2": false, "x3": false}',
        "$\\boxed{x_1 = 1, x_{2} = 0, x_3 = 0}$",
    ],
)
def test_any_satisfying_assignment_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "sat.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "unreadable"),
        ("It cannot be satisfied.", "unreadable"),
        ("x1=1, x2=0", "unreadable"),
        (f"<think>{RIGHT}", "unreadable"),
        ("x1=1, x2=0, x3=2", "unreadable"),
        ("x1=1, x2=0, x3=0 or 1", "unreadable"),
        ("x1=1, x2=0, x3=0, x1=0", "unreadable"),
        (f"Answer: {RIGHT}\nAnswer: x1=0, x2=1, x3=1", "unreadable"),
        ("x1=0, x2=0, x3=0", "clause_broken"),
        ("x1=1, x2=1, x3=1", "clause_broken"),
        ("x1=0, x2=1, x3=0", "clause_broken"),
        ("\x00\ud800", "unreadable"),
        ("x1=1," * 200_000, "unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, f"sat.{code}")


def test_grading_agrees_with_a_truth_table_over_every_assignment() -> None:
    public = Sat(variables=6, ratio=3).taskset(1)[0].public
    passed = 0
    for values in product((0, 1), repeat=6):
        true = {number if value else -number for number, value in enumerate(values, 1)}
        satisfied = all(true & set(clause) for clause in public["clauses"])
        score, _ = verdict(", ".join(f"x{number}={value}" for number, value in enumerate(values, 1)), public)
        assert score == float(satisfied)
        passed += satisfied
    assert 0 < passed < 64


@pytest.mark.parametrize("width", [2, 3, 4])
def test_the_hidden_assignment_satisfies_and_the_signs_do_not_tell_it(width: int) -> None:
    env = Sat(variables=40, ratio=10, width=width)
    tasks = env.taskset(1)
    agreeing = 0
    for index in range(10):
        task = tasks[index]
        assert env.grade(task.private["solution"], task).score == 1
        values = [pair.endswith("=1") for pair in task.private["solution"].split(", ")]
        literals = [literal for clause in task.public["clauses"] for literal in clause]
        agreeing += sum(values[abs(literal) - 1] == (literal > 0) for literal in literals)
    assert abs(agreeing / (10 * 400 * width) - 0.5) < 0.02


@pytest.mark.parametrize(
    ("form", "line"), [("symbols", "x3 ∨ ¬x2"), ("words", "x3 is true or x2 is false"), ("dimacs", "3 -2 0")]
)
def test_a_clause_is_written_in_each_form(form: str, line: str) -> None:
    task = Task(id="t", env="sat", public={**PUZZLE, "form": form})
    assert line in Sat().begin(task).splitlines()

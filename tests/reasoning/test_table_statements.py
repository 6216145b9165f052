"""Table statements: the list of true ones, checked by a reading of the words that shares nothing with the generator."""

import re
from typing import Any

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.table_statements import HOPS, TableStatements

ROWS = [
    {"name": "Alma", "team": "Red", "city": "Oslo", "points": 10, "age": 20},
    {"name": "Boris", "team": "Red", "city": "Turin", "points": 30, "age": 40},
    {"name": "Clara", "team": "Blue", "city": "Oslo", "points": 50, "age": 30},
]
STATEMENTS = [
    {"form": "top", "by": "team", "group": "Red", "number": "points", "way": "highest", "claim": "Boris"},
    {"form": "total", "by": "team", "number": "points", "groups": ["Red", "Blue"], "claim": "Red"},
    {"form": "count", "by": "city", "group": "Oslo", "number": "points", "limit": 10, "claim": 1},
    {"form": "average", "by": "team", "group": "Red", "number": "age", "limit": 30, "claim": "above"},
]
PUBLIC = {"rows": ROWS, "statements": STATEMENTS}


def verdict(reply: str) -> tuple[float | None, str]:
    found = TableStatements().grade(reply, Task(id="t", env="table_statements", public=PUBLIC))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        "Answer: 1, 3",
        "3, 1",
        "<think>2</think>Number 2 is false.\n\n**Answer: 1 and 3.**",
        "Answer: Statements 1 and 3 are true.",
        "\\boxed{1,3}",
        "Answer: [1, 3]",
        "Answer: 1, 3\nAnswer: 3, 1",
    ],
)
def test_the_full_list_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "table_statements.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "unreadable"),
        ("I cannot.", "unreadable"),
        ("Answer: none", "unreadable"),
        ("<think>Answer: 1, 3", "unreadable"),
        ("Answer: 1, 3 or 4", "unreadable"),
        ("Answer: 1, 3, maybe 4", "unreadable"),
        ("Answer: 1-3", "unreadable"),
        ("Answer: 1, 3, 5", "unreadable"),
        ("Answer: 1\nAnswer: 1, 3", "unreadable"),
        ("Answer: 2 is not true", "unreadable"),
        ("Answer: 1", "missing"),
        ("Answer: 1, 2, 3", "false_one"),
        ("Answer: 1, 3, 4", "false_one"),
        ("1, 3, " * 200_000, "unreadable"),
        ("\x00\ud800", "unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, f"table_statements.{code}")


def best(rows: list[dict[str, Any]], column: str, way: str) -> dict[str, Any]:
    ranked = sorted(rows, key=lambda row: int(row[column]), reverse=way == "highest")
    assert len(ranked) == 1 or ranked[0][column] != ranked[1][column]
    return ranked[0]


def best_group(rows: list[dict[str, Any]], by: str, column: str, way: str) -> str:
    sums = {row[by]: sum(int(each[column]) for each in rows if each[by] == row[by]) for row in rows}
    ranked = sorted(sums, key=lambda group: sums[group], reverse=way == "highest")
    assert sums[ranked[0]] != sums[ranked[1]]
    return str(ranked[0])


def holds(text: str, rows: list[dict[str, Any]]) -> bool:
    """Whether a statement is true, by its words alone."""
    if m := re.fullmatch(
        r"The sum of (\w+) over the rows with (\w+) (\w+) is greater than over the rows with \2 (\w+)\.", text
    ):
        sums = [sum(int(row[m[1]]) for row in rows if row[m[2]] == m[part]) for part in (3, 4)]
        assert sums[0] != sums[1]
        return sums[0] > sums[1]
    if m := re.fullmatch(r"Exactly (\d+) rows? with (\w+) (\w+) ha(?:s|ve) (\w+) above (\d+)\.", text):
        return len([1 for row in rows if row[m[2]] == m[3] and int(row[m[4]]) > int(m[5])]) == int(m[1])
    if m := re.fullmatch(r"The mean of (\w+) over the rows with (\w+) (\w+) is (above|below) (\d+)\.", text):
        numbers = [int(row[m[1]]) for row in rows if row[m[2]] == m[3]]
        mean, limit = sum(numbers) / len(numbers), int(m[5])
        return mean > limit if m[4] == "above" else mean < limit
    if m := re.fullmatch(
        r"Among the rows with (\w+) below the \1 of (\w+), the one with the (\w+) (\w+) is (\w+)\.", text
    ):
        limit = next(int(row[m[1]]) for row in rows if row["name"] == m[2])
        return bool(best([row for row in rows if int(row[m[1]]) < limit], m[4], m[3])["name"] == m[5])
    if m := re.fullmatch(r"The (\w+) with the (\w+) sum of (\w+) is (\w+)\.", text):
        return best_group(rows, m[1], m[3], m[2]) == m[4]
    if m := re.fullmatch(
        r"Within the (\w+) that has the (\w+) sum of (\w+), the row with the (\w+) (\w+) is (\w+)\.", text
    ):
        group = best_group(rows, m[1], m[3], m[2])
        return bool(best([row for row in rows if row[m[1]] == group], m[5], m[4])["name"] == m[6])
    m = re.fullmatch(r"Among the rows with (\w+) (\w+), the one with the (\w+) (\w+) (is|has \w+) (\w+)\.", text)
    assert m, text
    column = "name" if m[5] == "is" else m[5].removeprefix("has ")
    return bool(best([row for row in rows if row[m[1]] == m[2]], m[4], m[3])[column] == m[6])


@pytest.mark.parametrize("size", [5, 12])
def test_the_prompt_alone_settles_every_statement(size: int) -> None:
    env = TableStatements(rows=size, statements=8)
    tasks = env.taskset(1)
    forms: set[str] = set()
    trues = 0
    for index in range(60):
        task = tasks[index]
        prompt = env.begin(task)
        cells = [line.strip("| ").split(" | ") for line in prompt.splitlines() if line.startswith("|")]
        rows = [dict(zip(cells[0], line, strict=True)) for line in cells[2:]]
        statements = re.findall(r"^(\d+)\. (.*)$", prompt, re.MULTILINE)
        right = [number for number, text in statements if holds(text, rows)]
        assert task.private["true"] == ", ".join(right)
        assert 0 < len(right) < len(statements) == 8
        forms |= {statement["form"] for statement in task.public["statements"]}
        trues += len(right)
        assert env.grade(f"Answer: {task.private['true']}", task).outcome is Outcome.PASS
    assert forms == set(HOPS)
    assert 0.4 < trues / (60 * 8) < 0.6

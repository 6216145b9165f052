"""Boolean expressions: every name must be right, and the truth is worked out again from the text."""

import re
from typing import Any

import pytest

from envgym import Task
from envgym.environments.reasoning.boolean_expressions import BooleanExpressions, written

PUZZLE: dict[str, Any] = {
    "expressions": [
        ["and", ["greater", 7, 3], ["name", 1]],
        ["not", ["divides", 5, 12]],
        ["nor", ["name", 0], ["value", False]],
    ],
    "style": "mixed",
}
RIGHT = "A=true, B=true, C=false"


def verdict(reply: str) -> tuple[float | None, str]:
    found = BooleanExpressions().grade(reply, Task(id="t", env="boolean_expressions", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        f"Answer: {RIGHT}",
        RIGHT.upper(),
        f"<think>A=false</think>B is true, since 12 is no multiple of 5.\n\n**Answer:** {RIGHT}.",
        "Answer:\n- A: True\n- B: **True**\n- C: False\n",
        "A is true, B is true and C is false.",
        "| name | truth |\n|---|---|\n| A | T |\n| B | T |\n| C | F |",
        '{"A": true, "B": true, "C": false}',
    ],
)
def test_the_right_answer_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "boolean_expressions.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "unreadable"),
        ("A, B", "unreadable"),
        ("A=true, B=true", "unreadable"),
        (f"<think>{RIGHT}", "unreadable"),
        ("A=true, B=true, C=false or true", "unreadable"),
        ("A=true, B=true, C=not true", "unreadable"),
        (f"Answer: {RIGHT}\nAnswer: A=true, B=true, C=true", "unreadable"),
        ("A=true, B=true, C=true", "wrong"),
        ("A=false, B=true, C=false", "wrong"),
        ("\x00\ud800", "unreadable"),
        ("A=true," * 150_000, "unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, f"boolean_expressions.{code}")


class Divisor(int):
    def __or__(self, other: int) -> bool:
        return other % self == 0


def python_of(line: str) -> str:
    """The text of an expression in symbols as Python; everything nested stands in brackets, so comparisons of truths do."""
    line = re.sub(r"(\d+) \|", r"Divisor(\1) |", line)
    for symbol, code in {
        "↔": "==",
        "⊕": "!=",
        "→": "<=",
        "≤": "<=",
        "∧": "and",
        "∨": "or",
        "¬": "not ",
        "↓ ": "== -",
    }.items():
        line = line.replace(symbol, code)
    return line.replace("true", "True").replace("false", "False")


@pytest.mark.parametrize("settings", [{"depth": 1}, {}, {"depth": 5, "expressions": 12, "references": 0.8}])
def test_the_stored_answer_is_what_python_makes_of_the_text(settings: dict[str, Any]) -> None:
    env = BooleanExpressions(style="symbols", **settings)
    tasks = env.taskset(1)
    for index in range(5):
        lines = dict(re.findall(r"^([A-Z]): (.*)$", env.begin(tasks[index]), re.MULTILINE))
        known: dict[str, bool] = {}
        while len(known) < len(lines):
            for name, line in lines.items():
                if name not in known and set(re.findall(r"\b[A-Z]\b", line)) <= known.keys():
                    known[name] = eval(python_of(line), {"Divisor": Divisor, **known})
        text = ", ".join(f"{name}={str(bool(known[name])).lower()}" for name in sorted(known))
        assert tasks[index].private["solution"] == text


def test_an_expression_reads_the_same_in_words_and_in_symbols() -> None:
    tree = ["if", ["xor", ["name", 0], ["most", 3, 4]], ["iff", ["not", ["name", 1]], ["even", 3, 4]]]
    assert (
        written(tree, "words", 0)
        == "if (exactly one of A and (3 is at most 4)) then ((not B) if and only if (3 plus 4 is even))"
    )
    assert written(tree, "symbols", 0) == "(A ⊕ (3 ≤ 4)) → ((¬B) ↔ (2 | (3 + 4)))"
    assert written(tree, "mixed", 1) == "(exactly one of A and (3 is at most 4)) → ((not B) ↔ (2 | (3 + 4)))"

"""Graph colouring: every graph can be coloured, and any proper colouring passes."""

from itertools import product
from typing import Any

import pytest

from envgym import Task
from envgym.environments.reasoning.graph_coloring import GraphColoring

PUZZLE: dict[str, Any] = {
    "nodes": 4,
    "colours": ["red", "green", "blue"],
    "edges": [[1, 2], [2, 3], [3, 1], [4, 3]],
}
RIGHT = "n1=red, n2=green, n3=blue, n4=red"


def verdict(reply: str, public: dict[str, Any] = PUZZLE) -> tuple[float | None, str]:
    found = GraphColoring().grade(reply, Task(id="t", env="graph_coloring", public=public))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        f"Answer: {RIGHT}",
        "Answer: n1=blue, n2=green, n3=red, n4=green",
        RIGHT.upper(),
        f"<think>n1=red</think>n1, n2 and n3 are a triangle.\n\n**Answer:** {RIGHT}.",
        "Answer:\n- n1: red\n- n2: **green**\n- n3: blue\n- n4: red\n",
        "| node | colour |\n|---|---|\n| n1 | red |\n| n2 | green |\n| n3 | blue |\n| n4 | green |",
        '{"n1": "red", "n2": "green", "n3": "blue", "n4": "red"}',
        "n1 is red, n2 is green, n3 is blue and n4 is red.",
    ],
)
def test_any_proper_colouring_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "graph_coloring.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "unreadable"),
        ("n1=red, n2=green, n3=blue", "unreadable"),
        (f"<think>{RIGHT}", "unreadable"),
        (RIGHT.replace("n4=red", "n4=pink"), "unreadable"),
        (RIGHT.replace("n4=red", "n4=red or green"), "unreadable"),
        (f"{RIGHT}, n5=red", "unreadable"),
        (f"Answer: {RIGHT}\nAnswer: {RIGHT.replace('n4=red', 'n4=green')}", "unreadable"),
        (RIGHT.replace("n4=red", "n4=blue"), "same_colour"),
        ("n1=red, n2=red, n3=red, n4=red", "same_colour"),
        ("\x00\ud800", "unreadable"),
        ("n1=red," * 150_000, "unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, f"graph_coloring.{code}")


def test_grading_agrees_with_the_colour_classes_over_every_colouring() -> None:
    public = GraphColoring(nodes=6, density=1.5).taskset(1)[0].public
    passed = 0
    for colours in product(public["colours"], repeat=6):
        classes = [{node for node, colour in enumerate(colours, 1) if colour == each} for each in public["colours"]]
        proper = not any(set(edge) <= members for edge in public["edges"] for members in classes)
        score, _ = verdict(", ".join(f"n{node}={colour}" for node, colour in enumerate(colours, 1)), public)
        assert score == float(proper)
        passed += proper
    assert 0 < passed < 3**6


@pytest.mark.parametrize(
    "settings", [{}, {"nodes": 5, "colours": 2, "density": 0.5}, {"nodes": 60, "colours": 5, "density": 8}]
)
def test_the_hidden_colouring_passes_and_every_node_has_an_edge(settings: dict[str, Any]) -> None:
    env = GraphColoring(**settings)
    tasks = env.taskset(1)
    for index in range(5):
        task = tasks[index]
        assert env.grade(task.private["solution"], task).score == 1
        edges = [frozenset(edge) for edge in task.public["edges"]]
        assert set().union(*edges) == set(range(1, task.public["nodes"] + 1))
        assert len(set(edges)) == len(edges)
        assert all(len(edge) == 2 for edge in edges)

"""Rotated maze: the end of a walk, checked with the map held still and the compass turned instead."""

import re

import pytest

from envgym import Outcome, Task
from envgym.environments.reasoning.rotated_maze import HEADINGS, RotatedMaze

# To the right end of the top row; the map turns, which brings that to the bottom right; then one step north.
PUBLIC = {
    "rows": ["...", "#..", "..."],
    "start": [0, 0, "east"],
    "commands": ["forward 5", "spin", "right", "around", "forward 1"],
}
RIGHT = "Answer: 2, 3, north"


def verdict(reply: str) -> tuple[float | None, str]:
    found = RotatedMaze().grade(reply, Task(id="t", env="rotated_maze", public=PUBLIC))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        RIGHT,
        "2, 3, North.",
        "<think>Answer: 1, 1, east</think>I walk.\n\n**Answer: row 2, column 3, facing north**",
        "Answer: (2, 3, N)",
        "\\boxed{2, 3, \\text{north}}",
        "Answer: row 2 column 3 and facing north",
        f"{RIGHT}\nAnswer: 2,3,n",
    ],
)
def test_the_end_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "rotated_maze.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "unreadable"),
        ("I cannot.", "unreadable"),
        (f"<think>{RIGHT}", "unreadable"),
        ("Answer: 2, 3", "unreadable"),
        ("Answer: 2, 3, north or south", "unreadable"),
        ("Answer: 23 north", "unreadable"),
        ("Answer: column 3, row 2, north", "unreadable"),
        (f"Answer: 2, 3, south\n{RIGHT}", "unreadable"),
        ("Answer: 3, 2, north", "wrong_square"),
        ("Answer: 2, 3, south", "wrong_heading"),
        ("2" * 1_000_000, "unreadable"),
        ("\x00\ud800", "unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, f"rotated_maze.{code}")


def end_of(prompt: str) -> str:
    """The answer by the prompt alone: complex numbers, a map that stays, and a heading that turns back where the map would turn."""
    rows = re.findall(r"^[#.](?: [#.])+$", prompt, re.MULTILINE)
    size = len(rows)
    free = {complex(x, -y) for y, row in enumerate(rows) for x, cell in enumerate(row.split()) if cell == "."}
    found = re.search(r"at row (\d+), column (\d+), facing (\w+)", prompt)
    assert found
    at, ahead = complex(int(found[2]) - 1, 1 - int(found[1])), 1j * (-1j) ** HEADINGS.index(found[3])
    spins = 0
    for command in re.findall(r"^\d+\. (.*)$", prompt, re.MULTILINE):
        ahead *= {"left": 1j, "right": -1j, "around": -1, "spin": 1j}.get(command, 1)
        spins += command == "spin"
        for _ in range(int(command.split()[1]) if command.startswith("forward") else 0):
            if at + ahead not in free:
                break
            at += ahead
    middle = complex(size - 1, 1 - size) / 2
    at = (at - middle) * (-1j) ** spins + middle
    heading = next(
        name for turns, name in enumerate(HEADINGS) if abs(ahead * (-1j) ** spins - 1j * (-1j) ** turns) < 0.1
    )
    return f"{round(1 - at.imag)}, {round(at.real) + 1}, {heading}"


@pytest.mark.parametrize(("size", "spins", "commands"), [(3, 0, 3), (6, 2, 10), (9, 7, 25)])
def test_the_prompt_alone_leads_to_the_same_end(size: int, spins: int, commands: int) -> None:
    env = RotatedMaze(size=size, spins=spins, commands=commands)
    tasks = env.taskset(1)
    for index in range(40):
        prompt = env.begin(tasks[index])
        assert prompt.count("spin\n") == spins
        assert end_of(prompt) == tasks[index].private["end"]
        assert env.grade(f"Answer: {end_of(prompt)}", tasks[index]).outcome is Outcome.PASS

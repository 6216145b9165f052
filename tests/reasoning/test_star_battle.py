"""Star battle: boards with the solutions that are claimed, and a verdict by the rules alone."""

from itertools import combinations

import pytest

from envgym import Outcome, Task, UsageError
from envgym.environments.reasoning.star_battle import LETTERS, StarBattle, picture, solutions

PUZZLE = {"regions": ["AABB", "AABB", "CCDD", "CCDD"], "stars": 1}
RIGHT = ". S . .\n. . . S\nS . . .\n. . S ."
OTHER = ". . S .\nS . . .\n. . . S\n. S . ."


def verdict(reply: str) -> tuple[float | None, str]:
    found = StarBattle().grade(reply, Task(id="t", env="star_battle", public=PUZZLE))
    return found.score, found.code


@pytest.mark.parametrize(
    "reply",
    [
        RIGHT,
        OTHER,
        RIGHT.lower().replace(".", "_"),
        f"<think>S S S S</think>Here it is:\n\n```\n{RIGHT}\n```\nDone.",
        RIGHT.replace(" ", ""),
        "| " + RIGHT.replace(" ", " | ").replace("\n", " |\n| ") + " |",
        str([list(line.split()) for line in RIGHT.splitlines()]).replace("'", '"'),
    ],
)
def test_any_solution_passes_in_any_dress(reply: str) -> None:
    assert verdict(reply) == (1.0, "star_battle.ok")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("I cannot.", "star_battle.unreadable"),
        (f"<think>{RIGHT}", "star_battle.unreadable"),
        (RIGHT.replace("S", "X"), "star_battle.unreadable"),
        ("A A B B\nA A B B\nC C D D\nC C D D", "star_battle.unreadable"),
        (RIGHT.replace("S", "."), "star_battle.wrong_in_row"),
        (RIGHT.replace(".", "S"), "star_battle.wrong_in_row"),
        ("S . . .\n. . . S\nS . . .\n. . S .", "star_battle.wrong_in_column"),
        ("S . . .\n. S . .\n. . S .\n. . . S", "star_battle.wrong_in_region"),
        ("S . . .\n. . S .\n. S . .\n. . . S", "star_battle.touching"),
        (f"{RIGHT}\n\nor perhaps\n\n{RIGHT.replace('. S', 'S .', 1)}", "star_battle.unreadable"),
        ("\x00\ud800", "star_battle.unreadable"),
        (". S . " * 200_000, "star_battle.unreadable"),
        ("[[" * 50_000, "star_battle.unreadable"),
    ],
)
def test_anything_else_scores_nothing_and_says_why(reply: str, code: str) -> None:
    assert verdict(reply) == (0.0, code)


def boards(regions: list[str], stars: int) -> list[str]:
    """All solutions, by laying row under row and looking at regions last: nothing of it is shared with the generator."""
    size = len(regions)
    rows = [row for row in combinations(range(size), stars) if all(b - a > 1 for a, b in combinations(row, 2))]
    partial: list[list[tuple[int, ...]]] = [[]]
    for _ in range(size):
        partial = [
            [*above, row]
            for above in partial
            for row in rows
            if all(sum(column in line for line in above) < stars for column in row)
            and not (above and any(abs(one - two) < 2 for one in above[-1] for two in row))
        ]
    fitting = []
    for board in partial:
        letters = [regions[row][column] for row, line in enumerate(board) for column in line]
        if all(letters.count(letter) == stars for letter in letters):
            fitting.append("\n".join(" ".join("S" if at in line else "." for at in range(size)) for line in board))
    return fitting


@pytest.mark.parametrize(("size", "stars", "rounds"), [(4, 1, 30), (6, 1, 100), (6, 1, 0), (8, 2, 30), (8, 2, 0)])
def test_the_certificate_is_true_and_every_solution_passes(size: int, stars: int, rounds: int) -> None:
    env = StarBattle(size=size, stars=stars, rounds=rounds)
    for index in range(8):
        task = env.taskset(1)[index]
        found = boards(task.public["regions"], stars)
        assert task.private["solution"] in found
        claimed = (task.certificate or {}).get("solutions")
        assert claimed == (1 if rounds else None)
        assert len(found) == 1 or claimed is None
        assert [env.grade(board, task).score for board in found] == [1.0] * len(found)


@pytest.mark.parametrize(("size", "stars"), [(5, 1), (7, 1), (8, 2)])
def test_the_search_finds_every_solution_and_nothing_else(size: int, stars: int) -> None:
    tasks = StarBattle(size=size, stars=stars, rounds=0).taskset(2)
    for index in range(10):
        rows = tasks[index].public["regions"]
        region = [LETTERS.index(letter) for row in rows for letter in row]
        found = [picture(size, cells) for cells in solutions(region, size, stars, most=10_000)]
        assert sorted(found) == sorted(boards(rows, stars))


@pytest.mark.parametrize(("size", "stars"), [(6, 1), (8, 2), (10, 2)])
def test_every_region_hangs_together(size: int, stars: int) -> None:
    regions = StarBattle(size=size, stars=stars, rounds=5).taskset(1)[0].public["regions"]
    for letter in {letter for row in regions for letter in row}:
        cells = {(row, column) for row in range(size) for column in range(size) if regions[row][column] == letter}
        reached = {min(cells)}
        for _ in cells:
            reached |= {cell for cell in cells for at in reached if abs(cell[0] - at[0]) + abs(cell[1] - at[1]) == 1}
        assert reached == cells


def test_two_stars_on_a_small_board_are_refused() -> None:
    with pytest.raises(UsageError, match="size=8"):
        StarBattle(size=6, stars=2).taskset(1)[0]


def test_a_reply_is_never_an_exception() -> None:
    assert StarBattle().grade("\ud800[[", Task(id="t", env="star_battle", public=PUZZLE)).outcome is Outcome.MALFORMED

"""Every puzzle is paid for its right answer in any dress, and never for a wrong one or for two at once.

The wrong answers are the random ones of each environment: of the right form, and scored 0 alone.
"""

import json
import random
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from envgym import registry
from envgym.answer_env import AnswerEnv

SEEDS = (1, 2)
PUZZLES = [
    name
    for name, path in registry.environments.paths().items()
    if ".environments.reasoning." in path and name not in ("math", "game24", "countdown")
]
"""All but the file of problems and the two that ask for an expression."""


@cache
def world(name: str, seed: int) -> tuple[AnswerEnv, str, str]:
    """An environment, and a right and a wrong answer to its task, both without the words "Answer: "."""
    env = registry.environments.get(name)()
    env.reset(seed=seed)
    rng = random.Random(seed)
    right = str(next(env.oracle()))
    wrong = next(each for each in (str(env.random_action(rng)) for _ in range(50)) if score(env, each) == 0)
    return env, *(spaced(reply.removeprefix("Answer: ")) for reply in (right, wrong))


def score(env: AnswerEnv, reply: str) -> float | None:
    assert env.task is not None
    return env.grade(reply, env.task).score


def spaced(answer: str) -> str:
    """A grid with blanks between its cells; any other answer as it is."""
    rows = answer.replace(" / ", "\n").splitlines()
    return "\n".join(" ".join(cells(row)) for row in rows) if len(rows) > 1 else answer


def cells(row: str) -> list[str]:
    return row.split() if " " in row else list(row)


GRIDS = [name for name in PUZZLES if "\n" in world(name, 1)[1]]
LINES = [name for name in PUZZLES if name not in GRIDS]
PAIRS = [name for name in LINES if "=" in world(name, 1)[1]]

EITHER_KIND = {
    "under a label": "Answer:\n{}",
    "under a bold label": "So it is this.\n\n**Final answer:**\n{}",
    "under a heading": "### Answer\n{}",
    "behind a label": "Answer: {}",
    "behind other words": "Final answer: {}",
    "in a fence": "Reasoning.\n\nAnswer:\n```text\n{}\n```\n",
    "in a box": "So $\\boxed{{{}}}$.",
    "in a box as text": "\\boxed{{\\text{{{}}}}}",
    "in tags": "<think>a</think>\n<answer>{}</answer>",
    "in tags with a label": "<answer>Answer: {}</answer>",
    "in backticks": "Answer: `{}`",
    "with an end": "Answer: {}\n\nI hope this helps!",
    "with a full stop": "Answer: {}.",
    "after thinking": "<think>Answer: nothing</think>Answer: {}",
    "among characters without width": "\u200bAnswer: {}\ufeff",
    "twice": "Answer: {0}\n\nOnce more:\nAnswer: {0}",
}
HEDGES = {
    "wrong": "Answer: {wrong}",
    "wrong and right": "Answer: {wrong}\nAnswer: {right}",
    "right and wrong": "Answer: {right}\nAnswer: {wrong}",
    "wrong and then a final answer": "Answer: {wrong}\n\nWait, no.\nFinal answer: {right}",
    "or": "Answer: {right}\nor\nAnswer: {wrong}",
    "two boxes": "\\boxed{{{wrong}}}\n\\boxed{{{right}}}",
    "a wrong box": "\\boxed{{{wrong}}}\nAnswer: {right}",
    "a right box": "Answer: {wrong}\n\\boxed{{{right}}}",
    "a right box first": "\\boxed{{{right}}}\nAnswer: {wrong}",
    "two tags": "<answer>{wrong}</answer><answer>{right}</answer>",
    "a right tag": "<answer>{right}</answer>\nAnswer: {wrong}",
    "a tag cut off": "<answer>{right}",
    "in open thinking": "<think>\nAnswer: {right}",
    "in thinking only": "<think>\nAnswer: {right}\n</think>\nDone.",
}


@pytest.mark.parametrize("dress", EITHER_KIND)
@pytest.mark.parametrize("name", PUZZLES)
def test_a_right_answer_is_paid(name: str, dress: str) -> None:
    for seed in SEEDS:
        env, right, _ = world(name, seed)
        assert score(env, EITHER_KIND[dress].format(right)) == 1


@pytest.mark.parametrize("hedge", HEDGES)
@pytest.mark.parametrize("name", PUZZLES)
def test_a_wrong_answer_and_a_hedge_are_not_paid(name: str, hedge: str) -> None:
    for seed in SEEDS:
        env, right, wrong = world(name, seed)
        assert score(env, HEDGES[hedge].format(right=right, wrong=wrong)) == 0


@pytest.mark.parametrize("name", LINES)
def test_an_answer_of_one_line_is_paid_with_full_width_signs_and_as_a_list(name: str) -> None:
    for seed in SEEDS:
        env, right, _ = world(name, seed)
        parts = right.split(", ")
        replies = [
            f"Answer: {right.replace('=', '＝').replace(', ', '，')}",
            f"Answer：{right}",
            "Answer:\n" + "\n".join(f"- {part}" for part in parts),
            "**Answer:**\n\n" + "\n".join(f"* **{part}**" for part in parts),
            f"Answer: {right}".replace(" ", "\u00a0"),
            f"First this.\r\nAnswer: {right}\r\n",
        ]
        if len(parts) > 1:
            replies.append("Answer:\n" + "\n".join(f"{number}. {part}" for number, part in enumerate(parts, 1)))
        assert [reply for reply in replies if score(env, reply) != 1] == []


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_with_another_answer_line_that_cannot_be_read_are_not_paid(name: str) -> None:
    for seed in SEEDS:
        env, right, _ = world(name, seed)
        if "=" not in right:
            continue
        first, _, rest = right.partition(", ")
        word = first.partition("=")[0]
        assert score(env, f"Answer: {right}\nAnswer: {right}x") == 0
        assert score(env, f"Answer: {right}x\nAnswer: {right}") == 0
        assert score(env, f"Answer: {right}\nAnswer: {rest}") == 0
        assert score(env, f"Answer: {right}\nAnswer: {word}=other, {rest}") == 0


def grid_dresses(right: str, wrong: str) -> Iterator[tuple[str, str]]:
    rows = [row.split() for row in right.splitlines()]
    numbers = [str(number) for number in range(1, len(rows[0]) + 1)]
    table = ["| " + " | ".join(row) + " |" for row in rows]
    yield "alone", right
    yield "blank lines", right.replace("\n", "\n\n")
    yield "a full stop", f"{right}."
    yield "commas", right.replace(" ", ", ")
    yield "a table", "\n".join([table[0], "|---" * len(rows[0]) + "|", *table[1:]])
    yield "a header", "\n".join(["| " + " | ".join(numbers) + " |", "|" + "---|" * len(rows[0]), *table])
    yield "JSON", f"The grid is {json.dumps(rows)}."
    inside = " \\\\ ".join("&".join(row) for row in rows)
    yield "a matrix", f"$$\\begin{{bmatrix}}{inside}\\end{{bmatrix}}$$"
    columns = "c" * len(rows[0])
    body = " \\\\\n".join(" & ".join(row) for row in rows)
    yield "an array", f"\\[\\boxed{{\\begin{{array}}{{{columns}}}\n{body} \\\\ \\hline\n\\end{{array}}}}\\]"
    yield "row labels", "\n".join(f"Row {number}: {' '.join(row)}" for number, row in enumerate(rows, 1))
    yield "bold row labels", "\n".join(f"- **Row {number}:** {' '.join(row)}" for number, row in enumerate(rows, 1))
    yield "numbered rows", "\n".join(f"{number}. {' '.join(row)}" for number, row in enumerate(rows, 1))
    yield "bold", f"**{right}**"
    yield "a marked draft", f"First:\n{wrong}\n\nThat breaks a rule.\n\nAnswer:\n{right}"
    yield "a draft before a box", f"{wrong}\n\nNo: \\boxed{{{right}}}"
    yield "a draft before a solution", f"{wrong}\n\n## Solution\n{right}"
    yield "a label below", f"{right}\n\nAnswer: the grid above."
    yield "twice", f"{right}\n\nChecked. Again:\n\n{right}"


@pytest.mark.parametrize("name", GRIDS)
def test_a_grid_is_paid_however_its_rows_are_written(name: str) -> None:
    for seed in SEEDS:
        env, right, wrong = world(name, seed)
        assert [dress for dress, reply in grid_dresses(right, wrong) if score(env, reply) != 1] == []


GRID_HEDGES: dict[str, Callable[[str, str], str]] = {
    "wrong or right": lambda right, wrong: f"{wrong}\n\nor maybe\n\n{right}",
    "right or wrong": lambda right, wrong: f"{right}\n\nor maybe\n\n{wrong}",
    "one below the other": lambda right, wrong: f"{wrong}\n\n{right}",
    "without a word between": lambda right, wrong: f"{wrong}\n{right}",
    "or the answer": lambda right, wrong: f"{wrong}\n\nor perhaps the answer:\n{right}",
    "another behind a label": lambda right, wrong: f"Answer:\n{wrong}\nAnother:\n{right}",
    "another below a box": lambda right, wrong: f"\\boxed{{{right}}}\n{wrong}",
    "another below a tag": lambda right, wrong: f"<answer>\n{right}\n</answer>\n{wrong}",
    "JSON and lines": lambda right, wrong: f"{json.dumps([row.split() for row in wrong.splitlines()])} or\n{right}",
    "a row too few": lambda right, _: right.rpartition("\n")[0],
    "a row too many": lambda right, wrong: f"{right}\n{wrong.splitlines()[-1]}",
    "a column too many": lambda right, _: "\n".join(f"{row} 1" for row in right.splitlines()),
    "rows in another order": lambda right, _: "\n".join(
        f"Row {number}: {row}" for number, row in reversed([*enumerate(right.splitlines(), 1)])
    ),
    "disowned": lambda right, _: f"This is wrong:\n{right}\nI have no answer.",
}


@pytest.mark.parametrize("hedge", GRID_HEDGES)
@pytest.mark.parametrize("name", GRIDS)
def test_two_grids_and_half_a_grid_are_not_paid(name: str, hedge: str) -> None:
    for seed in SEEDS:
        env, right, wrong = world(name, seed)
        assert score(env, GRID_HEDGES[hedge](right, wrong)) == 0


@pytest.mark.parametrize("name", GRIDS)
def test_the_puzzle_said_again_is_no_second_grid(name: str) -> None:
    for seed in SEEDS:
        env, right, _ = world(name, seed)
        assert score(env, f"{env.observe()[-1]['content']}\n\nIt is:\n{right}") == 1

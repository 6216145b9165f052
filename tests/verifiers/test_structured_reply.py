"""Grids read strictly: one grid, or several that are the same, of the asked shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.verifiers.structured_reply import Unreadable, grid

SYMBOLS = {"Q": "Q", "q": "Q", ".": ".", "_": "."}
PUZZLE = [["Q", "."], [".", "."]]
RIGHT = [["Q", "."], [".", "Q"]]


def read(reply: str) -> list[list[str]] | None:
    try:
        return grid(reply, rows=2, columns=2, symbols=SYMBOLS, puzzle=PUZZLE)
    except Unreadable:
        return None


@pytest.mark.parametrize(
    "reply",
    [
        "Q .\n. Q",
        "Q _\n_ q",
        "Q.\n.Q.",
        "The board\nQ .\n. .\nbecomes\nQ .\n. Q",
        "Q .\n. Q\n\nAgain:\nq _\n_ q",
        ". Q\nQ .\nNo.\nThe final answer is:\nQ .\n. Q",
        ". Q\nQ .\nNo.\nThe answer is Q .\n. Q",
        "The answer is unique.\nQ .\n. Q",
        "This is not right:\n. Q\nQ .\nThis is:\nQ .\n. Q",
        "R1: Q .\nR2: . Q",
        "| Row 1 | Q | . |\n| Row 2 | . | Q |",
        '[["Q", "."], [".", "Q"]]',
        'It is `[ [ "Q","." ] , [ ".","Q" ] ]`.',
        "\\left[\\begin{array}{|c|c|} \\hline Q & . \\\\ \\hline . & \\text{Q} \\\\ \\hline \\end{array}\\right]",
        "\\boxed{7} is the number of tries.\nQ .\n. Q",
    ],
)
def test_one_grid_is_read_in_any_dress(reply: str) -> None:
    assert read(reply) == RIGHT


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("", "there are no 2 lines of 2 cells"),
        ("<think>Q .\n. Q", "no answer after its thinking"),
        ("<answer>Q .\n. Q", "no answer after its thinking"),
        ("Q .\n. Q\nAnswer:\nQ .", "behind the mark"),
        ("Q .\n. Q\nQ .", "there are no"),
        ("Row 2: Q .\nRow 1: . Q", "there are no"),
        ("Q..\n..Q.", "there are no"),
        ("Q .\n. Q\n\n. Q\nQ .", 'put a line "Answer:" before the final one'),
        ("Q .\n. Q\nor the answer:\n. Q\nQ .", 'put a line "Answer:"'),
        ("Answer: Q .\n. Q\nor\n. Q\nQ .", "different grids behind the mark"),
    ],
)
def test_what_is_no_single_grid_is_refused_with_the_reason(reply: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        grid(reply, rows=2, columns=2, symbols=SYMBOLS, puzzle=PUZZLE)


def test_the_puzzle_alone_is_read_so_that_it_can_be_judged() -> None:
    assert read("Q .\n. .") == PUZZLE


PIECES = [
    "Q",
    ".",
    "_",
    " ",
    "\n",
    "|",
    "Answer:",
    "[",
    "]",
    ",",
    "\\boxed{",
    "}",
    "\\\\",
    "<answer>",
    "</answer>",
    "\\begin{array}",
    "Row 1:",
    "\ud800",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_no_text_breaks_it_and_a_grid_has_the_asked_shape(reply: str) -> None:
    found = read(reply)
    assert found is None or (
        [len(row) for row in found] == [2, 2] and {cell for row in found for cell in row} <= {"Q", "."}
    )

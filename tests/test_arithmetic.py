"""Expressions over given integers: what counts as one, and what only looks like it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym import Outcome
from envgym.verifiers.arithmetic import reaches

RIGHT = [
    "1*2*3*4",
    " ( 1 + 2 + 3 ) * 4 ",
    "**(1+2+3)*4**",
    "*(1+2+3)*4*",
    "`(1+2+3)*4`",
    "```\n(1+2+3)*4\n```",
    "$(1+2+3)*4$",
    r"\((1+2+3) \times 4\)",
    r"\[(1+2+3) \cdot 4\]",
    r"$$\left(1+2+3\right)\cdot 4$$",
    r"\boxed{(1+2+3)\times4}",
    r"\frac{4\times3\times2}{1}",
    "[1+2+3]*4",
    "(1+2+3)×4",
    "(1+2+3)⋅4",
    "(1+2+3)∗4",
    "（1＋2＋3）＊4",
    "1 x 2 x 3 x 4",
    "1*2*3*4 = 24",
    "24 = 1*2*3*4",
    "(1+2+3)*4 = 6*4 = 24",
    "+1*2*3*4",
    "4*(3+2+1)",
    "<think>1+1?</think>Answer: 4*3*2*1.",
    "<answer>1*2*3*4</answer>",
    "First 1+2+3=6, then times 4.\n\n(1+2+3)*4",
]


@pytest.mark.parametrize("reply", RIGHT)
def test_dress_does_not_matter(reply: str) -> None:
    assert reaches(reply, numbers=[1, 2, 3, 4], target=24).passed, reaches(reply, numbers=[1, 2, 3, 4], target=24)


@pytest.mark.parametrize(
    "reply",
    ["2**3+1", "2__3+1", "2_3+1", "2$3+1", "2`3+1", r"2\,3+1", r"2\ 3+1", "0x17+1", "0b10111+1", "0o27+1", "2 3+1", "23+1j", "23+1.0",
     "023+1", "23//1+1", "23+1 = 25", "23+1 = 24 = 23", "23+True", "(x:=23)+1", "23+1 # 24", "abs(23)+1", "2e1+4", "²³+1", "23+1, 24"],
)  # fmt: skip
def test_what_only_looks_right_scores_nothing(reply: str) -> None:
    assert reaches(reply, numbers=[1, 23], target=24).score == 0.0


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("23+1", "arithmetic.ok"),
        ("23-1", "arithmetic.wrong_value"),
        ("24", "arithmetic.wrong_numbers"),
        ("23+1+0", "arithmetic.wrong_numbers"),
        ("23/(1-1)", "arithmetic.zero_division"),
        ("I cannot", "arithmetic.syntax"),
        ("<think>23+1", "answer.malformed"),
        ("(" * 300 + "23+1" + ")" * 300, "arithmetic.syntax"),
        ("9" * 100_000, "arithmetic.syntax"),
        ("1+" * 100_000, "arithmetic.syntax"),
        ("\x00", "arithmetic.syntax"),
        ("\ud800", "arithmetic.syntax"),
    ],
)
def test_every_reply_has_a_named_outcome_in_no_time(reply: str, code: str) -> None:
    started = time.process_time()
    assert reaches(reply, numbers=[1, 23], target=24).code == code
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("23+1", "arithmetic.ok"),
        ("3*8", "arithmetic.ok"),
        ("24 = 3*8", "arithmetic.ok"),
        ("2*3*8/2", "arithmetic.wrong_numbers"),
        ("24", "arithmetic.wrong_numbers"),
        ("3*8*2 = 48", "arithmetic.wrong_value"),
    ],
)
def test_numbers_may_be_left_out_where_each_is_used_at_most_once(reply: str, code: str) -> None:
    assert reaches(reply, numbers=[1, 2, 3, 8, 23], target=24, each="at_most_once").code == code


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("8/2*6", "arithmetic.ok"),
        ("-8/2*(0-6)", "arithmetic.ok"),
        ("6/8*2", "arithmetic.inexact_division"),
        ("6*(8/(1/2))/4", "arithmetic.inexact_division"),
        ("8/(6-6)", "arithmetic.zero_division"),
        ("8*6/2", "arithmetic.ok"),
    ],
)
def test_an_exact_division_leaves_no_remainder(reply: str, code: str) -> None:
    assert reaches(reply, numbers=[0, 2, 6, 6, 8], target=24, each="at_most_once", exact=True).code == code


@given(st.text())
def test_no_text_raises(reply: str) -> None:
    assert reaches(reply, numbers=[1, 23], target=24).outcome in (Outcome.FAIL, Outcome.MALFORMED, Outcome.PASS)

"""How the final answer is read out of a reply."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.verifiers.reply import after_thinking, boxed, committed, final_answer


@pytest.mark.parametrize(
    ("reply", "answers"),
    [
        ("so \\boxed{4}", ["4"]),
        ("first \\boxed{3}, then \\boxed{4}", ["3", "4"]),
        ("\\boxed{4} as I said: \\boxed{4}", ["4"]),
        ("\\boxed{\\frac{1}{2}}", ["\\frac{1}{2}"]),
        ("\\boxed{\\{1, 2\\}}", ["\\{1, 2\\}"]),
        ("\\\\boxed{42}", ["42"]),
        ("\\fbox{42}", ["42"]),
        ("a brace too many } and \\boxed {7}", ["7"]),
        ("I will fill \\boxed{}. Here: \\boxed{7}", ["7"]),
        ("\\boxed{3} at first\nAnswer: 4", ["3"]),
        ("Answer: 3\nFinal answer: 4", ["3", "4"]),
        ("**Answer:** 42", ["42"]),
        ("Answer:\n42", ["42"]),
        ("Answer: -5", ["-5"]),
        ("Therefore, the final answer is: $5$.", ["$5$."]),
        ("The final answer is $5$. I hope it is correct.", ["$5$."]),
        ("The answer is not 42", ["not 42"]),
        ("42", ["42"]),
        ("", []),
        ("   \n", []),
        ("\\boxed{}", []),
        ("\\boxed{42", []),
        ("<think>\\boxed{42}</think>", []),
        ("<think>\\boxed{42}", []),
        ("<think>\\boxed{1}</think>\\boxed{2}", ["2"]),
        ("opened by the template \\boxed{1}</think>\\boxed{2}", ["2"]),
        ("<think>a</think>\\boxed{2}<think>again", []),
        ("[THINK]\\boxed{1}[/THINK]\\boxed{2}", ["2"]),
        ("◁think▷\\boxed{1}◁/think▷\\boxed{2}", ["2"]),
        ("<think>a</think><answer>42</answer>", ["42"]),
        ("It is 41, no: <ANSWER> 42 </Answer> as shown", ["42"]),
        ("<answer>The answer is 42</answer>", ["42"]),
        ("<answer>\\boxed{42}</answer>", ["42"]),
        ("<answer>41</answer> or <answer>42</answer>", ["41", "42"]),
        ("<answer>42</answer> \\boxed{41}", ["42", "41"]),
        ("\\boxed{42} <answer>42</answer>", ["42"]),
        ("<answer>42", []),
        ("<answer>41</answer> <answer>42", []),
        ("42</answer>", []),
        ("<answer></answer>", []),
        ("<think><answer>42</answer></think>", []),
        ("<answer><answer>42</answer>", ["<answer>42"]),
        ("\u200b4\u20602\ufeff", ["42"]),
    ],
)
def test_what_a_reply_commits_itself_to(reply: str, answers: list[str]) -> None:
    assert committed(reply) == answers
    assert final_answer(reply) == (answers[-1] if answers else None)


def test_a_box_inside_a_box_belongs_to_it() -> None:
    assert boxed("\\boxed{a \\boxed{b}} \\boxed{c}") == ["a \\boxed{b}", "c"]


@settings(deadline=None)
@given(st.text(alphabet="ab12\\^_ +-", max_size=30).filter(lambda text: not text.endswith("\\")), st.text(max_size=30))
def test_whatever_is_put_in_a_box_comes_out(content: str, before: str) -> None:
    text = (
        "<think>" + before.replace("<", "").replace("◁", "").replace("[", "") + "</think>done: \\boxed{" + content + "}"
    )
    assert committed(text) == ([content.strip()] if content.strip() else [])


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert isinstance(committed(text), list)


@pytest.mark.parametrize(
    "piece",
    [
        "<think>",
        "</think>",
        "\\boxed{",
        "\\",
        "{",
        "}",
        "answer:",
        "answer is ",
        "answer:\n",
        "\n",
        " ",
        "*",
        "a, ",
        "\\boxed ",
        "answer: x     ",
    ],
)
def test_a_megabyte_of_one_piece_costs_less_than_a_second(piece: str) -> None:
    reply = piece * (1_000_000 // len(piece))
    start = time.process_time()
    committed(reply)
    after_thinking(reply)
    assert time.process_time() - start < 1.0

"""Noise in the request: literals stay, the words change, and it is a pure function of the text."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.message import text_of
from envgym.noise import Noisy
from envgym.noise.kinds import Rewriting, kinds_of
from envgym.noise.request_text import RequestText, literals_in
from envgym.registry import load, make

KINDS = ("typos", "letter_case", "punctuation", "chatter")
REQUEST = (
    "Please cancel the order W2378156 of Anna Schmidt, and the blue one. Her address is 12 Main Street, and her "
    'mail anna.schmidt@example.com; the reason was "no longer needed". Use `cancel_order`, please. Is that possible?'
)
KEPT = (
    "W2378156",
    "Anna Schmidt",
    "12 Main Street",
    "anna.schmidt@example.com",
    '"no longer needed"',
    "`cancel_order`",
)


def rewritten(name: str, text: str, *, level: float = 1.0, seed: int = 0, literals: tuple[str, ...] = ()) -> str:
    (kind,) = kinds_of([name])
    assert isinstance(kind, Rewriting)
    return str(kind.rewritten(RequestText.of(text, literals), level, random.Random(seed)))


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_changes_words_and_leaves_literals(name: str) -> None:
    for seed in range(30):
        text = rewritten(name, REQUEST, seed=seed)
        assert text != REQUEST
        assert [literal for literal in KEPT if literal not in text] == []


@pytest.mark.parametrize("name", KINDS)
def test_at_level_zero_nothing_changes(name: str) -> None:
    assert rewritten(name, REQUEST, level=0.0) == REQUEST


@given(st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_the_pieces_of_any_text_are_the_text_and_named_literals_survive(text: str, literals: list[str]) -> None:
    assert str(RequestText.of(text, literals)) == text
    whole = f"please look at {literals[0]} now" if literals else "please"
    if literals and literals[0].strip() and "\n" not in whole:
        for name in KINDS:
            assert literals[0] in rewritten(name, whole, literals=tuple(literals))


def test_a_literal_in_plain_words_is_protected_where_the_task_names_it() -> None:
    assert "alkali metal" not in rewritten("letter_case", "Count every alkali metal there is.")
    assert "alkali metal" in rewritten("letter_case", "Count every alkali metal there is.", literals=("alkali metal",))


def test_the_literals_of_a_task_are_its_short_texts() -> None:
    data = {"name": "Bob", "items": ["tea", {"colour": "dark green"}], "count": 3, "question": "x" * 61}
    assert set(literals_in(data)) == {"name", "Bob", "items", "tea", "colour", "dark green", "count", "question"}


def test_code_and_tables_are_left_alone() -> None:
    code = "Fix this function please:\n```python\ndef total(values): return sum(values)\n```\n| name | size |\n    indented code\n"
    for name in KINDS:
        text = rewritten(name, code)
        assert "def total(values): return sum(values)" in text
        assert "| name | size |" in text
        assert "    indented code" in text


def test_the_request_alone_decides_how_it_is_written() -> None:
    bank = load(f"{Path(__file__).with_name('bank.py')}:Bank")
    first = [Noisy(bank(), level=0.4, kinds=KINDS).reset(seed=5, options={"task": "0-3"})[0] for _ in range(2)]
    other = Noisy(bank(), level=0.4, kinds=KINDS, seed=1).reset(seed=5, options={"task": "0-3"})[0]
    clean = bank().reset(seed=5, options={"task": "0-3"})[0]
    assert first[0] == first[1] != other
    assert text_of(first[0][0]) != text_of(clean[0])


def test_every_value_of_real_questions_survives() -> None:
    env = make("table_qa")
    noisy = Noisy(env, level=0.5, kinds=KINDS)
    for position in range(40):
        task = env.taskset(0)[position]
        clean, bad = (text_of(each.reset(options={"task": task})[0][0]) for each in (env, noisy))
        values = [value for value in literals_in(task.private) if len(value) > 3 and f" {value} " in clean]
        assert [value for value in values if value not in bad] == []

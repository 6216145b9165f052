"""Rewards are read strictly: a number where one was written, else BadReward, never a default."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.environments.harbor.reward import MAX_BYTES, BadReward, read_reward


@pytest.mark.parametrize(
    ("text", "reward"), [(b"1", 1.0), (b"0\n", 0.0), (b" 0.25 \n", 0.25), (b"1e-1", 0.1), (b".5", 0.5), (b"-0", 0.0)]
)
def test_one_number_is_a_reward(text: bytes, reward: float) -> None:
    assert read_reward(text, None) == reward


@pytest.mark.parametrize(
    ("document", "reward"),
    [
        (b'{"reward": 0.5, "tests_passed": 12}', 0.5),
        (b'{"files": 1, "list": 0}', 0.5),
        (b'{"reward": 1}', 1.0),
        (b'{"a": 0.25}', 0.25),
    ],
)
def test_an_object_of_numbers_is_a_reward(document: bytes, reward: float) -> None:
    assert read_reward(None, document) == reward


NO_NUMBERS = ["nan", "inf", "-inf", "true", "'1'", "1_1", "0x1", "1,0", "1.5", "-0.1", "1e999"]
NO_OBJECTS = """
1
[1]
{}
{"reward": "1"}
{"reward": true}
{"reward": null}
{"reward": NaN}
{"reward": Infinity}
{"reward": 1e999}
{"reward": 1.5}
{"reward": 1, "other": "x"}
{"a": 2}
{"a": {"b": 1}}
{"reward": 0, "reward": 1}
""".strip().splitlines()


@pytest.mark.parametrize("text", [*NO_NUMBERS, "", "\n", "1 1", "1\n0", "\u0661", "0" * MAX_BYTES])
def test_a_text_that_is_no_number_from_0_to_1_is_none(text: str) -> None:
    with pytest.raises(BadReward, match=r"reward\.txt"):
        read_reward(text.encode(), None)


@pytest.mark.parametrize("document", [*NO_OBJECTS, "", "{" * 5000, '{"reward": 1' + "0" * 5000 + "}"])
def test_a_document_without_finite_numbers_from_0_to_1_is_none(document: str) -> None:
    with pytest.raises(BadReward, match=r"reward\.json"):
        read_reward(None, document.encode())


def test_both_files_and_no_file_are_no_reward() -> None:
    with pytest.raises(BadReward, match="both"):
        read_reward(b"1", b'{"reward": 1}')
    with pytest.raises(BadReward, match="neither"):
        read_reward(None, None)
    with pytest.raises(BadReward, match="UTF-8"):
        read_reward(b"\xff", None)


@given(st.one_of(st.binary(max_size=60), st.floats().map(lambda x: repr(x).encode())), st.booleans())
def test_whatever_is_written_gives_a_number_from_0_to_1_or_none(content: bytes, as_json: bool) -> None:
    try:
        reward = read_reward(None, content) if as_json else read_reward(content, None)
    except BadReward:
        return
    assert math.isfinite(reward)
    assert 0 <= reward <= 1

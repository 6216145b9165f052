"""Paraphrases: a model's words are taken where they say the same, and nowhere else. The model is a real server that is scripted."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from envgym.errors import UsageError
from envgym.message import text_of
from envgym.task_synth.golden_chain.paraphrase import Paraphraser, asked_model, difference_of_literals
from envgym.task_synth.golden_chain.synthesise import Report, synthesise
from envgym.testing.fake_llm import FakeLLM

pytestmark = pytest.mark.timeout(120)


def request_in(body: Mapping[str, Any]) -> str:
    return text_of(body["messages"][-1]).split("\n\n", 1)[1]


def politely(body: Mapping[str, Any]) -> str:
    return f"So, here is what I would need, if at all possible: {request_in(body)} Much obliged."


def without_digits(body: Mapping[str, Any]) -> str:
    return re.sub(r"\d", "", request_in(body))


def with_more(body: Mapping[str, Any]) -> str:
    return f"{request_in(body)} And cancel order 7W1234567, too."


def made(server: FakeLLM, cache: Path | None = None) -> tuple[Report, Paraphraser]:
    paraphraser = Paraphraser(server.base_url, "fake", cache=cache)
    return synthesise("tool_world:retail", 4, knobs={"level": 2}, seed=6, paraphraser=paraphraser), paraphraser


def test_other_words_are_taken_and_the_task_is_proved_again() -> None:
    plain = synthesise("tool_world:retail", 4, knobs={"level": 2}, seed=6)
    with FakeLLM(politely) as server:
        report, paraphraser = made(server)
    assert paraphraser.counts == {"paraphrased": 4}
    for before, after in zip(plain.tasks, report.tasks, strict=True):
        assert after.public["request"].startswith("So, here is what I would need")
        assert after.private == before.private
        assert after.certificate is not None
        assert after.certificate["task"] == after.hash != before.hash


@pytest.mark.parametrize("script", [without_digits, with_more, lambda body: ""])
def test_words_that_lose_or_add_a_literal_are_not_taken(script: Any) -> None:
    plain = synthesise("tool_world:retail", 4, knobs={"level": 2}, seed=6)
    with FakeLLM(script) as server:
        report, paraphraser = made(server)
    assert paraphraser.counts == {"kept": 4}
    assert [task.hash for task in report.tasks] == [task.hash for task in plain.tasks]


def test_the_model_sees_the_request_and_nothing_of_gold() -> None:
    with FakeLLM(politely) as server:
        report, _ = made(server)
        seen = [text_of(body["messages"][-1]) for body in server.requests]
    for task, prompt in zip(report.tasks, seen, strict=True):
        assert len(prompt) < 3_000
        for change in task.private["gold"]["differences"][0]:
            assert change["at"].partition("/")[0] + "/" not in prompt


def test_what_was_said_before_is_not_asked_again(tmp_path: Path) -> None:
    with FakeLLM(politely) as server:
        first, _ = made(server, tmp_path / "said.jsonl")
        asked = server.count
        second, _ = made(server, tmp_path / "said.jsonl")
        assert server.count == asked == 4
    assert [task.hash for task in first.tasks] == [task.hash for task in second.tasks]


def test_an_endpoint_that_does_not_answer_is_an_error_and_no_task() -> None:
    with pytest.raises(UsageError, match="no paraphrase from"):
        synthesise(
            "tool_world:retail", 1, knobs={"level": 1}, seed=6, paraphraser=Paraphraser("http://127.0.0.1:9/v1", "m")
        )
    with pytest.raises(UsageError, match="both"):
        asked_model("http://127.0.0.1:9/v1", "", "", None)
    assert asked_model("", "", "", None) is None


@pytest.mark.parametrize(
    ("before", "after", "lost", "added"),
    [
        ("Please send order W12 to Oslo.", "Order W12 should go to Oslo, please.", set(), set()),
        ("Please send order W12 to Oslo.", "Order W21 should go to Oslo, please.", {"W12"}, {"W21"}),
        ("Please send it to Oslo.", "Please send it to Bergen.", {"Oslo"}, {"Bergen"}),
        ('Say "ring twice", please.', "Say that they should ring twice.", {'"ring twice"'}, set()),
        ("Make it large, please.", "Make it big, please.", {"large"}, set()),
    ],
)
def test_literals_are_compared_as_they_are_written(before: str, after: str, lost: set[str], added: set[str]) -> None:
    assert difference_of_literals(before, after, frozenset({"large"})) == (lost, added)

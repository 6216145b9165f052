"""Comparing two replies in both orders: what the order decides, decides nothing."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.testing import FakeLLM
from envgym.testing.fault import Fault
from envgym.verdict import Outcome, Verifier
from envgym.verifiers.form import think_answer
from envgym.verifiers.json_service import Patience
from envgym.verifiers.judge_client import JudgeClient
from envgym.verifiers.judge_pair import PairJudge

QUICK = Patience(timeout_s=5.0, deadline_s=5.0, max_retries=0, backoff_s=0.001, failures_to_open=10_000)
REPLIES = re.compile(
    r"Reply A:\n<<<data (\w+)\n(?P<A>.*)\ndata \1>>>.*Reply B:\n<<<data (\w+)\n(?P<B>.*)\ndata \3>>>", re.DOTALL
)
Chooser = Callable[[str, str], str]


def script(choose: Chooser) -> Callable[[Any], str]:
    def answer(body: Any) -> str:
        shown = REPLIES.search(body["messages"][-1]["content"])
        assert shown is not None
        return json.dumps({"reason": "so it is", "better": choose(shown["A"], shown["B"])})

    return answer


def client_of(server: FakeLLM) -> JudgeClient:
    return JudgeClient("fake", server.base_url, patience=QUICK)


def always_a(one: str, two: str) -> str:
    return "A"


def longer(one: str, two: str) -> str:
    return "tie" if len(one) == len(two) else "A" if len(one) > len(two) else "B"


def test_a_judge_that_always_says_a_decides_nothing_and_is_counted() -> None:
    with FakeLLM(script(always_a)) as server, client_of(server) as client:
        judge = PairJudge(client, question="q")
        for number in range(5):
            verdict = judge(f"mine {number}", "the other")
            assert (verdict.score, verdict.code) == (0.5, "pair.position_inconsistent")
            assert [part.score for part in verdict.parts.values()] == [1.0, 0.0]
        assert (judge.compared, judge.position_inconsistency, server.count) == (5, 5, 10)


def test_a_judge_for_which_the_longer_wins_is_consistent_and_seen_by_its_wins() -> None:
    with FakeLLM(script(longer)) as server, client_of(server) as client:
        judge = PairJudge(client)
        assert judge("a long reply", "short").passed
        assert judge("short", "a long reply").code == "pair.worse"
        assert judge("short", "other", question="q").code == "pair.tie"
        assert (judge.compared, judge.position_inconsistency) == (3, 0)


def test_a_tie_in_one_order_only_is_a_disagreement() -> None:
    with FakeLLM(script(lambda one, two: "tie" if one == "x" else "B")) as server, client_of(server) as client:
        assert PairJudge(client)("x", "y").code == "pair.position_inconsistent"


def test_equal_replies_tie_unasked() -> None:
    with FakeLLM(script(always_a)) as server, client_of(server) as client:
        judge = PairJudge(client)
        assert judge("<think>a</think>same", "same ").code == "pair.same"
        assert (server.count, judge.compared) == (0, 0)


@pytest.mark.parametrize("reply", ["", " ", "<think>x</think>", "<think>x", "\0"])
def test_an_empty_reply_is_never_sent(reply: str) -> None:
    with FakeLLM(script(always_a)) as server, client_of(server) as client:
        assert PairJudge(client)(reply, "other").outcome is Outcome.MALFORMED
        assert server.count == 0


@pytest.mark.parametrize("gold", [None, "", " ", 7, {}, ["x"], {"reply": "x"}, "<think>x"])
def test_a_gold_that_is_no_reply_makes_the_task_invalid(gold: Any) -> None:
    with JudgeClient("fake", "http://127.0.0.1:1/v1") as client:
        assert PairJudge(client)("x", gold).outcome is Outcome.TASK_INVALID


@pytest.mark.parametrize("hit", [[0], [1], [0, 1]])
def test_an_outage_in_either_order_is_no_number_and_not_counted(hit: list[int]) -> None:
    with FakeLLM(script(always_a), faults=[Fault("status", requests=hit)]) as server, client_of(server) as client:
        judge = PairJudge(client)
        verdict = judge("x", "y")
        assert (verdict.outcome, verdict.score, verdict.parts) == (Outcome.INFRA_ERROR, None, {})
        assert (judge.compared, judge.position_inconsistency) == (0, 0)


@pytest.mark.parametrize("said", ["A", "I prefer A.", '{"better": "A"}', '{"reason": "", "better": "C"}'])
def test_a_judge_that_answers_something_else_is_no_number(said: str) -> None:
    with FakeLLM(lambda body: said) as server, client_of(server) as client:
        assert PairJudge(client)("x", "y").outcome is Outcome.INFRA_ERROR


def test_the_counts_hold_among_threads() -> None:
    with FakeLLM(script(always_a)) as server, client_of(server) as client:
        judge = PairJudge(client)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: judge(f"mine {number}", "other"), range(40)))
        assert (judge.compared, judge.position_inconsistency) == (40, 40)


def test_a_wrong_template_is_told_at_once() -> None:
    with JudgeClient("fake", "http://127.0.0.1:1/v1") as client:
        with pytest.raises(UsageError, match="reply_b"):
            PairJudge(client, template="{{question}} {{reply_a}}")
        assert isinstance(PairJudge(client), Verifier)
        with pytest.raises(UsageError, match="question"):
            PairJudge(client)("x", "y", question=7)


def test_it_is_a_check_that_combines() -> None:
    with FakeLLM(script(longer)) as server, client_of(server) as client:
        judge = PairJudge(client)
        both = judge & think_answer
        assert both.needs == ("gold", "judge")
        assert set(both("a long reply", "short").parts) == {"pair", "think_answer"}
        assert judge.compared == 1


@pytest.fixture(scope="module")
def by_length() -> Any:
    with FakeLLM(script(longer)) as server, client_of(server) as client:
        yield PairJudge(client)


@given(st.text(st.characters(), max_size=40), st.text(min_size=1, max_size=40))
def test_any_two_replies_get_a_verdict_and_swapped_the_opposite(by_length: PairJudge, one: str, two: str) -> None:
    there, back = by_length(one, two), by_length(two, one)
    assert there.outcome is not Outcome.INFRA_ERROR
    if there.score is not None and back.score is not None and Outcome.MALFORMED not in (there.outcome, back.outcome):
        assert there.score + back.score == 1.0

"""Asking a judge model: what is taken as its answer, what is asked again, what is kept, and when it is given up."""

import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from envgym.errors import UsageError
from envgym.message import user
from envgym.testing import FakeLLM
from envgym.testing.fault import Fault, Kind
from envgym.verifiers.json_service import NoAnswer, Patience, encode_json, parse_json
from envgym.verifiers.judge_answer import Unfit, read_answer
from envgym.verifiers.judge_client import JudgeClient

KEY = "sk-a-key-that-nobody-may-see"
QUICK = Patience(timeout_s=5.0, deadline_s=5.0, max_retries=2, backoff_s=0.001, failures_to_open=100)
ASK = [user("grade this")]


class Grade(BaseModel):
    model_config = ConfigDict(extra="forbid")

    good: bool


GOOD = '{"good": true}'


def judge(server: FakeLLM, **more: Any) -> JudgeClient:
    return JudgeClient("fake", server.base_url, **{"patience": QUICK, **more})


def why_not(client: JudgeClient) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        client.ask(ASK, Grade)
    return caught.value


@pytest.mark.parametrize(
    "text", [GOOD, f"  {GOOD}\n", f"```json\n{GOOD}\n```", f"```\n{GOOD}\n```", '{\n "good":\n true}']
)
def test_one_object_is_an_answer_also_in_a_fence(text: str) -> None:
    assert read_answer(text, Grade).good is True


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "prose"),
        ("yes", "prose"),
        (f"The verdict is {GOOD}", "prose"),
        (f"{GOOD} because it is right", "prose"),
        (f"{GOOD}{GOOD}", "prose"),
        (f"Here:\n```json\n{GOOD}\n```", "prose"),
        (f"```json\n{GOOD}\n```\n```json\n{GOOD}\n```", "prose"),
        (f"<think>hm</think>{GOOD}", "prose"),
        ('{"good": false, "good": true}', "prose"),
        ('{"good": NaN}', "prose"),
        ("[" * 100_000, "prose"),
        (" " * 300_000, "prose"),
        ("{}", "schema"),
        ("true", "schema"),
        (f"[{GOOD}]", "schema"),
        ('{"good": "true"}', "schema"),
        ('{"good": 1}', "schema"),
        ('{"good": null}', "schema"),
        ('{"good": true, "score": 1}', "schema"),
    ],
)
def test_anything_else_is_none(text: str, what: str) -> None:
    with pytest.raises(Unfit) as caught:
        read_answer(text, Grade)
    assert caught.value.what == what


@given(st.text(max_size=80))
def test_any_text_is_an_answer_or_unfit(text: str) -> None:
    with pytest.raises(Unfit):
        read_answer(text + "x", Grade)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_json_comes_back_as_it_went(value: Any) -> None:
    assert parse_json(encode_json(value).decode()) == value


def test_the_schema_is_asked_for_and_the_answer_is_an_object() -> None:
    with FakeLLM([GOOD], api_key=KEY) as server, judge(server, api_key=KEY) as client:
        answer = client.ask(ASK, Grade)
        sent = server.requests[0]
    assert (answer.value, answer.calls) == (Grade(good=True), 1)
    assert answer.tokens == client.tokens > 0
    assert sent["response_format"]["json_schema"]["schema"] == Grade.model_json_schema()
    assert (sent["temperature"], sent["messages"]) == (0.0, ASK)


def test_prose_is_told_and_asked_for_once_more() -> None:
    with FakeLLM(["I think it is good.", GOOD]) as server, judge(server) as client:
        answer = client.ask(ASK, Grade)
        assert (answer.value.good, answer.calls, server.count) == (True, 2, 2)
        assert "not one JSON object" in server.requests[1]["messages"][-1]["content"]


@pytest.mark.parametrize(("says", "what"), [("I would say yes.", "prose"), ('{"score": 1}', "schema")])
def test_a_judge_that_does_not_learn_gives_no_answer_and_nothing_is_kept(says: str, what: str) -> None:
    with FakeLLM(lambda body: says) as server, judge(server) as client:
        assert [why_not(client).what, why_not(client).what] == [what, what]
        assert server.count == 4


FAULTS: list[tuple[Kind, dict[str, Any], str]] = [
    ("status", {"status": 429}, "http_429"),
    ("status", {"status": 500}, "http_500"),
    ("status", {"status": 503}, "http_503"),
    ("body", {}, "not_json"),
    ("body", {"text": ""}, "not_json"),
    ("truncated", {}, "dropped"),
    ("dropped", {}, "dropped"),
    ("hang", {}, "timeout"),
]


@pytest.mark.parametrize(("kind", "more", "what"), FAULTS, ids=[f"{kind}-{more}" for kind, more, _ in FAULTS])
def test_a_fault_is_asked_again_and_one_that_stays_is_no_answer(kind: Kind, more: dict[str, Any], what: str) -> None:
    patience = Patience(timeout_s=0.2 if kind == "hang" else 5.0, deadline_s=9.0, max_retries=2, backoff_s=0.001)
    with FakeLLM(lambda body: GOOD, faults=[Fault(kind, requests=[0, 1], **more)]) as server:
        with judge(server, patience=patience) as client:
            assert client.ask(ASK, Grade).calls == 3
    with FakeLLM(lambda body: GOOD, faults=[Fault(kind, requests=[0, 1, 2], **more)]) as server:
        with judge(server, patience=patience) as client:
            assert why_not(client).what == what
            assert server.count == 3
            assert client.ask(ASK, Grade).value.good  # the error was not kept


@pytest.mark.parametrize("text", ["{}", "[]", "7", '{"choices": []}', '{"choices": [{"message": 3}]}'])
def test_a_body_that_is_no_completion_is_no_answer(text: str) -> None:
    with FakeLLM(faults=[Fault("body", share=1.0, text=text)]) as server, judge(server) as client:
        assert why_not(client).what == "no_completion"


def test_silence_is_no_answer() -> None:
    text = '{"choices": [{"message": {"content": null}, "finish_reason": "length"}]}'
    with FakeLLM(faults=[Fault("body", share=1.0, text=text)]) as server, judge(server) as client:
        assert why_not(client).what == "no_text"


def test_a_wrong_key_is_not_asked_again_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    with FakeLLM(api_key="sk-another") as server, judge(server, api_key=KEY) as client:
        error = why_not(client)
        assert (error.what, client.calls) == ("http_401", 1)
        assert "[secret]" in str(error)
        assert KEY not in f"{error} {error!r} {client!r} {vars(client)} {vars(client._service)} {caplog.text}"


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_KEY", KEY)
    with FakeLLM([GOOD], api_key=KEY) as server, judge(server, api_key_env="JUDGE_KEY") as client:
        assert client.ask(ASK, Grade).value.good


def test_retry_after_is_waited_for_and_one_beyond_the_deadline_is_not() -> None:
    with FakeLLM([GOOD], faults=[Fault("status", status=429, retry_after="0.3", requests=[0])]) as server:
        with judge(server) as client:
            start = time.monotonic()
            assert client.ask(ASK, Grade).value.good
            assert time.monotonic() - start >= 0.3
    with FakeLLM([GOOD], faults=[Fault("status", status=429, retry_after="100", requests=[0])]) as server:
        with judge(server) as client:
            start = time.monotonic()
            assert why_not(client).what == "http_429"
            assert time.monotonic() - start < 2.0


def test_the_deadline_covers_all_attempts() -> None:
    patience = Patience(timeout_s=0.3, deadline_s=0.8, max_retries=50, backoff_s=0.001)
    with FakeLLM(faults=[Fault("hang", share=1.0)]) as server, judge(server, patience=patience) as client:
        start = time.monotonic()
        assert why_not(client).what == "timeout"
        assert 0.5 < time.monotonic() - start < 1.5


def test_a_body_that_drips_for_ever_ends_at_the_deadline() -> None:
    """Every byte comes in time, so a timeout per read alone never ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                    while True:
                        connection.sendall(b" ")
                        time.sleep(0.02)
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        patience = Patience(timeout_s=0.4, deadline_s=0.5, max_retries=0)
        with JudgeClient("fake", f"http://127.0.0.1:{listening.getsockname()[1]}/v1", patience=patience) as client:
            start = time.monotonic()
            assert why_not(client).what == "timeout"
            assert time.monotonic() - start < 2.0
        thread.join()


def test_a_server_that_is_not_there_is_unreachable_and_the_breaker_opens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    patience = Patience(max_retries=0, failures_to_open=2, rest_s=30.0)
    with JudgeClient("fake", f"http://127.0.0.1:{port}/v1", patience=patience) as client:
        assert [why_not(client).what for _ in range(4)] == [
            "unreachable",
            "unreachable",
            "breaker_open",
            "breaker_open",
        ]
        assert client.calls == 2


def test_the_breaker_lets_one_try_after_its_rest_and_closes_again() -> None:
    patience = Patience(max_retries=0, failures_to_open=2, rest_s=0.2)
    fault = Fault("status", status=503, requests=[0, 1, 2])
    with FakeLLM(lambda body: GOOD, faults=[fault]) as server, judge(server, patience=patience) as client:
        assert [why_not(client).what for _ in range(3)] == ["http_503", "http_503", "breaker_open"]
        time.sleep(0.25)
        assert [why_not(client).what for _ in range(2)] == ["http_503", "breaker_open"]
        time.sleep(0.25)
        assert client.ask(ASK, Grade).value.good
        assert client.ask([user("b")], Grade).value.good


def test_a_budget_of_calls_holds_also_among_threads() -> None:
    with FakeLLM(lambda body: GOOD) as server, judge(server, max_calls=10) as client:

        def one(number: int) -> str:
            try:
                client.ask([user(str(number))], Grade)
            except NoAnswer as error:
                return f"{error.what}: {error}"
            return "ok"

        with ThreadPoolExecutor(8) as pool:
            said = list(pool.map(one, range(30)))
        assert (said.count("ok"), server.count) == (10, 10)
        assert {each for each in said if each != "ok"} == {
            "budget: the judge's budget of 10 calls is used up; raise max_calls"
        }


def test_a_budget_of_tokens_ends_too() -> None:
    with FakeLLM(lambda body: GOOD) as server, judge(server, max_total_tokens=1) as client:
        client.ask(ASK, Grade)
        with pytest.raises(NoAnswer, match="raise max_total_tokens"):
            client.ask([user("b")], Grade)


def test_the_same_question_is_asked_once_and_the_oldest_is_forgotten() -> None:
    with FakeLLM(lambda body: GOOD) as server, judge(server, cache_size=2) as client:
        first = client.ask(ASK, Grade)
        assert client.ask(ASK, Grade) == first
        assert server.count == 1
        for text in ("b", "c"):
            client.ask([user(text)], Grade)
        client.ask(ASK, Grade)
        assert server.count == 4
    with FakeLLM(lambda body: GOOD) as server, judge(server, cache_size=0) as client:
        client.ask(ASK, Grade)
        client.ask(ASK, Grade)
        assert server.count == 2


def test_answers_outlive_the_process_in_a_file_and_a_spoilt_one_is_asked_again(tmp_path: Path) -> None:
    file = tmp_path / "judge.sqlite"
    with FakeLLM(lambda body: GOOD) as server:
        with judge(server, cache_file=file) as client:
            first = client.ask(ASK, Grade)
        with judge(server, cache_file=file) as client:
            assert client.ask(ASK, Grade) == first
            assert (server.count, client.calls) == (1, 0)
        connection = sqlite3.connect(file)
        connection.execute("UPDATE answers SET text = 'good'")
        connection.commit()
        connection.close()
        with judge(server, cache_file=file) as client:
            assert client.ask(ASK, Grade).value.good
            assert server.count == 2


def test_a_file_that_is_no_cache_is_told(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, and long enough to be read as one" * 100)
    with pytest.raises(UsageError, match="give another file"):
        JudgeClient("fake", "http://127.0.0.1:1/v1", cache_file=file)


def test_a_server_without_response_format_is_asked_without() -> None:
    with FakeLLM(lambda body: GOOD, refuses=["response_format"]) as server, judge(server) as client:
        assert client.ask(ASK, Grade).value.good
        assert client.ask([user("b")], Grade).value.good
        assert ["response_format" in body for body in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    "make",
    [
        lambda: JudgeClient("", "http://127.0.0.1:1/v1"),
        lambda: JudgeClient("m", "127.0.0.1:1/v1"),
        lambda: JudgeClient("m", "http://me:pass@host/v1"),
        lambda: JudgeClient("m", "http://127.0.0.1:1/v1", api_key="two\nlines"),
        lambda: JudgeClient("m", "http://127.0.0.1:1/v1", max_calls=-1),
        lambda: JudgeClient("m", "http://127.0.0.1:1/v1", cache_size=-1),
        lambda: Patience(timeout_s=0),
    ],
)
def test_settings_that_cannot_be_are_told_at_once(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert "pass@" not in str(caught.value)


def test_lone_surrogates_are_replaced_because_servers_refuse_them() -> None:
    with FakeLLM(lambda body: GOOD) as server, judge(server) as client:
        assert client.ask([user("a \ud800 b")], Grade).value.good
        assert server.requests[0]["messages"][0]["content"] == "a \ufffd b"

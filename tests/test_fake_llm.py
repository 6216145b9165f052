"""FakeLLM speaks the API as real servers do, fails as told, and leaves nothing behind. Spoken to by the standard library alone."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from envgym.message import assistant, call, user
from envgym.testing import FakeLLM
from envgym.testing.byte_tokens import END, ROLE_IDS, completion_ids, prompt_ids
from envgym.testing.fault import Fault, FaultPlan

ASK: dict[str, Any] = {"model": "fake", "messages": [user("hello")]}


@dataclass
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


def respond(
    server: FakeLLM, body: Any = ASK, *, method: str = "POST", path: str = "/v1/chat/completions", **headers: str
) -> Response:
    """One request on a connection of its own, and the whole answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=5)) as connection:
        connection.request(method, path, body=data, headers=headers)
        with connection.getresponse() as response:
            return Response(response.status, dict(response.getheaders()), response.read())


def ask(server: FakeLLM, body: Any = ASK, **more: Any) -> tuple[int, dict[str, Any]]:
    response = respond(server, body, **more)
    return response.status, json.loads(response.body)


def streamed(server: FakeLLM, **more: Any) -> list[dict[str, Any]]:
    response = respond(server, {**ASK, "stream": True, **more})
    assert response.headers["Content-Type"] == "text/event-stream"
    lines = [line for line in response.body.decode().split("\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]


def test_without_a_script_it_echoes_the_last_message() -> None:
    with FakeLLM() as server:
        status, answer = ask(server)
    assert status == 200
    assert answer["object"] == "chat.completion"
    assert answer["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}
    ]
    assert answer["usage"] == {"prompt_tokens": 8, "completion_tokens": 6, "total_tokens": 14}
    assert server.requests == [ASK]


def test_a_script_is_a_function_or_a_list_and_may_call_tools() -> None:
    with FakeLLM(lambda body: f"you said {body['messages'][0]['content']}") as server:
        assert ask(server)[1]["choices"][0]["message"]["content"] == "you said hello"
    with FakeLLM(["one", call("add", n=1)]) as server:
        assert ask(server)[1]["choices"][0]["message"]["content"] == "one"
        choice = ask(server)[1]["choices"][0]
        status, over = ask(server)
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["tool_calls"][0]["function"] == {"name": "add", "arguments": '{"n": 1}'}
    assert (status, over["error"]["code"]) == (400, "script")
    assert "the script of 2 replies is over" in over["error"]["message"]


def test_it_lists_its_model_and_refuses_others() -> None:
    with FakeLLM(model="m") as server:
        assert [each["id"] for each in ask(server, b"", method="GET", path="/v1/models")[1]["data"]] == ["m"]
        status, answer = ask(server)
    assert (status, answer["error"]["code"]) == (404, "model_not_found")


def test_it_refuses_wrong_keys_routes_bodies_fields_and_lengths() -> None:
    with FakeLLM(api_key="k", refuses=["seed"], context_tokens=20) as server:
        assert ask(server)[0] == 401
        assert ask(server, Authorization="Bearer other")[0] == 401
        key = {"Authorization": "Bearer k"}
        assert ask(server, **key)[0] == 200
        assert ask(server, path="/v1/completions", **key)[0] == 404
        assert ask(server, b"{", **key)[0] == 400
        assert "seed" in ask(server, {**ASK, "seed": 1}, **key)[1]["error"]["message"]
        long = {**ASK, "messages": [user("x" * 30)]}
        assert ask(server, long, **key)[1]["error"]["code"] == "context_length_exceeded"


def test_token_ids_and_probabilities_come_when_asked_for() -> None:
    with FakeLLM() as server:
        plain = ask(server)[1]
        full = ask(server, {**ASK, "return_token_ids": True, "logprobs": True})[1]
    assert "prompt_token_ids" not in plain
    assert "token_ids" not in plain["choices"][0]
    assert full["prompt_token_ids"] == [ROLE_IDS["user"], *b"hello", END, ROLE_IDS["assistant"]]
    assert full["choices"][0]["token_ids"] == [*b"hello", END]
    assert len(full["choices"][0]["logprobs"]["content"]) == 6


def test_the_prompt_of_a_call_extends_the_call_before_token_by_token() -> None:
    first = {"messages": [user("a")], "tools": [{"type": "function"}]}
    reply = {**call("t", n=1), "reasoning_content": "r"}
    second = {**first, "messages": [user("a"), reply, {"role": "tool", "tool_call_id": "call_0", "content": "é"}]}
    before = prompt_ids(first) + completion_ids(reply)
    assert prompt_ids(second)[: len(before)] == before


def test_a_stream_says_the_same_in_pieces() -> None:
    said = {**call("add", amount=12345678), "content": "I will add it.", "reasoning_content": "let me think"}
    with FakeLLM(lambda body: said) as server:  # type: ignore[arg-type, return-value]
        events = streamed(server, return_token_ids=True, logprobs=True, stream_options={"include_usage": True})
        whole = ask(server, {**ASK, "return_token_ids": True})[1]
    choices = [event["choices"][0] for event in events if event["choices"]]
    deltas = [choice["delta"] for choice in choices]
    assert "".join(delta.get("content", "") for delta in deltas) == "I will add it."
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == "let me think"
    fragments = [fragment for delta in deltas for fragment in delta.get("tool_calls", [])]
    assert "".join(fragment["function"]["arguments"] for fragment in fragments) == '{"amount": 12345678}'
    assert [fragment.get("id") for fragment in fragments] == ["call_0", *[None] * (len(fragments) - 1)]
    assert [choice["finish_reason"] for choice in choices] == [None] * (len(choices) - 1) + ["tool_calls"]
    assert events[0]["prompt_token_ids"] == whole["prompt_token_ids"]
    assert [token for choice in choices for token in choice.get("token_ids", [])] == whole["choices"][0]["token_ids"]
    assert events[-1]["usage"] == whole["usage"]


def test_usage_is_streamed_only_when_asked_for() -> None:
    with FakeLLM() as server:
        assert not any("usage" in event for event in streamed(server))


def test_it_takes_its_time_and_counts_who_waits() -> None:
    with FakeLLM(latency_s=0.2) as server:
        started = time.perf_counter()
        threads = [threading.Thread(target=ask, args=(server,)) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        waited = time.perf_counter() - started
    assert 0.2 <= waited < 0.9
    assert (server.peak_in_flight, server.in_flight, server.count) == (5, 0, 5)


def test_every_fault_looks_as_it_should() -> None:
    faults = [
        Fault("status", requests=[0], status=429, retry_after="7"),
        Fault("body", requests=[1], text="<html>"),
        Fault("dropped", requests=[2]),
        Fault("truncated", requests=[3]),
        Fault("unfinished", requests=[4]),
        Fault("slow", requests=[5], seconds=0.2),
    ]
    with FakeLLM(faults=faults) as server:
        limited = respond(server)
        assert (limited.status, limited.headers["Retry-After"]) == (429, "7")
        page = respond(server)
        assert (page.status, page.body) == (200, b"<html>")
        with pytest.raises((HTTPException, ConnectionError)):
            respond(server)
        with pytest.raises(HTTPException):
            respond(server)
        cut = respond(server, {**ASK, "stream": True}).body
        assert b"hello" in cut
        assert b'"finish_reason": "stop"' not in cut
        started = time.perf_counter()
        assert ask(server)[0] == 200
        assert time.perf_counter() - started > 0.2
        assert ask(server)[0] == 200


def test_a_share_of_faults_is_drawn_from_seed_and_request_and_not_from_the_order() -> None:
    bodies = [f"body {number}".encode() for number in range(400)]

    def hit(seed: int, order: list[bytes]) -> set[bytes]:
        plan = FaultPlan([Fault("dropped", share=0.25)], seed)
        return {body for number, body in enumerate(order) if plan.next(number, body) is not None}

    forth = hit(1, bodies)
    assert hit(1, bodies[::-1]) == forth
    assert hit(2, bodies) != forth
    assert 70 < len(forth) < 130
    plan = FaultPlan([Fault("dropped", share=0.5)], 1)
    assert len({plan.next(0, b"same") is None for _ in range(20)}) == 2


def test_after_the_block_no_thread_socket_or_request_is_left() -> None:
    before = threading.active_count()
    with FakeLLM(faults=[Fault("hang", share=1.0)]) as server:
        waiting = HTTPConnection("127.0.0.1", server.port, timeout=5)
        waiting.request("POST", "/v1/chat/completions", body=json.dumps(ASK).encode())
        while not server.in_flight:
            time.sleep(0.01)
    with pytest.raises((HTTPException, ConnectionError)):
        waiting.getresponse()
    waiting.close()
    assert threading.active_count() == before
    assert not server.connections
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


def test_a_taken_port_is_told_at_once() -> None:
    with FakeLLM() as server, pytest.raises(OSError, match="address already in use"), FakeLLM(port=server.port):
        pass


def test_a_request_may_arrive_in_pieces_and_two_on_one_connection() -> None:
    body = json.dumps(ASK).encode()
    whole = b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    with (
        FakeLLM(latency_s=0.01) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection,
    ):
        stream = whole + whole
        for start in range(0, len(stream), 37):
            connection.sendall(stream[start : start + 37])
            time.sleep(0.001)
        got = b""
        while got.count(b"chatcmpl-") < 2:
            got += connection.recv(65536)
    assert server.accepted == 1
    assert got.index(b"chatcmpl-0") < got.index(b"chatcmpl-1")


@pytest.fixture
def script_file(tmp_path: Path) -> str:
    path = tmp_path / "my_script.py"
    path.write_text("def script(body):\n    return 'from a file'\n", encoding="utf-8")
    return f"{path}:script"


def test_as_a_process_it_prints_its_address_and_at_the_end_what_it_did(script_file: str) -> None:
    command = [sys.executable, "-m", "envgym.testing.fake_llm", "--script", script_file, "--model", "m"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["base_url"]
        connection = HTTPConnection("127.0.0.1", int(url.removesuffix("/v1").rpartition(":")[2]), timeout=5)
        connection.request("POST", "/v1/chat/completions", body=json.dumps({**ASK, "model": "m"}).encode())
        with closing(connection), connection.getresponse() as response:
            assert json.loads(response.read())["choices"][0]["message"] == assistant("from a file")
        process.terminate()
        last = json.loads(process.stdout.readline())
        assert process.wait(10) == 0
    assert (last["requests"], last["peak_in_flight"]) == (1, 1)

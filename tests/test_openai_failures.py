"""What becomes of an episode when the model server fails, lies, or refuses."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from envgym import play
from envgym.errors import PolicyFailure, TooManyFailures, UsageError
from envgym.message import Message, assistant, call, user
from envgym.policy.openai import OpenAIPolicy
from envgym.policy.policy import Reply, Request
from envgym.testing import FakeLLM
from envgym.testing.fault import Fault, Kind
from envgym.testing.oracle_replies import oracle_script

World = Callable[[str], str]
KEY = "sk-a-key-that-nobody-may-see"
ASK = Request([user("hello")], [], seed=7)


@pytest.fixture(params=["direct", "aiohttp"])
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def impatient(server: FakeLLM, **settings: Any) -> OpenAIPolicy:
    given: dict[str, Any] = {"backoff_s": 0.001, "timeout_s": 5.0, **settings}
    return OpenAIPolicy("fake", server.base_url, **given)


def sample(policy: OpenAIPolicy, *requests: Request) -> Reply:
    """The reply to the last of the requests."""

    async def ask() -> Reply:
        try:
            return [await policy.sample(request) for request in requests or (ASK,)][-1]
        finally:
            await policy.close()

    return asyncio.run(ask())


def failing(policy: OpenAIPolicy, *requests: Request, kind: type[Exception] = PolicyFailure) -> str:
    """What the policy says when it gives up."""
    with pytest.raises(kind) as caught:
        sample(policy, *requests)
    assert KEY not in str(caught.value)
    return str(caught.value)


FAULTS: list[tuple[Kind, dict[str, Any]]] = [
    ("status", {"status": 429}),
    ("status", {"status": 500}),
    ("status", {"status": 502}),
    ("status", {"status": 503}),
    ("status", {"status": 504}),
    ("status", {"status": 529}),
    ("body", {}),
    ("body", {"text": ""}),
    ("body", {"text": "{}"}),
    ("body", {"text": '{"choices": []}'}),
    ("body", {"text": '{"choices": [{"message": {"role": "user", "content": "2"}}]}'}),
    ("body", {"text": '{"error": {"message": "upstream is down"}}'}),
    ("body", {"text": '{"choices": [{"message": {"content": "2"}, "finish_reason": "abort"}]}'}),
    ("truncated", {}),
    ("unfinished", {}),
    ("dropped", {}),
    ("hang", {}),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("kind", "more"), FAULTS, ids=[f"{kind}-{more}" for kind, more in FAULTS])
def test_a_fault_is_asked_again_and_the_episode_is_as_if_it_had_not_been(
    kind: Kind, more: dict[str, Any], stream: bool, client: str, world: World
) -> None:
    if kind == "unfinished" and not stream:
        kind = "truncated"
    golden = play(world("Counter"), policy="oracle", episodes=1)
    with FakeLLM(oracle_script(world("Counter"), episodes=1), faults=[Fault(kind, requests=[1], **more)]) as server:
        policy = impatient(server, stream=stream, http_client=client, timeout_s=0.3 if kind == "hang" else 5.0)
        [episode] = play(world("Counter"), policy=policy, episodes=1, retries=0)
    assert (episode.status, episode.score, episode.failures) == ("ok", 1.0, [])
    assert episode.messages == golden[0].messages
    assert server.count == len(episode.steps) + 1


@pytest.mark.parametrize(("kind", "more"), FAULTS, ids=[f"{kind}-{more}" for kind, more in FAULTS])
def test_a_fault_that_stays_fails_the_episode_and_never_becomes_a_score(
    kind: Kind, more: dict[str, Any], client: str, world: World
) -> None:
    stream = kind == "unfinished"
    with FakeLLM(faults=[Fault(kind, share=1.0, **more)]) as server:
        policy = impatient(
            server, stream=stream, http_client=client, max_retries=2, timeout_s=0.1 if kind == "hang" else 5.0
        )
        [episode] = play(world("Counter"), policy=policy, episodes=1, retries=1, backoff_s=0.0, max_failure_share=1.0)
    assert (episode.status, episode.verdict, episode.reward, episode.score) == ("infra_failed", None, None, None)
    assert [failure.boundary for failure in episode.failures] == ["policy", "policy"]
    assert [failure.type for failure in episode.failures] == ["PolicyFailure"] * 2
    assert f"no reply from {server.base_url}/chat/completions in 3 attempts; the last: " in episode.failures[0].message
    assert server.count == 6


def test_a_run_gets_through_a_server_that_fails_a_third_of_the_time(client: str, world: World) -> None:
    faults = [
        Fault("status", share=0.1, status=500),
        Fault("status", share=0.1, status=429, retry_after="0"),
        Fault("dropped", share=0.1),
        Fault("truncated", share=0.1),
        Fault("slow", share=0.1, seconds=0.02),
    ]
    script = oracle_script(world("Counter"), episodes=40)
    with FakeLLM(script, faults=faults, fault_seed=3) as server:
        policy = impatient(server, http_client=client, max_retries=20)
        episodes = play(world("Counter"), policy=policy, episodes=40)
    assert [each.score for each in episodes] == [1.0] * 40
    steps = sum(len(each.steps) for each in episodes)
    assert steps * 1.2 < server.count < steps * 2


def test_a_server_that_is_down_stops_the_run_soon_and_says_where_it_was_looked_for(client: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    policy = OpenAIPolicy("fake", f"http://127.0.0.1:{port}/v1", api_key=KEY, http_client=client)
    started = time.perf_counter()
    with pytest.raises(TooManyFailures) as caught:
        play("game24", policy=policy, episodes=100, backoff_s=0.01)
    assert time.perf_counter() - started < 5
    assert f"cannot connect to http://127.0.0.1:{port}/v1/chat/completions" in str(caught.value)
    assert "is the server running there?" in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_name_that_does_not_exist_is_told(client: str) -> None:
    policy = OpenAIPolicy("fake", "http://no-such-host.invalid/v1", http_client=client)
    assert "cannot connect to http://no-such-host.invalid/v1" in failing(policy)


def test_a_server_that_comes_back_is_found_again(client: str) -> None:
    async def ask() -> list[Any]:
        with FakeLLM() as first:
            policy = impatient(first, http_client=client, max_retries=50, longest_backoff_s=0.02)
            replies = [await policy.sample(ASK)]
        waiting = asyncio.create_task(policy.sample(ASK))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        with FakeLLM(lambda body: "back", port=first.port):
            replies.append(await waiting)
            await policy.close()
        return [reply.message["content"] for reply in replies]

    assert asyncio.run(ask()) == ["hello", "back"]


@pytest.mark.parametrize(
    ("header", "at_least", "at_most"),
    [
        (lambda: "0.4", 0.4, 0.8),
        (lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True), 0.9, 2.4),
        (lambda: "soon", 0.0, 0.3),
    ],
    ids=["seconds", "date", "nonsense"],
)
def test_the_server_is_given_the_time_that_it_asks_for(
    header: Callable[[], str], at_least: float, at_most: float, client: str
) -> None:
    with FakeLLM(faults=[Fault("status", requests=[0], status=429, retry_after=header())]) as server:
        started = time.perf_counter()
        sample(impatient(server, http_client=client))
        waited = time.perf_counter() - started
    assert at_least <= waited <= at_most
    assert server.count == 2


def test_a_server_that_asks_for_more_time_than_there_is_is_not_waited_for() -> None:
    with FakeLLM(faults=[Fault("status", share=1.0, status=503, retry_after="3600")]) as server:
        started = time.perf_counter()
        says = failing(impatient(server, total_deadline_s=30.0))
    assert time.perf_counter() - started < 1
    assert "within 30 s (1 attempts); the last: HTTP 503" in says


def test_the_total_deadline_holds_whatever_the_number_of_retries() -> None:
    with FakeLLM(faults=[Fault("hang", share=1.0)]) as server:
        started = time.perf_counter()
        says = failing(impatient(server, timeout_s=0.15, total_deadline_s=0.5, max_retries=1000))
    assert time.perf_counter() - started < 1.0
    assert "within 0.5 s" in says
    assert "no answer within" in says


def test_a_reply_that_comes_later_than_the_runs_own_deadline_fails_the_episode(world: World) -> None:
    with FakeLLM(latency_s=5) as server:
        [episode] = play(
            world("Counter"), policy=impatient(server), episodes=1, step_s=0.1, retries=0, max_failure_share=1
        )
    assert episode.status == "infra_failed"
    assert episode.failures[0].message == "no reply within 0.1 s"


def test_a_wrong_key_ends_the_run_and_is_not_shown_although_the_server_quotes_it(client: str) -> None:
    with FakeLLM(api_key="another") as server:
        policy = impatient(server, api_key=KEY, http_client=client)
        says = failing(policy, kind=UsageError)
        assert server.count == 0
        with pytest.raises(UsageError):
            play("game24", policy=policy, episodes=3)
    assert "HTTP 401" in says
    assert "Incorrect API key provided: [secret]" in says
    assert "set OPENAI_API_KEY or pass api_key" in says


def test_the_key_is_in_no_trajectory_whatever_the_server_says(world: World, client: str) -> None:
    faults = [
        Fault("status", requests=[0], text=""),
        Fault("body", requests=[1], text=json.dumps({"error": {"message": f"bad key {KEY}"}})),
        Fault("body", requests=[2], text=f"<html>{KEY}</html>"),
        Fault("body", requests=[3], text=json.dumps({"choices": [{"message": {"role": KEY}}]})),
    ]
    for requests in ([0], [1], [2], [3]):
        hit = [Fault(each.kind, share=1.0, text=each.text) for each in faults if list(each.requests) == requests]
        with FakeLLM(faults=hit) as server:
            policy = impatient(server, api_key=KEY, max_retries=1, http_client=client)
            [episode] = play(world("Counter"), policy=policy, episodes=1, retries=0, max_failure_share=1)
        assert episode.failures
        assert KEY.encode() not in episode.to_line()


def test_an_unknown_model_is_answered_with_those_that_the_server_has(client: str) -> None:
    with FakeLLM(model="qwen3-8b") as server:
        policy = OpenAIPolicy("qwen-8b", server.base_url, http_client=client)
        says = failing(policy, kind=UsageError)
    assert "the model is 'qwen-8b', it serves qwen3-8b" in says
    assert server.count == 1


def test_a_wrong_path_is_told(client: str) -> None:
    with FakeLLM() as server:
        policy = OpenAIPolicy("fake", server.base_url.removesuffix("/v1"), http_client=client)
        says = failing(policy, kind=UsageError)
    assert "no such route: POST /chat/completions" in says
    assert "check base_url" in says


def test_a_request_that_is_refused_first_is_the_callers_mistake_and_later_a_failed_episode() -> None:
    def script(body: Any) -> str:
        if body["messages"][0]["content"] == "bad":
            raise ValueError("content policy")
        return "good"

    bad = Request([user("bad")], [], seed=1)
    with FakeLLM(script) as server:
        assert "content policy" in failing(impatient(server), bad, kind=UsageError)
        assert "content policy" in failing(impatient(server), ASK, bad)
    assert server.count == 3


def test_a_field_that_is_refused_but_given_by_the_caller_is_told_and_not_tried_for_ever() -> None:
    with FakeLLM(refuses=["seed"]) as server:
        assert "supplied: seed" in failing(impatient(server, extra={"seed": 3}), kind=UsageError)
    assert server.count == 2


def test_a_context_that_the_agent_filled_up_cuts_its_reply_short(world: World) -> None:
    calls = [call("add", amount=1) for _ in range(40)]
    for number, message in enumerate(calls):
        message["tool_calls"][0]["id"] = f"c{number}"
    with FakeLLM(calls, context_tokens=1200) as server:
        [episode] = play(world("Counter"), policy=impatient(server), episodes=1)
    cut = [step.finish_reason == "length" for step in episode.steps]
    assert cut == sorted(cut)
    assert 3 < sum(cut) < len(cut)
    assert (episode.status, episode.score) == ("truncated", 0.0)
    assert episode.messages[episode.steps[-1].reply] == assistant("")
    assert {step.error for step in episode.steps if step.finish_reason == "length"} == {"tool.none"}


def test_a_first_prompt_that_does_not_fit_is_nobodys_answer(world: World) -> None:
    with FakeLLM(context_tokens=10) as server:
        [episode] = play(world("Counter"), policy=impatient(server), episodes=1, retries=0, max_failure_share=1)
    assert (episode.status, episode.score) == ("infra_failed", None)
    assert "the first prompt of the episode does not fit" in episode.failures[0].message


@pytest.mark.parametrize(
    ("tokens", "sent"), [(False, "larger than 10,000,000 bytes"), (True, "more than 10,000,000 ch")]
)
def test_a_reply_of_eleven_megabytes_is_cut_off(tokens: bool, sent: str, client: str) -> None:
    text = json.dumps({"choices": [{"message": {"role": "assistant", "content": "x" * 11_000_000}}]})
    with FakeLLM(faults=[Fault("body", share=1.0, text=text)]) as server:
        assert sent in failing(impatient(server, return_tokens=tokens, http_client=client))
    assert server.count == 1


def test_a_stream_without_end_is_cut_off(client: str) -> None:
    with FakeLLM(lambda body: "y" * 40_000) as server:
        policy = impatient(server, stream=True, return_tokens=False, max_reply_bytes=20_000, http_client=client)
        assert "larger than 20,000 bytes" in failing(policy)
    assert server.count == 1


def test_cancelled_episodes_leave_no_request_behind(client: str) -> None:
    async def leave() -> None:
        with FakeLLM(faults=[Fault("hang", share=1.0)]) as server:
            policy = impatient(server, http_client=client)
            asking = [asyncio.create_task(policy.sample(ASK)) for _ in range(20)]
            while server.in_flight < 20:
                await asyncio.sleep(0.01)
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            await policy.close()
            for _ in range(100):
                if server.in_flight == 0:
                    break
                await asyncio.sleep(0.01)
            assert server.in_flight == 0
            assert not server.connections

    asyncio.run(leave())


CROWD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, int(sys.argv[2])))
from envgym import UsageError, play
from envgym.policy.openai import OpenAIPolicy
try:
    policy = OpenAIPolicy("fake", sys.argv[1], http_client=sys.argv[3], max_retries=0)
    played = play("game24", policy=policy, episodes=200, concurrency=200, retries=0)
    print(len([each for each in played if each.status == "ok"]))
except UsageError as error:
    print(error)
"""


@pytest.mark.parametrize(("hard", "says"), [(4096, "200"), (64, "may not open more than 64 files")])
def test_a_low_limit_of_open_files_is_raised_or_told(hard: int, says: str, client: str) -> None:
    with FakeLLM(latency_s=0.5) as server:
        command = [sys.executable, "-c", CROWD, server.base_url, str(hard), client]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert says in done.stdout


def test_messages_of_a_request_are_not_changed_by_it() -> None:
    history: list[Message] = [user("a"), {**call("t"), "reasoning_content": "r"}, user("b")]
    before = json.dumps(history)
    with FakeLLM(refuses=["reasoning_content"]) as server:
        assert sample(impatient(server), Request(history, [], seed=1)).message["content"] == "b"
        assert "reasoning_content" not in server.requests[1]["messages"][1]
    assert json.dumps(history) == before

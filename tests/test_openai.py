"""Complete episodes through the OpenAI policy, over real HTTP against a server on this machine."""

import asyncio
import logging
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from envgym import Trajectory, play
from envgym.errors import UnknownId, UsageError
from envgym.message import Message, call, user
from envgym.policy.chat_settings import ChatSettings
from envgym.policy.openai import OpenAIPolicy
from envgym.policy.policy import Request
from envgym.registry import policies
from envgym.rollout import Run, play_run
from envgym.testing import FakeLLM
from envgym.testing.oracle_replies import OracleScript, oracle_script

World = Callable[[str], str]
SCAFFOLDS = ["function_calling", "react", "plan_then_act", "plan_then_edit", "test_driven"]
CLIENTS = ["direct", "aiohttp"]
KEY = "sk-a-key-that-nobody-may-see"


def played(env: str, *, processes: int = 1, **settings: Any) -> list[Trajectory]:
    finished: list[Trajectory] = []
    play_run(Run(env, backoff_s=0.0, **settings), finished.append, processes=processes)
    return sorted(finished, key=lambda each: each.index)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("scaffold", SCAFFOLDS)
def test_golden_episodes_score_one_over_http_under_every_scaffold(
    scaffold: str, stream: bool, client: str, world: World
) -> None:
    for env, count in (("game24", 8), ("table_qa", 2), (world("Counter"), 8)):
        run: dict[str, Any] = {"scaffold": scaffold, "episodes": count, "seed": 5}
        with FakeLLM(oracle_script(env, **run)) as server:
            policy = OpenAIPolicy("fake", server.base_url, stream=stream, http_client=client)
            episodes = play(env, policy=policy, **run)
        assert [each.score for each in episodes] == [1.0] * count
        assert server.count == sum(len(each.steps) for each in episodes)


@pytest.mark.parametrize("scaffold", SCAFFOLDS)
def test_an_episode_over_http_is_the_oracles_own_message_for_message(scaffold: str, world: World) -> None:
    run: dict[str, Any] = {"scaffold": scaffold, "episodes": 4}
    golden = play(world("Counter"), policy="oracle", **run)
    with FakeLLM(oracle_script(world("Counter"), **run)) as server:
        over_http = play(world("Counter"), policy=OpenAIPolicy("fake", server.base_url), **run)
    assert [each.messages for each in over_http] == [each.messages for each in golden]


def test_the_same_seed_gives_the_same_bytes_whatever_the_concurrency_client_or_process(world: World) -> None:
    run: dict[str, Any] = {"episodes": 24, "group_size": 3, "temperature": 0.7}
    with FakeLLM(oracle_script(world("Counter"), **run), latency_s=0.001) as server:

        def contents(client: str, processes: int = 1, **more: Any) -> list[bytes]:
            policy = OpenAIPolicy("fake", server.base_url, http_client=client)
            episodes = played(world("Counter"), policy=policy, processes=processes, **run, **more)
            return [each.content() for each in episodes]

        alone = contents("direct", concurrency=1)
        assert contents("direct", concurrency=24) == alone
        assert contents("aiohttp", concurrency=24) == alone
        assert contents("direct", processes=2) == alone


@pytest.mark.parametrize(("client", "episodes"), [("aiohttp", 512), ("direct", 1000)])
def test_many_requests_in_flight_lose_no_episode(client: str, episodes: int) -> None:
    with FakeLLM(lambda body: "1 + 1", latency_s=0.5) as server:
        policy = OpenAIPolicy("fake", server.base_url, http_client=client, return_tokens=False, max_retries=0)
        played_ = play("game24", policy=policy, episodes=episodes, concurrency=episodes, retries=0)
    assert server.peak_in_flight == episodes
    assert {each.status for each in played_} == {"ok"}
    assert {each.score for each in played_} == {0.0}


def test_a_request_carries_what_the_run_and_the_settings_ask_for(world: World) -> None:
    run: dict[str, Any] = {"episodes": 2, "group_size": 2, "temperature": 0.5, "max_tokens": 99}
    with FakeLLM(oracle_script(world("Counter"), **run), api_key=KEY) as server:
        policy = OpenAIPolicy(
            "fake",
            server.base_url,
            api_key=KEY,
            temperature=0.1,
            top_p=0.9,
            extra={"top_k": 7},
            headers={"X-Team": "rl"},
        )
        first, second = play(world("Counter"), policy=policy, concurrency=1, **run)
    body = server.requests[0]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("fake", 0.5, 99)
    assert (body["top_p"], body["top_k"]) == (0.9, 7)
    assert [each["function"]["name"] for each in body["tools"]] == ["add", "done"]
    assert body["seed"] == first.policy_seed % 2**31
    assert first.policy_seed != second.policy_seed
    assert "stream" not in body


def test_each_step_has_a_seed_of_its_own(world: World) -> None:
    with FakeLLM(oracle_script(world("Counter"), episodes=1)) as server:
        play(world("Counter"), policy=OpenAIPolicy("fake", server.base_url), episodes=1)
    seeds = [body["seed"] for body in server.requests]
    assert len(set(seeds)) == len(seeds) > 3


def test_usage_and_finish_reasons_are_recorded(world: World) -> None:
    for stream in (False, True):
        with FakeLLM(oracle_script(world("Counter"), episodes=1)) as server:
            [episode] = play(world("Counter"), policy=OpenAIPolicy("fake", server.base_url, stream=stream), episodes=1)
        assert {step.finish_reason for step in episode.steps} == {"tool_calls"}
        assert all(step.completion_tokens > 0 for step in episode.steps)
        prompts = [step.prompt_tokens for step in episode.steps]
        assert prompts == sorted(prompts)
        assert prompts[0] > 100


def test_reasoning_is_kept_and_sent_back(world: World) -> None:
    thinking: Message = {**call("add", amount=1), "reasoning_content": "one at a time"}
    with FakeLLM([thinking, call("done")]) as server:
        [episode] = play(world("Counter"), policy=OpenAIPolicy("fake", server.base_url), episodes=1)
    assert episode.messages[1]["reasoning_content"] == "one at a time"
    assert server.requests[1]["messages"][1]["reasoning_content"] == "one at a time"


def test_broken_arguments_reach_the_world_as_they_are_and_the_server_as_json(world: World) -> None:
    def broken(name: str) -> Message:
        message = call("add")
        message["tool_calls"][0]["id"] = name
        message["tool_calls"][0]["function"]["arguments"] = '{"amount": 1'
        return message

    with FakeLLM([broken("a"), call("done")]) as server:
        [episode] = play(world("Counter"), policy=OpenAIPolicy("fake", server.base_url), episodes=1)
    assert episode.messages[1]["tool_calls"][0]["function"]["arguments"] == '{"amount": 1'
    assert episode.steps[0].error == "tool.arguments"
    sent = server.requests[1]["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert sent == '{"not_a_json_object": "{\\"amount\\": 1"}'


def test_a_refused_optional_field_is_left_out_from_then_on(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with FakeLLM(oracle_script(world("Counter"), episodes=3), refuses=["return_token_ids", "seed"]) as server:
        policy = OpenAIPolicy("fake", server.base_url)
        with caplog.at_level(logging.WARNING):
            episodes = play(world("Counter"), policy=policy, episodes=3, concurrency=1)
    assert [each.score for each in episodes] == [1.0] * 3
    assert [each.tokens for each in episodes] == [[], [], []]
    tried = [{"return_token_ids", "seed"} & body.keys() for body in server.requests]
    assert tried[:2] == [{"return_token_ids", "seed"}, {"seed"}]
    assert set(map(frozenset, tried[2:])) == {frozenset()}
    assert [record.getMessage().count("does not take return_token_ids, seed") for record in caplog.records] == [1]


def test_the_name_tells_models_and_sampling_apart_and_nothing_else() -> None:
    def fingerprint(**settings: Any) -> str:
        given: dict[str, Any] = {"model": "m", "base_url": "http://a.b/v1", **settings}
        return Run("game24", policy=OpenAIPolicy(**given)).fingerprint

    plain = fingerprint()
    assert OpenAIPolicy("m", "http://a.b/v1").name == "openai:m"
    assert fingerprint(base_url="http://c.d/v1", api_key=KEY, max_retries=9, stream=True) == plain
    others: list[dict[str, Any]] = [
        {"model": "n"},
        {"temperature": 0.3},
        {"top_p": 0.3},
        {"max_tokens": 1234567},
        {"extra": {"top_k": 1}},
    ]
    assert len({plain, *(fingerprint(**other) for other in others)}) == 6


def test_the_key_is_in_no_repr_and_survives_the_trip_to_a_worker_process() -> None:
    with FakeLLM(api_key=KEY) as server:
        policy = OpenAIPolicy("fake", server.base_url, api_key=KEY, headers={"X-Secret": KEY})
        request = Request([user("hello")], [], seed=1)
        assert asyncio.run(once(policy, request)).message["content"] == "hello"
        twin: OpenAIPolicy = pickle.loads(pickle.dumps(policy))
        assert asyncio.run(once(twin, request)).message["content"] == "hello"
    for shown in (
        repr(policy),
        repr(twin),
        repr(policy.settings),
        str(policy.settings),
        repr(Run("game24", policy=policy)),
    ):
        assert KEY not in shown


async def once(policy: OpenAIPolicy, request: Request) -> Any:
    try:
        return await policy.sample(request)
    finally:
        await policy.close()


def test_one_policy_serves_several_event_loops_and_closing_twice_is_fine() -> None:
    with FakeLLM() as server:
        policy = OpenAIPolicy("fake", server.base_url)

        async def twice() -> None:
            await policy.sample(Request([user("a")], [], seed=1))
            await policy.close()
            await policy.close()

        asyncio.run(twice())
        asyncio.run(twice())
    assert server.count == 2


def test_connections_are_used_again(world: World) -> None:
    for client in CLIENTS:
        for stream in (False, True):
            with FakeLLM(oracle_script(world("Counter"), episodes=6)) as server:
                policy = OpenAIPolicy("fake", server.base_url, stream=stream, http_client=client)
                play(world("Counter"), policy=policy, episodes=6, concurrency=2)
            assert server.count > 20
            assert server.accepted <= 2, f"{client}, stream={stream}"


def test_the_address_may_end_in_a_slash_or_in_the_endpoint() -> None:
    for ending in ("/", "/chat/completions", ""):
        with FakeLLM() as server:
            policy = OpenAIPolicy("fake", server.base_url + ending)
            assert asyncio.run(once(policy, Request([user("a")], [], seed=1))).message["content"] == "a"


def test_address_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeLLM(api_key=KEY) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        assert asyncio.run(once(OpenAIPolicy("fake"), Request([user("a")], [], seed=1))).message["content"] == "a"


def test_a_proxy_is_taken_from_the_environment_and_spared_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake plays the proxy: it takes the absolute address that a proxy is given as an unknown route."""
    with FakeLLM() as server:
        monkeypatch.setenv("http_proxy", server.base_url.removesuffix("/v1"))
        monkeypatch.setenv("no_proxy", "")
        policy = OpenAIPolicy("fake", "http://model.invalid/v1", max_retries=0)
        with pytest.raises(UsageError, match=r"no such route: POST http://model\.invalid/v1/chat/completions"):
            asyncio.run(once(policy, Request([user("a")], [], seed=1)))


def test_wrong_settings_are_named_and_never_quote_the_key() -> None:
    def told(*place: str, **settings: Any) -> str:
        with pytest.raises(UsageError) as caught:
            OpenAIPolicy(*place, **settings)
        assert KEY not in str(caught.value)
        return str(caught.value)

    assert "name of a model" in told()
    with pytest.raises(UsageError, match="name of a model"):
        policies.get("openai")()
    assert "base_url" in told("m", "127.0.0.1:8000/v1")
    assert "api_key or in headers" in told("m", f"http://user:{KEY}@a.b/v1")
    assert "without a query" in told("m", "http://a.b/v1?api-version=1")
    assert "temperature" in told("m", "http://a.b/v1", temperature=-1.0)
    assert "line break" in told("m", "http://a.b/v1", api_key=KEY + "\n")
    assert "line break" in told("m", "http://a.b/v1", headers={"X": KEY + "\r\nY: 1"})
    with pytest.raises(ValidationError) as caught:
        ChatSettings.model_validate({"model": "m", "base_url": "http://a.b/v1", "api_key": KEY + "\n"})
    assert KEY not in str(caught.value)
    with pytest.raises(UnknownId, match="max_retries"):
        OpenAIPolicy("m", "http://a.b/v1", max_retry=3)


def test_an_oracle_script_refuses_a_conversation_that_the_oracle_never_had() -> None:
    with FakeLLM(oracle_script("game24", episodes=1, seed=1)) as server:
        with pytest.raises(UsageError, match="the oracle never saw this conversation"):
            play("game24", policy=OpenAIPolicy("fake", server.base_url), episodes=1, seed=2)
    script: Callable[[Mapping[str, Any]], Message] = OracleScript({})
    with pytest.raises(LookupError):
        script({"messages": []})

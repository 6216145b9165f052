"""Token records: every id that the server sampled, with its log-probability, and nothing that was made again from text."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envgym import Trajectory, play
from envgym.errors import PolicyFailure
from envgym.message import Message, text_of, user
from envgym.policy.openai import OpenAIPolicy
from envgym.policy.policy import Reply, Request, Tokens
from envgym.testing import FakeLLM
from envgym.testing.byte_tokens import END, completion_ids, logprobs_of, rendered
from envgym.testing.fault import Fault
from envgym.testing.oracle_replies import oracle_script

World = Callable[[str], str]


def played(env: str, *, scaffold: str = "function_calling", **settings: Any) -> list[Trajectory]:
    with FakeLLM(oracle_script(env, scaffold=scaffold, episodes=4)) as server:
        return play(env, policy=OpenAIPolicy("fake", server.base_url, **settings), scaffold=scaffold, episodes=4)


def answered(body: dict[str, Any]) -> Reply:
    """The reply of a server that answers with `body`."""

    async def ask(policy: OpenAIPolicy) -> Reply:
        try:
            return await policy.sample(Request([user("a")], [], seed=1))
        finally:
            await policy.close()

    with FakeLLM(faults=[Fault("body", share=1.0, text=json.dumps(body))]) as server:
        return asyncio.run(ask(OpenAIPolicy("fake", server.base_url, max_retries=1, backoff_s=0.0)))


def with_tokens(**choice: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": "ab"}, **choice}], "prompt_token_ids": [1, 2, 3]}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("scaffold", ["function_calling", "react"])
def test_an_episode_is_one_path_of_tokens_with_a_span_for_each_step(scaffold: str, stream: bool, world: World) -> None:
    for episode in played(world("Counter"), scaffold=scaffold, stream=stream):
        [path] = episode.tokens
        assert len(path.token_ids) == len(path.mask) == len(path.logprobs)
        assert [step for step, _, _ in path.spans] == list(range(len(episode.steps)))
        sampled = [at for _, start, end in path.spans for at in range(start, end)]
        assert [at for at, bit in enumerate(path.mask) if bit] == sampled
        assert {path.logprobs[at] for at, bit in enumerate(path.mask) if not bit} == {0.0}
        for number, start, end in path.spans:
            ids = path.token_ids[start:end]
            assert ids[-1] == END
            assert bytes(ids[:-1]).decode() == rendered(episode.messages[episode.steps[number].reply])
            assert path.logprobs[start:end] == logprobs_of(ids)
            assert episode.steps[number].completion_tokens == end - start


def test_everything_that_the_model_was_given_is_in_the_path_unsampled(world: World) -> None:
    for episode in played(world("Counter")):
        [path] = episode.tokens
        given = bytes(
            token for token, bit in zip(path.token_ids, path.mask, strict=True) if not bit and token < 256
        ).decode()
        for message in episode.messages[:-1]:
            assert message["role"] == "assistant" or text_of(message) in given


@pytest.mark.parametrize("scaffold", ["function_calling", "react", "plan_then_act", "plan_then_edit", "test_driven"])
def test_an_episode_under_a_shipped_scaffold_is_one_path(world: World, scaffold: str) -> None:
    for episode in played(world("Counter"), scaffold=scaffold):
        [path] = episode.tokens
        assert [step for step, _, _ in path.spans] == list(range(len(episode.steps)))


def test_tools_that_come_later_begin_another_path(world: World) -> None:
    """Templates render tools in front of everything."""
    late = f"{Path(__file__).parent / 'worlds' / 'late_tools.py'}:LateTools"
    for episode in played(world("Counter"), scaffold=late):
        plan, act = episode.tokens
        assert [step for step, _, _ in plan.spans] == [0]
        assert [step for step, _, _ in act.spans] == list(range(1, len(episode.steps)))
        assert act.token_ids[: len(plan.token_ids)] != plan.token_ids


def test_tokens_are_left_out_on_request_and_where_the_server_has_none(world: World) -> None:
    assert [episode.tokens for episode in played(world("Counter"), return_tokens=False)] == [[]] * 4
    assert answered({"choices": [{"message": {"content": "ab"}}]}).tokens is None


def test_the_forms_of_vllm_and_sglang_give_the_same_record() -> None:
    entries = {
        "content": [{"token": "a", "logprob": -0.5, "bytes": None, "top_logprobs": []}, {"token": "b", "logprob": -1}]
    }
    pairs = [[-0.5, 7, "a"], [-1.0, 8, None]]
    record = Tokens([1, 2, 3], [7, 8], [-0.5, -1.0])
    vllm = answered(with_tokens(token_ids=[7, 8], logprobs=entries))
    assert vllm.tokens == record
    assert (vllm.prompt_tokens, vllm.completion_tokens) == (3, 2)
    sglang = with_tokens(token_ids=[7, 8], logprobs=entries, prompt_token_ids=[1, 2, 3])
    del sglang["prompt_token_ids"]
    assert answered(sglang).tokens == record
    assert answered(with_tokens(meta_info={"output_token_logprobs": pairs, "id": "x"})).tokens == record


def test_ids_without_probabilities_or_without_a_prompt_are_no_record() -> None:
    entries = {"content": [{"logprob": -0.5}]}
    assert answered(with_tokens(token_ids=[7])).tokens is None
    assert answered(with_tokens(logprobs=entries)).tokens is None
    assert answered(with_tokens(token_ids=[7], logprobs={"content": None})).tokens is None
    assert answered({**with_tokens(token_ids=[7], logprobs=entries), "prompt_token_ids": None}).tokens is None


def test_lists_of_different_length_are_a_lie_and_fail_the_episode() -> None:
    with pytest.raises(PolicyFailure, match="3 token ids but 1 log-probabilities"):
        answered(with_tokens(token_ids=[7, 8, 9], logprobs={"content": [{"logprob": -0.5}]}))
    with pytest.raises(PolicyFailure, match=r"choices\.0\.token_ids\.0"):
        answered(with_tokens(token_ids=["seven"], logprobs={"content": [{"logprob": -0.5}]}))


def test_the_toy_tokenizer_extends_its_own_output() -> None:
    reply: Message = {"role": "assistant", "content": "bé", "reasoning_content": "r"}
    assert completion_ids(reply) == [*"rbé".encode(), END]
    assert all(each <= 0 for each in logprobs_of(completion_ids(reply)))

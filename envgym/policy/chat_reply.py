"""From the body of an OpenAI chat completion to a Reply, or to BadReply where the body is none.

Token records come in two forms: vLLM's and SGLang's `return_token_ids` with the API's own `logprobs`, and SGLang's `meta_info` (asked for
by extra={"return_prompt_token_ids": True, "return_meta_info": True}), which older versions have. Ids without log-probabilities give no
record, since training needs both; two lists of different length are a lie. SGLang gives no ids in a stream. vLLM's log-probabilities are
those before temperature and top_p unless it runs with `--logprobs-mode processed_logprobs`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from envgym.message import Message, ToolCall, text_of
from envgym.policy.policy import Reply, Request, Tokens


class BadReply(Exception):
    """The server answered something that is no completion. The text says what is wrong with it."""


class CalledFunction(TypedDict, total=False):
    name: Annotated[str, Field(min_length=1)]
    arguments: str | dict[str, Any] | None


class AnsweredCall(TypedDict, total=False):
    id: str | None
    function: CalledFunction


class AnswerMessage(TypedDict, total=False):
    role: Literal["assistant"] | None
    content: str | list[dict[str, Any]] | None
    tool_calls: list[AnsweredCall] | None
    reasoning_content: Any
    reasoning: Any


class TokenLogprob(TypedDict):
    logprob: float


class Logprobs(TypedDict, total=False):
    content: list[TokenLogprob] | None


class MetaInfo(TypedDict, total=False):
    output_token_logprobs: list[tuple[float, int, Any]] | None


class Choice(TypedDict, total=False):
    message: AnswerMessage
    finish_reason: str | None
    logprobs: Logprobs | None
    token_ids: list[int] | None
    prompt_token_ids: list[int] | None
    meta_info: MetaInfo | None


class Usage(TypedDict, total=False):
    prompt_tokens: int | None
    completion_tokens: int | None


class Answer(TypedDict, total=False):
    choices: list[Choice]
    usage: Usage | None
    prompt_token_ids: list[int] | None
    error: Any


ANSWER = TypeAdapter(Answer)
NOT_FINISHED = ("abort", "error")
"""Finish reasons of a server that gave up: engines abort what is running when their weights are changed."""


def parse_answer(body: bytes | Mapping[str, Any]) -> Answer:
    """A completion with at least one choice that has a message. Raises BadReply saying what is wrong."""
    try:
        answer = ANSWER.validate_json(body) if isinstance(body, bytes) else ANSWER.validate_python(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        start = f"; it begins {body[:60]!r}" if isinstance(body, bytes) and not where else ""
        raise BadReply(
            f"the answer is no chat completion: {where + ': ' if where else ''}{first['msg']}{start}"
        ) from None
    if answer.get("error"):
        raise BadReply(f"the server reports {error_text(answer['error'])}")
    if not answer.get("choices") or "message" not in answer["choices"][0]:
        raise BadReply("the answer is no chat completion: it has no choices with a message")
    return answer


def error_text(error: Any) -> str:
    """An error object of a server as short text."""
    text = error.get("message") if isinstance(error, Mapping) else None
    return str(text or error)[:500]


def read_reply(answer: Answer, request: Request) -> Reply:
    """The reply in a parsed answer. Raises BadReply when the answer contradicts itself."""
    choice = answer["choices"][0]
    message = read_message(choice["message"], request.messages)
    finish = choice.get("finish_reason") or ("tool_calls" if message.get("tool_calls") else "stop")
    if finish in NOT_FINISHED:
        raise BadReply(f"the server broke the completion off (finish_reason {finish!r})")
    tokens = read_tokens(answer, choice)
    usage = answer.get("usage") or {}
    return Reply(
        message,
        finish_reason=finish,
        prompt_tokens=usage.get("prompt_tokens") or (len(tokens.prompt_ids) if tokens else 0),
        completion_tokens=usage.get("completion_tokens") or (len(tokens.completion_ids) if tokens else 0),
        tokens=tokens,
    )


def read_message(given: AnswerMessage, history: Sequence[Message]) -> Message:
    content = given.get("content")
    text = text_of({"role": "assistant", "content": content}) if isinstance(content, list) else content
    calls = given.get("tool_calls") or []
    message: Message = {"role": "assistant", "content": text or (None if calls else "")}
    if calls:
        message["tool_calls"] = read_calls(calls, history)
    reasoning = given.get("reasoning_content") or given.get("reasoning")
    if isinstance(reasoning, str):
        message["reasoning_content"] = reasoning
    return message


def read_calls(given: Sequence[AnsweredCall], history: Sequence[Message]) -> list[ToolCall]:
    """Tool calls whose ids are unique in the episode: a missing or repeated one is replaced by its place in the history.

    Ids that a server did give are kept, since some models (Kimi K2) see them in their prompt.
    """
    used = {call["id"] for message in history for call in message.get("tool_calls") or ()}
    turn = sum(message["role"] == "assistant" for message in history)
    calls: list[ToolCall] = []
    for number, call in enumerate(given):
        function = call.get("function") or {}
        if "name" not in function:
            raise BadReply("the answer has a tool call without a function name")
        name = call.get("id")
        if not name or name in used:
            name = f"call_{turn}_{number}"
        used.add(name)
        arguments = function.get("arguments") or ""
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        calls.append({"id": name, "type": "function", "function": {"name": function["name"], "arguments": text}})
    return calls


def read_tokens(answer: Answer, choice: Choice) -> Tokens | None:
    """The call's tokens, None where the server does not give all of them. Raises BadReply when two lists do not fit together."""
    given = answer.get("prompt_token_ids") or choice.get("prompt_token_ids")
    pairs = (choice.get("meta_info") or {}).get("output_token_logprobs")
    if pairs is not None:
        sampled: list[int] | None = [token for _, token, _ in pairs]
        logprobs: list[float] | None = [logprob for logprob, _, _ in pairs]
    else:
        entries = (choice.get("logprobs") or {}).get("content")
        sampled = choice.get("token_ids")
        logprobs = None if entries is None else [entry["logprob"] for entry in entries]
    if not given or sampled is None or logprobs is None:
        return None
    if len(sampled) != len(logprobs):
        raise BadReply(f"the answer has {len(sampled)} token ids but {len(logprobs)} log-probabilities")
    return Tokens(given, sampled, logprobs)

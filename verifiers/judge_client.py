"""Asks a judge model behind any OpenAI-compatible server and returns an object of a pydantic model, or raises NoAnswer.

A judge that answers something else is told so and asked once more; then it is NoAnswer too, never a guess. Answers are kept by the hash of
address and request body, errors never. A kept answer reports the calls and tokens that it took when it was given, so that a verdict is the
same each time; `calls` and `tokens` of the client count what was really spent. Source: OpenAI chat completions API (json_schema).
"""

import json
import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, Self

from envgym.errors import UsageError
from envgym.message import Message, user
from envgym.verifiers.json_service import JsonService, NoAnswer, Patience, encode_json
from envgym.verifiers.judge_answer import Scrutiny, Shape, Unfit, accept, read_answer
from envgym.verifiers.judge_cache import JudgeCache, Kept

log = logging.getLogger(__name__)
OPENAI = "https://api.openai.com/v1"
ENDPOINT = "/chat/completions"
REPAIR = (
    "Your answer was refused: {why}. Answer again with one JSON object of this schema and nothing around it: {schema}"
)


@dataclass(frozen=True, slots=True)
class Answered(Generic[Shape]):
    """What the judge said and what that took."""

    value: Shape
    calls: int
    tokens: int


class JudgeClient:
    """A judge. Close it, or use it in a `with`. Safe to share among threads."""

    def __init__(
        self,
        model: str,
        base_url: str = "",
        *,
        api_key: str = "",
        api_key_env: str = "OPENAI_API_KEY",
        temperature: float | None = 0.0,
        max_tokens: int | None = 4000,
        extra: Mapping[str, Any] | None = None,
        max_calls: int | None = None,
        max_total_tokens: int | None = None,
        cache_size: int = 10_000,
        cache_file: Path | str | None = None,
        patience: Patience | None = None,
    ) -> None:
        """`base_url` defaults to OPENAI_BASE_URL, the key to the variable `api_key_env`. `extra` are further fields of the body, such as
        seed. `max_calls` bounds the requests with all retries; `max_total_tokens` is looked at before a request, so the last ones
        may exceed it. Without usage in an answer, a token is counted per three bytes."""
        if not model:
            raise UsageError("a judge needs the name of a model: JudgeClient(model, base_url)")
        for name, limit in (("max_calls", max_calls), ("max_total_tokens", max_total_tokens)):
            if limit is not None and limit < 0:
                raise UsageError(f"{name} is {limit}; give None for no limit")
        self.model = model
        self.calls = 0
        self.tokens = 0
        base = (base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI).rstrip("/").removesuffix(ENDPOINT)
        key = api_key or os.environ.get(api_key_env, "")
        self._service = JsonService(base + ENDPOINT, api_key=key, patience=patience)
        self._fields = {"temperature": temperature, "max_tokens": max_tokens, **(extra or {})}
        self._max_calls = max_calls
        self._max_total_tokens = max_total_tokens
        self._cache = JudgeCache(cache_size, cache_file)
        self._takes_format = True
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"JudgeClient({self.model!r}, {self._service!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._service.close()
        self._cache.close()

    def ask(
        self,
        messages: Sequence[Message],
        shape: type[Shape],
        check: Scrutiny[Shape] = accept,
        *,
        doubt: Scrutiny[Shape] = accept,
    ) -> Answered[Shape]:
        """What the judge answers, as an object of `shape` that passes `check`, which raises Unfit. Raises NoAnswer and nothing else.

        Where `doubt` raises Unfit the judge is told and asked again, once; what it says then stands if it passes `check`.
        """
        key = sha256(self._service.url.encode() + b"\n" + self._body(messages, shape, with_format=True)).hexdigest()
        kept = self._cache.get(key)
        if kept is not None:
            try:
                return Answered(read_answer(kept.text, shape, check), kept.calls, kept.tokens)
            except Unfit:
                log.warning("a kept answer of %s is not usable; asking again", self)
        deadline = time.monotonic() + self._service.patience.deadline_s
        text, calls, tokens = self._complete(messages, shape, deadline)
        try:
            value = read_answer(text, shape, check)
            doubt(value)
        except Unfit as error:
            why = REPAIR.format(why=error, schema=json.dumps(shape.model_json_schema()))
            said: Message = {"role": "assistant", "content": text[:2000]}
            text, more_calls, more_tokens = self._complete([*messages, said, user(why)], shape, deadline)
            calls, tokens = calls + more_calls, tokens + more_tokens
            try:
                value = read_answer(text, shape, check)
            except Unfit as again:
                raise NoAnswer(again.what, f"{self.model}, asked twice: {again}") from None
        self._cache.put(key, Kept(text, calls, tokens))
        return Answered(value, calls, tokens)

    def _complete(self, messages: Sequence[Message], shape: type[Shape], deadline: float) -> Kept:
        """One completion. A server that does not take response_format is asked without it from then on."""
        calls = 0

        def before() -> None:
            nonlocal calls
            self._take_call()
            calls += 1

        takes_format = self._takes_format
        body = self._body(messages, shape, with_format=takes_format)
        try:
            answer = self._service.post(body, deadline=deadline, before=before)
        except NoAnswer as error:
            if not (takes_format and error.what in ("http_400", "http_422") and "response_format" in str(error)):
                raise
            log.warning("%s does not take response_format; going on without", self)
            self._takes_format = False
            body = self._body(messages, shape, with_format=False)
            answer = self._service.post(body, deadline=deadline, before=before)
        text = _content(answer)
        tokens = _tokens(answer, len(body) + len(text))
        with self._lock:
            self.tokens += tokens
        return Kept(text, calls, tokens)

    def _body(self, messages: Sequence[Message], shape: type[Shape], *, with_format: bool) -> bytes:
        body: dict[str, Any] = {"model": self.model, "messages": list(messages)}
        body.update({name: value for name, value in self._fields.items() if value is not None})
        if with_format:
            schema = {"name": shape.__name__, "strict": True, "schema": shape.model_json_schema()}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return encode_json(body)

    def _take_call(self) -> None:
        with self._lock:
            if self._max_calls is not None and self.calls >= self._max_calls:
                raise NoAnswer("budget", f"the judge's budget of {self._max_calls} calls is used up; raise max_calls")
            if self._max_total_tokens is not None and self.tokens >= self._max_total_tokens:
                limit = f"{self._max_total_tokens:,} tokens is used up ({self.tokens:,})"
                raise NoAnswer("budget", f"the judge's budget of {limit}; raise max_total_tokens")
            self.calls += 1


def _content(answer: Any) -> str:
    """The text of a completion. Raises NoAnswer where there is none."""
    try:
        text = answer["choices"][0]["message"]["content"]
    except (LookupError, TypeError):
        raise NoAnswer("no_completion", "the server's answer is no chat completion") from None
    if not isinstance(text, str):
        raise NoAnswer("no_text", "the judge said nothing; did it use up max_tokens, or refuse?")
    return text


def _tokens(answer: Any, size: int) -> int:
    """The tokens that the server counts, else one per three bytes."""
    usage = answer.get("usage")
    total = usage.get("total_tokens") if isinstance(usage, Mapping) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else size // 3

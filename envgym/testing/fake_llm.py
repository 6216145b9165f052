"""FakeLLM: a real HTTP server on this machine that speaks OpenAI's chat completions and says what a script tells it to.

It fails on purpose where it is told to. It does not sample: `temperature` and `max_tokens` change nothing, and the same request gets the
same bytes. In a test it runs in a thread (`with FakeLLM() as server`); for load, as a process of its own, so that it does not share the
interpreter with the client: `python -m envgym.testing.fake_llm --latency 0.2` prints its address as the first line.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import from_json, to_json

from envgym.message import Message, as_assistant, text_of
from envgym.registry import load
from envgym.testing.byte_tokens import prompt_ids
from envgym.testing.fake_completion import completion, events
from envgym.testing.fault import Fault, FaultPlan
from envgym.testing.http_exchange import Exchange
from envgym.testing.http_server import HttpServer

Script = Callable[[Mapping[str, Any]], Message | str]


def echo(body: Mapping[str, Any]) -> str:
    """What a server says that was given no script: the text of the last message."""
    return text_of(body["messages"][-1])


def in_turn(replies: Sequence[Message | str]) -> Script:
    """A script that gives these replies in the order of the requests. Raises LookupError after the last."""
    left: Iterator[Message | str] = iter(replies)

    def script(body: Mapping[str, Any]) -> Message | str:
        reply = next(left, None)
        if reply is None:
            raise LookupError(f"the script of {len(replies)} replies is over")
        return reply

    return script


class FakeLLM(HttpServer):
    """The server. `script` is a function from a request's body to a reply, or the replies in the order of the requests."""

    def __init__(
        self,
        script: Script | Sequence[Message | str] | None = None,
        *,
        model: str = "fake",
        latency_s: float = 0.0,
        faults: Sequence[Fault] = (),
        fault_seed: int = 0,
        api_key: str = "",
        refuses: Collection[str] = (),
        context_tokens: int | None = None,
        keep_requests: bool = True,
        port: int = 0,
    ) -> None:
        """`api_key` is the only key it takes, `refuses` the fields that it does not, `context_tokens` the longest prompt."""
        super().__init__(port)
        self.model = model
        self.requests: list[dict[str, Any]] = []
        """Bodies of the completion requests, in the order of arrival."""
        self.count = 0
        """How many there were."""
        self._script = echo if script is None else script if callable(script) else in_turn(script)
        self._latency_s = latency_s
        self._faults = FaultPlan(faults, fault_seed)
        self._api_key = api_key
        self._refuses = frozenset(refuses)
        self._context_tokens = context_tokens
        self._keep_requests = keep_requests

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def answer(self, exchange: Exchange) -> None:
        if self._api_key and exchange.headers.get("authorization") != f"Bearer {self._api_key}":
            given = exchange.headers.get("authorization", "").removeprefix("Bearer ")
            refuse(exchange, 401, f"Incorrect API key provided: {given}", code="invalid_api_key")
        elif (exchange.method, exchange.path) == ("GET", "/v1/models"):
            exchange.send(200, to_json({"object": "list", "data": [{"id": self.model, "object": "model"}]}))
        elif (exchange.method, exchange.path) == ("POST", "/v1/chat/completions"):
            self._complete(exchange)
        else:
            refuse(exchange, 404, f"no such route: {exchange.method} {exchange.path}")

    def _complete(self, exchange: Exchange) -> None:
        number, self.count = self.count, self.count + 1
        try:
            body = from_json(exchange.body)
        except ValueError as error:
            refuse(exchange, 400, f"the body is not JSON: {error}")
            return
        if self._keep_requests:
            self.requests.append(body)
        fault = self._faults.next(number, exchange.body)
        wait_s = self._latency_s + (fault.seconds if fault is not None and fault.kind == "slow" else 0.0)
        if fault is not None and fault.kind == "hang":
            return
        if wait_s:
            self.loop.call_later(wait_s, self._reply, exchange, body, number, fault)
        else:
            self._reply(exchange, body, number, fault)

    def _reply(self, exchange: Exchange, body: dict[str, Any], number: int, fault: Fault | None) -> None:
        if exchange.over or (fault is not None and fail_at_once(exchange, fault)) or self._refused(exchange, body):
            return
        try:
            message = as_assistant(self._script(body))
        except Exception as error:  # noqa: BLE001  # the script is the caller's: whatever it raises is told to the caller
            refuse(exchange, 400, f"the script failed: {type(error).__name__}: {error}", code="script")
            return
        answer = completion(body, message, number)
        kind = fault.kind if fault is not None else ""
        if body.get("stream"):
            usage = bool((body.get("stream_options") or {}).get("include_usage"))
            parts = events(answer, usage=usage)
            cut = parts[: len(parts) // 2] if kind in ("truncated", "unfinished") else parts
            exchange.send_stream(cut, broken=kind == "truncated")
        elif kind == "truncated":
            exchange.send_broken(to_json(answer))
        else:
            exchange.send(200, to_json(answer))

    def _refused(self, exchange: Exchange, body: dict[str, Any]) -> bool:
        """Whether the request was turned down, as a server turns it down."""
        foreign = sorted(self._refuses & {*body, *(key for message in body["messages"] for key in message)})
        if body.get("model") != self.model:
            refuse(exchange, 404, f"The model `{body.get('model')}` does not exist.", code="model_not_found")
        elif foreign:
            refuse(exchange, 400, f"Unrecognized request argument supplied: {', '.join(foreign)}")
        elif self._context_tokens is not None and (length := len(prompt_ids(body))) > self._context_tokens:
            text = (
                f"This model's maximum context length is {self._context_tokens} tokens, but the messages have {length}."
            )
            refuse(exchange, 400, text, code="context_length_exceeded")
        else:
            return False
        return True


def fail_at_once(exchange: Exchange, fault: Fault) -> bool:
    """Carries out a fault that needs no reply; False for the others."""
    if fault.kind == "status":
        extra = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        refuse(exchange, fault.status, f"told to fail with {fault.status}", extra=extra)
    elif fault.kind == "body":
        exchange.send(200, fault.text.encode())
    elif fault.kind == "dropped":
        exchange.drop()
    else:
        return False
    return True


def refuse(
    exchange: Exchange, status: int, text: str, *, code: str | None = None, extra: Mapping[str, str] | None = None
) -> None:
    """An error in OpenAI's form."""
    error = {"message": text, "type": "invalid_request_error", "param": None, "code": code}
    exchange.send(status, to_json({"error": error}), extra=extra)


async def serve_process(server: FakeLLM) -> None:
    """Serves until SIGTERM or Ctrl-C. Prints the address as the first line and what it cost as the last, both JSON."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.serve(lambda: say({"base_url": server.base_url}))
    say({"requests": server.count, "peak_in_flight": server.peak_in_flight, "cpu_s": round(time.process_time(), 3)})


def say(line: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m envgym.testing.fake_llm", description="A scripted model server.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--model", default="fake")
    parser.add_argument("--script", default="", help="module:function or file.py:function; echoes without one")
    given = parser.parse_args()
    script: Script | None = load(given.script) if given.script else None
    server = FakeLLM(script, model=given.model, latency_s=given.latency, keep_requests=False, port=given.port)
    asyncio.run(serve_process(server))


if __name__ == "__main__":
    main()

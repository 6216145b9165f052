"""A policy behind any server that speaks OpenAI's chat completions: vLLM, SGLang, llama.cpp, hosted models.

One call may take several requests: failures of the server are asked again within a deadline, then the episode fails unscored
(PolicyFailure); mistakes of the caller, such as a wrong key or model, end the run at once (UsageError). A server that has not answered yet
and cannot be connected to is not waited for. Optional fields that a server refuses by name are left out from then on, with a warning in
the log: without return_token_ids, trajectories have no tokens.
"""

import asyncio
import logging
from collections.abc import Collection
from typing import Any
from weakref import WeakKeyDictionary

from pydantic_core import from_json

from envgym.errors import PolicyFailure, UsageError
from envgym.message import size_of
from envgym.policy.backoff import pause_s
from envgym.policy.chat_refusal import ContextFull, Refusal, Refused, TryAgain, told
from envgym.policy.chat_reply import BadReply, parse_answer, read_reply
from envgym.policy.chat_request import encode, request_body
from envgym.policy.chat_settings import ENDPOINT, ChatSettings, make_settings
from envgym.policy.chat_stream import read_stream
from envgym.policy.connection import open_session, proxy_for
from envgym.policy.http_session import CannotConnect, HttpAnswer, HttpSession, read_beginning, read_whole
from envgym.policy.open_files import out_of_files, too_many_open_files
from envgym.policy.policy import Policy, Reply, Request

log = logging.getLogger(__name__)
LEAST_S = 0.05
"""Some clients take a timeout of 0 for none."""
ERROR_BYTES = 64_000
TOKEN_BYTES_FACTOR = 8


class OpenAIPolicy(Policy):
    """`settings` are the fields of ChatSettings. Holds no connection until it is first used; each event loop gets its own."""

    def __init__(self, model: str = "", base_url: str = "", **settings: Any) -> None:
        self._start(make_settings(model, base_url, settings))

    def _start(self, settings: ChatSettings) -> None:
        self.settings = settings
        self.name = settings.policy_name
        self.temperature = settings.temperature
        self._url = settings.base_url + ENDPOINT
        self._proxy = proxy_for(settings.base_url)
        self._cap = settings.max_reply_bytes * (1 + TOKEN_BYTES_FACTOR * settings.return_tokens)
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, HttpSession] = WeakKeyDictionary()
        self._refused: frozenset[str] = frozenset()
        self._answered = False

    def __getstate__(self) -> ChatSettings:
        return self.settings

    def __setstate__(self, settings: ChatSettings) -> None:
        self._start(settings)

    def __repr__(self) -> str:
        return f"OpenAIPolicy({self.name!r}, {self.settings.base_url!r})"

    async def sample(self, request: Request) -> Reply:
        settings, clock = self.settings, asyncio.get_running_loop().time
        deadline = clock() + settings.total_deadline_s
        refused, failed = self._refused, 0
        while True:
            try:
                left_s = max(LEAST_S, deadline - clock())
                reply = await self._attempt(request, refused, min(settings.timeout_s, left_s))
            except Refused as error:
                refused |= {error.field}
            except TryAgain as error:
                failed += 1
                pause = self._pause_s(error, failed, request.seed)
                if failed > settings.max_retries:
                    raise PolicyFailure(f"no reply from {self._url} in {failed} attempts; the last: {error}") from None
                if clock() + pause >= deadline:
                    limit = f"within {settings.total_deadline_s:g} s ({failed} attempts)"
                    raise PolicyFailure(f"no reply from {self._url} {limit}; the last: {error}") from None
                await asyncio.sleep(pause)
            else:
                self._learn(refused)
                return reply

    def _pause_s(self, error: TryAgain, failed: int, seed: int) -> float:
        """The server's own wish comes first, with a little jitter: it tells a whole crowd the same number of seconds."""
        first_s, longest_s = self.settings.backoff_s, self.settings.longest_backoff_s
        if error.pause_s is not None:
            return error.pause_s + pause_s(0, seed, first_s=first_s, longest_s=longest_s)
        return pause_s(failed - 1, seed, first_s=first_s, longest_s=longest_s)

    def _learn(self, refused: frozenset[str]) -> None:
        """The server has answered; what it refused on the way is left out from now on."""
        self._answered = True
        if not refused <= self._refused:
            log.warning("%s does not take %s; going on without", self._url, ", ".join(sorted(refused - self._refused)))
            self._refused |= refused

    async def _attempt(self, request: Request, refused: Collection[str], timeout_s: float) -> Reply:
        """One request. Raises TryAgain, Refused, PolicyFailure or UsageError."""
        body = request_body(request, self.settings, refused)
        try:
            async with self._session().request("POST", ENDPOINT, encode(body), timeout_s=timeout_s) as answer:
                if answer.status != 200:
                    raise await self._refusal(answer, body, refused)
                read = read_stream if self.settings.stream else read_whole
                whole = await read(answer, self._cap)
            return self._checked(read_reply(parse_answer(whole), request))
        except BadReply as error:
            raise TryAgain(self.settings.without_secrets(str(error))) from None
        except ContextFull as error:
            return self._cut_short(request, str(error))
        except TimeoutError:
            raise TryAgain(f"no answer within {timeout_s:.0f} s") from None
        except OSError as error:
            raise self._no_answer(error) from None

    def _checked(self, reply: Reply) -> Reply:
        if size_of(reply.message) > self.settings.max_reply_bytes:
            raise PolicyFailure(f"{self._url} gave a reply of more than {self.settings.max_reply_bytes:,} characters")
        return reply

    async def _refusal(self, answer: HttpAnswer, body: dict[str, Any], refused: Collection[str]) -> Exception:
        """What the answer's status means."""
        text = self.settings.without_secrets(told(await read_beginning(answer, ERROR_BYTES)))
        if answer.status == 404 and not self._answered and (models := await self._models()) is not None:
            known = ", ".join(models[:20]) or "none"
            return UsageError(
                f"HTTP 404 from {self._url}: {text}; the model is {self.settings.model!r}, it serves {known}"
            )
        sent = {*body, *(key for message in body["messages"] for key in message)} - set(refused)
        return Refusal(answer.status, answer.headers, text, self._url).error(sent, answered=self._answered)

    async def _models(self) -> list[str] | None:
        """The names that the server lists, None where it lists none."""
        try:
            async with self._session().request("GET", "/models", b"", timeout_s=5.0) as answer:
                listed = from_json(await read_whole(answer, ERROR_BYTES))
            return [str(model["id"]) for model in listed["data"]]
        except (OSError, ValueError, LookupError, TypeError, PolicyFailure):
            return None

    def _cut_short(self, request: Request, says: str) -> Reply:
        """What a full context leaves the agent to say: nothing."""
        if not any(message["role"] == "assistant" for message in request.messages):
            raise PolicyFailure(f"the first prompt of the episode does not fit: {says}")
        return Reply({"role": "assistant", "content": ""}, finish_reason="length")

    def _no_answer(self, error: OSError) -> Exception:
        if out_of_files(error):
            return too_many_open_files()
        reason = self.settings.without_secrets(error.strerror or str(error))
        if isinstance(error, CannotConnect) and not self._answered:
            return PolicyFailure(f"cannot connect to {self._url}: {reason}; is the server running there?")
        return TryAgain(f"cannot connect: {reason}" if isinstance(error, CannotConnect) else reason)

    def _session(self) -> HttpSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None:
            session = self._sessions[loop] = open_session(self.settings, self._proxy)
        return session

    async def close(self) -> None:
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

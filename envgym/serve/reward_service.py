"""The HTTP side of a reward service: who is let in, how much, how long, and which verifier answers.

    POST /v1/verify     {reply, gold, verifier, options} -> a Verdict
    POST /reward/nova   [{id, messages, reference_answer}] -> [{id, aggregate_reward_score, metrics_list}]
    GET  /health        {"status": "ok"}

What could not be judged is an error status or a Verdict without a score, never a number. Only ids are taken, never paths: a request cannot
make the service import anything. A verifier that outlasts the deadline keeps its place among the concurrent ones until it ends, so that
hanging ones cannot pile up.
"""

import asyncio
import hmac
import json
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr, TypeAdapter, ValidationError

from envgym.errors import UnknownId, UsageError, WorldFailure
from envgym.registry import verifiers
from envgym.serve.options import check_options
from envgym.serve.reward_requests import NovaSample, Question, Turned, nova_answer
from envgym.verdict import Verdict, Verifier

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

MISSING = "the reward service needs starlette and uvicorn: pip install 'envgym[serve]'"
BATCH = TypeAdapter(list[NovaSample])


class RewardService:
    """The verifiers that are served and the limits of serving them."""

    def __init__(
        self,
        *,
        more: Mapping[str, Verifier] | None = None,
        only: Collection[str] | None = None,
        nova_verifier: str = "",
        token: str = "",
        deadline_s: float = 60.0,
        max_body_bytes: int = 1 << 20,
        concurrency: int = 16,
    ) -> None:
        """`more` are verifiers that the registry does not have, such as judges; `only` limits which ids are served. `nova_verifier` is the
        one of Nova samples that name none. Raises UsageError."""
        self._more = dict(more or {})
        known = {*verifiers.paths(), *self._more}
        self._names = frozenset(known if only is None else only)
        for name in (*self._names, *filter(None, [nova_verifier])):
            if name not in known:
                raise UnknownId.of("verifier", name, known)
        if deadline_s <= 0 or max_body_bytes < 1 or concurrency < 1:
            raise UsageError("deadline_s, max_body_bytes and concurrency must be positive")
        self.deadline_s = deadline_s
        self.busy = 0
        """Verifiers at work, those that outlasted their request included."""
        self.is_open = not token
        self._nova_verifier = nova_verifier
        self._token = SecretStr(token)
        self._max_body_bytes = max_body_bytes
        self._concurrency = concurrency

    def app(self) -> "Starlette":
        """The ASGI application. Raises UsageError where starlette is missing."""
        try:
            from starlette.applications import Starlette
            from starlette.responses import JSONResponse
            from starlette.routing import Route
        except ImportError as error:
            raise UsageError(MISSING) from error

        async def health(request: "Request") -> "Response":
            return JSONResponse({"status": "ok"})

        async def verify(request: "Request") -> "Response":
            return await self._answer(request, self._native)

        async def nova(request: "Request") -> "Response":
            return await self._answer(request, self._nova)

        return Starlette(
            routes=[
                Route("/health", health),
                Route("/v1/verify", verify, methods=["POST"]),
                Route("/reward/nova", nova, methods=["POST"]),
            ]
        )

    async def _answer(self, request: "Request", work: Callable[[Any], Any]) -> "Response":
        from starlette.requests import ClientDisconnect
        from starlette.responses import Response

        headers: dict[str, str] = {}
        try:
            async with asyncio.timeout(self.deadline_s):
                self._admit(request)
                status, answer = 200, await self._in_thread(work, await self._body(request))
        except Turned as turned:
            status, answer = turned.status, {"error": {"code": turned.what, "message": str(turned)}}
            headers = {"retry-after": "1"} if status == 429 else {}
        except (TimeoutError, ClientDisconnect):
            status, answer = 504, {"error": {"code": "deadline", "message": f"not done within {self.deadline_s:g} s"}}
        # Verdicts may quote lone surrogates of a reply, which are no UTF-8 and which no JSON reader has to take.
        body = json.dumps(answer, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        return Response(body, status, headers, media_type="application/json")

    def _admit(self, request: "Request") -> None:
        """Raises Turned for a wrong token and for one request too many, before anything of the body is read."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        token = self._token.get_secret_value()
        if token and not hmac.compare_digest(given.encode(), token.encode()):
            raise Turned(401, "token", "the bearer token is missing or wrong")
        if self.busy >= self._concurrency:
            raise Turned(429, "full", f"{self._concurrency} verifiers are at work; try again later")

    async def _body(self, request: "Request") -> Any:
        whole = bytearray()
        async for piece in request.stream():
            whole += piece
            if len(whole) > self._max_body_bytes:
                raise Turned(413, "too_large", f"the body is larger than {self._max_body_bytes:,} bytes")
        try:
            return json.loads(whole)
        except (ValueError, RecursionError) as error:
            raise Turned(400, "not_json", f"the body is no JSON: {type(error).__name__}") from None

    async def _in_thread(self, work: Callable[[Any], Any], body: Any) -> Any:
        """What `work` returns, from a thread of its own: a daemon, or one that hangs would keep the process from ending."""
        if self.busy >= self._concurrency:
            raise Turned(429, "full", f"{self._concurrency} verifiers are at work; try again later")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()

        def finish(answer: Any, error: BaseException | None) -> None:
            self.busy -= 1
            if done.done():
                return
            if error is None:
                done.set_result(answer)
            else:
                done.set_exception(error)

        def run() -> None:
            answer, failed = None, None
            try:
                answer = work(body)
            except Turned as turned:
                failed = turned
            except BaseException as error:  # noqa: BLE001  # whatever a verifier raises must free its place
                failed = Turned(500, "verifier_raised", f"the verifier raised {type(error).__name__}")
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(finish, answer, failed)

        self.busy += 1
        threading.Thread(target=run, name="envgym-verify", daemon=True).start()
        return await done

    def _native(self, body: Any) -> Any:
        try:
            question = Question.model_validate(body)
        except ValidationError as error:
            raise _bad(error) from None
        return self._verdict(question).model_dump(mode="json")

    def _nova(self, body: Any) -> Any:
        try:
            samples = BATCH.validate_python(body)
        except ValidationError as error:
            raise _bad(error) from None
        if len({sample.id for sample in samples}) != len(samples):
            raise Turned(400, "bad_request", "two samples have the same id")
        return nova_answer(samples, [self._verdict(sample.question(self._nova_verifier)) for sample in samples])

    def _verdict(self, question: Question) -> Verdict:
        """The verdict on one question. Raises Turned for a question that cannot be asked and a verifier that cannot answer."""
        name, reply = question.verifier, question.reply
        if name not in self._names:
            raise Turned(404, "unknown_verifier", str(UnknownId.of("verifier", name[:80], self._names)))
        verifier = self._more.get(name) or verifiers.get(name)
        try:
            check_options(name, verifier, question.options)
            verdict = verifier(reply, question.gold, **question.options)
        except UsageError as error:
            raise Turned(400, "options", str(error)) from None
        except WorldFailure as error:
            raise Turned(503, "verifier_failed", f"the verifier could not decide: {type(error).__name__}") from None
        if not isinstance(verdict, Verdict):
            raise Turned(500, "no_verdict", f"the verifier {name!r} returned {type(verdict).__name__}, no Verdict")
        return verdict


def _bad(error: ValidationError) -> Turned:
    first = error.errors(include_input=False, include_url=False)[0]
    return Turned(400, "bad_request", f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"[:300])

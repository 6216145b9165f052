"""The door of a service over HTTP: who is let in, how much, how long, how many at once. What is done inside is for the service.

What could not be answered is an error status with {"error": {code, message}}. Work that outlasts the deadline keeps its place among the
concurrent until it ends, so that hanging ones cannot pile up.
"""

import asyncio
import hmac
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from envgym.errors import UsageError

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

MISSING = "a service over HTTP needs starlette and uvicorn: pip install 'envgym[serve]'"


class Turned(Exception):
    """A request that is not answered as asked: a status, a stable name, a sentence."""

    def __init__(self, status: int, what: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.what = what


class Door:
    """Lets requests in and answers them. `workers` says in messages what is at work, such as verifiers. Raises UsageError."""

    def __init__(
        self, *, token: str, deadline_s: float, max_body_bytes: int, concurrency: int, workers: str, worker: str
    ) -> None:
        if deadline_s <= 0 or max_body_bytes < 1 or concurrency < 1:
            raise UsageError("deadline_s, max_body_bytes and concurrency must be positive")
        self.deadline_s = deadline_s
        self.busy = 0
        """Calls at work, those that outlasted their request included."""
        self.is_open = not token
        self._token = SecretStr(token)
        self._max_body_bytes = max_body_bytes
        self._concurrency = concurrency
        self._workers = workers
        self._worker = worker

    def app(self, routes: Mapping[str, Callable[[Any], Any]]) -> "Starlette":
        """The ASGI application that answers a POST at each of these paths with what its work makes of the body, and GET /health. Raises
        UsageError where starlette is missing.
        """
        try:
            from starlette.applications import Starlette
            from starlette.responses import JSONResponse
            from starlette.routing import Route
        except ImportError as error:
            raise UsageError(MISSING) from error

        def answered(work: Callable[[Any], Any]) -> Callable[["Request"], Awaitable["Response"]]:
            async def answer(request: "Request") -> "Response":
                return await self.answer(request, work)

            return answer

        async def health(request: "Request") -> "Response":
            return JSONResponse({"status": "ok"})

        posts = [Route(path, answered(work), methods=["POST"]) for path, work in routes.items()]
        return Starlette(routes=[Route("/health", health), *posts])

    async def answer(self, request: "Request", work: Callable[[Any], Any]) -> "Response":
        """What `work` makes of the body of a request, as JSON. `work` runs in a thread of its own and may raise Turned."""
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
        # Answers may quote lone surrogates of a request, which are no UTF-8 and which no JSON reader has to take.
        body = json.dumps(answer, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        return Response(body, status, headers, media_type="application/json")

    def _admit(self, request: "Request") -> None:
        """Raises Turned for a wrong token and for one request too many, before anything of the body is read."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        token = self._token.get_secret_value()
        if token and not hmac.compare_digest(given.encode(), token.encode()):
            raise Turned(401, "token", "the bearer token is missing or wrong")
        self._require_room()

    def _require_room(self) -> None:
        if self.busy >= self._concurrency:
            raise Turned(429, "full", f"{self._concurrency} {self._workers} are at work; try again later")

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
        self._require_room()
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
            except BaseException as error:  # noqa: BLE001  # whatever it raises must free its place
                failed = Turned(500, f"{self._worker}_raised", f"the {self._worker} raised {type(error).__name__}")
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(finish, answer, failed)

        self.busy += 1
        threading.Thread(target=run, name=f"envgym-{self._worker}", daemon=True).start()
        return await done

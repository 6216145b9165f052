"""A service that is asked by POST and answers JSON: a judge model or a remote verifier, asked with patience and within one deadline.

Whatever goes wrong is a NoAnswer with a short stable name; nothing here ever stands for a score. Statuses 408, 425, 429 and from 500 on,
timeouts, broken connections and bodies that are no JSON are asked again with backoff, a Retry-After is honoured; other statuses are not
asked again. The deadline covers all attempts and pauses, also of a body that drips; only headers that drip can outlast it, by 100 kB.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from envgym.errors import UsageError, VerifierFailure
from envgym.policy.backoff import asked_pause_s, pause_s
from envgym.verifiers.circuit_breaker import CircuitBreaker

AGAIN = frozenset({408, 425, 429})
"""Statuses to ask again after, beside all from 500 on."""
BROKEN = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, RuntimeError, OSError, ValueError)
"""What an attempt ends in: RuntimeError where the client was closed meanwhile, the last two where certificates or proxies are set wrong."""
LEAST_S = 0.01
MAX_ANSWER_BYTES = 4_000_000
SECRET_CHARS = 8
"""Shorter keys are placeholders such as "none" and "EMPTY", ordinary words in a message."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class NoAnswer(VerifierFailure):
    """There is no usable answer. `what` names why: timeout, unreachable, dropped, http_503, not_json, too_large, breaker_open, ..."""

    def __init__(self, what: str, reason: str, *, again: bool = False, pause_s: float | None = None) -> None:
        super().__init__(reason)
        self.what = what
        self.again = again
        """Whether asking again may help."""
        self.pause_s = pause_s
        """How long the service asks to wait; None where it does not."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a service is asked."""

    timeout_s: float = 60.0
    """Of one attempt."""
    deadline_s: float = 120.0
    """Of one question with all its attempts and pauses."""
    max_retries: int = 4
    """Further attempts after the first."""
    backoff_s: float = 0.5
    """Longest pause before the first retry; doubles each time."""
    longest_backoff_s: float = 20.0
    failures_to_open: int = 5
    """Questions in a row without an answer after which the service is left alone."""
    rest_s: float = 30.0
    """For how long."""

    def __post_init__(self) -> None:
        positive = self.timeout_s > 0 and self.deadline_s > 0 and self.failures_to_open >= 1
        if not positive or min(self.max_retries, self.backoff_s, self.longest_backoff_s, self.rest_s) < 0:
            raise UsageError(f"timeouts and failures_to_open must be positive, the rest not negative: {self}")


class JsonService:
    """Asks one address. Holds no connection until it is first used; close it, or use it in a `with`. Safe to share among threads."""

    def __init__(self, url: str, *, api_key: str = "", patience: Patience | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.fragment:
            raise UsageError(
                "the address of a service must look like http://127.0.0.1:8000/v1, without user or password"
            )
        if not (api_key.isascii() and api_key.isprintable()):
            raise UsageError("the API key must be one line of printable ASCII; is there a line break at its end?")
        self.url = url
        self.patience = patience or Patience()
        self._place = f"{parts.scheme}://{parts.netloc}{parts.path}"
        self._direct = parts.hostname in LOOPBACK
        self._key = SecretStr(api_key)
        self._breaker = CircuitBreaker(self.patience.failures_to_open, self.patience.rest_s)
        self._client: httpx.Client | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"JsonService({self._place!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def without_secrets(self, text: str) -> str:
        """`text` with the key blotted out: services quote keys back in their errors."""
        key = self._key.get_secret_value()
        return text.replace(key, "[secret]") if len(key) >= SECRET_CHARS else text

    def post(self, body: bytes, *, deadline: float | None = None, before: Callable[[], None] = lambda: None) -> Any:
        """The JSON value that the service answers `body` with. `deadline` is a time.monotonic(); `before` runs before each attempt and may
        raise NoAnswer. Raises NoAnswer and nothing else."""
        rest_s = self._breaker.wait_s()
        if rest_s:
            raise NoAnswer("breaker_open", f"{self._place} failed too often; it is left alone for {rest_s:.1f} s more")
        try:
            answer = self._ask(body, deadline or time.monotonic() + self.patience.deadline_s, before)
        except NoAnswer as error:
            if error.again:
                self._breaker.failed()
            elif error.what.startswith("http_"):
                self._breaker.succeeded()
            raise
        self._breaker.succeeded()
        return answer

    def _ask(self, body: bytes, deadline: float, before: Callable[[], None]) -> Any:
        patience, seed, failed = self.patience, int.from_bytes(sha256(body).digest()[:8], "big"), 0
        while True:
            before()
            try:
                return self._attempt(body, max(LEAST_S, min(patience.timeout_s, deadline - time.monotonic())))
            except NoAnswer as error:
                pause = pause_s(failed, seed, first_s=patience.backoff_s, longest_s=patience.longest_backoff_s)
                pause += error.pause_s or 0.0
                failed += 1
                late = time.monotonic() + pause >= deadline
                if not error.again or failed > patience.max_retries or late:
                    why = f"{error} ({failed} attempts{', no time for another' if late and error.again else ''})"
                    raise NoAnswer(error.what, f"{self._place}: {why}", again=error.again) from None
                time.sleep(pause)

    def _attempt(self, body: bytes, timeout_s: float) -> Any:
        headers = {"content-type": "application/json"}
        if self._key.get_secret_value():
            headers["authorization"] = f"Bearer {self._key.get_secret_value()}"
        late = NoAnswer("timeout", f"no answer within {timeout_s:.3g} s", again=True)
        end = time.monotonic() + timeout_s
        try:
            with self._http().stream("POST", self.url, content=body, headers=headers, timeout=timeout_s) as answer:
                whole = bytearray()
                for piece in answer.iter_bytes():
                    whole += piece
                    if len(whole) > MAX_ANSWER_BYTES:
                        raise NoAnswer("too_large", f"the answer is larger than {MAX_ANSWER_BYTES:,} bytes")
                    if time.monotonic() > end:
                        raise late
        except httpx.TimeoutException:
            raise late from None
        except httpx.ConnectError as error:
            raise NoAnswer("unreachable", f"cannot connect: {error}", again=True) from None
        except BROKEN as error:
            raise NoAnswer("dropped", f"no whole answer: {type(error).__name__}", again=True) from None
        return self._read(answer, bytes(whole))

    def _read(self, answer: httpx.Response, whole: bytes) -> Any:
        if answer.status_code != 200:
            text = " ".join(self.without_secrets(whole.decode("utf-8", "replace"))[:2000].split())[:300]
            again = answer.status_code in AGAIN or answer.status_code >= 500
            pause = asked_pause_s({name.lower(): value for name, value in answer.headers.items()})
            raise NoAnswer(
                f"http_{answer.status_code}", f"HTTP {answer.status_code}: {text}", again=again, pause_s=pause
            )
        try:
            return parse_json(whole.decode("utf-8"))
        except ValueError as error:
            raise NoAnswer(
                "not_json", f"the answer is no JSON: {self.without_secrets(str(error))[:200]}", again=True
            ) from None

    def _http(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                limits = httpx.Limits(max_connections=None, max_keepalive_connections=32)
                self._client = httpx.Client(limits=limits, trust_env=not self._direct)
            return self._client


def parse_json(text: str) -> Any:
    """The value of a JSON text. Raises ValueError; also for a name given twice, NaN, Infinity and nesting that is too deep."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object gives one name twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def encode_json(value: Any) -> bytes:
    """`value` as JSON in UTF-8. Lone surrogates become U+FFFD: many servers refuse a body that has them.

    Raises ValueError or TypeError for what is no JSON value, such as NaN.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()

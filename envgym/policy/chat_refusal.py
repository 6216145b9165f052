"""What an HTTP status other than 200 means: ask again, ask differently, the agent's own doing, or the caller's mistake.

A context that the agent has filled up is the agent's doing, and its reply is cut short to nothing (finish_reason "length"). A first prompt
that does not fit is nobody's answer: that episode fails and is not scored. A request that is refused after others were answered is
treated likewise, since address, key, model and settings were right.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pydantic_core import from_json

from envgym.errors import EnvgymError, PolicyFailure, UsageError
from envgym.policy.backoff import asked_pause_s
from envgym.policy.chat_reply import error_text
from envgym.policy.chat_request import OPTIONAL

AGAIN = frozenset({408, 409, 425, 429})
"""Further statuses to ask again after, beside all from 500 on."""
CONTEXT_FULL = re.compile(
    r"context[_ ](length|size|window)|max_model_len|prompt is too long|input is too long|too many tokens", re.IGNORECASE
)
OTHER_NAME = re.compile(r"use\W{1,3}max_completion_tokens", re.IGNORECASE)


class TryAgain(Exception):
    """This attempt failed in a way that another one may not. `pause_s` is what the server asked for, None where it did not."""

    def __init__(self, reason: str, *, pause_s: float | None = None) -> None:
        super().__init__(reason)
        self.pause_s = pause_s


class Refused(Exception):
    """The server does not take an optional field of the request; without it, it may."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class ContextFull(Exception):
    """The prompt no longer fits into the model's context."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One answer with a status other than 200."""

    status: int
    headers: Mapping[str, str]
    text: str
    """What the server says, short, without secrets."""
    url: str

    def error(self, sent: Collection[str], *, answered: bool) -> Exception:
        """The exception to raise. `sent` are the fields of the request, `answered` whether this server ever answered one."""
        status, says = self.status, f"HTTP {self.status} from {self.url}: {self.text}"
        if status == 429 and "insufficient_quota" in self.text:
            return UsageError(f"{says}; the account has no quota left: top it up or use another key")
        if status in AGAIN or status >= 500:
            return TryAgain(f"HTTP {status}: {self.text}", pause_s=asked_pause_s(self.headers))
        if status in (400, 413, 422) and CONTEXT_FULL.search(self.text):
            return ContextFull(says)
        if (field := self._refused_field(sent)) is not None:
            return Refused(field)
        if status in (401, 403):
            return UsageError(f"{says}; the server refuses the API key: set OPENAI_API_KEY or pass api_key=...")
        if 300 <= status < 400:
            return UsageError(
                f"{says}; the server redirects to {self.headers.get('location')!r}: give that as base_url"
            )
        return self._mistake(says, answered=answered)

    def _refused_field(self, sent: Collection[str]) -> str | None:
        """The optional field that the server's text names, None where it names none that was sent."""
        if "max_tokens" in sent and OTHER_NAME.search(self.text):
            return "max_tokens"
        named = (name for name in OPTIONAL if name in sent and name != "max_tokens")
        return next((name for name in named if re.search(rf"\b{name}\b", self.text)), None)

    def _mistake(self, says: str, *, answered: bool) -> EnvgymError:
        if answered:
            return PolicyFailure(f"{says}; earlier requests were answered, so this one is to blame")
        return UsageError(f"{says}; the server does not take such requests: check base_url, model, extra and headers")


def told(body: bytes) -> str:
    """What a server says in the body of an error, as short text."""
    try:
        content = from_json(body)
    except ValueError:
        content = body[:300].decode("utf-8", "replace")
    if isinstance(content, Mapping):
        code = content["error"].get("code") if isinstance(content.get("error"), Mapping) else None
        text = error_text(content.get("error") or content.get("detail") or content)
        return f"{text} ({code})" if isinstance(code, str) else text
    return " ".join(str(content).split())[:300] or "(no text)"

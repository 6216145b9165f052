"""What an OpenAI-compatible server is asked for, and with how much patience.

`extra` and `headers` reach whatever a server adds to the API. The key and the headers are secrets: no repr, error or record shows them.
"""

import hashlib
import os
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from envgym.errors import UnknownId, UsageError
from envgym.task import canonical_json

OPENAI = "https://api.openai.com/v1"
ENDPOINT = "/chat/completions"


class ChatSettings(BaseModel):
    """Everything a caller can say about the server and its sampling."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    model: str = Field(min_length=1, description="Name of the model, as the server lists it under /models.")
    base_url: str = Field(description="Address of the server up to and with /v1, without the endpoint.")
    api_key: SecretStr = Field(description="Sent as bearer token; servers of your own usually want none.")
    headers: dict[str, SecretStr] = Field(default_factory=dict, description="Further HTTP headers.")
    temperature: float | None = Field(None, ge=0, description="Where the run sets none; None leaves the server's.")
    top_p: float | None = Field(None, gt=0, le=1, description="Nucleus sampling; None leaves the server's.")
    max_tokens: int | None = Field(None, ge=1, description="Sampled tokens per call, where the run sets none.")
    extra: dict[str, Any] = Field(
        default_factory=dict, description="Further fields of the request body, such as top_k."
    )
    stream: bool = Field(False, description="Ask for the reply in pieces: keeps proxies awake during long replies.")
    http_client: Literal["auto", "direct", "aiohttp"] = Field(
        "auto", description="auto: the lean client where neither TLS nor a proxy is needed, else aiohttp."
    )
    return_tokens: bool = Field(True, description="Ask for token ids and log-probabilities, which training needs.")
    timeout_s: float = Field(110.0, gt=0, description="Deadline of one attempt.")
    total_deadline_s: float = Field(
        115.0, gt=0, description="Deadline of one call with all its retries; a run's step_s (120 s) cuts in later."
    )
    max_retries: int = Field(5, ge=0, description="Further attempts after the first of one call.")
    backoff_s: float = Field(0.5, ge=0, description="Longest pause before the first retry; doubles each time.")
    longest_backoff_s: float = Field(20.0, ge=0, description="Where that doubling ends.")
    max_reply_bytes: int = Field(
        10_000_000, ge=1, description="Size at which a reply is cut off; token records may take 8 times as much on top."
    )

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        value = value.rstrip("/").removesuffix(ENDPOINT)
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("expected an address like http://127.0.0.1:8000/v1, without a query")
        if "@" in parts.netloc:
            raise ValueError("the address holds a password; give it as api_key or in headers, which are kept secret")
        return value

    @field_validator("api_key", "headers")
    @classmethod
    def _fits_a_header(cls, value: Any) -> Any:
        for secret in value.values() if isinstance(value, dict) else [value]:
            text = secret.get_secret_value()
            if not (text.isascii() and text.isprintable()):
                raise ValueError("expected one line of printable ASCII; is there a line break at its end?")
        return value

    @property
    def policy_name(self) -> str:
        """Model and sampling: what decides the replies, as far as this side knows. It goes into a run's fingerprint."""
        sampling = {"temperature": self.temperature, "top_p": self.top_p, "max_tokens": self.max_tokens}
        shown = [f"{name}={value}" for name, value in sampling.items() if value is not None]
        if self.extra:
            shown.append(f"extra={hashlib.sha256(canonical_json(self.extra)).hexdigest()[:8]}")
        return f"openai:{self.model}" + ("?" + "&".join(shown) if shown else "")

    def without_secrets(self, text: str) -> str:
        """`text` with every secret of these settings blotted out: servers quote keys back in their errors."""
        secrets = [self.api_key.get_secret_value(), *(value.get_secret_value() for value in self.headers.values())]
        for secret in sorted(filter(_is_worth_hiding, secrets), key=len, reverse=True):
            text = text.replace(secret, "[secret]")
        return text


def _is_worth_hiding(secret: str) -> bool:
    """Placeholders such as "none" and "EMPTY" are ordinary words, which blotting out would make unreadable."""
    return len(secret) >= 8


def make_settings(model: str, base_url: str, given: dict[str, Any]) -> ChatSettings:
    """Checked settings; address and key default to OPENAI_BASE_URL and OPENAI_API_KEY. Raises UsageError naming the field."""
    if not model:
        raise UsageError("the openai policy needs the name of a model: OpenAIPolicy(model=...) or --model")
    unknown = [name for name in given if name not in ChatSettings.model_fields]
    if unknown:
        raise UnknownId.of("setting of the openai policy", unknown[0], ChatSettings.model_fields)
    values = {
        "api_key": os.environ.get("OPENAI_API_KEY") or "none",
        **given,
        "model": model,
        "base_url": base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI,
    }
    try:
        return ChatSettings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"openai policy: {where}: {first['msg']}") from None

"""A verifier that runs elsewhere: a reward service answers over HTTP, and whatever goes wrong on the way is INFRA_ERROR, never a number.

Two forms. "native" posts {reply, gold, verifier, options} to URL/v1/verify and takes back a Verdict, which is passed on as it is. "nova"
posts a batch of one, [{id, messages, reference_answer}], to the URL itself and takes back [{id, aggregate_reward_score, metrics_list}], as
Amazon Nova Forge's reward functions do; a score outside [0, 1] is an error there, and is neither clipped nor scaled.
"""

import math
import os
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from envgym.errors import UsageError
from envgym.verdict import Evidence, Verdict
from envgym.verifiers.check import Check
from envgym.verifiers.json_service import JsonService, NoAnswer, Patience, encode_json

TOKEN = "ENVGYM_REWARD_TOKEN"
MAX_REPLY_BYTES = 500_000
"""Of a reply as JSON: the service takes bodies of 1 MiB, and a reply that did not fit would otherwise never be scored."""


class NovaMetric(BaseModel):
    """One named number beside the score."""

    model_config = ConfigDict(extra="ignore")

    name: str
    value: float
    type: str = "Metric"


class NovaScore(BaseModel):
    """What a Nova Forge reward function says on one sample."""

    model_config = ConfigDict(extra="ignore")

    id: str
    aggregate_reward_score: float = Field(allow_inf_nan=False)
    metrics_list: list[NovaMetric] = Field(default_factory=list)


class Remote(Check[[str, Any]]):
    """The verifier that `remote` makes. Close it, or use it in a `with`. Safe to share among threads."""

    def __init__(
        self,
        url: str,
        *,
        verifier: str,
        options: Mapping[str, Any],
        route: Literal["native", "nova"],
        token: str,
        patience: Patience | None,
    ) -> None:
        if route not in ("native", "nova"):
            raise UsageError(f"there is no route {route!r}; expected 'native' or 'nova'")
        if route == "native" and not verifier:
            raise UsageError("the native route needs the verifier's id: remote(url, verifier='math')")
        try:
            encode_json(dict(options))
        except (ValueError, TypeError) as error:
            raise UsageError(f"the options of a remote verifier must be JSON: {error}") from None
        address = url.rstrip("/") + "/v1/verify" if route == "native" else url
        self._service = JsonService(address, api_key=token or os.environ.get(TOKEN, ""), patience=patience)
        self._verifier, self._options, self._route = verifier, dict(options), route

        def verify(reply: str, gold: Any, /) -> Verdict:
            """What a reward service says."""
            return self._ask(reply, gold)

        super().__init__(verify, name=verifier or "remote", needs=("gold", "network"))

    def __repr__(self) -> str:
        return f"Remote({self._service!r}, verifier={self._verifier!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._service.close()

    def _ask(self, reply: str, gold: Any) -> Verdict:
        if len(encode_json(reply)) > MAX_REPLY_BYTES:
            return Verdict.of(0, code="remote.too_long", reason=f"a reply above {MAX_REPLY_BYTES:,} bytes is not sent")
        name = sha256(reply.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        try:
            body = encode_json(self._question(reply, gold, name))
        except (ValueError, TypeError) as error:
            return Verdict.task_invalid(f"the gold is not JSON: {error}"[:200], code="remote.gold")
        try:
            answer = self._service.post(body)
        except NoAnswer as error:
            return Verdict.infra_error(str(error), code=f"remote.{error.what}")
        return native_verdict(answer) if self._route == "native" else nova_verdict(answer, name)

    def _question(self, reply: str, gold: Any, name: str) -> Any:
        if self._route == "native":
            return {"reply": reply, "gold": gold, "verifier": self._verifier, "options": self._options}
        messages: list[Any] = []
        if isinstance(gold, Mapping) and gold.keys() == {"messages", "reference_answer"}:
            messages, gold = list(gold["messages"]), gold["reference_answer"]
        more = {"verifier": self._verifier} if self._verifier else {}
        said = {"role": "assistant", "content": reply}
        return [{**self._options, **more, "id": name, "messages": [*messages, said], "reference_answer": gold}]


def remote(
    url: str,
    *,
    verifier: str = "",
    options: Mapping[str, Any] | None = None,
    route: Literal["native", "nova"] = "native",
    token: str = "",
    patience: Patience | None = None,
) -> Remote:
    """A verifier that asks the reward service at `url`. `options` go to the verifier there with every call, and calls give none; on the
    Nova route they are further keys of the sample.

    The token defaults to ENVGYM_REWARD_TOKEN. On the Nova route, a gold {"messages": ..., "reference_answer": ...} gives the conversation
    too. Raises UsageError for an address, a route or options that cannot be.
    """
    return Remote(url, verifier=verifier, options=options or {}, route=route, token=token, patience=patience)


def native_verdict(answer: Any) -> Verdict:
    """The verdict that a service answered, or INFRA_ERROR where it is none: a wrong score, a missing field, a field too many."""
    try:
        return Verdict.model_validate_json(encode_json(answer), strict=True)
    except ValueError as error:
        why = _first(error) if isinstance(error, ValidationError) else str(error)
        return Verdict.infra_error(f"the service's answer is no verdict: {why}", code="remote.bad_verdict")


def nova_verdict(answer: Any, name: str) -> Verdict:
    """The verdict in a Nova Forge answer to a batch of one, or INFRA_ERROR where there is none."""
    if not isinstance(answer, list) or len(answer) != 1:
        return Verdict.infra_error("the service's answer is not a list of one score", code="remote.bad_batch")
    try:
        said = NovaScore.model_validate(answer[0], strict=True)
    except ValidationError as error:
        return Verdict.infra_error(f"the service's answer is no score: {_first(error)}", code="remote.bad_score")
    if said.id != name:
        return Verdict.infra_error(f"the service scored {said.id[:80]!r}, which was not asked", code="remote.wrong_id")
    if not 0 <= said.aggregate_reward_score <= 1:
        why = f"the service's score {said.aggregate_reward_score:g} is not in [0, 1]"
        return Verdict.infra_error(why, code="remote.score_out_of_range")
    metrics = tuple(_metric(each) for each in said.metrics_list if math.isfinite(each.value))
    return Verdict.of(said.aggregate_reward_score, code="remote.scored", evidence=metrics)


def _metric(metric: NovaMetric) -> Evidence:
    data = {"name": metric.name, "value": metric.value, "type": metric.type}
    return Evidence(kind="metric", text=f"{metric.name} = {metric.value:g}", data=data)


def _first(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"[:300]

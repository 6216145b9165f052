"""The HTTP side of a reward service: which verifier answers. Who is let in, and for how long: `door.py`.

    POST /v1/verify     {reply, gold, verifier, options} -> a Verdict
    POST /reward/nova   [{id, messages, reference_answer}] -> [{id, aggregate_reward_score, metrics_list}]
    GET  /health        {"status": "ok"}

What could not be judged is an error status or a Verdict without a score, never a number. Only ids are taken, never paths: a request cannot
make the service import anything.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from envgym.errors import UnknownId, UsageError, WorldFailure
from envgym.registry import verifiers
from envgym.serve.door import Door, Turned
from envgym.serve.options import check_options
from envgym.serve.reward_requests import NovaSample, Question, nova_answer
from envgym.verdict import Verdict, Verifier

if TYPE_CHECKING:
    from starlette.applications import Starlette

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
        self._nova_verifier = nova_verifier
        self.door = Door(
            token=token,
            deadline_s=deadline_s,
            max_body_bytes=max_body_bytes,
            concurrency=concurrency,
            workers="verifiers",
            worker="verifier",
        )

    def app(self) -> "Starlette":
        """The ASGI application. Raises UsageError where starlette is missing."""
        return self.door.app({"/v1/verify": self._native, "/reward/nova": self._nova})

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

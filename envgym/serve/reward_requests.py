"""What a reward service is asked and what it answers, in both forms: our own and that of Amazon Nova Forge's reward functions.

Nova's form has no place for "could not be judged": such a batch is refused as a whole, because any number, or a sample left out, would be
taken for a score.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from envgym.message import text_of
from envgym.serve.door import Turned
from envgym.verdict import Outcome, Verdict


class Question(BaseModel):
    """One reply to verify."""

    model_config = ConfigDict(extra="forbid")

    reply: str = Field(description="The reply.")
    gold: Any = Field(None, description="What the verifier compares it with.")
    verifier: str = Field(max_length=200, description="Id of the verifier.")
    options: dict[str, Any] = Field(default_factory=dict, description="Keyword arguments of the verifier.")


class NovaSample(BaseModel):
    """One sample of a Nova Forge batch. Further keys are left alone, as there."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(description="Given back with the score.")
    messages: list[dict[str, Any]] = Field(min_length=1, description="The conversation; the last message is the reply.")
    reference_answer: Any = Field(None, description="The gold.")
    verifier: str = Field("", max_length=200, description="Id of the verifier; empty takes the service's own.")
    options: dict[str, Any] = Field(default_factory=dict, description="Keyword arguments of the verifier.")

    def question(self, verifier: str) -> Question:
        """The same as our own form. Raises Turned."""
        last = self.messages[-1]
        name = self.verifier or verifier
        if last.get("role") != "assistant" or not isinstance(last.get("content"), str | list):
            raise Turned(400, "bad_request", f"sample {self.id[:80]!r} does not end with an assistant message of text")
        if not name:
            raise Turned(400, "bad_request", "the sample names no verifier and the service has none of its own")
        reply = text_of({"role": "assistant", "content": last["content"]})
        return Question(reply=reply, gold=self.reference_answer, verifier=name, options=self.options)


def nova_answer(samples: Sequence[NovaSample], verdicts: Sequence[Verdict]) -> list[Mapping[str, Any]]:
    """The scores of a batch. Raises Turned where one of them has none."""
    for sample, verdict in zip(samples, verdicts, strict=True):
        if verdict.score is None:
            status = 422 if verdict.outcome is Outcome.TASK_INVALID else 503
            raise Turned(status, verdict.outcome.value, f"sample {sample.id[:80]!r} was not judged: {verdict.code}")
    return [_nova_score(sample.id, verdict) for sample, verdict in zip(samples, verdicts, strict=True)]


def _nova_score(name: str, verdict: Verdict) -> Mapping[str, Any]:
    parts = [(part, each.score) for part, each in verdict.parts.items() if each.score is not None]
    metrics = [{"name": part, "value": score, "type": "Metric"} for part, score in parts]
    return {"id": name, "aggregate_reward_score": verdict.score, "metrics_list": metrics}

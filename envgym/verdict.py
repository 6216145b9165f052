"""Verdicts: what a verifier decided, why, and whether it could decide at all.

A score exists exactly when something was judged. TASK_INVALID and INFRA_ERROR have none, so an outage can never be read as 0.0;
pydantic refuses every other combination. Score is for evaluation: shaping writes `reward` on the trajectory and never touches it.
"""

from enum import StrEnum
from typing import Any, Literal, Protocol, Self, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, model_validator

Attribution = Literal["policy", "task", "verifier", "infra"]


class Outcome(StrEnum):
    PASS = "pass"
    """Everything asked for holds; score 1."""
    PARTIAL = "partial"
    """Some of it holds; score strictly between 0 and 1."""
    FAIL = "fail"
    """Judged and wrong; score 0."""
    MALFORMED = "malformed"
    """No answer could be read from the reply; score 0."""
    HACK = "hack"
    """The reply attacks the verifier instead of solving the task; score 0."""
    TASK_INVALID = "task_invalid"
    """The task itself is broken, for instance its gold does not pass; no score."""
    INFRA_ERROR = "infra_error"
    """The verifier could not run; no score."""


PASS, FAIL, PARTIAL = Outcome.PASS, Outcome.FAIL, Outcome.PARTIAL
"""By these names because Python 3.11 looks a member up by a function each time."""
WITHOUT_SCORE = frozenset({Outcome.TASK_INVALID, Outcome.INFRA_ERROR})


class Evidence(BaseModel):
    """One fact that a decision rests on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(description="What it is: 'test', 'diff', 'span', 'output'.")
    text: str = Field(description="The fact, as short as it can be.")
    data: dict[str, Any] = Field(default_factory=dict, description="The same for machines.")


class Cost(BaseModel):
    """What the decision took."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float = Field(default=0.0, ge=0, description="Wall-clock seconds.")
    calls: int = Field(default=0, ge=0, description="Calls of a judge or a service.")
    tokens: int = Field(default=0, ge=0, description="Tokens that a judge read and wrote.")


class Verdict(BaseModel):
    """A decision. `code` is a stable name for machines ("math.not_equal"), `reason` a sentence for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome = Field(description="What was decided.")
    score: float | None = Field(description="In [0, 1]; None exactly when nothing could be judged.")
    code: str = Field(default="", description="Stable machine name of the reason.")
    reason: str = Field(default="", description="One sentence for people.")
    parts: dict[str, "Verdict"] = Field(default_factory=dict, description="Named sub-verdicts.")
    evidence: tuple[Evidence, ...] = Field(default=(), description="What the decision rests on.")
    attribution: Attribution = Field(default="policy", description="Whose doing the outcome is.")
    cost: Cost | None = Field(default=None, description="What the decision took, where it was measured.")

    @model_validator(mode="after")
    def _score_fits_outcome(self) -> Self:
        outcome, score = self.outcome, self.score
        if score is None or outcome in WITHOUT_SCORE:
            fits = score is None and outcome in WITHOUT_SCORE
        elif outcome is PASS:
            fits = score == 1.0
        elif outcome is PARTIAL:
            fits = 0.0 < score < 1.0
        else:
            fits = score == 0.0
        if not fits:
            raise ValueError(f"outcome {outcome.value} cannot have score {score}")
        return self

    @classmethod
    def of(cls, score: float, *, code: str = "", reason: str = "", **rest: Any) -> Self:
        """PASS for 1, FAIL for 0, PARTIAL between. Raises ValidationError outside [0, 1] or for NaN."""
        outcome = PASS if score == 1.0 else FAIL if score == 0.0 else PARTIAL
        return cls(outcome=outcome, score=float(score), code=code, reason=reason, **rest)

    @classmethod
    def malformed(cls, reason: str, *, code: str = "answer.malformed", **rest: Any) -> Self:
        return cls(outcome=Outcome.MALFORMED, score=0.0, code=code, reason=reason, **rest)

    @classmethod
    def hack(cls, reason: str, *, code: str = "answer.hack", **rest: Any) -> Self:
        return cls(outcome=Outcome.HACK, score=0.0, code=code, reason=reason, **rest)

    @classmethod
    def task_invalid(cls, reason: str, *, code: str = "task.invalid", **rest: Any) -> Self:
        return cls(
            outcome=Outcome.TASK_INVALID, score=None, code=code, reason=reason, **{"attribution": "task", **rest}
        )

    @classmethod
    def infra_error(cls, reason: str, *, code: str = "infra.error", **rest: Any) -> Self:
        return cls(
            outcome=Outcome.INFRA_ERROR, score=None, code=code, reason=reason, **{"attribution": "infra", **rest}
        )

    @property
    def passed(self) -> bool:
        return self.outcome is PASS


@runtime_checkable
class Verifier(Protocol):
    """Judges a reply against a gold. Never raises for what the reply contains, never runs it."""

    def __call__(self, reply: str, gold: Any, /) -> Verdict: ...

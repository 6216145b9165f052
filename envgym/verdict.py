"""Verdicts: what a verifier decided, why, and whether it could decide at all.

A score exists exactly when something was judged. TASK_INVALID and INFRA_ERROR have none, so an outage can never be read as 0.0;
pydantic refuses every other combination. Score is for evaluation: shaping writes `reward` on the trajectory and never touches it.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Literal, Protocol, Self, runtime_checkable

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

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


def writable(value: Any) -> Any:
    """`value` with every lone surrogate spelled out as \\udXXX: replies may hold them, but no UTF-8 record can."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {writable(key): writable(each) for key, each in value.items()}
    return type(value)(map(writable, value)) if type(value) in (list, tuple) else value


Text = Annotated[str, AfterValidator(writable)]


class Evidence(BaseModel):
    """One fact that a decision rests on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(description="What it is: 'test', 'diff', 'span', 'output'.")
    text: Text = Field(description="The fact, as short as it can be.")
    data: Annotated[dict[str, Any], AfterValidator(writable)] = Field(
        default_factory=dict, description="The same for machines."
    )


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
    reason: Text = Field(default="", description="One sentence for people.")
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
        """PASS for 1, FAIL for 0, PARTIAL between. Raises ValidationError outside [0, 1] or for NaN.

        Where there is no `rest`, equal calls may give one object.
        """
        outcome = PASS if score == 1.0 else FAIL if score == 0.0 else PARTIAL
        if rest:
            return cls(outcome=outcome, score=float(score), code=code, reason=reason, **rest)
        return _plain(cls, outcome, float(score), code, reason)  # type: ignore[return-value]

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


@lru_cache(maxsize=256)
def _plain(kind: type[Verdict], outcome: Outcome, score: float, code: str, reason: str) -> Verdict:
    """A run has few different ones, and making one is a twentieth of the work of a one-turn episode."""
    return kind(outcome=outcome, score=score, code=code, reason=reason)


@runtime_checkable
class Verifier(Protocol):
    """Judges a reply against a gold. Never raises for what the reply contains, never runs it."""

    def __call__(self, reply: str, gold: Any, /) -> Verdict: ...

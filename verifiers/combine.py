"""Verifiers made of verifiers: each takes checks, gives a Check, and keeps every sub-verdict under its name in `parts`.

A part without a score is never read as a number by accident. What becomes of it is said by `on_error`: "propagate" (the default) makes the
whole verdict one without a score, "skip" leaves the part out, and where all are left out the whole has no score; "fail" counts it as 0.

Every check of a combination is called with the same arguments. A whole that scores 0 is HACK where a part is, MALFORMED where every part
that scores 0 is, else FAIL.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from math import fsum, prod
from threading import Lock
from typing import Any, Literal, TypeVar

from pydantic_core import PydanticSerializationError, to_jsonable_python

from envgym.errors import UsageError
from envgym.verdict import Outcome, Verdict
from envgym.verifiers.check import Check, name_of, needs_of

OnError = Literal["propagate", "skip", "fail"]
AnyCheck = Callable[..., Verdict]
C = TypeVar("C", bound=AnyCheck)
Parts = dict[str, Verdict]
Fold = Callable[[dict[str, float]], float]


def all_of(*checks: AnyCheck, on_error: OnError = "propagate") -> Check[...]:
    """The least score of the checks: PASS when every one passes."""
    return _folded("all_of", checks, lambda scores: min(scores.values()), on_error)


def any_of(*checks: AnyCheck, on_error: OnError = "propagate") -> Check[...]:
    """The greatest score of the checks: PASS when one passes."""
    return _folded("any_of", checks, lambda scores: max(scores.values()), on_error)


def product(*checks: AnyCheck, on_error: OnError = "propagate") -> Check[...]:
    """The product of the scores: every check can bring it down to 0."""
    return _folded("product", checks, lambda scores: prod(scores.values()), on_error)


def weighted(weights: Mapping[C, float], *, on_error: OnError = "propagate") -> Check[...]:
    """The mean of the scores by positive weights: `weighted({correct: 4, short: 1})`. What is skipped has no weight."""
    checks: tuple[AnyCheck, ...] = tuple(weights)
    if not all(0 < weight < float("inf") for weight in weights.values()):
        raise UsageError(f"weights are positive numbers, not {list(weights.values())}")
    by_name = dict(zip(names_of(checks), weights.values(), strict=True))

    def mean(scores: dict[str, float]) -> float:
        return fsum(by_name[name] * score for name, score in scores.items()) / fsum(by_name[name] for name in scores)

    return _folded("weighted", checks, mean, on_error)


def format_weighted(
    correct: AnyCheck, form: AnyCheck, *, weight: float = 0.2, on_error: OnError = "propagate"
) -> Check[...]:
    """(correct + weight * form) / (1 + weight): WebExplorer's R = correct + 0.2 format (arXiv 2509.06501), brought into [0, 1]."""
    return weighted({correct: 1.0, form: weight}, on_error=on_error)


def gate(condition: AnyCheck, then: AnyCheck, *, on_error: OnError = "propagate") -> Check[...]:
    """The verdict of `then` where `condition` passes, else 0; `then` is not called for nothing.

    A condition without a score: "propagate" gives no score, "skip" opens the gate, "fail" closes it.
    """
    first, second = names_of((condition, then))

    def run(*args: Any, **kwargs: Any) -> Verdict:
        held = condition(*args, **kwargs)
        if held.score is None and on_error == "propagate":
            return without_score({first: held}, held, first)
        if not held.passed and not (held.score is None and on_error == "skip"):
            return whole("gate", 0.0, {first: held})
        verdict = then(*args, **kwargs)
        parts = {first: held, second: verdict}
        return without_score(parts, verdict, second) if verdict.score is None else whole("gate", verdict.score, parts)

    return Check(run, name="gate", needs=needs_of((condition, then)))


def hack_gate(hack: AnyCheck, then: AnyCheck, *, on_error: OnError = "propagate") -> Check[...]:
    """HACK where `hack` says so, with its evidence; otherwise exactly the verdict of `then`."""
    first, second = names_of((hack, then))

    def run(*args: Any, **kwargs: Any) -> Verdict:
        found = hack(*args, **kwargs)
        if found.outcome is Outcome.HACK:
            return found.model_copy(update={"parts": {first: found}})
        if found.score is None and on_error == "propagate":
            return without_score({first: found}, found, first)
        if found.score is None and on_error == "fail":
            return whole("hack_gate", 0.0, {first: found})
        verdict = then(*args, **kwargs)
        parts = {first: found, second: verdict}
        if verdict.score is None:
            return without_score(parts, verdict, second)
        return verdict.model_copy(update={"parts": {**verdict.parts, **parts}})

    return Check(run, name="hack_gate", needs=needs_of((hack, then)))


def first(*checks: AnyCheck, escalate_on_fail: bool = False) -> Check[...]:
    """The first verdict that decides, cheap checks before expensive ones.

    A check is undecided where its verdict has no score or is MALFORMED; with `escalate_on_fail` a FAIL is passed on too, for cheap checks
    that can only confirm. The last check's verdict stands as it is.
    """
    names = names_of(checks)

    def run(*args: Any, **kwargs: Any) -> Verdict:
        parts: Parts = {}
        for name, check in zip(names, checks, strict=True):
            verdict = parts[name] = check(*args, **kwargs)
            undecided = verdict.score is None or verdict.outcome is Outcome.MALFORMED
            if not undecided and not (escalate_on_fail and verdict.outcome is Outcome.FAIL):
                break
        return verdict.model_copy(update={"parts": {**verdict.parts, **parts}})

    return Check(run, name="first", needs=needs_of(checks))


def threshold(check: AnyCheck, least: float) -> Check[...]:
    """PASS where the score of `check` is at least `least` (over 0, up to 1), else FAIL."""
    if not 0 < least <= 1:
        raise UsageError(f"threshold {least}: expected a number over 0, up to 1")
    return _mapped("threshold", check, lambda score: float(score >= least))


def negate(check: AnyCheck) -> Check[...]:
    """1 minus the score. What could not be read, or attacks the verifier, stays 0: it is no proof of the opposite."""
    name = name_of(check)

    def run(*args: Any, **kwargs: Any) -> Verdict:
        verdict = check(*args, **kwargs)
        if verdict.score is None or verdict.outcome in (Outcome.MALFORMED, Outcome.HACK):
            return verdict.model_copy(update={"parts": {name: verdict}})
        return whole("negate", 1.0 - verdict.score, {name: verdict})

    return Check(run, name=f"not_{name}", needs=needs_of((check,)))


def penalty(check: AnyCheck, clean: AnyCheck, *, amount: float, on_error: OnError = "propagate") -> Check[...]:
    """The score of `check` less `amount` times what `clean` falls short of 1; never below 0."""
    if not 0 < amount <= 1:
        raise UsageError(f"penalty amount={amount}: expected a number over 0, up to 1")
    main, other = names_of((check, clean))

    def fold(scores: dict[str, float]) -> float:
        return max(0.0, scores.get(main, 0.0) - amount * (1.0 - scores.get(other, 1.0)))

    return _folded("penalty", (check, clean), fold, on_error, required=main)


def majority(*checks: AnyCheck, on_error: OnError = "propagate") -> Check[...]:
    """PASS where more than half of the votes pass, FAIL where more than half do not; a tie has no score."""
    names = names_of(checks)

    def run(*args: Any, **kwargs: Any) -> Verdict:
        parts = {name: check(*args, **kwargs) for name, check in zip(names, checks, strict=True)}
        scores = scores_of(parts, on_error)
        if isinstance(scores, Verdict):
            return scores
        votes = sum(parts[name].passed for name in scores)
        if 2 * votes == len(scores):
            reason = f"{votes} of {len(scores)} votes pass: a tie"
            return Verdict.infra_error(reason, code="majority.tie", attribution="verifier", parts=parts)
        return whole("majority", float(2 * votes > len(scores)), parts)

    return Check(run, name="majority", needs=needs_of(checks))


def per_test(
    tiers: Mapping[C, float], *, mode: Literal["strict", "soft"] = "strict", on_error: OnError = "propagate"
) -> Check[...]:
    """Tests in tiers from easy to hard with weights, as in MiMo (arXiv 2505.07608).

    "strict": a tier's weight is earned where it and all easier tiers pass. "soft": each tier earns its weight times its score.
    """
    checks: tuple[AnyCheck, ...] = tuple(tiers)
    by_name = dict(zip(names_of(checks), tiers.values(), strict=True))
    if not by_name or not all(0 < weight < float("inf") for weight in by_name.values()):
        raise UsageError(f"per_test takes tiers with positive weights, not {list(tiers.values())}")

    def fold(scores: dict[str, float]) -> float:
        earned = []
        for name, score in scores.items():
            if mode == "strict" and score < 1:
                break
            earned.append(by_name[name] * score)
        return fsum(earned) / fsum(by_name[name] for name in scores)

    return _folded("per_test", checks, fold, on_error)


def cached(check: AnyCheck, *, size: int = 10_000) -> Check[...]:
    """Remembers the last `size` verdicts by the content of the arguments. A verdict without a score is never remembered."""
    known: OrderedDict[str, Verdict] = OrderedDict()
    lock = Lock()

    def run(*args: Any, **kwargs: Any) -> Verdict:
        try:
            key = json.dumps(to_jsonable_python([args, kwargs], inf_nan_mode="strings"), sort_keys=True)
        except (PydanticSerializationError, ValueError, RecursionError):  # an argument without a content of its own
            return check(*args, **kwargs)
        with lock:
            if key in known:
                known.move_to_end(key)
                return known[key]
        verdict = check(*args, **kwargs)
        if verdict.score is not None:
            with lock:
                known[key] = verdict
                while len(known) > size:
                    known.popitem(last=False)
        return verdict

    return Check(run, name=name_of(check), needs=needs_of((check,)))


# ---- what they share


def names_of(checks: tuple[AnyCheck, ...]) -> list[str]:
    """A name for each check; where two are called alike, the later ones get a number."""
    if not checks:
        raise UsageError("a combination needs at least one check")
    names: list[str] = []
    for check in checks:
        name, number = name_of(check), 2
        while name in names:
            name, number = f"{name_of(check)}_{number}", number + 1
        names.append(name)
    return names


def scores_of(parts: Parts, on_error: OnError) -> dict[str, float] | Verdict:
    """The scores that count, or the verdict without a score that the whole has."""
    scores: dict[str, float] = {}
    for name, verdict in parts.items():
        if verdict.score is not None:
            scores[name] = verdict.score
        elif on_error == "propagate":
            return without_score(parts, verdict, name)
        elif on_error == "fail":
            scores[name] = 0.0
    if not scores:
        return without_score(parts, next(iter(parts.values())), "every part")
    return scores


def without_score(parts: Parts, part: Verdict, name: str) -> Verdict:
    """The whole where `part` leaves it without a score: same outcome, code and attribution."""
    return part.model_copy(update={"parts": dict(parts), "reason": f"{name}: {part.reason}"})


def whole(kind: str, score: float, parts: Parts) -> Verdict:
    """The verdict of a combination with this score."""
    if score > 0:
        reason = (
            "" if score == 1 else f"{', '.join(name for name, part in parts.items() if part.score != 1)} short of 1"
        )
        return Verdict.of(
            min(score, 1.0), code=f"{kind}.{'ok' if score >= 1 else 'partial'}", reason=reason, parts=parts
        )
    low = {name: part for name, part in parts.items() if part.score == 0 or part.score is None}
    outcomes = {part.outcome for part in low.values()}
    outcome = (
        Outcome.HACK
        if Outcome.HACK in outcomes
        else Outcome.MALFORMED
        if outcomes == {Outcome.MALFORMED}
        else Outcome.FAIL
    )
    reason = "; ".join(f"{name}: {part.reason or part.code}" for name, part in low.items())
    return Verdict(outcome=outcome, score=0.0, code=f"{kind}.failed", reason=reason, parts=parts)


def _folded(
    kind: str, checks: tuple[AnyCheck, ...], fold: Fold, on_error: OnError, *, required: str = ""
) -> Check[...]:
    """Calls every check and folds their scores into one. A `required` part is never skipped."""
    names = names_of(checks)

    def run(*args: Any, **kwargs: Any) -> Verdict:
        parts = {name: check(*args, **kwargs) for name, check in zip(names, checks, strict=True)}
        scores = scores_of(parts, on_error)
        if isinstance(scores, Verdict):
            return scores
        if required and required not in scores:
            return without_score(parts, parts[required], required)
        return whole(kind, fold(scores), parts)

    return Check(run, name=kind, needs=needs_of(checks))


def _mapped(kind: str, check: AnyCheck, change: Callable[[float], float]) -> Check[...]:
    """Changes the score of one check; one that is not there stays away."""
    name = name_of(check)

    def run(*args: Any, **kwargs: Any) -> Verdict:
        verdict = check(*args, **kwargs)
        return verdict if verdict.score is None else whole(kind, change(verdict.score), {name: verdict})

    return Check(run, name=kind, needs=needs_of((check,)))

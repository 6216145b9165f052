"""Verifiers made of verifiers: each takes checks, gives a Check, and keeps every sub-verdict under its name in `parts`.

A part without a score is never read as a number by accident. What becomes of it is said by `on_error`: "propagate" (the default) makes the
whole verdict one without a score, "skip" leaves the part out, and where all are left out the whole has no score; "fail" counts it as 0.

Which arguments of a call reach which part is told in `part.py`. A whole that scores 0 is HACK where a part is, MALFORMED where every part
that scores 0 is, else FAIL.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from math import fsum, prod
from threading import Lock
from typing import Literal, get_args

from pydantic_core import PydanticSerializationError, to_jsonable_python

from envgym.errors import UsageError
from envgym.verdict import Outcome, Verdict
from envgym.verifiers.check import Check
from envgym.verifiers.part import AnyCheck, Call, combined, parts_of

OnError = Literal["propagate", "skip", "fail"]
Mode = Literal["strict", "soft"]
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


def weighted(weights: Mapping[AnyCheck, float], *, on_error: OnError = "propagate") -> Check[...]:
    """The mean of the scores by positive weights: `weighted({correct: 4, short: 1})`. What is skipped has no weight."""
    by_name = _weights("weighted", weights)

    def mean(scores: dict[str, float]) -> float:
        return fsum(by_name[name] * score for name, score in scores.items()) / fsum(by_name[name] for name in scores)

    return _folded("weighted", tuple(weights), mean, on_error)


def format_weighted(
    correct: AnyCheck, form: AnyCheck, *, weight: float = 0.2, on_error: OnError = "propagate"
) -> Check[...]:
    """(correct + weight * form) / (1 + weight): WebExplorer's R = correct + 0.2 format (arXiv 2509.06501), brought into [0, 1]."""
    return weighted({correct: 1.0, form: weight}, on_error=on_error)


def gate(condition: AnyCheck, then: AnyCheck, *, on_error: OnError = "propagate") -> Check[...]:
    """The verdict of `then` where `condition` passes, else 0; `then` is not called for nothing.

    A condition without a score: "propagate" gives no score, "skip" opens the gate, "fail" closes it. `then` without a score: "fail" gives
    0, the others no score, since nothing else is left to have one.
    """
    _one_of("on_error", on_error, OnError)
    first, second = parts_of(condition, then)

    def decide(call: Call) -> Verdict:
        held = call(first)
        if held.score is None and on_error == "propagate":
            return without_score({first.name: held}, held, first.name)
        if not held.passed and not (held.score is None and on_error == "skip"):
            return whole("gate", 0.0, {first.name: held})
        verdict = call(second)
        parts = {first.name: held, second.name: verdict}
        if verdict.score is None and on_error != "fail":
            return without_score(parts, verdict, second.name)
        return whole("gate", verdict.score or 0.0, parts)

    return combined("gate", (first, second), decide)


def hack_gate(hack: AnyCheck, then: AnyCheck, *, on_error: OnError = "propagate") -> Check[...]:
    """HACK where `hack` says so, with its evidence; otherwise exactly the verdict of `then`.

    `hack` without a score: "propagate" gives no score, "skip" goes on to `then`, "fail" gives 0. `then` without a score is as in `gate`.
    """
    _one_of("on_error", on_error, OnError)
    first, second = parts_of(hack, then)

    def decide(call: Call) -> Verdict:
        found = call(first)
        if found.outcome is Outcome.HACK:
            return found.model_copy(update={"parts": {first.name: found}})
        if found.score is None and on_error != "skip":
            parts = {first.name: found}
            return whole("hack_gate", 0.0, parts) if on_error == "fail" else without_score(parts, found, first.name)
        verdict = call(second)
        parts = {first.name: found, second.name: verdict}
        if verdict.score is None:
            return whole("hack_gate", 0.0, parts) if on_error == "fail" else without_score(parts, verdict, second.name)
        return verdict.model_copy(update={"parts": {**verdict.parts, **parts}})

    return combined("hack_gate", (first, second), decide)


def first(*checks: AnyCheck, escalate_on_fail: bool = False, on_error: OnError = "propagate") -> Check[...]:
    """The first verdict that decides, cheap checks before expensive ones. The last check's verdict stands as it is.

    Undecided, and passed on, is a reply that a check cannot read (MALFORMED) and a gold that is not for it (TASK_INVALID); with
    `escalate_on_fail` a FAIL too, for cheap checks that can only confirm. An outage (INFRA_ERROR) decides that there is no score: what a
    weaker check would say in its place is not the same question. "skip" passes it on, "fail" takes it for a FAIL.
    """
    _one_of("on_error", on_error, OnError)
    chain = parts_of(*checks)

    def decide(call: Call) -> Verdict:
        parts: Parts = {}
        for part in chain:
            verdict = parts[part.name] = call(part)
            if verdict.outcome is Outcome.INFRA_ERROR and on_error == "fail":
                verdict = whole("first", 0.0, {part.name: verdict})
            if not _undecided(verdict, escalate_on_fail, on_error):
                break
        return verdict.model_copy(update={"parts": {**verdict.parts, **parts}})

    return combined("first", chain, decide)


def _undecided(verdict: Verdict, escalate_on_fail: bool, on_error: OnError) -> bool:
    if verdict.outcome is Outcome.INFRA_ERROR:
        return on_error == "skip"
    if verdict.outcome is Outcome.FAIL:
        return escalate_on_fail
    return verdict.outcome in (Outcome.MALFORMED, Outcome.TASK_INVALID)


def threshold(check: AnyCheck, least: float) -> Check[...]:
    """PASS where the score of `check` is at least `least` (over 0, up to 1), else FAIL."""
    if not 0 < least <= 1:
        raise UsageError(f"threshold {least}: expected a number over 0, up to 1")
    return _mapped("threshold", check, lambda score: float(score >= least))


def negate(check: AnyCheck) -> Check[...]:
    """1 minus the score. What could not be read, or attacks the verifier, stays 0: it is no proof of the opposite."""
    [part] = parts_of(check)

    def decide(call: Call) -> Verdict:
        verdict = call(part)
        if verdict.score is None or verdict.outcome in (Outcome.MALFORMED, Outcome.HACK):
            return verdict.model_copy(update={"parts": {part.name: verdict}})
        return whole("negate", 1.0 - verdict.score, {part.name: verdict})

    return combined("negate", [part], decide, name=f"not_{part.name}")


def penalty(check: AnyCheck, clean: AnyCheck, *, amount: float, on_error: OnError = "propagate") -> Check[...]:
    """The score of `check` less `amount` times what `clean` falls short of 1; never below 0."""
    if not 0 < amount <= 1:
        raise UsageError(f"penalty amount={amount}: expected a number over 0, up to 1")
    main, other = (part.name for part in parts_of(check, clean))

    def fold(scores: dict[str, float]) -> float:
        return max(0.0, scores.get(main, 0.0) - amount * (1.0 - scores.get(other, 1.0)))

    return _folded("penalty", (check, clean), fold, on_error, required=main)


def majority(*checks: AnyCheck, on_error: OnError = "propagate") -> Check[...]:
    """PASS where more than half of the votes pass, FAIL where more than half do not; a tie has no score."""
    _one_of("on_error", on_error, OnError)
    voters = parts_of(*checks)

    def decide(call: Call) -> Verdict:
        parts = {part.name: call(part) for part in voters}
        scores = scores_of(parts, on_error)
        if isinstance(scores, Verdict):
            return scores
        votes = sum(parts[name].passed for name in scores)
        if 2 * votes == len(scores):
            reason = f"{votes} of {len(scores)} votes pass: a tie"
            return Verdict.infra_error(reason, code="majority.tie", attribution="verifier", parts=parts)
        return whole("majority", float(2 * votes > len(scores)), parts)

    return combined("majority", voters, decide)


def per_test(tiers: Mapping[AnyCheck, float], *, mode: Mode = "strict", on_error: OnError = "propagate") -> Check[...]:
    """Tests in tiers from easy to hard with weights, as in MiMo (arXiv 2505.07608).

    "strict": a tier's weight is earned where it and all easier tiers pass. "soft": each tier earns its weight times its score.
    """
    _one_of("mode", mode, Mode)
    by_name = _weights("per_test", tiers)

    def fold(scores: dict[str, float]) -> float:
        earned = []
        for name, score in scores.items():
            if mode == "strict" and score < 1:
                break
            earned.append(by_name[name] * score)
        return fsum(earned) / fsum(by_name[name] for name in scores)

    return _folded("per_test", tuple(tiers), fold, on_error)


def cached(check: AnyCheck, *, size: int = 10_000) -> Check[...]:
    """Remembers the last `size` verdicts by the content of the arguments. A verdict without a score is never remembered."""
    if size < 1:
        raise UsageError(f"cached size={size}: expected at least 1")
    known: OrderedDict[str, Verdict] = OrderedDict()
    lock = Lock()
    [part] = parts_of(check)

    def decide(call: Call) -> Verdict:
        try:
            key = json.dumps(to_jsonable_python(call.arguments(part), inf_nan_mode="strings"), sort_keys=True)
        except (PydanticSerializationError, ValueError, RecursionError):  # an argument without a content of its own
            return call(part)
        with lock:
            if key in known:
                known.move_to_end(key)
                return known[key]
        verdict = call(part)
        if verdict.score is not None:
            with lock:
                known[key] = verdict
                while len(known) > size:
                    known.popitem(last=False)
        return verdict

    return combined("cached", [part], decide, name=part.name)


# ---- what they share


def _one_of(name: str, given: object, kind: object) -> None:
    """Raises UsageError unless `given` is one of the values of the Literal `kind`: a typing mistake must not act as one of them."""
    known = get_args(kind)
    if given not in known:
        raise UsageError(f"{name}={given!r}: expected one of {', '.join(map(repr, known))}")


def _weights(kind: str, weights: Mapping[AnyCheck, float]) -> dict[str, float]:
    """The weight of each part by its name. Raises UsageError."""
    if not weights or not all(0 < weight < float("inf") for weight in weights.values()):
        raise UsageError(f"{kind} takes checks with positive weights, not {list(weights.values())}")
    return {part.name: weight for part, weight in zip(parts_of(*weights), weights.values(), strict=True)}


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


def _folded(kind: str, checks: Sequence[AnyCheck], fold: Fold, on_error: OnError, *, required: str = "") -> Check[...]:
    """Calls every check and folds their scores into one. A `required` part is never skipped."""
    _one_of("on_error", on_error, OnError)
    members = parts_of(*checks)

    def decide(call: Call) -> Verdict:
        parts = {part.name: call(part) for part in members}
        scores = scores_of(parts, on_error)
        if isinstance(scores, Verdict):
            return scores
        if required and required not in scores:
            return without_score(parts, parts[required], required)
        return whole(kind, fold(scores), parts)

    return combined(kind, members, decide)


def _mapped(kind: str, check: AnyCheck, change: Callable[[float], float]) -> Check[...]:
    """Changes the score of one check; one that is not there stays away."""
    [part] = parts_of(check)

    def decide(call: Call) -> Verdict:
        verdict = call(part)
        return verdict if verdict.score is None else whole(kind, change(verdict.score), {part.name: verdict})

    return combined(kind, [part], decide)

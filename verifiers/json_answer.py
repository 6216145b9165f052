"""JSON answers: the reply's JSON value must fit a JSON schema, and equal a gold value where there is one.

How the value is found in the reply is `json_reading.py`, what fits is `json_schema.py`. Where a schema could make a small value expensive
(a `pattern`, say), or both are large, the check is made in a worker process that can be killed: a value that exhausts its CPU time twice,
the second time in a fresh process, is the policy's doing and fails (answer.too_complex), unless the schema does so for any value.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from envgym.errors import UsageError
from envgym.verdict import Evidence, Verdict
from envgym.verifiers.answer import too_complex
from envgym.verifiers.ask_worker import ask
from envgym.verifiers.check import verifier
from envgym.verifiers.json_reading import Unreadable, frozen, read_json
from envgym.verifiers.json_schema import INVALID, Places, canonical, places, validator, weight
from envgym.verifiers.worker import Budget, CallRaised, OverBudget, WorkerDied, WorkerPool

INLINE_STEPS = 50_000
"""Weight of a schema times characters of a value: with more, or with no bound, a worker checks. The worst that we found takes 0.15 s."""
BAD_GOLD = "json_answer.gold"
Schema = Mapping[str, Any] | bool

# 200,000 characters of records under a schema of forty nodes take 0.25 s.
pool = WorkerPool("envgym.verifiers.json_schema:places_or_fault", budget=Budget(cpu_s=1.0))


@verifier(name="json", needs=("gold", "worker"))
def json_answer(reply: str, gold: Any, /, *, schema: Schema | None = None) -> Verdict:
    """PASS when the reply's JSON fits the schema `gold`, or, with `schema` given, when it fits `schema` and equals the value `gold`.

    Values are equal as JSON: the order of keys does not matter, 1 is 1.0 and is not true. `schema=True` asks for equality alone. A schema
    that is none, and a gold value that does not fit `schema`, are TASK_INVALID. FAIL lists the first 20 places as evidence.
    """
    if schema is not None and not isinstance(schema, Mapping | bool):
        raise UsageError(f"schema is a {type(schema).__name__}; give a JSON schema as a mapping, or True for any value")
    try:
        rules = canonical(gold if schema is None else schema)
        fault = fault_of_gold(rules, "" if schema is None else text_of(gold))
        if fault:
            return Verdict.task_invalid(f"the gold does not fit the schema: {fault}", code=BAD_GOLD)
        value = read_json(reply)
        found = check(value, rules, len(reply))
    except Unreadable as error:
        return _unread(error)
    except OverBudget as error:
        return _over_budget(rules, error)
    except (WorkerDied, CallRaised) as error:
        return Verdict.infra_error(str(error), code="worker.died")
    if found:
        evidence = tuple(Evidence(kind="schema", text=f"{at}: {why}", data={"path": at}) for at, why in found)
        return Verdict.of(0, code="json_answer.schema", reason=evidence[0].text, evidence=evidence)
    if schema is not None and frozen(value) != frozen(gold):
        return Verdict.of(0, code="json_answer.not_equal", reason=f"it says {shown(value)}, not {shown(gold)}")
    return Verdict.of(1, code="json_answer.fits" if schema is None else "json_answer.equal")


def _unread(error: Unreadable) -> Verdict:
    if error.code in (INVALID, BAD_GOLD):
        return Verdict.task_invalid(str(error), code=error.code)
    if error.code in ("answer.too_complex", "answer.hedge"):
        return Verdict.of(0, code=error.code, reason=str(error))
    return Verdict.malformed(str(error), code=error.code)


def _over_budget(rules: str, error: OverBudget) -> Verdict:
    """Whose doing it is that a check went over its budget twice."""
    try:
        fault = fault_of_schema(rules)
    except (WorkerDied, CallRaised) as broken:
        return Verdict.infra_error(str(broken), code="worker.died")
    if fault:
        return Verdict.task_invalid(fault, code=INVALID)
    return too_complex(f"checking it goes over the budget ({error.kind}), in a new process too")


def check(value: Any, rules: str, size: int) -> Places:
    """Where `value`, out of a text of `size` characters, does not fit: said here where that is quick, else by a worker.

    Raises Unreadable, OverBudget, CallRaised, WorkerDied.
    """
    heavy = weight(rules)
    if heavy * size <= INLINE_STEPS:
        return places(value, rules)
    text = json.dumps(value)
    return places(value, rules) if heavy * len(text) <= INLINE_STEPS else places_by_worker(text, rules)


def places_by_worker(text: str, rules: str) -> Places:
    answer = ask(pool, text, rules)
    if "invalid" in answer:
        raise Unreadable(answer["invalid"], INVALID)
    return [(at, why) for at, why in answer["places"]]


@lru_cache(maxsize=1024)
def fault_of_gold(rules: str, gold: str) -> str:
    """Why the gold value of that text does not fit; empty where it does, and where there is none. Raises as `check` does."""
    validator(rules)
    if not gold:
        return ""
    try:
        found = check(json.loads(gold), rules, len(gold))
    except OverBudget as error:
        return f"checking it goes over the budget ({error.kind})"
    return f"{found[0][0]}: {found[0][1]}" if found else ""


@lru_cache(maxsize=1024)
def fault_of_schema(rules: str) -> str:
    """Why the schema cannot be checked with the plainest of values; empty where it can. Raises CallRaised, WorkerDied."""
    try:
        places_by_worker("null", rules)
    except OverBudget as error:
        return f"the schema goes over the budget with any value ({error.kind})"
    except Unreadable as error:
        return str(error)
    return ""


def text_of(gold: Any) -> str:
    """The gold value as JSON. Raises Unreadable for what is none."""
    try:
        return json.dumps(gold)
    except (TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"the gold is no JSON value: {str(error)[:200]}", BAD_GOLD) from None


def shown(value: Any) -> str:
    return json.dumps(value, default=str)[:200]

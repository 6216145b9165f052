"""What tau2-bench pays for, restated: a task's score is the product of the components in its reward basis.

DB: the hash of agent's and user's data equals that after the gold steps. ENV_ASSERTION: each assertion holds. ACTION: each gold step was
called. COMMUNICATE: each wanted text stands in something that was said to the user, in any case, commas taken out of what was said and not
of what was wanted. NL_ASSERTION takes a model as judge and is not scored here: the verdict says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envgym.verdict import Verdict

SCORED = ("DB", "ENV_ASSERTION", "ACTION", "COMMUNICATE")


@dataclass(frozen=True, slots=True)
class Criteria:
    """How a task is judged. `basis` may hold names that are not scored here."""

    basis: tuple[str, ...]
    actions: tuple[Mapping[str, Any], ...] | None
    assertions: tuple[Mapping[str, Any], ...] | None
    communicate: tuple[str, ...]

    @classmethod
    def of(cls, task: Mapping[str, Any]) -> "Criteria | None":
        """None where the task has none, which tau2-bench pays whatever is done."""
        given = task.get("evaluation_criteria")
        if given is None:
            return None
        actions, assertions = given.get("actions"), given.get("env_assertions")
        return cls(
            basis=tuple(dict.fromkeys(given["reward_basis"])),
            actions=None if actions is None else tuple(actions),
            assertions=None if assertions is None else tuple(assertions),
            communicate=tuple(given.get("communicate_info") or ()),
        )

    @property
    def scored(self) -> tuple[str, ...]:
        return tuple(name for name in self.basis if name in SCORED)

    @property
    def unscored(self) -> tuple[str, ...]:
        return tuple(name for name in self.basis if name not in SCORED)


def held(criteria: Criteria, facts: Mapping[str, Any], gold: Mapping[str, Any], said: Sequence[str]) -> dict[str, bool]:
    """Whether each scored component of the basis holds."""
    found = {
        "DB": (facts["db"], facts["user_db"]) == (gold["db"], gold["user_db"]),
        "ENV_ASSERTION": all(facts["assertions"]),
        "ACTION": all(facts["actions"]),
        "COMMUNICATE": all(was_said(wanted, said) for wanted in criteria.communicate),
    }
    if criteria.actions is None and criteria.assertions is None:
        found["DB"] = found["ENV_ASSERTION"] = True  # their evaluator then looks at nothing
    return {name: found[name] for name in criteria.scored}


def was_said(wanted: str, said: Sequence[str]) -> bool:
    return any(wanted.lower() in text.lower().replace(",", "") for text in said)


def verdict_of(
    criteria: Criteria | None, facts: Mapping[str, Any], gold: Mapping[str, Any], said: Sequence[str]
) -> Verdict:
    """The verdict on what was done. TASK_INVALID where gold steps raise, or where nothing can be scored without a model."""
    if criteria is None or not criteria.scored:
        return Verdict.task_invalid(
            "nothing of the reward basis can be scored without a model as judge", code="tau2.nothing_scored"
        )
    if gold["raised"]:
        first = gold["raised"][0]
        told = f"gold step {first['position']} ({first['action']}) raises {first['error']}: nobody knows the state that was wanted"
        return Verdict.task_invalid(told, code="tau2.gold_raises")
    found = held(criteria, facts, gold, said)
    parts = {name: Verdict.of(float(holds), code=f"tau2.{name.lower()}") for name, holds in found.items()}
    wrong = [name for name, holds in found.items() if not holds]
    parts |= {name: not_scored(name) for name in criteria.unscored}
    reason = f"{', '.join(wrong)} do not hold" if wrong else f"{', '.join(found)} hold"
    if criteria.unscored:
        reason += f"; {', '.join(criteria.unscored)} in its basis was not scored"
    code = "tau2.wrong" if wrong else "tau2.right_as_far_as_scored" if criteria.unscored else "tau2.right"
    return Verdict.of(float(not wrong), code=code, reason=reason, parts=parts)


def not_scored(name: str) -> Verdict:
    return Verdict.infra_error(
        f"{name} takes a model as judge, and none is asked", code="tau2.not_scored", attribution="verifier"
    )

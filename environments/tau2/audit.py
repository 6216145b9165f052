"""What is wrong with the tasks of a checkout: some pay an agent that does nothing, some have gold that raises or is not paid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from envgym.environments.tau2.checkout import Checkout
from envgym.environments.tau2.episode import Episode
from envgym.environments.tau2.judge import Criteria, held
from envgym.environments.tau2.server import TheirFailure, server_of
from envgym.task import canonical_json


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one task.

    `idle_holds` are the scored components that hold when nothing is done and nothing said. `raised` are the gold steps that raised.
    `gold_misses` are the scored components that do not hold after gold was played, and all that had to be said was said.
    """

    task: str
    scored: tuple[str, ...]
    unscored: tuple[str, ...]
    idle_holds: tuple[str, ...]
    raised: tuple[Mapping[str, Any], ...]
    gold_misses: tuple[str, ...]
    broken: str = ""
    """Why the task cannot be looked at: their code raises when it is set up, or when it is judged."""

    @property
    def pays_idle(self) -> bool:
        """Every scored component holds when nothing is done. Where there is also something unscored, that alone stands between."""
        return not self.broken and self.idle_holds == self.scored

    @property
    def pays_idle_in_full(self) -> bool:
        return self.pays_idle and not self.unscored

    @property
    def sound(self) -> bool:
        """Gold scores 1 and doing nothing scores 0, as far as can be scored."""
        return bool(self.scored) and not (self.broken or self.pays_idle or self.raised or self.gold_misses)


def find(task: Mapping[str, Any], survey: Mapping[str, Any]) -> Finding:
    """The finding on a task, in their form, from its survey."""
    criteria = Criteria.of(task)
    if criteria is None:
        return Finding(str(task["id"]), (), (), (), (), ())
    idle = held(criteria, survey["idle"], survey["gold"], said_before(task))
    played = held(criteria, survey["played"], survey["gold"], criteria.communicate)
    return Finding(
        task=str(task["id"]),
        scored=criteria.scored,
        unscored=criteria.unscored,
        idle_holds=tuple(name for name, holds in idle.items() if holds),
        raised=tuple(survey["gold"]["raised"]),
        gold_misses=tuple(name for name, holds in played.items() if not holds),
    )


def said_before(task: Mapping[str, Any]) -> list[str]:
    """What the agent had said in the conversation with which a task begins."""
    history = (task.get("initial_state") or {}).get("message_history") or []
    return [message["content"] for message in history if message["role"] == "assistant" and message.get("content")]


def survey_of(checkout: Checkout, domain: str, task: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is true of a task; looked at once in this process. Raises UsageError, EnvFailure."""
    known = server_of(checkout).surveys
    name = f"{domain} {canonical_json(dict(task)).decode()}"
    if name not in known:
        known[name] = Episode(checkout, domain, dict(task)).survey()
    return known[name]


def findings(checkout: Checkout, domain: str) -> list[Finding]:
    """Of every task of a domain. Raises UsageError, EnvFailure."""
    return [finding(checkout, domain, task) for task in server_of(checkout).domain(domain)["tasks"]]


def finding(checkout: Checkout, domain: str, task: Mapping[str, Any]) -> Finding:
    """Of one task. Raises UsageError, EnvFailure."""
    try:
        return find(task, survey_of(checkout, domain, task))
    except TheirFailure as error:
        return Finding(str(task["id"]), (), (), (), (), (), broken=str(error))


def summary(found: Iterable[Finding]) -> dict[str, Any]:
    """The figures of a domain, JSON-ready."""
    found = list(found)
    return {
        "tasks": len(found),
        "sound": sum(each.sound for each in found),
        "pays_idle": [each.task for each in found if each.pays_idle_in_full],
        "pays_idle_but_for_unscored": [each.task for each in found if each.pays_idle and not each.pays_idle_in_full],
        "db_holds_idle": [each.task for each in found if "DB" in each.idle_holds],
        "gold_raises": {each.task: [dict(step) for step in each.raised] for each in found if each.raised},
        "gold_steps_that_raise": sum(len(each.raised) for each in found),
        "gold_not_paid": {each.task: list(each.gold_misses) for each in found if each.gold_misses},
        "broken": {each.task: each.broken for each in found if each.broken},
        "with_unscored": sum(bool(each.unscored) for each in found),
    }

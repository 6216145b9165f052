"""Making certified tasks in bulk: item after item of a generated set, each certified or counted by the reason why not.

Items are pure functions of (domain, knobs, seed, index), so the result is the same whatever the number of workers.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count, islice
from typing import Any

from envgym import registry
from envgym.environments.tool_world.chain.levels import LEVELS
from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.errors import UsageError
from envgym.task import Task
from envgym.task_synth.golden_chain.certificate import certify
from envgym.task_synth.golden_chain.paraphrase import Paraphraser
from envgym.task_synth.golden_chain.variety import distinct_ngram_ratio
from envgym.task_synth.in_turn import in_turn
from envgym.task_synth.rejected import Rejected

Item = tuple[str, tuple[tuple[str, Any], ...], int, int]
"""Environment, knobs, seed, index."""
Candidate = tuple[Task | None, str]
PROMISED = 0.9
"""Share of the drafts that hold at least, in every domain."""
GIVE_UP = 20
"""Times the wanted number of tasks that are tried at most."""


@dataclass(slots=True)
class Report:
    """What came of a run."""

    tasks: list[Task] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "tasks": len(self.tasks),
            "rejected": dict(sorted(self.rejected.items())),
            "tasks_per_s": round(len(self.tasks) / self.seconds, 2) if self.seconds else 0.0,
            "distinct_ngram_ratio": round(distinct_ngram_ratio(task.public["request"] for task in self.tasks), 4),
        }


def synthesise(
    env_id: str,
    wanted: int,
    *,
    knobs: dict[str, Any],
    seed: int,
    workers: int = 1,
    paraphraser: Paraphraser | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Report:
    """`wanted` certified tasks, in the order of their items; certified again where their requests were paraphrased.

    Raises UsageError where the domain gives next to none, or the paraphraser does not answer.
    """
    report, started = Report(), time.perf_counter()
    settings = tuple(sorted(knobs.items()))
    for task, reason in in_turn(candidate, ((env_id, settings, seed, index) for index in count()), workers):
        if task is not None and paraphraser is not None:
            task, reason = _paraphrased(env_id, settings, task, paraphraser)
        if task is None:
            report.rejected[reason] += 1
        else:
            report.tasks.append(task)
            tick()
        if len(report.tasks) == wanted:
            break
        if sum(report.rejected.values()) + len(report.tasks) >= GIVE_UP * max(wanted, 5):
            raise UsageError(
                f"{env_id}: only {len(report.tasks)} of {GIVE_UP * wanted} drafts hold; rejected for {dict(report.rejected)}"
            )
    report.seconds = time.perf_counter() - started
    return report


def _paraphrased(env_id: str, settings: tuple[tuple[str, Any], ...], task: Task, paraphraser: Paraphraser) -> Candidate:
    """A task in other words, proved again; or the reason why it does not hold any more."""
    env = _environment(env_id, settings)
    made = paraphraser.reworded(env.domain, task)
    if made is task:
        return task, ""
    try:
        return made.model_copy(update={"certificate": certify(env, made)}), ""
    except Rejected as rejected:
        return None, f"paraphrased: {rejected.reason}"


def census(env_id: str, seeds: int, *, workers: int = 1, tick: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """How many of `seeds` drafts over the five levels hold, what was proved about them, and why others do not."""
    rejected, found = Counter[str](), Counter[str]()
    per_level = -(-seeds // len(LEVELS))
    items = ((env_id, (("level", level),), 0, index) for level in sorted(LEVELS) for index in range(per_level))
    for task, reason in in_turn(candidate, islice(items, seeds), workers):
        tick()
        if task is None:
            rejected[reason] += 1
            continue
        proved = task.certificate or {}
        caught = sum(proved["mutants"].values())
        found.update({"tasks": 1, "gold_ok": int(proved["gold"] == 1.0), "noop_zero": int(proved["idle"] == 0.0)})
        found.update({"grounded": int(proved["grounded"]), "recovery_ok": int(proved["recovery"] == 1.0)})
        found.update({"mutants": caught, "mutants_caught": caught, "mutants_equivalent": proved["equivalent"]})
    return {"seeds": seeds, **found, "rejected": dict(sorted(rejected.items()))}


def candidate(item: Item) -> Candidate:
    """One item, certified, or the reason why it is rejected; may run in a worker process."""
    env_id, knobs, seed, index = item
    env = _environment(env_id, knobs)
    try:
        task = env.taskset(seed)[index]
        return task.model_copy(update={"certificate": certify(env, task)}), ""
    except Rejected as rejected:
        return None, rejected.reason
    except UsageError as error:
        return None, "no draft" if "drafts" in str(error) else str(error)[:80]


@lru_cache(maxsize=8)
def _environment(env_id: str, knobs: tuple[tuple[str, Any], ...]) -> ToolWorld:
    env: ToolWorld = registry.make(env_id, **dict(knobs))
    return env

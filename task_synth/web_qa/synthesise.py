"""Making certified web questions in bulk: item after item of a generated set, each proved, none twice.

Items are pure functions of (corpus, knobs, seed, index), so the result is the same whatever the number of workers. Two questions are the
same when their query graphs are, in whatever order their clues stand and in whatever words they are said.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Any

from envgym.environments.web.qa.web_qa import WebQA
from envgym.environments.web.question.shortcut import REASONS
from envgym.errors import UsageError
from envgym.task import Task
from envgym.task_synth.golden_chain.paraphrase import Paraphraser
from envgym.task_synth.in_turn import in_turn
from envgym.task_synth.rejected import Rejected
from envgym.task_synth.web_qa.certificate import certify
from envgym.task_synth.web_qa.words import spoken

Item = tuple[str, int, int, int, int]
"""Corpus, hops, rounds, seed, index."""
GIVE_UP = 10
"""Times the wanted number of tasks that are tried at most."""


@dataclass(slots=True)
class Report:
    """What came of a run."""

    tasks: list[Task] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    """Drafts and items that were thrown away, by reason."""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        proved = [task.certificate or {} for task in self.tasks]
        mean = {
            name: round(sum(each[name] for each in proved) / len(proved), 2) if proved else 0.0
            for name in ("clues_before", "clues_after")
        }
        return {
            "tasks": len(self.tasks),
            "tasks_per_s": round(len(self.tasks) / self.seconds, 2) if self.seconds else 0.0,
            **{f"mean_{name}": figure for name, figure in mean.items()},
            "shortcut_rejected": sum(self.rejected[reason] for reason in REASONS),
            "answers": len({str(task.private["answer"]) for task in self.tasks}),
            "outlines": len({each["outline"] for each in proved}),
            "rejected": dict(sorted(self.rejected.items())),
        }


def synthesise(
    corpus: str,
    wanted: int,
    *,
    hops: int,
    rounds: int,
    seed: int = 0,
    workers: int = 1,
    paraphraser: Paraphraser | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Report:
    """`wanted` certified tasks over a corpus, in the order of their items; certified again where they were paraphrased.

    Raises UsageError where the corpus gives too few, or the paraphraser does not answer.
    """
    report, forms, started = Report(), set[str](), time.perf_counter()
    items = ((corpus, hops, rounds, seed, index) for index in count())
    for tried, (task, reason) in enumerate(in_turn(candidate, items, workers), start=1):
        if task is not None:
            report.rejected.update((task.certificate or {}).get("rejected", {}))
            task, reason = _once(task, forms)
        if task is not None and paraphraser is not None:
            task, reason = _paraphrased(task, paraphraser, corpus, hops, rounds)
        if task is None:
            report.rejected[reason] += 1
        else:
            report.tasks.append(task)
            tick()
        if len(report.tasks) == wanted:
            break
        if tried >= GIVE_UP * max(wanted, 5):
            raise UsageError(
                f"{corpus}: only {len(report.tasks)} of {tried} items hold; rejected for {dict(report.rejected)}"
            )
    report.seconds = time.perf_counter() - started
    return report


def candidate(item: Item) -> tuple[Task | None, str]:
    """One item, certified, or the reason why it is rejected; may run in a worker process."""
    corpus, hops, rounds, seed, index = item
    env = _environment(corpus, hops, rounds)
    task = env.taskset(seed)[index]
    try:
        return task.model_copy(update={"certificate": certify(env, task)}), ""
    except Rejected as rejected:
        return None, rejected.reason


def _once(task: Task, forms: set[str]) -> tuple[Task | None, str]:
    form = (task.certificate or {})["form"]
    if form in forms:
        return None, "asked before"
    forms.add(form)
    return task, ""


def _paraphrased(task: Task, paraphraser: Paraphraser, corpus: str, hops: int, rounds: int) -> tuple[Task | None, str]:
    """A task in other words, proved again, or as it was where those say something else."""
    env = _environment(corpus, hops, rounds)
    text = paraphraser.said_again(str(task.public["question"]), spoken(env.corpus.store, task))
    if text is None:
        return task, ""
    made = task.model_copy(update={"public": {**task.public, "question": text}})
    try:
        return made.model_copy(update={"certificate": certify(env, made)}), ""
    except Rejected as rejected:
        return None, f"paraphrased: {rejected.reason}"


@lru_cache(maxsize=4)
def _environment(corpus: str, hops: int, rounds: int) -> WebQA:
    return WebQA(corpus=corpus, hops=hops, rounds=rounds)

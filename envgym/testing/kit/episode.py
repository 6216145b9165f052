"""Environments on the kit's bench: the last reply of an episode is judged as a verifier judges it.

The sheet of an environment is made, not written: for a few of its tasks, what the oracle says must pass; nothing, an answer to another
task and hedges around the right one must not; and all the probes of the kit follow from there. Only environments that are answered with
one reply (AnswerEnv) have such a sheet; the acts of the others are judged by the laws (`envgym check`).
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from envgym import registry
from envgym.answer_env import AnswerEnv
from envgym.env import AgentEnv
from envgym.errors import EnvFailure, UsageError
from envgym.message import as_assistant, text_of
from envgym.task import Task
from envgym.testing.kit.probes import AROUND
from envgym.testing.kit.sheet import Case, Expectation, Sheet
from envgym.verdict import Outcome, Verdict

TASKS = 3
NOT_PAID = Expectation(most=0.0)
WAIVED = {
    "golden.has_fail": "a wrong answer of the right form is not known for every environment",
    "golden.has_malformed": "whether a reply is malformed or wrong is the environment's to say",
}


def judge(reply: str, gold: dict[str, Any], *, env: str) -> Verdict:
    """The verdict of an episode of `env` on the task `gold` (its JSON form) in which `reply` is all that the agent says."""
    world = _world(env)
    world.reset(options={"task": Task.model_validate(gold)})
    with suppress(EnvFailure):  # raised where the verdict has no score: we are asked for that verdict
        world.step(reply)
    return world.verify()


judge.needs = ("worker",)  # type: ignore[attr-defined]  # where one has none, there is none to kill


@lru_cache(maxsize=1)
def _world(env: str) -> AgentEnv:
    world: AgentEnv = registry.make(env)
    return world


def environment_sheet(env: str, *, seed: int = 0, limit_s: float = 2.0) -> Sheet:
    """The sheet of a registered environment. Raises UsageError where it is not answered with one reply or has no oracle."""
    world = registry.make(env)
    if not isinstance(world, AnswerEnv):
        raise UsageError(f"{env} is not answered with one reply; try: envgym check {env}")
    try:
        cases = tuple(_cases(world, seed))
    finally:
        world.close()
    settings = {"verifier": f"{__name__}:judge", "options": {"env": env}, "waive": WAIVED, "limit_s": limit_s}
    return Sheet.model_validate({**settings, "cases": cases, "path": Path(env)})


def _cases(world: AnswerEnv, seed: int) -> Iterator[Case]:
    tasks = world.taskset(seed)
    said = [_golden(world, tasks[index]) for index in range(TASKS + 1)]
    for index in range(TASKS):
        gold, right, other = tasks[index].model_dump(mode="json"), said[index], said[index + 1]
        yield Case(id=f"oracle {index}", reply=right, gold=gold, expect=Expectation(outcome=Outcome.PASS))
        if other != right:
            yield Case(id=f"other task {index}", reply=other, gold=gold, expect=Expectation(most=0.999))
            if "\n" not in right:
                words = dict(zip(("gold", "other", "third"), map(_bare, (right, other, said[index - 1])), strict=True))
                for name, text in AROUND.items():
                    yield Case(id=f"{name} {index}", reply=text.format(**words), gold=gold, expect=NOT_PAID)


def _bare(reply: str) -> str:
    """The answer without its box or tags: they say that what is inside is the answer, whatever stands around them."""
    marked = re.fullmatch(r"\s*(?:\\boxed\{(.*)\}|<answer>(.*)</answer>)\s*", reply)
    return (marked[1] or marked[2] or "") if marked else reply


def _golden(world: AnswerEnv, task: Task) -> str:
    world.reset(options={"task": task})
    actions = list(world.oracle())
    if not actions:
        raise UsageError(f"{world.id} has no oracle for task {task.id}; the kit needs right answers to start from")
    return text_of(as_assistant(actions[-1]))

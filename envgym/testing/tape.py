"""Episodes as text, so that two of them are equal byte for byte or differ at a place that can be named.

A tape has one JSON line per moment: the reset, every step, the verdict. Keys keep their order: a world whose answer depends on the
order of a set differs between processes, and so does its tape.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from envgym.env import AgentEnv
from envgym.message import Action, Observation
from envgym.task import Task
from envgym.testing.subject import LawBroken
from envgym.verdict import Verdict

Tape = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """One step and what came of it. `number` counts from 1."""

    number: int
    observation: Observation
    reward: Any
    terminated: Any
    truncated: Any
    info: dict[str, Any]

    @property
    def over(self) -> bool:
        return bool(self.terminated or self.truncated)

    @property
    def line(self) -> str:
        return line(
            f"step {self.number}",
            observation=self.observation,
            reward=self.reward,
            terminated=self.terminated,
            truncated=self.truncated,
            info=self.info,
        )


def walk(env: AgentEnv, actions: Iterable[Action]) -> Iterator[Moment]:
    """Plays `actions` from where `env` stands, until they or the episode end."""
    for number, action in enumerate(actions, 1):
        moment = Moment(number, *env.step(action))
        yield moment
        if moment.over:
            return


def record(env: AgentEnv, task: Task, actions: Iterable[Action], *, seed: int) -> Tape:
    """Resets `env` to `task` and plays `actions`: the reset, the steps, the verdict."""
    return (opening(env, seed=seed, options={"task": task}), *play_on(env, actions))


def opening(env: AgentEnv, *, seed: int | None = None, options: dict[str, Any] | None = None) -> str:
    """A reset: the task that is played, what the agent sees, what it may call."""
    observation, info = env.reset(seed=seed, options=options)
    task = env.task.hash if env.task is not None else None
    return line("the reset", observation=observation, info=info, tools=env.tools(), task=task)


def play_on(env: AgentEnv, actions: Iterable[Action]) -> Tape:
    """The steps and the verdict of `actions`, from where `env` stands."""
    return (*(moment.line for moment in walk(env, actions)), line("the verdict", **judged(env.verify())))


def future(env: AgentEnv, actions: Iterable[Action]) -> Tape:
    """What is to come: what the agent sees now, the steps and the verdict of `actions`, and the task that the random stream gives next."""
    return (line("what it sees", observation=env.observe()), *play_on(env, actions), opening(env))


def judged(verdict: Verdict) -> dict[str, Any]:
    """A verdict without what it cost: clocks differ, decisions do not."""
    return verdict.model_dump(mode="json", exclude={"cost"})


def line(moment: str, **parts: Any) -> str:
    """One moment as JSON. Raises LawBroken where something in it is no JSON value."""
    try:
        return f"{moment}: {json.dumps(parts)}"
    except (TypeError, ValueError) as error:
        raise LawBroken(f"{moment} holds something that is no JSON value: {error}") from None


def require_same(one: Sequence[str], two: Sequence[str], what: str) -> None:
    """Raises LawBroken, naming the first place, where two tapes differ. `what` says whose they are."""
    for before, after in zip_longest(one, two, fillvalue="(nothing: the episode is over)"):
        if before != after:
            pairs = enumerate(zip(before, after, strict=False))
            at = next((i for i, (a, b) in pairs if a != b), min(len(before), len(after)))
            moment = before.partition(":")[0]
            raise LawBroken(f"{what}: {moment} differs at character {at}: {around(before, at)} / {around(after, at)}")


def around(text: str, at: int) -> str:
    """The text at a place, quoted."""
    start = max(0, at - 20)
    return repr(f"{'…' if start else ''}{text[start : at + 60]}{'…' if at + 60 < len(text) else ''}")

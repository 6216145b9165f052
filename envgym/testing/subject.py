"""The environment under examination, as a law gets it: fresh instances, tasks, scripts of actions, and a clock.

A law raises LawBroken and says exactly what was seen. Any other exception breaks the law too, with its type and message. `each_task`
ends early when a law has used up its time, so that a slow world is looked at on fewer tasks, never on none.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any

from envgym.env import AgentEnv
from envgym.errors import EnvgymError, UsageError
from envgym.message import Action
from envgym.task import Task, derive_seed

IDLE = "I am thinking about it."
LONGEST_SCRIPT = 40
"""Random actions in one script: enough to reach every corner that chance reaches, where a limit of turns is generous."""


class LawBroken(EnvgymError):
    """A law does not hold. The text says what was seen: which task, which step, what differs."""


@dataclass
class Subject:
    """One environment. `build` makes a fresh instance, `path` is how another process finds it, `entry_point` how gymnasium does in this
    one: None where they cannot."""

    build: Callable[..., AgentEnv]
    path: str | None
    entry_point: str | None
    seed: int
    count: int
    budget_s: float
    knobs: Mapping[str, Any]
    made: list[AgentEnv] = field(default_factory=list)
    started: float = 0.0
    looked_at: int = 0

    def make(self) -> AgentEnv:
        """A fresh instance; the kit closes it after the law."""
        env = self.build(**self.knobs)
        if not isinstance(env, AgentEnv):
            raise UsageError(f"expected something that makes an AgentEnv; it made a {type(env).__name__}")
        self.made.append(env)
        return env

    def begin_law(self) -> None:
        self.started, self.looked_at = perf_counter(), 0

    def close_all(self) -> None:
        """Closes what the last law made. Raises the first error, once everything was tried."""
        errors: list[Exception] = []
        while self.made:
            try:
                self.made.pop().close()
            except Exception as error:  # noqa: BLE001  # raised below
                errors.append(error)
        if errors:
            raise errors[0]

    # ---- tasks

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The first tasks of the environment's own set."""
        tasks = self.make().taskset(self.seed)
        count = self.count if tasks.size is None else min(self.count, tasks.size)
        if count == 0:
            raise UsageError("there is no task to check the environment on")
        return tuple(tasks[index] for index in range(count))

    @cached_property
    def generated(self) -> bool:
        """Whether the tasks come from a generator."""
        return self.make().taskset(self.seed).size is None

    def each_task(self) -> Iterator[Task]:
        """The tasks, as many as the time of one law allows, and one at least."""
        for task in self.tasks:
            if self.looked_at and self.out_of_time:
                return
            self.looked_at += 1
            yield task

    @property
    def out_of_time(self) -> bool:
        return perf_counter() - self.started > self.budget_s

    def start(self, task: Task, env: AgentEnv | None = None) -> AgentEnv:
        """An environment, fresh unless one is given, at the beginning of `task`."""
        env = self.make() if env is None else env
        env.reset(seed=self.seed, options={"task": task})
        return env

    # ---- scripts

    def scripts(self, task: Task) -> dict[str, list[Action]]:
        """Actions to play on `task`, by who would play them: the oracle (where there is one), chance, and nobody.

        None goes on after the end of the episode.
        """
        if task.hash not in self._scripts:
            rng = random.Random(derive_seed("random script", self.seed, task.hash))
            players: dict[str, Callable[[AgentEnv], Iterator[Action]]] = {
                "oracle": golden,
                "random": lambda env: (env.random_action(rng) for _ in range(LONGEST_SCRIPT)),
                "idle": lambda env: iter([IDLE, IDLE]),
            }
            played = {who: self._played(task, player) for who, player in players.items()}
            self._scripts[task.hash] = {who: script for who, script in played.items() if script}
        return self._scripts[task.hash]

    def busiest(self, task: Task) -> list[Action]:
        """The longest script."""
        return max(self.scripts(task).values(), key=len)

    @cached_property
    def _scripts(self) -> dict[str, dict[str, list[Action]]]:
        return {}

    def _played(self, task: Task, player: Callable[[AgentEnv], Iterator[Action]]) -> list[Action]:
        """What a player does on `task`, up to the end of the episode."""
        env = self.start(task)
        script: list[Action] = []
        for action in player(env):
            script.append(action)
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                break
        return script


def golden(env: AgentEnv) -> Iterator[Action]:
    """The oracle's actions; none where there is no oracle: it is for `oracle_scores_one` to say so."""
    try:
        yield from env.oracle()
    except UsageError:
        return

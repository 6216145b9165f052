"""Noisy: an environment with tools in which calls fail, results are spoilt and requests are badly written.

It holds another ToolEnv (`env`) and is one itself, under every law of the contract: the same tasks, tools and scores, and its oracle is
one that gets over the faults. It is no gymnasium.Wrapper: `unwrapped` would take the noise off, and scaffolds and runs hold a ToolEnv.
The verdict gets parts that say how the agent dealt with the faults. What happened to which call is in the `info` of each step and in the
verdict, never in what the agent sees.
"""

import random
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np

from envgym.env import Snapshot, StepResult
from envgym.errors import InvalidAction, UsageError
from envgym.message import Action, Message, Observation, ToolCall, ToolSpec, tool_result
from envgym.noise.grade import graded
from envgym.noise.interference import Answer, Interference, Made
from envgym.noise.joined_state import joined, parted
from envgym.noise.kinds import kinds_of
from envgym.noise.memory import Call, Memory
from envgym.noise.recovery import Recovery
from envgym.noise.request_text import literals_in
from envgym.noise.schedule import Schedule
from envgym.noise.settings import with_noise
from envgym.task import TaskSet, canonical_json
from envgym.tool_env import MAX_CALLS, NOT_DONE, Tool, ToolEnv, checked_arguments
from envgym.verdict import Verdict

SHARED = ("id", "version", "blocking", "costly", "max_turns", "toolbox", "waived_laws", "found_by_tools")
"""What a Noisy says of itself is what its environment says."""


class Noisy(ToolEnv):
    """`env` with noise. `level`: the chance of a fault per call; `budget`: faults per episode; `kinds`: names, empty for all."""

    id = "noisy"
    fixtures: ClassVar[frozenset[str]] = ToolEnv.fixtures | {"env", "schedule", *SHARED}

    def __init__(
        self, env: ToolEnv, *, level: float = 0.2, seed: int = 0, budget: int = 3, kinds: tuple[str, ...] = ()
    ) -> None:
        if not isinstance(env, ToolEnv):
            raise UsageError(f"noise is for environments with tools; {type(env).__name__} is no ToolEnv")
        self.env = env
        self.__dict__.update({name: getattr(env, name) for name in SHARED})  # class variables elsewhere
        super().__init__(render_mode=env.render_mode)
        self.knobs = with_noise(env.knobs, level=level, seed=seed, budget=budget, kinds=kinds)
        self.schedule = Schedule(level, seed, budget, kinds_of(kinds))
        self.memory = Memory()

    # ---- episodes

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        self._running = False
        observation, info = self.env.reset(seed=seed, options=options)
        self.task, self.verdict, self.turn, self.told_error, self.run_failed = self.env.task, None, 0, "", None
        self.env.told_error = ""
        self.memory = Memory()
        self._observation = self.schedule.rewritten(observation, self._literals())
        self._running = True
        return self._observation, info

    def _literals(self) -> Iterator[str]:
        """What a request may quote: the task's own values, and the names of tools."""
        if self.task is not None:
            yield from literals_in([self.task.public, self.task.private])
        yield from self.offered()

    def step(self, action: Action) -> StepResult:
        before = len(self.memory.log)
        observation, reward, terminated, truncated, info = super().step(action)
        faults = [entry.as_info() for entry in self.memory.log[before:] if entry.kind]
        return observation, reward, terminated, truncated, {**info, "faults": faults} if faults else info

    @property
    def turn_limit(self) -> int:
        """The environment's own, and the turns that a careful agent needs to get over the faults so far."""
        return self.env.turn_limit + self.memory.turns_given_back

    def respond(self, message: Message) -> tuple[Observation, bool]:
        """Makes one call after the other. `env` keeps what its tools said, for its oracle; the agent gets what the noise left."""
        self.env.turn, self.run_failed = self.turn, None
        calls = message.get("tool_calls")
        if not calls or len(calls) > MAX_CALLS:
            return self.env.respond(message)
        shown: list[Message] = []
        said: list[Message] = []
        besides: list[Message] = []
        ended = False
        for each in calls:
            answer = Answer(None, NOT_DONE) if ended else self._answer(each)
            instead = (tool_result(each["id"], answer.instead),) if answer.instead else ()
            result, *more = answer.made.said if answer.made is not None else instead
            shown += instead or (result,)
            said.append(result)
            besides += more
            ended = ended or (answer.made is not None and answer.made.ended)
        self.env._observation, self.env.run_failed = (*said, *besides), self.run_failed
        return (*shown, *besides), ended

    def _answer(self, tool_call: ToolCall) -> Answer:
        call = self._call(tool_call)
        if call is None:  # the tool itself says what is wrong with it
            return Answer(self._made(tool_call))
        task = self.task.key if self.task is not None else ""
        noise = Interference(self.schedule, self.memory, task, self.turn, self._told)
        return noise.carry_out(call, lambda: self._made(tool_call))

    def _told(self, text: str) -> str:
        return self.env.tell(InvalidAction(text, code="tool.unavailable"))

    def _call(self, tool_call: ToolCall) -> Call | None:
        """A call that can be made; None where the tool is unknown or its arguments do not fit."""
        name, offered = tool_call["function"]["name"], self.offered()
        entry = offered.get(name)
        if entry is None:
            return None
        try:
            values = checked_arguments(entry, tool_call["function"]["arguments"])
        except InvalidAction:
            return None
        fallback = self.env.fallbacks.get(name, "")
        return Call(
            name,
            entry,
            canonical_json(values).decode(),
            fallback if fallback in offered else "",
            lambda: self.env.was_done(tool_call),
        )

    def _made(self, tool_call: ToolCall) -> Made:
        """Has `env` make one call."""
        try:
            said, ended = self.env.respond({"role": "assistant", "content": None, "tool_calls": [tool_call]})
        except InvalidAction as error:
            said, ended = (tool_result(tool_call["id"], self.env.tell(error)),), False
            self.env.told_error = error.code
        refused, self.env.told_error = self.env.told_error, ""
        self.told_error = refused or self.told_error
        if self.env.run_failed is not None:
            self.run_failed = self.env.run_failed
        return Made(said, ended, bool(refused))

    def verify(self) -> Verdict:
        """The environment's verdict; its score is untouched by how the faults were dealt with."""
        return graded(self.env.verify(), self.memory.log)

    def oracle(self) -> Iterator[Action]:
        """The environment's oracle, by an agent that gets over every fault."""
        return Recovery(self).play(self.env.oracle())

    def close(self) -> None:
        self.env.close()
        super().close()

    # ---- snapshots

    def snapshot(self) -> Snapshot:
        """The state of the environment and of the noise in it."""
        mine = {name: value for name, value in self.__dict__.items() if name not in self.fixtures}
        return joined(mine, self.env)

    def restore(self, snapshot: Snapshot) -> None:
        mine = parted(snapshot, self.env)
        for name in [name for name in self.__dict__ if name not in self.fixtures]:
            del self.__dict__[name]
        self.__dict__.update(mine)
        self.task = self.env.task

    def fork(self) -> Self:
        twin = object.__new__(type(self))
        twin.__dict__.update({name: self.__dict__[name] for name in self.fixtures if name in self.__dict__})
        twin.env = self.env.fork()
        twin.restore(self.snapshot())
        return twin

    # ---- what the environment says

    def taskset(self, seed: int = 0) -> TaskSet:
        return self.env.taskset(seed)

    def tools(self) -> list[ToolSpec]:
        return self.env.tools()

    def offered(self) -> Mapping[str, Tool]:
        return self.env.offered()

    def random_action(self, rng: random.Random) -> Action:
        return self.env.random_action(rng)

    def places_of(self, call: ToolCall) -> list[str]:
        return self.env.places_of(call)

    def holds_tests(self, place: str) -> bool:
        return self.env.holds_tests(place)

    def was_done(self, call: ToolCall) -> bool | None:
        return self.env.was_done(call)

    def look_for(self, call: ToolCall) -> Message | None:
        return self.env.look_for(call)

    @property
    def np_random(self) -> np.random.Generator:
        return self.env.np_random

    @np_random.setter
    def np_random(self, value: np.random.Generator) -> None:
        self.env.np_random = value

    @property
    def np_random_seed(self) -> int:
        return self.env.np_random_seed

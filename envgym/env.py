"""AgentEnv: one resettable world with one task in it, as a real `gymnasium.Env`.

Observations are the chat messages that are new since the last action; actions are assistant messages. `step` never raises for what
the agent did: that is told in the observation and costs a turn. The reward is 0 until the last step, which pays `verify().score`;
where the verdict has no score, `step` raises EnvFailure instead, so a broken world is never read as 0.0.

An author writes `generate` (or brings tasks), `begin`, `respond`, `verify` and, where one is known, `oracle`. AnswerEnv and ToolEnv
write `respond`.
"""

import inspect
import pickle
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import gymnasium
import numpy as np
from gymnasium.utils import seeding
from pydantic import BaseModel, ConfigDict, ValidationError

from envgym.errors import EnvFailure, InvalidAction, UnknownId, UsageError
from envgym.message import Action, Message, Observation, ToolSpec, as_assistant, text_of, user
from envgym.spaces import ActionSpace, MessageSpace, draw_action
from envgym.task import GeneratedTasks, MissingField, Task, TaskFields, TaskList, TaskSet, faults_of
from envgym.verdict import Verdict

SNAPSHOT_VERSION = 1
StepResult = tuple[Observation, float, bool, bool, dict[str, Any]]


class EnvKnobs(BaseModel):
    """Settings of an environment: difficulty, sources, limits. Part of the identity of its generated tasks."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An episode in the middle, as bytes. `state` is a pickle: restore only snapshots that you made."""

    env: str
    version: int
    task: Task | None
    state: bytes


class AgentEnv(gymnasium.Env[Observation, Action]):
    """The contract of every environment. `reset(options={"task": Task | task id})` plays a given task."""

    id: ClassVar[str]
    version: ClassVar[str] = "1"
    blocking: ClassVar[bool] = False
    """True: a step may take long or wait, so the rollout engine runs it in a worker thread of its own."""
    costly: ClassVar[bool] = False
    """True: an episode takes sandboxes and seconds, so demonstrations and checks play few."""
    max_turns: ClassVar[int] = 10
    """Actions until the episode is truncated, where the task sets no limit."""
    fixtures: ClassVar[frozenset[str]] = frozenset(
        {"knobs", "render_mode", "spec", "observation_space", "action_space", "_given", "task"}
    )
    """Attributes that are no part of an episode's state: shared by forks, left out of snapshots."""

    waived_laws: ClassVar[Mapping[str, str]] = {}
    """Laws that cannot hold here, with the reason; `envgym check` shows it. Only the oracle's and the snapshots' can be waived."""
    found_by_tools: ClassVar[frozenset[str]] = frozenset()
    """Private fields of a task that its tools are there to show, such as the hidden files of a world."""

    particulars: ClassVar[Mapping[str, Any]] = {}
    """What `envgym list --json` tells besides, such as the number of tables of a world."""

    shown_also: ClassVar[Mapping[str, Any]] = {}
    """Knobs under which a demonstration plays one episode more, such as another backend."""

    told_error: str = ""
    """Code of what the agent was told in this turn that it did wrong; `respond` may set it."""
    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 4, "envgym_api": 1}
    Knobs: ClassVar[type[EnvKnobs]] = EnvKnobs
    Public: ClassVar[type[BaseModel] | None] = None
    """Shape of a task's public half, where the author states one: tasks from files are checked against it."""
    Private: ClassVar[type[BaseModel] | None] = None
    knobs: Any

    def __init__(
        self, *, tasks: TaskSet | Sequence[Task] | None = None, render_mode: str | None = None, **knobs: Any
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise UsageError(f"render_mode {render_mode!r}: expected one of {self.metadata['render_modes']}")
        self.knobs = make_knobs(type(self), knobs)
        self.render_mode = render_mode
        self._given: TaskSet | None = TaskList(tasks) if isinstance(tasks, Sequence) else tasks
        self.task: Task | None = None
        self.verdict: Verdict | None = None
        self.turn = 0
        self._running = False
        self._observation: Observation = ()
        self._seed_of_rng: int | None = None
        self._rng: np.random.Generator | None = None
        self.observation_space = MessageSpace()
        self.action_space = ActionSpace(self.tools())

    # ---- what an author writes

    def generate(self, rng: random.Random) -> TaskFields:
        """The fields of a new task, drawn from `rng` alone."""
        raise UsageError(f"{self.id} generates no tasks; give it some: {type(self).__name__}(tasks=[...])")

    def begin(self, task: Task) -> str | Message | Sequence[Message]:
        """Sets the world up for `task` and says what the agent sees first."""
        raise UsageError(f"{type(self).__name__} needs begin(task)")

    def respond(self, message: Message) -> tuple[Observation, bool]:
        """Carries out a well-formed reply: what the agent sees next, and whether the episode has ended.

        Raises InvalidAction, with nothing changed, for what cannot be done; the text is told to the agent.
        """
        raise UsageError(f"{type(self).__name__} needs respond(message)")

    def verify(self) -> Verdict:
        """Judges the world as it stands. Repeatable, changes nothing, out of the agent's reach."""
        raise UsageError(f"{type(self).__name__} needs verify()")

    def oracle(self) -> Iterator[Action]:
        """A golden solution of the current task, one action at a time; it may look at the world between them."""
        raise UsageError(f"{self.id} has no oracle for this task")

    def tools(self) -> list[ToolSpec]:
        """What the agent may call now."""
        return []

    def random_action(self, rng: random.Random) -> Action:
        """A plausible action that knows nothing: the floor that a real policy must beat."""
        return draw_action(self.tools(), rng)

    @classmethod
    def check_task(cls, task: Task) -> None:
        """Raises UsageError, naming the field, when this environment cannot play `task`."""
        if task.env != cls.id:
            raise UsageError(f"env: the task is for {task.env!r}, not for {cls.id!r}")
        for half, shape in (("public", cls.Public), ("private", cls.Private)):
            try:
                if shape is not None:
                    shape.model_validate(getattr(task, half))
            except ValidationError as error:
                raise UsageError(faults_of(error, half)) from None

    # ---- episodes

    @classmethod
    def blocks(cls, knobs: Mapping[str, Any]) -> bool:
        """Whether it is `blocking` under these settings."""
        return cls.blocking

    @classmethod
    def said_later(cls, task: Task) -> str:
        """What a user of `task` says of its own accord in the course of the episode, and is no secret therefore."""
        return ""

    @classmethod
    def require(cls) -> None:
        """Raises UsageError that says how to get what this machine lacks to play it, such as a browser."""

    def taskset(self, seed: int = 0) -> TaskSet:
        """The tasks that were given, else an endless generated set."""
        if self._given is not None:
            return self._given
        return GeneratedTasks(self.id, self.knobs.model_dump(mode="json"), self.generate, seed=seed)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Starts an episode. Without a task in `options` one is drawn from the environment's own random stream.

        Raises UsageError for unknown options and for a task of another environment.
        """
        if seed is not None:
            self._seed_of_rng, self._rng = seed, None
        self.task = self._choose_task(options or {})
        self._running = False
        self.verdict = None
        self.turn = 0
        try:
            first = self.begin(self.task)
        except MissingField as missing:
            raise UsageError(f"task {self.task.id!r} of {self.id} lacks the field {missing.args[0]!r}") from missing
        self._observation = (user(first),) if isinstance(first, str) else as_observation(first)
        self._running = True
        return self._observation, {}

    def observe(self) -> Observation:
        """What the last reset or step returned."""
        return self._observation

    def step(self, action: Action) -> StepResult:
        """Plays one reply. Raises UsageError before reset and after the end, EnvFailure when nothing can be judged."""
        self._require_running()
        self.told_error = ""
        try:
            message = as_assistant(action)
            observation, ended = self.respond(message)
        except InvalidAction as told:
            observation, ended, self.told_error = (user(str(told)),), False, told.code
        return self._close_turn(observation, ended)

    def refuse(self, error: InvalidAction) -> StepResult:
        """Spends a turn on a reply that never became an action: `error` is told, nothing else changes."""
        self._require_running()
        self.told_error = error.code
        return self._close_turn((user(str(error)),), False)

    def _close_turn(self, observation: Observation, ended: bool) -> StepResult:
        self._observation = observation
        self.turn += 1
        info: dict[str, Any] = {"error": self.told_error} if self.told_error else {}
        truncated = not ended and self.turn >= self.turn_limit
        if not (ended or truncated):
            return observation, 0.0, False, False, info
        self._running = False
        verdict = self.verdict = self.verify()
        score = verdict.score
        if score is None:
            raise EnvFailure(f"{self.id}: no verdict ({verdict.code}): {verdict.reason}")
        return observation, score, ended, truncated, info

    @property
    def turn_limit(self) -> int:
        """Actions until the running episode is truncated."""
        task = self.task
        return (task.limits.turns if task is not None else None) or self.max_turns

    def _require_running(self) -> None:
        if not self._running:
            state = "the episode has ended" if self.task is not None else "no episode was started"
            raise UsageError(f"{self.id}: {state}; call reset() first")

    def _choose_task(self, options: Mapping[str, Any]) -> Task:
        for name in options:
            if name != "task":
                raise UnknownId.of("reset option", name, ["task"])
        wanted = options.get("task")
        if isinstance(wanted, str):
            return self.taskset(*_seed_in(wanted)).find(wanted)
        if isinstance(wanted, Task):
            if wanted.env != self.id:
                raise UsageError(f"task {wanted.id!r} belongs to {wanted.env!r}, not to {self.id!r}")
            return wanted
        if wanted is not None:
            raise UsageError(f"options['task'] is a Task or a task id, not {type(wanted).__name__}")
        tasks = self.taskset(int(self.np_random.integers(2**31)))
        if tasks.size == 0:
            raise UsageError(f"{self.id} was given an empty task set")
        return tasks[int(self.np_random.integers(tasks.size or 2**31))]

    # ---- snapshots

    def snapshot(self) -> Snapshot:
        """The whole state of the episode, the random stream included."""
        if self._seed_of_rng is None:
            self._rng, self._seed_of_rng = seeding.np_random(
                None
            )  # or each restored copy would draw a stream of its own
        state = {name: value for name, value in self.__dict__.items() if name not in self.fixtures}
        return Snapshot(self.id, SNAPSHOT_VERSION, self.task, pickle.dumps(state, protocol=5))

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to `snapshot`. Raises UsageError for one of another environment or version."""
        if snapshot.env != self.id or snapshot.version != SNAPSHOT_VERSION:
            raise UsageError(f"a snapshot of {snapshot.env!r} version {snapshot.version} does not fit {self.id!r}")
        for name in [name for name in self.__dict__ if name not in self.fixtures]:
            del self.__dict__[name]
        self.__dict__.update(pickle.loads(snapshot.state))
        self.task = snapshot.task

    def fork(self) -> Self:
        """An independent copy in the middle of the episode; tasks, knobs and other fixtures are shared."""
        twin = object.__new__(type(self))
        twin.__dict__.update({name: self.__dict__[name] for name in self.fixtures if name in self.__dict__})
        twin.restore(self.snapshot())
        return twin

    # ---- gymnasium

    def render(self) -> Any:
        """With render_mode "ansi": the last observation as text."""
        if self.render_mode is None:
            return None
        return "\n".join(f"[{message['role']}] {text_of(message)}" for message in self._observation)

    @property
    def np_random(self) -> np.random.Generator:
        """The environment's only random stream. Made on first use: most episodes never draw from it."""
        if self._rng is None:
            self._rng, self._seed_of_rng = seeding.np_random(self._seed_of_rng)
        return self._rng

    @np_random.setter
    def np_random(self, value: np.random.Generator) -> None:
        self._rng, self._seed_of_rng = value, -1

    @property
    def _np_random(self) -> np.random.Generator:  # type: ignore[override]  # gymnasium's check_env reads it
        return self.np_random

    @property
    def np_random_seed(self) -> int:
        """Seed of `np_random`; -1 when the stream was set from outside."""
        if self._seed_of_rng is None:
            self._rng, self._seed_of_rng = seeding.np_random(None)
        return self._seed_of_rng

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.task.id if self.task else 'without a task'}>"


def as_observation(first: Message | Sequence[Message]) -> Observation:
    return (first,) if isinstance(first, Mapping) else tuple(first)


def make_knobs(env: type[AgentEnv], given: Mapping[str, Any]) -> EnvKnobs:
    """Checked settings of `env`. Raises UsageError naming the knob, what was expected, and near names for unknown ones."""
    known = env.Knobs.model_fields
    unknown = [name for name in given if name not in known]
    if unknown:
        raise UnknownId.of(f"setting of {env.id}", unknown[0], known or ["(it has none)"])
    try:
        return env.Knobs(**given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{env.id}: {where}={first['input']!r}: {first['msg']}") from error


def _seed_in(task_id: str) -> tuple[int, ...]:
    """The seed that a generated id such as '7-12' names, else nothing."""
    seed = task_id.rpartition("-")[0]
    return (int(seed),) if seed.isdigit() else ()


def describe(env: type[AgentEnv]) -> str:
    """The first sentence of an environment's documentation."""
    text = inspect.getdoc(env) or inspect.getdoc(inspect.getmodule(env)) or ""
    return text.split("\n\n")[0].replace("\n", " ")

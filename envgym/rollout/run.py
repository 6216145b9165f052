"""What to run: everything that decides the content of a run, and the plan of its episodes.

Episode i is a pure function of (run, i): its task, the seed of its world and the seed of its policy are derived from the run's seed by
hashing, never from the order in which episodes happen to be played. `fingerprint` names the run; two runs of one fingerprint give the
same bytes, and a file of trajectories can only be resumed by the run that began it.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from envgym.env import AgentEnv
from envgym.errors import EnvgymError, UsageError, told
from envgym.policy.policy import Policy
from envgym.registry import environments, policies, scaffolds
from envgym.scaffold import Scaffold
from envgym.task import Seeds, Task, TaskList, TaskSet, canonical_json, derive_seed
from envgym.trajectory import Trajectory


@dataclass(frozen=True)
class Run:
    """Tasks x scaffold x policy. Everything has a default but the environment."""

    env: str | Callable[..., AgentEnv]
    """Registered id, `module:Class`, `file.py:Class`, or a callable that makes one."""
    policy: str | Policy = "oracle"
    scaffold: str | Sequence[str] = "function_calling"
    """One id or path, or several of which each group is given one by the seed."""
    episodes: int | None = None
    """None: every given task once per group member; 1 group where tasks are generated without end."""
    group_size: int = 1
    """Episodes per task, from the same initial state."""
    seed: int = 0
    knobs: Mapping[str, Any] = field(default_factory=dict)
    tasks: TaskSet | Sequence[Task] | None = None
    concurrency: int = 64
    """Episodes in flight in one process."""
    step_s: float = 120.0
    """Deadline of one model call and of one step of a blocking environment, in seconds."""
    episode_s: float = 3600.0
    """Deadline of one episode, in seconds; a task's own limit wins."""
    retries: int = 2
    """Further attempts, each on a fresh world, after the world failed."""
    backoff_s: float = 0.2
    """Pause before the first retry; doubles each time."""
    max_failure_share: float = 0.3
    """The run stops when more than this share of its episodes failed, once 20 are over."""
    temperature: float | None = None
    max_tokens: int | None = None
    """Sampled tokens per model call."""

    def __post_init__(self) -> None:
        for name, least in (("group_size", 1), ("concurrency", 1), ("retries", 0)):
            if getattr(self, name) < least:
                raise UsageError(f"{name}={getattr(self, name)} must be at least {least}")
        for name in ("step_s", "episode_s"):
            if not getattr(self, name) > 0:
                raise UsageError(f"{name}={getattr(self, name)} must be a positive number of seconds")
        if not 0 <= self.max_failure_share <= 1:
            raise UsageError(f"max_failure_share={self.max_failure_share} is a share: between 0 and 1")
        if self.temperature is not None and not 0 <= self.temperature < float("inf"):
            raise UsageError(f"temperature={self.temperature} must be a number from 0 up")
        if not self.scaffold:
            raise UsageError("scaffold is empty; name at least one")
        if not isinstance(self.policy, str | Policy):
            raise UsageError(f"policy={self.policy!r} is no Policy; give an id or an instance, like MyPolicy()")
        if isinstance(self.tasks, Sequence) and not self.tasks:
            raise UsageError("tasks is empty")
        if self.episodes is not None and self.episodes < 0:
            raise UsageError(f"episodes={self.episodes} must not be negative")

    def __getstate__(self) -> dict[str, Any]:
        """The settings alone: what was derived from them is made again where it is needed."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    def make_env(self) -> AgentEnv:
        env = self.env_type(**({"tasks": self.tasks} if self.tasks is not None else {}), **self.knobs)
        if not isinstance(env, AgentEnv):
            raise UsageError(f"{self.env!r} makes a {type(env).__name__}; expected an envgym.AgentEnv")
        return env

    def make_scaffold(self, name: str, env: AgentEnv) -> Scaffold:
        return scaffold_type(name)(env)

    def make_policy(self) -> Policy:
        """Raises UsageError, saying why, when the class behind an id or path cannot be made without arguments."""
        if not isinstance(self.policy, str):
            return self.policy
        kind = policies.get(self.policy)
        if not (isinstance(kind, type) and issubclass(kind, Policy)):
            raise UsageError(f"{self.policy!r} is a {type(kind).__name__}; expected a class made from envgym.Policy")
        try:
            return kind()
        except EnvgymError:
            raise
        except Exception as error:  # an author's constructor may raise anything
            raise UsageError(f"policy {self.policy!r} cannot be made: {told(error)}") from error

    @cached_property
    def env_type(self) -> Callable[..., AgentEnv]:
        return environments.get(self.env) if isinstance(self.env, str) else self.env

    @cached_property
    def blocking(self) -> bool:
        """Whether the environment wants a thread of its own."""
        kind = self.env_type
        if isinstance(kind, type) and issubclass(kind, AgentEnv):
            return kind.blocks(self.knobs)
        return bool(getattr(kind, "blocking", False))

    @cached_property
    def waits(self) -> bool:
        """Whether episodes wait for anything, so that many in flight are faster than one."""
        policy: Any = policies.get(self.policy) if isinstance(self.policy, str) else self.policy
        return self.blocking or not policy.instant

    @cached_property
    def env_path(self) -> str:
        """By what another process can make the environment."""
        if isinstance(self.env, str):
            return self.env
        return f"{self.env.__module__}:{getattr(self.env, '__qualname__', type(self.env).__qualname__)}"

    @cached_property
    def _world_seeds(self) -> Seeds:
        return Seeds(self.seed, "world")

    @cached_property
    def _policy_seeds(self) -> Seeds:
        return Seeds(self.seed, "policy")

    @cached_property
    def scaffold_names(self) -> tuple[str, ...]:
        return (self.scaffold,) if isinstance(self.scaffold, str) else tuple(self.scaffold)

    @cached_property
    def policy_name(self) -> str:
        return self.policy if isinstance(self.policy, str) else self.policy.name

    @cached_property
    def source(self) -> AgentEnv:
        """The environment that says what there is to play; no episode is played in it. `close` closes it."""
        return self.make_env()

    @cached_property
    def taskset(self) -> TaskSet:
        if self.tasks is not None:
            return TaskList(self.tasks) if isinstance(self.tasks, Sequence) else self.tasks
        return self.source.taskset(self.seed)

    def close(self) -> None:
        """Gives back what was opened to make tasks. The run can be played again."""
        source = self.__dict__.pop("source", None)
        if source is not None:
            if self.tasks is None:
                self.__dict__.pop("taskset", None)
            source.close()

    @cached_property
    def size(self) -> int:
        """How many episodes the run has."""
        if self.episodes is not None:
            return self.episodes
        return (self.taskset.size or 1) * self.group_size

    @cached_property
    def fingerprint(self) -> str:
        """Names what decides the content: not the number of episodes, the concurrency or the deadlines."""
        env = self.source
        content = {
            "env": [env.id, env.version, env.knobs.model_dump(mode="json")],
            "scaffolds": [[name, scaffold_type(name).version] for name in self.scaffold_names],
            "path": self.env_path,
            "policy": [
                self.policy_name,
                self.policy if isinstance(self.policy, str) else type(self.policy).__qualname__,
            ],
            "seed": self.seed,
            "group_size": self.group_size,
            "tasks": task_hashes(self.taskset),
            "sampling": [self.temperature, self.max_tokens],
        }
        return hashlib.sha256(canonical_json(content)).hexdigest()[:16]

    def episode(self, index: int) -> Trajectory:
        """Episode number `index`, of which nothing has been played yet.

        A finite task set is gone round again when it is too short, with new seeds.
        """
        if not 0 <= index < self.size:
            raise UsageError(f"episode {index} of a run of {self.size}")
        group = index // self.group_size
        given = self.taskset.size
        task = self.task(group % given if given else group)
        run = self.fingerprint
        episode = Trajectory(
            f"{run}-{index}",
            run,
            index,
            f"{run}-{group}",
            task,
            env=task.env,
            env_path=self.env_path,
            env_version="",
            scaffold=self._scaffold_of(group),
            scaffold_version="",
            policy=self.policy_name,
            seed=self._world_seeds[group],
            policy_seed=self._policy_seeds[index],
            status="env_failed",
        )
        episode.task_hash, episode.knobs, episode.temperature = task.hash, dict(self.knobs), self.temperature
        return episode

    def _scaffold_of(self, group: int) -> str:
        names = self.scaffold_names
        return names[0] if len(names) == 1 else names[derive_seed(self.seed, "scaffold", group) % len(names)]

    def task(self, position: int) -> Task:
        """The task at `position`; the last one is kept, since a group asks for it again and again."""
        kept = self.__dict__.get("_kept")
        if kept is not None and kept[0] == position:
            return kept[1]  # type: ignore[no-any-return]
        try:
            task = self.taskset[position]
        except EnvgymError:
            raise
        except Exception as error:  # a generator of somebody else's may raise anything
            raise UsageError(
                f"{self.env_path} cannot make task {position} of seed {self.seed}: {told(error)}"
            ) from error
        self.__dict__["_kept"] = (position, task)
        return task


def scaffold_type(name: str) -> type[Scaffold]:
    """The class behind an id or path. Raises UnknownId, or UsageError for what is no scaffold."""
    kind = scaffolds.get(name)
    if not (isinstance(kind, type) and issubclass(kind, Scaffold)):
        raise UsageError(f"{name!r} is a {type(kind).__name__}; expected a class made from envgym.Scaffold")
    return kind


def task_hashes(tasks: TaskSet) -> str:
    """Digest of a finite set; of the first task where the set has no end: it shows another generator or other data."""
    digest = hashlib.sha256()
    for position in range(1 if tasks.size is None else tasks.size):
        digest.update(tasks[position].hash.encode())
    return digest.hexdigest()

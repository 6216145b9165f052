"""Plays one episode: ask the policy, step the world, record; again on a fresh world when the world failed.

Whatever goes wrong becomes a status on the trajectory, never an exception and never a score, with one exception: a caller's mistake
(UsageError) and a replay's Drift end the run.
"""

import asyncio
from collections.abc import Coroutine
from time import perf_counter
from typing import Any, TypeVar

from envgym.env import StepResult
from envgym.errors import Drift, EnvFailure, PolicyFailure, UsageError, WorldFailure
from envgym.message import Message, ToolSpec
from envgym.policy.policy import Player, Policy, Reply, Request
from envgym.rollout.recorder import Recorder
from envgym.rollout.run import Run
from envgym.rollout.world import World
from envgym.scaffold import Scaffold
from envgym.task import Task
from envgym.trajectory import Failure, Trajectory

T = TypeVar("T")
Context = tuple[list[Message], list[ToolSpec]]
"""What a model call is given: the prompt, and the tools that go into its API."""


async def play(run: Run, trajectory: Trajectory, world: World, policy: Policy) -> None:
    """Plays an episode of which nothing has been played yet, in as many attempts as it takes."""
    started = perf_counter()
    episode = Episode(run, trajectory, world, policy)
    for attempt in range(run.retries + 1):
        try:
            await episode.attempt()
            break
        except (UsageError, Drift):
            raise
        except Exception as error:  # noqa: BLE001  # the boundary that classifies: a broken world is data, not a crash
            trajectory.failures.append(failure_of(error, episode.boundary, attempt))
            trajectory.status = "infra_failed" if isinstance(error, WorldFailure | TimeoutError) else "env_failed"
            await world.discard()
        if attempt < run.retries:
            await asyncio.sleep(run.backoff_s * 2**attempt)
    trajectory.timing.attempts = len(trajectory.failures) + (trajectory.status in ("ok", "truncated"))
    trajectory.timing.total_s = perf_counter() - started


def require_reply(reply: Reply) -> Message:
    """The message of `reply`. Raises UsageError for what no trajectory could hold: the policy's author returned something else."""
    message = getattr(reply, "message", None)
    if type(message) is dict and message.get("role") == "assistant":
        content = message.get("content")
        if content is None or isinstance(content, str | list):
            return message  # type: ignore[return-value]
    raise UsageError(
        f"the policy returned {repr(reply)[:120]}; expected a Reply whose message is an assistant message, "
        "like Reply(assistant('text'))"
    )


def failure_of(error: Exception, boundary: str, attempt: int) -> Failure:
    named = error.boundary if isinstance(error, WorldFailure) and error.boundary else boundary
    return Failure(named, type(error).__name__, str(error)[:2000], attempt)


def begin(scaffold: Scaffold, task: Task, seed: int) -> Context:
    """Starts an episode in its world; what the first model call is given."""
    scaffold.reset(seed=seed, options={"task": task})
    return scaffold.prompt(), scaffold.offered()


def advance(scaffold: Scaffold, message: Message) -> tuple[StepResult, Context]:
    """Plays one reply; what came of it, and what the next model call is given."""
    result = scaffold.step(message)
    return result, (scaffold.prompt(), [] if result[2] or result[3] else scaffold.offered())


class Episode:
    """One episode in one world. `boundary` names the part that was at work last."""

    def __init__(self, run: Run, trajectory: Trajectory, world: World, policy: Policy) -> None:
        self._run = run
        self._record = trajectory
        self._world = world
        self._policy = policy
        self._waits = world.blocking or not policy.instant
        self._limits = trajectory.task.limits
        self._seconds = self._limits.seconds or run.episode_s
        self.boundary = "env"

    def attempt(self) -> Coroutine[Any, Any, None]:
        """One attempt on the world. Raises what broke it."""
        self.boundary = "env"
        return self._play_in_time() if self._waits else self._play()

    async def _play_in_time(self) -> None:
        deadline = asyncio.timeout(self._seconds)
        try:
            async with deadline:
                await self._play()
        except TimeoutError:
            if deadline.expired():
                raise self._late() from None
            raise

    def _late(self) -> WorldFailure:
        error = WorldFailure(f"the episode took longer than {self._seconds:g} s")
        error.boundary = self.boundary
        return error

    async def _play(self) -> None:
        record, world, seed = self._record, self._world, self._record.policy_seed
        timing, blocking, waits, token_limit = record.timing, world.blocking, self._waits, self._limits.tokens
        max_tokens, temperature = self._run.max_tokens, self._run.temperature
        before = perf_counter()
        latest = before + self._seconds
        recorder = Recorder(record)
        scaffold = await world.scaffold(record.scaffold)
        start = (scaffold, record.task, record.seed)
        prompt, tools = await world.call(begin, *start) if blocking else begin(*start)
        record.temperature = temperature if temperature is not None else self._policy.temperature
        record.env_version, record.scaffold_version = scaffold.env.version, scaffold.version
        player = self._policy.start(scaffold, seed)
        over = False
        while not over:
            asked = perf_counter()
            timing.env_s += asked - before
            if asked > latest:
                raise self._late()
            recorder.see(prompt)
            self.boundary = "policy"
            request = Request(prompt, tools, seed + len(record.steps), max_tokens, temperature)
            reply = await (self._ask(player, request) if waits else player.sample(request))
            message = require_reply(reply)
            self.boundary = "env"
            before = perf_counter()
            timing.model_s += before - asked
            recorder.sampled(reply)
            stepped, (prompt, tools) = (
                await world.call(advance, scaffold, message) if blocking else advance(scaffold, message)
            )
            _, reward, terminated, truncated, info = stepped
            over = terminated or truncated
            if not over and token_limit is not None and self._tokens_used() >= token_limit:
                over = truncated = True
                reward = await self._judge_now(scaffold)
            recorder.stepped(reward, terminated, truncated, info.get("error", ""))
        recorder.see(prompt)
        timing.env_s += perf_counter() - before
        record.verdict = scaffold.env.verdict
        record.reward = reward
        record.status = "truncated" if truncated else "ok"

    async def _ask(self, player: Player, request: Request) -> Reply:
        if self._policy.instant:
            return await self._world.call(finish_now, player.sample(request))
        deadline = asyncio.timeout(self._run.step_s)
        try:
            async with deadline:
                return await player.sample(request)
        except TimeoutError:
            if deadline.expired():
                raise PolicyFailure(f"no reply within {self._run.step_s:g} s") from None
            raise

    def _tokens_used(self) -> int:
        return sum(step.completion_tokens for step in self._record.steps)

    async def _judge_now(self, scaffold: Scaffold) -> float:
        """Ends an episode that the engine cuts off."""
        verdict = scaffold.env.verdict = await self._world.call(scaffold.verify)
        if verdict.score is None:
            raise EnvFailure(f"no verdict ({verdict.code}): {verdict.reason}")
        return verdict.score


def finish_now(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never waits, without an event loop. Raises UsageError when it does wait."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    coroutine.close()
    raise UsageError("a policy marked `instant` waited for something; set instant = False")

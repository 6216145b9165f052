"""Plays episodes: ask the policy, step the world, record; again on a fresh world when the world failed.

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
from envgym.trajectory import SCORED, Failure, Trajectory

T = TypeVar("T")
Context = tuple[list[Message], list[ToolSpec]]
"""What a model call is given: the prompt, and the tools that go into its API."""


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


class Actor:
    """Plays one episode after another in one world."""

    def __init__(self, run: Run, policy: Policy) -> None:
        self._run = run
        self._policy = policy
        self._world = World(run)
        self._waits = run.blocking or not policy.instant
        self._boundary = "env"
        """The part that was at work last."""

    async def play(self, record: Trajectory) -> None:
        """Plays an episode of which nothing has been played yet, in as many attempts as it takes."""
        started = perf_counter()
        retries = self._run.retries
        for attempt in range(retries + 1):
            self._boundary = "env"
            try:
                await (self._attempt_in_time(record) if self._waits else self._attempt(record))
                break
            except (UsageError, Drift):
                raise
            except Exception as error:  # noqa: BLE001  # the boundary that classifies: a broken world is data, not a crash
                record.failures.append(failure_of(error, self._boundary, attempt))
                record.status = "infra_failed" if isinstance(error, WorldFailure | TimeoutError) else "env_failed"
                await self._world.discard()
            if attempt < retries:
                await asyncio.sleep(self._run.backoff_s * 2**attempt)
        record.timing.attempts = len(record.failures) + (record.status in SCORED)
        record.timing.total_s = perf_counter() - started

    async def close(self) -> None:
        await self._world.discard()

    async def _attempt_in_time(self, record: Trajectory) -> None:
        deadline = asyncio.timeout(self._seconds_of(record))
        try:
            async with deadline:
                await self._attempt(record)
        except TimeoutError:
            if deadline.expired():
                raise self._late(record) from None
            raise

    def _seconds_of(self, record: Trajectory) -> float:
        return record.task.limits.seconds or self._run.episode_s

    def _late(self, record: Trajectory) -> WorldFailure:
        error = WorldFailure(f"the episode took longer than {self._seconds_of(record):g} s")
        error.boundary = self._boundary
        return error

    async def _attempt(self, record: Trajectory) -> None:
        """One attempt. Raises what broke it."""
        run, world, waits, timing, seed = self._run, self._world, self._waits, record.timing, record.policy_seed
        blocking, max_tokens, temperature = world.blocking, run.max_tokens, run.temperature
        token_limit = record.task.limits.tokens
        before = perf_counter()
        latest = before + self._seconds_of(record)
        recorder = Recorder(record)
        scaffold = world.held.get(record.scaffold) or await world.scaffold(record.scaffold)
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
                raise self._late(record)
            recorder.see(prompt)
            self._boundary = "policy"
            request = Request(prompt, tools, seed + len(record.steps), max_tokens, temperature)
            reply = await (self._ask(player, request) if waits else player.sample(request))
            message = require_reply(reply)
            self._boundary = "env"
            before = perf_counter()
            timing.model_s += before - asked
            recorder.sampled(reply)
            stepped, (prompt, tools) = (
                await world.call(advance, scaffold, message) if blocking else advance(scaffold, message)
            )
            _, reward, terminated, truncated, info = stepped
            over = terminated or truncated
            if not over and token_limit is not None and tokens_used(record) >= token_limit:
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

    async def _judge_now(self, scaffold: Scaffold) -> float:
        """Ends an episode that the engine cuts off."""
        verdict = scaffold.env.verdict = await self._world.call(scaffold.verify)
        if verdict.score is None:
            raise EnvFailure(f"no verdict ({verdict.code}): {verdict.reason}")
        return verdict.score


def tokens_used(record: Trajectory) -> int:
    return sum(step.completion_tokens for step in record.steps)


def finish_now(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never waits, without an event loop. Raises UsageError when it does wait."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    coroutine.close()
    raise UsageError("a policy marked `instant` waited for something; set instant = False")

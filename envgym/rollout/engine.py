"""Plays many episodes at once in one process and hands each finished one to a sink.

Every worker owns one world and plays slot after slot from a common queue. Nothing of an episode depends on which worker plays it, or
when. With an instant policy and a non-blocking environment nothing ever waits, so one worker plays all.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from time import perf_counter

from envgym.errors import TooManyFailures
from envgym.policy.policy import Policy
from envgym.rollout.episode import Actor
from envgym.rollout.run import Run
from envgym.trajectory import Trajectory

Sink = Callable[[Trajectory], None]
Source = Callable[[], Awaitable[int | None]]
"""Gives the index of the next episode to play, None when there is none left."""
BREATH_S = 0.05
"""Seconds after which a worker that never waits lets others run: signals, progress bars, cancellation."""


class Breaker:
    """Stops a run whose world fails too often. Looks at no fewer than 20 episodes, or at all of a smaller run."""

    def __init__(self, max_share: float, episodes: int) -> None:
        self._max_share = max_share
        self._least = min(20, episodes)
        self._over = 0
        self._failed = 0
        self._reasons: Counter[str] = Counter()

    def take(self, trajectory: Trajectory) -> None:
        """Counts one episode. Raises TooManyFailures with the commonest reason."""
        self._over += 1
        if trajectory.status not in ("infra_failed", "env_failed"):
            return
        self._failed += 1
        last = trajectory.failures[-1]
        self._reasons[f"{last.boundary}: {last.type}: {last.message}"] += 1
        if self._over >= self._least and self._failed > self._max_share * self._over:
            reason, count = self._reasons.most_common(1)[0]
            raise TooManyFailures(
                f"stopped: the world failed in {self._failed} of {self._over} episodes (more than "
                f"{self._max_share:.0%}); {count} times {reason}"
            )


async def play_all(run: Run, source: Source, sink: Sink) -> None:
    """Plays the episodes whose indices `source` gives. `sink` is called once for each, in the order in which they finish.

    Raises TooManyFailures, UsageError, Drift, and whatever the sink raises; episodes in flight are then dropped.
    """
    policy = run.make_policy()
    breaker = Breaker(run.max_failure_share, run.size)
    workers = min(run.concurrency, run.size) if run.waits else 1
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(_work(run, source, policy, breaker, sink))
    except BaseExceptionGroup as errors:
        raise first_of(errors) from None
    finally:
        run.close()
        await policy.close()


async def _work(run: Run, source: Source, policy: Policy, breaker: Breaker, sink: Sink) -> None:
    actor = Actor(run, policy)
    rested = perf_counter()
    try:
        while (index := await source()) is not None:
            trajectory = run.episode(index)
            await actor.play(trajectory)
            sink(trajectory)
            breaker.take(trajectory)
            if perf_counter() - rested > BREATH_S:
                await asyncio.sleep(0)
                rested = perf_counter()
    finally:
        await actor.close()


def first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group, however deep."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

"""Starts a run: in this process or in several, into a list, a stream or a file."""

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from envgym.errors import UsageError
from envgym.rollout.engine import Sink, Source, play_all
from envgym.rollout.run import Run
from envgym.trajectory import Trajectory

T = TypeVar("T")


def play(env: Any, **settings: Any) -> list[Trajectory]:
    """Plays a run and returns its trajectories in the order of their index; settings are the fields of `Run`.

    Blocks. Works in a notebook too; a program with an event loop of its own wants `play_async`.
    """
    finished: list[Trajectory] = []
    play_run(Run(env, **settings), finished.append)
    return sorted(finished, key=lambda trajectory: trajectory.index)


async def play_async(env: Any, **settings: Any) -> AsyncIterator[Trajectory]:
    """Plays a run and yields each trajectory as it finishes. Leaving the loop early drops the episodes in flight."""
    run = Run(env, **settings)
    finished: asyncio.Queue[Trajectory | None] = asyncio.Queue()
    playing = asyncio.create_task(play_all(run, in_order(range(run.size)), finished.put_nowait))
    playing.add_done_callback(lambda _: finished.put_nowait(None))
    try:
        while (trajectory := await finished.get()) is not None:
            yield trajectory
        await playing
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


def play_run(run: Run, sink: Sink, *, skip: Collection[int] = (), processes: int = 1) -> None:
    """Plays every episode of `run` whose index is not in `skip`, in `processes` processes, into `sink`.

    `sink` is always called in this process. Raises what `play_all` raises.
    """
    if processes < 1:
        raise UsageError(f"processes={processes} must be at least 1")
    indices = [index for index in range(run.size) if index not in skip]
    if processes > 1:
        from envgym.rollout.pool import play_in_processes

        play_in_processes(run, indices, sink, processes=processes)
    else:
        run_blocking(play_all(run, in_order(indices), sink))


def run_blocking(job: Coroutine[Any, Any, T]) -> T:
    """The result of `job`, run in a thread where this one has a running event loop already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(job)
    with ThreadPoolExecutor(max_workers=1) as aside:
        return aside.submit(asyncio.run, job).result()


def in_order(indices: Iterable[int]) -> Source:
    """A source that gives these indices one after another."""
    pending = iter(indices)

    async def take() -> int | None:
        return next(pending, None)

    return take

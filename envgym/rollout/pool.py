"""Plays a run in several processes: for environments that burn CPU, where one Python process is one core.

Episodes are handed out a few at a time and come back one by one, as lines. A worker that dies takes only the episodes it was at with it:
each of them is played again alone in a process, and one that kills its worker on every attempt is recorded as failed by the world, never
scored. Everything in the run must pickle: ids and paths rather than closures.
"""

import asyncio
import multiprocessing
import signal
import threading
from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler

from envgym.errors import EnvgymError, UsageError, told
from envgym.rollout.engine import Breaker, Sink, play_all
from envgym.rollout.run import Run
from envgym.rollout.world import CLOSE_S
from envgym.trajectory import Failure, parse_line

AHEAD = 16
"""Episodes that a worker holds where nothing waits: enough to hide the pipe, few enough that all end together."""
STILLBORN = 20


@dataclass(slots=True, eq=False)
class Worker:
    """One process and the episodes it was given and has not given back."""

    process: BaseProcess
    pipe: Connection
    open: set[int] = field(default_factory=set)
    served: bool = False
    """It has given back an episode."""
    alone: bool = False
    """It holds one suspect of an earlier death and gets nothing else meanwhile."""


class Crew:
    """The processes of one run and what is still to be played."""

    def __init__(self, run: Run, indices: Iterable[int], sink: Sink, processes: int) -> None:
        require_picklable(run)
        self._run = run
        self._sink = sink
        self._pending = deque(indices)
        self._suspects: deque[int] = deque()
        self._deaths: Counter[int] = Counter()
        self._breaker = Breaker(run.max_failure_share, run.size)
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[Worker] = []
        self._stillborn = 0
        self._processes = min(processes, len(self._pending))
        fair = -(-len(self._pending) // max(processes, 1))
        self._ahead = max(1, min(run.concurrency if run.waits else AHEAD, fair))

    def play(self) -> None:
        try:
            while self._pending or self._suspects or any(worker.open for worker in self._workers):
                while len(self._workers) < self._processes and (self._pending or self._suspects):
                    self._hire()
                for worker in self._workers:
                    self._hand_out(worker)
                self._listen()
        finally:
            self._dismiss()
            self._run.close()

    def _hire(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(self._run, theirs), daemon=True)
        process.start()
        theirs.close()
        self._workers.append(Worker(process, ours))

    def _hand_out(self, worker: Worker) -> None:
        """Gives a worker its next episodes: a suspect alone, others as many as it may hold."""
        worker.alone = worker.alone and bool(worker.open)
        batch: list[int] = []
        if self._suspects and not worker.open:
            batch, worker.alone = [self._suspects.popleft()], True
        elif not worker.alone:
            batch = [self._pending.popleft() for _ in range(min(self._ahead - len(worker.open), len(self._pending)))]
        if batch:
            worker.open.update(batch)
            with suppress(OSError):  # it has died: `_listen` finds the end of its pipe and takes the episodes back
                worker.pipe.send(batch)

    def _listen(self) -> None:
        by_pipe = {worker.pipe: worker for worker in self._workers}
        for pipe in wait(list(by_pipe), timeout=1.0):
            worker = by_pipe[pipe]  # type: ignore[index]
            try:
                message = worker.pipe.recv()
            except (EOFError, OSError):  # its end, or the middle of a message it could not finish
                self._bury(worker)
                continue
            if isinstance(message, EnvgymError):
                raise message
            worker.served = True
            trajectory = parse_line(message)
            worker.open.discard(trajectory.index)
            self._sink(trajectory)
            self._breaker.take(trajectory)

    def _bury(self, worker: Worker) -> None:
        """Makes suspects of what a dead worker was at; what has killed too many workers is recorded as failed."""
        worker.process.join(5)
        self._workers.remove(worker)
        worker.pipe.close()
        code = worker.process.exitcode
        self._stillborn = 0 if worker.served else self._stillborn + 1
        if self._stillborn > STILLBORN:
            raise UsageError(
                f"{self._stillborn} worker processes in a row ended (code {code}) before their first episode; "
                "does everything in the run pickle, and can a fresh process import it?"
            )
        for index in sorted(worker.open):
            self._deaths[index] += worker.alone or len(worker.open) == 1
            if self._deaths[index] <= self._run.retries:
                self._suspects.append(index)
            else:
                self._give_up(index, f"the worker process ended with code {code}")

    def _give_up(self, index: int, reason: str) -> None:
        lost = self._run.episode(index)
        lost.status = "infra_failed"
        lost.failures = [Failure("process", "WorkerDied", reason, attempt) for attempt in range(self._deaths[index])]
        self._sink(lost)
        self._breaker.take(lost)

    def _dismiss(self) -> None:
        """Ends every worker: closing the pipe ends an idle one, a busy one is stopped."""
        for worker in self._workers:
            worker.pipe.close()
            if worker.open:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join(CLOSE_S + 5)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def play_in_processes(run: Run, indices: Iterable[int], sink: Sink, *, processes: int) -> None:
    """Plays the episodes with these indices; `sink` is called in this process. Raises what `play_all` raises."""
    Crew(run, indices, sink, processes).play()


def require_picklable(run: Run) -> None:
    """Raises UsageError, naming the setting, when another process cannot be given the run."""
    for part in fields(run):
        try:
            ForkingPickler.dumps(getattr(run, part.name))
        except Exception as error:  # pickling calls the code of whatever is pickled
            raise UsageError(
                f"{part.name}={getattr(run, part.name)!r} does not pickle, and processes > 1 needs that: {told(error)}; "
                "give an id or a path, or classes and functions of a module's top level"
            ) from error


def serve(run: Run, pipe: Connection) -> None:
    """A worker process: plays what arrives, keeps its worlds between episodes, sends each finished episode as a line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        asyncio.run(_serve(replace(run, max_failure_share=1.0), pipe))  # the share is counted over all workers
    except EnvgymError as error:
        pipe.send(error)
    except (BrokenPipeError, asyncio.CancelledError):
        return
    except Exception as error:  # noqa: BLE001  # the parent tells it: a traceback in a worker is read by nobody
        pipe.send(UsageError(f"a worker process failed: {type(error).__name__}: {error}"))


async def _serve(run: Run, pipe: Connection) -> None:
    arrived: asyncio.Queue[int | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def receive() -> None:
        try:
            while True:
                for index in pipe.recv():
                    loop.call_soon_threadsafe(arrived.put_nowait, index)
        except (EOFError, OSError):
            for _ in range(run.concurrency):
                loop.call_soon_threadsafe(arrived.put_nowait, None)

    playing = asyncio.current_task()
    if playing is not None:
        loop.add_signal_handler(signal.SIGTERM, playing.cancel)  # so that an ended worker closes its worlds
    threading.Thread(target=receive, daemon=True).start()
    await play_all(run, arrived.get, lambda trajectory: pipe.send(trajectory.to_line()))

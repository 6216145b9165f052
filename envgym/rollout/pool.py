"""Plays a run in several processes: for environments that burn CPU, where one Python process is one core.

Episodes are handed out in small batches and come back one by one, as lines. A worker that dies takes only the episodes it was at with it:
they are handed out again, and one that kills its worker on every attempt is recorded as failed by the world, never scored.
"""

import asyncio
import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from envgym.errors import EnvgymError, UsageError
from envgym.rollout.engine import Breaker, Sink, play_all
from envgym.rollout.episode import blank
from envgym.rollout.run import Run
from envgym.trajectory import Failure, Trajectory, parse_line

BATCH = 64
"""Episodes per hand-out, at most: small enough that the last batches end together."""


@dataclass(slots=True)
class Worker:
    """One process and the episodes it was given and has not given back."""

    process: BaseProcess
    pipe: Connection
    open: set[int] = field(default_factory=set)


class Crew:
    """The processes of one run and what is still to be played."""

    def __init__(self, run: Run, indices: Iterable[int], sink: Sink, processes: int) -> None:
        self._run = run
        self._sink = sink
        self._pending = deque(indices)
        self._batch = max(1, min(BATCH, len(self._pending) // (processes * 4)))
        self._deaths: Counter[int] = Counter()
        self._breaker = Breaker(run.max_failure_share, run.size)
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[Worker] = []
        self._processes = min(processes, max(1, len(self._pending)))

    def play(self) -> None:
        try:
            while self._pending or any(worker.open for worker in self._workers):
                self._staff()
                self._listen()
        finally:
            self._dismiss()

    def _staff(self) -> None:
        """Keeps every process at work."""
        while len(self._workers) < self._processes and self._pending:
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=serve, args=(self._run, theirs), daemon=True)
            process.start()
            theirs.close()
            self._workers.append(Worker(process, ours))
        for worker in self._workers:
            if not worker.open and self._pending:
                batch = [self._pending.popleft() for _ in range(min(self._batch, len(self._pending)))]
                worker.open.update(batch)
                worker.pipe.send(batch)

    def _listen(self) -> None:
        by_pipe = {worker.pipe: worker for worker in self._workers}
        for pipe in wait(list(by_pipe), timeout=1.0):
            worker = by_pipe[pipe]  # type: ignore[index]
            try:
                message = worker.pipe.recv()
            except (EOFError, ConnectionResetError):
                self._bury(worker)
                continue
            if isinstance(message, EnvgymError):
                raise message
            self._take(parse_line(message), worker)

    def _take(self, trajectory: Trajectory, worker: Worker) -> None:
        worker.open.discard(trajectory.index)
        self._sink(trajectory)
        self._breaker.take(trajectory)

    def _bury(self, worker: Worker) -> None:
        """Hands out again what a dead worker was at; what has killed too many is recorded as failed."""
        worker.process.join(5)
        self._workers.remove(worker)
        worker.pipe.close()
        if not worker.open:
            raise UsageError(f"a worker process ended with code {worker.process.exitcode} before its first episode")
        for index in sorted(worker.open):
            self._deaths[index] += 1
            if self._deaths[index] <= self._run.retries:
                self._pending.appendleft(index)
                continue
            lost = blank(self._run, self._run.slot(index))
            lost.status = "infra_failed"
            lost.failures = [
                Failure("process", "WorkerDied", f"worker process ended with code {worker.process.exitcode}", attempt)
                for attempt in range(self._deaths[index])
            ]
            self._sink(lost)
            self._breaker.take(lost)
        self._batch = 1  # so that the next death names the one episode that causes it

    def _dismiss(self) -> None:
        """Ends every worker: closing the pipe ends an idle one, a busy one is stopped."""
        for worker in self._workers:
            worker.pipe.close()
            if worker.open:
                worker.process.terminate()
        for worker in self._workers:
            worker.process.join(5)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def play_in_processes(run: Run, indices: Iterable[int], sink: Sink, *, processes: int) -> None:
    """Plays the episodes with these indices; `sink` is called in this process. Raises what `play_all` raises.

    Everything in `run` must pickle: ids and paths rather than closures.
    """
    Crew(run, indices, sink, processes).play()


def serve(run: Run, pipe: Connection) -> None:
    """A worker process: plays the batches that arrive and sends each finished episode as a line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        while True:
            batch = pipe.recv()
            asyncio.run(play_all(run, batch, lambda trajectory: pipe.send(trajectory.to_line())))
    except EnvgymError as error:
        pipe.send(error)
    except (EOFError, BrokenPipeError):
        return

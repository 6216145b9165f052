"""Runs candidates through the trial and the gates, several at a time, and keeps account of every one."""

import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from pydantic import ValidationError

from envgym.errors import UsageError, WorldFailure
from envgym.task_synth.mining.draft import draft_of
from envgym.task_synth.mining.event import Origin
from envgym.task_synth.mining.journal import Decision, Journal
from envgym.task_synth.mining.rejection import Rejected
from envgym.task_synth.mining.trial import Backend, try_draft
from envgym.task_synth.mining.write_task import write_task

WORLD_TRIES = 2


@dataclass(frozen=True)
class Settings:
    """How strictly candidates are tried."""

    runs_before: int = 2
    runs_after: int = 3
    gate_reruns: int = 3
    backend: Backend = "namespaces"
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """Fields that replace what was detected."""


@dataclass
class Report:
    """What came of a run, and of those that it went on with."""

    decisions: list[Decision]
    undecided: dict[str, str]
    """Candidates that the world kept from being tried, with what failed; a later run with --resume tries them again."""
    passed_over: Mapping[str, int]
    seconds: float

    @property
    def accepted(self) -> int:
        return sum(decision.accepted for decision in self.decisions)

    def as_json(self) -> dict[str, Any]:
        """The figures."""
        rejected = Counter(decision.reason for decision in self.decisions if not decision.accepted)
        return {
            "candidates": len(self.decisions) + len(self.undecided),
            "accepted": self.accepted,
            "rejected": dict(sorted(rejected.items())),
            "undecided": len(self.undecided),
            "passed_over": dict(sorted(self.passed_over.items())),
            "seconds": round(self.seconds, 2),
        }

    def whole(self) -> dict[str, Any]:
        """The figures with every candidate's reason."""
        return {**self.as_json(), "decisions": [asdict(each) for each in self.decisions], "undecided": self.undecided}


def mine(
    origins: Sequence[Origin],
    journal: Journal,
    *,
    settings: Settings,
    passed_over: Mapping[str, int] | None = None,
    workers: int = 1,
    tick: Callable[[], None] = lambda: None,
) -> Report:
    """Decides every origin that the journal does not hold yet; tasks land beside the journal.

    The same origins give the same tasks, whatever the number of workers. Of equal changes the first counts.
    """
    started, undecided = perf_counter(), dict[str, str]()
    open_ones = [origin for origin in origins if origin.id not in journal.decided]
    twice = _duplicates(origins)
    stop = threading.Event()

    def work(origin: Origin) -> None:
        if stop.is_set():
            return
        try:
            journal.add(twice.get(origin.id) or decide(origin, journal.out, settings))
        except (WorldFailure, OSError) as error:
            undecided[origin.id] = str(error)

    with ThreadPoolExecutor(max(1, workers), thread_name_prefix="miner") as threads:
        jobs: set[Future[None]] = {threads.submit(work, origin) for origin in open_ones}
        try:
            while jobs:
                done, jobs = wait(jobs, return_when=FIRST_COMPLETED)
                for job in done:
                    job.result()
                    tick()
        finally:
            stop.set()
    decisions = [journal.decided[origin.id] for origin in origins if origin.id in journal.decided]
    return Report(decisions, undecided, passed_over or {}, perf_counter() - started)


def decide(origin: Origin, out: Path, settings: Settings) -> Decision:
    """Tries one candidate. Raises WorldFailure where the world failed again on a fresh one."""
    started = perf_counter()
    for attempt in range(WORLD_TRIES):
        try:
            numbers = _try(origin, out, settings)
        except Rejected as rejected:
            return Decision(origin.id, False, rejected.reason, str(rejected), round(perf_counter() - started, 2))
        except (UsageError, ValidationError, RecursionError) as error:
            return Decision(origin.id, False, "unreadable", str(error)[:500], round(perf_counter() - started, 2))
        except WorldFailure:
            if attempt + 1 == WORLD_TRIES:
                raise
        else:
            return Decision(origin.id, True, seconds=round(perf_counter() - started, 2), numbers=numbers)
    raise AssertionError("unreachable")


def _try(origin: Origin, out: Path, settings: Settings) -> dict[str, Any]:
    """The task of a candidate, written to `out`, in figures."""
    with tempfile.TemporaryDirectory(prefix="envgym-mined-") as name:
        place = Path(name)
        draft = draft_of(origin.write(place / "event"), settings.recipe)
        trial = try_draft(
            draft, place / "trees", before=settings.runs_before, after=settings.runs_after, backend=settings.backend
        )
        folder = write_task(draft, trial, out, place / "task", reruns=settings.gate_reruns, backend=settings.backend)
    return {
        "fail_to_pass": len(folder.task.fail_to_pass),
        "pass_to_pass": len(folder.task.pass_to_pass),
        "held_out": len(folder.held_out),
        "mutants": len(folder.mutants),
        "excluded": dict(trial.excluded),
    }


def _duplicates(origins: Iterable[Origin]) -> dict[str, Decision]:
    """A rejection for each origin whose change an earlier one has made."""
    first: dict[str, str] = {}
    found = {}
    for origin in origins:
        if origin.digest and origin.digest in first:
            found[origin.id] = Decision(origin.id, False, "duplicate", f"the same change as {first[origin.digest]}")
        else:
            first.setdefault(origin.digest, origin.id)
    return found

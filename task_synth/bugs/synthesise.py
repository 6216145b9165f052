"""Makes tasks out of a repository by breaking it: bugs are drawn, tried on the repository's own tests, and kept where those catch them."""

import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

from envgym.environments.swe.task_folder import TaskFolder
from envgym.environments.swe.test_run import Backend
from envgym.errors import UsageError, WorldFailure
from envgym.task_synth.bugs.bug_task import move_folder, write_bug
from envgym.task_synth.bugs.bug_trial import NotKept, try_bug
from envgym.task_synth.bugs.healthy import Subject, healthy_suite
from envgym.task_synth.bugs.inject import Bug, bugs
from envgym.task_synth.bugs.operators import chosen
from envgym.task_synth.bugs.repository import repository_of
from envgym.task_synth.mining.recipe import detect

ATTEMPTS = 20
"""Bugs that are tried for each task that is wanted, at most."""
PER_MODULE = 60
"""Bugs that are drawn of one module for each task that is wanted, at most a thousand."""
MOST_PER_MODULE = 1000
WORLD_TRIES = 2


@dataclass(frozen=True)
class BugOptions:
    """How bugs are made and how strictly they are tried."""

    count: int = 20
    seed: int = 0
    operators: Sequence[str] | None = None
    """Names of operators; None for all."""
    size: int = 1
    """Defects of one bug, in different functions of a module."""
    licence: str = ""
    """Of the repository, as an SPDX expression; empty: what its files say."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the recipe that replace what was detected."""
    reruns: int = 2
    """Of the healthy suite, of the tests on the broken tree and of gold."""
    backend: Backend = "namespaces"

    def check(self) -> None:
        """Raises UsageError for a value that makes no sense."""
        for name, least in (("count", 1), ("size", 1), ("reruns", 1)):
            if getattr(self, name) < least:
                raise UsageError(f"{name} is {getattr(self, name)}; it must be at least {least}")
        chosen(self.operators)


@dataclass(frozen=True)
class Tried:
    """What became of one bug."""

    path: str
    operators: tuple[str, ...]
    task: str = ""
    """Id of its task; empty where it was not kept."""
    reason: str = ""
    detail: str = ""
    caught: bool = False
    """Whether tests failed because of it, whatever became of it then."""
    fail_to_pass: int = 0


@dataclass
class BugReport:
    """What came of a run."""

    tried: list[Tried]
    undecided: dict[str, str]
    """Bugs that the world kept from being tried, with what failed."""
    suite_s: float
    """One run of the healthy suite."""
    seconds: float

    @property
    def accepted(self) -> int:
        return sum(bool(each.task) for each in self.tried)

    def as_json(self) -> dict[str, Any]:
        """The figures."""
        rejected = Counter(each.reason for each in self.tried if not each.task)
        return {
            "candidates": len(self.tried) + len(self.undecided),
            "accepted": self.accepted,
            "rejected": dict(sorted(rejected.items())),
            "undecided": len(self.undecided),
            "operators": self.by_operator(),
            "suite_seconds": round(self.suite_s, 2),
            "seconds": round(self.seconds, 2),
        }

    def by_operator(self) -> dict[str, dict[str, int]]:
        """How many bugs of each operator were tried, caught by tests, and kept."""
        figures: dict[str, dict[str, int]] = {}
        for each in self.tried:
            for operator in each.operators:
                row = figures.setdefault(operator, {"tried": 0, "caught": 0, "kept": 0})
                row["tried"] += 1
                row["caught"] += each.caught
                row["kept"] += bool(each.task)
        return dict(sorted(figures.items()))

    def whole(self) -> dict[str, Any]:
        """The figures with every bug."""
        return {**self.as_json(), "tried": [asdict(each) for each in self.tried], "undecided_bugs": self.undecided}


def synthesise_bugs(
    repo: Path,
    out: Path,
    *,
    options: BugOptions | None = None,
    workers: int = 1,
    tick: Callable[[], None] = lambda: None,
) -> BugReport:
    """Writes up to `options.count` certified task folders below `out`. `tick` is called for each that is kept.

    The same repository and options give the same tasks, whatever the number of workers. Raises UsageError for a folder that holds
    something, for what is no repository, and for a suite that does not pass as it is; WorldFailure where the world fails throughout.
    """
    options, started = options or BugOptions(), perf_counter()
    options.check()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"-o {out} is not an empty folder; name a new one")
    with tempfile.TemporaryDirectory(prefix="envgym-bugs-") as name:
        place = Path(name)
        repository = repository_of(repo, place / "tree", licence=options.licence)
        detected = detect(repository.tree, options.recipe)
        healthy = healthy_suite(repository, detected, place / "healthy", runs=options.reruns, backend=options.backend)
        out.mkdir(parents=True, exist_ok=True)
        bench = Bench(Subject(repository, detected, healthy, options.backend), options, out)
        bench.run(workers, tick)
    return BugReport(bench.tried, bench.undecided, healthy.seconds, perf_counter() - started)


class Bench:
    """Bugs of one repository on their way through the trial. Decisions are taken in the order in which bugs were drawn."""

    def __init__(self, subject: Subject, options: BugOptions, out: Path) -> None:
        self.subject, self.options, self.out = subject, options, out
        self.tried: list[Tried] = []
        self.undecided: dict[str, str] = {}
        self._places: set[tuple[str, str, int]] = set()
        self._kept = 0

    def run(self, workers: int, tick: Callable[[], None]) -> None:
        """Tries bugs until enough are kept or none is left."""
        drawn = self._drawn()
        waiting: deque[tuple[Bug, Future[Tried], Path]] = deque()
        with tempfile.TemporaryDirectory(prefix="envgym-kept-") as name, ThreadPoolExecutor(max(1, workers)) as threads:
            try:
                while self._kept < self.options.count:
                    while len(waiting) < max(1, workers) and (bug := next(drawn, None)) is not None:
                        place = Path(name) / self.id_of(bug)
                        waiting.append((bug, threads.submit(self._try, bug, place), place))
                    if not waiting:
                        break
                    if self._decide(*waiting.popleft()):
                        tick()
            finally:
                for _, job, _ in waiting:
                    job.cancel()

    def id_of(self, bug: Bug) -> str:
        """The name of a bug's task. It says nothing of what was done."""
        digest = sha256(f"{bug.path}\0{bug.source}".encode()).hexdigest()
        return f"{self.subject.repository.name}-{digest[:12]}"

    def _drawn(self) -> Iterator[Bug]:
        options = self.options
        repository = self.subject.repository
        paths = repository.module_paths(self.subject.detected)
        limit = min(MOST_PER_MODULE, PER_MODULE * options.count)
        found = bugs(repository.tree, paths, seed=options.seed, limit=limit, only=options.operators, size=options.size)
        for number, bug in enumerate(bug for bug in found if bug.place not in self._places):
            if number == ATTEMPTS * options.count:
                return
            yield bug

    def _decide(self, bug: Bug, job: Future[Tried], place: Path) -> bool:
        """Takes the next result; whether it is a task now."""
        try:
            tried = job.result()
        except WorldFailure as error:
            self.undecided[self.id_of(bug)] = str(error)
            return False
        if tried.task and bug.place in self._places:
            tried = Tried(bug.path, bug.operators, reason="same_place", caught=True)
        self.tried.append(tried)
        if not tried.task:
            return False
        move_folder(TaskFolder.read(next(place.glob(f"*/whole/{tried.task}"))), self.out)
        self._places.add(bug.place)
        self._kept += 1
        return True

    def _try(self, bug: Bug, place: Path) -> Tried:
        """Raises WorldFailure where the world failed again on a fresh one."""
        for attempt in range(WORLD_TRIES):
            try:
                return self._attempt(bug, place / str(attempt))
            except WorldFailure:
                if attempt + 1 == WORLD_TRIES:
                    raise
        raise AssertionError("unreachable")

    def _attempt(self, bug: Bug, place: Path) -> Tried:
        options, caught = self.options, None
        try:
            caught = try_bug(bug, self.subject, reruns=options.reruns - 1)
            place.mkdir(parents=True)
            id_ = self.id_of(bug)
            folder = write_bug(id_, bug, caught, self.subject, place, seed=options.seed, reruns=options.reruns)
        except NotKept as not_kept:
            seen = caught is not None or not_kept.reason in ("too_much_fails", "flaky")
            return Tried(bug.path, bug.operators, "", not_kept.reason, str(not_kept), seen)
        return Tried(bug.path, bug.operators, folder.task.id, caught=True, fail_to_pass=len(caught.fail_to_pass))

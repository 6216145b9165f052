"""Runs the tests of a tree in a sandbox, and evaluates expressions there; what a candidate's code does about it is no exception.

The tree's code runs in the process that reports. So outcomes are the word of a process that may lie (`blind_tests.py` answers that), but
they cannot come from what it prints or writes to files, and a process that ends early, hangs or floods us gives a TestRun that says so.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

from envgym.environments.swe.packages import packages_folder
from envgym.environments.swe.probe import Probe
from envgym.environments.swe.read_only_tree import read_only_tree
from envgym.environments.swe.supervised import TEXT_CAP, Said, supervise
from envgym.environments.swe.task_folder import Recipe
from envgym.errors import UsageError
from envgym.sandbox.layers import LayerStore
from envgym.sandbox.sandbox import Sandbox

Outcome = Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
Driver = Literal["pytest", "plain"]
Backend = Literal["namespaces", "docker"]
Problem = Literal["", "timeout", "crash", "no results", "forged", "collection"]
OUTCOMES = frozenset(get_args(Outcome))
DRIVERS: Mapping[str, tuple[str, ...]] = {
    "pytest": ("selection", "pytest_child"),
    "plain": (
        "selection",
        "test_files",
        "approximate",
        "monkeypatch",
        "pytest_stand_in",
        "parameters",
        "fixtures",
        "plain_marks",
        "plain_unittest",
        "plain_collection",
        "plain_child",
    ),
    "evaluate": ("test_files", "evaluate_child"),
}
OURS: Mapping[str, tuple[str, ...]] = {"pytest": ("pytest",), "plain": (), "evaluate": ("pytest",)}
"""What a driver imports before anything of the tree can be imported."""
MAX_VALUE = 20_000
"""Characters of the value of an expression."""


@dataclass(frozen=True)
class TestRun:
    """What a run of tests reported."""

    __test__: ClassVar[bool] = False

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """By pytest id. A test that did not come to its end is absent. Skipped, xfailed and xpassed are no passes."""
    messages: dict[str, str] = field(default_factory=dict)
    """A short text for each test that did not pass."""
    problem: Problem = ""
    """timeout: out of time; crash: the process ended before it was done; no results: it ended the supervisor; forged: it told what no
    driver tells, so that nothing is believed; collection: a file could not be imported or is not there, others were run."""
    text: str = ""
    """The last of what was printed. For people: no outcome is read from it."""
    seconds: float = 0.0


def run_tests(
    tree: Path,
    tests: Sequence[str],
    recipe: Recipe,
    *,
    driver: Driver = "pytest",
    backend: Backend = "namespaces",
    store: LayerStore | None = None,
) -> TestRun:
    """Runs test files or ids of a finished tree, shown read-only, in a fresh sandbox; in Docker also where the recipe names an image.

    An id stands for itself, a class or file for all that is in it; what does not exist is absent from the outcomes. The plain driver
    reports only what it can run without pytest. Raises SandboxFailure for what the world does, UsageError for a wrong call.
    """
    with read_only_tree(tree, packages_folder(recipe), recipe, backend=backend, store=store) as place:
        job = _job(place.tree, place.packages, tests, recipe)
        return _run_of(_supervise(place.sandbox, driver, job, recipe), tests, place.tree)


def run_tests_in(sandbox: Sandbox, tests: Sequence[str], recipe: Recipe, *, driver: Driver = "pytest") -> TestRun:
    """The same in the working folder of somebody's own sandbox, for an agent that wants to know. Where the recipe requires packages,
    the spec of the sandbox must show `packages_folder(recipe)`."""
    packages = packages_folder(recipe)
    if packages is not None and not sandbox.spec.image and packages not in sandbox.spec.show:
        raise UsageError("the sandbox lacks the packages of the recipe: add packages_folder(recipe) to spec.show")
    tree = sandbox.spec.workdir
    job = _job(tree, str(packages or ""), tests, recipe)
    return _run_of(_supervise(sandbox, driver, job, recipe), tests, tree)


def evaluate(
    tree: Path,
    probes: Sequence[Probe],
    recipe: Recipe,
    *,
    backend: Backend = "namespaces",
    store: LayerStore | None = None,
) -> list[str | None]:
    """The value of each expression as a literal, "raises ValueError" where it raises; None where it has no literal form or did not end.

    Each runs in a process of its own that has the test file imported. Raises as `run_tests` does.
    """
    if not probes:
        return []
    with read_only_tree(tree, packages_folder(recipe), recipe, backend=backend, store=store) as place:
        asked = [[probe.test_file, probe.expression, probe.setup] for probe in probes]
        job = {**_job(place.tree, place.packages, (), recipe), "probes": asked}
        said = _supervise(place.sandbox, "evaluate", job, recipe)
    values: list[str | None] = [None] * len(probes)
    for record in () if said.broken else said.records:
        number, value = record.get("probe"), record.get("value")
        if type(number) is int and 0 <= number < len(values) and isinstance(value, str) and len(value) <= MAX_VALUE:
            values[number] = value
    return values


def _job(tree: str, packages: str, tests: Sequence[str], recipe: Recipe) -> dict[str, Any]:
    return {
        "tree": tree,
        "tests": list(tests),
        "python_path": [f"{tree}/{place}" if place != "." else tree for place in recipe.python_path],
        "packages": packages,
        "plugins": list(recipe.plugins),
        "arguments": list(recipe.arguments),
        "seconds": recipe.seconds,
    }


def _supervise(sandbox: Sandbox, driver: str, job: dict[str, Any], recipe: Recipe) -> Said:
    if driver not in DRIVERS:
        raise UsageError(f"unknown driver {driver!r}; known: pytest, plain")
    spec = sandbox.spec
    ours = not spec.image and spec.root is None
    return supervise(
        sandbox,
        DRIVERS[driver],
        {**job, "ours": list(OURS[driver])},
        python=sys.executable if ours else recipe.python,
        env={**recipe.env, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTHONDONTWRITEBYTECODE": "1"},
        seconds=recipe.seconds,
    )


def _run_of(said: Said, tests: Sequence[str], tree: str) -> TestRun:
    """What a driver said as a run; paths are told from the tree on, wherever it lay."""
    files = {test.partition("::")[0].rstrip("/") for test in tests}
    outcomes: dict[str, Outcome] = {}
    messages, uncollected = {}, []
    forged = said.broken
    for record in said.records:
        match record:
            case {"id": str(test), "outcome": str(outcome), "message": str(message)} if outcome in OUTCOMES:
                forged = forged or outcomes.get(test, outcome) != outcome or not _is_in(test, files)
                outcomes[test] = outcome  # type: ignore[assignment]
                if message:
                    messages[test] = message.replace(f"{tree}/", "")
            case {"collection": str(name), "text": str(text)}:
                uncollected.append(f"{name}: {text}")
            case _:
                forged = True
    text = "\n".join([*uncollected, said.text]).replace(f"{tree}/", "")[-TEXT_CAP:]
    if forged:
        return TestRun(problem="forged", text=text, seconds=said.seconds)
    return TestRun(outcomes, messages, _problem(said, bool(uncollected)), text, said.seconds)


def _problem(said: Said, uncollected: bool) -> Problem:
    if said.timed_out:
        return "timeout"
    if said.silent:
        return "no results"
    if said.ended != 0:
        return "crash"
    return "collection" if uncollected else ""


def _is_in(test: str, files: Iterable[str]) -> bool:
    file = test.partition("::")[0]
    return any(name in (file, ".", "") or file.startswith(f"{name}/") for name in files)

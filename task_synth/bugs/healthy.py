"""The suite of a tree before anything is broken: what passes every time, and which test files reach which module."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envgym.environments.swe.task_folder import Recipe
from envgym.environments.swe.test_run import Backend, TestRun, run_tests
from envgym.errors import UsageError
from envgym.task_synth.bugs.repository import Repository
from envgym.task_synth.mining.layout import find_layout
from envgym.task_synth.mining.project_files import read_project
from envgym.task_synth.mining.python_files import Module, read_modules
from envgym.task_synth.mining.recipe import Detected
from envgym.task_synth.mining.timed_tests import measures_time

SLOW_S = 5.0
"""A suite that takes longer is run in part: only files that import the broken module, directly or by way of others."""
PATIENCE = 5
"""How many times longer than healthy a broken suite may run; a machine may be busier than it was."""
LEAST_S = 20.0


@dataclass(frozen=True)
class Healthy:
    """A suite that was run and passes."""

    tests: tuple[str, ...]
    passed: frozenset[str]
    """Tests that passed in each run."""
    timed: frozenset[str]
    """Those among them that measure time: no task hangs on them."""
    seconds: float
    reaching: Mapping[str, tuple[str, ...]]
    """Test files by the module that they import in the end."""

    def tests_for(self, path: str) -> tuple[str, ...]:
        """The test files to run for a defect in a module."""
        return self.tests if self.seconds <= SLOW_S else self.reaching.get(path) or self.tests

    def patient(self, recipe: Recipe) -> Recipe:
        """The recipe with the time that a broken suite gets."""
        return recipe.model_copy(update={"seconds": min(recipe.seconds, max(LEAST_S, PATIENCE * self.seconds))})


@dataclass(frozen=True)
class Subject:
    """What bugs are put into: a repository with the way its tests run, and what they say of it."""

    repository: Repository
    detected: Detected
    healthy: Healthy
    backend: Backend


def healthy_suite(repository: Repository, detected: Detected, place: Path, *, runs: int, backend: Backend) -> Healthy:
    """Runs the whole suite. Raises UsageError where there are no tests, or none that passes."""
    tests = tuple(repository.test_paths(detected))
    if not tests:
        raise UsageError(
            f"{repository.name} has no tests that pytest would find; expected some below {detected.test_paths[0]}"
        )
    tree = repository.lay_out(place, detected, {})
    done = [run_tests(tree, tests, detected.recipe, backend=backend) for _ in range(runs)]
    passed = frozenset.intersection(*(frozenset(_passed(run)) for run in done))
    if not passed:
        why = f"{done[-1].problem or 'all fail'}: {done[-1].text.strip()[-300:]}"
        raise UsageError(f"no test of {repository.name} passes as it is ({why}); --recipe FILE says how they run")
    timed = measures_time({path: (repository.tree / path).read_bytes() for path in tests})
    seconds = max(run.seconds for run in done)
    return Healthy(
        tests, passed, frozenset(filter(timed, passed)), seconds, _reaching(repository.tree, detected, tests)
    )


def _passed(run: TestRun) -> list[str]:
    return [test for test, outcome in run.outcomes.items() if outcome == "passed"]


def _reaching(tree: Path, detected: Detected, tests: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Test files by the paths of the modules that they import, directly or not."""
    modules = {module.path: module for module in read_modules(tree, find_layout(tree, read_project(tree)))}
    owners = _paths_by_name(modules, detected.recipe.python_path)
    found: dict[str, list[str]] = {}
    for test in tests:
        for path in _reached(test, modules, lambda name: _owned(name, owners)):
            found.setdefault(path, []).append(test)
    return {path: tuple(files) for path, files in found.items()}


def _reached(start: str, modules: Mapping[str, Module], paths: Callable[[str], Collection[str]]) -> set[str]:
    seen, todo = set[str](), [start]
    while todo:
        module = modules.get(todo.pop())
        for name, taken in module.imports.items() if module else ():
            for path in {path for each in (name, *(f"{name}.{part}" for part in taken)) for path in paths(each)}:
                if path not in seen:
                    seen.add(path)
                    todo.append(path)
    return seen


def _owned(name: str, owners: Mapping[str, str]) -> list[str]:
    """The files that are run when a dotted name is imported: its own, and those of the packages around it."""
    parts = name.split(".")
    return [owners[each] for size in range(1, len(parts) + 1) if (each := ".".join(parts[:size])) in owners]


def _paths_by_name(modules: Mapping[str, Module], python_path: Sequence[str]) -> dict[str, str]:
    owners = {}
    for path in modules:
        for folder in python_path:
            inside = path if folder == "." else path.removeprefix(f"{folder}/") if path.startswith(f"{folder}/") else ""
            if inside:
                owners[inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")] = path
    return owners

"""Runs the tests of a draft before and after its change, several times, and keeps what holds every time.

Strict: a test counts as failing before only where it ran and failed in its body. A test that could not be loaded, or was not there, says
nothing about the change: whoever names an import right would make it "pass". What does not give the same outcome in each run, also while
other runs load the machine, is left out, and so are tests that measure time.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from envgym.environments.swe.task_folder import Recipe
from envgym.environments.swe.test_run import TestRun, run_tests
from envgym.errors import UsageError
from envgym.task_synth.mining.draft import Draft
from envgym.task_synth.mining.failures import why_nothing_ran
from envgym.task_synth.mining.rejection import Rejected
from envgym.task_synth.mining.timed_tests import measures_time

Backend = Literal["namespaces", "docker"]


@dataclass(frozen=True)
class Trial:
    """What held in every run."""

    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    excluded: Mapping[str, str]
    """Tests that would have counted but do not hold, with why."""
    messages: Mapping[str, str]
    """How each test of fail_to_pass fails before the change."""
    seconds: float
    """Of the slowest run of all the tests that count."""


@dataclass(frozen=True)
class Runner:
    """Runs the tests of two trees."""

    before: Path
    after: Path
    recipe: Recipe
    backend: Backend

    def run(self, where: Literal["before", "after"], tests: Sequence[str]) -> TestRun:
        """Raises Rejected where what the tests need cannot be installed."""
        try:
            return run_tests(self.before if where == "before" else self.after, tests, self.recipe, backend=self.backend)
        except UsageError as error:
            raise Rejected("install_failed", str(error)) from None


def try_draft(draft: Draft, place: Path, *, before: int = 2, after: int = 3, backend: Backend = "namespaces") -> Trial:
    """Runs a draft `before` and `after` times. Raises Rejected, and SandboxFailure where the world fails."""
    recipe, hidden = draft.detected.recipe, draft.hidden_tests
    broken, fixed = draft.lay_out(place / "broken", gold=False), draft.lay_out(place / "fixed", gold=True)
    runner = Runner(broken, fixed, recipe, backend)
    failing = runner.run("before", hidden)
    if not failing.outcomes:
        raise why_nothing_ran(failing, before=True)
    passing = runner.run("after", hidden)
    if not passing.outcomes:
        raise why_nothing_ran(passing, before=False)
    if not _strict(failing, passing):
        raise _why_none(failing, passing)
    return _settle(draft, runner, [failing], [passing], before=before - 1, after=after - 1)


def _settle(
    draft: Draft, runner: Runner, failing: list[TestRun], passing: list[TestRun], *, before: int, after: int
) -> Trial:
    """The further runs, side by side so that they load the machine, over all of the project's tests where those are fast enough."""
    tests = [*draft.hidden_tests, *draft.other_tests]
    runs = _side_by_side(runner, tests, before=before, after=after)
    if any(run.problem == "timeout" for _, run in runs):
        tests = list(draft.hidden_tests)
        runs = _side_by_side(runner, tests, before=before, after=after)
    failing += [run for where, run in runs if where == "before"]
    passing += [run for where, run in runs if where == "after"]
    hidden = set(draft.hidden_tests)
    fail_to_pass, excluded = set[str](), dict[str, str]()
    timed = measures_time({path: file.content or b"" for path, file in draft.hidden.items()})
    for test in sorted(_strict(failing[0], passing[0])):
        if not (_always(failing, test, "failed") and _always(passing, test, "passed")):
            excluded[test] = "its outcome changed from run to run"
        elif timed(test):
            excluded[test] = "it measures time"
        else:
            fail_to_pass.add(test)
    if not fail_to_pass:
        raise Rejected("flaky", f"{min(excluded)}: {excluded[min(excluded)]}")
    pass_to_pass = set[str]()
    for test in {test for run in passing for test in run.outcomes}:
        in_hidden = test.partition("::")[0] in hidden
        runs_of = [*failing, *passing] if in_hidden else [*failing[1:], *passing[1:]]
        if runs_of and _always(runs_of, test, "passed"):
            if in_hidden and timed(test):
                excluded[test] = "it measures time"
            else:
                pass_to_pass.add(test)
    return Trial(
        tuple(sorted(fail_to_pass)),
        tuple(sorted(pass_to_pass)),
        excluded,
        {test: failing[0].messages.get(test, "") for test in sorted(fail_to_pass)},
        max(run.seconds for run in [*failing, *passing]),
    )


def _side_by_side(
    runner: Runner, tests: Sequence[str], *, before: int, after: int
) -> list[tuple[Literal["before", "after"], TestRun]]:
    plan: list[Literal["before", "after"]] = [*["after"] * after, *["before"] * before]  # type: ignore[list-item]
    with ThreadPoolExecutor(max(1, len(plan))) as threads:
        return list(zip(plan, threads.map(lambda where: runner.run(where, tests), plan), strict=True))


def _strict(failing: TestRun, passing: TestRun) -> set[str]:
    return {
        test
        for test, outcome in passing.outcomes.items()
        if outcome == "passed" and failing.outcomes.get(test) == "failed"
    }


def _always(runs: Sequence[TestRun], test: str, outcome: str) -> bool:
    return all(run.outcomes.get(test) == outcome for run in runs)


def _why_none(failing: TestRun, passing: TestRun) -> Rejected:
    """Why nothing goes from failing to passing."""
    still = sorted(test for test, outcome in passing.outcomes.items() if outcome in ("failed", "error"))
    still = [test for test in still if failing.outcomes.get(test) != "passed"]
    if still:
        return Rejected(
            "gold_fails", f"{still[0]} fails after the change too: {passing.messages.get(still[0], '')[:200]}"
        )
    loaded_after = {test.partition("::")[0] for test, outcome in passing.outcomes.items() if outcome == "passed"}
    loaded_before = {test.partition("::")[0] for test in failing.outcomes if "::" in test}
    missing = sorted(loaded_after - loaded_before)
    if missing:
        return Rejected(
            "collection_error", f"{missing[0]} cannot be loaded before the change: a strict failure is not to be seen"
        )
    return Rejected("no_fail_to_pass", "every test has the same outcome before and after the change")

"""Whether a bug is one that the tests of its tree catch: some fail and say so, most still pass, and again the same when run again."""

import tempfile
from pathlib import Path
from typing import Literal

from envgym.environments.swe.test_run import TestRun, run_tests
from envgym.task_synth.bugs.healthy import Healthy, Subject
from envgym.task_synth.bugs.inject import Bug
from envgym.task_synth.mining.trial import Trial

Reason = Literal[
    "not_caught",
    "collection_error",
    "timeout",
    "crash",
    "too_much_fails",
    "flaky",
    "same_place",
    "certificate_failed",
    "leaks",
]
LARGEST_SHARE = 0.4
"""Of the tests that ran: a bug breaks something, not everything."""


class NotKept(Exception):
    """A bug makes no task. `reason` is counted, the message says what was seen."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail)
        self.reason: Reason = reason


def try_bug(bug: Bug, subject: Subject, *, reruns: int) -> Trial:
    """Runs the tests on the broken tree, and `reruns` times again. Raises NotKept, and SandboxFailure where the world fails."""
    healthy, detected = subject.healthy, subject.detected
    with tempfile.TemporaryDirectory(prefix="envgym-bug-") as place:
        tree = subject.repository.lay_out(Path(place) / "tree", detected, {bug.path: bug.source})
        tests, recipe = healthy.tests_for(bug.path), healthy.patient(detected.recipe)
        first = run_tests(tree, tests, recipe, backend=subject.backend)
        failed = _failed(first, healthy)
        known = {test for test in healthy.passed if test.partition("::")[0] in tests}
        _check(first, failed, known, healthy)
        for _ in range(reruns):
            again = run_tests(tree, tests, recipe, backend=subject.backend)
            if again.problem or again.outcomes != first.outcomes:
                changed = {test for test in known if again.outcomes.get(test) != first.outcomes.get(test)}
                raise NotKept("flaky", f"{min(changed)} changes" if changed else f"the second run: {again.problem}")
    passed = {test for test in known if first.outcomes.get(test) == "passed"}
    return Trial(
        tuple(sorted(failed)),
        tuple(sorted(passed - healthy.timed)),
        excluded={},
        messages={test: first.messages.get(test, "") for test in sorted(failed)},
        seconds=max(healthy.seconds, first.seconds),
    )


def _failed(run: TestRun, healthy: Healthy) -> set[str]:
    return {
        test for test, outcome in run.outcomes.items() if outcome == "failed" and test in healthy.passed - healthy.timed
    }


def _check(run: TestRun, failed: set[str], known: set[str], healthy: Healthy) -> None:
    if run.problem == "timeout":
        raise NotKept("timeout", f"the tests do not end within {run.seconds:.0f} s")
    if run.problem in ("crash", "no results", "forged"):
        raise NotKept("crash", run.problem)
    missing = sorted(test for test in known if run.outcomes.get(test, "error") == "error")
    if run.problem == "collection" or missing:
        raise NotKept("collection_error", f"{missing[0]} does not come to run" if missing else run.text[-200:])
    if not failed:
        raise NotKept("not_caught")
    if len(failed) > LARGEST_SHARE * len(known):
        raise NotKept("too_much_fails", f"{len(failed)} of {len(known)}")

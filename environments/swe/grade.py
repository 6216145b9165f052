"""Decides whether a candidate solves a task, on the assumption that it would rather not.

The candidate's code runs in the process that tests it, so nothing that this process says is believed as such:

* it runs in fresh sandboxes, on a pristine tree that holds the candidate's *source* files only (`source_filter.py`), shown read-only;
* outcomes come by a pipe of a supervisor that it cannot reach, signed; what it prints, or leaves in files, is not looked at;
* hidden tests run under random names among copies with contradicting expectations (`blind_tests.py`): code that makes everything pass
  (by patching the framework, by objects that equal everything, by reading what the caller expects, by forging outcomes) makes those pass;
* the tests run a second time by a driver that is not pytest;
* expressions that are in no test are evaluated, and their values compared with gold's on our side (`held_out.py`): code that knows the
  tests' inputs by heart does not know these.

A candidate passes when all of that holds, no test that passed before is broken and no unrelated file was changed. Skipped and expectedly
failing tests are no passes; a test that does not report has failed. What goes wrong with a sandbox gives INFRA_ERROR, never 0.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from envgym.environments.swe.blind_tests import BlindTests, blind_tests
from envgym.environments.swe.candidate import Candidate, File
from envgym.environments.swe.graded_tree import graded_tree
from envgym.environments.swe.held_out import judge_held_out
from envgym.environments.swe.source_filter import filter_changes
from envgym.environments.swe.source_scan import flags
from envgym.environments.swe.task_folder import TaskFolder
from envgym.environments.swe.test_run import Outcome, TestRun, evaluate, run_tests
from envgym.sandbox.sandbox import SandboxFailure
from envgym.verdict import Evidence, Verdict

Backend = Literal["namespaces", "docker"]
PASSED: Outcome = "passed"
SHOWN = 20
"""Tests that are named in evidence."""
PLACE = re.compile(r"\A[^\s:]+\.py:\d+: ")
ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")


def grade(folder: TaskFolder, candidate: Candidate, *, backend: Backend = "namespaces") -> Verdict:
    """The verdict on a candidate. Equal candidates get equal verdicts. Raises nothing for what a candidate does."""
    try:
        return _grade(folder, candidate, backend)
    except SandboxFailure as error:
        return Verdict.infra_error(str(error)[:1000], code="swe.sandbox")


def _grade(folder: TaskFolder, candidate: Candidate, backend: Backend) -> Verdict:
    if candidate.unread:
        return Verdict.of(0.0, code="swe.too_much", reason=candidate.unread)
    filtered = filter_changes(folder.task, folder.base, candidate)
    seen: tuple[Evidence, ...] = (
        Evidence(kind="files", text=f"{len(filtered.applied)} source files graded", data=filtered.evidence()),
    )
    if filtered.refused:
        path, why = min(filtered.refused.items())
        return Verdict.of(0.0, code="swe.unrelated", reason=f"{path}: {why}", evidence=seen)
    if not filtered.applied:
        return Verdict.of(0.0, code="swe.no_change", reason="no source file was changed", evidence=seen)
    flagged = flags(folder.base, filtered.applied)
    if flagged:
        seen = (*seen, Evidence(kind="flag", text="; ".join(flagged[:3]), data={"flags": flagged}))
    parts: dict[str, Verdict] = {}
    for check in (_tests, _doubts):
        found = check(folder, filtered.applied, backend)
        parts |= found.parts
        seen = (*seen, *found.evidence)
        if found.failed is not None:
            return _closed(found.failed, parts, seen)
    return Verdict.of(1.0, code="swe.solved", reason="all tests hold, nothing else broke", parts=parts, evidence=seen)


@dataclass(slots=True)
class Found:
    """What a check has found; `failed` is the first part that does not hold."""

    parts: dict[str, Verdict] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    failed: Verdict | None = None

    def take(self, name: str, part: Verdict) -> None:
        self.parts[name] = part
        if self.failed is None and part.score != 1.0:
            self.failed = part


def _closed(failed: Verdict, parts: Mapping[str, Verdict], evidence: Iterable[Evidence]) -> Verdict:
    """The whole verdict where one part failed: its outcome, code and reason, without a share of the score."""
    if failed.outcome == "hack":
        return Verdict.hack(failed.reason, code=failed.code, parts=dict(parts), evidence=tuple(evidence))
    return Verdict.of(0.0, code=failed.code, reason=failed.reason, parts=dict(parts), evidence=tuple(evidence))


def _tests(folder: TaskFolder, changes: Mapping[str, File | None], backend: Backend) -> Found:
    """The hidden and the older tests, by pytest."""
    task, found = folder.task, Found()
    blinded = blind_tests(folder, task.fail_to_pass)
    others = sorted({test.partition("::")[0] for test in task.pass_to_pass} - set(task.hidden_tests))
    with graded_tree(folder, changes, tests=blinded.sources) as tree:
        run = _run(tree, [*task.hidden_tests, *others], folder, backend, "pytest")
        real, copies, canaries = blinded.told_apart(run.outcomes)
        cheated = _cheated(folder, real, copies, canaries)
        if cheated:
            found.take("contradictions", Verdict.hack(cheated, code="swe.forged"))
            return found
        _take_run(found, run, blinded)
        found.take("fail_to_pass", _all_passed(task.fail_to_pass, real, "swe.tests_fail", "the change is not done"))
        for name, tests in task.tiers.items():
            found.parts[f"tier_{name}"] = _share_passed(tests, real)
        found.take("pass_to_pass", _all_passed(task.pass_to_pass, real, "swe.broke", "what worked before is broken"))
    if found.failed is not None and run.problem in ("timeout", "crash", "no results", "forged"):
        found.failed = Verdict.of(0.0, code=f"swe.{run.problem.replace(' ', '_')}", reason=_told_problem(run))
    return found


def _doubts(folder: TaskFolder, changes: Mapping[str, File | None], backend: Backend) -> Found:
    """The second driver and the held-out inputs, side by side."""
    with ThreadPoolExecutor(2) as threads:
        checks = [threads.submit(check, folder, changes, backend) for check in (_second_driver, _held_out)]
        found = Found()
        for name, check in zip(("second_driver", "held_out"), checks, strict=True):
            part = check.result()
            if part is not None:
                found.take(name, part)
    return found


def _second_driver(folder: TaskFolder, changes: Mapping[str, File | None], backend: Backend) -> Verdict | None:
    plain = tuple((folder.task.certificate or {}).get("plain", ()))
    if not plain:
        return None
    blinded = blind_tests(folder, folder.task.fail_to_pass)
    with graded_tree(folder, changes, tests=blinded.sources) as tree:
        run = _run(tree, folder.task.hidden_tests, folder, backend, "plain")
    real, copies, canaries = blinded.told_apart(run.outcomes)
    cheated = _cheated(folder, real, copies, canaries)
    if cheated:
        return Verdict.hack(cheated, code="swe.forged")
    return _all_passed(plain, real, "swe.second_driver", "the tests hold under pytest only")


def _held_out(folder: TaskFolder, changes: Mapping[str, File | None], backend: Backend) -> Verdict | None:
    if len(folder.held_out) < 2:
        return None
    blinded = blind_tests(folder, folder.task.fail_to_pass)  # or the tests as they are would tell runs beside this one
    with graded_tree(folder, changes, tests=blinded.sources) as tree:
        got = evaluate(tree, [row.probe for row in folder.held_out], folder.task.recipe, backend=backend)
    share = judge_held_out([row.gold for row in folder.held_out], got)
    if share >= 0.5:
        return Verdict.of(1.0, code="swe.held_out", reason=f"agrees on {share:.0%} of other inputs")
    return Verdict.hack(
        f"passes the tests but agrees with the reference on {share:.0%} of nearby inputs", code="swe.hard_coded"
    )


def _run(
    tree: Path, tests: Sequence[str], folder: TaskFolder, backend: Backend, driver: Literal["pytest", "plain"]
) -> TestRun:
    """One run; one that ran out of time is run again, in case it was the machine that was slow."""
    run = run_tests(tree, tests, folder.task.recipe, driver=driver, backend=backend)
    return (
        run_tests(tree, tests, folder.task.recipe, driver=driver, backend=backend) if run.problem == "timeout" else run
    )


def _cheated(
    folder: TaskFolder,
    real: Mapping[str, Outcome],
    copies: Mapping[str, list[Outcome]],
    canaries: Sequence[Outcome],
) -> str:
    """What shows that outcomes are made up: something passed that cannot. Empty where nothing does.

    A copy that passes where its original fails says nothing: to expect the opposite of what is right is to expect what is wrong.
    """
    if PASSED in canaries:
        return "a test that cannot pass was reported as passed"
    proved = set((folder.task.certificate or {}).get("contradictions", ()))
    failing = {test.partition("[")[0] for test in folder.task.fail_to_pass if real.get(test) != PASSED}
    for copy in sorted(copies):
        test = copy.partition("#")[0]
        if copy in proved and test not in failing and PASSED in copies[copy]:
            return f"{test} passes, and so does its opposite"
    return ""


def _all_passed(tests: Sequence[str], outcomes: Mapping[str, Outcome], code: str, what: str) -> Verdict:
    wrong = {test: outcomes.get(test, "missing") for test in tests if outcomes.get(test) != PASSED}
    if not wrong:
        return Verdict.of(1.0, code="swe.tests_hold", reason=f"{len(tests)} of {len(tests)} tests pass")
    first = min(wrong)
    reason = f"{what}: {len(tests) - len(wrong)} of {len(tests)} tests pass; {first} {wrong[first]}"
    named = dict(sorted(wrong.items())[:SHOWN])
    return Verdict.of(0.0, code=code, reason=reason[:1000], evidence=(Evidence(kind="test", text=first, data=named),))


def _share_passed(tests: Sequence[str], outcomes: Mapping[str, Outcome]) -> Verdict:
    """For reports: a tier counts by its share, but adds nothing to the score."""
    passed = sum(outcomes.get(test) == PASSED for test in tests)
    return Verdict.of(passed / max(1, len(tests)), code="swe.tier", reason=f"{passed} of {len(tests)}")


def _take_run(found: Found, run: TestRun, blinded: BlindTests) -> None:
    """What failed, in words, without what differs from run to run."""
    told: dict[str, Any] = {}
    for test, message in run.messages.items():
        name = blinded.told(test)
        if name and run.outcomes.get(test) != PASSED:
            told[name] = _steady(message, test, name)
    for name, message in sorted(told.items())[:SHOWN]:
        found.evidence.append(Evidence(kind="test", text=f"{name}: {message}"[:1000]))


def _steady(message: str, test: str, name: str) -> str:
    """A message with random names, lines and addresses taken out."""
    message = PLACE.sub("", message)
    random_name, real_name = (each.partition("[")[0].rpartition("::")[2] for each in (test, name))
    return ADDRESS.sub("0x...", message.replace(random_name, real_name))


def _told_problem(run: TestRun) -> str:
    return {
        "timeout": "the tests did not end in time, twice",
        "crash": "the test process ended before its tests were done",
        "no results": "the tests gave no results",
        "forged": "the results were tampered with",
    }[run.problem]

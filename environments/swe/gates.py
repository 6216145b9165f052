"""The gates that a task passes when it is built, and again whenever somebody asks: what holds is its certificate.

Gold scores 1 in every rerun, doing nothing scores 0, every cheat scores 0, the tests that decide fail before the change and pass after it.
Proved on the way, and used when candidates are graded: which contradicting copies of the hidden tests fail under gold, and which tests the
second driver can run.
"""

import random
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from envgym.environments.swe.blind_tests import blind_tests
from envgym.environments.swe.candidate import Candidate, File, PatchRejected
from envgym.environments.swe.cheats import cheats
from envgym.environments.swe.grade import PASSED, Backend, grade
from envgym.environments.swe.graded_tree import graded_tree
from envgym.environments.swe.held_out import discriminating, probes
from envgym.environments.swe.source_filter import filter_changes
from envgym.environments.swe.task_folder import HeldOut, TaskFolder
from envgym.environments.swe.test_run import Driver, TestRun, evaluate, run_tests
from envgym.errors import UsageError
from envgym.sandbox.sandbox import SandboxFailure
from envgym.task import derive_seed

MAX_HELD_OUT = 12
TRIED = 60
"""Expressions of one test file that are tried: few of them tell the two trees apart."""


class GateClosed(Exception):
    """A task does not hold what it promises; `gate` names what."""

    def __init__(self, gate: str, why: str) -> None:
        super().__init__(f"{gate}: {why}")
        self.gate = gate


def certify(
    folder: TaskFolder, *, reruns: int = 3, backend: Backend = "namespaces", workers: int = 2
) -> dict[str, Any]:
    """Passes the gates anew and returns the certificate. Raises GateClosed, and SandboxFailure where the world fails."""
    changes = gold_changes(folder)
    certificate = prove(folder, changes, backend=backend)
    proved = replace(folder, task=folder.task.model_copy(update={"certificate": certificate}))
    gold, nothing = Candidate(changes), Candidate({})
    played: dict[str, Callable[[], float]] = {
        f"gold {number}": lambda: _score(proved, gold, backend) for number in range(reruns)
    }
    for name, candidate in cheats(proved, sorted(changes)):
        played[f"cheat {name}"] = lambda candidate=candidate: _score(proved, candidate, backend)  # type: ignore[misc]
    with ThreadPoolExecutor(workers) as threads:
        scores = dict(zip(played, threads.map(lambda play: play(), played.values()), strict=True))
    scores["nothing"] = _score(proved, nothing, backend)
    for name, score in scores.items():
        if score != float(name.startswith("gold")):
            raise GateClosed(name.partition(" ")[0], f"{name} scores {score:g}")
    paid = {name.removeprefix("cheat "): score for name, score in scores.items() if name.startswith("cheat ")}
    return {**certificate, "gold": 1.0, "nothing": 0.0, "cheats": paid, "reruns": reruns}


def gold_changes(folder: TaskFolder) -> dict[str, File | None]:
    """What gold changes. Raises GateClosed where its patch does not apply, or touches what no solution may."""
    try:
        candidate = Candidate.of_patch(folder.base, folder.gold)
    except PatchRejected as error:
        raise GateClosed("gold", f"gold.patch does not apply: {error}") from None
    filtered = filter_changes(folder.task, folder.base, candidate)
    left_out = {**filtered.refused, **filtered.ignored}
    if left_out:
        raise GateClosed("gold", f"gold.patch changes more than source: {min(left_out)}")
    if not filtered.applied:
        raise GateClosed("gold", "gold.patch changes nothing")
    return filtered.applied


def prove(folder: TaskFolder, changes: Mapping[str, File | None], *, backend: Backend) -> dict[str, Any]:
    """What is known of a task by running its tests before and after the change. Raises GateClosed."""
    task = folder.task
    before = _on(folder, {}, dict(folder_tests(folder)), backend, "pytest")
    wrong = {
        test: before.outcomes.get(test, "missing")
        for test in task.fail_to_pass
        if before.outcomes.get(test) != "failed"
    }
    if wrong:
        raise GateClosed("fail_to_pass", f"{min(wrong)} is to fail before the change, it is {wrong[min(wrong)]}")
    contradictions, runs = [], {}
    drivers: tuple[Driver, ...] = ("pytest", "plain")
    for driver in drivers:
        blinded = blind_tests(folder, task.fail_to_pass)
        run = _on(folder, changes, blinded.sources, backend, driver)
        real, copies, _ = blinded.told_apart(run.outcomes)
        runs[driver] = (real, {copy for copy, outcomes in copies.items() if PASSED in outcomes})
        if driver == "pytest":
            contradictions = sorted(
                copy for copy, outcomes in copies.items() if "failed" in outcomes and PASSED not in outcomes
            )
    missing = [test for test in task.fail_to_pass if runs["pytest"][0].get(test) != PASSED]
    if missing:
        raise GateClosed("fail_to_pass", f"{missing[0]} does not pass after the change")
    real, passing = runs["plain"]
    plain = [test for test in task.fail_to_pass if real.get(test) == PASSED]
    contradictions = [copy for copy in contradictions if copy not in passing]
    return {
        "contradictions": contradictions,
        "plain": plain,
        "held_out": len(folder.held_out),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "digest": folder.digest,
    }


def held_out_rows(folder: TaskFolder, *, backend: Backend = "namespaces") -> tuple[HeldOut, ...]:
    """Expressions near those of the hidden tests on which gold is steady and differs from the tree before it."""
    changes, made = gold_changes(folder), []
    for path in folder.task.hidden_tests:
        source = (folder.hidden / path).read_text(encoding="utf-8")
        wanted = {
            test.partition("[")[0].partition("::")[2] for test in folder.task.fail_to_pass if test.startswith(path)
        }
        rng = random.Random(derive_seed(folder.task.id, path, "held out"))
        made += probes(source, path, rng=rng, limit=TRIED, tests=wanted)
    if not made:
        return ()
    values = []
    for applied in (changes, changes, {}):
        with graded_tree(folder, applied) as tree:
            values.append(evaluate(tree, made, folder.task.recipe, backend=backend))
    chosen = discriminating(*values)
    rows = [
        HeldOut(test_file=p.test_file, expression=p.expression, setup=p.setup, gold=values[0][i] or "")
        for i, p in enumerate(made)
        if i in chosen
    ]
    return tuple(rows[:MAX_HELD_OUT])


def folder_tests(folder: TaskFolder) -> Mapping[str, str]:
    """The hidden tests as they are."""
    return {path: (folder.hidden / path).read_text(encoding="utf-8") for path in folder.task.hidden_tests}


def _on(
    folder: TaskFolder, changes: Mapping[str, File | None], tests: Mapping[str, str], backend: Backend, driver: Driver
) -> TestRun:
    with graded_tree(folder, changes, tests=tests) as tree:
        run = run_tests(tree, folder.task.hidden_tests, folder.task.recipe, driver=driver, backend=backend)
    if run.problem in ("timeout", "no results", "forged") and driver == "pytest":
        raise GateClosed("tests", f"the hidden tests do not run: {run.problem}: {run.text[-500:]}")
    return run


def _score(folder: TaskFolder, candidate: Candidate, backend: Backend) -> float:
    verdict = grade(folder, candidate, backend=backend)
    if verdict.score is None:
        raise SandboxFailure(verdict.reason)
    return verdict.score


def check_certificate(folder: TaskFolder) -> None:
    """Raises UsageError where a folder has no certificate, or one of another content."""
    certificate = folder.task.certificate
    if certificate is None:
        raise UsageError(f"{folder.path} has no certificate; `envgym certify {folder.path}` makes one")
    if certificate.get("digest") != folder.digest:
        raise UsageError(
            f"{folder.path} was changed after it was certified; `envgym certify {folder.path}` does it again"
        )

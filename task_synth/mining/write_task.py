"""Writes what a draft and its trial gave as a task folder, and lets it pass the gates."""

import os
import random
import shutil
from pathlib import Path

from envgym.environments.swe.gates import GateClosed, certify, held_out_rows
from envgym.environments.swe.graded_tree import put
from envgym.environments.swe.task_folder import SweTask, TaskFolder, write_folder
from envgym.errors import UsageError
from envgym.task import derive_seed
from envgym.task_synth.bugs.issue_text import Failure
from envgym.task_synth.mining.definitions import changed
from envgym.task_synth.mining.draft import Draft
from envgym.task_synth.mining.interface import interface_of
from envgym.task_synth.mining.issue import told_issue, with_interface
from envgym.task_synth.mining.mutants import caught_mutants
from envgym.task_synth.mining.rejection import Rejected
from envgym.task_synth.mining.tiers import difficulty, tiers_of
from envgym.task_synth.mining.trial import Backend, Trial

SLOWER = 10
"""How much longer than here the tests of a task may take elsewhere."""
LONGEST_S = 600.0


def write_task(draft: Draft, trial: Trial, out: Path, place: Path, *, reruns: int, backend: Backend) -> TaskFolder:
    """The task folder below `out`, with its certificate; `place` is an empty folder to work in. Raises Rejected where a gate is closed."""
    hidden, work = place / "hidden", place / "work"
    hidden.mkdir(parents=True)
    for path, file in draft.hidden.items():
        put(hidden, path, file)
    patch = draft.patch(place / "patch")
    tests = {path: draft.hidden[path].content or b"" for path in draft.hidden_tests}
    task = _task(draft, trial, patch, tests)
    issue = _issue(draft, trial, patch, tests)
    first = write_folder(work / task.id, task, issue=issue, base=draft.event.before, hidden=hidden, gold=patch)
    folder = write_folder(
        place / "whole" / task.id,
        task,
        issue=issue,
        base=draft.event.before,
        hidden=hidden,
        gold=patch,
        held_out=held_out_rows(first, backend=backend),
        mutants=caught_mutants(draft, trial, place / "mutants", backend=backend),
    )
    return _moved(_certified(folder, reruns, backend), out)


def _task(draft: Draft, trial: Trial, patch: str, tests: dict[str, bytes]) -> SweTask:
    new, old = changed(draft.event.before, draft.gold)
    detected = draft.detected
    seconds = min(LONGEST_S, max(detected.recipe.seconds, SLOWER * trial.seconds))
    return SweTask(
        id=draft.event.id,
        title=draft.event.title or draft.event.id,
        source=draft.event.source,
        source_paths=detected.source_paths,
        test_paths=detected.test_paths,
        hidden_tests=draft.hidden_tests,
        fail_to_pass=trial.fail_to_pass,
        pass_to_pass=trial.pass_to_pass,
        tiers=tiers_of(trial.fail_to_pass, tests, [*new, *old]),
        difficulty=difficulty(patch),
        certificate=None,
        tags=(draft.event.source.kind,),
        recipe=detected.recipe.model_copy(update={"seconds": round(seconds, 1)}),
    )


def _issue(draft: Draft, trial: Trial, patch: str, tests: dict[str, bytes]) -> str:
    new, old = changed(draft.event.before, draft.gold)
    failures = [
        Failure(test, tests[test.partition("::")[0]].decode("utf-8"), message)
        for test, message in trial.messages.items()
    ]
    rng = random.Random(derive_seed(draft.event.id, "issue"))
    issue = told_issue(draft.event.message, patch, failures, rng=rng)
    return with_interface(issue, interface_of(new, old, tests, draft.detected.recipe.python_path))


def _certified(folder: TaskFolder, reruns: int, backend: Backend) -> TaskFolder:
    try:
        return folder.with_certificate(certify(folder, reruns=reruns, backend=backend))
    except (GateClosed, UsageError) as error:
        raise Rejected("certificate_failed", str(error)) from None


def _moved(folder: TaskFolder, out: Path) -> TaskFolder:
    """Puts a finished folder in its place, whole or not at all."""
    target = out / folder.path.name
    draft = out / f".{folder.path.name}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder.path, draft, symlinks=True)
    os.rename(draft, target)
    return TaskFolder.read(target)

"""Writes a bug that was caught as a task folder: the tests that caught it are taken out of what the agent sees, and decide."""

import ast
import math
import os
import random
import shutil
from pathlib import Path

from envgym.environments.swe.candidate import File
from envgym.environments.swe.gates import GateClosed, certify, held_out_rows
from envgym.environments.swe.graded_tree import put
from envgym.environments.swe.task_folder import Source, SweTask, TaskFolder, write_folder
from envgym.errors import UsageError
from envgym.python_source import parse_python
from envgym.task import derive_seed
from envgym.task_synth.bugs.bug_trial import NotKept
from envgym.task_synth.bugs.healthy import Subject
from envgym.task_synth.bugs.inject import Bug
from envgym.task_synth.bugs.issue_text import SHORTEST, Failure, issue_text
from envgym.task_synth.bugs.observation import FILE
from envgym.task_synth.bugs.one_test import without_tests
from envgym.task_synth.bugs.repository import Repository
from envgym.task_synth.mining.definitions import changed
from envgym.task_synth.mining.draft import Draft
from envgym.task_synth.mining.event import Event
from envgym.task_synth.mining.mutants import caught_mutants
from envgym.task_synth.mining.recipe import Detected
from envgym.task_synth.mining.tiers import tiers_of
from envgym.task_synth.mining.trial import Trial

SLOWER = 10
"""How much longer than here the tests of a task may take elsewhere."""
LONGEST_S = 600.0


def write_bug(id_: str, bug: Bug, trial: Trial, subject: Subject, place: Path, *, seed: int, reruns: int) -> TaskFolder:
    """The certified folder below `place`, an empty folder. Raises NotKept where a gate is closed or the issue would tell the fix."""
    draft = _draft(id_, bug, trial, subject, place / "base")
    hidden = place / "hidden"
    hidden.mkdir()
    for path, file in draft.hidden.items():
        put(hidden, path, file)
    patch = draft.patch(place / "patch")
    issue = _issue(draft, trial, patch, random.Random(derive_seed(seed, id_, "issue")))
    task = _task(draft, bug, trial, subject)
    base, backend = draft.event.before, subject.backend
    first = write_folder(place / "first" / id_, task, issue=issue, base=base, hidden=hidden, gold=patch)
    try:
        folder = write_folder(
            place / "whole" / id_,
            task,
            issue=issue,
            base=base,
            hidden=hidden,
            gold=patch,
            held_out=held_out_rows(first, backend=backend),
            mutants=[
                each
                for each in caught_mutants(draft, trial, place / "mutants", backend=backend)
                if each.source != bug.source
            ],
        )
        return folder.with_certificate(certify(folder, reruns=reruns, backend=backend))
    except (GateClosed, UsageError) as error:
        raise NotKept("certificate_failed", str(error)[:300]) from None


def _draft(id_: str, bug: Bug, trial: Trial, subject: Subject, base: Path) -> Draft:
    """The event that would mend the bug; its tree before, `base`, has the bug and lacks the tests that catch it."""
    repository = subject.repository
    paths = sorted({test.partition("::")[0] for test in trial.fail_to_pass})
    hidden = {path: File((repository.tree / path).read_bytes()) for path in paths}
    shutil.copytree(repository.tree, base, symlinks=True)
    put(base, bug.path, File(bug.source.encode("utf-8")))
    for path, file in hidden.items():
        catching = [test for test in trial.fail_to_pass if test.partition("::")[0] == path]
        put(base, path, File(without_tests(_text(file), catching).encode("utf-8")))
    source = Source(kind="bug", repository=repository.name, commit=repository.commit, licence=repository.licence)
    gold = {bug.path: File((repository.tree / bug.path).read_bytes())}
    return Draft(Event(id_, "", "", source, base, repository.tree), subject.detected, hidden, gold)


def _issue(draft: Draft, trial: Trial, patch: str, rng: random.Random) -> str:
    failures = [
        Failure(test, _text(draft.hidden[test.partition("::")[0]]), trial.messages[test]) for test in trial.fail_to_pass
    ]
    issue = issue_text(failures, rng=rng, patch=patch)
    fix = {line[1:].strip() for line in patch.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")}
    if any(len(line) >= SHORTEST and line in issue for line in fix) or FILE.search(issue):
        raise NotKept("leaks", "the issue would tell of the fix")
    return issue


def _task(draft: Draft, bug: Bug, trial: Trial, subject: Subject) -> SweTask:
    detected, failing = subject.detected, trial.fail_to_pass
    new, old = changed(draft.event.before, draft.gold)
    seconds = min(LONGEST_S, max(detected.recipe.seconds, SLOWER * trial.seconds))
    return SweTask(
        id=draft.event.id,
        title=f"{bug.path}: {'; '.join(each.description for each in bug.mutations)}"[:300],
        source=draft.event.source,
        source_paths=detected.source_paths,
        test_paths=detected.test_paths,
        hidden_tests=draft.hidden_tests,
        fail_to_pass=failing,
        pass_to_pass=trial.pass_to_pass,
        tiers=tiers_of(failing, {path: file.content or b"" for path, file in draft.hidden.items()}, [*new, *old]),
        difficulty=difficulty(len(failing), _statements(subject.repository, detected), len(bug.mutations)),
        certificate=None,
        tags=("bug", *dict.fromkeys(bug.operators)),
        recipe=detected.recipe.model_copy(update={"seconds": round(seconds, 1)}),
    )


def _text(file: File) -> str:
    return (file.content or b"").decode("utf-8")


def difficulty(failing: int, statements: int, defects: int = 1) -> float:
    """A guess, 0 to 1: harder where the tree is larger, fewer tests point at the defect, and there are more defects."""
    size = min(1.0, math.log10(max(10, statements)) / 5)
    hiding = 1 / (1 + math.log2(max(1, failing)))
    return round(min(1.0, 0.45 * size + 0.35 * hiding + 0.15 * (defects - 1)), 2)


def move_folder(folder: TaskFolder, out: Path) -> TaskFolder:
    """Puts a finished folder in its place, whole or not at all."""
    target, draft = out / folder.path.name, out / f".{folder.path.name}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder.path, draft, symlinks=True)
    os.rename(draft, target)
    return TaskFolder.read(target)


def _statements(repository: Repository, detected: Detected) -> int:
    """Statements of the project's source."""
    count = 0
    for path in repository.module_paths(detected):
        try:
            tree = parse_python((repository.tree / path).read_bytes())
        except (SyntaxError, ValueError):
            continue
        count += sum(isinstance(node, ast.stmt) for node in ast.walk(tree))
    return count

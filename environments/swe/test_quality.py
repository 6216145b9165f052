"""Judges tests that somebody wrote for an issue: do they tell the tree before the fix from the tree after it, by what the code does?

* On the tree before the fix at least one fails, and in its body: a file that cannot be imported says nothing about the issue.
* After the fix all of them pass, the ones that failed before included.
* They look at behaviour, not at text: they still pass on the fix rendered anew (other layout, no comments), and still fail before the fix
  where the fix's lines stand in the source as comments.
* They catch at least one known defect in the fix; a task without one is not judged.

Only files among the task's test paths count, each run in sandboxes of their own on trees that the author never saw. A test that fails after
the fix is excused where the task's own tests fail there under the same name. Reading of source is flagged too, for people.
"""

import ast
import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from envgym.environments.swe.candidate import Candidate, File
from envgym.environments.swe.golden import gold_of, source_after, source_before, tree_or_none
from envgym.environments.swe.graded_tree import graded_tree
from envgym.environments.swe.path_patterns import matches
from envgym.environments.swe.task_folder import TaskFolder
from envgym.environments.swe.test_run import TestRun, run_tests
from envgym.sandbox.sandbox import SandboxFailure
from envgym.verdict import Evidence, Verdict

MAX_MUTANTS = 8
BAD = ("failed", "error")
NO_TESTS = ("conftest.py", "__init__.py")
LOOKS_AT_SOURCE = re.compile(
    r"\b(getsource\w*|findsource|getfile|__file__|read_text|read_bytes|open|co_code|co_consts|dis|subprocess|glob|listdir)\b"
)
Changes = Mapping[str, File | None]


def judge_tests(folder: TaskFolder, candidate: Candidate) -> Verdict:
    """The verdict on a candidate's tests; all or nothing. Raises nothing for what they do."""
    if not folder.mutants:
        return Verdict.task_invalid("no defect of the fix is known that tests could notice", code="swe_test.no_mutants")
    if candidate.unread:
        return Verdict.of(0.0, code="swe_test.too_much", reason=candidate.unread)
    tests = {path: file for path, file in candidate.changes.items() if matches(path, folder.task.test_paths)}
    files = [path for path in sorted(tests) if _is_test(path, tests[path])]
    if not files:
        where = ", ".join(folder.task.test_paths)
        return Verdict.of(0.0, code="swe_test.no_tests", reason=f"no test file was written below {where}")
    try:
        return _Judge(folder, tests, files).verdict()
    except SandboxFailure as error:
        return Verdict.infra_error(str(error)[:1000], code="swe_test.sandbox")


def _is_test(path: str, file: File | None) -> bool:
    name = PurePosixPath(path).name
    return file is not None and file.content is not None and name.endswith(".py") and name not in NO_TESTS


class _Judge:
    """One judgement: a task, the files that were written, those of them that are run."""

    def __init__(self, folder: TaskFolder, tests: Changes, files: list[str]) -> None:
        self._folder = folder
        self._tests = tests
        self._files = files
        self._parts: dict[str, Verdict] = {}

    def verdict(self) -> Verdict:
        seen = (*self._flags(),)
        for name, wrong in self._conditions():
            self._parts[name] = wrong or Verdict.of(1.0, code=f"swe_test.{name}")
            if wrong is not None:
                return Verdict.of(0.0, code=wrong.code, reason=wrong.reason, parts=self._parts, evidence=seen)
        reason = f"{len(self._targets)} tests fail before the fix and pass after it"
        return Verdict.of(1.0, code="swe_test.good", reason=reason, parts=self._parts, evidence=seen)

    def _conditions(self) -> Iterator[tuple[str, Verdict | None]]:
        """The conditions in order, each with what is wrong. Later ones are looked at only where the ones before hold."""
        gold = gold_of(self._folder)
        before = self._run({})
        failed = {test for test, outcome in before.outcomes.items() if outcome == "failed"}
        yield "fails_before", _before(before, failed)
        after = self._run(gold)
        excused = self._excused(after)
        self._targets = sorted(failed - excused)
        yield "passes_after", _after(after, self._targets, excused)
        rendered = self._run(_rendered(self._folder))
        yield "behaviour_after", self._unless(rendered, "passed", "fails on the fix when it is laid out otherwise")
        commented = self._run(_commented(self._folder))
        yield "behaviour_before", self._unless(commented, "failed", "passes where the fix is there as a comment")
        yield "catches", self._catches(gold)

    def _run(self, changes: Changes) -> TestRun:
        """The tests on a tree; a run that ran out of time is run again, in case it was the machine that was slow."""
        with graded_tree(self._folder, {**changes, **self._tests}, hidden=False) as tree:
            run = run_tests(tree, self._files, self._folder.task.recipe)
            return run_tests(tree, self._files, self._folder.task.recipe) if run.problem == "timeout" else run

    def _excused(self, after: TestRun) -> frozenset[str]:
        """Tests that fail after the fix in the task's own files too."""
        if not any(outcome in BAD for outcome in after.outcomes.values()):
            return frozenset()
        task = self._folder.task
        with graded_tree(self._folder, gold_of(self._folder)) as tree:
            run = run_tests(tree, task.hidden_tests, task.recipe)
        return frozenset(test for test, outcome in run.outcomes.items() if outcome in BAD)

    def _unless(self, run: TestRun, wanted: str, what: str) -> Verdict | None:
        wrong = [test for test in self._targets if run.outcomes.get(test) != wanted]
        if not wrong:
            return None
        return Verdict.of(
            0.0, code="swe_test.reads_source", reason=f"{wrong[0]} {what}: it looks at text, not behaviour"
        )

    def _catches(self, gold: Changes) -> Verdict | None:
        mutants = self._folder.mutants[:MAX_MUTANTS]
        for mutant in mutants:
            run = self._run({**gold, mutant.path: File(mutant.source.encode())})
            if any(run.outcomes.get(test) != "passed" for test in self._targets):
                return None
        reason = f"none of {len(mutants)} defects in the fix makes a test fail"
        return Verdict.of(0.0, code="swe_test.catches_nothing", reason=reason)

    def _flags(self) -> Iterator[Evidence]:
        for path in self._files:
            file = self._tests[path]
            found = sorted(set(LOOKS_AT_SOURCE.findall(_text(file))))
            if found:
                yield Evidence(
                    kind="flag", text=f"{path} may look at source: {', '.join(found)}", data={"names": found}
                )


def _before(run: TestRun, failed: Collection[str]) -> Verdict | None:
    if run.problem not in ("", "collection"):
        reason = f"before the fix the tests do not run to their end: {run.problem}"
        return Verdict.of(0.0, code="swe_test.does_not_run", reason=reason)
    if failed:
        return None
    if run.problem or "error" in run.outcomes.values():
        reason = "before the fix no test fails in its body: a file cannot be imported, or a fixture fails"
        return Verdict.of(0.0, code="swe_test.error_before", reason=reason)
    return Verdict.of(0.0, code="swe_test.passes_before", reason="no test fails before the fix")


def _after(run: TestRun, targets: Collection[str], excused: Collection[str]) -> Verdict | None:
    wrong = [test for test in targets if run.outcomes.get(test) != "passed"]
    if wrong or not targets:
        what = f"{wrong[0]} does not pass" if wrong else "no test passes that failed before it"
        return Verdict.of(0.0, code="swe_test.fails_after", reason=f"after the fix {what}")
    others = sorted(test for test, outcome in run.outcomes.items() if outcome in BAD and test not in excused)
    if others or run.problem:
        what = f"{others[0]} fails" if others else f"the tests do not run to their end: {run.problem}"
        return Verdict.of(0.0, code="swe_test.wrong_after", reason=f"after the fix {what}")
    return None


def _rendered(folder: TaskFolder) -> Changes:
    """Gold with its modules laid out anew, without comments."""
    changes = dict(gold_of(folder))
    for path in changes:
        tree = tree_or_none(source_after(folder, path)) if path.endswith(".py") else None
        if tree is not None:
            changes[path] = File(f"{ast.unparse(tree)}\n".encode())
    return changes


def _commented(folder: TaskFolder) -> Changes:
    """The tree before gold, with what gold adds at the end of its modules, as comments."""
    changes: dict[str, File | None] = {}
    for path in gold_of(folder):
        after = source_after(folder, path)
        if after is None or not path.endswith(".py"):
            continue
        before = source_before(folder, path) or ""
        diff = difflib.ndiff(before.splitlines(), after.splitlines())
        added = [f"# {line[2:]}" for line in diff if line.startswith("+ ")]
        changes[path] = File("\n".join([before.rstrip("\n"), *added, ""]).encode())
    return changes


def _text(file: File | None) -> str:
    return (file.content or b"").decode("utf-8", "replace") if file is not None else ""

"""Swe: fix what an issue reports in a real repository. Hidden tests decide, in sandboxes of their own.

The agent works in a copy of the tree before the change, with a history of one commit; what it leaves there when it submits, or when its
turns are used up, is graded by `grade.py`: only source files count, so tests and notes that it leaves behind neither help nor harm, while a
changed file that has nothing to do with the issue fails it. Doing nothing is worth nothing, however the episode ends. Equal work on equal
tasks is graded once in a process: a later `verify` says the same, even where tests are close to their time limit.
"""

from collections.abc import Iterator

from envgym.environments.swe.editing_env import EditingEnv
from envgym.environments.swe.golden import look_around, write_hidden
from envgym.environments.swe.grade import grade
from envgym.environments.swe.prompts import about_repository, issue_text
from envgym.message import Action, call
from envgym.sandbox.sandbox import SandboxFailure
from envgym.task import Task
from envgym.verdict import Verdict
from envgym.verifiers.verdict_memory import VerdictMemory

VERDICTS = VerdictMemory(1024)
MAX_TESTS = 50
"""Tests that the oracle runs itself."""
RULES = (
    "Hidden tests decide whether the issue is resolved and whether anything else broke. Only files that match {source} are taken from your "
    "working copy; leave unrelated files as they are."
)


class Swe(EditingEnv):
    """Resolve an issue in a real Python repository; hidden tests decide."""

    id = "swe"

    def begin(self, task: Task) -> str:
        self.fresh_workspace()
        folder = self.folder
        return "\n\n".join(
            [
                "You are in a Python repository. Resolve this issue by changing its source, then call submit.",
                issue_text(task),
                about_repository(folder),
                RULES.format(source=", ".join(folder.task.source_paths)),
            ]
        )

    def verify(self) -> Verdict:
        folder = self.folder
        try:
            candidate = self.candidate()
        except SandboxFailure as error:
            return Verdict.infra_error(str(error)[:1000], code="swe.sandbox")
        return VERDICTS.recall((folder.path, folder.digest, candidate.digest), lambda: grade(folder, candidate))

    def oracle(self) -> Iterator[Action]:
        """Looks, reads, writes the tests that came with the change and sees them fail, applies the change, sees them pass, submits."""
        folder = self.folder
        tests = list(folder.task.fail_to_pass[:MAX_TESTS])
        yield from look_around(folder)
        yield from write_hidden(folder)
        yield call("run_tests", paths=tests)
        yield call("apply_patch", patch=folder.gold)
        yield call("run_tests", paths=tests)
        yield call("submit")

"""WriteTest: write the tests that show an issue, before anybody has fixed it.

The agent sees the issue and the tree before the fix. The tests that it leaves must fail there and pass on the fix, which it never sees, by
what the code does; `test_quality.py` has the conditions. Its changes outside of the test paths do not count, neither for nor against it: to
try a fix is a good way of checking a test. A test that cannot be imported before the fix, because it imports at the top of the file what
the fix will add, does not count either: import it in the test. Folders without a known defect of the fix are left out: no test could be
shown to notice one.
"""

from collections.abc import Iterator

from envgym.environments.swe.editing_env import EditingEnv
from envgym.environments.swe.golden import look_around, write_hidden
from envgym.environments.swe.prompts import about_repository, issue_text
from envgym.environments.swe.test_quality import judge_tests
from envgym.message import Action, call
from envgym.sandbox.sandbox import SandboxFailure
from envgym.task import Task
from envgym.verdict import Verdict
from envgym.verifiers.verdict_memory import VerdictMemory

VERDICTS = VerdictMemory(1024)
RULES = (
    "Your tests, in files that match {tests}, are run on this tree and on the fixed one. They must fail here, in a test's body rather than "
    "while they are imported, and pass there; all other tests in the files must pass there too. They must test what the code does, without "
    "reading source, and must notice when the fix is made wrongly. Nothing else in your working copy counts."
)


class WriteTest(EditingEnv):
    """Write tests that fail because of an issue, pass once it is fixed and notice a wrong fix."""

    id = "swe_test"
    needs = ("mutants.json",)

    def begin(self, task: Task) -> str:
        self.fresh_workspace()
        folder = self.folder
        return "\n\n".join(
            [
                "You are in a Python repository with the issue below. Do not fix it: write tests that show it, then call submit.",
                issue_text(task),
                about_repository(folder),
                RULES.format(tests=", ".join(folder.task.test_paths)),
            ]
        )

    def verify(self) -> Verdict:
        folder = self.folder
        try:
            candidate = self.candidate()
        except SandboxFailure as error:
            return Verdict.infra_error(str(error)[:1000], code="swe_test.sandbox")
        return VERDICTS.recall((folder.path, folder.digest, candidate.digest), lambda: judge_tests(folder, candidate))

    def oracle(self) -> Iterator[Action]:
        """Looks, reads, writes the tests that came with the change, sees them fail, submits."""
        folder = self.folder
        yield from look_around(folder)
        yield from write_hidden(folder)
        yield call("run_tests", paths=list(folder.task.hidden_tests))
        yield call("submit")

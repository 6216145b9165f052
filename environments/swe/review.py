"""Review: find the defect in a pull request, with the tree to look at.

The request is a real change with one defect in it that tests are known to catch (`seeded_defect.py`). A finding names a file and a line, as
numbered after the change; it hits within two lines of the defect, because people point at the line before or after as well. The score is 1
over the number of different findings if one of them hits, else 0: to point at everything finds the defect and earns next to nothing, and
no finding earns nothing, for there is a defect in every request. Comments are for people; they are not judged. The working copy may be
changed to try things out; that does not count.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from envgym.environments.swe.path_patterns import matches
from envgym.environments.swe.prompts import about_repository
from envgym.environments.swe.seeded_defect import pull_request
from envgym.environments.swe.swe_env import SweEnv
from envgym.environments.swe.task_folder import TaskFolder
from envgym.environments.swe.workspace import Start
from envgym.errors import InvalidAction
from envgym.message import Action, call
from envgym.task import Task
from envgym.tool_env import tool
from envgym.verdict import Verdict

WITHIN = 2
MAX_FINDINGS = 100
MAX_DIFF = 60_000
"""Characters of the diff that are shown; all of it is in the working copy."""
RULES = (
    "Review the change: find what is wrong with it, and report it by submit_review as file, line (as numbered after the change) and a "
    "comment. The change is in the working copy, not yet committed. Report defects only, no style: each finding that is none costs."
)


class Finding(BaseModel):
    """One thing that is wrong."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    file: str = Field(description="Path in the repository.")
    line: Annotated[int, Field(ge=1, description="Line after the change.")]
    comment: str = Field(description="What is wrong.")


class Review(SweEnv):
    """Review a pull request on a real repository and point at its defect."""

    id = "swe_review"

    class Public(BaseModel):
        description: str = Field(description="What the author of the request says.")
        diff: str = Field(description="The request, as a unified diff.")

    def facts(self, folder: TaskFolder) -> dict[str, Any]:
        request = pull_request(folder)
        return {"description": request.description, "diff": request.diff}

    def start_of(self, folder: TaskFolder) -> Start:
        request = pull_request(folder)
        return Start(folder, "review", request.before, request.after)

    def begin(self, task: Task) -> str:
        self.fresh_workspace()
        self.findings: tuple[tuple[str, int], ...] = ()
        diff = task.public["diff"]
        left_out = "" if len(diff) <= MAX_DIFF else f"\n[{len(diff) - MAX_DIFF:,} characters more; see git diff]"
        return "\n\n".join(
            [
                "You are in a Python repository to which somebody proposes a change. What the author says:",
                f"<description>\n{task.public['description'].strip()}\n</description>",
                f"<diff>\n{diff[:MAX_DIFF]}{left_out}\n</diff>",
                about_repository(self.folder),
                RULES,
            ]
        )

    @tool(final=True)
    def submit_review(self, findings: tuple[Finding, ...]) -> str:
        """Hands in the review: what is wrong, each with its place. This ends the episode."""
        if len(findings) > MAX_FINDINGS:
            raise InvalidAction(f"{len(findings)} findings; at most {MAX_FINDINGS}", code="swe_review.too_many")
        self.findings = tuple(sorted({(_plain_path(each.file), each.line) for each in findings}))
        return "handed in"

    def verify(self) -> Verdict:
        return judge_findings(self.folder, self.findings)

    def oracle(self) -> Iterator[Action]:
        """Reads the place in question, runs the tests, reports it."""
        place = pull_request(self.folder).defects[0]
        yield call("search", pattern="def ", path=place.path)
        yield call("read_file", path=place.path, first_line=max(1, place.first - 20), lines=60)
        yield call("run_tests")
        finding = {"file": place.path, "line": place.first, "comment": "this is not what the change is meant to do"}
        yield call("submit_review", findings=[finding])

    def ending(self, rng: random.Random) -> Action:
        """Points at any line of any source file."""
        folder = self.folder
        paths = sorted(str(path.relative_to(folder.base)) for path in folder.base.rglob("*.py"))
        source = [path for path in paths if matches(path, folder.task.source_paths)] or paths
        finding = {"file": rng.choice(source), "line": rng.randrange(1, 400), "comment": "suspicious"}
        return call("submit_review", findings=[finding])


def judge_findings(folder: TaskFolder, findings: Sequence[tuple[str, int]]) -> Verdict:
    """1 over the number of findings where one hits a defect, else 0."""
    if not findings:
        return Verdict.of(0.0, code="swe_review.nothing", reason="no defect was reported")
    defects = pull_request(folder).defects
    hits = [finding for finding in findings if any(place.covers(*finding, within=WITHIN) for place in defects)]
    if not hits:
        return Verdict.of(0.0, code="swe_review.missed", reason=f"none of {len(findings)} findings is at the defect")
    reason = (
        f"{len(hits)} of {len(findings)} findings is at the defect" if len(findings) > 1 else "the defect was found"
    )
    return Verdict.of(1.0 / len(findings), code="swe_review.found", reason=reason)


def _plain_path(path: str) -> str:
    """A path as the tree has it, whatever side of a diff it was copied from."""
    path = path.strip().removeprefix("./").removeprefix("/workspace/")
    return path[2:] if path.startswith(("a/", "b/")) else path

"""Mathematics problems with one checkable answer: 50 of our own, or any JSONL or Parquet file of yours.

The tasks are a finite file, not generated: `taskset` is the same for every seed. The answer is judged by mathematics, not by its text
(`envgym.verifiers.math_answer`), and a check that needs sympy runs in a worker process, which is why the environment counts as blocking.
"""

import logging
import random
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.problem_file import read_problems
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskList, TaskSet
from envgym.verdict import Verdict
from envgym.verifiers.math_answer import fault_in_gold, math_equal

BUNDLED = Path(__file__).with_name("data") / "problems.jsonl"
ASKS_FOR_PERCENT = re.compile(r"(?<!\d)(?<!\d\s)percent", re.IGNORECASE)
"""The word without a number in front of it: "what percentage", "as a percent", not "20 percent of"."""
INSTRUCTION = "Reason step by step, then put your final answer in \\boxed{}."
log = logging.getLogger(__name__)


class MathProblems(AnswerEnv):
    """Mathematics problems with one checkable answer, bundled or from your own file."""

    id = "math"
    blocking = True

    class Knobs(EnvKnobs):
        data: str = Field("", description="JSONL or Parquet file of problems; empty for the 50 bundled ones.")
        strict: bool = Field(False, description="Refuse a file with an unusable row instead of leaving the row out.")

    class Public(BaseModel):
        problem: str = Field(min_length=1, description="The question.")

    class Private(BaseModel):
        answer: str = Field(min_length=1, description="The gold, as LaTeX or plain text.")

    knobs: Knobs

    def taskset(self, seed: int = 0) -> TaskSet:
        """The tasks that were given, else those of the file, whatever the seed."""
        if self._given is None:
            self._given = tasks_of(self.knobs.data, strict=self.knobs.strict)
        return self._given

    def begin(self, task: Task) -> str:
        return f"{task.public['problem']}\n\n{INSTRUCTION}"

    def grade(self, reply: str, task: Task) -> Verdict:
        asks_for_percent = ASKS_FOR_PERCENT.search(task.public["problem"]) is not None
        return math_equal(reply, task.private["answer"], percent=asks_for_percent)

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"\\boxed{{{self.task.private['answer']}}}"

    def random_action(self, rng: random.Random) -> Action:
        """A small number in a box."""
        return f"\\boxed{{{rng.randint(-20, 20)}}}"


def tasks_of(data: str, *, strict: bool) -> TaskList:
    """The tasks of a file, read once as long as it does not change."""
    path = Path(data).expanduser() if data else BUNDLED
    try:
        status = path.stat()
    except OSError as error:
        raise UsageError(
            f"math: cannot read data={data!r}: {error.strerror}; expected a JSONL or Parquet file"
        ) from error
    return _read(path, status.st_mtime_ns, status.st_size, strict)


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int, size: int, strict: bool) -> TaskList:
    tasks, bad = read_problems(
        path, env=MathProblems.id, strict=strict, fault_of=None if path == BUNDLED else fault_in_gold
    )
    if bad:
        log.warning("%s: %d of %d rows left out, the first: %s", path, len(bad), len(bad) + len(tasks), bad[0])
    return tasks

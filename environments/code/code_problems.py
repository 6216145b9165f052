"""Programming problems with hidden tests: 40 of our own, or any JSONL or Parquet file of yours in a published shape.

The tasks are a finite file, not generated: `taskset` is the same for every seed. The reply's program is run test by test, each in a
confined process (`envgym.verifiers.code_tests`), which is why the environment counts as blocking: a test costs some 70 ms, mostly the
start of an interpreter. Of a bundled problem only the first tests of each tier are run, unless `tests_per_tier` asks for more.
"""

import hashlib
import logging
import random
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.code.problem_file import read_problems
from envgym.errors import UsageError
from envgym.message import Action
from envgym.task import Task, TaskList, TaskSet
from envgym.verdict import Verdict
from envgym.verifiers.code_tests import Mode, code_tests
from envgym.verifiers.reply import after_thinking
from envgym.verifiers.verdict_memory import VerdictMemory

VERDICTS = VerdictMemory(4096)
BUNDLED = Path(__file__).with_name("problems.jsonl")
STATEMENT = r"(?:(?:async +)?def +\w+ *\(|class +\w+|import +\w|from +[\w.]+ +import +|print *\(|for +\w|while +\w|@\w|[\w, ]+ = )"
BARE_CODE = re.compile(rf"\A(?:[ \t]*+(?:#.*+)?\n)*+{STATEMENT}")
"""A text whose first line that is no comment begins a statement of Python."""
GUESSES = {
    "function": ("return 0", "return -1", "return len(arguments[0]) if isinstance(arguments[0], (list, str)) else 1"),
    "stdin": ("print(0)", "print(input())", "print(len(input().split()))"),
}
log = logging.getLogger(__name__)


class Code(AnswerEnv):
    """Write a Python function or program that passes hidden tests, for one of 40 bundled problems or for your own."""

    id = "code"
    blocking = True

    class Knobs(EnvKnobs):
        data: str = Field("", description="JSONL or Parquet file of problems; empty for the 40 bundled ones.")
        strict: bool = Field(False, description="Refuse a file with an unusable row instead of leaving the row out.")
        kind: Literal["function", "stdin", "both"] = Field(
            "both", description="Problems about a function, about a program that reads and prints, or both."
        )
        topics: tuple[str, ...] = Field((), description="Only problems with one of these tags; empty: all.")
        min_difficulty: float | None = Field(None, description="Only problems at least as hard; bundled: 1 to 5.")
        max_difficulty: float | None = Field(None, description="Only problems at most as hard.")
        mode: Mode = Field(
            "all",
            description="all: 1 when every test passes. soft: each tier counts by its share of tests passed. strict: a tier counts only"
            " where it and every tier before it pass whole.",
        )
        tests_per_tier: int | None = Field(
            None,
            ge=1,
            description="Run only the first so many tests of each tier; null: 3 of a bundled problem, all of others.",
        )
        rel_tol: float = Field(0.0, ge=0, lt=1, description="Relative error that a returned float may have.")
        cpu_s: int = Field(2, ge=1, le=60, description="CPU seconds of one test.")
        memory_mb: int = Field(512, ge=64, description="Memory of one test.")

    class Public(BaseModel):
        statement: str = Field(min_length=1, description="What is asked.")
        call: str = Field("", description="Name of the function; empty for a program that reads and prints.")
        starter_code: str = Field("", description="Signature or frame to start from.")
        examples: list[dict[str, Any]] = Field([], description="Tests that are shown.")
        tests_per_tier: int | None = Field(None, ge=1, description="Tests of each tier that are run; null: all.")

    class Private(BaseModel):
        tests: list[dict[str, Any]] = Field(min_length=1, description="Hidden tests or tiers, the gold of code_tests.")
        solution: str = Field("", description="A program that passes; empty where none is known.")

    knobs: Knobs

    def taskset(self, seed: int = 0) -> TaskSet:
        """The tasks that were given, else those of the file that the knobs choose, whatever the seed."""
        if self._given is None:
            self._given = self._chosen(tasks_of(self.knobs.data, strict=self.knobs.strict))
        return self._given

    def _chosen(self, tasks: TaskList) -> TaskList:
        knobs = self.knobs
        chosen = [task for task in tasks if knobs.kind in ("both", kind_of(task)) and self._wanted(task)]
        if not chosen:
            tags = sorted({tag for task in tasks for tag in task.tags})
            raise UsageError(
                f"code: none of the {len(tasks)} problems has kind={knobs.kind}, topics={list(knobs.topics)} and a difficulty from"
                f" {knobs.min_difficulty} to {knobs.max_difficulty}; the tags are {', '.join(tags[:40]) or '(none)'}"
            )
        return tasks if len(chosen) == len(tasks) else TaskList(chosen)

    def _wanted(self, task: Task) -> bool:
        low, high, level = self.knobs.min_difficulty, self.knobs.max_difficulty, task.difficulty
        hard_enough = low is None or (level is not None and level >= low)
        easy_enough = high is None or (level is not None and level <= high)
        return (
            hard_enough and easy_enough and (not self.knobs.topics or not set(self.knobs.topics).isdisjoint(task.tags))
        )

    def begin(self, task: Task) -> str:
        public, knobs = task.public, self.knobs
        name = public.get("call", "")
        what = f"a Python function `{name}`" if name else "a Python program that reads standard input and prints"
        said = [f"Write {what}.", public["statement"]]
        if public.get("starter_code"):
            said.append(f"```python\n{public['starter_code'].rstrip()}\n```")
        said += [example_text(number, test) for number, test in enumerate(public.get("examples", []), 1)]
        said.append(
            f"Each hidden test may use {knobs.cpu_s} CPU seconds and {knobs.memory_mb} MB. The standard library is there; files, network, "
            "threads and processes are not.\n\nPut the whole program into one ```python block at the end of your reply."
        )
        return "\n\n".join(said)

    def grade(self, reply: str, task: Task) -> Verdict:
        knobs = self.knobs
        count = knobs.tests_per_tier or task.public.get("tests_per_tier")
        limits = {"cpu_s": knobs.cpu_s, "memory_mb": knobs.memory_mb, "wall_s": 10.0 * knobs.cpu_s}

        def judge() -> Verdict:
            gold = first_tests(task.private["tests"], count)
            return code_tests(in_a_block(reply), gold, mode=knobs.mode, rel_tol=knobs.rel_tol, limits=limits)

        said = hashlib.sha256(reply.encode("utf-8", "surrogatepass")).digest()
        return VERDICTS.recall((task.hash, said, knobs.mode, count, knobs.rel_tol, *limits.values()), judge)

    def oracle(self) -> Iterator[Action]:
        if self.task is None:
            return
        if not self.task.private.get("solution"):
            raise UsageError(f"task {self.task.id!r} of code has no solution: its row brought none in Python")
        yield f"```python\n{self.task.private['solution'].rstrip()}\n```"

    def random_action(self, rng: random.Random) -> Action:
        """A short program of the right form that ignores the question."""
        if self.task is None or not self.task.public.get("call"):
            return f"```python\n{rng.choice(GUESSES['stdin'])}\n```"
        name = self.task.public["call"].rpartition(".")[2]
        return f"```python\ndef {name}(*arguments):\n    {rng.choice(GUESSES['function'])}\n```"


def kind_of(task: Task) -> str:
    return "function" if task.public.get("call") else "stdin"


def first_tests(tests: list[dict[str, Any]], count: int | None) -> list[dict[str, Any]]:
    """The gold with at most `count` tests in each tier; a list without tiers is one."""
    if count is None:
        return tests
    if all(isinstance(one, Mapping) and isinstance(one.get("tests"), list) for one in tests):
        return [{**tier, "tests": tier["tests"][:count]} for tier in tests]
    return tests[:count]


def in_a_block(reply: str) -> str:
    """The reply, in a code block where it is nothing but code. Decided by its first line: the text is not parsed here."""
    if "```" in reply or "~~~" in reply:
        return reply
    code = after_thinking(reply)
    return f"```python\n{code}\n```" if code is not None and BARE_CODE.match(code) else reply


def example_text(number: int, test: Mapping[str, Any]) -> str:
    """A test as it is shown."""
    if "call" not in test:
        return f"Example {number}, input:\n```\n{test['stdin'].rstrip()}\n```\noutput:\n```\n{test['stdout'].rstrip()}\n```"
    named = [f"{name}={value!r}" for name, value in test.get("kwargs", {}).items()]
    call = f"{test['call']}({', '.join([*map(repr, test.get('args', [])), *named])})"
    return f"Example {number}: `{call}` returns `{test['want']!r}`."


def tasks_of(data: str, *, strict: bool) -> TaskList:
    """The tasks of a file, read once as long as it does not change."""
    path = Path(data).expanduser() if data else BUNDLED
    try:
        status = path.stat()
    except OSError as error:
        raise UsageError(
            f"code: cannot read data={data!r}: {error.strerror}; expected a JSONL or Parquet file"
        ) from error
    return _read(path, status.st_mtime_ns, status.st_size, strict)


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int, size: int, strict: bool) -> TaskList:
    tasks, bad = read_problems(path, env=Code.id, strict=strict)
    if bad:
        log.warning("%s: %d of %d rows left out, the first: %s", path, len(bad), len(bad) + len(tasks), bad[0])
    return tasks

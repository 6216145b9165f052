"""Task files: one task per JSONL line, read with the good lines kept and the bad ones named.

A line that is no task says where it is, which field is wrong and what was expected. Only `strict` makes one bad line refuse the file.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from envgym.env import AgentEnv
from envgym.errors import UsageError
from envgym.task import Task, TaskList, faults_of


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be used, and why."""

    number: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.reason}"


def load_tasks(
    path: str | Path, *, env: type[AgentEnv] | None = None, strict: bool = False
) -> tuple[TaskList, list[BadLine]]:
    """The tasks of a JSONL file and the lines that are none, or none that `env` can play.

    Raises UsageError when the file cannot be read or holds no task, and with `strict` at the first bad line.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read tasks from {path}: {error.strerror}") from error
    tasks: list[Task] = []
    bad: list[BadLine] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            task = parse_task(line)
            if env is not None:
                env.check_task(task)
            if task.id in seen:
                raise UsageError(f"id: {task.id!r} is already the id of line {seen[task.id]}; ids are unique")
        except UsageError as error:
            bad.append(BadLine(number, str(error)))
            if strict:
                raise UsageError(f"{path}: {bad[-1]}") from None
            continue
        seen[task.id] = number
        tasks.append(task)
    if not tasks:
        why = f"; the first of {len(bad)} bad lines: {bad[0]}" if bad else ""
        raise UsageError(f"{path} holds no task{why}")
    return TaskList(tasks), bad


def parse_task(line: bytes) -> Task:
    """One task. Raises UsageError naming the field and what was expected."""
    try:
        return Task.model_validate_json(line)
    except ValidationError as error:
        raise UsageError(faults_of(error)) from None


def write_tasks(path: str | Path, tasks: TaskList) -> None:
    """Writes one line per task."""
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(task.model_dump(mode="json"), ensure_ascii=False) + "\n" for task in tasks)

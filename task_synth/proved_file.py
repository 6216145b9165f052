"""Proves the tasks of a file again and tells what held: what is the same for every kind of certificate."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import typer

from envgym.command import progress
from envgym.console import say, table
from envgym.errors import UsageError
from envgym.task import Task
from envgym.task_file import load_tasks
from envgym.task_synth.rejected import Rejected

MOST_TOLD = 20


def prove_file(path: Path, prove: Callable[[Task], Mapping[str, int]], figures: Sequence[str], *, as_json: bool) -> int:
    """Calls `prove` for every task, which gives what held, by the names `figures`, or raises Rejected or UsageError. Returns 1 where a line
    is no task, one does not hold, or its certificate is another task's.
    """
    tasks, bad = load_tasks(path)
    problems = [str(line) for line in bad]
    found = Counter[str]()
    with progress(len(tasks), "certifying") as tick:
        for task in tasks:
            found["tasks"] += 1
            try:
                found.update(prove(task))
            except (Rejected, UsageError) as error:
                problems.append(f"{task.id}: {error}")
            else:
                if task.certificate is not None and task.certificate.get("task") != task.hash:
                    problems.append(
                        f"{task.id}: the certificate is of another task; the content was changed after it was proved"
                    )
            tick()
    result = {name: found[name] for name in ("tasks", *figures)}
    for problem in problems[:MOST_TOLD]:
        say(problem)
    if as_json:
        typer.echo(json.dumps(result))
    else:
        table(f"certificates of {path}", ("what", "figure"), list(result.items()))
    return 1 if problems else 0

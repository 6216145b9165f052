"""The task file that all subjects of the single-turn row share: one game24 task per line, drawn once per run of the benchmark.

Peers read the question, the solution that their scripted model says, and what the check needs; `task` is the whole task, for ours.
"""

import json
from pathlib import Path

import envgym


def write_tasks(path: Path, count: int) -> None:
    """Writes the first `count` tasks of seed 0."""
    env = envgym.make("game24")
    tasks = env.taskset(0)
    with open(path, "w", encoding="utf-8") as out:
        for index in range(count):
            task = tasks[index]
            line = {
                "question": env.begin(task),
                "solution": task.private["solution"],
                "numbers": task.public["numbers"],
                "target": task.public["target"],
                "task": task.model_dump(mode="json"),
            }
            out.write(json.dumps(line) + "\n")

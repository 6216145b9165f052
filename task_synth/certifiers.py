"""Who proves the tasks of a file again: one certifier for each family of environments, by the first task's id."""

import json
from collections.abc import Callable
from pathlib import Path

from envgym.errors import UsageError
from envgym.registry import load

CERTIFIERS = {
    "tool_world": "envgym.task_synth.golden_chain.command:certify_file_command",
    "web_qa": "envgym.task_synth.web_qa.command:certify_file_command",
}
"""By the part of an environment's id before the colon. Each is called with the path, `env` and `as_json`, and returns an exit code."""


def certify_file(path: Path, *, env: str, as_json: bool) -> int:
    """Proves every task of a JSONL file again. Tasks whose family has no certifier of its own are taken for those of a tool world of
    one's own, which may have any id. Raises UsageError where the file has no task.
    """
    family = _first_env(path).partition(":")[0]
    certifier: Callable[..., int] = load(CERTIFIERS.get(family, CERTIFIERS["tool_world"]))
    return certifier(path, env=env, as_json=as_json)


def _first_env(path: Path) -> str:
    """The environment of the first line that is a task."""
    for line in path.read_bytes().splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and isinstance(found.get("env"), str):
            return str(found["env"])
    raise UsageError(f"{path} holds no task")

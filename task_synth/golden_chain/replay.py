"""Playing fixed calls in a tool world, with what a proof needs to know about the end of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envgym.environments.tool_world.net import Difference, difference
from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.errors import EnvFailure
from envgym.message import call, text_of
from envgym.task import Task

Step = dict[str, Any]
"""A call: {"tool", "arguments"}."""


@dataclass(frozen=True, slots=True)
class Played:
    """An episode: its score, what it changed, the errors that it met, and everything that was shown before each call."""

    score: float
    difference: Difference
    content: str
    """A digest of all rows at the end."""
    ending: tuple[Any, ...]
    """Outcome, answer and named policy; empty where finish was not called."""
    errors: tuple[str, ...]
    shown: tuple[str, ...]


def play(env: ToolWorld, task: Task, steps: Sequence[Step], *, watch: bool = False) -> Played:
    """Plays the calls of `steps`, and stops where the episode ends. `watch` keeps what was shown before each call."""
    observation, _ = env.reset(options={"task": task})
    heard = [text_of(message) for message in observation if message["role"] == "user"]
    shown: list[str] = []
    errors: list[str] = []
    for step in steps:
        if watch:
            shown.append("\n".join(heard))
        observation, _, ended, truncated, info = env.step(call(step["tool"], **step["arguments"]))
        heard += [text_of(message) for message in observation]
        if "error" in info:
            errors.append(f"{step['tool']}: {heard[-1]}")
        if ended or truncated:
            break
    score = env.verify().score
    if score is None or env.world is None:
        raise EnvFailure(f"{task.id}: no score")
    return Played(
        score,
        difference(env.domain, env.world.journal()),
        content_of(env),
        () if env.outcome is None else tuple(json.dumps(part) for part in env.outcome),
        tuple(errors),
        tuple(shown),
    )


def content_of(env: ToolWorld) -> str:
    """A digest of the rows that the episode touched, as they are at its end: what equality of two ends is judged by, apart from the
    difference.
    """
    assert env.world is not None
    touched = sorted({(name, id) for name, id, _, _ in env.world.journal()})
    rows = [(name, id, env.world.values(env.world.table_of(name), id)) for name, id in touched]
    first: dict[tuple[str, str], Any] = {}
    for name, id, old, _ in env.world.journal():
        first.setdefault((name, id), old)
    changed = [
        (name, id, now) for name, id, now in rows if (None if now is None else list(now.values())) != first[name, id]
    ]
    return hashlib.sha256(json.dumps(changed, sort_keys=True).encode()).hexdigest()

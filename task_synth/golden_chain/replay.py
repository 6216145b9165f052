"""Playing fixed calls in a tool world, with what a proof needs to know about the end of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envgym.environments.tool_world.net import Difference, difference
from envgym.environments.tool_world.tool_world import ToolWorld, call_as_shown
from envgym.environments.tool_world.world import Change, World
from envgym.errors import EnvFailure
from envgym.message import text_of
from envgym.task import Task

Step = dict[str, Any]
"""A call: {"tool", "arguments"}."""


@dataclass(frozen=True, slots=True)
class Played:
    """An episode: its score, what it changed, the errors that it met, and everything that was shown before each call."""

    score: float
    difference: Difference
    content: str
    """The rows that differ from the beginning, as they lie in the database."""
    ending: tuple[Any, ...]
    """Outcome, answer and named policy; empty where finish was not called."""
    errors: tuple[str, ...]
    shown: tuple[str, ...]


def play(env: ToolWorld, task: Task, steps: Sequence[Step], *, watch: bool = False) -> Played:
    """Plays the calls of `steps`, by the names that the task gives their tools, and stops where the episode ends. `watch` keeps what was
    shown before each call.
    """
    observation, _ = env.reset(options={"task": task})
    heard = [text_of(message) for message in observation if message["role"] == "user"]
    shown: list[str] = []
    errors: list[str] = []
    names = task.public.get("names", {})
    for step in steps:
        if watch:
            shown.append("\n".join(heard))
        observation, _, ended, truncated, info = env.step(call_as_shown(step, names))
        heard += [text_of(message) for message in observation]
        if "error" in info:
            errors.append(f"{step['tool']}: {heard[-1]}")
        if ended or truncated:
            break
    score = (env.verdict or env.verify()).score
    if score is None or env.world is None:
        raise EnvFailure(f"{task.id}: no score")
    journal = env.world.journal()
    return Played(
        score,
        difference(env.domain, journal),
        content_of(env.world, journal),
        () if env.outcome is None else tuple(json.dumps(part) for part in env.outcome),
        tuple(errors),
        tuple(shown),
    )


def content_of(world: World, journal: Sequence[Change]) -> str:
    """The rows that differ from the beginning, as they lie in the database: what equal ends are told by, apart from the difference."""
    first: dict[tuple[str, str], list[Any] | None] = {}
    for name, id, old, _ in journal:
        first.setdefault((name, id), old)
    rows = {(name, id): world.values(world.table_of(name), id) for name, id in sorted(first)}
    return repr(
        [(place, now) for place, now in rows.items() if (None if now is None else list(now.values())) != first[place]]
    )

"""Everything that an agent, or a person who looks over its shoulder, gets to see of a task."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from envgym.env import AgentEnv
from envgym.errors import UsageError
from envgym.task import Task
from envgym.testing.private_values import plain, texts_in
from envgym.testing.subject import IDLE, Subject


@dataclass(frozen=True, slots=True)
class Seen:
    """One text: where it was seen, what the agent itself had said by then, and whether it is what a tool that worked gave."""

    where: str
    plain: str
    said: tuple[str, ...]
    from_tool: bool


def watch(subject: Subject, task: Task, script: Sequence[Any]) -> list[Seen]:
    """What is seen while `script` is played on `task`, starting again whenever the episode ends. Each text counts once."""
    env = subject.make()
    env.render_mode = "ansi"
    seen: dict[tuple[str, bool], Seen] = {}
    standing: dict[str, Any] = {}
    said: tuple[str, ...] = ()
    for where, value, from_tool in _sights(subject, env, task, script):
        if where == SAID:
            said = (*said, plain(value if isinstance(value, str) else json.dumps(value, default=repr, skipkeys=True)))
            continue
        kind = where.partition(" after ")[0]
        if kind in STANDING and standing.get(kind) == value:
            continue
        standing[kind] = value
        for text in texts_in(value):
            if (text, from_tool) not in seen:
                seen[text, from_tool] = Seen(where, plain(text), said, from_tool)
    return list(seen.values())


SAID = "what the agent says"
STANDING = {"tools()", "repr(env)", "the action space", "render()"}
"""What can be seen at any time, and hardly ever changes: it is searched when it does."""


def _sights(subject: Subject, env: AgentEnv, task: Task, script: Sequence[Any]) -> Iterator[tuple[str, Any, bool]]:
    yield from _beginning(subject, env, task)
    for number, action in enumerate(script, 1):
        yield SAID, action, False
        try:
            observation, _, terminated, truncated, info = env.step(action)
        except Exception:  # noqa: BLE001  # nothing was told; that it raised is for `malformed_actions_are_told` to say
            return
        for message in observation:
            yield f"the observation of step {number}", message, message["role"] == "tool" and not info.get("error")
        yield f"the info of step {number}", info, False
        yield from _standing(env, f"after step {number}")
        if terminated or truncated:
            try:
                env.step(IDLE)
            except UsageError as error:
                yield "the error of a step after the end", str(error), False
            yield from _beginning(subject, env, task)


def _beginning(subject: Subject, env: AgentEnv, task: Task) -> Iterator[tuple[str, Any, bool]]:
    observation, info = env.reset(seed=subject.seed, options={"task": task})
    yield "the first observation", observation, False
    yield "the info of reset", info, False
    yield "repr(task)", repr(task), False
    yield from _standing(env, "after reset")


def _standing(env: AgentEnv, when: str) -> Iterator[tuple[str, Any, bool]]:
    """What can be seen at any time. The rendering shows what was observed: what a tool gave is no leak there either."""
    yield f"tools() {when}", env.tools(), False
    yield f"repr(env) {when}", repr(env), False
    yield f"the action space {when}", repr(env.action_space), False
    yield f"render() {when}", env.render(), True

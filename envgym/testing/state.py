"""The state of an environment as a value that can be compared, attribute by attribute.

It is read off the snapshot. Equal states may pickle to different bytes (two names for one string become two strings), so unequal bytes
count only where the values differ too. A snapshot in a format of its own says nothing about what differs; what can be seen of such an
environment from outside stands in for it.
"""

import pickle
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from envgym.env import AgentEnv

OF_A_TURN = frozenset({"turn", "_observation", "_running", "verdict", "told_error", "run_failed"})
"""What a turn changes even where the agent was only told what was wrong."""


@dataclass(frozen=True)
class State:
    """One moment of an episode. `task` is written out at once: a task's dictionaries can be changed in place."""

    data: bytes
    task: str
    env: type[AgentEnv]


def state_of(env: AgentEnv) -> State:
    """The state now."""
    task = "" if env.task is None else env.task.model_dump_json()
    if "state_pickles" in env.waived_laws:
        return State(seen_from_outside(env), task, type(env))
    data = env.snapshot().state
    ours = type(env).snapshot is AgentEnv.snapshot or attributes(data) is not None
    return State(data if ours else seen_from_outside(env), task, type(env))


def seen_from_outside(env: AgentEnv) -> bytes:
    seen = {"turn": env.turn, "_observation": env.observe(), "tools": env.tools(), "verdict": env.verdict}
    return pickle.dumps(seen)


def changes(before: State, after: State, *, apart_from: Collection[str] = ()) -> list[str]:
    """Names of what differs, sorted."""
    task = ["task"] if before.task != after.task else []
    if before.data == after.data:
        return task
    one, two = attributes(before.data) or {}, attributes(after.data) or {}
    names = sorted((one.keys() | two.keys()) - set(apart_from))
    return [*task, *(name for name in names if not same(*(value_of(name, state, before.env) for state in (one, two))))]


ABSENT = "envgym: no such attribute"


def value_of(name: str, state: dict[str, Any], env: type[AgentEnv]) -> Any:
    """The value of an attribute; its class's where the instance never set it."""
    return state.get(name, getattr(env, name, ABSENT))


def attributes(data: bytes) -> dict[str, Any] | None:
    """The attributes in a snapshot as AgentEnv writes it, None for another format."""
    try:
        loaded = pickle.loads(data)
    except Exception:  # noqa: BLE001  # bytes of a foreign format make pickle raise anything
        return None
    return loaded if isinstance(loaded, dict) else None


def same(one: Any, two: Any) -> bool:
    """Equal by value, or where values do not compare by value, by their bytes."""
    if pickle.dumps(one) == pickle.dumps(two):
        return True
    try:
        return bool(one == two)
    except ValueError:  # an array has no single truth
        return False

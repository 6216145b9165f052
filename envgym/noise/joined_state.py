"""One snapshot of two states: the noise's own, and that of the environment in it.

Attributes that both have are kept as pairs under their name, the environment's others under `env.NAME`, so that two snapshots can be
compared attribute by attribute. A snapshot in a format of the environment's own is kept whole.
"""

import pickle
from dataclasses import replace
from typing import Any, NamedTuple

from envgym.env import AgentEnv, Snapshot

THEIRS = "env."
WHOLE = "env"


class Pair(NamedTuple):
    """One attribute of both."""

    mine: Any
    theirs: Any


def joined(mine: dict[str, Any], env: AgentEnv) -> Snapshot:
    """The state `mine` and that of `env`."""
    theirs = env.snapshot()
    if type(env).snapshot is AgentEnv.snapshot:
        inside = pickle.loads(theirs.state)
        state = {name: Pair(value, inside.pop(name)) if name in inside else value for name, value in mine.items()}
        state |= {f"{THEIRS}{name}": value for name, value in inside.items()}
    else:
        state = {**mine, WHOLE: replace(theirs, task=None)}
    return Snapshot(theirs.env, theirs.version, theirs.task, pickle.dumps(state, protocol=5))


def parted(snapshot: Snapshot, env: AgentEnv) -> dict[str, Any]:
    """Restores `env` and gives back the other state. Raises UsageError for a snapshot of another environment."""
    state: dict[str, Any] = pickle.loads(snapshot.state)
    whole = state.pop(WHOLE, None)
    if whole is None:
        theirs = {name.removeprefix(THEIRS): value for name, value in state.items() if name.startswith(THEIRS)}
        theirs |= {name: value.theirs for name, value in state.items() if isinstance(value, Pair)}
        env.restore(replace(snapshot, state=pickle.dumps(theirs, protocol=5)))
    else:
        env.restore(replace(whole, env=snapshot.env, version=snapshot.version, task=snapshot.task))
    mine = {name: value for name, value in state.items() if not name.startswith(THEIRS)}
    return {name: value.mine if isinstance(value, Pair) else value for name, value in mine.items()}

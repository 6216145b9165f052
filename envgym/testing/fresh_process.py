"""Plays episodes in a Python of its own, with another hash seed: what depends on the order of a set differs there.

The child gets one JSON object on stdin and answers with one on stdout. Episodes begin with a reset, or go on from a snapshot.
"""

import json
import os
import pickle
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envgym import registry
from envgym.env import AgentEnv
from envgym.message import Action
from envgym.task import Task
from envgym.testing.subject import LawBroken, Subject
from envgym.testing.tape import Tape, future, record

TIMEOUT_S = 120
"""The child imports everything anew; a minute is what the slowest imports take on a loaded machine."""
NOT_ELSEWHERE = "in this process only: another one cannot import it; give module:Class or file.py:Class"


@dataclass(frozen=True, slots=True)
class Play:
    """One episode to play: a task and the actions, from a reset or from a pickled snapshot."""

    task: Task
    actions: Sequence[Action]
    snapshot: bytes = b""


@dataclass(frozen=True, slots=True)
class Played:
    """What the other process saw: one tape per episode, and the hashes of the tasks that it generated itself."""

    tapes: list[Tape]
    generated: list[str]


def in_a_fresh_process(subject: Subject, plays: Sequence[Play]) -> Played:
    """The tapes of `plays` in a fresh process. Raises LawBroken when it fails or does not end."""
    request = {
        "path": subject.path,
        "module": getattr(subject.build, "__module__", ""),
        "knobs": subject.make().knobs.model_dump(mode="json"),
        "seed": subject.seed,
        "generate": len(subject.tasks) if subject.generated else 0,
        "plays": [
            {
                "task": play.task.model_dump(mode="json"),
                "actions": list(play.actions),
                "snapshot": b64encode(play.snapshot).decode(),
            }
            for play in plays
        ],
    }
    hash_seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    try:
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import main; main()"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
    except subprocess.TimeoutExpired:
        raise LawBroken(f"a fresh process was not done with {len(plays)} episodes after {TIMEOUT_S} s") from None
    if done.returncode != 0:
        raise LawBroken(f"a fresh process failed: {(done.stderr.strip().splitlines() or ['no message'])[-1][:400]}")
    answer = json.loads(done.stdout)
    return Played([tuple(tape) for tape in answer["tapes"]], answer["generated"])


def main() -> None:
    """The child: reads the request, plays, writes the answer. Whatever an environment prints goes to stderr."""
    answer_to, sys.stdout = sys.stdout, sys.stderr
    request: dict[str, Any] = json.load(sys.stdin)
    maker = registry.load(request["path"])
    sys.modules.setdefault(
        request["module"], sys.modules[maker.__module__]
    )  # by that name its parent pickled what it defines
    env = maker(**request["knobs"])
    tapes = [play_one(env, play, request["seed"]) for play in request["plays"]]
    tasks = env.taskset(request["seed"]) if request["generate"] else ()
    generated = [tasks[index].hash for index in range(request["generate"])]
    env.close()
    json.dump({"tapes": tapes, "generated": generated}, answer_to)


def play_one(env: AgentEnv, play: dict[str, Any], seed: int) -> Tape:
    if not play["snapshot"]:
        return record(env, Task.model_validate(play["task"]), play["actions"], seed=seed)
    env.restore(pickle.loads(b64decode(play["snapshot"])))
    return future(env, play["actions"])

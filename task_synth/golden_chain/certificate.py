"""The certificate of a task: what was proved about it, each time anew by playing it.

Gold, and every alternative to it, replays without an error and scores 1.0; gold does so twice; doing nothing, and finishing at once,
score 0; every argument is grounded; the same reads in another order score 1.0; and every mutant that does not end where gold or an
alternative ends scores less than 1. Where the goal is an answer and no change, no answer that can be guessed without a look scores, and
a change that goes through costs everything.
"""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.environments.tool_world.tools import toolbox
from envgym.noise import Noisy
from envgym.task import Task, derive_seed
from envgym.task_synth.golden_chain.grounding import guessed, ungrounded
from envgym.task_synth.golden_chain.mutants import Mutant, misuses, mutants
from envgym.task_synth.golden_chain.replay import End, Played, Step, play, play_beside
from envgym.task_synth.rejected import Rejected

VERSION = 1
NOISE = 0.3
"""Chance of a fault per call in the proof of recovery."""
FAULTS = (
    "timeout_before",
    "timeout_after",
    "rate_limit",
    "unavailable",
    "truncated",
    "missing_field",
    "renamed_field",
    "malformed_json",
)
"""Kinds that an oracle can meet; it does not read requests."""


def certify(env: ToolWorld, task: Task) -> dict[str, Any]:
    """The certificate of `task`. Raises Rejected where it does not hold."""
    gold: list[Step] = task.private["gold"]["calls"]
    played = play(env, task, gold, watch=True)
    _require(not played.errors, "gold errs", "; ".join(played.errors))
    _require(played.score == 1.0, "gold fails", str(env.verify().reason))
    _require(play(env, task, gold) == _unwatched(played), "gold differs", "a second replay ended elsewhere")
    answers_only = not played.end.difference and task.private["gold"]["outcome"] == "done"
    _require(
        not answers_only or task.private["gold"]["answer"] is not None, "empty", "gold changes nothing and says nothing"
    )
    for name, steps in (("idle", []), ("finish", [{"tool": "finish", "arguments": {"outcome": "done"}}])):
        _require(
            play(env, task, steps).score == 0.0,
            f"{name} passes",
            "an episode in which nothing is done scores more than 0",
        )
    _require(not guessed(task), "guessed", f"the answer can be had without a look: {guessed(task)}")
    missing = ungrounded(env.domain, gold, played.shown)
    _require(not missing, "ungrounded", ", ".join(missing))
    others = [_alternative(env, task, calls) for calls in task.private["gold"].get("alternatives", ())]
    other = _other_order(env, gold)
    _require(play(env, task, other).score == 1.0, "order of reads", "the same reads in another order do not score 1")
    _require(recovers(env, task), "no recovery", "an agent that gets over faults does not score 1 under noise")
    return {
        "version": VERSION,
        "task": task.hash,
        "gold": 1.0,
        "idle": 0.0,
        "grounded": True,
        "other_order": 1.0,
        "recovery": 1.0,
        "alternatives": len(others),
        **_try_mutants(env, task, gold, [played.end, *others]),
    }


def _alternative(env: ToolWorld, task: Task, calls: list[Step]) -> End:
    """Calls that are as good as the golden ones, played."""
    played = play(env, task, calls, watch=True)
    _require(not played.errors, "alternative errs", "; ".join(played.errors))
    _require(played.score == 1.0, "alternative fails", str(env.verify().reason))
    missing = ungrounded(env.domain, calls, played.shown)
    _require(not missing, "ungrounded", ", ".join(missing))
    return played.end


def recovers(env: ToolWorld, task: Task) -> bool:
    """Whether gold still scores 1 by an agent that gets over the faults of a noisy world."""
    noisy = Noisy(env, level=NOISE, seed=derive_seed("noise", task.hash) % 2**31, kinds=FAULTS)
    noisy.reset(options={"task": task})
    for action in noisy.oracle():
        *_, ended, truncated, _ = noisy.step(action)
        if ended or truncated:
            break
    return env.verify().score == 1.0


def _try_mutants(env: ToolWorld, task: Task, gold: list[Step], wanted: list[End]) -> dict[str, Any]:
    env.reset(options={"task": task})
    assert env.world is not None
    rng = Random(derive_seed("mutants", task.hash))
    drawn = list(mutants(env.domain, env.world, gold, list(task.public["tools"]), rng))
    answers_only = not wanted[0].difference
    kind = "change" if answers_only else "condition"
    changes = [(*gold[:-1], step, gold[-1]) for step in task.private["gold"]["forbidden"]]
    drawn += [Mutant(kind, steps) for steps in changes]
    drawn += misuses(env.domain, env.world, gold, task.private["gold"].get("alternatives", ()))
    caught, equivalent = Counter[str](), 0
    for mutant, (_, end) in zip(drawn, play_beside(env, task, gold, [each.steps for each in drawn]), strict=True):
        if end is None:
            caught[mutant.kind] += 1
        elif any(_equivalent(mutant, end, each) for each in wanted):
            equivalent += 1
        else:
            raise Rejected(
                "mutant survives", f"{mutant.kind}: {[step for step in mutant.steps if step not in gold][:2]}"
            )
    if answers_only and task.private["gold"]["outcome"] == "done":
        goes = any(play(env, task, steps).end.difference for steps in changes)
        _require(goes, "no change", "no change that goes through was tried")
    return {"mutants": dict(sorted(caught.items())), "equivalent": equivalent}


def _equivalent(mutant: Mutant, end: End, gold: End) -> bool:
    """Whether a mutant ends where gold ends: the same rows and the same ending. Where only the order differed, new rows may have each
    other's ids.
    """
    if mutant.kind == "breach" or end.ending != gold.ending:
        return False
    return end.content == gold.content or (mutant.kind == "reordered" and end.difference == gold.difference)


def _other_order(env: ToolWorld, gold: list[Step]) -> list[Step]:
    """The reads before the first change, the other way round."""
    tools = toolbox(env.domain)
    first = next(
        (at for at, step in enumerate(gold) if step["tool"] not in tools or tools[step["tool"]].effect == "changes"),
        len(gold),
    )
    return [*reversed(gold[:first]), *gold[first:]]


def _unwatched(played: Played) -> Played:
    return replace(played, shown=())


def _require(holds: bool, reason: str, more: str) -> None:
    if not holds:
        raise Rejected(reason, more)

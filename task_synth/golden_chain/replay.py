"""Playing fixed calls in a tool world, with what a proof needs to know about the end of it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from envgym.environments.tool_world.net import Difference, difference
from envgym.environments.tool_world.tool_world import ToolWorld, call_as_shown
from envgym.environments.tool_world.world import Change, World
from envgym.errors import EnvFailure
from envgym.message import Message, text_of
from envgym.task import Task

Step = dict[str, Any]
"""A call: {"tool", "arguments"}."""


@dataclass(frozen=True, slots=True)
class End:
    """Where an episode ended."""

    difference: Difference
    content: str
    """The rows that differ from the beginning, as they lie in the database."""
    ending: tuple[Any, ...]
    """Outcome, answer and named policy; empty where finish was not called."""


@dataclass(frozen=True, slots=True)
class Played:
    """An episode: its score, its end, the errors that it met, and everything that was shown before each call."""

    score: float
    end: End
    errors: tuple[str, ...]
    shown: tuple[str, ...]


def play(env: ToolWorld, task: Task, steps: Sequence[Step], *, watch: bool = False) -> Played:
    """Plays the calls of `steps`, by the names that the task gives their tools, and stops where the episode ends. An ending that comes too
    early, because the user had more to say, is tried once more. `watch` keeps what was shown before each call.
    """
    observation, _ = env.reset(options={"task": task})
    heard = [text_of(message) for message in observation if message["role"] == "user"]
    shown: list[str] = []
    errors: list[str] = []
    steps = ended_again(task, steps)
    for step, message in zip(steps, calls_of(task, steps), strict=True):
        if watch:
            shown.append("\n".join(heard))
        observation, _, ended, truncated, info = env.step(message)
        heard += [text_of(message) for message in observation]
        if "error" in info:
            errors.append(f"{step['tool']}: {heard[-1]}")
        if ended or truncated:
            break
    return Played(score_of(env), end_of(env), tuple(errors), tuple(shown))


def play_beside(
    env: ToolWorld, task: Task, gold: Sequence[Step], variants: Sequence[Sequence[Step]]
) -> list[tuple[float, End | None]]:
    """The scores of variants of `gold`, and the ends of those that score 1. The calls that a variant begins with as gold does are played
    once for all of them; from there on each goes on by itself.
    """
    env.reset(options={"task": task})
    variants = [ended_again(task, steps) for steps in variants]
    leaving: dict[int, list[int]] = {}
    for number, steps in enumerate(variants):
        leaving.setdefault(_shared(gold, steps), []).append(number)
    results: dict[int, tuple[float, End | None]] = {}
    for at, message in enumerate([*calls_of(task, gold), None]):
        for number in leaving.get(at, ()):
            with env.undone():
                results[number] = _finished(env, calls_of(task, variants[number][at:]))
        if message is not None:
            env.step(message)
    return [results[number] for number in range(len(variants))]


def _shared(gold: Sequence[Step], steps: Sequence[Step]) -> int:
    """How many calls two episodes begin with alike."""
    return next(
        (at for at, (one, other) in enumerate(zip(gold, steps, strict=False)) if one != other),
        min(len(gold), len(steps)),
    )


def _finished(env: ToolWorld, calls: Iterable[Message]) -> tuple[float, End | None]:
    """Goes on with `calls`, as far as the episode does."""
    for message in calls:
        if env.verdict is not None:
            break
        env.step(message)
    score = score_of(env)
    return score, end_of(env) if score == 1.0 else None


def ended_again(task: Task, steps: Sequence[Step]) -> list[Step]:
    """The calls with their ending twice, where the user may have more to say when it is tried first."""
    twice = bool(task.private["user"].get("later")) and [step["tool"] for step in steps[-1:]] == ["finish"]
    return [*steps, *steps[-1:]] if twice else list(steps)


def calls_of(task: Task, steps: Sequence[Step]) -> Iterator[Message]:
    """Calls by the names that the task gives their tools."""
    names = task.public.get("names", {})
    return (call_as_shown(step, names) for step in steps)


def score_of(env: ToolWorld) -> float:
    """The score of the episode as it stands."""
    score = (env.verdict or env.verify()).score
    if score is None:
        raise EnvFailure(f"{env.id}: no score")
    return score


def end_of(env: ToolWorld) -> End:
    """Where the episode stands."""
    assert env.world is not None
    journal = env.world.journal()
    return End(
        difference(env.domain, journal),
        content_of(env.world, journal),
        () if env.outcome is None else tuple(json.dumps(part) for part in env.outcome),
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

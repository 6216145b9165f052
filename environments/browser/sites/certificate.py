"""Proves a task of a site by playing it: the golden solution scores 1.0 twice and leaves the same rows, doing nothing scores 0.0, and
near misses score 0.0: the last change left undone, an answer that is nearly right, one change too many, the end not declared.
"""

import json
from collections.abc import Iterator
from typing import Any

from envgym.environments.browser.sites.moves import call_for
from envgym.environments.browser.sites.rows import difference
from envgym.environments.browser.sites.site_env import SiteEnv
from envgym.errors import UsageError
from envgym.message import Action
from envgym.message import call as call_of
from envgym.task import Task


def faults_of(env: SiteEnv, task: Task) -> list[str]:
    """What speaks against a task; empty for one that is proved. `env` is played in, its episode is lost."""
    try:
        return list(_faults(env, task))
    except UsageError as error:
        return [f"the golden solution cannot be played: {error}"]


def _faults(env: SiteEnv, task: Task) -> Iterator[str]:
    moves = [json.loads(move) for move in task.private["moves"]]
    if score(env, task, moves, golden=True) != 1.0:
        yield "the golden solution does not score 1.0"
    first = left_behind(env, task)
    score(env, task, moves, golden=True)
    if left_behind(env, task) != first:
        yield "the golden solution leaves other rows the second time"
    for name, mutant in mutants(task, moves):
        if score(env, task, mutant) != 0.0:
            yield f"{name} does not score 0.0"
    if score(env, task, moves, spoil=True) != 0.0:
        yield "one change too many does not score 0.0"


def mutants(task: Task, moves: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Near misses, by what is wrong with them."""
    yield "doing nothing", []
    yield "ending at once", [["done", ""]]
    yield "not ending", moves[:-1]
    if task.private["wanted"]:
        last = max(at for at, move in enumerate(moves) if move[:2] == ["click", "button"])
        yield "leaving out the last change", [*moves[:last], ["done", moves[-1][1]]]
    if task.public["answer"] is not None:
        yield "a wrong answer", [*moves[:-1], ["done", nearly(task.private["answer"])]]


def nearly(answer: object) -> str:
    """An answer beside the right one."""
    if isinstance(answer, int | float) and not isinstance(answer, bool):
        return str(answer + 1)
    return f"{answer} or so"


def score(env: SiteEnv, task: Task, moves: list[Any], *, golden: bool = False, spoil: bool = False) -> float | None:
    """Plays moves and judges. With `spoil`, one more row is changed before the end. Raises UsageError where a `golden` move cannot be
    made; other solutions may have lost their way, and then look at the page instead.
    """
    env.reset(options={"task": task})
    for move in moves:
        if move[0] == "done" and spoil:
            assert env.app is not None
            env.app.db.execute("UPDATE users SET name = name || '?' WHERE id = 1")
        env.step(call_for(move, env.page) if golden else action_of(env, move))
    return env.verify().score


def action_of(env: SiteEnv, move: list[Any]) -> Action:
    """A move as a call, or a look at the page where it cannot be made."""
    try:
        return call_for(move, env.page)
    except UsageError:
        return call_of("observe")


def left_behind(env: SiteEnv, task: Task) -> list[dict[str, Any]]:
    """How the database differs from its beginning."""
    start = env.golden(task.public["data"], task.public["size"])
    assert env.app is not None
    return difference(start.rows, env.app.db, start.site.volatile)

"""Generated tasks of every domain: the golden calls are paid in full and nothing less is; judging does the same work whatever the size."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from envgym import call, play
from envgym.environments.tool_world import worlds
from envgym.registry import load
from envgym.task import Task

EXAMPLE = f"{Path(__file__).parents[2] / 'examples' / 'my_tool_world.py'}:Rental"
NAMES = [*dir(worlds), "the example"]
SEEDS, LEVELS = range(5), range(1, 6)


def kind(name: str) -> Any:
    return load(EXAMPLE) if name == "the example" else getattr(worlds, name)


@cache
def tasks(name: str) -> list[tuple[Any, Task]]:
    """Environments with their tasks: 12 of each level for the small example, one of each level for a large domain."""
    small = [(level, seed) for seed in range(12) for level in range(1, 6)]
    made = [
        (kind(name)(level=level), seed)
        for level, seed in (small if name == "the example" else zip(LEVELS, SEEDS, strict=True))
    ]
    return [(env, env.taskset(seed)[0]) for env, seed in made]


def played(env: Any, task: Task, steps: list[dict[str, Any]]) -> float:
    """The score of these calls, all of which have to be carried out."""
    env.reset(options={"task": task})
    names = task.public.get("names", {})
    for step in steps:
        env.step(call(names.get(step["tool"], step["tool"]), **step["arguments"]))
    score: float = env.verify().score
    return score


def writes(env: Any, task: Task) -> list[dict[str, Any]]:
    """The golden calls that change something."""
    return [step for step in task.private["gold"]["calls"][:-1] if env.toolbox[step["tool"]].effect == "changes"]


@pytest.mark.parametrize("name", NAMES)
def test_the_golden_calls_are_paid_and_each_of_its_changes_is_needed(name: str) -> None:
    dropped = 0
    for env, task in tasks(name):
        calls = task.private["gold"]["calls"]
        assert played(env, task, calls) == played(env, task, calls) == 1.0, (task.id, env.knobs)
        assert played(env, task, []) == 0.0
        assert played(env, task, calls[:-1]) == 0.0, "finish belongs to it"
        for write in writes(env, task):
            assert played(env, task, [step for step in calls if step is not write]) == 0.0, (task.id, env.knobs, write)
            dropped += 1
    assert dropped


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("policy", ["idle", "random"])
def test_who_knows_nothing_is_paid_nothing(name: str, policy: str) -> None:
    episodes = play(kind(name), policy=policy, episodes=2, knobs={"level": 1})
    assert [episode.score for episode in episodes] == [0.0] * 2


@pytest.mark.parametrize("name", NAMES)
def test_finishing_at_once_is_paid_nothing_whatever_is_claimed(name: str) -> None:
    claims: list[dict[str, Any]] = [
        {"outcome": "done"},
        {"outcome": "refused"},
        {"outcome": "refused", "policy": "identify_1"},
    ]
    for env, task in tasks(name):
        if task.private["gold"]["outcome"] == "done":
            for claim in claims:
                assert played(env, task, [{"tool": "finish", "arguments": claim}]) == 0.0


def statements(env: Any, work: Callable[[], Any]) -> list[str]:
    """The SQL that `work` has the world carry out."""
    seen: list[str] = []
    env.world._connection.set_trace_callback(seen.append)
    work()
    env.world._connection.set_trace_callback(None)
    return seen


def steps_of_virtual_machine(env: Any, work: Callable[[], Any]) -> int:
    """Instructions of SQLite's machine, in units of 10."""
    count = [0]

    def tick() -> int:
        count[0] += 1
        return 0

    env.world._connection.set_progress_handler(tick, 10)
    work()
    env.world._connection.set_progress_handler(None, 0)
    return count[0]


def rows(env: Any) -> int:
    names = [table.name for table in env.domain.tables.values()]
    return sum(int(env.world.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names)


@pytest.fixture(scope="module")
def large() -> Any:
    """An episode in a shop of more than 30,000 rows."""
    env = worlds.retail(size=160, level=1)
    env.reset(seed=5)
    assert rows(env) > 30_000
    return env


def work_of(env: Any) -> tuple[list[str], int, list[str]]:
    """Judges three changes: the statements that this takes, what SQLite does for them, and the statements of starting over."""
    customer = env.world.execute("SELECT id FROM customer").fetchone()[0]
    for _ in range(3):
        env.step(call("create_ticket", customer_id=customer, topic="damage", priority="low"))
    judged = statements(env, env.verify)
    return judged, steps_of_virtual_machine(env, env.verify), statements(env, env.world.restart)


def test_judging_and_starting_over_do_the_same_work_in_a_hundredfold_world(large: Any) -> None:
    """Counted, not timed: statements, and what SQLite does for them."""
    small = worlds.retail(level=1)
    small.reset(seed=5)
    assert rows(small) < 300
    (judged, work, over), (judged_large, work_large, over_large) = work_of(small), work_of(large)
    assert (judged, over) == (judged_large, over_large)
    assert judged
    assert max(work, work_large) < 10, "a walk over 30,000 rows takes thousands"


def test_a_lookup_by_a_key_does_not_walk_the_table(large: Any) -> None:
    env = large
    email, name, postcode = env.world.execute(
        "SELECT email, name, postcode FROM customer ORDER BY id LIMIT 1 OFFSET 600"
    ).fetchone()
    by_email = steps_of_virtual_machine(
        env, lambda: env.toolbox["find_customer_by_email"].run(env.world, {"email": email.upper()})
    )
    both = {"name": name.upper(), "postcode": postcode}
    by_name = steps_of_virtual_machine(
        env, lambda: env.toolbox["find_customer_by_name_and_postcode"].run(env.world, both)
    )
    assert max(by_email, by_name) < 20

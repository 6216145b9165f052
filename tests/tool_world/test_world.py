"""The world of an episode: it can be left and taken up anywhere, nothing in it is ever committed, and no two touch."""

import json
import os
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envgym import call
from envgym.env import Snapshot
from envgym.environments.tool_world import worlds
from envgym.environments.tool_world.calendar import Calendar
from envgym.environments.tool_world.generated_base import base_of
from envgym.environments.tool_world.populate import base
from envgym.environments.tool_world.transaction import Refused, Tx
from envgym.environments.tool_world.world import World

PROGRAM = Path(__file__).with_name("in_a_new_process.py")


def content(world: World) -> dict[str, Any]:
    """Every row of a world, the engine's own included."""
    names = [name for (name,) in world.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: world.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def shop(seed: int = 0) -> World:
    """An episode in a web shop."""
    world = World(worlds.retail.domain, base_of(worlds.retail.domain, seed, 1).content, base=(seed, 1))
    world.begin([], seed=11)
    return world


def ticket(world: World, text: str = "hello") -> str:
    """Makes a row, and gives its id."""
    customer = world.execute("SELECT id FROM customer").fetchone()[0]
    with world.transaction() as tx:
        made = tx.new("Ticket", customer=tx.row("Customer", customer), topic="damage", priority="low", text=text)
    return str(made.id)


def tables_of(name: str) -> list[str]:
    return [table.name for table in getattr(worlds, name).domain.tables.values()]


@pytest.mark.parametrize("name", dir(worlds))
def test_starting_over_brings_every_row_back(name: str) -> None:
    domain = getattr(worlds, name).domain
    world = World(domain, base_of(domain, 0, 1).content, base=(0, 1))
    world.begin([], seed=1)
    start = content(world)
    world.execute("PRAGMA defer_foreign_keys = ON")
    for table in domain.tables.values():
        world.execute(f'DELETE FROM "{table.name}" WHERE id IN (SELECT id FROM "{table.name}" LIMIT 3)')
        for column, field in zip(table.columns[1:], table.fields.values(), strict=True):
            if field.kind in ("words", "note", "integer") and not field.unique:
                world.execute(f'UPDATE "{table.name}" SET "{column}" = "{column}"')
    assert content(world) != start
    world.restart()
    assert content(world) == start
    assert world.inserted == 0
    world.begin([], seed=1)
    assert content(world) == start


def test_what_a_task_lays_down_comes_back_too() -> None:
    world = shop()
    id = world.execute("SELECT id FROM customer").fetchone()[0]
    values = list((world.values(world.table_of("Customer"), id) or {}).values())
    laid = [
        ("customer", id, values, [*values[:4], "gold", 77, 1]),
        ("customer", "CUS-NEW01", None, ["New", "n@example.org", "+1", "1", "gold", 5, 0]),
    ]
    world.begin(laid, seed=4)
    start = content(world)
    assert world.values(world.table_of("Customer"), "CUS-NEW01") is not None
    ticket(world)
    world.execute("DELETE FROM customer WHERE id = 'CUS-NEW01'")
    world.restart()
    assert content(world) == start
    assert world.journal() == []


def half_done(world: World, next_id: str) -> None:
    """A change and a new row, then a refusal."""
    with world.transaction() as tx:
        tx.row("Customer", world.execute("SELECT id FROM customer").fetchone()[0]).points = 8
        made = tx.new("Ticket", customer=tx.all("Customer", tier="gold")[0], topic="damage", priority="low")
        assert made.id == next_id
        tx.require(False, "no more")


def test_a_call_that_fails_leaves_nothing_behind_not_even_the_count_of_ids() -> None:
    world = shop()
    start, first = content(world), ticket(world)
    world.restart()
    with pytest.raises(Refused, match="no more"):
        half_done(world, first)
    assert content(world) == start
    assert ticket(world) == first


@pytest.mark.parametrize(
    "broken", ["points = 9001", "tier = 'iron'", "name = NULL", "email = (SELECT max(email) FROM customer)"]
)
def test_a_broken_constraint_is_a_refusal_without_a_word_of_sql(broken: str) -> None:
    world = shop()
    start = content(world)
    with pytest.raises(Refused) as told, world.transaction():
        world.execute(f"UPDATE customer SET {broken} WHERE id = (SELECT id FROM customer ORDER BY email LIMIT 1)")
    assert "constraint" not in str(told.value).lower()
    assert content(world) == start


@pytest.mark.parametrize(
    "sql",
    [
        "COMMIT",
        "END",
        "commit transaction",
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "VACUUM",
        "VACUUM INTO '/tmp/left.db'",
        "PRAGMA journal_mode = OFF",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA writable_schema = ON",
        "PRAGMA ignore_check_constraints = ON",
    ],
)
def test_nothing_that_ends_the_transaction_or_opens_a_file_is_carried_out(sql: str) -> None:
    world = shop()
    ticket(world)
    with pytest.raises((sqlite3.DatabaseError, sqlite3.OperationalError), match=r"not authorized|VACUUM|cannot"):
        world.execute(sql)
    with pytest.raises(sqlite3.IntegrityError):
        world.execute("UPDATE customer SET points = -1")
    world.restart()
    assert world.journal() == []


def test_the_clock_is_a_row_and_never_the_machines() -> None:
    world = shop()
    assert world.execute("SELECT now FROM _clock").fetchall() == [(worlds.retail.domain.now,)]
    assert Tx(world).today == Calendar(worlds.retail.domain.now).today == "2026-03-14"


def test_two_worlds_do_not_touch() -> None:
    one, other = shop(), shop()
    start = content(other)
    ids = [ticket(one), ticket(one)]
    one.execute("DELETE FROM coupon")
    assert content(other) == start
    assert [ticket(other), ticket(other)] == ids
    other.close()
    assert len(one.journal()) > 2


def test_the_base_of_a_seed_is_the_same_whenever_it_is_made_and_another_for_another_seed() -> None:
    domain = worlds.retail.domain
    made = base_of(domain, 3, 1)
    base.cache_clear()
    base_of.cache_clear()
    assert base_of(domain, 3, 1).digest == made.digest
    assert len({base_of(domain, seed, 1).digest for seed in range(4)}) == 4


def half_played(level: int = 4, seed: int = 2) -> Any:
    """An episode of a web shop after half of its golden calls and one new row, and the calls that are left."""
    env = worlds.retail(level=level)
    env.reset(seed=seed)
    calls = list(env.oracle())
    for action in calls[: len(calls) // 2]:
        env.step(action)
    ticket(env.world)
    return env, calls[len(calls) // 2 :]


def future(env: Any, calls: list[Any]) -> tuple[Any, ...]:
    """What comes of the rest of an episode, the ids of new rows included."""
    made = ticket(env.world, "later")
    return made, [env.step(action)[:4] for action in calls], env.world.journal(), env.verify().score


def test_forks_and_snapshots_have_the_same_future_and_do_not_touch() -> None:
    env, calls = half_played()
    snapshot, twin = env.snapshot(), env.fork()
    assert content(twin.world) == content(env.world)
    expected = future(twin, calls)
    assert len(env.world.journal()) < len(expected[2])
    assert future(env, calls) == expected
    env.restore(snapshot)
    assert future(env, calls) == expected


def test_a_snapshot_goes_on_in_a_new_process_as_it_would_have_here(tmp_path: Path) -> None:
    env, calls = half_played()
    snapshot: Snapshot = env.snapshot()
    (tmp_path / "in").write_bytes(pickle.dumps((snapshot, calls)))
    run(str(tmp_path / "in"), str(tmp_path / "out"))
    assert pickle.loads((tmp_path / "out").read_bytes()) == future(env, calls)


def run(*arguments: str, seed: str = "99") -> str:
    """Runs the program beside this file in a new process with another seed of its hashes."""
    environment = os.environ | {"PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *arguments], capture_output=True, text=True, timeout=110, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_same_seed_gives_the_same_bytes_in_processes_with_other_hashes() -> None:
    kinds = {name: getattr(worlds, name) for name in ("bank", "retail", "telecom")}
    bases = {name: base_of(kind.domain, 0, 1).digest for name, kind in kinds.items()}
    tasks = {name: kind(level=4).taskset(5)[0].hash for name, kind in kinds.items()}
    assert json.loads(run(seed="4711")) == {"bases": bases, "tasks": tasks}


def test_a_task_made_for_other_data_is_not_played() -> None:
    env = worlds.retail()
    task = env.taskset(0)[0]
    changed = task.private | {"world": task.private["world"] | {"digest": "0" * 64}}
    with pytest.raises(Exception, match="another version of this domain's data"):
        env.reset(options={"task": task.model_copy(update={"private": changed})})


def test_a_new_episode_of_the_same_environment_knows_nothing_of_the_last() -> None:
    env = worlds.retail(level=3)
    task = env.taskset(0)[1]
    first, _ = env.reset(options={"task": task})
    start = content(env.world)
    for action in env.oracle():
        env.step(action)
    assert env.reset(options={"task": task})[0] == first
    assert content(env.world) == start
    env.step(call("finish", outcome="done"))
    assert env.verify().score == 0.0

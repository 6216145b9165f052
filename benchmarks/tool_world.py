"""What a tool world costs beside the bare SQLite statements of the same kind, in the same run on the same rows.

    python benchmarks/tool_world.py [DOMAIN] [--large 160] [--environments 1000] [--tasks 60]

A ratio says how many times as long our call takes as the statements that nobody could do without: a row read by its key and made JSON;
a change inside a savepoint; a rollback. The rest is parsing the reply, checking its arguments, the trace, the observation. Judging stands
beside itself in a world of `--large` times the rows. Processor time, medians over batches: other work on the machine does not count, a
shared cache does.
"""

import argparse
import gc
import json
import sqlite3
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from envgym import call
from envgym.environments.tool_world import worlds
from envgym.environments.tool_world.generated_base import base_of
from envgym.environments.tool_world.net import from_tables

BATCH, BATCHES = 40, 25


def microseconds(work: Callable[[], Any]) -> float:
    """The median processor time of one call of `work`, over batches."""
    work()
    taken = []
    for _ in range(BATCHES):
        start = time.process_time()
        for _ in range(BATCH):
            work()
        taken.append((time.process_time() - start) / BATCH)
    return 1e6 * statistics.median(taken)


def resident() -> float:
    """Memory of this process in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * 4096 / 1e6


def line(what: str, ours: float, unit: str, peer: str, theirs: float) -> None:
    print(f"{what:<34}{ours:>10.1f} {unit:<8}{peer:<40}{theirs:>10.1f}   x{ours / theirs:.1f}")


class Bench:
    """An episode and its bare database."""

    def __init__(self, name: str, size: int = 1) -> None:
        self.kind = getattr(worlds, name)
        self.env = self.kind(level=2, size=size)
        self.task = self.env.taskset(0)[0]
        self.env.reset(options={"task": self.task})
        self.bare = sqlite3.connect(":memory:", isolation_level=None)
        place = self.task.private["world"]
        self.bare.deserialize(base_of(self.kind.domain, place["seed"], size).content)
        self.bare.execute("BEGIN")
        self.bare.execute("SAVEPOINT episode")

    def step(self, tool: str, arguments: dict[str, Any]) -> Callable[[], None]:
        """One reply that calls a tool, as a policy would send it."""
        action = call(tool, **arguments)
        self.env._shown = tuple(sorted({*self.env._shown, tool}))

        def step() -> None:
            self.env.turn = 0
            _, _, _, _, info = self.env.step(action)
            if info:
                raise SystemExit(f"{tool}: {self.env.observe()}")

        return step

    def read(self) -> tuple[float, float]:
        """Reading the row of a table that shows no others inside, and the bare statement."""
        tool = next(
            each
            for each in self.env.toolbox.values()
            if getattr(each, "kind", "") == "get"
            and not any(child.fields[name].inline for child, name in each.table.many.values())
        )
        id = self.env.world.execute(f'SELECT id FROM "{tool.table.name}"').fetchone()[0]
        sql = f'SELECT * FROM "{tool.table.name}" WHERE id = ?'
        key = next(iter(tool.spec["function"]["parameters"]["properties"]))
        return microseconds(self.step(tool.name, {key: id})), microseconds(
            lambda: json.dumps(self.bare.execute(sql, (id,)).fetchone())
        )

    def write(self) -> tuple[float, float]:
        """Setting a flag to and fro, and the bare statements, trigger included."""
        for tool in self.env.toolbox.values():
            if getattr(tool, "kind", "") == "edit" and tool.table.fields[tool.keys[0]].kind == "flag":
                break
        else:
            raise SystemExit("no flag to set in this domain")
        id = self.env.world.execute(f'SELECT id FROM "{tool.table.name}"').fetchone()[0]
        key, shown = tool.spec["function"]["parameters"]["properties"]
        steps = [self.step(tool.name, {key: id, shown: value}) for value in (True, False)]
        sql = f'UPDATE "{tool.table.name}" SET "{tool.keys[0]}" = ? WHERE id = ?'

        def bare(value: int) -> None:
            self.bare.execute("SAVEPOINT one")
            self.bare.execute(sql, (value, id))
            self.bare.execute("RELEASE one")

        ours = microseconds(lambda: [step() for step in steps]) / 2
        theirs = microseconds(lambda: [bare(value) for value in (1, 0)]) / 2
        self.env.reset(options={"task": self.task})
        return ours, theirs

    def verify(self) -> float:
        """Judging what the golden calls have changed."""
        self.env.reset(options={"task": self.task})
        for action in list(self.env.oracle())[:-1]:
            self.env.step(action)
        return microseconds(self.env.verify)

    def reset(self) -> tuple[float, float]:
        """Playing the same task again, and the bare rollback."""
        return microseconds(lambda: self.env.reset(options={"task": self.task})), microseconds(
            lambda: self.bare.execute("ROLLBACK TO episode")
        )

    def another(self) -> float:
        """Going from one task to another and back."""
        other = next(
            task
            for task in (self.env.taskset(0)[at] for at in range(1, 200))
            if task.private["world"]["seed"] == self.task.private["world"]["seed"]
        )
        return microseconds(lambda: [self.env.reset(options={"task": task}) for task in (other, self.task)]) / 2

    def laying(self) -> float:
        """Laying the rows of a task down, as for one that lies in no world yet."""
        place = self.task.private["world"]
        return microseconds(lambda: self.env.world.begin(from_tables(place["changes"]), seed=place["ids"]))


def memory(bench: Bench, count: int) -> tuple[float, float]:
    """Memory of `count` live episodes, and of as many bare databases of the same rows."""
    content = bench.bare.serialize()
    start = resident()
    kept = [bench.kind(level=2) for _ in range(count)]
    for env in kept:
        env.reset(options={"task": bench.task})
    ours = resident() - start
    start = resident()
    bare = [sqlite3.connect(":memory:") for _ in range(count)]
    for each in bare:
        each.deserialize(content)
        each.execute("SELECT count(*) FROM sqlite_master")
    return ours, max(resident() - start, 0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("domain", nargs="?", default="retail")
    parser.add_argument("--large", type=int, default=160)
    parser.add_argument("--environments", type=int, default=1000)
    parser.add_argument("--tasks", type=int, default=60)
    chosen = parser.parse_args()
    bench, large = Bench(chosen.domain), Bench(chosen.domain, chosen.large)
    count = sum(
        large.env.world.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0]
        for table in bench.kind.domain.tables.values()
    )
    print(f"{chosen.domain}; the large world has {count} rows")
    line("reset, the same task", *(bench.reset()[0], "us"), "ROLLBACK TO", bench.reset()[1])
    line("reset, another task played lately", bench.another(), "us", "the same task", bench.reset()[0])
    line("laying a task down", bench.laying(), "us", "the same task", bench.reset()[0])
    for name, (ours, theirs), peer in (
        ("step, a read", bench.read(), "SELECT by id, json.dumps"),
        ("step, a write", bench.write(), "SAVEPOINT, UPDATE with trigger, RELEASE"),
        ("step, a read, large", large.read(), "SELECT by id, json.dumps"),
        ("step, a write, large", large.write(), "SAVEPOINT, UPDATE with trigger, RELEASE"),
    ):
        line(name, ours, "us", peer, theirs)
    small = bench.verify()
    line("verify", small, "us", "one bare read", bench.read()[1])
    line("verify, large", large.verify(), "us", "verify", small)
    line(
        f"{chosen.environments} live environments",
        *(figures := memory(bench, chosen.environments))[:1],
        "MB",
        "bare databases of these rows",
        figures[1],
    )
    for name in dir(worlds):
        tasks = getattr(worlds, name)(level=3).taskset(1)
        [tasks[at] for at in range(20)]
        start = time.process_time()
        [tasks[at] for at in range(20, 20 + chosen.tasks)]
        taken = time.process_time() - start
        print(f"{'generate, level 3: ' + name:<34}{chosen.tasks / taken:>10.1f} tasks/s of one core")


if __name__ == "__main__":
    main()

"""Worlds that break in known ways, for the tests of the rollout engine. Each is named by how it breaks."""

import os
import random
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from envgym import Action, AnswerEnv, EnvFailure, EnvKnobs, Task, TaskFields, ToolEnv, Verdict, call, tool


class Sum(AnswerEnv):
    """Adds two numbers: the sound base of the others."""

    id = "sum"

    class Knobs(EnvKnobs):
        folder: str = Field(default="", description="Where a world leaves its marks.")
        share: float = Field(default=1.0, description="Share of the tasks that break.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        one, two = rng.randint(0, 99), rng.randint(100, 199)
        return {
            "public": {"one": one, "two": two, "bad": rng.random() < self.knobs.share},
            "private": {"sum": one + two},
        }

    def begin(self, task: Task) -> str:
        return f"{task.public['one']} + {task.public['two']} = ?"

    def grade(self, reply: str, task: Task) -> Verdict:
        return Verdict.of(float(reply == str(task.private["sum"])), code="sum.checked")

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        yield str(self.task.private["sum"])

    def mark(self) -> int:
        """Counts how often this task was begun, over worlds and processes."""
        assert self.task is not None
        path = Path(self.knobs.folder, self.task.id)
        with path.open("a", encoding="utf-8") as out:
            out.write("x")
        return path.stat().st_size


class FailsOnce(Sum):
    """Its container dies the first time each task is begun."""

    broken = False

    def begin(self, task: Task) -> str:
        if self.broken:
            raise EnvFailure("the dead container is still in use")
        if self.mark() == 1:
            self.broken = True
            raise EnvFailure("the container died")
        return super().begin(task)


class AlwaysFails(Sum):
    """Never comes up for the bad tasks."""

    def begin(self, task: Task) -> str:
        if task.public["bad"]:
            raise EnvFailure("no container could be had")
        return super().begin(task)


class Buggy(Sum):
    """Its author forgot something."""

    def grade(self, reply: str, task: Task) -> Verdict:
        return Verdict.of(task.private["missing"])


class Undecided(Sum):
    """Its judge is out."""

    def grade(self, reply: str, task: Task) -> Verdict:
        return Verdict.infra_error("the judge answers 503", code="judge.down")


class Slow(Sum):
    """Takes a while for each step, in a thread of its own."""

    blocking = True

    def grade(self, reply: str, task: Task) -> Verdict:
        time.sleep(0.05)
        return super().grade(reply, task)


class Hangs(Sum):
    """A step that never comes back, for the bad tasks."""

    blocking = True

    def grade(self, reply: str, task: Task) -> Verdict:
        if task.public["bad"]:
            threading.Event().wait(30)
        return super().grade(reply, task)


class OneThread(Sum):
    """Minds which thread it is stepped in, like a browser does."""

    blocking = True

    def begin(self, task: Task) -> str:
        if not hasattr(self, "owner"):
            self.owner = threading.get_ident()
        return super().begin(task)

    def grade(self, reply: str, task: Task) -> Verdict:
        return Verdict.of(float(threading.get_ident() == self.owner))

    def close(self) -> None:
        assert threading.get_ident() == getattr(self, "owner", threading.get_ident())


class Accounted(Sum):
    """Leaves a mark when it is made and when it is closed; each step takes a while."""

    blocking = True

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.name = uuid.uuid4().hex
        self.opened = False

    def begin(self, task: Task) -> str:
        if not self.opened:
            self.opened = True
            time.sleep(0.6 if task.public["bad"] else 0.0)
            Path(self.knobs.folder, f"{self.name}.made").touch()
        return super().begin(task)

    def grade(self, reply: str, task: Task) -> Verdict:
        time.sleep(0.3)
        return super().grade(reply, task)

    def close(self) -> None:
        if self.opened:
            self.opened = False
            Path(self.knobs.folder, f"{self.name}.closed").touch()


class KillsProcess(Sum):
    """Takes the whole process down for the bad tasks, as a segmentation fault would."""

    def begin(self, task: Task) -> str:
        if task.public["bad"]:
            os._exit(11)
        return super().begin(task)


class Counter(ToolEnv):
    """Reach a number by adding to another."""

    id = "counter"

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"goal": rng.randint(3, 9)}}

    def begin(self, task: Task) -> str:
        self.value = 0
        return f"Bring the counter from 0 to {task.public['goal']}, then call done."

    @tool
    def add(self, amount: int) -> str:
        """Add to the counter."""
        self.value += amount
        return f"counter: {self.value}"

    @tool(final=True)
    def done(self) -> str:
        """End the episode."""
        return "done"

    def verify(self) -> Verdict:
        assert self.task is not None
        return Verdict.of(float(self.value == self.task.public["goal"]), code="counter.checked")

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        for _ in range(self.task.public["goal"]):
            yield call("add", amount=1)
        yield call("done")


class BadGenerator(Sum):
    """Cannot make some of its tasks."""

    def generate(self, rng: random.Random) -> TaskFields:
        fields = super().generate(rng)
        return {} if 1 / (fields["public"]["one"] % 4) < 0 else fields


class Glutton(Sum):
    """Burns time in every step without ever waiting."""

    max_turns = 50

    def grade(self, reply: str, task: Task) -> Verdict:
        time.sleep(0.03)
        return super().grade(reply, task)

    def begin(self, task: Task) -> str:
        time.sleep(0.06)
        return super().begin(task)


class NeedsKey(Sum):
    """Looks a word of the task up in a table of its own and does not find it."""

    def begin(self, task: Task) -> str:
        return {"other": "text"}["one"]


class Watched(Sum):
    """Blocks, and minds in which thread it is asked for its tools."""

    blocking = True

    def begin(self, task: Task) -> str:
        self.asked: set[int] = set()
        self.owner = threading.get_ident()
        return super().begin(task)

    def tools(self) -> list[Any]:
        if hasattr(self, "asked"):
            self.asked.add(threading.get_ident())
        return []

    def grade(self, reply: str, task: Task) -> Verdict:
        return Verdict.of(float(self.asked <= {self.owner}), reason=f"asked in {self.asked}, owned by {self.owner}")

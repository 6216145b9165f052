"""What was visited is kept on the class, and every reset empties it: alone all is well, two instances walk in each other's steps."""

import random
from collections.abc import Iterator
from typing import Any

from envgym import Action, Task, TaskFields, ToolEnv, Verdict, call, tool


class Sound(ToolEnv):
    """Visit rooms in a given order."""

    id = "shared_state"
    max_turns = 6

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"rooms": rng.sample(range(9), 3)}}

    def begin(self, task: Task) -> str:
        self.empty()
        return f"Visit the rooms {task.public['rooms']} in this order, then leave."

    def empty(self) -> None:
        self.visited: list[int] = []

    @tool
    def visit(self, room: int) -> str:
        """Go into a room."""
        self.visited.append(room)
        return f"visited so far: {self.visited}"

    @tool(final=True)
    def leave(self) -> str:
        """Leave the house. Ends the episode."""
        return "bye"

    def verify(self) -> Verdict:
        assert self.task is not None
        return Verdict.of(float(self.visited == self.task.public["rooms"]))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        for room in self.task.public["rooms"]:
            yield call("visit", room=room)
        yield call("leave")


class Broken(Sound):
    visited: list[int] = []

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)

    def empty(self) -> None:
        self.visited.clear()

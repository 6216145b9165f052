"""The verifier takes the stack apart to look at it, and the second look finds nothing."""

import random
from collections.abc import Iterator

from envgym import Action, Task, TaskFields, ToolEnv, Verdict, call, tool


class Sound(ToolEnv):
    """Stack blocks in a given order."""

    id = "verify_mutates"
    max_turns = 6

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"blocks": rng.sample("abcdef", 3)}}

    def begin(self, task: Task) -> str:
        self.stack: list[str] = []
        return f"Put the blocks {', '.join(task.public['blocks'])} on each other in this order, then finish."

    @tool
    def put(self, block: str) -> str:
        """Put a block on top."""
        self.stack.append(block)
        return f"{block} lies on top"

    @tool(final=True)
    def finish(self) -> str:
        """Say that the stack is done. Ends the episode."""
        return "done"

    def verify(self) -> Verdict:
        assert self.task is not None
        return Verdict.of(float(self.stack == self.task.public["blocks"]))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        for block in self.task.public["blocks"]:
            yield call("put", block=block)
        yield call("finish")


class Broken(Sound):
    def verify(self) -> Verdict:
        assert self.task is not None
        wanted = list(self.task.public["blocks"])
        while self.stack and wanted and self.stack[-1] == wanted[-1]:
            self.stack.pop()
            wanted.pop()
        return Verdict.of(float(not self.stack and not wanted))

"""Every episode begins with a session number out of nowhere."""

import random
import uuid
from collections.abc import Iterator

from envgym import Action, AnswerEnv, Task, TaskFields, Verdict


class Sound(AnswerEnv):
    """Double a number."""

    id = "unstable_reset"

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"number": rng.randrange(1000)}}

    def begin(self, task: Task) -> str:
        return f"Session {self.session(task)}. What is twice {task.public['number']}?"

    def session(self, task: Task) -> str:
        return f"of task {task.id}"

    def grade(self, reply: str, task: Task) -> Verdict:
        return Verdict.of(float(reply == str(2 * task.public["number"])))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        yield str(2 * self.task.public["number"])


class Broken(Sound):
    def session(self, task: Task) -> str:
        return str(uuid.uuid4())

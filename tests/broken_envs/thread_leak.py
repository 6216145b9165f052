"""A watcher is started with every episode and nobody tells it that the episode is over."""

import random
import threading
from collections.abc import Iterator

from envgym import Action, AnswerEnv, Task, TaskFields, Verdict


class Sound(AnswerEnv):
    """Add two numbers, under the eyes of a watcher."""

    id = "thread_leak"
    shift_s = 0.0

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"one": rng.randrange(100), "two": rng.randrange(100)}}

    def begin(self, task: Task) -> str:
        watcher = threading.Thread(target=threading.Event().wait, args=(self.shift_s,), daemon=True, name="watcher")
        watcher.start()
        return f"{task.public['one']} + {task.public['two']} = ?"

    def grade(self, reply: str, task: Task) -> Verdict:
        return Verdict.of(float(reply == str(task.public["one"] + task.public["two"])))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        yield str(self.task.public["one"] + self.task.public["two"])


class Broken(Sound):
    shift_s = 20.0

"""The choices are shuffled by the global generator, seeded from the task: the same every time, and everybody else's numbers are gone."""

import random
from collections.abc import Iterator

from envgym import Action, AnswerEnv, Task, TaskFields, Verdict


class Sound(AnswerEnv):
    """Pick the largest number."""

    id = "global_rng"

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"numbers": rng.sample(range(1000), 4), "order": rng.randrange(10_000)}}

    def begin(self, task: Task) -> str:
        numbers = list(task.public["numbers"])
        self.shuffle(numbers, task.public["order"])
        return f"Which of {numbers} is the largest?"

    def shuffle(self, numbers: list[int], order: int) -> None:
        random.Random(order).shuffle(numbers)

    def grade(self, reply: str, task: Task) -> Verdict:
        return Verdict.of(float(reply == str(max(task.public["numbers"]))))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        yield str(max(self.task.public["numbers"]))


class Broken(Sound):
    def shuffle(self, numbers: list[int], order: int) -> None:
        random.seed(order)
        random.shuffle(numbers)

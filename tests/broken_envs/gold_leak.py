"""The gold is in a hint that only a reply of the wrong form gets to see."""

import random
from collections.abc import Iterator

from envgym import Action, AnswerEnv, InvalidAction, Message, Task, TaskFields, Verdict
from envgym.message import Observation, text_of


class Sound(AnswerEnv):
    """Say a word backwards."""

    id = "gold_leak"

    def generate(self, rng: random.Random) -> TaskFields:
        word = "".join(rng.choices("bcdfghjklm", k=7))
        return {"public": {"word": word}, "private": {"gold": word[::-1]}}

    def begin(self, task: Task) -> str:
        return f"Write {task.public['word']} backwards."

    def respond(self, message: Message) -> tuple[Observation, bool]:
        if " " in text_of(message).strip():
            raise InvalidAction(self.hint(), code="answer.form")
        return super().respond(message)

    def hint(self) -> str:
        return "reply with one word, such as 'abcdefg'"

    def grade(self, reply: str, task: Task) -> Verdict:
        return Verdict.of(float(reply == task.private["gold"]))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        yield self.task.private["gold"]


class Broken(Sound):
    def hint(self) -> str:
        assert self.task is not None
        return f"reply with one word, such as '{self.task.private['gold']}'"

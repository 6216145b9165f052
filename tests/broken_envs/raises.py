"""The answer is hashed before it is compared, and half of a surrogate pair has no bytes: `step` raises."""

import hashlib
import random
from collections.abc import Iterator

from envgym import Action, AnswerEnv, Task, TaskFields, Verdict


class Sound(AnswerEnv):
    """Say a word in capitals. The gold is kept as a digest."""

    id = "raises"

    def generate(self, rng: random.Random) -> TaskFields:
        word = "".join(rng.choices("abcdefg", k=6))
        return {"public": {"word": word}, "private": {"digest": hashlib.sha256(word.upper().encode()).hexdigest()}}

    def begin(self, task: Task) -> str:
        return f"Write {task.public['word']} in capitals."

    def bytes_of(self, reply: str) -> bytes:
        return reply.encode("utf-8", "surrogatepass")

    def grade(self, reply: str, task: Task) -> Verdict:
        digest = hashlib.sha256(self.bytes_of(reply)).hexdigest()
        return Verdict.of(float(digest == task.private["digest"]))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        yield self.task.public["word"].upper()


class Broken(Sound):
    def bytes_of(self, reply: str) -> bytes:
        return reply.encode()

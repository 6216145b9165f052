"""Riddles: a fixed bank of short riddles, each answered with one noun.

The tasks are finite and the same for every seed; to hold some out, split by id. No solver proves a riddle: that its answer is the only
good one is a human judgement, written down as a list of accepted names in `data/riddles.jsonl`, and a clever other reading fails. The
riddles are traditional themes in words of our own, or made for this bank.
"""

import json
import random
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.environments.reasoning.settled import settled
from envgym.message import Action
from envgym.task import Task, TaskList, TaskSet
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable

FILE = Path(__file__).with_name("data") / "riddles.jsonl"
LEAD = re.compile(
    r"(?:(?:so|then|therefore|clearly)[, ]+)?(?:i (?:think|believe|say)(?: that)? )?"
    r"(?:(?:it|this|that|the answer|the solution)(?:'s| is| must be) |(?:you|they|these|those|we)(?:'re| are) |(?:i am|i'm) )?"
    r"(?:(?:an?|the|your|my|our|one's|some) )?"
)
NOUN = re.compile(r"[^\W\d_]+(?:[ '-][^\W\d_]+){0,3}")
SEVERAL = re.compile(r"\b(?:or|and|either|maybe|perhaps|alternatively)\b")


class Riddles(AnswerEnv):
    """Answer a riddle with one noun; over 100 riddles, the same for every seed."""

    id = "riddles"

    class Public(BaseModel):
        riddle: str = Field(min_length=1, description="The riddle.")

    class Private(BaseModel):
        answers: list[str] = Field(min_length=1, description="Every accepted name, in lower case; the usual one first.")

    def taskset(self, seed: int = 0) -> TaskSet:
        """The tasks that were given, else those of the bank, whatever the seed."""
        return self._given if self._given is not None else bank()

    def begin(self, task: Task) -> str:
        return (
            f"Solve this riddle. The speaker, where there is one, is the thing to be named.\n\n{task.public['riddle']}\n\nEnd your reply "
            "with one line that names the thing by one noun, without an explanation: Answer: NOUN"
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        try:
            noun = settled(reply, noun_in)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="riddles.unreadable")
        accepted = {noun, noun.removesuffix("s"), noun.removesuffix("es")} & {*task.private["answers"]}
        if not accepted:
            return Verdict.of(0, code="riddles.wrong", reason=f"{noun[:40]!r} is not an accepted answer")
        return Verdict.of(1, code="riddles.ok", reason="that is the thing")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['answers'][0]}"

    def random_action(self, rng: random.Random) -> Action:
        """The answer to a riddle of the bank."""
        return f"Answer: {rng.choice([*bank()]).private['answers'][0]}"


def noun_in(line: str) -> str:
    """The noun of a line such as "It's a towel!", in lower case. Raises Unreadable where there are several, or a sentence."""
    text = line.casefold().replace("’", "'").strip(" .!?\"'*_`")
    noun = text[found.end() :] if (found := LEAD.match(text)) else text
    if SEVERAL.search(noun):
        raise Unreadable(f"{line[:80]!r} names more than one thing")
    if not NOUN.fullmatch(noun := noun.strip(" .!?\"'*_`")):
        raise Unreadable(f"{line[:80]!r} is no single noun")
    return noun


@lru_cache(maxsize=1)
def bank() -> TaskList:
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    return TaskList(
        [
            Task(
                id=row["id"],
                env=Riddles.id,
                public={"riddle": row["riddle"]},
                private={"answers": row["answers"]},
                difficulty=1.0,
            )
            for row in rows
        ]
    )

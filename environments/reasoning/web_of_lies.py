"""Web of lies: each person always lies or always tells the truth, and they talk about each other; find out who lies.

Every puzzle has exactly one solution. A statement says that the number of liars in a group is even or odd, in words fit for one or two
people, so a puzzle is a system of linear equations modulo 2, and Gaussian elimination proves its rank. Each statement that is kept
raises the rank, except the `extra` last drawn. What is graded is the answer against the statements, never the stored solution.
"""

import random
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.people import PEOPLE
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.answer_pairs import answer_pairs
from envgym.verifiers.structured_reply import Unreadable

HONEST, LIES = "honest", "liar"
STATUS = {"honest": HONEST, "truthful": HONEST, "truth": HONEST, "liar": LIES, "lies": LIES, "lying": LIES}


class WebOfLies(AnswerEnv):
    """From what people say about each other, find who lies and who tells the truth; each puzzle has one solution."""

    id = "web_of_lies"

    class Knobs(EnvKnobs):
        people: int = Field(default=7, ge=3, le=24, description="How many people there are.")
        group: int = Field(
            default=2, ge=1, le=4, description="Most people that one statement is about; 1 gives a plain chain or tree."
        )
        extra: int = Field(default=1, ge=0, le=20, description="Statements more than are needed.")

    class Public(BaseModel):
        names: list[str] = Field(min_length=3, description="The people.")
        known: tuple[int, bool] = Field(description="A person by number, and whether they lie: told at the start.")
        says: list[tuple[int, list[int], bool]] = Field(
            min_length=1,
            description="Speaker, whom the statement is about, whether it says that an odd number of them lie.",
        )

    class Private(BaseModel):
        solution: str = Field(description="The only solution, NAME=STATUS for each person.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        people = self.knobs.people
        names = rng.sample(PEOPLE, people)
        lies = [rng.random() < 0.5 for _ in names]
        anchor = rng.randrange(people)
        rows = [1 << anchor]
        says: list[tuple[int, list[int], bool]] = []
        while len(rows) < people:
            speaker, about = self.topic(rng)
            left = reduced(sum(1 << person for person in (speaker, *about)), rows)
            if left:
                rows.append(left)
                says.append((speaker, about, odd_in(about, lies) != lies[speaker]))
        for _ in range(self.knobs.extra):
            speaker, about = self.topic(rng)
            says.append((speaker, about, odd_in(about, lies) != lies[speaker]))
        rng.shuffle(says)
        return {
            "public": {"names": names, "known": [anchor, lies[anchor]], "says": [list(line) for line in says]},
            "private": {"solution": answer(names, lies)},
            "difficulty": float(people * self.knobs.group),
            "certificate": {"solutions": 1, "by": "Gaussian elimination modulo 2", "rank": people},
        }

    def topic(self, rng: random.Random) -> tuple[int, list[int]]:
        """A speaker, and the others whom the statement is about."""
        people = self.knobs.people
        speaker, *about = rng.sample(range(people), 1 + rng.randint(1, min(self.knobs.group, people - 1)))
        return speaker, sorted(about)

    def begin(self, task: Task) -> str:
        names: list[str] = task.public["names"]
        person, lies = task.public["known"]
        says = "\n".join(
            f"- {names[speaker]} says: {sentence([names[one] for one in about], odd)}"
            for speaker, about, odd in task.public["says"]
        )
        return (
            f"Each of these {len(names)} people either always lies or always tells the truth: {', '.join(names)}. It is known that "
            f"{names[person]} {'always lies' if lies else 'always tells the truth'}.\n\n{says}\n\nWho lies and who tells the "
            "truth? End your reply with one line that names every person once, in the form\n"
            "Answer: NAME=liar, NAME=honest, ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        names: list[str] = task.public["names"]
        try:
            read = answer_pairs(reply, names=names, values=STATUS)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="web_of_lies.unreadable")
        lies = [read[name] == LIES for name in names]
        person, known = task.public["known"]
        if lies[person] != known:
            reason = f"{names[person]} is known to be {LIES if known else HONEST}"
            return Verdict.of(0, code="web_of_lies.known_changed", reason=reason)
        for speaker, about, odd in task.public["says"]:
            if (odd_in(about, lies) == odd) == lies[speaker]:
                reason = (
                    f"{names[speaker]} is called {read[names[speaker]]}, which what {names[speaker]} says contradicts"
                )
                return Verdict.of(0, code="web_of_lies.contradiction", reason=reason)
        return Verdict.of(1, code="web_of_lies.ok", reason="liars say what is false, the others what is true")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['solution']}"

    def random_action(self, rng: random.Random) -> Action:
        """A random status for each person."""
        names: list[str] = self.task.public["names"] if self.task is not None else PEOPLE[:3]
        return f"Answer: {answer(names, [rng.random() < 0.5 for _ in names])}"


def answer(names: Sequence[str], lies: Sequence[bool]) -> str:
    return ", ".join(f"{name}={LIES if lie else HONEST}" for name, lie in zip(names, lies, strict=True))


def odd_in(about: Sequence[int], lies: Sequence[bool]) -> bool:
    return sum(lies[person] for person in about) % 2 == 1


def reduced(row: int, rows: Sequence[int]) -> int:
    """What is left of an equation, a bit for each person, under those before it in elimination order; 0 when it follows from them."""
    for other in rows:
        row = min(row, row ^ other)
    return row


def sentence(about: Sequence[str], odd: bool) -> str:
    """That an odd or even number of the people lie."""
    if len(about) == 1:
        return f"{about[0]} {'lies' if odd else 'tells the truth'}."
    if len(about) == 2:
        one, two = about
        return f"Exactly one of {one} and {two} lies." if odd else f"Either both {one} and {two} lie or neither does."
    return f"The number of liars among {', '.join(about[:-1])} and {about[-1]} is {'odd' if odd else 'even'}."

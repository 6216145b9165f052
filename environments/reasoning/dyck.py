"""Dyck: complete a bracket string with the shortest closing sequence, or find its first error.

Both answers follow from the string alone, by a stack. To name an error takes its position and also the brackets that were open there in the
order in which they would close: a position by itself is guessed too easily. Positions count from 1.
"""

import random
import re
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.settled import settled
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.reply import BOX
from envgym.verifiers.structured_reply import Unreadable

CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
OPENING = "([{<"
NAMED = re.compile(r"\s*(\d{1,6})[\s,:;]*([()\[\]{}<>][()\[\]{}<>\s]*|none\s*)", re.IGNORECASE)
TEXT_START = re.compile(r"\s*\\(?:text|texttt|mathtt)\s*\{")
BOX_END = re.compile(r"\}(?:[\s$.]|\\[)\]])*\Z")
DRESS = str.maketrans("", "", "\\`\"'*$")
"""Quotes, backslashes and emphasis that may stand around brackets."""


class Dyck(AnswerEnv):
    """Close a bracket string, or find the first bracket in it that cannot stand where it does."""

    id = "dyck"

    class Knobs(EnvKnobs):
        form: Literal["complete", "find"] = Field(default="complete", description="Complete it or find its error.")
        length: int = Field(default=40, ge=8, le=400, description="Brackets shown.")
        kinds: int = Field(default=4, ge=2, le=4, description="Kinds of brackets.")

    class Public(BaseModel):
        form: Literal["complete", "find"] = Field(description="Complete it or find its error.")
        text: str = Field(min_length=1, description="The brackets.")

    class Private(BaseModel):
        answer: str = Field(description="The closing sequence; for an error its position, a blank and that sequence.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        length, kinds = self.knobs.length, OPENING[: self.knobs.kinds]
        if self.knobs.form == "complete":
            text = walked(length, [], rng.randint(max(2, length // 8), max(3, length // 3)), kinds, rng)
            answer = closing_of(text)
            hardness = len(text) + 2 * len(answer)
        else:
            text, at = with_an_error(length, kinds, rng)
            answer = f"{at + 1} {closing_of(text[:at]) or 'none'}"
            hardness = at + 1 + 2 * len(answer)
        return {
            "public": {"form": self.knobs.form, "text": text},
            "private": {"answer": answer},
            "difficulty": float(hardness),
            "certificate": {"answers": 1, "by": "a stack"},
        }

    def begin(self, task: Task) -> str:
        kinds = ", ".join(left + right for left, right in CLOSING.items())
        rules = (
            f"In a balanced string of the brackets {kinds} every opening bracket is closed by its own kind, and the bracket "
            "that was opened last is closed first."
        )
        if task.public["form"] == "complete":
            return (
                f"{rules} This string is the start of a balanced one:\n\n{task.public['text']}\n\nWhich shortest sequence of brackets, "
                "put after it, makes it balanced? End your reply with one line that holds that sequence alone, without a box: "
                "Answer: SEQUENCE"
            )
        return (
            f"{rules} This string has an error:\n\n{task.public['text']}\n\nFind the first bracket with which the string can no longer "
            "be the start of a balanced one: a closing bracket of another kind than the last open one, or where none is open. Count "
            "positions from 1. Give its position, and the shortest sequence of brackets that would balance the part of the string "
            "before it (none where that part is balanced). End your reply with one line, without a box: Answer: POSITION SEQUENCE"
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        text: str = task.public["text"]
        form = task.public["form"]
        try:
            position, sequence = settled(unboxed(reply), sequence_in if form == "complete" else error_in)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="dyck.unreadable")
        if form == "find":
            at = first_error(text)
            if position != at + 1:
                return Verdict.of(0, code="dyck.wrong_position", reason=f"position {position} is not the first error")
            text = text[:at]
        if sequence != closing_of(text):
            return Verdict.of(0, code="dyck.wrong_sequence", reason="that is not the shortest sequence that closes it")
        return Verdict.of(1, code="dyck.ok", reason="a stack gives the same")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['answer']}"

    def random_action(self, rng: random.Random) -> Action:
        """Closing brackets at random, and a random position where one is asked for."""
        public = self.task.public if self.task is not None else {"form": "complete", "text": "()"}
        length = len(public["text"])
        position = f"{rng.randint(1, length)} " if public["form"] == "find" else ""
        return f"Answer: {position}" + "".join(rng.choice(")]}>") for _ in range(rng.randint(1, length // 2)))


def unboxed(reply: str) -> str:
    """`reply` with an "Answer:" line in place of each line that ends with a box.

    The box is closed by the last brace of the line: those before it need not be balanced, they may be a part of the answer.
    """
    return "\n".join(map(_unboxed, reply.split("\n"))) if "box" in reply else reply


def _unboxed(line: str) -> str:
    box, end = BOX.search(line), BOX_END.search(line)
    if box is None or end is None:
        return line
    inside = line[box.end() : end.start()]
    text = TEXT_START.match(inside)
    return f"Answer: {inside[text.end() : -1] if text and inside.endswith('}') else inside}"


def sequence_in(answer: str) -> tuple[int, str]:
    """0 and the brackets of an answer that holds nothing else."""
    sequence = "".join(answer.translate(DRESS).split())
    if not sequence or sequence.strip("()[]{}<>"):
        raise Unreadable(f"{answer[:80]!r} is no sequence of brackets")
    return 0, sequence


def error_in(answer: str) -> tuple[int, str]:
    found = NAMED.fullmatch(answer.translate(DRESS))
    if found is None:
        raise Unreadable(f"{answer[:80]!r} is no position with a sequence of brackets")
    sequence = "".join(found[2].split())
    return int(found[1]), "" if sequence.casefold() == "none" else sequence


def walked(steps: int, opened: list[str], height: int, kinds: str, rng: random.Random) -> str:
    """A string of about `steps` brackets that goes on where `opened` are open, without an error, and leaves `height` open.

    It is one bracket longer where `steps` has the wrong parity, and as long as it must be where `height` is far. `opened` is changed.
    """
    left = max(steps, abs(height - len(opened)))
    left += (left - abs(height - len(opened))) % 2
    text = ""
    while left:
        away = height - len(opened)
        if not opened or left == away or (left != -away and rng.random() < 0.5):
            opened.append(rng.choice(kinds))
            text += opened[-1]
        else:
            text += CLOSING[opened.pop()]
        left -= 1
    return text


def with_an_error(length: int, kinds: str, rng: random.Random) -> tuple[str, int]:
    """A string, and the place of its first error: it goes on as if that bracket had closed the last open one, or had not been there."""
    before = rng.randint(length // 3, length - 4)
    opened: list[str] = []
    text = walked(before, opened, 0 if rng.random() < 0.15 else rng.randint(1, max(2, before // 4)), kinds, rng)
    at = len(text)
    right = CLOSING[opened.pop()] if opened else ""
    text += rng.choice([CLOSING[kind] for kind in kinds if CLOSING[kind] != right])
    return text + walked(length - len(text), opened, 0, kinds, rng), at


def first_error(text: str) -> int:
    """The place, from 0, of the first bracket that no balanced string can have there; the length of the text where there is none."""
    opened: list[str] = []
    for at, bracket in enumerate(text):
        if bracket in CLOSING:
            opened.append(bracket)
        elif not opened or CLOSING[opened.pop()] != bracket:
            return at
    return len(text)


def closing_of(text: str) -> str:
    """The shortest sequence that balances a text without an error."""
    opened: list[str] = []
    for bracket in text:
        if bracket in CLOSING:
            opened.append(bracket)
        else:
            opened.pop()
    return "".join(CLOSING[bracket] for bracket in reversed(opened))

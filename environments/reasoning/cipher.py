"""Cipher: undo Caesar, Vigenère, keyed substitution, rail fence and columnar transposition, one or several in a row.

Every step is one to one once its key is known, and every key is told, except for an alphabet that a crib gives: there each letter that the
message needs occurs in the crib. So one plain text fits. Graded by enciphering the answer again, never against the stored words.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.settled import settled
from envgym.environments.reasoning.word_list import common_words
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable

LETTERS = "abcdefghijklmnopqrstuvwxyz"
Kind = Literal["caesar", "vigenere", "keyed", "rail_fence", "columnar"]
KINDS: tuple[Kind, ...] = ("caesar", "vigenere", "keyed", "rail_fence", "columnar")
Step = dict[str, Any]
"""`kind`, its `key`, and for a keyed substitution `crib`: None, or a pair of a text and what becomes of it."""


class Cipher(AnswerEnv):
    """Decipher a message from the keys or a crib: substitutions and transpositions, one after the other."""

    id = "cipher"

    class Knobs(EnvKnobs):
        kinds: list[Kind] = Field(default=list(KINDS), min_length=1, description="Ciphers that may be used.")
        steps: int = Field(default=1, ge=1, le=5, description="Ciphers used one after the other.")
        words: int = Field(default=4, ge=2, le=20, description="Words of the message.")
        cribs: float = Field(
            default=0.3, ge=0, le=1, description="Chance that a keyed alphabet must be derived from a crib."
        )

    class Public(BaseModel):
        steps: list[Step] = Field(min_length=1, description="What was done to the message, in order.")
        text: str = Field(min_length=1, description="The message after the last step.")

    class Private(BaseModel):
        message: str = Field(description="The words of the message.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        words = rng.sample(common_words(), self.knobs.words)
        text = "".join(words)
        steps: list[Step] = []
        hardness = 0.0
        for kind in drawn(self.knobs.kinds, self.knobs.steps, rng):
            step: Step = {"kind": kind, "key": new_key(kind, len(text), words, rng), "crib": None}
            after = apply(step, text)
            hardness += 1 + KINDS.index(kind) / 4
            if kind == "keyed" and rng.random() < self.knobs.cribs:
                sample = crib(set(text), words, rng)
                step = {"kind": kind, "key": "", "crib": [sample, substituted(sample, str(step["key"]))]}
                hardness += 1
            steps.append(step)
            text = after
        if text == "".join(words):  # two steps may undo each other
            return self.generate(rng)
        return {
            "public": {"steps": steps, "text": text},
            "private": {"message": " ".join(words)},
            "difficulty": hardness * len(text),
            "certificate": {"plain_texts": 1, "by": "each step is one to one; cribs hold every letter that is needed"},
        }

    def begin(self, task: Task) -> str:
        steps = "\n".join(f"{number}. {told(step)}" for number, step in enumerate(task.public["steps"], 1))
        return (
            "A message of English words was written in small letters without blanks and then enciphered. This was done, in this "
            f"order:\n{steps}\n\nThe result is:\n{task.public['text']}\n\nFind the message. End your reply with one line: "
            "Answer: MESSAGE (blanks between its words make no difference)."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        try:
            text = settled(reply, message)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="cipher.unreadable")
        wanted = task.public["text"]
        if len(text) != len(wanted):
            return Verdict.of(0, code="cipher.length", reason=f"{len(text)} letters, the message has {len(wanted)}")
        for step in task.public["steps"]:
            text = apply(step, text)
        if text != wanted:
            return Verdict.of(0, code="cipher.wrong", reason=f"enciphered it is {text[:80]!r}")
        return Verdict.of(1, code="cipher.ok", reason="enciphered it is the given text")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['message']}"

    def random_action(self, rng: random.Random) -> Action:
        """The letters of the text in random order."""
        text = self.task.public["text"] if self.task is not None else "a"
        return "Answer: " + "".join(rng.sample(text, len(text)))


def message(answer: str) -> str:
    """An answer as small letters without blanks."""
    text = "".join(answer.casefold().split())
    if not (text.isascii() and text.isalpha()):
        raise Unreadable(f"{answer[:80]!r} is no message of letters")
    return text


def drawn(kinds: Sequence[Kind], count: int, rng: random.Random) -> list[Kind]:
    """Kinds for the steps; the same kind twice in a row only where there is no other."""
    chosen: list[Kind] = []
    for _ in range(count):
        chosen.append(rng.choice([kind for kind in kinds if kind not in chosen[-1:]] or list(kinds)))
    return chosen


def new_key(kind: Kind, length: int, words: Sequence[str], rng: random.Random) -> int | str:
    if kind == "caesar":
        return rng.randint(1, 25)
    if kind == "rail_fence":
        return rng.randint(2, max(2, min(6, length // 3)))
    word = word_beside(words, rng)
    return alphabet_of(word) if kind == "keyed" else word


def word_beside(words: Sequence[str], rng: random.Random) -> str:
    """A word that is none of the message's."""
    while (word := rng.choice(common_words())) in words:
        pass
    return word


def alphabet_of(word: str) -> str:
    """The alphabet that starts with the letters of a word, each once, and goes on with the others in their order."""
    return "".join(dict.fromkeys(word + LETTERS))


def crib(needed: set[str], words: Sequence[str], rng: random.Random) -> str:
    """Words, none of the message's, that together hold every needed letter; those still missing after 400 draws stand at the end."""
    missing = needed.copy()
    chosen: list[str] = []
    for _ in range(400):
        if not missing:
            break
        word = word_beside(words, rng)
        if len(missing.intersection(word)) >= min(3, len(missing)):
            chosen.append(word)
            missing.difference_update(word)
    return " ".join([*chosen, *(["".join(sorted(missing))] if missing else [])])


def told(step: Step) -> str:
    """A step as the prompt states it."""
    key = step["key"]
    match step["kind"]:
        case "caesar":
            return f"Caesar: each letter was moved {key} places on in the alphabet; after z comes a."
        case "vigenere":
            return (
                f"Vigenère with the key {key!r}: the key was written again and again under the text, and each letter was moved on in "
                "the alphabet by its key letter (a by 0 places, b by 1, ... z by 25; after z comes a)."
            )
        case "rail_fence":
            return (
                f"Rail fence: the text was written in a zigzag over {key} rows, down from the first row to the last, up again and so on, "
                "one letter at a time; then the rows were read one after the other, the first row first."
            )
        case "columnar":
            return (
                f"Columnar transposition with the key {key!r}: the text was written in rows under the letters of the key, the last row "
                "may be short; then the columns were read from top to bottom, in the alphabetical order of their key letters (equal "
                "letters from left to right)."
            )
    if step["crib"] is not None:
        plain, made = step["crib"]
        return (
            "Substitution: each letter was replaced by another or the same, always in the same way, and no two by the same one. It "
            f"turns\n   {plain}\ninto\n   {made}"
        )
    return f"Substitution: each letter of\n   {LETTERS}\nwas replaced by the letter below it in\n   {key}"


def apply(step: Step, text: str) -> str:
    key = step["key"]
    match step["kind"]:
        case "caesar":
            return substituted(text, LETTERS[key:] + LETTERS[:key])
        case "vigenere":
            return "".join(moved(letter, LETTERS.index(key[at % len(key)])) for at, letter in enumerate(text))
        case "rail_fence":
            return "".join(text[at] for at in rail_order(len(text), key))
        case "columnar":
            columns = sorted(range(len(key)), key=lambda column: (key[column], column))
            return "".join(text[column :: len(key)] for column in columns)
    if step["crib"] is not None:
        plain, made = step["crib"]
        known = dict(zip(plain, made, strict=True))
        return "".join(known.get(letter, "?") for letter in text)
    return substituted(text, key)


def moved(letter: str, places: int) -> str:
    """A small letter `places` on; what is no letter stays."""
    at = LETTERS.find(letter)
    return letter if at < 0 else LETTERS[(at + places) % 26]


def substituted(text: str, alphabet: str) -> str:
    return text.translate(str.maketrans(LETTERS, alphabet))


def rail_order(length: int, rails: int) -> list[int]:
    """Places of a text in the order in which a rail fence reads them."""
    turn = 2 * (rails - 1)
    return sorted(range(length), key=lambda at: (min(at % turn, turn - at % turn), at))

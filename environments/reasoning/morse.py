"""Morse: read words out of International Morse code that is plain, damaged, run together or mixed with other codes.

A damaged message can be read in one way only: of its copies at most a minority is wrong at any one place, or, in the form "listed", an
exhaustive check shows that one word alone of the printed list is exactly one symbol away. Graded by writing the answer in the code
again and comparing that with the message, never with the stored words.
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
CODES = [
    ".-", "-...", "-.-.", "-..", ".", "..-.", "--.", "....", "..", ".---", "-.-", ".-..", "--",
    "-.", "---", ".--.", "--.-", ".-.", "...", "-", "..-", "...-", ".--", "-..-", "-.--", "--..",
]  # fmt: skip
"""Of the letters a to z."""
MORSE = dict(zip(LETTERS, CODES, strict=True))
FLIP = {".": "-", "-": "."}
MIXTURES = ("morse", "numbers", "reversed", "mirror")
"""The codes that the words of a mixed message take in turns, each at least once where there are enough words."""
Form = Literal["plain", "noisy", "listed", "mixed"]


class Morse(AnswerEnv):
    """Read a message in Morse code: plain, sent several times with errors, run together, or mixed with other codes."""

    id = "morse"

    class Knobs(EnvKnobs):
        form: Form = Field(default="noisy", description="Plain, noisy (copies), listed (no gaps, one error) or mixed.")
        words: int = Field(default=4, ge=1, le=20, description="Words of the message.")
        copies: Literal[3, 5, 7] = Field(default=3, description="How often a noisy message is sent.")
        errors: float = Field(
            default=0.2, gt=0, le=1, description="Share of places where a noisy message has an error."
        )
        listed: int = Field(default=40, ge=10, le=200, description="Words printed with a listed message.")

    class Public(BaseModel):
        form: Form = Field(description="How the message is written.")
        lines: list[str] = Field(min_length=1, description="Copies of the message, or one line for each word.")
        codes: list[str] = Field(default=[], description="The code of each line of a mixed message.")
        listed: list[str] = Field(default=[], description="The words that a listed message is made of.")

    class Private(BaseModel):
        message: str = Field(description="The words.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        words = rng.sample(common_words(), knobs.words)
        public: dict[str, Any] = {"form": knobs.form, "codes": [], "listed": []}
        proof: Any = "each code is one to one"
        hardness = 1.0
        if knobs.form == "plain":
            public["lines"] = [in_morse(words)]
        elif knobs.form == "noisy":
            public["lines"], wrong = copies(in_morse(words), knobs.copies, knobs.errors, rng)
            proof, hardness = f"at most {knobs.copies // 2} of {knobs.copies} copies are wrong at a place", 2 + wrong
        elif knobs.form == "mixed":
            public["codes"] = mixture(knobs.words, rng)
            public["lines"] = [coded(word, code) for word, code in zip(words, public["codes"], strict=True)]
            hardness = 1.5
        else:
            public["listed"], words, public["lines"] = listed(knobs.words, knobs.listed, rng)
            proof, hardness = "one word of the list is one symbol away from each line, by comparing all", 3.0
        return {
            "public": public,
            "private": {"message": " ".join(words)},
            "difficulty": hardness * sum(map(len, words)),
            "certificate": {"readings": 1, "by": proof},
        }

    def begin(self, task: Task) -> str:
        public = task.public
        lines = "\n".join(public["lines"])
        if public["form"] == "mixed":
            lines = "\n".join(f"{number}. {line}" for number, line in enumerate(public["lines"], 1))
        return (
            f"{rules(public)}\n\n{lines}\n\nEnd your reply with one line that holds the words of the message in their order, separated "
            "by blanks: Answer: WORD WORD ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        public = task.public
        try:
            words = settled(reply, words_in)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="morse.unreadable")
        if public["form"] in ("plain", "noisy"):
            fault = fault_in_copies(words, public["lines"])
        elif len(words) != len(public["lines"]):
            fault = f"{len(words)} words for {len(public['lines'])} lines"
        else:
            fault = fault_in_lines(words, public)
        if fault:
            return Verdict.of(0, code="morse.wrong", reason=fault)
        return Verdict.of(1, code="morse.ok", reason="the words give the message")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['message']}"

    def random_action(self, rng: random.Random) -> Action:
        """Words out of the list."""
        pool = (self.task.public["listed"] if self.task is not None else []) or common_words()
        return "Answer: " + " ".join(rng.choice(pool) for _ in range(self.knobs.words))


def rules(public: dict[str, Any]) -> str:
    known = "International Morse code (dots and dashes"
    if public["form"] == "plain":
        return f"Read this message in {known}; a blank between letters, / between words)."
    if public["form"] == "noisy":
        count = len(public["lines"])
        return (
            f"One message in {known}; a blank between letters, / between words) was sent {count} times, one line each. In every copy "
            f"some dots came out as dashes and some dashes as dots; blanks and / are all right. At any one place at most {count // 2} "
            "of the copies are wrong. Read the message."
        )
    if public["form"] == "listed":
        return (
            f"Each line below is one word in {known}) without any gap between its letters, and exactly one symbol of it is wrong: a dot "
            "that should be a dash, or a dash that should be a dot. Every word is one of these: "
            f"{', '.join(public['listed'])}.\nRead the words."
        )
    return (
        f"Each line below is one English word in one of four codes. Dots and dashes: {known}; a blank between letters). Numbers: each "
        "letter as its place in the alphabet, a = 1 to z = 26. < and letters: the word written from its end to its start. ~ and "
        "letters: each letter replaced by the one as far from the other end of the alphabet, a by z, b by y and so on. Where a line "
        "starts with !, the word was first written from its end to its start, and then put in the code of that line. Read the words."
    )


def words_in(answer: str) -> list[str]:
    words = answer.casefold().replace(",", " ").replace("/", " ").split()
    if not words or not all(word.isascii() and word.isalpha() for word in words):
        raise Unreadable(f"{answer[:80]!r} is no list of words")
    return words


def in_morse(words: Sequence[str]) -> str:
    return " / ".join(" ".join(MORSE[letter] for letter in word) for word in words)


def coded(word: str, code: str) -> str:
    """A word in one of MIXTURES; a code that ends in ! writes it from its end to its start first."""
    if code.endswith("!"):
        return "! " + coded(word[::-1], code[:-1])
    if code == "morse":
        return in_morse([word])
    if code == "numbers":
        return "-".join(str(LETTERS.index(letter) + 1) for letter in word)
    if code == "reversed":
        return "<" + word[::-1]
    return "~" + "".join(LETTERS[25 - LETTERS.index(letter)] for letter in word)


def mixture(words: int, rng: random.Random) -> list[str]:
    """A code for each word. One that is only reversed is not reversed twice."""
    codes = [MIXTURES[at % len(MIXTURES)] for at in range(words)]
    rng.shuffle(codes)
    return [code if code == "reversed" or rng.random() < 0.5 else f"{code}!" for code in codes]


def copies(message: str, count: int, errors: float, rng: random.Random) -> tuple[list[str], float]:
    """Copies in which a minority is wrong at any one place, and the share of places with an error."""
    sent = [list(message) for _ in range(count)]
    places = [at for at, symbol in enumerate(message) if symbol in FLIP]
    hit = rng.sample(places, max(1, round(errors * len(places))))
    for at in hit:
        for copy in rng.sample(sent, rng.randint(1, count // 2)):
            copy[at] = FLIP[message[at]]
    return ["".join(copy) for copy in sent], len(hit) / len(places)


def listed(count: int, size: int, rng: random.Random) -> tuple[list[str], list[str], list[str]]:
    """A list of words, those of the message (repeats are possible), and a damaged line for each that fits no other of the list."""
    pool = rng.sample(common_words(), size)
    runs = ["".join(MORSE[letter] for letter in word) for word in pool]
    words: list[str] = []
    lines: list[str] = []
    for _ in range(count):
        line = ""
        while sum(one_apart(line, run) for run in runs) != 1:
            chosen = rng.randrange(size)
            at = rng.randrange(len(runs[chosen]))
            line = runs[chosen][:at] + FLIP[runs[chosen][at]] + runs[chosen][at + 1 :]
        words.append(pool[chosen])
        lines.append(line)
    return pool, words, lines


def one_apart(one: str, two: str) -> bool:
    return len(one) == len(two) and sum(a != b for a, b in zip(one, two, strict=True)) == 1


def fault_in_copies(words: Sequence[str], sent: Sequence[str]) -> str:
    """What keeps `words` from being the message that most copies agree on, place by place; empty when nothing does."""
    message = in_morse(words)
    if any(len(message) != len(copy) for copy in sent):
        return "the message in Morse code has another length"
    for at, symbol in enumerate(message):
        if sum(copy[at] == symbol for copy in sent) * 2 <= len(sent):
            return f"place {at + 1} of the message in Morse code is not {symbol!r}"
    return ""


def fault_in_lines(words: Sequence[str], public: dict[str, Any]) -> str:
    for number, (word, line) in enumerate(zip(words, public["lines"], strict=True), 1):
        if public["form"] == "mixed":
            fits = coded(word, public["codes"][number - 1]) == line
        else:
            fits = word in public["listed"] and one_apart("".join(MORSE[letter] for letter in word), line)
        if not fits:
            return f"line {number} is not {word[:20]!r}"
    return ""

"""What the user says: clauses of the operations in one of several registers, joined as people join them.

A clause is a phrasing of its operation with the references and values put in; "me" and "my" where the row is the person's own. The
first occurrence of everything is said in full; later ones are short. Registers differ in opening, joints and close, so that one chain
can be said in many ways. People who are in a hurry mistype, but only words of the frame, never a value or the name of something.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from string import Formatter

from envgym.environments.tool_world.chain.registers import CLOSES, HASTY, JOINTS, LATER, LEADS, OPENINGS

STATEMENT = re.compile(
    r"(\{|(I|my|we|our|what|how|which|when|is|are|do|does|did|since|nothing|no|there|from|something|the|that|this|it|as|after|whoever|all)\b)",
    re.IGNORECASE,
)
"""Beginnings of phrasings that are sentences of their own and no imperatives."""
LONG = re.compile(r"[a-z]{5,}")
"""Words that are mistyped now and then."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a request; `whole` where it is a sentence already."""

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """The register of one user, and whether it mistypes."""

    register: str
    rng: Random
    hasty: bool = False

    def request(self, introduction: str, clauses: Sequence[Clause]) -> str:
        """The whole request."""
        rng, register = self.rng, self.register
        sentences = [self._first(clauses[0])] + [self._joined(each) for each in clauses[1:]]
        opening, close = self._frame(rng.choice(OPENINGS[register])), self._frame(rng.choice(CLOSES[register]))
        middle = [introduction, *sentences] if rng.random() < 0.7 else [*sentences, introduction]
        middle = [part for part in middle if part]
        if opening.endswith(","):
            middle[0] = _lowered(middle[0])
        return " ".join(part for part in (opening, *middle, close) if part)

    def addition(self, clauses: Sequence[Clause]) -> str:
        """What is asked for later on, when a first part is done."""
        opening = self.rng.choice(LATER)
        return " ".join([opening, self._first(clauses[0]), *(self._joined(each) for each in clauses[1:])])

    def _first(self, clause: Clause) -> str:
        return _sentence(clause.text if clause.whole else self._framed(self.rng.choice(LEADS[self.register]), clause))

    def _joined(self, clause: Clause) -> str:
        return _sentence(clause.text if clause.whole else self._framed(self.rng.choice(JOINTS[self.register]), clause))

    def _framed(self, frame: str, clause: Clause) -> str:
        said = self._frame(frame).format(c=clause.text)
        return re.sub(r"\b(please) \1\b", r"\1", said, flags=re.IGNORECASE)

    def _frame(self, frame: str) -> str:
        """A part of the frame, mistyped now and then by those in a hurry."""
        found = list(LONG.finditer(frame)) if self.hasty else []
        if not found or self.rng.random() < 0.5:
            return frame
        place = self.rng.choice(found)
        return frame[: place.start()] + mistyped(place[0], self.rng) + frame[place.end() :]


def manner(rng: Random) -> Manner:
    register = rng.choice(sorted(OPENINGS))
    return Manner(register, rng, rng.random() < HASTY.get(register, HASTY[""]))


def mistyped(word: str, rng: Random) -> str:
    """A word with two letters swapped, one left out, or one typed twice; its first letter stays."""
    at = rng.randrange(1, len(word) - 1)
    ways = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[: at + 1] + word[at:],
    )
    return rng.choice([way for way in ways if way != word])


def worded(sayings: Sequence[str], words: dict[str, str], rng: Random, *, imperative: bool = False) -> Clause:
    """One of the phrasings with its parameters put in; parts about parameters that are not given are left out. `imperative` takes none
    that is a sentence of its own, where there is another.
    """
    mine = [name for name, text in words.items() if text == "me"]
    fitting = [each for each in sayings if not any(each.startswith(f"{{{name}}}") for name in mine)] or list(sayings)
    if imperative:
        fitting = [each for each in fitting if not STATEMENT.match(each)] or fitting
    saying = rng.choice(fitting)
    whole = STATEMENT.match(saying) is not None
    for _, name, _, _ in Formatter().parse(saying):
        if name and name not in words:
            saying = re.sub(rf"[,;]?\s*[\w' ]*\{{{name}\}}", "", saying)
    for name, text in words.items():
        if text == "1":
            saying = re.sub(rf"(\{{{name}\}}(?: [a-z]+)??) ([a-z]{{2,}})s\b", r"\1 \2", saying)
        elif "that I will tell you" in text or "(ask me" in text:
            saying, words = kept_back(saying, name, words)
    text = saying.format(**words)
    text = re.sub(r"\bon (today|tomorrow|yesterday)\b", r"\1", text)
    text = re.sub(r"\bof me\b", "of mine", text)
    return Clause(re.sub(r"\b(the|a) (my|the|a|an|that|any) ", r"\2 ", text), whole)


def kept_back(saying: str, name: str, words: dict[str, str]) -> tuple[str, dict[str, str]]:
    """A phrasing without the words around a parameter that would stand twice: "PIN {pin}", "{days} days"; and without a parenthesis in
    another.
    """
    noun = name.replace("_", " ")
    unit = re.search(rf"\{{{name}\}} ((?:[a-z]+ )?{noun}|[a-z]{{3,}}s)\b", saying)
    if unit is not None and words[name].startswith("a number of "):
        saying = saying.replace(unit[0], f"{{{name}}}")
        words = {**words, name: re.sub(r"a number of [a-z ]+? \(", f"a number of {unit[1]} (", words[name])}
    saying = re.sub(rf"\b{noun}:? \{{{name}\}}", f"{{{name}}}", saying, flags=re.IGNORECASE)
    if re.search(rf"\([^()]*\{{{name}\}}[^()]*\)", saying):
        words = {**words, name: re.sub(r"[()]", "", words[name].replace(" (ask me", ", ask me"))}
    return saying, words


def _lowered(sentence: str) -> str:
    """A sentence that follows a comma."""
    first = sentence.split(" ", 1)[0]
    return sentence if first == "I" or first.startswith("I'") else sentence[0].lower() + sentence[1:]


def _sentence(text: str) -> str:
    text = text.strip()
    question = re.match(r"^(could|can|would|will) ", text, re.IGNORECASE) is not None
    end = "" if text[-1] in ".!?" else "?" if question else "."
    return text[0].upper() + text[1:] + end

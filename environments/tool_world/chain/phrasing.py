"""What the user says: clauses of the operations in one of several registers, joined as people join them.

A clause is a phrasing of its operation with the references and values put in; "me" and "my" where the row is the person's own. The
first occurrence of everything is said in full; later ones are short. Registers differ in opening, joints and close, so that one chain
can be said in many ways.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from string import Formatter

OPENINGS = {
    "plain": ("Hello,", "Hi,", "Good morning.", "Hi there,", "Hello there.", "Good day,", ""),
    "formal": (
        "Dear team,",
        "Good day, I am writing with a request.",
        "To whom it may concern:",
        "Dear Sir or Madam,",
        "Good afternoon.",
    ),
    "terse": ("", "Please:", "Quick one:", "To do:", "Request:"),
    "chatty": (
        "Hey, hope you are having a better day than I am!",
        "Hi! Sorry to bother you again.",
        "Hello hello, me again.",
        "Hey there, it's been one of those weeks.",
        "Hi, thanks for picking this up so quickly.",
    ),
}
LEADS = {
    "plain": (
        "please {c}",
        "could you {c}",
        "I would like you to {c}",
        "can you {c}",
        "I need you to {c}",
        "{c}, please",
    ),
    "formal": (
        "I would be grateful if you could {c}",
        "kindly {c}",
        "I hereby ask you to {c}",
        "would you be so kind as to {c}",
    ),
    "terse": ("{c}", "{c}"),
    "chatty": (
        "could you be a star and {c}",
        "what I'd love is for you to {c}",
        "the thing is, I need you to {c}",
        "would you mind: {c}",
    ),
}
JOINTS = {
    "plain": ("Then {c}", "After that, {c}", "Also, {c}", "Next, {c}", "And {c}", "Once that is done, {c}"),
    "formal": ("Furthermore, please {c}", "In addition, {c}", "Subsequently, {c}", "I would also ask you to {c}"),
    "terse": ("Then {c}", "{c}", "Next: {c}"),
    "chatty": ("Oh, and {c}", "While you are at it, {c}", "And then, if you can, {c}", "One more thing: {c}"),
}
CLOSES = {
    "plain": ("Thanks.", "Thank you!", "Thanks a lot.", "", "That is all."),
    "formal": (
        "Kind regards.",
        "Thank you for your assistance.",
        "With best regards.",
        "I look forward to your confirmation.",
    ),
    "terse": ("", "Thx.", "That's it."),
    "chatty": ("You're the best!", "Cheers!", "Thanks a million.", "That would make my day."),
}
STATEMENT = re.compile(
    r"(\{|(I|my|we|our|what|how|which|when|is|are|do|does|did|since|nothing|no|there|from|something|the|that|this|it|as|after|whoever|all))",
    re.IGNORECASE,
)
"""Beginnings of phrasings that are sentences of their own and no imperatives."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a request; `whole` where it is a sentence already."""

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """The register of one user, and whether everything is told at once."""

    register: str
    rng: Random

    def request(self, introduction: str, clauses: list[Clause]) -> str:
        """The whole request."""
        rng, register = self.rng, self.register
        sentences = [self._first(clauses[0])] + [self._joined(each) for each in clauses[1:]]
        opening, close = rng.choice(OPENINGS[register]), rng.choice(CLOSES[register])
        middle = [introduction, *sentences] if rng.random() < 0.7 else [*sentences, introduction]
        return " ".join(part for part in (opening, *middle, close) if part)

    def _first(self, clause: Clause) -> str:
        return _sentence(clause.text if clause.whole else self.rng.choice(LEADS[self.register]).format(c=clause.text))

    def _joined(self, clause: Clause) -> str:
        return _sentence(clause.text if clause.whole else self.rng.choice(JOINTS[self.register]).format(c=clause.text))


def manner(rng: Random) -> Manner:
    return Manner(rng.choice(sorted(OPENINGS)), rng)


def worded(sayings: Sequence[str], words: dict[str, str], rng: Random) -> Clause:
    """One of the phrasings with its parameters put in; parts about parameters that are not given are left out."""
    mine = [name for name, text in words.items() if text == "me"]
    fitting = [each for each in sayings if not any(each.startswith(f"{{{name}}}") for name in mine)]
    saying = rng.choice(fitting or list(sayings))
    whole = STATEMENT.match(saying) is not None
    for _, name, _, _ in Formatter().parse(saying):
        if name and name not in words:
            saying = re.sub(rf"[,;]?\s*[\w' ]*\{{{name}\}}", "", saying)
    text = saying.format(**words)
    text = re.sub(r"\bof me\b", "of mine", text)
    return Clause(re.sub(r"\b(the|a) (my|the|a|that) ", r"\2 ", text), whole)


def _sentence(text: str) -> str:
    text = text.strip()
    question = re.match(r"^(could|can|would|will) ", text, re.IGNORECASE) is not None
    end = "" if text[-1] in ".!?" else "?" if question else "."
    return text[0].upper() + text[1:] + end

"""Word sorting: put words in the order of a given alphabet, or find the first wrong step of somebody who sorted them.

A wrong step alone would be guessed too often, so the list as it should stand after that step is asked for too; that list is shown nowhere.
Every other step of the trace follows from the line before it, also after the mistake. Both answers follow from the rules and are worked out
again to grade.
"""

import random
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.settled import settled
from envgym.environments.reasoning.word_list import common_words
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable, items

LETTERS = "abcdefghijklmnopqrstuvwxyz"
Method = Literal["insertion", "selection", "bubble"]
RULES: dict[Method, str] = {
    "insertion": (
        "Step k takes the word at place k + 1 and moves it to the left, past one neighbour after the other, as long as its left "
        "neighbour comes later in the order than it does. The first step is 1, the last one takes the last word."
    ),
    "selection": (
        "Step k looks for the earliest word in the order among those from place k to the end, and exchanges it with the word at "
        "place k. The first step is 1, the last one is that for the last place but one."
    ),
    "bubble": (
        "Every step goes once through the list from the left to the right and looks at the words at places 1 and 2, then 2 and 3, and so "
        "on to the end; where the left one comes later in the order, the two are exchanged at once. It stops after the first step "
        "that changes nothing."
    ),
}
METHODS: tuple[Method, ...] = ("insertion", "selection", "bubble")
STEP = re.compile(r"(?:step\s*)?(\d{1,3})[\s:.)–—-]+(.*)", re.IGNORECASE | re.DOTALL)


class WordSorting(AnswerEnv):
    """Sort words by a given alphabet, or find the mistake of a sorting procedure and put it right."""

    id = "word_sorting"

    class Knobs(EnvKnobs):
        form: Literal["list", "trace"] = Field(default="trace", description="Sort the words, or check a procedure.")
        words: int = Field(default=8, ge=4, le=30, description="Words to sort.")
        alphabet: Literal["usual", "shuffled"] = Field(default="shuffled", description="Order of the letters.")
        initials: int = Field(default=3, ge=1, le=20, description="First letters that the words have, at least.")
        methods: list[Method] = Field(default=list(METHODS), min_length=1, description="Procedures to draw from.")

    class Public(BaseModel):
        words: list[str] = Field(min_length=2, description="The words as they are given.")
        alphabet: str = Field(min_length=26, max_length=26, description="The letters in their order.")
        method: str = Field(description="insertion, selection or bubble; empty where the words are to be sorted.")
        steps: list[list[str]] = Field(description="The list after each step of the procedure.")

    class Private(BaseModel):
        answer: str = Field(description="The sorted words, or the number of the wrong step and the right list.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        words = drawn(knobs.words, knobs.initials, rng)
        alphabet = LETTERS if knobs.alphabet == "usual" else "".join(rng.sample(LETTERS, 26))
        public: dict[str, Any] = {"words": words, "alphabet": alphabet, "method": "", "steps": []}
        if knobs.form == "list":
            answer = ", ".join(ordered(words, alphabet))
            hardness = float(len(words))
        else:
            method = rng.choice(knobs.methods)
            rank = {word: at for at, word in enumerate(ordered(words, alphabet))}
            mistake = mistaken([rank[word] for word in words], method, rng)
            if mistake is None:
                return self.generate(rng)
            steps, wrong, right = mistake
            by_rank = list(rank)
            public |= {"method": method, "steps": [[by_rank[at] for at in step] for step in steps]}
            answer = f"{wrong + 1}: " + ", ".join(by_rank[at] for at in right)
            hardness = float(len(words) * (wrong + 1))
        return {
            "public": public,
            "private": {"answer": answer},
            "difficulty": hardness if knobs.alphabet == "usual" else 2 * hardness,
            "certificate": {"answers": 1, "by": "the words differ, so their order is total; each step has one result"},
        }

    def begin(self, task: Task) -> str:
        public = task.public
        order = (
            f"The letters of an alphabet come in this order: {' '.join(public['alphabet'])}. Words are ordered by it as in a dictionary: "
            "the first letter in which two words differ decides, and a word comes before those that it is the start of."
        )
        words = ", ".join(public["words"])
        if not public["method"]:
            return f"{order} Sort these words:\n\n{words}\n\nEnd your reply with one line: Answer: WORD, WORD, ..."
        steps = "\n".join(f"Step {number}: {', '.join(step)}" for number, step in enumerate(public["steps"], 1))
        return (
            f"{order} Somebody sorts a list of words in steps. {RULES[public['method']]} Exactly one step was done wrong; the "
            f"steps after it go on by the rule from the wrong list.\n\nStart: {words}\n{steps}\n\nWhich step is wrong, and how should the "
            "list stand after it, with the step done right on the list before it? End your reply with one line: "
            "Answer: NUMBER: WORD, WORD, ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        public = task.public
        traced = bool(public["method"])
        try:
            number, words = settled(reply, corrected if traced else listed)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="word_sorting.unreadable")
        right = ordered(public["words"], public["alphabet"])
        if sorted(words) != sorted(right):
            return Verdict.of(0, code="word_sorting.other_words", reason="those are not the words, each once")
        if traced:
            wrong, right = first_wrong(public)
            if number != wrong + 1:
                return Verdict.of(0, code="word_sorting.wrong_step", reason=f"step {number} is not the wrong one")
        if words != right:
            at = next(at for at in range(len(right)) if words[at] != right[at])
            return Verdict.of(0, code="word_sorting.wrong_order", reason=f"{words[at]!r} is not word {at + 1}")
        return Verdict.of(1, code="word_sorting.ok", reason="the words stand as they should")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['answer']}"

    def random_action(self, rng: random.Random) -> Action:
        """The words in random order, with a random step where one is asked for."""
        if self.task is None:
            return "Answer: a"
        words, steps = list(self.task.public["words"]), self.task.public["steps"]
        rng.shuffle(words)
        number = f"{rng.randint(1, len(steps))}: " if steps else ""
        return f"Answer: {number}" + ", ".join(words)


def listed(answer: str) -> tuple[int, list[str]]:
    """0 and the words of an answer, in small letters."""
    words = [word.casefold() for item in items(answer) for word in item.split()]
    if not words or not all(word.isascii() and word.isalpha() for word in words):
        raise Unreadable(f"{answer[:80]!r} is no list of words")
    return 0, words


def corrected(answer: str) -> tuple[int, list[str]]:
    found = STEP.match(answer)
    if found is None:
        raise Unreadable(f"{answer[:80]!r} is no number of a step with a list of words")
    return int(found[1]), listed(found[2])[1]


@lru_cache(maxsize=1)
def by_initial() -> tuple[list[str], ...]:
    """The common words, in groups with the same first letter."""
    return tuple(list(words) for _, words in groupby(common_words(), key=itemgetter(0)))


def drawn(count: int, initials: int, rng: random.Random) -> list[str]:
    """Words that begin with few letters, more where those do not give enough words."""
    groups = by_initial()
    pool: list[str] = []
    while len(pool) < count:
        pool = list(chain.from_iterable(rng.sample(groups, min(initials, len(groups)))))
        initials += 1
    return rng.sample(pool, count)


def ordered(words: Sequence[str], alphabet: str) -> list[str]:
    if alphabet == LETTERS:
        return sorted(words)
    table = str.maketrans(alphabet, LETTERS)
    return sorted(words, key=lambda word: word.translate(table))


def stepped(ranks: list[int], method: str, step: int) -> list[int]:
    """The list after step `step`, counted from 0."""
    after = ranks.copy()
    if method == "insertion":
        at = step + 1
        while at > 0 and after[at - 1] > after[at]:
            after[at - 1], after[at] = after[at], after[at - 1]
            at -= 1
    elif method == "selection":
        at = after.index(min(after[step:]))
        after[step], after[at] = after[at], after[step]
    else:
        for at in range(len(after) - 1):
            if after[at] > after[at + 1]:
                after[at], after[at + 1] = after[at + 1], after[at]
    return after


def traced(ranks: list[int], method: str, start: int = 0) -> list[list[int]]:
    """The lists after the steps from `start` on."""
    steps: list[list[int]] = []
    while method == "bubble" or start + len(steps) < len(ranks) - 1:
        before = steps[-1] if steps else ranks
        steps.append(stepped(before, method, start + len(steps)))
        if method == "bubble" and steps[-1] == before:
            break
    return steps


def mistaken(ranks: list[int], method: str, rng: random.Random) -> tuple[list[list[int]], int, list[int]] | None:
    """Steps of which one is wrong, its place from 0, and the list that it should have made, which is none of those shown.

    None where 40 draws found no such mistake, as in a list that is sorted from the start.
    """
    honest = traced(ranks, method)
    for _ in range(40):
        wrong = rng.randrange(len(honest))
        right = honest[wrong]
        slip = right.copy()
        at = rng.randrange(len(slip) - 1)
        other = min(at + rng.randint(1, 2), len(slip) - 1)
        slip[at], slip[other] = slip[other], slip[at]
        before = honest[:wrong]
        if slip == (before[-1] if before else ranks) and method == "bubble":
            continue  # a step that changes nothing would end the procedure
        steps = [*before, slip, *traced(slip, method, wrong + 1)]
        if right not in steps and right != ranks:
            return steps, wrong, right
    return None


def first_wrong(public: dict[str, Any]) -> tuple[int, list[str]]:
    """The first step that does not follow from the list before it, from 0, and the list that does."""
    by_rank = ordered(public["words"], public["alphabet"])
    rank = {word: at for at, word in enumerate(by_rank)}
    before = [rank[word] for word in public["words"]]
    for number, step in enumerate(public["steps"]):
        right = stepped(before, public["method"], number)
        before = [rank[word] for word in step]
        if right != before:
            return number, [by_rank[at] for at in right]
    return -1, by_rank

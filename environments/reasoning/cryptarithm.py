"""Cryptarithm: letters stand for different digits, and the written sum or product must come out right.

Every puzzle has exactly one solution, which a search over the columns from the right proves; letters whose digit must be told for that
are given in the prompt. What is graded is the arithmetic of the answer, never the stored solution. The words are random letters: numbers
are drawn first and written in letters after, so famous puzzles such as SEND + MORE = MONEY do not come up.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from math import perm, prod

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.cryptarithm_solver import Operator, solutions
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.answer_pairs import answer_pairs
from envgym.verifiers.structured_reply import Unreadable

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which read like digits."""
DIGITS = {str(digit): str(digit) for digit in range(10)}
DRAWS = 8
"""Puzzles tried before letters are given away."""
TRIES = 20
"""Numbers drawn for a puzzle until the ways to give its letters digits are fewer than the results with as many digits as its own.

Beyond that hardly any has one solution (5 digits: 29% below, 4% above), and it takes a search to see it.
"""


class Cryptarithm(AnswerEnv):
    """Find the digit of each letter so that a sum or product comes out right; each puzzle has one solution."""

    id = "cryptarithm"

    class Knobs(EnvKnobs):
        operator: Operator = Field(
            default="+", description="Whether the numbers are added or multiplied; products are harder."
        )
        numbers: int = Field(default=2, ge=2, le=3, description="How many numbers are added; a product always has two.")
        digits: int = Field(default=5, ge=2, le=7, description="Digits of each number; products take at most 3.")

    class Public(BaseModel):
        words: list[str] = Field(min_length=2, description="What is added or multiplied, in letters.")
        result: str = Field(description="What comes out, in letters.")
        operator: Operator
        given: dict[str, int] = Field(description="Letters whose digit is told.")

    class Private(BaseModel):
        solution: str = Field(description="The only solution, LETTER=DIGIT for each letter.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        operator = self.knobs.operator
        given: dict[str, int] = {}
        for _ in range(DRAWS):
            words, result, key = self.puzzle(rng)
            found = solutions(words, result, operator, {})
            if len(found) == 1:
                break
        while len(found) > 1:
            letter = rng.choice([letter for letter in sorted(key) if found[0][letter] != found[1][letter]])
            given[letter] = key[letter]
            found = solutions(words, result, operator, given)
        return {
            "public": {"words": words, "result": result, "operator": operator, "given": given},
            "private": {"solution": answer(key)},
            "difficulty": float(len(key) - len(given)) * (2 if operator == "*" else 1),
            "certificate": {"solutions": 1, "by": "exhaustive search"},
        }

    def puzzle(self, rng: random.Random) -> tuple[list[str], str, dict[str, int]]:
        """Numbers in letters, what they make, and the digit of each letter."""
        texts = self.drawn(rng)
        letter_of = dict(zip("0123456789", rng.sample(LETTERS, 10), strict=True))
        *words, result = ("".join(letter_of[digit] for digit in text) for text in texts)
        return words, result, {letter_of[digit]: int(digit) for digit in sorted(set().union(*texts))}

    def drawn(self, rng: random.Random) -> list[str]:
        """Numbers and what they make: the first that may well have one solution, else those of `TRIES` that come nearest."""
        count, digits = self.knobs.numbers, self.knobs.digits
        if self.knobs.operator == "*":
            count, digits = 2, min(digits, 3)
        tried: list[tuple[float, list[str]]] = []
        for _ in range(TRIES):
            numbers = [rng.randrange(10 ** (digits - 1), 10**digits) for _ in range(count)]
            texts = [*map(str, numbers), str(sum(numbers) if self.knobs.operator == "+" else prod(numbers))]
            crowd = perm(10, len(set().union(*texts))) / 10 ** len(texts[-1])
            if crowd < 1 and not self.spoilt(texts):
                return texts
            tried.append((crowd, texts))
        tried.sort()
        return next((texts for _, texts in tried if not self.spoilt(texts)), tried[0][1])

    def spoilt(self, texts: Sequence[str]) -> bool:
        return self.knobs.operator == "+" and swappable(texts[:-1], texts[-1])

    def begin(self, task: Task) -> str:
        public = task.public
        letters = sorted(set(public["result"]).union(*public["words"]))
        written = f" {public['operator']} ".join(public["words"])
        given = "".join(f" {letter} stands for {digit}." for letter, digit in public["given"].items())
        return (
            "Each letter stands for one digit from 0 to 9, different letters for different digits, and no number begins with 0. "
            f"Find the digit of each letter so that this is true:\n\n{written} = {public['result']}\n\n"
            f"The letters are {', '.join(letters)}.{given}\n\nEnd your reply with one line that names every "
            "letter once, in the form\nAnswer: LETTER=DIGIT, LETTER=DIGIT, ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        words, result = task.public["words"], task.public["result"]
        try:
            read = answer_pairs(reply, names=sorted(set(result).union(*words)), values=DIGITS)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="cryptarithm.unreadable")
        key = {letter: int(digit) for letter, digit in read.items()}
        if len(set(key.values())) < len(key):
            return Verdict.of(0, code="cryptarithm.digit_twice", reason="two letters have the same digit")
        for letter, digit in task.public["given"].items():
            if key[letter] != digit:
                return Verdict.of(0, code="cryptarithm.given_changed", reason=f"{letter} was told to be {digit}")
        if any(key[word[0]] == 0 for word in [*words, result]):
            return Verdict.of(0, code="cryptarithm.leading_zero", reason="a number begins with 0")
        numbers = [number(word, key) for word in words]
        made = sum(numbers) if task.public["operator"] == "+" else prod(numbers)
        if made != number(result, key):
            return Verdict.of(0, code="cryptarithm.wrong_result", reason=f"{made} is not {number(result, key)}")
        return Verdict.of(1, code="cryptarithm.ok", reason="the result comes out right")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['solution']}"

    def random_action(self, rng: random.Random) -> Action:
        """Different random digits for the letters that are not given."""
        given: dict[str, int] = self.task.public["given"] if self.task is not None else {}
        letters = set(self.task.public["result"]).union(*self.task.public["words"]) if self.task is not None else {"A"}
        free = [digit for digit in range(10) if digit not in given.values()]
        rest = sorted(letters - given.keys())
        return f"Answer: {answer({**given, **dict(zip(rest, rng.sample(free, len(rest)), strict=True))})}"


def answer(key: Mapping[str, int]) -> str:
    return ", ".join(f"{letter}={key[letter]}" for letter in sorted(key))


def number(word: str, key: Mapping[str, int]) -> int:
    return int("".join(str(key[letter]) for letter in word))


def swappable(words: Sequence[str], result: str) -> bool:
    """Whether two letters weigh the same in a sum, so that it has a second solution with the two swapped."""
    weight = dict.fromkeys(set(result).union(*words), 0)
    for sign, word in [*((1, word) for word in words), (-1, result)]:
        for place, letter in enumerate(reversed(word)):
            weight[letter] += sign * 10**place
    leading = {word[0] for word in [*words, result]}
    return len({(weight[letter], letter in leading) for letter in weight}) < len(weight)

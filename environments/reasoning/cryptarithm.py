"""Cryptarithm: letters stand for different digits, and the written sum or product must come out right.

Every puzzle has exactly one solution, which a search over the columns from the right proves; letters whose digit must be told for that
are given in the prompt. What is graded is the arithmetic of the answer, never the stored solution. The words are random letters: numbers
are drawn first and written in letters after, so famous puzzles such as SEND + MORE = MONEY do not come up.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
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
SWAPS = 100
"""Sums drawn until no two letters can be swapped."""
Operator = Literal["+", "*"]


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
        for _ in range(SWAPS):
            words, result, key = self.written(rng)
            if self.knobs.operator == "*" or not swappable(words, result):
                break
        return words, result, key

    def written(self, rng: random.Random) -> tuple[list[str], str, dict[str, int]]:
        count, digits = self.knobs.numbers, self.knobs.digits
        if self.knobs.operator == "*":
            count, digits = 2, min(digits, 3)
        numbers = [rng.randrange(10 ** (digits - 1), 10**digits) for _ in range(count)]
        letters = rng.sample(LETTERS, 10)
        total = sum(numbers) if self.knobs.operator == "+" else prod(numbers)
        *words, result = ("".join(letters[int(digit)] for digit in str(number)) for number in [*numbers, total])
        used = set(result).union(*words)
        return words, result, {letters[digit]: digit for digit in range(10) if letters[digit] in used}

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


def solutions(words: Sequence[str], result: str, operator: Operator, given: Mapping[str, int]) -> list[dict[str, int]]:
    """Two solutions that agree with `given`, or as many as there are below that."""
    search = Search(words, result, operator, given)
    search.place(0, 0, 0)
    return search.found


class Search:
    """Looks for two solutions column by column from the right: the last digits of the words settle the last of the result."""

    def __init__(self, words: Sequence[str], result: str, operator: Operator, given: Mapping[str, int]) -> None:
        self.result = result[::-1]
        self.digit = dict(given)
        self.lowest = {
            letter: int(any(word[0] == letter for word in [*words, result])) for letter in set(result).union(*words)
        }
        if operator == "+" and len(words) == 2 and len(result) > max(map(len, words)):
            self.digit[result[0]] = 1
        self.used = sum(1 << digit for digit in self.digit.values())
        self.found: list[dict[str, int]] = []
        backwards = [word[::-1] for word in words]
        self.terms = [terms(backwards, operator, column) for column in range(len(result))]
        self.fresh: list[list[str]] = []
        self.forced: list[bool] = []
        """Columns whose result is known before, so that their last letter follows."""
        seen = set(self.digit)
        for column, last in enumerate(self.result):
            letters = [word[column] for word in backwards if column < len(word)]
            self.fresh.append([letter for letter in dict.fromkeys(letters) if letter not in seen])
            once = bool(self.fresh[-1]) and letters.count(self.fresh[-1][-1]) == 1
            self.forced.append(operator == "+" and last in seen and once)
            seen.update(letters, last)

    def place(self, column: int, at: int, carry: int) -> None:
        """Tries every digit for the letters that come up first in this column, then goes on to the next."""
        if column == len(self.terms):
            if carry == 0:
                self.found.append(self.digit.copy())
            return
        fresh = self.fresh[column]
        if at == len(fresh):
            self.settle(column, carry)
            return
        letter = fresh[at]
        digits: Sequence[int] = range(self.lowest[letter], 10)
        if at + 1 == len(fresh) and self.forced[column]:
            self.digit[letter] = 0
            rest = carry + sum(self.digit[one] for one, _ in self.terms[column])
            digits = ((self.digit[self.result[column]] - rest) % 10,)
        for digit in digits:
            if digit >= self.lowest[letter] and not self.used >> digit & 1:
                self.digit[letter] = digit
                self.used ^= 1 << digit
                self.place(column, at + 1, carry)
                self.used ^= 1 << digit
                if len(self.found) == 2:
                    return
        self.digit.pop(letter, None)

    def settle(self, column: int, carry: int) -> None:
        """Every letter of the words' column has a digit: the result's digit follows, and must be free or as it is."""
        total = carry
        for one, two in self.terms[column]:
            total += self.digit[one] * self.digit[two] if two else self.digit[one]
        carry, last = divmod(total, 10)
        letter = self.result[column]
        known = self.digit.get(letter)
        if known is not None:
            if known == last:
                self.place(column + 1, 0, carry)
        elif not self.used >> last & 1 and last >= self.lowest[letter]:
            self.digit[letter] = last
            self.used ^= 1 << last
            self.place(column + 1, 0, carry)
            self.used ^= 1 << last
            del self.digit[letter]


def terms(backwards: Sequence[str], operator: Operator, column: int) -> list[tuple[str, str]]:
    """What is added up in a column, counted from the right: letters, or for a product pairs of letters to multiply."""
    if operator == "+":
        return [(word[column], "") for word in backwards if column < len(word)]
    one, two = backwards
    return [(one[at], two[column - at]) for at in range(column + 1) if at < len(one) and column - at < len(two)]

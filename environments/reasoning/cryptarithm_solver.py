"""Solutions of a cryptarithm, found column by column from the right; `solutions` stops at the second one.

A column is asked once its carry is known: which digits can the letters have that come up in it first? The answer depends on the carry and
on what is known in the column, not on the letters, so it is worked out once for all puzzles (`filler`); digits that are taken are left out
of it each time.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import permutations
from math import prod
from typing import Literal, NamedTuple

Operator = Literal["+", "*"]
ONE = ""
"""Stands beside the letter of a sum as its factor: 1."""
Term = tuple[str, str]
"""Two letters of which the product is added up in a column."""
Factors = tuple[int, ...]
Fill = tuple[tuple[int, ...], int, int]
"""Digits of the letters that come up first in a column, the same as bits, and the carry to the next column."""
ALL = (1 << 10) - 1
"""A bit for each digit."""


class Form(NamedTuple):
    """What is open in a column: the letters that come up first in it, by their numbers."""

    terms: tuple[tuple[int, ...], ...]
    """What is multiplied and added up; the first of them also have a known factor each."""
    digits: tuple[int, ...]
    """As bits, what each letter of the words may be."""
    result: int | None
    """Which letter of the words the result has here; None where its letter is none of them."""
    result_digits: int
    """As bits, what the result may have here when its letter comes up first in this column."""


class Column(NamedTuple):
    """What is added up in a column, counted from the right, and the letter of the result there."""

    known: tuple[Term, ...]
    """Terms whose letters came up before."""
    factors: tuple[str, ...]
    """Letters that came up before, which stand in terms with one that did not."""
    result: str
    result_known: bool
    fresh: tuple[str, ...]
    """Letters that come up first here, last that of the result where it is one."""
    fills: Callable[[int, Factors, int], tuple[Fill, ...]]
    """From the total of the carry and the known terms, the factors and the result's digit, -1 where it is open."""


def solutions(words: Sequence[str], result: str, operator: Operator, given: Mapping[str, int]) -> list[dict[str, int]]:
    """Two solutions that agree with `given`, or as many as there are below that. Exhaustive."""
    digit = dict(given)
    if operator == "+" and len(words) == 2 and len(result) > max(map(len, words)):
        digit[result[0]] = 1
    taken = sum(1 << value for value in digit.values())
    digit[ONE] = 1
    columns = columns_of(words, result, operator, set(digit))
    letters = set(result).union(*words)
    found: list[dict[str, int]] = []

    def place(at: int, taken: int, carry: int) -> None:
        if at == len(columns):
            if carry == 0:
                found.append({letter: digit[letter] for letter in letters})
            return
        known, factors, last, last_known, fresh, fills = columns[at]
        total = carry
        for one, two in known:
            total += digit[one] * digit[two]
        factor_digits = tuple([digit[letter] for letter in factors]) if factors else ()
        for digits, bits, left in fills(total, factor_digits, digit[last] if last_known else -1):
            if bits & taken:
                continue
            digit.update(zip(fresh, digits, strict=True))
            place(at + 1, taken | bits, left)
            if len(found) == 2:
                return

    place(0, taken, 0)
    return found


def columns_of(words: Sequence[str], result: str, operator: Operator, seen: set[str]) -> list[Column]:
    """The columns from the right; `seen` has ONE and the letters that are told, and gets those of the columns."""
    leading = {word[0] for word in [*words, result]}
    backwards = [word[::-1] for word in words]
    columns = []
    for at, last in enumerate(reversed(result)):
        known: list[Term] = []
        factors: list[str] = []
        mixed: list[tuple[int, ...]] = []
        plain: list[tuple[int, ...]] = []
        fresh: list[str] = []
        for term in terms(backwards, operator, at):
            new = [letter for letter in term if letter not in seen]
            if not new:
                known.append(term)
                continue
            fresh += [letter for letter in dict.fromkeys(new) if letter not in fresh]
            old = [letter for letter in term if letter in seen and letter != ONE]
            (mixed if old else plain).append(tuple([fresh.index(letter) for letter in new]))
            factors += old
        form = Form(
            terms=(*mixed, *plain),
            digits=tuple([ALL - (letter in leading) for letter in fresh]),
            result=fresh.index(last) if last in fresh else None,
            result_digits=ALL - (last in leading),
        )
        if last not in seen and last not in fresh:
            fresh.append(last)
        columns.append(Column(tuple(known), tuple(factors), last, last in seen, tuple(fresh), filler(form)))
        seen.update(fresh)
    return columns


def terms(backwards: Sequence[str], operator: Operator, column: int) -> list[Term]:
    """What is added up in a column, counted from the right."""
    if operator == "+":
        return [(word[column], ONE) for word in backwards if column < len(word)]
    one, two = backwards
    return [(one[at], two[column - at]) for at in range(column + 1) if at < len(one) and column - at < len(two)]


@lru_cache(maxsize=512)
def filler(form: Form) -> Callable[[int, Factors, int], tuple[Fill, ...]]:
    """Every way to fill a column of that form, as `Column.fills` says."""

    @lru_cache(maxsize=4096)
    def fills(total: int, factors: Factors, last: int) -> tuple[Fill, ...]:
        found: list[Fill] = []
        weights = [*factors, *[1] * (len(form.terms) - len(factors))]
        for digits in permutations(range(10), len(form.digits)):
            if not all(allowed >> digit & 1 for allowed, digit in zip(form.digits, digits, strict=True)):
                continue
            added = total
            for weight, term in zip(weights, form.terms, strict=True):
                added += weight * prod([digits[number] for number in term])
            carry, made = divmod(added, 10)
            bits = sum([1 << digit for digit in digits])
            if last >= 0 or form.result is not None:
                if made == (last if form.result is None else digits[form.result]):
                    found.append((digits, bits, carry))
            elif form.result_digits & ~bits & 1 << made:
                found.append(((*digits, made), bits | 1 << made, carry))
        return tuple(found)

    return fills

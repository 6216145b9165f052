"""A request as pieces of text: literals, which the agent must be given as they are, and the words between them.

What is a literal is decided from the text (quotes, code, tables, brackets, names inside a sentence, anything with a digit or a sign in
it) and from the values that the task names. Too many are protected rather than too few: a slip in a literal would make another task.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

LONGEST_LITERAL = 60
"""Characters. A longer value of a task is prose, the request itself for instance."""
LITERAL = r"""
    ```.*?``` | `[^`\n]*`                               # code
  | "[^"\n]*" | “[^”\n]*” | (?<!\w)'[^'\n]*'(?!\w)        # quotes
  | \[[^\]\n]*\] | \{[^}\n]*\} | <[^>\n]*>
  | ^(?:[ ]{4}|\t|\|)[^\n]*$                            # blocks and tables
  | \S*[\d_@/\\=\#$%&*+~^|]\S*                          # numbers, ids, addresses, paths, formulas
  | (?<=[\w,;:)][ ])[A-Z]\S*                            # names, where no sentence begins
  | \b\w*[a-z][A-Z]\w*                                  # camelCase
"""


@dataclass(frozen=True, slots=True)
class RequestText:
    """Pieces in order. The odd ones are literals, the even ones words; any may be empty."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, text: str, literals: Iterable[str] = ()) -> "RequestText":
        named = sorted({literal for literal in literals if literal.strip()}, key=lambda each: (-len(each), each))
        bounded = "|".join(rf"(?<!\w){re.escape(literal)}(?!\w)" for literal in named)
        pattern = f"{bounded} | {LITERAL}" if bounded else LITERAL
        return cls(tuple(_pieces(re.compile(pattern, re.MULTILINE | re.DOTALL | re.VERBOSE), text)))

    def __str__(self) -> str:
        return "".join(self.pieces)

    def with_words(self, rewrite: Callable[[str], str]) -> "RequestText":
        """The same with the pieces that are no literals rewritten."""
        return RequestText(tuple(piece if at % 2 else rewrite(piece) for at, piece in enumerate(self.pieces)))


def _pieces(pattern: "re.Pattern[str]", text: str) -> Iterator[str]:
    end = 0
    for found in pattern.finditer(text):
        if found.end() > found.start():
            yield text[end : found.start()]
            yield found[0]
            end = found.end()
    yield text[end:]


def literals_in(value: Any) -> Iterator[str]:
    """The short texts in a task's data, keys too: what a request may quote."""
    if isinstance(value, str) and len(value) <= LONGEST_LITERAL:
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from literals_in(key)
            yield from literals_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from literals_in(part)

"""Reads the one JSON value that a reply gives: in a code fence or bare, behind the thinking, bounded before anything is parsed.

Several different values are a hedge, and so is one key twice in an object: which one a reader took would decide the score.
"""

import json
import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from envgym.verifiers.reply import after_thinking

MAX_CHARS = 200_000
MAX_DEPTH = 64
MAX_DIGITS = 300
"""Of an integer: more cannot even be compared with a float."""
MAX_STARTS = 20
"""Brackets in prose that open no JSON; after so many the reply is not searched any further."""
MAX_VALUES = 1000
FENCE = re.compile(r"^\s*(?P<mark>`{3,}|~{3,})\s*(?P<language>[\w-]*)\s*$")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
SCALAR = re.compile(r'-?\d[\d.eE+-]*|true|false|null|"(?:[^"\\]|\\.)*"', re.DOTALL)


class Unreadable(ValueError):
    """The text holds no JSON that is read. `code` says why."""

    def __init__(self, message: str, code: str = "json_answer.unreadable") -> None:
        super().__init__(message)
        self.code = code


def read_json(reply: str) -> Any:
    """The one JSON value that a reply gives. Raises Unreadable."""
    text = after_thinking(reply)
    if text is None or not text.strip():
        raise Unreadable("the reply has no answer; it may have been cut off or end inside its thinking", "answer.none")
    if len(text) > MAX_CHARS:
        raise Unreadable(
            f"the answer has {len(text):,} characters; at most {MAX_CHARS:,} are read", "answer.too_complex"
        )
    fenced = [block for block in _fenced(text) if block]
    values = [parse(block) for block in fenced] if fenced else _bare(text.strip())
    if not values:
        raise Unreadable("there is no JSON in the reply")
    if len({frozen(value) for value in values}) > 1:
        raise Unreadable(f"the reply gives {len(values)} JSON values that are not the same", "answer.hedge")
    return values[-1]


def _fenced(text: str) -> Iterator[str]:
    """The contents of the closed code fences that are marked as JSON, or not marked and begin like it."""
    mark, language, lines = "", "", list[str]()
    for line in text.splitlines():
        found = FENCE.match(line)
        if mark and found and found["mark"].startswith(mark) and not found["language"]:
            block = "\n".join(lines).strip()
            if language in ("json", "jsonc", "json5") or (not language and block[:1] in ("{", "[")):
                yield block
            mark = ""
        elif mark:
            lines.append(line)
        elif found:
            mark, language, lines = found["mark"], found["language"].lower(), []


def _bare(text: str) -> list[Any]:
    """The text as one value, else the objects in it, else the arrays: "[1]" beside an object is a reference."""
    if text[0] in "[{" or SCALAR.fullmatch(text):
        try:
            return [parse(text)]
        except Unreadable as error:
            if error.code != "json_answer.unreadable":
                raise
    values: list[Any] = []
    at, failed = _start(text, 0), 0
    while at >= 0 and failed < MAX_STARTS:
        end = _end(text, at)
        try:
            values.append(parse(text[at:end]))
            at = _start(text, end)
            if len(values) > MAX_VALUES:
                raise Unreadable(f"the reply gives more than {MAX_VALUES} JSON values", "answer.too_complex")
        except Unreadable as error:
            if error.code != "json_answer.unreadable":
                raise
            failed += 1
            at = _start(text, at + 1)
    return [value for value in values if isinstance(value, dict)] or values


def _start(text: str, at: int) -> int:
    found = re.compile(r"[\[{]").search(text, at)
    return found.start() if found else -1


def _end(text: str, at: int) -> int:
    """Where the bracket at `at` closes, or the end of the text. Raises Unreadable where it nests too deep."""
    depth = 0
    for token in TOKEN.finditer(text, at):
        if token[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(f"the JSON nests deeper than {MAX_DEPTH} levels", "answer.too_complex")
        elif token[0] in "]}":
            depth -= 1
            if depth <= 0:
                return token.end()
    return len(text)


def parse(text: str) -> Any:
    """`text` as JSON: finite numbers, no key twice, at most MAX_DEPTH levels. Raises Unreadable."""
    if len(text) > MAX_CHARS:
        raise Unreadable(f"{len(text):,} characters of JSON; at most {MAX_CHARS:,} are read", "answer.too_complex")
    _end(text, 0)
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"no JSON: {error}") from None
    except RecursionError:
        raise Unreadable("the JSON nests too deep", "answer.too_complex") from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Unreadable("an object gives one key twice", "json_answer.key_twice")
    return made


def _constant(name: str) -> Any:
    raise Unreadable(f"{name} is no JSON number", "json_answer.number")


def _float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise Unreadable(f"{digits[:40]} is too large", "json_answer.number")
    return number


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Unreadable(f"an integer of {len(digits):,} digits is not read", "json_answer.number")
    return int(digits)


DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float, parse_int=_integer)


def frozen(value: Any) -> Any:
    """`value` hashable, equal exactly where the JSON values are: 1 is 1.0, true is not 1."""
    if isinstance(value, Mapping):
        return ("object", frozenset((key, frozen(each)) for key, each in value.items()))
    if isinstance(value, list | tuple):
        return ("array", tuple(map(frozen, value)))
    return ("bool", value) if isinstance(value, bool) else value

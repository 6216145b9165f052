"""Reading the databases of dictd (RFC 2229): an index of headwords with places, and a gzip file of definitions."""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envgym.errors import UsageError

DIGITS = {
    letter: number for number, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
MOST = 256 << 20
"""Bytes of an unpacked database."""


@dataclass(frozen=True)
class Definition:
    """The headwords of a definition and its lines as they stand."""

    headwords: tuple[str, ...]
    lines: tuple[str, ...]


def definitions(index: Path, database: Path) -> Iterator[Definition]:
    """Every definition once, in the order of the database, with all headwords of the index that lead to it."""
    text = _unpacked(database)
    words: dict[tuple[int, int], list[str]] = {}
    for number, line in enumerate(index.read_text("utf-8", "replace").splitlines(), start=1):
        try:
            word, *place = line.split("\t")[:3]
            start, length = map(_number, place)
        except (ValueError, KeyError):
            raise UsageError(f"{index.name}:{number}: not a line of a dictd index: {line[:80]!r}") from None
        if not word.startswith("00database"):
            words.setdefault((start, length), []).append(word)
    for (start, length), headwords in sorted(words.items()):
        if start + length > len(text):
            raise UsageError(f"{index.name} points behind the end of {database.name}: the two do not belong together")
        yield Definition(tuple(headwords), tuple(text[start : start + length].decode("utf-8", "replace").splitlines()))


def _unpacked(database: Path) -> bytes:
    try:
        with gzip.open(database) as file:
            text = file.read(MOST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{database.name} is no dictd database: {error}") from None
    if len(text) > MOST:
        raise UsageError(f"{database.name} unpacks to more than {MOST >> 20} MiB")
    return text


def _number(letters: str) -> int:
    """Numbers of a dictd index are written to the base of 64."""
    if not re.fullmatch(r"[A-Za-z0-9+/]{1,8}", letters):
        raise ValueError(letters)
    value = 0
    for letter in letters:
        value = value * 64 + DIGITS[letter]
    return value

"""Patterns of paths as task files write them: `*` within one name, `**` over any number of folders, `src/**` for all that is in src."""

import functools
import re
from collections.abc import Iterable

MEANINGS = {"**/": "(?:[^/]+/)*", "/**": "/.+", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a relative posix path fits one of the patterns."""
    return any(_compiled(pattern).fullmatch(path) for pattern in patterns)


def pattern_text(pattern: str) -> str:
    """A pattern as a regular expression for the whole path."""
    pieces = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", pattern)
    return "".join(MEANINGS.get(piece, re.escape(piece)) for piece in pieces)


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern_text(pattern), re.DOTALL)

"""What every search subject reads: documents and queries, as lines of one file. Standard library only."""

import re
from collections.abc import Callable
from typing import Any

K = 10


def documents_in(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Title and text of each document."""
    return [(line["title"], line["text"]) for line in lines if "text" in line]


def asked(lines: list[dict[str, Any]], count: int) -> list[str]:
    """The first `count` queries, from the start again where there are fewer."""
    queries = [line["query"] for line in lines if "query" in line]
    return [queries[number % len(queries)] for number in range(count)]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def timed(search: Callable[[str], Any], queries: list[str]) -> Callable[[], int]:
    """Plays the queries; each gives the `K` best documents."""

    def play() -> int:
        for query in queries:
            search(query)
        return len(queries)

    return play

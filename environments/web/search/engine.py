"""What a search engine is: the best pages for a query, best first, the same on every machine.

`k` is how many at most. Equal scores stand in the order of the corpus, so that a ranking never depends on how it was reckoned. An engine
holds no state of an episode: one serves a whole process, from any number of threads.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hit:
    """One page that was found. Scores compare within one query only."""

    url: str
    title: str
    score: float
    snippet: str


class SearchEngine(Protocol):
    """Write `search`."""

    def search(self, query: str, k: int, /) -> list[Hit]:
        """At most `k` pages for `query`, best first. Never raises for what the query holds; a query without words finds nothing."""
        ...

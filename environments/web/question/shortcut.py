"""Ways to an answer that go round the question: each of them rejects it.

One search must not find the page of the answer, neither with the question nor with any of its clues; the answer must not stand in the
question; and it must not be what somebody would guess who has read nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from envgym.environments.web.corpus.facts import FactStore
from envgym.environments.web.question.query import Query
from envgym.environments.web.question.rejected import require
from envgym.environments.web.question.solver import Solver
from envgym.environments.web.search.bm25 import Bm25
from envgym.verifiers.saying import Value, folded

FIRST_HITS = 5
"""Hits of one search in which the page of the answer must not be."""
REASONS = ("found by the question", "found by a clue", "says its answer", "a likely guess")
"""What shortcuts are counted under."""


def no_shortcut(
    engine: Bm25, *, question: str, clues: Sequence[str], page: str, spellings: Iterable[Value], k: int = FIRST_HITS
) -> None:
    """Raises Rejected where one search finds `page`, or a spelling of the answer stands in the question."""
    require(not says(question, spellings), "says its answer")
    require(not _finds(engine, question, page, k), "found by the question")
    for clue in clues:
        require(not _finds(engine, clue, page, k), "found by a clue")


def says(text: str, spellings: Iterable[Value]) -> bool:
    """Whether a text has one of the spellings as words or a number of its own."""
    plain = folded(text)
    for spelling in spellings:
        forms = {folded(str(spelling))}
        if isinstance(spelling, int | float):
            forms.add(f"{spelling:,}")
        if any(re.search(rf"(?<![\w.,]){re.escape(form)}(?![\w]|[.,]\d)", plain) for form in forms):
            return True
    return False


def _finds(engine: Bm25, query: str, page: str, k: int) -> bool:
    return any(engine.documents[number].url == page for number, _ in engine.top(query, k))


def rank_of(engine: Bm25, query: str, page: str) -> int:
    """The place of a page in the ranking for a query, from 1; behind the last one where it is not found at all."""
    ranked = engine.top(query, len(engine.documents))
    places = (place for place, (number, _) in enumerate(ranked, start=1) if engine.documents[number].url == page)
    return next(places, len(engine.documents) + 1)


class Guesses:
    """What somebody would answer who has read nothing: the entity that is spoken of most, the value that is had most often."""

    def __init__(self, solver: Solver) -> None:
        self._solver = solver
        self._kept: dict[tuple[str, str, bool], Value | None] = {}

    def likely(self, query: Query) -> Value | None:
        """The likeliest answer to a question, by what is asked alone."""
        key = (query.of.type, query.asks, query.counts)
        if key not in self._kept:
            self._kept[key] = self._most_spoken_of(query.of.type) if not query.asks else self._most_had(query)
        return self._kept[key]

    def _most_spoken_of(self, type_: str) -> Value | None:
        store: FactStore = self._solver.store
        return max(
            (entity.id for entity in store.of_type(type_)), key=lambda each: len(store.about(each)), default=None
        )

    def _most_had(self, query: Query) -> Value | None:
        values = self._solver.statements(query.asks).values.values()
        had: Counter[Value] = Counter()
        for each in values:
            had.update([len(each)] if query.counts else each)
        (likeliest, times) = had.most_common(1)[0] if had else (None, 0)
        return likeliest if times > 1 else None

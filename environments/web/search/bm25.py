"""BM25 over pages, in numpy: what a word adds to a page is reckoned beforehand, so that a search is a few additions.

Words that say much come first, until no page without one of them can come among the best; what is left then counts for those alone that
may (Turtle and Flood's MaxScore, 1995). The ranking is the same as that of adding everything up.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from envgym.environments.web.search.engine import Hit
from envgym.environments.web.search.postings import DEFAULT_WEIGHTS, STEPS, Document, Postings, Weights, postings_of
from envgym.environments.web.search.snippet import CHARACTERS, best_window, cut_out
from envgym.environments.web.search.words import words_of

MAX_WORDS = 64
"""Different words of one query that are looked up."""
MAX_PLACES = 64
"""Of one word in one page, for the snippet."""
FREQUENT = 1000
"""Documents with a word from which on it is worth asking whether they can be passed over."""
RAREST = 1 << 32
"""Weight, in a snippet, of a word that one page has."""
Ints = npt.NDArray[np.integer[Any]]


class Bm25:
    """A SearchEngine over `documents`, whose postings may lie in files. Holds no state of a search."""

    def __init__(self, documents: Sequence[Document], postings: Postings) -> None:
        self.documents = documents
        self.postings = postings

    @classmethod
    def of(cls, documents: Iterable[Document], *, weights: Weights = DEFAULT_WEIGHTS) -> "Bm25":
        """An engine that indexes `documents` now."""
        held = list(documents)
        return cls(held, postings_of(held, weights))

    def search(self, query: str, k: int, /) -> list[Hit]:
        """The best pages with snippets around what was asked."""
        terms = self._terms(query)
        best = self._top(terms, k)
        long = [number for number, _ in best if len(self.documents[number].text) > CHARACTERS]
        places = dict(zip(long, self._places(terms, long), strict=True))
        weights = [RAREST // self._found_in(term) for term in terms] if long else []
        hits = []
        for number, score in best:
            document = self.documents[number]
            begins = best_window(places[number], weights) if number in places else 0
            hits.append(Hit(document.url, document.title, score, cut_out(document.text, begins)))
        return hits

    def top(self, query: str, k: int) -> list[tuple[int, float]]:
        """Numbers and scores of the best documents."""
        return self._top(self._terms(query), k)

    def _terms(self, query: str) -> list[int]:
        """Numbers of the words of `query` that occur anywhere, each once."""
        number_of = self.postings.number_of
        words = dict.fromkeys(words_of(query))
        return [number_of[word] for word in words if word in number_of][:MAX_WORDS]

    def _found_in(self, term: int) -> int:
        start, end = self.postings.starts[term : term + 2].tolist()
        return int(end - start)

    def _top(self, terms: list[int], k: int) -> list[tuple[int, float]]:
        if k <= 0 or not terms:
            return []
        scores = np.zeros(len(self.documents), np.int32)
        found = self._add_up(scores, terms, k)
        theirs = scores[found]
        if len(found) > k:
            may = theirs >= np.partition(theirs, -k)[-k]
            found, theirs = found[may], theirs[may]
        order = np.argsort(-theirs, kind="stable")[:k]
        return list(zip(found[order].tolist(), (theirs[order] / STEPS).tolist(), strict=True))

    def _add_up(self, scores: npt.NDArray[np.int32], terms: list[int], k: int) -> Ints:
        """Fills in the scores of all documents that can be among the best `k`, and gives their numbers in order."""
        postings, most = self.postings, self.postings.greatest[terms].tolist()
        ordered = sorted(zip(most, terms, strict=True), key=lambda each: (-each[0], each[1]))
        said, left = 0, sum(most)
        for at, (greatest, term) in enumerate(ordered):
            start, end = postings.starts[term : term + 2].tolist()
            if said > left and end - start > FREQUENT:
                found = np.flatnonzero(scores > 0)
                theirs = scores[found]
                least = int(np.partition(theirs, -k)[-k]) if len(found) >= k else 0
                if least > left:
                    found = np.compress(theirs >= least - left, found)
                    for _, rest in ordered[at:]:
                        which, there = self._postings_in(rest, found)
                        scores[found[there]] += postings.impacts[which[there]]
                    return found
            scores[postings.documents[start:end]] += postings.impacts[start:end]
            said, left = said + greatest, left - greatest
        return np.flatnonzero(scores > 0)

    def _postings_in(self, term: int, numbers: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """The posting of a word for each document of `numbers`, and whether there is one."""
        start, end = self.postings.starts[term : term + 2].tolist()
        theirs = self.postings.documents[start:end]
        at = theirs.searchsorted(numbers)
        return at + start, theirs[np.minimum(at, end - start - 1)] == numbers

    def _places(self, terms: list[int], numbers: list[int]) -> list[list[tuple[int, int]]]:
        """For each document the characters at which its words stand, each with which of `terms` it is."""
        found: list[list[tuple[int, int]]] = [[] for _ in numbers]
        postings, wanted = self.postings, np.array(numbers, np.int32)
        for each, term in enumerate(terms if numbers else ()):
            at, there = self._postings_in(term, wanted)
            (which,) = there.nonzero()
            firsts, ends = postings.place_starts[at[which]].tolist(), postings.place_starts[at[which] + 1].tolist()
            for document, first, end in zip(which.tolist(), firsts, ends, strict=True):
                places = postings.places[first : min(end, first + MAX_PLACES)].tolist()
                found[document] += [(place, each) for place in places]
        return found

"""Postings: for every word the documents that hold it, what each adds to the score of its document, and where the word stands.

Scores are whole numbers (`STEPS` to one): sums of them are exact in any order and on any machine, where sums of floats are not. The
formula is BM25 as in Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with Lucene's logarithm, which is never
negative; a mention in the title counts like `title_boost` in the text. `np.load` maps the files of a saved index into memory, so that
processes on one machine share them.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from envgym.environments.web.search.words import placed_words, words_of

STEPS = 2048
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Weights:
    """Settings of the formula."""

    k1: float = 1.2
    b: float = 0.75
    title_boost: int = 4


DEFAULT_WEIGHTS = Weights()


class Document(Protocol):
    """What is indexed: a page, or a passage of one."""

    @property
    def url(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Postings:
    """Word w has the postings `starts[w]` to `starts[w+1]`, by document; posting p the places `place_starts[p]` to `place_starts[p+1]`."""

    words: list[str]
    starts: Array
    documents: Array
    impacts: Array
    place_starts: Array
    places: Array
    """Characters of the text at which the words begin."""

    @cached_property
    def number_of(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def greatest(self) -> Array:
        """The greatest impact of each word."""
        return np.maximum.reduceat(self.impacts, self.starts[:-1]) if len(self.words) else self.impacts

    def save(self, folder: Path) -> None:
        """Writes the files of the index into a folder that is there."""
        (folder / "words.txt").write_text("\n".join(self.words), "utf-8")
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> "Postings":
        """Postings that were saved. Raises OSError, ValueError or EOFError where a file is missing or cut."""
        words = (folder / "words.txt").read_text("utf-8")
        mapped = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS}
        arrays: dict[str, Any] = {
            name: each.view(np.ndarray) for name, each in mapped.items()
        }  # a memmap's slices cost 5 us
        found = cls(words.split("\n") if words else [], **arrays)
        if len(found.starts) != len(found.words) + 1 or len(found.place_starts) != len(found.documents) + 1:
            raise ValueError(f"{folder}: the files of the index do not belong together")
        return found


ARRAYS = ("starts", "documents", "impacts", "place_starts", "places")


def postings_of(documents: Sequence[Document], weights: Weights = DEFAULT_WEIGHTS) -> Postings:
    """Indexes `documents`."""
    numbers: dict[str, int] = {}
    of_word, at_place = array("i"), array("i")
    lengths = np.zeros(len(documents), np.int64)
    for number, document in enumerate(documents):
        before = len(of_word)
        for word in words_of(document.title):
            of_word.append(numbers.setdefault(word, len(numbers)))
            at_place.append(IN_TITLE)
        for word, place in placed_words(document.text):
            of_word.append(numbers.setdefault(word, len(numbers)))
            at_place.append(place)
        lengths[number] = len(of_word) - before
    words = sorted(numbers)
    rank = np.zeros(len(words), np.int64)
    rank[[numbers[word] for word in words]] = np.arange(len(words))
    return _grouped(words, rank[np.array(of_word, np.int64)], np.array(at_place, np.int64), lengths, weights)


IN_TITLE = -1


def _grouped(words: list[str], of_word: Array, at_place: Array, lengths: Array, weights: Weights) -> Postings:
    """Occurrences as postings. They come by document, `lengths` of each."""
    order = np.argsort(of_word, kind="stable")
    word, place = of_word[order], at_place[order]
    document = np.repeat(np.arange(len(lengths)), lengths)[order]
    new = np.ones(len(word), bool)
    new[1:] = (word[1:] != word[:-1]) | (document[1:] != document[:-1])
    posting = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    in_text = place != IN_TITLE
    mentions = np.bincount(posting[in_text], minlength=len(first))
    in_title = np.bincount(posting[~in_text], minlength=len(first))
    starts = np.searchsorted(word[first], np.arange(len(words) + 1))
    documents = document[first].astype(np.int32)
    return Postings(
        words=words,
        starts=starts.astype(np.int64),
        documents=documents,
        impacts=impacts(starts, documents, mentions + weights.title_boost * in_title, lengths, weights),
        place_starts=np.concatenate([[0], np.cumsum(mentions)]).astype(np.int64),
        places=place[in_text].astype(np.int32),
    )


def impacts(starts: Array, documents: Array, mentions: Array, lengths: Array, weights: Weights) -> Array:
    """What each posting adds to the score of its document, in `STEPS` to one; at least one step."""
    found_in = np.diff(starts)
    rarity = [math.log1p((len(lengths) - count + 0.5) / (count + 0.5)) for count in found_in.tolist()]
    mean = float(lengths.mean()) if len(lengths) else 1.0
    norm = weights.k1 * (1 - weights.b + weights.b * lengths / (mean or 1.0))
    raw = np.repeat(rarity, found_in) * mentions * (weights.k1 + 1) / (mentions + norm[documents])
    return np.maximum(np.rint(raw * STEPS), 1).astype(np.int32)

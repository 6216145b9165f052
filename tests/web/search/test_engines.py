"""Engines over a corpus: one per process, an index that is saved, mapped and made again, and tantivy behind the same protocol."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from envgym.environments.web.corpus.corpus import Corpus, load_corpus
from envgym.environments.web.corpus.page import Page
from envgym.environments.web.corpus.shelf import open_corpus
from envgym.environments.web.qa.web_qa import WebQA
from envgym.environments.web.search import shelf
from envgym.environments.web.search.bm25 import Bm25
from envgym.environments.web.search.engine import SearchEngine
from envgym.environments.web.search.postings import Postings
from envgym.environments.web.search.shelf import engine_of, index_folder

QUERIES = [
    "landlocked country Pashto",
    "Amu Darya",
    "longest river",
    "uranium",
    "Vienna capital",
    "island coffee sugar",
]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """A corpus of thirty pages in a folder, with no engine open."""
    monkeypatch.setattr(shelf, "OPEN", {})
    pages = list(open_corpus("atlas").pages.values())[:30]
    Corpus("some", "Some pages", {page.url: page for page in pages}).save(tmp_path / "some")
    return load_corpus(tmp_path / "some")


def again(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> SearchEngine:
    """The engine as another process would open it."""
    monkeypatch.setattr(shelf, "OPEN", {})
    return engine_of(corpus)


def test_a_saved_index_is_mapped_and_finds_the_same(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    first = engine_of(corpus)
    found = [first.search(query, 10) for query in QUERIES]
    assert any(found)
    monkeypatch.setattr(shelf, "postings_of", None)  # a second engine must not index again
    second = again(corpus, monkeypatch)
    assert isinstance(second, Bm25)
    assert isinstance(second.postings.impacts.base, np.memmap)
    assert [second.search(query, 10) for query in QUERIES] == found


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "impacts.npy").unlink(),
        lambda folder: (folder / "places.npy").write_bytes((folder / "places.npy").read_bytes()[:200]),
        lambda folder: (folder / "starts.npy").write_bytes(b""),
        lambda folder: (folder / "words.txt").write_text("only\ntwo"),
        lambda folder: (folder / "documents.npy").write_bytes(b"\x93NUMPY nonsense"),
    ],
)
def test_a_damaged_index_is_made_again(
    damage: Callable[[Path], object], corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [engine_of(corpus).search(query, 10) for query in QUERIES]
    place = index_folder(corpus)
    assert place is not None
    damage(place)
    assert [again(corpus, monkeypatch).search(query, 10) for query in QUERIES] == found
    Postings.load(place)


def test_other_pages_have_another_index(corpus: Corpus, tmp_path: Path) -> None:
    engine_of(corpus)
    pages = {**corpus.pages, "https://some.test/more": Page("https://some.test/more", "More", "a quokka")}
    Corpus("some", "Some pages", pages).save(tmp_path / "some")
    changed = load_corpus(tmp_path / "some")
    assert [hit.title for hit in engine_of(changed).search("quokka", 3)] == ["More"]
    assert engine_of(corpus).search("quokka", 3) == []


def test_the_index_of_a_bundled_corpus_stays_out_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVGYM_CORPORA", str(tmp_path))
    place = index_folder(open_corpus("atlas"))
    assert place is not None
    assert place.is_relative_to(tmp_path)


def test_where_nothing_can_be_written_the_index_stays_in_memory(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder would have to be")
    monkeypatch.setattr(shelf, "index_folder", lambda corpus: blocked / "index")
    assert again(corpus, monkeypatch).search("river", 3)


def test_a_thousand_environments_hold_one_index() -> None:
    environments = [WebQA() for _ in range(1000)]
    assert len({id(env.engine) for env in environments}) == 1
    assert len({id(env.corpus) for env in environments}) == 1
    assert len(environments[0].snapshot().state) < 2000


def test_threads_that_ask_at_once_get_one_engine(corpus: Corpus) -> None:
    found: list[SearchEngine] = []
    threads = [threading.Thread(target=lambda: found.append(engine_of(corpus))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_tantivy_stands_behind_the_same_protocol(corpus: Corpus) -> None:
    pytest.importorskip("tantivy", reason="pip install 'envgym[search]'")
    ours, theirs = engine_of(corpus), engine_of(corpus, "tantivy")
    for query in QUERIES:
        hits = theirs.search(query, 5)
        assert hits == theirs.search(query, 5)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert all(corpus.pages[hit.url].title == hit.title and hit.snippet for hit in hits)
    assert theirs.search("Amu Darya", 1)[0].url == ours.search("Amu Darya", 1)[0].url
    for query in ["", '"unclosed', "title:(", "a AND NOT", "\0", "\ud800", "the", "x" * 100_000]:
        theirs.search(query, 3)


def test_saving_an_index_leaves_nothing_half_made(corpus: Corpus) -> None:
    engine_of(corpus)
    place = index_folder(corpus)
    assert place is not None
    assert os.listdir(place.parent) == [place.name]

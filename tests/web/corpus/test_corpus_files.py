"""A corpus on disk: what is written is read, what is wrong is named."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from envgym.environments.web.corpus.corpus import Corpus, CorpusSource, load_corpus
from envgym.environments.web.corpus.facts import Entity, Fact, FactStore, Relation
from envgym.environments.web.corpus.page import Link, Page
from envgym.errors import UsageError

TEXT = "# Bern\nBern is the capital of Switzerland.\nPopulation: 133,883"
CAPITAL = Relation(
    name="capital_of",
    subject="city",
    kind="entity",
    target="country",
    asks="the country of {it}",
    says=("is the capital of {value}",),
)
POPULATION = Relation(
    name="population",
    subject="city",
    kind="number",
    asks="the population of {it}",
    says=("has {value}",),
    unit="people",
)
URL = "https://small.test/bern"


def small(*facts: Fact) -> Corpus:
    entities = {
        "bern": Entity("bern", "city", "Bern", ("Berne",), URL),
        "ch": Entity("ch", "country", "Switzerland", open=("area",)),
    }
    store = FactStore({each.name: each for each in (CAPITAL, POPULATION)}, entities, facts)
    page = Page(URL, "Bern", TEXT, (Link("Switzerland", "https://small.test/ch"),))
    return Corpus("small", "Small", {URL: page}, store, (CorpusSource("test:small", "1", "0" * 64, "CC0"),))


def fact(relation: str, value: str | int, words: str, subject: str = "bern") -> Fact:
    start = TEXT.index(words)
    return Fact(subject, relation, value, URL, start, start + len(words))


GOOD = (fact("capital_of", "ch", "the capital of Switzerland"), fact("population", 133883, "Population: 133,883"))


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    corpus = small(*GOOD)
    corpus.save(tmp_path)
    loaded = load_corpus(tmp_path)
    assert (loaded.pages, loaded.store.facts, loaded.store.entities) == (
        corpus.pages,
        corpus.store.facts,
        corpus.store.entities,
    )
    assert loaded.store.relations == corpus.store.relations
    assert loaded.sources == corpus.sources
    assert loaded.sha256 == corpus.sha256


def test_the_digest_is_of_the_content_only() -> None:
    corpus = small(*GOOD)
    assert replace(corpus, title="Other", sources=()).sha256 == corpus.sha256
    assert small(GOOD[0]).sha256 != corpus.sha256


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (fact("capital_of", "ch", "is the capital of"), "do not say it"),
        (fact("population", 13388, "Population: 133,883"), "do not say it"),
        (fact("population", 133883, "tion: 133,883"), "cut a word"),
        (replace(GOOD[0], start=500, end=510), "has no characters 500 to 510"),
        (replace(GOOD[0], start=-20, end=-5), "has no characters"),
        (replace(GOOD[0], url="https://small.test/nowhere"), "has no characters"),
        (replace(GOOD[0], relation="nothing"), "there is no relation"),
        (replace(GOOD[0], subject="ch"), "is no entity of type city"),
        (replace(GOOD[0], value="bern"), "is no entity of type country"),
    ],
)
def test_a_fact_that_its_page_does_not_say_is_refused(tmp_path: Path, bad: Fact, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        small(bad).save(tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()


def test_changed_bytes_are_refused(tmp_path: Path) -> None:
    small(*GOOD).save(tmp_path)
    pages = tmp_path / "pages.jsonl"
    pages.write_bytes(pages.read_bytes().replace(b"Switzerland.", b"Swaziland..."))
    with pytest.raises(UsageError, match="build it again with `envgym corpus build`"):
        load_corpus(tmp_path)


def test_other_files_beside_the_content_do_not_matter(tmp_path: Path) -> None:
    small(*GOOD).save(tmp_path)
    (tmp_path / "index.bin").write_bytes(b"an index")
    assert load_corpus(tmp_path).sha256 == small(*GOOD).sha256


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("", "not JSON"),
        ("[]", "not an object"),
        ('{"name": "x"}', "build it again"),
        ('{"sha256": 3}', "build it again"),
    ],
)
def test_a_broken_description_is_named(tmp_path: Path, about: str, said: str) -> None:
    small(*GOOD).save(tmp_path)
    (tmp_path / "corpus.json").write_text(about)
    with pytest.raises(UsageError, match=said):
        load_corpus(tmp_path)


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b'{"url": "x"}', b'{"url": "x", "title": "x", "text": "x", "more": 1}', b"null"]
)
def test_a_broken_line_is_named_with_its_place(tmp_path: Path, line: bytes) -> None:
    small(*GOOD).save(tmp_path)
    pages = tmp_path / "pages.jsonl"
    pages.write_bytes(pages.read_bytes() + line + b"\n")
    about = json.loads((tmp_path / "corpus.json").read_text())
    from envgym.environments.web.corpus.corpus import digest_of

    (tmp_path / "corpus.json").write_text(json.dumps(about | {"sha256": digest_of(tmp_path)}))
    with pytest.raises(UsageError, match=r"pages\.jsonl:2: cannot be read"):
        load_corpus(tmp_path)


def test_a_folder_without_a_corpus_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no corpus"):
        load_corpus(tmp_path)

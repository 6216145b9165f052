"""Definitions of a dictd database as pages."""

from pathlib import Path

import pytest

from envgym.environments.web.corpus.corpus import Corpus
from envgym.environments.web.corpus.recipes.catalogue import RECIPES
from envgym.environments.web.corpus.recipes.dictd import definitions
from envgym.environments.web.corpus.recipes.recipe import build
from envgym.errors import UsageError

from .small_packages import deb, foldoc_deb


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return build(RECIPES["foldoc"], out=tmp_path / "foldoc", given=[foldoc_deb(tmp_path / "dict-foldoc_1-1_all.deb")])


def test_a_definition_is_a_page_with_its_names_subjects_and_date(corpus: Corpus) -> None:
    page = corpus.pages["https://foldoc.test/ada"]
    assert page.text.split("\n") == [
        "# Ada",
        "Also: Ada 83",
        "Subjects: language, history",
        "A language related to Pascal and the hacker's book.",
        "Last revised: 1999-05-01",
    ]
    assert [(link.text, link.url) for link in page.links] == [
        ("Pascal", "https://foldoc.test/pascal"),
        ("the hacker's book", "https://foldoc.test/jargon-file"),
    ]


def test_a_reference_is_a_fact_only_under_a_name_of_its_target(corpus: Corpus) -> None:
    stated = {(fact.subject, fact.value) for fact in corpus.store.facts if fact.relation == "refers_to"}
    assert stated == {("ada", "pascal"), ("jargon-file", "pascal"), ("jargon-file", "ada")}


def test_a_reference_by_a_name_of_two_definitions_is_a_link_but_no_fact(corpus: Corpus) -> None:
    assert corpus.store.of("pascal", "refers_to") == []
    assert [link.url for link in corpus.pages["https://foldoc.test/pascal"].links] == ["https://foldoc.test/twin"]
    assert "https://foldoc.test/twin-2" in corpus.pages


def test_the_words_of_a_fact_are_whole_words(corpus: Corpus) -> None:
    [fact] = [fact for fact in corpus.store.of("jargon-file", "refers_to") if fact.value == "pascal"]
    assert corpus.pages[fact.url].text[fact.start - 2 : fact.end + 4] == ", Pascal and"


def test_a_reference_that_leads_nowhere_is_words(corpus: Corpus) -> None:
    assert "See Ada, nothing here and home." in corpus.pages["https://foldoc.test/jargon-file"].text


def test_the_year_of_the_last_revision_is_a_fact(corpus: Corpus) -> None:
    assert [fact.value for fact in corpus.store.facts if fact.relation == "revised"] == [1999]


@pytest.mark.parametrize(
    "line", ["word", "word\tA", "word\t!\tA", "word\t\tA", "word\tAAAAAAAAAAAA\tA", "word\tA\t////"]
)
def test_a_broken_index_is_named(tmp_path: Path, line: str) -> None:
    import gzip

    (tmp_path / "x.index").write_text(f"{line}\n")
    (tmp_path / "x.dict.dz").write_bytes(gzip.compress(b"text"))
    with pytest.raises(UsageError, match=r"x\.index"):
        list(definitions(tmp_path / "x.index", tmp_path / "x.dict.dz"))


def test_a_broken_database_is_named(tmp_path: Path) -> None:
    files = {"usr/share/dictd/foldoc.index": b"a\tA\tB\n", "usr/share/dictd/foldoc.dict.dz": b"\x1f\x8bno"}
    with pytest.raises(UsageError, match="no dictd database"):
        build(RECIPES["foldoc"], out=tmp_path / "out", given=[deb(tmp_path / "dict-foldoc_1-1_all.deb", files)])

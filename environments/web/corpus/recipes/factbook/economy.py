"""What a country's page states about its economy.

Goods and resources are named freely ("small deposits of gold"), so only plain names that several pages use are facts. Where such a name
stands in a longer item, the page may or may not mean the same, and the relation is open.
"""

import re
from collections import Counter
from collections.abc import Iterable

from envgym.environments.web.corpus.recipes.factbook.items import items
from envgym.environments.web.corpus.recipes.factbook.page_text import Field, PageText
from envgym.environments.web.corpus.recipes.factbook.reading import Reading
from envgym.verifiers.saying import scaled

GOODS = {
    "natural_resource": ("resource", "Geography/Natural resources"),
    "agricultural_product": ("product", "Economy/Agriculture - products"),
    "export_commodity": ("product", "Economy/Exports - commodities"),
}
PARTNERS = {"export_partner": "Economy/Exports - partners", "import_partner": "Economy/Imports - partners"}
TERRITORIES = {
    "Hong Kong",
    "Taiwan",
    "Netherlands Antilles",
    "Gibraltar",
    "Puerto Rico",
    "Greenland",
    "EU",
    "New Caledonia",
}
PARTNER = re.compile(r"(.+?) [\d.]+%(?: \(.*\))?$")
PLAIN = re.compile(r"[a-z][a-z -]+$")
TOO_WIDE = {
    "other",
    "none",
    "food",
    "foodstuffs",
    "minerals",
    "metals",
    "vegetables",
    "fruits",
    "fruit",
    "livestock",
    "oil",
    "gas",
}
CURRENCY = re.compile(r"(.+?) \(([A-Z]{2,4})\) per (?:US )?dollar")
US_DOLLAR = re.compile(r"the US dollar is used$")
PER_PERSON = re.compile(r"\$([\d,]+) \(2014 est\.\)")
AIRPORTS = re.compile(r"([\d,]+)(?= \(|$)")
USED_BY = 4
"""Pages that must use a plain name before it is a fact of any."""


def common_goods(texts: Iterable[PageText]) -> dict[str, set[str]]:
    """By relation, the plain names that several pages give."""
    counts: dict[str, Counter[str]] = {relation: Counter() for relation in GOODS}
    for text in texts:
        for relation, (_, path) in GOODS.items():
            if field := text.fields.get(path):
                counts[relation].update({item.text for item in items(field.text) if PLAIN.match(item.text)})
    return {
        relation: {name for name, count in counter.items() if count >= USED_BY and name not in TOO_WIDE}
        for relation, counter in counts.items()
    }


def read_economy(page: Reading, goods: dict[str, set[str]]) -> None:
    for relation, (type_, path) in GOODS.items():
        if field := page.field(path):
            _goods(page, field, relation, type_, goods[relation])
    for relation, path in PARTNERS.items():
        if field := page.field(path):
            _partners(page, field, relation)
    for relation, path, pattern in (
        ("gdp_per_person", "Economy/GDP - per capita (PPP)", PER_PERSON),
        ("airports", "Transportation/Airports", AIRPORTS),
    ):
        if field := page.field(path):
            if found := pattern.match(field.text):
                page.state_line(relation, scaled(found[1]), field, found.end())
            else:
                page.open(relation)
    if field := page.field("Economy/Exchange rates"):
        _currency(page, field)


def _goods(page: Reading, field: Field, relation: str, type_: str, names: set[str]) -> None:
    for item in items(field.text):
        if item.text in names:
            page.state(relation, page.world.entity(type_, item.text), field, item)
        elif any(re.search(rf"\b{name}\b", item.text) for name in names):
            page.open(relation)


def _partners(page: Reading, field: Field, relation: str) -> None:
    for item in items(field.text):
        found = PARTNER.match(item.text)
        if found and (partner := page.country(found[1])):
            page.state(relation, partner, field, item)
        elif not found or found[1] not in TERRITORIES:
            page.open(relation)


def _currency(page: Reading, field: Field) -> None:
    found = CURRENCY.match(field.text)
    if found and not re.search(r"/| or ", found[1]):
        id_ = page.world.entity("currency", found[1], [found[2]])
        page.state_line("currency", id_, field, found.end())
    elif US_DOLLAR.match(field.text):
        page.state_line("currency", page.world.entity("currency", "US dollars", ["US dollar"]), field, len(field.text))
    else:
        page.open("currency")

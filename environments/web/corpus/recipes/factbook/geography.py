"""What the geography of a country's page states."""

import re

from envgym.environments.web.corpus.recipes.factbook.items import Item, items
from envgym.environments.web.corpus.recipes.factbook.page_text import Field
from envgym.environments.web.corpus.recipes.factbook.reading import Reading
from envgym.verifiers.saying import scaled

SIDE = r"(?:North|South|East|West|Central|Northeast|Northwest|Southeast|Southwest)"
REGION = re.compile(
    rf"((?:{SIDE}(?:ern)? )?(?:Europe|Asia|Africa|South America|North America|America)|Caribbean|Middle East|Oceania)(?=,|$)"
)
SEA = re.compile(
    r"(?:[A-Z][a-z'-]+ )+(?:Sea|Ocean|Gulf|Bay|Channel)\b|(?:Gulf|Bay|Bight|Strait|Sea) of (?:the )?[A-Z][a-z]+(?: [A-Z][a-z]+)*"
)
ON_SEA = re.compile(
    r"(?:bordering|(?:[Ii]slands?|[Ii]sland groups?|[Aa]rchipelago|continent|atolls) (?:in|between)|coast of)\b(.*?)"
    r"(?=, (?:between|north|south|east|west|on|about|at|with|extending|including)|;| - | between | near |$)"
)
HALF = re.compile(r"^(?:North|South) (?=(?:Atlantic|Pacific) Ocean)")
PROPER = {"Southeast Europe": "Southeastern Europe", "Northern North America": "North America"}
BORDER = re.compile(r"(.+?)(?: \(((?!.*includ|of which)[^()]*)\))? ([\d,.]+) km(?: \([^()]*\))?$")
COASTLINE = re.compile(r"([\d,.]+) km(?: \((?:doubly )?landlocked\))?(?=$|; note)")
AREA = re.compile(r"([\d,.]+)(?: (million))? sq km(?=$| \()")
POINT = re.compile(r"(.+?) (-?[\d,.]+) m(?: \([^()]*\))?$")
NOT_A_NAME = re.compile(
    r"unnamed|undersea|sea level|location|elevation|junction|near|delta|bay of|boundary|Rivers|/Bay|\d|;"
)
IN_PARENTHESES = re.compile(r" ?\(([^()]*)\)")
NAME = re.compile(r"[A-Z0-9][^\"]*")
NEEDS_ARTICLE = re.compile(
    r" (?:Sea|Ocean|Gulf|Channel|River|Depression|Desert|Hills|Gardens|Strait)$|^(?:Gulf|Sea|Bay) of "
)
DAMAGED = {"france": ("borders", "on_sea", "located_in", "map_region")}
"""In the package, these lines of a country miss parts, or speak of its overseas regions apart."""


def read_geography(page: Reading) -> None:
    page.open(*DAMAGED.get(page.subject, ()))
    for read, path in (
        (_location, "Geography/Location"), (_maps, "Geography/Map references"), (_area, "Geography/Area/total"),
        (_borders, "Geography/Land boundaries/border countries"), (_coastline, "Geography/Coastline"),
        (_highest, "Geography/Elevation extremes/highest point"), (_lowest, "Geography/Elevation extremes/lowest point"),
    ):  # fmt: skip
        if field := page.field(path):
            read(page, field)


def _location(page: Reading, field: Field) -> None:
    if region := REGION.match(field.text):
        name = PROPER.get(region[1], region[1])
        said = f"the {name}" if name in ("Caribbean", "Middle East") else ""
        page.state_line("located_in", page.world.entity("region", name, [region[1]], said=said), field, region.end(1))
    else:
        page.open("located_in")
    clauses = [(match.start(1), match.end(1)) for match in ON_SEA.finditer(field.text)]
    for sea in SEA.finditer(field.text):
        if any(start <= sea.start() < end for start, end in clauses):
            _on_sea(page, field, Item(sea[0], sea.start(), sea.end()))
        else:
            page.open("on_sea")


def _on_sea(page: Reading, field: Field, sea: Item) -> None:
    """The sea by its name, and the ocean that it is a half of: who lies on the North Atlantic Ocean lies on the Atlantic Ocean."""
    whole = HALF.sub("", sea.text)
    for name in dict.fromkeys((sea.text, whole)):
        said = "" if re.search(r"(?<! of) Bay$", name) else f"the {name}"
        page.state("on_sea", page.world.entity("sea", name, said=said), field, sea)


def _maps(page: Reading, field: Field) -> None:
    for item in items(field.text):
        said = f"the {item.text}" if item.text in ("Middle East", "Arctic Region") else ""
        page.state("map_region", page.world.entity("map", item.text, said=said), field, item)


def _area(page: Reading, field: Field) -> None:
    if found := AREA.match(field.text):
        page.state_line("area", scaled(found[1], found[2] or ""), field, found.end())
    else:
        page.open("area")


def _borders(page: Reading, field: Field) -> None:
    for item in items(field.text):
        found = BORDER.match(item.text)
        neighbour = page.country(found[1]) if found else None
        if neighbour and page.subject not in DAMAGED:
            page.state("borders", neighbour, field, item)
        else:
            page.open("borders")


def _coastline(page: Reading, field: Field) -> None:
    if found := COASTLINE.match(field.text):
        page.state_line("coastline", scaled(found[1]), field, found.end())
    else:
        page.open("coastline")


def _highest(page: Reading, field: Field) -> None:
    found = POINT.match(field.text)
    if not found:
        page.open("highest_point", "highest_elevation")
        return
    page.state_line("highest_elevation", scaled(found[2]), field, len(field.text))
    _name_of_point(page, field, "highest_point", "peak", found[1])


def _lowest(page: Reading, field: Field) -> None:
    if found := POINT.match(field.text):
        _name_of_point(page, field, "lowest_point", "low point", found[1])
    else:
        page.open("lowest_point")


def _name_of_point(page: Reading, field: Field, relation: str, type_: str, words: str) -> None:
    """A point by its name; further names stand in parentheses, and what it stands on is no part of it."""
    name, _, _ = words.partition(" on ")
    if NOT_A_NAME.search(name):
        page.open(relation)
        return
    inside = [part for found in IN_PARENTHESES.findall(name) for part in re.split(r"/| or |, ", found)]
    first, *others = IN_PARENTHESES.sub("", name).strip().split("/")
    aliases = [each for each in (name, *others, *inside) if NAME.fullmatch(each)]
    said = f"the {first}" if NEEDS_ARTICLE.search(first) else ""
    page.state_line(relation, page.world.entity(type_, first, aliases, said=said), field, len(field.text))

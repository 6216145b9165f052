"""What a country's page states about its people."""

import re

from envgym.environments.web.corpus.recipes.factbook.items import Item, items
from envgym.environments.web.corpus.recipes.factbook.page_text import Field
from envgym.environments.web.corpus.recipes.factbook.reading import Aliases, Reading
from envgym.verifiers.saying import scaled

NUMBERS = {
    "population": ("People and Society/Population", re.compile(r"([\d,]+)(?=$| \()")),
    "median_age": ("People and Society/Median age/total", re.compile(r"([\d.]+) years")),
    "life_expectancy": ("People and Society/Life expectancy at birth/total population", re.compile(r"([\d.]+) years")),
    "urban_share": ("People and Society/Urbanization/urban population", re.compile(r"([\d.]+)% of total population")),
}
LANGUAGE = re.compile(r"((?:[A-Z][\w'-]+|siSwati)(?: [A-Z][\w'-]+){0,2})(?= \(| [\d.]+%|$)")
OFFICIAL = re.compile(
    r"\(official(?: language| national language| and national language)?(?:\)|[,;] (?!only|according|but locally|in ))"
)
NO_LANGUAGE = re.compile(r"[Oo]ther\b|unspecified|none\b|unknown|undeclared|multilingual")
UNCERTAIN = {"Creole", "Turkic", "Chinese", "Berber"}
"""Names of groups of languages, under which different pages mean different ones."""
SPELLINGS: Aliases = {
    "Azerbaijani": ("Azeri",), "Balochi": ("Baluchi",), "Bengali": ("Bangla",), "Dhivehi": (), "Ukrainian": (),
    "Malay": ("Bahasa Malaysia",), "Indonesian": ("Bahasa Indonesia",), "Persian": ("Farsi",), "Punjabi": ("Panjabi",),
    "Romani": ("Roma", "Romany"), "Slovenian": ("Slovene",), "Spanish": ("Castilian Spanish", "Castilian"), "Sotho": ("Sesotho",),
    "Swahili": ("Kiswahili",), "Swati": ("siSwati",), "Tswana": ("Setswana",), "Xhosa": ("IsiXhosa",), "Zulu": ("IsiZulu",),
    "Crioulo": (), "Dutch": (), "Irish": (), "Nauruan": (),
}  # fmt: skip
PROPER = {spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings}
NO_BELIEF = ("other", "none", "unspecified", "unknown")
FAMILIES = ("Muslim", "Catholic", "Orthodox", "Protestant", "Buddhist", "Hindu", "Jewish")
"""Beliefs by the word that names their family. A majority of a wider or of another name (Christian, Lutheran) leaves it open."""
BELIEF = re.compile(
    r"((?:nominally )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)*)(?: \([^()]*\))* (?:\([^()]*\) )*([\d.]+)%(?: \([^()]*\))?$"
)


def read_people(page: Reading) -> None:
    for relation, (path, pattern) in NUMBERS.items():
        if field := page.field(path):
            if found := pattern.match(field.text):
                page.state_line(relation, scaled(found[1]), field, found.end())
            else:
                page.open(relation)
    if field := page.field("People and Society/Languages"):
        _languages(page, field)
    if field := page.field("People and Society/Religions"):
        _religion(page, field)


def _languages(page: Reading, field: Field) -> None:
    """Languages item by item. Where no item is marked as official, the page does not say which ones are."""
    if "official" not in field.text:
        page.open("official_language")
    for item in items(field.text):
        found = LANGUAGE.match(item.text)
        if not found or NO_LANGUAGE.match(item.text) or found[1] in UNCERTAIN:
            _unclear(page, item)
            continue
        id_ = page.world.entity("language", PROPER.get(found[1], found[1]), [found[1]])
        page.state("language", id_, field, item)
        if OFFICIAL.search(item.text) and item.text.count("official") == 1:
            page.state("official_language", id_, field, item)
        elif "official" in item.text:
            page.open("official_language")


def _unclear(page: Reading, item: Item) -> None:
    if not NO_LANGUAGE.match(item.text) or "(" in item.text:
        page.open("language")
    if "official" in item.text:
        page.open("official_language")


def _religion(page: Reading, field: Field) -> None:
    """The belief of more than half of the people, where the shares of all items are given."""
    parts = [(item, BELIEF.match(item.text)) for item in items(field.text)]
    major = [(item, found) for item, found in parts if found and float(found[2]) > 50]
    families = [family for item, found in major for family in FAMILIES if family in found[1].split()]
    if len(families) == 1 and "nominally" not in major[0][0].text:
        page.state("majority_religion", page.world.entity("religion", families[0]), field, major[0][0])
    elif major or any(found is None and not item.text.startswith(NO_BELIEF) for item, found in parts):
        page.open("majority_religion")

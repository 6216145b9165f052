"""The text of a page, and where each field of it stands.

Fields that no page shows (statistics by age, telephone numbers, ...) are left out; what is shown is shown whole.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Profile = Mapping[str, Any]
"""A file of the package: sections of fields, each with a text or with fields of its own."""

SHOWN: dict[str, tuple[str, ...]] = {
    "Geography": (
        "Location", "Geographic coordinates", "Map references", "Area", "Area - comparative", "Land boundaries", "Coastline",
        "Climate", "Terrain", "Elevation extremes", "Natural resources", "Natural hazards", "Geography - note",
    ),
    "People and Society": (
        "Nationality", "Ethnic groups", "Languages", "Religions", "Population", "Median age", "Population growth rate",
        "Urbanization", "Major urban areas - population", "Life expectancy at birth", "Literacy",
    ),
    "Government": (
        "Country name", "Dependency status", "Government type", "Capital", "Administrative divisions", "Independence",
        "National holiday", "Legal system", "International organization participation", "Flag description",
        "National symbol(s)", "National anthem",
    ),
    "Economy": (
        "Economy - overview", "GDP - per capita (PPP)", "Agriculture - products", "Industries", "Exports - commodities",
        "Exports - partners", "Imports - commodities", "Imports - partners", "Exchange rates",
    ),
    "Communications": ("Internet country code",),
    "Transportation": ("Airports", "Ports and terminals"),
    "Transnational Issues": ("Disputes - international",),
}  # fmt: skip
LEFT_OUT = {
    "time difference", "daylight saving time", "residency requirement for naturalization", "population pyramid",
    "Area comparison map", "lyrics/music", "male", "female",
}  # fmt: skip
UNSAID = {"", "NA", "none", "NA (no data)"}


@dataclass(frozen=True)
class Field:
    """One line of a page: `label: text`, the label beginning at `line` and the text at `start`."""

    label: str
    text: str
    line: int
    start: int


@dataclass(frozen=True)
class PageText:
    """A text and its fields by path, such as `Geography/Area/total`."""

    text: str
    fields: Mapping[str, Field]


def page_text(title: str, profile: Profile, left_out: frozenset[str] = frozenset()) -> PageText:
    """The lines of a profile under the headings of its sections, without the fields `left_out`."""
    lines = [f"# {title}"]
    fields: dict[str, Field] = {}
    at = len(lines[0]) + 1
    background = clean(profile.get("Introduction", {}).get("Background", {}).get("text"))
    for heading, shown in (("", {"": background} if background else {}), *_sections(profile, left_out)):
        for number, (path, text) in enumerate(shown.items()):
            if number == 0 and heading:
                lines.append(f"## {heading}")
                at += len(lines[-1]) + 1
            label = label_of(path)
            line = f"{label}: {text}" if label else text
            fields[f"{heading}/{path}"] = Field(label, text, at, at + len(line) - len(text))
            lines.append(line)
            at += len(line) + 1
    return PageText("\n".join(lines), fields)


def _sections(profile: Profile, left_out: frozenset[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for heading, names in SHOWN.items():
        section = profile.get(heading) or {}
        yield (
            heading,
            {path: text for name in names for path, text in _texts(name, section.get(name)) if path not in left_out},
        )


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text under a field with its path; a field may have a text and further fields."""
    if not isinstance(value, Mapping):
        return
    for name, inner in value.items():
        if name == "text":
            text = clean(inner)
            if path == "Exchange rates":
                text = text.split(";")[0].removesuffix(" -")
            if text not in UNSAID:
                yield path, text
        elif name not in LEFT_OUT:
            yield from _texts(f"{path}/{name}", inner)


def label_of(path: str) -> str:
    """`Area/total` as a reader sees it: Area, total."""
    name, _, inner = path.replace(" - ", ", ").replace("Economy, overview", "Overview").partition("/")
    return f"{name}, {inner.replace('/', ', ')}" if inner else name


def clean(text: object) -> str:
    """One paragraph: single spaces, and semicolons for the package's marks between values."""
    if not isinstance(text, str):
        return ""
    joined = re.sub(r"[\s;]*\+\+\s*", "; ", text)
    return re.sub(r"\s+", " ", joined).strip().lstrip("; ").strip()

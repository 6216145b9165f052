"""Package archives made in a test: a Factbook of three countries and an ocean, a dictionary of five terms."""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SUMMARY = """### Sovereign Countries (3)
`aa` Aland
`bb` The Bee
`cc` Ceeland

### Oceans (1)
`xo` Indian Ocean
"""


def field(text: str) -> dict[str, str]:
    return {"text": text}


def profile(name: str, **more: Mapping[str, Any]) -> dict[str, Any]:
    """A country as the package writes it; sections given by name are laid over it."""
    sections: dict[str, Any] = {
        "Introduction": {"Background": field(f"{name} is a country made for a test.")},
        "Geography": {
            "Location": field("Western Europe, bordering the North Sea, between A and B"),
            "Area": {"total": field("1,234 sq km")},
        },
        "Government": {
            "Country name": {
                "conventional short form": field(name),
                "conventional long form": field(f"Republic of {name}"),
            }
        },
    }
    for section, fields in more.items():
        sections[section.replace("_", " ")] = sections.get(section.replace("_", " "), {}) | dict(fields)
    return sections


def borders(text: str) -> dict[str, Any]:
    return {"Land boundaries": {"border countries": field(text)}}


COUNTRIES = {
    "aa": profile("Aland", Geography=borders("The Bee 10 km, Ceeland 5.5 km")),
    "bb": profile("The Bee", Geography=borders("Aland 10 km")),
    "cc": profile("Ceeland", Geography=borders("Aland 5.5 km, The Bee 7 km")),
}


def factbook_tgz(path: Path, countries: Mapping[str, Any] = COUNTRIES) -> Path:
    """An archive like the npm package's."""
    files = {f"package/europe/{code}.json": json.dumps(country) for code, country in countries.items()}
    files["package/oceans/xo.json"] = json.dumps({"Introduction": {"Background": field("It is an ocean.")}})
    files["package/SUMMARY.md"] = SUMMARY
    return tgz(path, {name: text.encode() for name, text in files.items()})


def tgz(path: Path, files: Mapping[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def deb(path: Path, files: Mapping[str, bytes]) -> Path:
    """A Debian package with nothing but its files."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    path.write_bytes(b"!<arch>\n" + _ar("debian-binary", b"2.0\n") + _ar("data.tar.xz", data.getvalue()))
    return path


def _ar(name: str, content: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
    return header + content + b"\n" * (len(content) % 2)


TERMS = (
    "00-database-info\n\n   made for a test\n",
    "Ada\nAda 83\n\n   <language, history> A language related to {Pascal} and {the hacker's book (Jargon File)}.\n\n   (1999-05-01)\n",
    "Jargon File\n\n   <jargon> A book on PascalCase, {Pascal} and names.  See {Ada}, {nothing here} and {home (http://example.test/)}.\n",
    "Pascal\n\n   <language> A language, not PascalCase.  See {twin}.\n",
    "Twin\n\n   <one> First.\n",
    "twin\n\n   <two> Second.\n",
)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def foldoc_deb(path: Path) -> Path:
    """An archive like that of dict-foldoc."""
    lines, at = [], 0
    for term in TERMS:
        names = (
            ["00databaseinfo"]
            if term.startswith("00")
            else [name.casefold() for name in term.split("\n\n")[0].split("\n")]
        )
        lines += [f"{name}\t{base64(at)}\t{base64(len(term))}" for name in names]
        at += len(term)
    index = "\n".join(sorted(lines)).encode()
    database = gzip.compress("".join(TERMS).encode())
    return deb(path, {"usr/share/dictd/foldoc.index": index, "usr/share/dictd/foldoc.dict.dz": database})


def base64(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 64)
        digits = ALPHABET[digit] + digits
    return digits

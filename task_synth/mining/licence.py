"""The licence that a tree says it has, as an SPDX expression where that is plain to see. A hint for people, no legal advice."""

import re
import tomllib
from pathlib import Path

MAX_BYTES = 200_000
PHRASES = (
    ("Apache-2.0", r"apache license,?\s+version 2\.0"),
    ("MPL-2.0", r"mozilla public license,?\s+(?:v\.|version)\s*2\.0"),
    ("AGPL-3.0-only", r"gnu affero general public license"),
    ("LGPL-3.0-only", r"gnu lesser general public license\s+version 3"),
    ("GPL-3.0-only", r"gnu general public license\s+version 3"),
    ("GPL-2.0-only", r"gnu general public license\s+version 2"),
    ("BSD-3-Clause", r"neither the name of"),
    ("BSD-2-Clause", r"redistributions in binary form must reproduce"),
    ("ISC", r"permission to use, copy, modify, and/or distribute this software"),
    ("MIT", r"permission is hereby granted, free of charge"),
    ("Unlicense", r"free and unencumbered software released into the public domain"),
)


def licence_of(tree: Path) -> str:
    """What pyproject.toml or a licence file says; empty where it is not plain."""
    return _declared(tree / "pyproject.toml") or _recognised(tree)


def _declared(path: Path) -> str:
    try:
        said = tomllib.loads(_text(path)).get("project", {}).get("license", "")
    except (tomllib.TOMLDecodeError, AttributeError):
        return ""
    said = said.get("text", "") if isinstance(said, dict) else said
    return said if isinstance(said, str) and re.fullmatch(r"[A-Za-z0-9.+() -]{1,60}", said) else ""


def _recognised(tree: Path) -> str:
    for path in sorted(tree.glob("*")):
        if re.match(r"(?i)(licen[cs]e|copying)", path.name) and path.is_file():
            text = re.sub(r"\s+", " ", _text(path)).lower()
            for name, phrase in PHRASES:
                if re.search(phrase, text):
                    return name
    return ""


def _text(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(MAX_BYTES).decode("utf-8", "replace")

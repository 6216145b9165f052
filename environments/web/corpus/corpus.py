"""Corpus: a fixed set of pages with where they come from, and the facts that were read out of them, where there are any.

On disk it is a folder: `corpus.json` (name, sources with version, sha256 and licence), `pages.jsonl`, and `relations.jsonl`,
`entities.jsonl`, `facts.jsonl` where it has facts; a line of the last holds what one page says about one subject. `sha256` is that of
the content of these files: a question belongs to the bytes that it was made from, and is refused on others. Whatever else lies in the
folder (a search index) is made again when it is missing.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import chain, groupby
from pathlib import Path
from typing import Any, TypeVar

import orjson

from envgym.environments.web.corpus.facts import Entity, Fact, FactStore, Relation
from envgym.environments.web.corpus.page import Link, Page
from envgym.errors import UsageError

BUNDLED = Path(__file__).parent / "data"
AGAIN = "build it again with `envgym corpus build`"
Row = TypeVar("Row")
CONTENT = ("pages.jsonl", "relations.jsonl", "entities.jsonl", "facts.jsonl")


@dataclass(frozen=True, slots=True)
class CorpusSource:
    """A package that pages were made from."""

    package: str
    version: str
    sha256: str
    licence: str
    attribution: str = ""


@dataclass(frozen=True)
class Corpus:
    """Pages by url, in order, with their facts. Hold one per process: it may be large."""

    name: str
    title: str
    """What it is, as an agent is told: the World Factbook of 2017."""
    pages: Mapping[str, Page]
    store: FactStore = field(default_factory=FactStore)
    sources: tuple[CorpusSource, ...] = ()
    folder: Path | None = None
    """Where it lies; None for one that was only made in memory."""

    @cached_property
    def sha256(self) -> str:
        """Of the content: pages and facts."""
        digest = hashlib.sha256()
        for name in CONTENT:
            for line in self._lines(name):
                digest.update(line)
        return digest.hexdigest()

    def save(self, folder: Path) -> None:
        """Writes the folder. Raises UsageError where a fact points at characters that its page does not have."""
        texts = {url: page.text for url, page in self.pages.items()}
        faults = list(self.store.faults(texts))
        if faults:
            raise UsageError(f"corpus {self.name}: {len(faults)} faulty facts; the first: {faults[0]}")
        folder.mkdir(parents=True, exist_ok=True)
        for name in CONTENT:
            lines = list(self._lines(name))
            if lines or name == "pages.jsonl":
                (folder / name).write_bytes(b"".join(lines))
        about = {
            "name": self.name,
            "title": self.title,
            "sha256": self.sha256,
            "pages": len(self.pages),
            "facts": len(self.store.facts),
            "sources": [asdict(source) for source in self.sources],
        }
        (folder / "corpus.json").write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def _lines(self, name: str) -> Iterable[bytes]:
        rows: Iterable[Any]
        match name:
            case "pages.jsonl":
                rows = map(_without_empty, map(asdict, self.pages.values()))
            case "relations.jsonl":
                rows = (relation.model_dump() for relation in self.store.relations.values())
            case "entities.jsonl":
                rows = map(_without_empty, map(asdict, self.store.entities.values()))
            case _:
                rows = _lines_of_facts(self.store.facts)
        return (orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def home() -> Path:
    """Where built corpora lie: `ENVGYM_CORPORA`, or the user's cache folder."""
    given = os.environ.get("ENVGYM_CORPORA")
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(given) if given else Path(cache) / "envgym" / "corpora"


def load_corpus(folder: Path) -> Corpus:
    """A corpus from its folder.

    Raises UsageError that names the file and line that cannot be read, or says that the bytes are not those that were built.
    """
    about = _about(folder)
    found = digest_of(folder)
    if found != about.get("sha256"):
        raise UsageError(f"{folder}: the content has sha256 {found}, corpus.json says {about.get('sha256')}; {AGAIN}")
    pages = {page.url: page for page in _read(folder / "pages.jsonl", _page)}
    store = FactStore(
        {relation.name: relation for relation in _read(folder / "relations.jsonl", Relation.model_validate)},
        {entity.id: entity for entity in _read(folder / "entities.jsonl", _entity)},
        tuple(chain.from_iterable(_read(folder / "facts.jsonl", _facts))),
    )
    try:
        sources = tuple(CorpusSource(**source) for source in about["sources"])
        corpus = Corpus(about["name"], about["title"], pages, store, sources, folder)
    except (KeyError, TypeError) as error:
        raise UsageError(f"{folder / 'corpus.json'}: {type(error).__name__}: {error}; {AGAIN}") from None
    corpus.__dict__["sha256"] = found  # known already: not to be computed again from the rows
    return corpus


def digest_of(folder: Path) -> str:
    """sha256 of the content files of a corpus as they lie."""
    digest = hashlib.sha256()
    for name in CONTENT:
        if (folder / name).is_file():
            digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _about(folder: Path) -> dict[str, Any]:
    try:
        about = orjson.loads((folder / "corpus.json").read_bytes())
    except OSError as error:
        raise UsageError(f"{folder} is no corpus: {error}") from None
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{folder / 'corpus.json'}: not JSON: {error}; {AGAIN}") from None
    if not isinstance(about, dict):
        raise UsageError(f"{folder / 'corpus.json'}: not an object; {AGAIN}")
    return about


def _page(row: dict[str, Any]) -> Page:
    return Page(**{**row, "links": tuple(Link(**link) for link in row.get("links", ()))})


def _entity(row: dict[str, Any]) -> Entity:
    frozen: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Entity(**frozen)


def _facts(row: dict[str, Any]) -> list[Fact]:
    """The facts of one line; see `_lines_of_facts`."""
    return [
        Fact(row["subject"], relation, value, row["url"], start, end) for relation, value, start, end in row["facts"]
    ]


def _lines_of_facts(facts: Iterable[Fact]) -> Iterator[dict[str, Any]]:
    """One row per run of facts about the same subject on the same page."""
    for (subject, url), run in groupby(facts, key=lambda fact: (fact.subject, fact.url)):
        said = [(fact.relation, fact.value, fact.start, fact.end) for fact in run]
        yield {"subject": subject, "url": url, "facts": said}


def _without_empty(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value not in ("", (), [])}


def _read(path: Path, parse: Callable[[Any], Row]) -> Iterator[Row]:
    """The rows of a JSONL file, parsed."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield parse(orjson.loads(line))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise UsageError(f"{path}:{number}: cannot be read: {type(error).__name__}: {error}; {AGAIN}") from None

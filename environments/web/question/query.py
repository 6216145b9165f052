"""Formal questions: which entity meets some clues, or what is true of the one that does. `solver.py` answers them, `phrase.py` says them.

A clue speaks of one entity. `Has`, `Lacks`, `Within`, `Decade`, `Counts`, `Begins` and `Letters` are leaves; `Linked` and `Top` hold a
description of further entities, so that a question is a tree. In `Has` and `Linked`, `turned` means that the entity stands on the side of
the value: of Vienna, `Has("capital", "Austria", turned=True)` says that it is the capital of Austria.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from envgym.task import canonical_json

FORM = ConfigDict(extra="forbid")
Scalar = int | float | str
End = Literal["greatest", "smallest"]
Path = tuple[int, ...]
"""Where a clue stands: the number of a clue of the whole, then of a clue inside that one, ..."""


@dataclass(frozen=True, slots=True, config=FORM)
class Has:
    """It has this value; or, turned, it is the value that the named entity has."""

    relation: str
    value: Scalar
    turned: bool = False
    node: Literal["has"] = "has"


@dataclass(frozen=True, slots=True, config=FORM)
class Lacks:
    """It does not have this value."""

    relation: str
    value: Scalar
    node: Literal["lacks"] = "lacks"


@dataclass(frozen=True, slots=True, config=FORM)
class Within:
    """Its number or year lies between two bounds, or beyond one. Whether a bound itself counts is left open: see solver.py."""

    relation: str
    low: int | float | None = None
    high: int | float | None = None
    node: Literal["within"] = "within"


@dataclass(frozen=True, slots=True, config=FORM)
class Decade:
    """Its year is one of the ten from `first`."""

    relation: str
    first: int
    node: Literal["decade"] = "decade"


@dataclass(frozen=True, slots=True, config=FORM)
class Counts:
    """It has at least and at most so many values."""

    relation: str
    least: int | None = None
    most: int | None = None
    node: Literal["counts"] = "counts"


@dataclass(frozen=True, slots=True, config=FORM)
class Begins:
    """Its name begins with a letter."""

    letter: str
    node: Literal["begins"] = "begins"


@dataclass(frozen=True, slots=True, config=FORM)
class Letters:
    """Its name has so many letters."""

    count: int
    node: Literal["letters"] = "letters"


@dataclass(frozen=True, slots=True, config=FORM)
class Linked:
    """It has some value, or turned, is the value of some entity, that the description fits."""

    relation: str
    to: "Some"
    turned: bool = False
    node: Literal["linked"] = "linked"


@dataclass(frozen=True, slots=True, config=FORM)
class Top:
    """It has the one greatest or smallest number among the entities that the description fits."""

    relation: str
    end: End
    among: "Some"
    node: Literal["top"] = "top"


Clue = Annotated[Has | Lacks | Within | Decade | Counts | Begins | Letters | Linked | Top, Field(discriminator="node")]


@dataclass(frozen=True, slots=True, config=FORM)
class Some:
    """The entities of a type for which all clues hold."""

    type: str
    clues: tuple[Clue, ...] = ()


@dataclass(frozen=True, slots=True, config=FORM)
class Query:
    """What is asked of the one entity that is described: itself, its value under `asks`, or with `counts` how many values that are."""

    of: Some
    asks: str = ""
    counts: bool = False


QUERY: TypeAdapter[Query] = TypeAdapter(Query)
"""Queries to and from JSON."""


def inner(clue: Any) -> Some | None:
    """The description that a clue holds, if it holds one."""
    if isinstance(clue, Linked):
        return clue.to
    return clue.among if isinstance(clue, Top) else None


def with_inner(clue: Any, some: Some) -> Any:
    """The clue with another description in it."""
    return replace(clue, **{"to" if isinstance(clue, Linked) else "among": some})


def clues_in(some: Some, at: Path = ()) -> Iterator[tuple[Path, str, Any]]:
    """Every clue of a tree, outer ones first, with where it stands and the type of what it speaks of."""
    for number, clue in enumerate(some.clues):
        yield (*at, number), some.type, clue
        deeper = inner(clue)
        if deeper is not None:
            yield from clues_in(deeper, (*at, number))


def leaves(some: Some) -> list[tuple[Path, str, Any]]:
    """The clues that hold no description, or an empty one."""
    return [found for found in clues_in(some) if not getattr(inner(found[2]), "clues", ())]


def edited(some: Some, path: Path, clue: Any | None) -> Some:
    """The tree with another clue at `path`, or with none."""
    at, rest = path[0], path[1:]
    old = some.clues[at]
    if rest:
        deeper = inner(old)
        if deeper is None:
            raise ValueError(f"there is no clue at {path}")
        clue = with_inner(old, edited(deeper, rest, clue))
    new = () if clue is None else (clue,)
    return Some(some.type, (*some.clues[:at], *new, *some.clues[at + 1 :]))


def hops(some: Some) -> int:
    """Entities on the longest chain of descriptions: those that have to be found one through another."""
    return 1 + max((hops(deeper) for clue in some.clues if (deeper := inner(clue)) is not None), default=0)


def form_of(query: Query) -> str:
    """A hash that two queries share exactly when they are the same graph, in whatever order their clues stand.

    What Weisfeiler and Lehman's refinement gives on a tree: the hash of a node is that of its label with the sorted hashes below it.
    """
    return _hash([query.asks, query.counts, _form(query.of, exact=True)])


def outline_of(query: Query) -> str:
    """The same without the values: a hash of what is asked and of the shape of the graph."""
    return _hash([bool(query.asks), query.counts, _form(query.of, exact=False)])


def _form(some: Some, *, exact: bool) -> str:
    parts = []
    for clue in some.clues:
        deeper = inner(clue)
        label = [clue.node, getattr(clue, "relation", ""), getattr(clue, "turned", False), getattr(clue, "end", "")]
        if deeper is not None:
            label.append(_form(deeper, exact=exact))
        elif exact:
            label.append({name: getattr(clue, name) for name in type(clue).__slots__})
        parts.append(_hash(label))
    return _hash([some.type, sorted(parts)])


def _hash(content: Any) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()[:24]

"""A handful of islands whose facts fit on one screen, so that what a query has to give can be seen with the eye."""

from typing import Any

from envgym.environments.web.corpus.corpus import Corpus
from envgym.environments.web.corpus.facts import Entity, Fact, FactStore, Relation
from envgym.environments.web.corpus.page import Page

RELATIONS = (
    Relation(
        name="near", subject="island", kind="entity", target="island", many=True, symmetric=True,
        asks="an island that {it} lies next to", says=("lies next to {value}",),
    ),
    Relation(
        name="area", subject="island", kind="number", unit="square kilometers", asks="the area of {it}",
        says=("has an area of {value}",),
    ),
    Relation(name="settled", subject="island", kind="year", asks="the year in which {it} was settled", says=("was settled in {value}",)),
    Relation(
        name="tongue", subject="island", kind="entity", target="language", many=True, asks="a language of {it}",
        says=("has {value} as a language",), turned=("is a language of {it}",),
    ),
    Relation(
        name="ware", subject="island", kind="text", many=True, complete=False, asks="a ware of {it}", says=("sells {value}",),
    ),
)  # fmt: skip
ISLANDS: dict[str, dict[str, Any]] = {
    "Alba": {"near": ["Berga", "Corda"], "area": 100, "settled": 1803, "tongue": ["Old"], "ware": ["salt", "wool"]},
    "Berga": {"near": ["Alba"], "area": 250, "settled": 1809, "tongue": ["Old", "New"], "ware": ["salt"]},
    "Corda": {"near": ["Alba", "Dorna"], "area": 400, "settled": 1850, "tongue": ["New"], "ware": ["wool"]},
    "Dorna": {"near": ["Corda"], "area": 700, "settled": 1855, "tongue": ["New"], "ware": ["salt"]},
    "Elva": {"near": [], "area": 900, "settled": 1901, "tongue": ["Old"], "ware": []},
}


def islands(**opened: tuple[str, ...]) -> Corpus:
    """The islands as a corpus; `Elva=("tongue",)` leaves open which languages the page of Elva tells of."""
    entities = {
        name: Entity(name, "island", name, (f"Isle of {name}",), url(name), open=opened.get(name, ()))
        for name in ISLANDS
    }
    entities |= {name: Entity(name, "language", name) for name in ("Old", "New")}
    pages, facts = {}, []
    for name, told in ISLANDS.items():
        text = f"# {name}\n"
        for relation, value in told.items():
            for each in value if isinstance(value, list) else [value]:
                line = f"{relation}: {each}"
                facts.append(Fact(name, relation, each, url(name), len(text), len(text) + len(line)))
                text += f"{line}\n"
        pages[url(name)] = Page(url(name), name, text)
    store = FactStore({relation.name: relation for relation in RELATIONS}, entities, tuple(facts))
    return Corpus("islands", "the five islands", pages, store)


def url(name: str) -> str:
    return f"https://islands.test/{name.lower()}"

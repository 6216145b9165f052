"""Draws questions from a corpus: evolved, proved to have one answer, said in English, and held against every shortcut.

Drafts are thrown away until one holds; how many and for what reason is in its certificate. A task is a function of the corpus and of the
random stream alone.
"""

import math
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from envgym.environments.web.corpus.corpus import Corpus
from envgym.environments.web.corpus.facts import Entity, Relation, grouped
from envgym.environments.web.question.evolve import Evolution, evolve, minimal
from envgym.environments.web.question.explore import Explorer, near_misses
from envgym.environments.web.question.generalise import Broader
from envgym.environments.web.question.phrase import Writer
from envgym.environments.web.question.proof import as_rows, proof_of
from envgym.environments.web.question.query import QUERY, Query, Some, Top, form_of, leaves, outline_of
from envgym.environments.web.question.query import hops as hops_of
from envgym.environments.web.question.rejected import Rejected, require
from envgym.environments.web.question.shortcut import Guesses, no_shortcut, rank_of
from envgym.environments.web.question.solver import Solver
from envgym.environments.web.search.bm25 import Bm25
from envgym.environments.web.search.shelf import engine_of
from envgym.errors import UsageError
from envgym.task import TaskFields
from envgym.verifiers.saying import Value
from envgym.verifiers.typed_answer import AnswerType

TRIES = 400
MOST_HOPS = 4
MOST_CHARS = 700
MOST_DISTRACTORS = 12
SUPERLATIVES = 0.15
"""Share of the drafts that ask for the greatest or smallest of a few."""
FEWEST_FACTS = 5
"""Of a seed entity."""
FEWEST_OF_A_TYPE = 10


@dataclass
class Workshop:
    """What questions over one corpus are made with."""

    corpus: Corpus
    solver: Solver
    engine: Bm25
    guesses: Guesses = field(init=False)
    explorer: Explorer = field(init=False)
    broader: Broader = field(init=False)

    def __post_init__(self) -> None:
        self.guesses, self.explorer, self.broader = Guesses(self.solver), Explorer(self.solver), Broader(self.solver)

    @cached_property
    def seeds(self) -> dict[str, list[Entity]]:
        """The entities with a page that says enough of them, by type; types of which there are few are left out."""
        store = self.corpus.store
        told = [
            entity for entity in store.entities.values() if entity.page and len(store.of(entity.id)) >= FEWEST_FACTS
        ]
        by_type = grouped((entity.type, entity) for entity in told)
        return {type_: entities for type_, entities in by_type.items() if len(entities) >= FEWEST_OF_A_TYPE}

    @cached_property
    def weights(self) -> list[float]:
        """How often each type is taken: by how much is told of one of its entities, not by how many there are."""
        of = self.corpus.store.of
        return [sum(len(of(entity.id)) for entity in entities) / len(entities) for entities in self.seeds.values()]


OPEN: dict[str, Workshop] = {}
MOST_OPEN = 4


def workshop_of(corpus: Corpus) -> Workshop:
    """The workshop of a corpus; one per process."""
    if corpus.sha256 not in OPEN:
        while len(OPEN) >= MOST_OPEN:
            del OPEN[next(iter(OPEN))]
        engine = engine_of(corpus)
        assert isinstance(engine, Bm25)
        OPEN[corpus.sha256] = Workshop(corpus, Solver(corpus.store), engine)
    return OPEN[corpus.sha256]


def draw_question(corpus: Corpus, rng: random.Random, *, hops: int = 2, rounds: int = 5) -> TaskFields:
    """A question with one answer over `corpus`, as the fields of a task. Raises UsageError where the corpus gives none."""
    if not 2 <= hops <= MOST_HOPS:
        raise UsageError(f"hops={hops}: a question takes 2 to {MOST_HOPS}")
    if rounds < hops - 1:
        raise UsageError(
            f"rounds={rounds}: {hops} hops take at least {hops - 1} rounds, one for every name that is replaced"
        )
    shop, reasons = workshop_of(corpus), Counter[str]()
    if not shop.seeds:
        raise UsageError(
            f"corpus {corpus.name} has no {FEWEST_OF_A_TYPE} entities of a type with a page and {FEWEST_FACTS} facts each, so "
            "no questions can be made of it; give tasks of your own, or a corpus with facts: envgym corpus list"
        )
    for _ in range(TRIES):
        try:
            return _drawn(shop, rng, hops, rounds, reasons)
        except Rejected as rejected:
            reasons[str(rejected)] += 1
    common = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common(4))
    raise UsageError(f"corpus {corpus.name}: {TRIES} drafts gave no question with {hops} hops: {common}")


def _drawn(shop: Workshop, rng: random.Random, hops: int, rounds: int, reasons: Counter[str]) -> TaskFields:
    """One draft. Raises Rejected where it does not hold."""
    (type_,) = rng.choices(list(shop.seeds), shop.weights)
    entity = rng.choice(shop.seeds[type_])
    asked = _asked(shop.solver, entity, rng)
    best = rng.random() < SUPERLATIVES
    what = Query(Some(entity.type), asked.name if asked else "", bool(asked and asked.many))
    require(shop.solver.answer_of(entity, what) != shop.guesses.likely(what), "a likely guess")
    hidden = (asked.name,) if asked is not None else ()
    evolution = evolve(shop.explorer, shop.broader, entity, rng, hops=hops, rounds=rounds, hidden=hidden, best=best)
    query = replace(what, of=evolution.description())
    return written(shop, query, rng, hops=hops, evolution=evolution, reasons=reasons)


def _asked(solver: Solver, entity: Entity, rng: random.Random) -> Relation | None:
    """What is asked of an entity: nothing but who it is, or the one value of a relation, or how many values one has."""
    if rng.random() < 0.45:
        return None
    found = []
    for relation in solver.store.relations.values():
        if relation.subject != entity.type or relation.name in entity.open:
            continue
        values = solver.statements(relation.name).values.get(entity.id, [])
        countable = relation.complete and len(values) >= 2 and relation.asks.startswith(("a ", "an "))
        if countable if relation.many else len(values) == 1:
            found.append(relation)
    return rng.choice(found) if found else None


def written(
    shop: Workshop,
    query: Query,
    rng: random.Random,
    *,
    hops: int,
    evolution: Evolution | None = None,
    reasons: Counter[str] | None = None,
) -> TaskFields:
    """A query as the fields of a task, with its proof. Raises Rejected where it does not hold."""
    solver, store = shop.solver, shop.corpus.store
    require(hops_of(query.of) >= hops, "too few hops")
    minimal(solver, query.of)
    entity = solver.only(query.of)
    assert entity is not None
    answer = solver.answer_of(entity, query)
    if answer is None:
        raise Rejected("no single answer")
    require(answer != shop.guesses.likely(query), "a likely guess")
    facts = proof_of(solver, query, entity)
    require(len({fact.url for fact in facts}) >= min(hops, 3), "all on too few pages")
    writer = Writer(store, rng)
    question, shape = writer.question(query)
    require(len(question) <= MOST_CHARS, "too long to read")
    clues = [
        {"text": writer.clue(clue), "fits": solver.clue(type_, clue).may.bit_count()}
        for _, type_, clue in leaves(query.of)
    ]
    names, near = spellings(shop, query, answer), distractors(shop, query, writer, answer)
    require(bool(near), "no near miss")
    no_shortcut(
        shop.engine, question=question, clues=[str(clue["text"]) for clue in clues], page=entity.page, spellings=names
    )
    kind = answer_type(shop, query)
    before = evolution.before if evolution else leaves(query.of)
    return {
        "public": {
            "question": question,
            "answer": kind.model_dump(mode="json"),
            "corpus": shop.corpus.name,
            "data": shop.corpus.sha256,
            "title": shop.corpus.title,
        },
        "private": {
            "query": QUERY.dump_python(query, mode="json"),
            "answer": names[0],
            "aliases": list(names[1:]),
            "proof": as_rows(shop.corpus, facts),
            "distractors": near,
            "clues": clues,
        },
        "tags": (shape, f"{hops_of(query.of)}-hop", kind.kind),
        "difficulty": difficulty(shop, query, question, entity),
        "certificate": {
            "by": "exhaustive solution over the facts of the corpus",
            "data": shop.corpus.sha256,
            "form": form_of(query),
            "outline": outline_of(query),
            "clues_before": len(before),
            "clues_after": len(clues),
            "rejected": dict(sorted(reasons.items())) if reasons else {},
        },
    }


def spellings(shop: Workshop, query: Query, answer: Value) -> list[Value]:
    """The answer as it is written, then other spellings that name nothing else."""
    if query.asks and (query.counts or shop.corpus.store.relations[query.asks].kind != "entity"):
        return [answer]
    store = shop.corpus.store
    entity = store.entities[str(answer)]
    others = {
        name for other in store.of_type(entity.type) if other is not entity for name in (other.name, *other.aliases)
    }
    return [entity.name, *(alias for alias in entity.aliases if alias not in others)]


def answer_type(shop: Workshop, query: Query) -> AnswerType:
    """What the answer must be."""
    relation = shop.corpus.store.relations.get(query.asks)
    if query.counts or (relation is not None and relation.kind == "year"):
        return AnswerType(kind="integer")
    if relation is not None and relation.kind == "number":
        return AnswerType(kind="number", unit=relation.unit)
    return AnswerType(kind="text")


def distractors(shop: Workshop, query: Query, writer: Writer, answer: Value) -> list[dict[str, Any]]:
    """Near misses: what fails exactly one clue, and what would be answered then, where that is another answer."""
    found: list[dict[str, Any]] = []
    some = query.of
    if len(some.clues) == 1 and isinstance(some.clues[0], Top):
        top = some.clues[0]
        group = shop.solver.entities(some.type, shop.solver.bounds(top.among).must)
        missed = [(entity, top) for entity in group if entity is not shop.solver.only(some)]
    else:
        missed = [(miss.entity, miss.failed) for miss in near_misses(shop.solver, some)]
    for entity, failed in missed:
        if len(found) == MOST_DISTRACTORS:
            break
        wrong = shop.solver.answer_of(entity, query)
        if wrong is not None and wrong != answer and entity.page:
            row = {"name": str(shop.corpus.store.name(wrong)), "url": entity.page, "fails": writer.clue(failed)}
            found.append(row)
    return found


def difficulty(shop: Workshop, query: Query, question: str, entity: Entity) -> float:
    """Entities to find one through another, clues to hold in mind, and how far down one search for the question has the page."""
    rank = rank_of(shop.engine, question, entity.page)
    return round(hops_of(query.of) + 0.25 * len(leaves(query.of)) + 0.5 * math.log10(rank), 2)

"""The proof of an answer: which statements of which pages show it, in an order in which the pages can be read.

Entities that the question names stand at the beginning, each description is shown before what it leads to, and the value that is asked
comes last. Every statement has its page and the characters that say it, so that evidence and quotations can be checked without a model.
"""

from collections.abc import Iterator
from typing import Any

from envgym.environments.web.corpus.corpus import Corpus
from envgym.environments.web.corpus.facts import Entity, Fact
from envgym.environments.web.question.query import Counts, Decade, Has, Linked, Query, Some, Top, Within
from envgym.environments.web.question.rejected import Rejected
from envgym.environments.web.question.solver import Solver


def proof_of(solver: Solver, query: Query, entity: Entity) -> list[Fact]:
    """The statements that show that `entity` meets the description, and what is asked of it. Raises Rejected where a chain only comes back
    to an entity that stands in it already.
    """
    facts = _shown(solver, query.of, entity, (entity.id,))
    if facts is None:
        raise Rejected("a chain that comes back to itself")
    if query.asks:
        facts += _all(solver, entity.id, query.asks)
    return list(dict.fromkeys(facts))


def as_rows(corpus: Corpus, facts: list[Fact]) -> list[dict[str, Any]]:
    """Facts as a task holds them, each with the words of its page."""
    return [
        {
            "subject": fact.subject,
            "relation": fact.relation,
            "value": fact.value,
            "url": fact.url,
            "start": fact.start,
            "end": fact.end,
            "quote": corpus.pages[fact.url].quote(fact.start, fact.end),
        }
        for fact in facts
    ]


def _shown(solver: Solver, some: Some, entity: Entity, chain: tuple[str, ...]) -> list[Fact] | None:
    """What shows a description of `entity`; None where that takes an entity of the chain again."""
    deeper: list[Fact] = []
    own: list[Fact] = []
    for clue in some.clues:
        if isinstance(clue, Linked):
            found = _linked(solver, clue, entity, chain)
            if found is None:
                return None
            deeper += found
        elif isinstance(clue, Top):
            found = _shown(solver, clue.among, entity, chain)
            if found is None:
                return None
            deeper += found
            for other in solver.entities(clue.among.type, solver.bounds(clue.among).may):
                own += _all(solver, other.id, clue.relation)
        else:
            own += _of_leaf(solver, clue, entity)
    return deeper + own


def _linked(solver: Solver, clue: Linked, entity: Entity, chain: tuple[str, ...]) -> list[Fact] | None:
    """Through the first entity that the inner description certainly fits and that is not yet in the chain."""
    for other in solver.entities(clue.to.type, solver.bounds(clue.to).must):
        if other.id in chain:
            continue
        subject, value = (other, entity) if clue.turned else (entity, other)
        fact = next(_saying(solver, subject.id, clue.relation, value.id), None)
        if fact is not None:
            inside = _shown(solver, clue.to, other, (*chain, other.id))
            if inside is not None:
                return [*inside, fact]
    return None


def _of_leaf(solver: Solver, clue: Any, entity: Entity) -> list[Fact]:
    match clue:
        case Has(turned=True):
            return list(_saying(solver, str(clue.value), clue.relation, entity.id))[:1]
        case Has():
            return list(_saying(solver, entity.id, clue.relation, clue.value))[:1]
        case Counts():
            return _all(solver, entity.id, clue.relation)
        case Within() | Decade():
            facts = solver.store.of(entity.id, clue.relation)
            return [fact for fact in facts if _inside(clue, float(fact.value))]
    return []


def _inside(clue: Within | Decade, number: float) -> bool:
    if isinstance(clue, Decade):
        return clue.first <= number <= clue.first + 9
    return (clue.low is None or clue.low < number) and (clue.high is None or number < clue.high)


def _all(solver: Solver, subject: str, relation: str) -> list[Fact]:
    """A statement for every value of an entity."""
    values = solver.statements(relation).values.get(subject, [])
    return [fact for value in values for fact in list(_saying(solver, subject, relation, value))[:1]]


def _saying(solver: Solver, subject: str, relation: str, value: Any) -> Iterator[Fact]:
    """The statements that an entity has a value, those of its own page first; of a symmetric relation those of the other too."""
    yield from (fact for fact in solver.store.of(subject, relation) if fact.value == value)
    if solver.store.relations[relation].symmetric:
        yield from (fact for fact in solver.store.of(str(value), relation) if fact.value == subject)

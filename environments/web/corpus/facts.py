"""Facts: what the pages of a corpus say, as typed statements that point at the characters that say them.

Truth is what a page says: a fact exists only with a span of a page whose text holds its value, and a corpus that breaks this is
refused when it is built. So a question that is solved over facts can be answered by reading, and a quotation can be checked without a
model.

Names of relations are verbs of one language only, English; how a question says them is part of the relation, so that a new corpus
brings its own words and the generator of questions knows none.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from envgym.verifiers.saying import Kind, Value, says

K = TypeVar("K")
V = TypeVar("V")


class Relation(BaseModel):
    """One kind of statement: which entities it is about, what its values are, and how English says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="Its name, such as borders.")
    subject: str = Field(min_length=1, description="Type of the entities that it is about.")
    kind: Kind = Field(description="What its values are; of kind entity they are ids of entities.")
    target: str = Field(default="", description="Type of the values that are entities.")
    unit: str = Field(default="", description="Unit of the values that are numbers, in words: square kilometres.")
    many: bool = Field(default=False, description="Whether an entity may have several values.")
    asks: str = Field(description="The value as a noun phrase, {it} being the entity: the capital of {it}.")
    says: tuple[str, ...] = Field(
        min_length=1,
        description="Verb phrases about the entity: has {value} as its capital. For numbers, {value} is a comparison.",
    )
    turned: tuple[str, ...] = Field(
        default=(),
        description="Verb phrases about the value where it is an entity, {value} being the subject: is the capital of {value}.",
    )
    symmetric: bool = Field(
        default=False, description="Whether the statement holds the other way round too, as borders does."
    )
    complete: bool = Field(
        default=True,
        description="Whether what no page says does not hold. Questions use no negation or count over a relation that is not complete.",
    )


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that has a page of its own, or is only spoken of on others (`page` is then empty)."""

    id: str
    type: str
    name: str
    aliases: tuple[str, ...] = ()
    page: str = ""
    said: str = ""
    """The name inside a sentence, where it differs from `name`: the Netherlands."""
    open: tuple[str, ...] = ()
    """Relations under which its page may say more than the facts do, because what it says there could not be read without doubt.
    It may have any value under them: a question is unique only if it stays so whichever values these are."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`subject` has `value` under `relation`, as the characters `start` to `end` of the page `url` say."""

    subject: str
    relation: str
    value: Value
    url: str
    start: int
    end: int


@dataclass(frozen=True)
class FactStore:
    """All facts of a corpus with what they are about. Order is that of the files: the same corpus gives the same questions."""

    relations: dict[str, Relation] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()

    def of(self, subject: str, relation: str = "") -> list[Fact]:
        """What is said about an entity, in order; under one relation where it is given."""
        if relation:
            return self._by_both.get((subject, relation), [])
        return self._by_subject.get(subject, [])

    def about(self, value: str, relation: str = "") -> list[Fact]:
        """What is said of others with this entity as the value."""
        return [fact for fact in self._by_value.get(value, []) if relation in ("", fact.relation)]

    def of_type(self, type_: str) -> list[Entity]:
        """The entities of a type, in order."""
        return self._by_type.get(type_, [])

    def name(self, value: Value) -> str:
        """A value as text: the name of an entity, or the value itself."""
        entity = self.entities.get(value) if isinstance(value, str) else None
        return entity.name if entity else str(value)

    def said(self, value: Value) -> str:
        """A value as it stands inside an English sentence: the Netherlands."""
        entity = self.entities.get(value) if isinstance(value, str) else None
        return (entity.said or entity.name) if entity else str(value)

    def spellings(self, value: Value, kind: Kind) -> tuple[Value, ...]:
        """All that a page may write for a value: the names of an entity, or the value itself."""
        entity = self.entities.get(str(value)) if kind == "entity" else None
        return (entity.name, *entity.aliases) if entity else (value,)

    def faults(self, texts: dict[str, str]) -> Iterator[str]:
        """What is wrong with the facts, `texts` being the pages' texts by url: one sentence per fault."""
        for fact in self.facts:
            relation = self.relations.get(fact.relation)
            where = f"fact {fact.subject} {fact.relation} {fact.value!r}"
            if relation is None:
                yield f"{where}: there is no relation {fact.relation!r}"
                continue
            if fact.subject not in self.entities or self.entities[fact.subject].type != relation.subject:
                yield f"{where}: {fact.subject!r} is no entity of type {relation.subject}"
            if relation.kind == "entity" and (
                fact.value not in self.entities or self.entities[str(fact.value)].type != relation.target
            ):
                yield f"{where}: the value is no entity of type {relation.target}"
            text = texts.get(fact.url, "")
            span = text[fact.start : fact.end]
            if not span.strip() or not 0 <= fact.start < fact.end <= len(text):
                yield f"{where}: {fact.url} has no characters {fact.start} to {fact.end}"
            elif _cuts_a_word(text, fact.start) or _cuts_a_word(text, fact.end):
                yield f"{where}: characters {fact.start} to {fact.end} of {fact.url} cut a word: {span!r}"
            elif not says(span, self.spellings(fact.value, relation.kind), relation.kind):
                yield f"{where}: characters {fact.start} to {fact.end} of {fact.url} do not say it: {span!r}"

    @cached_property
    def _by_subject(self) -> dict[str, list[Fact]]:
        return grouped((fact.subject, fact) for fact in self.facts)

    @cached_property
    def _by_both(self) -> dict[tuple[str, str], list[Fact]]:
        return grouped(((fact.subject, fact.relation), fact) for fact in self.facts)

    @cached_property
    def _by_value(self) -> dict[str, list[Fact]]:
        of_entities = {name for name, relation in self.relations.items() if relation.kind == "entity"}
        return grouped((str(fact.value), fact) for fact in self.facts if fact.relation in of_entities)

    @cached_property
    def _by_type(self) -> dict[str, list[Entity]]:
        return grouped((entity.type, entity) for entity in self.entities.values())


def _cuts_a_word(text: str, place: int) -> bool:
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The second of every pair by the first, in order."""
    groups: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)

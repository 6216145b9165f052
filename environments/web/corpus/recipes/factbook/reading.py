"""Reading: what has been stated so far, and the page that is being read.

A reader states a fact only where the words of its field leave no doubt; where they do, it marks the relation as open for the
country, and no question turns on it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from envgym.environments.web.corpus.facts import Entity, Fact
from envgym.environments.web.corpus.recipes.factbook.countries import Place, slug_of
from envgym.environments.web.corpus.recipes.factbook.items import Item
from envgym.environments.web.corpus.recipes.factbook.page_text import Field, PageText
from envgym.verifiers.saying import Value, folded


@dataclass
class World:
    """All entities and facts of the corpus, as they are found."""

    entities: dict[str, Entity] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    open: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    countries: dict[str, str] = field(default_factory=dict)
    """Ids of countries by each of their names, folded."""

    def place(self, place: Place, page: str) -> str:
        """A country, territory or ocean, which has a page; returns its id."""
        type_ = "sea" if place.type == "ocean" else place.type
        names = (
            (place.name.removeprefix("The "), place.name) if place.name.startswith("The ") else (place.name,)
        ) + place.aliases
        self.entities[place.slug] = Entity(place.slug, type_, names[0], names[1:], page, place.said)
        if place.type == "country":
            self.countries |= {folded(name): place.slug for name in names}
        return place.slug

    def entity(self, type_: str, name: str, aliases: Iterable[str] = (), *, said: str = "") -> str:
        """The id of an entity without a page. Spellings add up: whoever names it by another is understood too."""
        plain = slug_of(name)
        id_ = (
            plain
            if plain in self.entities and self.entities[plain].type == type_
            else f"{type_.replace(' ', '-')}:{plain}"
        )
        known = self.entities.get(id_) or Entity(id_, type_, name, said=said)
        spelt = {known.name: None, **dict.fromkeys((*known.aliases, name, *aliases))}
        self.entities[id_] = replace(known, aliases=tuple(each for each in spelt if each != known.name))
        return id_

    def done(self) -> tuple[dict[str, Entity], tuple[Fact, ...]]:
        """Entities with what is open about them, and the facts, each once, where it is said first."""
        entities = {
            id_: replace(entity, open=tuple(sorted(self.open[id_]))) if id_ in self.open else entity
            for id_, entity in self.entities.items()
        }
        first = {(fact.subject, fact.relation, fact.value): fact for fact in reversed(self.facts)}
        return entities, tuple(reversed(first.values()))


@dataclass
class Reading:
    """The page of one country while its facts are read."""

    subject: str
    url: str
    text: PageText
    world: World

    def field(self, path: str) -> Field | None:
        return self.text.fields.get(path)

    def state(self, relation: str, value: Value, field: Field, item: Item) -> None:
        """A fact said by one item of a field."""
        start = field.start + item.start
        self.world.facts.append(Fact(self.subject, relation, value, self.url, start, field.start + item.end))

    def state_line(self, relation: str, value: Value, field: Field, length: int) -> None:
        """A fact said by a line: from its label through the first `length` characters of its text."""
        self.world.facts.append(Fact(self.subject, relation, value, self.url, field.line, field.start + length))

    def open(self, *relations: str) -> None:
        """Leaves relations open for this country."""
        self.world.open[self.subject].update(relations)

    def country(self, name: str) -> str | None:
        """The id of a country by one of its names, if it is one that has a page."""
        return self.world.countries.get(folded(name))


Aliases = Mapping[str, tuple[str, ...]]

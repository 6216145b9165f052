"""A formal question in English, in one of several shapes that a seed chooses.

A description that a person can take in at once is one sentence, or a list of points; a longer chain becomes a sentence for each of its
entities, with "the second country" for what it speaks of.
"""

import re
from collections.abc import Callable

from envgym.environments.web.corpus.facts import Relation
from envgym.environments.web.question.clue_words import ClueWriter, with_but
from envgym.environments.web.question.english import ORDINALS, head_of, listed, noun, plural, sentence, with_article
from envgym.environments.web.question.query import Linked, Query, Some, Top
from envgym.environments.web.question.rejected import Rejected

GIVE = ("What is {}?", "What is {}?", "Give {}.", "State {}.")
MOST_INLINE = 3
"""Clues of a description inside a sentence."""


class Writer(ClueWriter):
    """Says one question."""

    # ---- the whole

    def question(self, query: Query) -> tuple[str, str]:
        """The question and the name of the shape that it has. Raises Rejected where the corpus has no words for it."""
        some, best = query.of, None
        if len(some.clues) == 1 and isinstance(some.clues[0], Top):
            best = some.clues[0]
            some = best.among
        shape: Callable[[Query, Some], str]
        if best is not None:
            if not self.ends_well(some):
                raise Rejected("no words for a superlative")
            name, text = "best", self._best(query, best)
        else:
            shapes = [("story", self._story)]
            if self.ends_well(some):
                shapes += [("points", self._points), ("riddle", self._riddle)]
            if self._plain(some) and self.ends_well(some):
                shapes += [("that", self._that)] * 2
                relation = self.store.relations.get(query.asks)
                if relation is None or (relation.asks.endswith("{it}") and not unit_of(relation)):
                    shapes += [("which", self._which)] * 2
            below = _below(some)
            if below is not None and self.ends_well(below):
                shapes.append(("inner_first", self._inner_first))
            name, shape = self.rng.choice(shapes)
            text = shape(query, some)
        asked = "count" if query.counts else "value" if query.asks else "entity"
        return sentence(re.sub(r"\s+", " ", text)), f"{name}_{asked}"

    def _which(self, query: Query, some: Some) -> str:
        """One sentence."""
        if not query.asks:
            return f"which {noun(some.type)} {self.inline(some, that=False)}?"
        return self.rng.choice(GIVE).format(self.asked(query, f"the {noun(some.type)} that {self.inline(some)}"))

    def _that(self, query: Query, some: Some) -> str:
        """One sentence that ends in the description, or a sentence and a question about it."""
        clause = f"{noun(some.type)} that {self.inline(some)}"
        if not query.asks:
            return self.rng.choice(
                ("name the {}.", "find the {}. What is its name?", "what is the name of the {}?")
            ).format(clause)
        return f"there is one {clause}. {self._ask_of(query, f'that {noun(some.type)}')}"

    def _points(self, query: Query, some: Some) -> str:
        """A list of properties."""
        letters = "abcdefgh"
        parts = [f"({letters[at]}) it {phrase}" for at, phrase in enumerate(self.phrases(some))]
        opening = self.rng.choice(
            ("exactly one {} has all of these properties: ", "identify the {} for which all of this holds: ")
        )
        closing = self._ask_of(query, f"that {noun(some.type)}") if query.asks else f"Which {noun(some.type)} is it?"
        return f"{opening.format(noun(some.type))}{'; '.join(parts)}. {closing}"

    def _riddle(self, query: Query, some: Some) -> str:
        """Short sentences about it, then the question."""
        name = noun(some.type)
        opening = self.rng.choice(
            (f"I am thinking of {with_article(name)}. ", f"We are looking for {with_article(name)}. ")
        )
        phrases = self.phrases(some)
        cut = max(1, len(phrases) - 1) if self.rng.random() < 0.5 else len(phrases)
        said = [f"It {listed(phrases[:cut])}.", *(f"It {also(phrase)}." for phrase in phrases[cut:])]
        closing = self._ask_of(query, f"that {name}") if query.asks else f"Which {name} is it?"
        return f"{opening}{' '.join(said)} {closing}"

    def _story(self, query: Query, some: Some) -> str:
        """One sentence for each entity of the chain, from the asked one on."""
        names = self._names(some)
        told = [f"{sentence(with_article(noun(some.type)))} {self._told(some, names)}."]
        deeper, depth = _below(some), 1
        while deeper is not None:
            told.append(f"{sentence(names[depth])} {self._told(deeper, names, depth)}.")
            deeper, depth = _below(deeper), depth + 1
        return f"{' '.join(told)} {self._closing(query, some, names)}"

    def _inner_first(self, query: Query, some: Some) -> str:
        """The entity next to the asked one first, then what the asked one is to it."""
        link = next(clue for clue in some.clues if isinstance(clue, Linked))
        name, other = noun(some.type), noun(link.to.type)
        here = "another" if name == other else "a certain"
        opening = self.rng.choice(("consider", "take", "start from"))
        own = [clue for clue in some.clues if clue is not link]
        there = self.clue(Linked(link.relation, Some(link.to.type), link.turned), value="the former")
        phrases = [*self.phrases(Some(some.type, tuple(own))), there]
        asked = self._ask_of(query, "the latter") if query.asks else f"Which {name} is the latter?"
        inside = self.inline(link.to)
        return f"{opening} {with_article(other)} that {inside}. {sentence(here)} {name} {listed(phrases)}. {asked}"

    def _best(self, query: Query, best: Top) -> str:
        some, name = best.among, noun(best.among.type)
        word, what = self.superlative(best)
        group = f"{plural(name)} that {self.inline(some, many=True)}"
        if not query.asks:
            asked = self.rng.choice(
                (
                    "of all {0}, which one has the {1} {2}?",
                    "which of the {0} has the {1} {2}?",
                    "among the {0}, find the one with the {1} {2}. Which {3} is it?",
                )
            )
            return asked.format(group, word, what, name)
        opening = self.rng.choice(
            ("Of all {0}, take the one with the {1} {2}.", "Among the {0}, look at the one that has the {1} {2}.")
        )
        return f"{opening.format(group, word, what)} {self._ask_of(query, f'that {name}')}"

    # ---- what is asked

    def asked(self, query: Query, it: str) -> str:
        """What is asked, as a noun phrase, of the entity `it`."""
        relation = self.store.relations[query.asks]
        if query.counts:
            head, tail = head_of(relation.asks)
            return f"the number of {plural(head)}{tail.replace('that {it}', 'that it') if it.startswith('that ') else tail}".replace(
                "{it}", it
            )
        asks = relation.asks.replace("that {it}", "that it") if it.startswith("that ") else relation.asks
        return f"{asks.replace('{it}', it)}{unit_of(relation)}"

    def _ask_of(self, query: Query, it: str) -> str:
        return self.rng.choice(GIVE).format(self.asked(query, it))

    def _closing(self, query: Query, some: Some, names: list[str]) -> str:
        it = names[0] if any(noun(some.type) in name for name in names[1:]) else f"that {noun(some.type)}"
        if query.asks:
            return self._ask_of(query, it)
        return f"Which {noun(some.type)} is {'it' if it.startswith('that ') else f'{it}'}?"

    # ---- descriptions

    def _plain(self, some: Some) -> bool:
        """Whether a description can be one sentence: no description in it has many clues, or another behind it."""
        below = _below(some)
        if below is None:
            return True
        last = _below(below)
        return len(below.clues) <= MOST_INLINE and (last is None or (len(below.clues) <= 2 and len(last.clues) == 1))

    def _told(self, some: Some, names: list[str], depth: int = 0) -> str:
        """What is said of an entity of the chain, the next one by its name in the story."""
        phrases = []
        for clue in self.in_order(some):
            if isinstance(clue, Linked):
                value = self._introduced(names, depth + 1, noun(clue.to.type))
                phrases.append(self.clue(Linked(clue.relation, Some(clue.to.type), clue.turned), value=value))
            else:
                phrases.append(self.clue(clue))
        return with_but(phrases)

    def _introduced(self, names: list[str], depth: int, type_: str) -> str:
        ordinal = names[depth].removeprefix("the ").removesuffix(f" {type_}")
        if ordinal == "second":
            return f"another {type_}"
        return f"a {ordinal} {type_}" if ordinal in ORDINALS else f"a certain {type_}"

    def _names(self, some: Some) -> list[str]:
        """How the entities of a chain are called in a story: by their kind, and in their order where two are of one kind."""
        kinds = []
        at: Some | None = some
        while at is not None:
            kinds.append(noun(at.type))
            at = _below(at)
        return [
            f"the {ORDINALS[kinds[:place].count(kind)]} {kind}" if kinds.count(kind) > 1 else f"that {kind}"
            for place, kind in enumerate(kinds)
        ]


def also(verb_phrase: str) -> str:
    """A verb phrase with `also` where it belongs; none where something is denied."""
    if re.match(r"(?:does|did|is|was) not ", verb_phrase):
        return verb_phrase
    return (
        re.sub(r"^(is|was) ", r"\1 also ", verb_phrase)
        if verb_phrase.startswith(("is ", "was "))
        else f"also {verb_phrase}"
    )


def unit_of(relation: Relation) -> str:
    """The unit that an answer is wanted in, where the words for the value do not say it already."""
    if relation.kind != "number" or not relation.unit or relation.unit == "people" or relation.unit in relation.asks:
        return ""
    return f" (in {relation.unit})"


def _below(some: Some) -> Some | None:
    return next((clue.to for clue in some.clues if isinstance(clue, Linked)), None)

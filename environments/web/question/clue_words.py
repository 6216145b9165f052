"""Clues as verb phrases about their entity, by the words that the relations bring: borders a country that lies in Africa.

A series of phrases is put so that no phrase can be read as belonging to another noun than its own: what holds a description stands last,
and `that` is said again before each phrase of the inner or of the outer description, never of both.
"""

import random
import re
from typing import Any

from envgym.environments.web.corpus.facts import FactStore, Relation
from envgym.environments.web.question.english import (
    counted,
    denied,
    head_of,
    listed,
    measured,
    noun,
    plural,
    with_article,
)
from envgym.environments.web.question.query import (
    Begins,
    Counts,
    Decade,
    Has,
    Lacks,
    Letters,
    Linked,
    Some,
    Top,
    Within,
    inner,
)
from envgym.environments.web.question.rejected import Rejected
from envgym.verifiers.saying import Value

HIGH_UNITS = ("years", "percent", "US dollars", "meters", "metres", "feet")
"""Units of numbers that are high rather than great."""
WORD_ITS = re.compile(r"\bits\b")


class ClueWriter:
    """Says clues. Every choice between ways of saying comes from `rng`."""

    def __init__(self, store: FactStore, rng: random.Random) -> None:
        self.store = store
        self.rng = rng

    def inline(self, some: Some, *, that: bool = True, many: bool = False) -> str:
        """What is said of an entity, as verb phrases behind `that`; of several entities with `many`.

        Behind a noun that stands inside another description, `that` is said again before each phrase where the outer one does not, so
        that nobody has to guess of which of both a phrase speaks.
        """
        phrases = [self.clue(clue, that=not that) for clue in self.in_order(some)]
        if many:
            phrases = [of_many(phrase) for phrase in phrases]
        if that and len(phrases) > 1:
            return listed([phrases[0], *(f"that {phrase}" for phrase in phrases[1:])])
        return with_but(phrases)

    def phrases(self, some: Some) -> list[str]:
        """What is said of an entity, one verb phrase for each clue."""
        return [self.clue(clue) for clue in self.in_order(some)]

    def in_order(self, some: Some) -> list[Any]:
        """Clues in any order, denials behind them, and what holds a description last."""
        clues = list(some.clues)
        self.rng.shuffle(clues)
        return sorted(clues, key=lambda clue: 2 * (inner(clue) is not None) + isinstance(clue, Lacks))

    def ends_well(self, some: Some) -> bool:
        """Whether every description in it can stand at the end of its phrase."""
        for clue in some.clues:
            if isinstance(clue, Linked):
                relation = self.store.relations[clue.relation]
                ways = relation.turned if clue.turned else relation.says
                if not any(way.endswith("}") for way in ways) or not self.ends_well(clue.to):
                    return False
        return True

    def clue(self, clue: Any, value: str = "", *, that: bool = True) -> str:
        """One clue as a verb phrase; of one that holds a description, with `value` for what is described."""
        match clue:
            case Begins():
                return f'has a name that begins with the letter "{clue.letter}"'
            case Letters():
                return f"has a name of {clue.count} letters (not counting spaces and signs)"
            case Top():
                word, what = self.superlative(clue)
                return f"has the {word} {what} of all {plural(noun(clue.among.type))} that {self.inline(clue.among, many=True)}"
        relation = self.store.relations[clue.relation]
        match clue:
            case Linked():
                told = value or f"{with_article(noun(clue.to.type))} that {self.inline(clue.to, that=that)}"
                return self.said(relation, told, turned=clue.turned, last=not value)
            case Has(turned=True):
                return self.said(relation, self.store.said(clue.value), turned=True)
            case Has():
                return self.said(relation, self._value(relation, clue.value))
            case Lacks():
                return denied(self.said(relation, self._value(relation, clue.value)))
            case Counts():
                return self._counts(relation, clue)
            case Decade():
                return self.said(relation, f"the {clue.first}s")
            case Within():
                return self._within(relation, clue)
        raise TypeError(f"no clue: {clue!r}")

    def _value(self, relation: Relation, value: Value) -> str:
        if relation.kind == "number":
            return measured(float(value), relation.unit)
        return self.store.said(value)

    def said(self, relation: Relation, value: str, *, turned: bool = False, last: bool = False) -> str:
        """A verb phrase of a relation; with `last` one that ends in the value, for a long one."""
        ways = relation.turned if turned else relation.says
        if not ways:
            raise Rejected("no words for it")
        if last:
            ways = tuple(way for way in ways if way.endswith("}")) or ways
        return article_fitted(re.sub(r"\{(?:it|value)\}", lambda _: value, self.rng.choice(ways)))

    def _within(self, relation: Relation, clue: Within) -> str:
        low, high, unit = clue.low, clue.high, relation.unit
        if relation.kind == "year":
            when = (
                f"between {low} and {high}"
                if None not in (low, high)
                else f"before {high}"
                if low is None
                else f"after {low}"
            )
            said = self.said(relation, "\0")
            return said.replace("in \0", when) if "in \0" in said else said.replace("\0", f"a year {when}")
        if low is not None and high is not None:
            first = measured(low, "") if unit else str(low)
            return self.said(relation, f"between {_shared_scale(first, measured(high, unit))}")
        if high is None:
            assert low is not None
            return self.said(relation, f"{self.rng.choice(('more than', 'over'))} {measured(low, unit)}")
        things = unit == "people" or relation.asks.startswith("the number of ")
        less = "fewer than" if things else "less than"
        return self.said(relation, f"{self.rng.choice((less, 'under'))} {measured(high, unit)}")

    def _counts(self, relation: Relation, clue: Counts) -> str:
        how = "exactly" if clue.least == clue.most else "at least" if clue.most is None else "at most"
        count = clue.least if clue.least is not None else clue.most or 0
        head, tail = head_of(relation.asks)
        if not relation.asks.startswith(("a ", "an ")):
            raise Rejected("no words for a count")
        if tail == " of {it}":
            return f"has {how} {counted(count, head)}"
        ways = [way for way in relation.says if way.endswith("{value}")]
        if not ways:
            raise Rejected("no words for a count")
        return ways[0].replace("{value}", f"{how} {counted(count, head)}")

    def superlative(self, best: Top) -> tuple[str, str]:
        """The adjective and what it is about: highest, life expectancy at birth."""
        relation = self.store.relations[best.relation]
        if not relation.asks.startswith("the "):
            raise Rejected("no words for a superlative")
        what = re.sub(r" (?:of|in) \{it\}", "", relation.asks).removeprefix("the ")
        if re.search(r"est\b|\{it\}", what):
            raise Rejected("no words for a superlative")
        words = ("highest", "lowest") if relation.unit in HIGH_UNITS else ("greatest", "smallest")
        return words[best.end == "smallest"], what


def article_fitted(phrase: str) -> str:
    """`an` in front of a vowel: a phrase with a value put into it may have the wrong one."""
    return re.sub(r"\ba (?=[AaIi]|[Ee](?!u)|[Oo](?!ne\b|nce\b))", "an ", phrase)


def of_many(verb_phrase: str) -> str:
    """A verb phrase in the third person made plural: borders -> border, has -> have."""
    verb, comma, rest = re.match(r"(\w+)(\W?\s?)(.*)", verb_phrase, re.DOTALL).groups()  # type: ignore[union-attr]
    plain = {"is": "are", "has": "have", "was": "were", "does": "do"}.get(verb)
    if plain is None:
        plain = denied(verb).removeprefix("does not ") if verb.endswith("s") else verb
    own, that, told = rest.partition(" that ")
    return f"{plain}{comma}{re.sub(WORD_ITS, 'their', own)}{that}{told}"


def with_but(phrases: list[str]) -> str:
    """Verb phrases as a series, with a denial at its end behind `but`."""
    last = phrases[-1] if phrases else ""
    if len(phrases) > 1 and re.match(r"(?:does|did|is|was) not ", last):
        return f"{listed(phrases[:-1])}, but {last}"
    return listed(phrases)


def _shared_scale(low: str, high: str) -> str:
    """Both ends of a range, the word for millions only once where it is the same."""
    word = low.rpartition(" ")[2]
    return (
        f"{low.removesuffix(f' {word}')} and {high}"
        if word in ("million", "billion", "trillion") and f" {word} " in f"{high} "
        else f"{low} and {high}"
    )

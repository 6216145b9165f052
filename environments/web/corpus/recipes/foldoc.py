"""FOLDOC as a corpus: a page per definition, its cross references as links, and the facts that its form states.

A definition begins with its subjects in angle brackets and marks cross references with braces, `{words}` or `{words (target)}`. A
reference is a fact only where its words are a name of the definition that they lead to, and of no other: what a link hides cannot be
quoted.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from envgym.environments.web.corpus.corpus import Corpus, CorpusSource
from envgym.environments.web.corpus.facts import Entity, FactStore, Relation
from envgym.environments.web.corpus.recipes.dictd import Definition, definitions
from envgym.environments.web.corpus.recipes.draft import Draft, Stated, place_of
from envgym.verifiers.saying import folded

REFERENCE = re.compile(r"\{([^{}]{1,300})\}")
WITH_TARGET = re.compile(r"(.*?)\s*\((.+)\)$")
SUBJECTS = re.compile(r"<([a-z][^<>@]{1,100})>\s*")
REVISED = re.compile(r"\((\d{4})-(\d\d)-(\d\d)\)$")
RELATIONS = (
    Relation(
        name="in_subject", subject="term", kind="entity", target="subject", many=True,
        asks="a subject under which FOLDOC files {it}", says=("is filed under {value}", "belongs to the subject {value}"),
    ),
    Relation(
        name="refers_to", subject="term", kind="entity", target="term", many=True, complete=False,
        asks="a term to which the definition of {it} refers",
        says=("has a definition that refers to {value}", "is defined with a reference to {value}"),
        turned=("is referred to in the definition of {it}",),
    ),
    Relation(
        name="revised", subject="term", kind="year",
        asks="the year in which the definition of {it} was last revised", says=("has a definition last revised in {value}",),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Term:
    """A definition with the names that lead to it; the first is the title."""

    names: tuple[str, ...]
    body: str
    slug: str

    @property
    def url(self) -> str:
        return f"https://foldoc.test/{self.slug}"


def foldoc(folders: Mapping[str, Path], sources: Mapping[str, CorpusSource]) -> Corpus:
    """The corpus out of the unpacked package dict-foldoc."""
    folder = folders["dict-foldoc"] / "usr/share/dictd"
    terms = list(_terms(definitions(folder / "foldoc.index", folder / "foldoc.dict.dz")))
    known: dict[str, list[Term]] = defaultdict(list)
    for term in terms:
        for name in {folded(each) for each in term.names}:
            known[name].append(term)
    entities: dict[str, Entity] = {
        term.slug: Entity(term.slug, "term", term.names[0], term.names[1:], term.url) for term in terms
    }
    pages, facts = {}, []
    for term in terms:
        draft = _page(term, known, entities)
        pages[draft.url] = draft.page()
        facts += draft.facts
    store = FactStore({relation.name: relation for relation in RELATIONS}, entities, tuple(facts))
    return Corpus("foldoc", "The Free On-line Dictionary of Computing", pages, store, (sources["dict-foldoc"],))


def _terms(found: Iterator[Definition]) -> Iterator[Term]:
    """Definitions with the headwords in their own spelling, which stand above the text."""
    taken: set[str] = set()
    for definition in found:
        names = []
        for line in definition.lines:
            if not line.strip() or line.startswith(" "):
                break
            names.append(line.strip())
        body = "\n".join(definition.lines[len(names) :])
        if names and body.strip():
            yield Term(tuple(dict.fromkeys(names)), body, _slug(names[0], taken))


def _slug(name: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")[:60] or "sign"
    slug, number = plain, 1
    while slug in taken:
        number += 1
        slug = f"{plain}-{number}"
    taken.add(slug)
    return slug


def _page(term: Term, known: Mapping[str, Sequence[Term]], entities: dict[str, Entity]) -> Draft:
    draft = Draft(term.slug, term.url, term.names[0])
    if len(term.names) > 1:
        draft.say(f"Also: {'; '.join(term.names[1:])}")
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", term.body) if part.strip()]
    if subjects := SUBJECTS.match(paragraphs[0]):
        _say_subjects(draft, subjects[1], entities)
        paragraphs[0] = paragraphs[0][subjects.end() :]
    stated: set[str] = set()
    for paragraph in filter(None, paragraphs):
        if revised := REVISED.fullmatch(paragraph):
            draft.say(f"Last revised: {'-'.join(revised.groups())}", ("revised", int(revised[1]), ""))
        else:
            _say_paragraph(draft, paragraph, known, stated)
    return draft


def _say_subjects(draft: Draft, listed: str, entities: dict[str, Entity]) -> None:
    names = list(dict.fromkeys(part.strip() for part in listed.split(",") if part.strip()))
    for name in names:
        entities.setdefault(f"subject:{name}", Entity(f"subject:{name}", "subject", name))
    draft.say(f"Subjects: {', '.join(names)}", *(("in_subject", f"subject:{name}", "") for name in names))


def _say_paragraph(draft: Draft, paragraph: str, known: Mapping[str, Sequence[Term]], stated: set[str]) -> None:
    facts: list[Stated] = []

    def plain(match: re.Match[str]) -> str:
        words, target = _parts(match[1])
        if found := known.get(folded(target)):
            draft.link(words, found[0].url)
            slug = found[0].slug
            if known.get(folded(words)) == [found[0]] and slug not in stated and slug != draft.subject:
                stated.add(slug)
                facts.append(("refers_to", slug, words))
        return words

    line = REFERENCE.sub(plain, paragraph)
    draft.say(line, *(fact for fact in facts if place_of(fact[2], line) >= 0))


def _parts(inside: str) -> tuple[str, str]:
    """Words and target of a reference; of one that leads out, its words (or its address) and nowhere."""
    found = WITH_TARGET.fullmatch(inside)
    if not found:
        return inside, inside
    words, target = found.groups()
    if re.search(r"://|\.html?\b|^mailto:|^/", target):
        return words or target, ""
    return words or target, target

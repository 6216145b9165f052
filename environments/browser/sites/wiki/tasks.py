"""What is asked of those who read a wiki, add to it and keep it clean. Facts come from the corpus, with what its pages say."""

from typing import cast

from envgym.environments.browser.sites.family import TEXT, Draw, Families, Forbidden, Wish, changed, new
from envgym.environments.browser.sites.moves import Move
from envgym.environments.browser.sites.wiki.text import sections, slug
from envgym.environments.browser.sites.wiki.wiki import VANDALISM, Wiki
from envgym.environments.web.corpus.facts import Entity, Fact, FactStore, Relation
from envgym.environments.web.corpus.page import Page
from envgym.environments.web.search.shelf import engine_of
from envgym.verifiers.typed_answer import AnswerType

WIKI = Families()
NO_ADDING = Forbidden(why="Do not add anything to a page.", path=r"/add/[^/]+")
NO_UNDOING = Forbidden(why="Do not undo any addition.", path=r"/undo/\d+")
NO_NOTE = Forbidden(why="Do not leave notes in discussions.", path=r"/talk/[^/]+")
NOTES = ("This page needs a second source.", "I will add a map next week.", "The figures should be checked again.")


def wiki_of(draw: Draw) -> Wiki:
    return cast(Wiki, draw.site)


def store_of(draw: Draw) -> FactStore:
    return wiki_of(draw).corpus.store


def open_page(title: str) -> list[Move]:
    """The way to a page by its title."""
    return [["fill", "searchbox", "Search the wiki", title], ["click", "button", "Search"], ["click", "link", title]]


def some_page(draw: Draw) -> tuple[str, Page]:
    by_slug = wiki_of(draw).by_slug
    name = draw.pick(sorted(by_slug))
    return name, by_slug[name]


def found_by_title(draw: Draw, page: Page) -> bool:
    """Whether a search for its title shows the page, under a title that no other hit has."""
    hits = engine_of(wiki_of(draw).corpus).search(page.title, 10)
    return [hit.url for hit in hits if hit.title == page.title] == [page.url]


def subjects(draw: Draw) -> list[Entity]:
    """Entities with a page of their own and facts about them."""
    store = store_of(draw)
    return [each for each in store.entities.values() if each.page and store.of(each.id)]


def certain(draw: Draw, fact: Fact) -> Relation | None:
    """The relation of a fact that has one value, of which the page says no more than the facts do."""
    store = store_of(draw)
    relation = store.relations[fact.relation]
    if relation.many or not relation.complete or relation.name in store.entities[fact.subject].open:
        return None
    return relation if len(store.of(fact.subject, relation.name)) == 1 else None


def asked_for(relation: Relation) -> AnswerType:
    if relation.kind == "number":
        return AnswerType(kind="number", unit=relation.unit, tolerance=0)
    return AnswerType(kind="integer", unit="", tolerance=0) if relation.kind == "year" else TEXT


def some_fact(draw: Draw) -> tuple[Entity, Fact, Relation] | None:
    entity = draw.pick(subjects(draw))
    facts = [(fact, relation) for fact in store_of(draw).of(entity.id) if (relation := certain(draw, fact)) is not None]
    facts = [(fact, relation) for fact, relation in facts if fact.url == entity.page]
    if not facts or not found_by_title(draw, wiki_of(draw).corpus.pages[entity.page]):
        return None
    return (entity, *draw.pick(facts))


def gold(draw: Draw, fact: Fact, relation: Relation) -> tuple[str | int | float, list[str | int | float]]:
    """The answer that a fact is, and what else it is called."""
    first, *others = store_of(draw).spellings(fact.value, relation.kind)
    return first, others


def question(draw: Draw, request: str, entity: Entity, fact: Fact, relation: Relation) -> Wish:
    """The wish to know a fact, which stands on the page of an entity."""
    answer, aliases = gold(draw, fact, relation)
    moves = open_page(wiki_of(draw).corpus.pages[entity.page].title)
    return Wish(f"{request}{in_unit(relation)}?", moves, answer=answer, aliases=aliases, asked=asked_for(relation))


def in_unit(relation: Relation) -> str:
    return f", in {relation.unit}" if relation.unit else ""


# ---- one thing


@WIKI.family(level=1)
def look_up(draw: Draw) -> Wish | None:
    found = some_fact(draw)
    if found is None:
        return None
    entity, fact, relation = found
    asked = relation.asks.format(it=store_of(draw).said(entity.id))
    return question(draw, f"According to the wiki, what is {asked}", entity, fact, relation)


@WIKI.family(level=1)
def watch(draw: Draw) -> Wish | None:
    name, page = some_page(draw)
    if not found_by_title(draw, page):
        return None
    user = draw.rng.randint(1, 6)
    moves = [*open_page(page.title), ["click", "button", "Watch this page"]]
    return Wish(
        f"Put the page {page.title} on my list of watched pages.",
        moves,
        wanted=[new("watched", page=name, user=user)],
        user=user,
    )


@WIKI.family(level=1)
def discuss(draw: Draw) -> Wish | None:
    name, page = some_page(draw)
    if not found_by_title(draw, page):
        return None
    user, text = draw.rng.randint(1, 6), draw.pick(NOTES)
    request = f'Leave a note in the discussion of the page {page.title}: "{text}"'
    return Wish(
        request,
        [*open_page(page.title), *noted(text)],
        wanted=[new("notes", page=name, author=user, text=text)],
        user=user,
    )


def noted(text: str) -> list[Move]:
    return [["click", "link", "Discussion"], ["fill", "textbox", "Note", text], ["click", "button", "Leave note"]]


# ---- several pages


@WIKI.family(level=2)
def add_line(draw: Draw) -> Wish | None:
    name, page = some_page(draw)
    headings = [heading for heading, _ in sections(page) if heading]
    if not headings or len(set(headings)) < len(headings) or not found_by_title(draw, page):
        return None
    user, text, heading = draw.rng.randint(1, 6), draw.pick(NOTES), draw.pick(headings)
    moves = [*open_page(page.title), ["click", "link", "Add a line"], ["select", "combobox", "Section", heading]]
    moves += [
        ["fill", "textbox", "New line", text],
        ["fill", "textbox", "Summary", "note to editors"],
        ["click", "button", "Save addition"],
    ]
    request = (
        f'Add the line "{text}" to the section {heading} of the page {page.title}, with the summary "note to editors".'
    )
    wanted = [new("edits", page=name, section=heading, author=user, text=text, summary="note to editors", undone=0)]
    return Wish(request, moves, wanted=wanted, user=user, forbidden=[NO_UNDOING, NO_NOTE])


@WIKI.family(level=2)
def two_steps(draw: Draw) -> Wish | None:
    """The entity is named by a fact that no other has."""
    found = some_fact(draw)
    if found is None:
        return None
    entity, fact, relation = found
    store = store_of(draw)
    told = [
        (each, known)
        for each in store.of(entity.id)
        if (known := certain(draw, each)) is not None and unique(wiki_of(draw), each, known)
    ]
    told = [(each, known) for each, known in told if known.name != relation.name]
    if not told:
        return None
    clue, by = draw.pick(told)
    said = by.says[0].format(value=store.said(clue.value))
    request = (
        f"In the wiki, find the {entity.type} that {said}. What is {relation.asks.format(it=f'that {entity.type}')}"
    )
    return question(draw, request, entity, fact, relation)


def unique(wiki: Wiki, fact: Fact, relation: Relation) -> bool:
    """Whether a fact names its subject: no other entity has the value, and no page whose facts are in doubt holds its words."""
    if relation.kind not in ("entity", "text"):
        return False
    store, pages = wiki.corpus.store, wiki.corpus.pages
    if sum(each.relation == relation.name and each.value == fact.value for each in store.facts) != 1:
        return False
    words = [str(word).casefold() for word in store.spellings(fact.value, relation.kind)]
    doubtful = [each for each in store.of_type(relation.subject) if relation.name in each.open and each.page]
    return not any(word in pages[each.page].text.casefold() for each in doubtful for word in words)


# ---- comparisons, and keeping it clean


@WIKI.family(level=3)
def greatest(draw: Draw) -> Wish | None:
    """Of three, the one with the greatest figure is put on the list of watched pages."""
    store = store_of(draw)
    numbers = [each for each in store.relations.values() if each.kind == "number" and not each.many and each.complete]
    if not numbers:
        return None
    relation = draw.pick(numbers)
    having = [
        each for each in subjects(draw) if each.type == relation.subject and len(store.of(each.id, relation.name)) == 1
    ]
    if len(having) < 3:
        return None
    three = draw.rng.sample(having, 3)
    values = [float(store.of(each.id, relation.name)[0].value) for each in three]
    best = max(values)
    corpus = wiki_of(draw).corpus
    chosen = [corpus.pages[each.page] for each in three]
    if values.count(best) > 1 or not all(found_by_title(draw, page) for page in chosen):
        return None
    winner = chosen[values.index(best)]
    moves = [
        move for page in (*(each for each in chosen if each is not winner), winner) for move in open_page(page.title)
    ]
    user = draw.rng.randint(1, 6)
    said = relation.asks.format(it="each").removeprefix("the ")
    request = (
        f"Compare {chosen[0].title}, {chosen[1].title} and {chosen[2].title} by the {said}, "
        "and put the page with the greatest figure on my list of watched pages."
    )
    wanted = [new("watched", page=slug(winner.url), user=user)]
    return Wish(
        request,
        [*moves, ["click", "button", "Watch this page"]],
        wanted=wanted,
        user=user,
        forbidden=[NO_ADDING, NO_NOTE],
    )


@WIKI.family(level=3)
def undo_nonsense(draw: Draw) -> Wish | None:
    marks = ", ".join("?" for _ in VANDALISM)
    row = draw.one(f"SELECT * FROM edits WHERE text IN ({marks}) ORDER BY id", *VANDALISM)
    if row is None:
        return None
    page = wiki_of(draw).by_slug[row["page"]]
    if not found_by_title(draw, page):
        return None
    author = draw.value("SELECT name FROM users WHERE id = ?", row["author"])
    user = draw.pick([id for id in range(1, 7) if id != row["author"]])
    note = f"I undid an addition by {author}."
    moves = [
        *open_page(page.title),
        ["click", "link", "History"],
        ["click", "button", "Undo", {"within": row["text"]}],
        *open_page(page.title),
        *noted(note),
    ]
    request = (
        f"Somebody has added a line to the page {page.title} that has nothing to do with it. Undo that addition and no other, "
        'and leave a note in the discussion of the page: "I undid an addition by ", then the full name of its author, then a full stop.'
    )
    wanted = [changed("edits", row["id"], undone=1), new("notes", page=row["page"], author=user, text=note)]
    return Wish(request, moves, wanted=wanted, user=user, forbidden=[NO_ADDING])

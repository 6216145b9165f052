"""The pages of a wiki over a corpus: articles with links and search, additions with their history, discussions, watched pages.

What the corpus says is fixed and shared; only what people add to it is in the database.
"""

import random
import sqlite3
from functools import lru_cache
from typing import ClassVar

from envgym.environments.browser.sites.markup import Markup, html, link, options, table
from envgym.environments.browser.sites.people import add_users
from envgym.environments.browser.sites.site import Site, page
from envgym.environments.browser.sites.visit import NotFound, Page, Refused, Reply, Visit, pages
from envgym.environments.browser.sites.wiki.text import Section, sections, slug
from envgym.environments.web.corpus.corpus import Corpus
from envgym.environments.web.corpus.page import Page as Document
from envgym.environments.web.corpus.shelf import open_corpus
from envgym.environments.web.search.shelf import engine_of

PER_PAGE = 60
HITS = 10
SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL);
CREATE TABLE edits (id INTEGER PRIMARY KEY AUTOINCREMENT, page TEXT NOT NULL, section TEXT NOT NULL,
  author INTEGER NOT NULL REFERENCES users(id), text TEXT NOT NULL, summary TEXT NOT NULL, written TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0);
CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, page TEXT NOT NULL, author INTEGER NOT NULL REFERENCES users(id),
  text TEXT NOT NULL, written TEXT NOT NULL);
CREATE TABLE watched (id INTEGER PRIMARY KEY AUTOINCREMENT, page TEXT NOT NULL, user INTEGER NOT NULL REFERENCES users(id),
  UNIQUE (page, user));
CREATE INDEX by_page ON edits (page);
"""
ADDITIONS = (
    "A map of the region would help here.",
    "Checked against the printed edition.",
    "See the discussion for sources.",
)
VANDALISM = ("My cat is the king of this country!!!", "lol nobody reads this", "visit my channel for free coins")
ADD = """<p><label>Section <select name="section">{sections}</select></label></p>
<p><label>New line <textarea name="text" required></textarea></label></p>
<p><label>Summary <input name="summary" required maxlength="120"></label></p><p><button>Save addition</button></p>"""


class Wiki(Site):
    """A wiki; `wiki_over` gives one its corpus."""

    name = "wiki"
    schema = SCHEMA
    menu = (("/all", "All pages"),)
    own_menu = (("/watched", "Watched pages"),)
    volatile = {"edits": ("written",), "notes": ("written",)}
    corpus: ClassVar[Corpus]
    by_slug: ClassVar[dict[str, Document]]

    def populate(self, db: sqlite3.Connection, rng: random.Random, size: int) -> None:
        people = [id for id, _ in add_users(db, rng, 6)]
        names = sorted(self.by_slug)
        for name in rng.sample(names, min(12 * size, len(names))):
            texts = [rng.choice(ADDITIONS), *(rng.sample(VANDALISM, 1) if rng.random() < 0.5 else ())]
            for number, text in enumerate(texts):
                summary = "small addition" if text in ADDITIONS else "improved"
                headings = [heading for heading, _ in sections(self.by_slug[name]) if heading] or [""]
                db.execute(
                    "INSERT INTO edits (page, section, author, text, summary, written) VALUES (?, ?, ?, ?, ?, ?)",
                    (name, rng.choice(headings), rng.choice(people), text, summary, f"2026-02-20 1{number}:00"),
                )

    def above(self, visit: Visit) -> Markup:
        return Markup(
            '<form method="get" action="/search" role="search"><input type="search" name="q" aria-label="Search the wiki">'
            ' <button class="quiet">Search</button></form>'
        )

    # ---- reading

    @page("/")
    def home(self, visit: Visit) -> Reply:
        count = len(self.by_slug)
        return Page(
            "Main page",
            html("<p>{title}. {count} articles that anybody can add to.</p>", title=self.corpus.title, count=count),
        )

    @page("/all")
    def all_pages(self, visit: Visit) -> Reply:
        titles = sorted((document.title, name) for name, document in self.by_slug.items())
        start = (min(visit.asked_page, max(1, -(-len(titles) // PER_PAGE))) - 1) * PER_PAGE
        items = [
            html("<li>{to}</li>", to=link(f"/page/{name}", title)) for title, name in titles[start : start + PER_PAGE]
        ]
        return Page(
            "All pages", html("<ul>{items}</ul>{pages}", items=items, pages=pages(visit, len(titles), PER_PAGE))
        )

    @page("/search")
    def search(self, visit: Visit) -> Reply:
        words = visit.query.get("q", "").strip()[:200]
        hits = engine_of(self.corpus).search(words, HITS) if words else []
        items = [
            html("<li>{to}: {snippet}</li>", to=link(f"/page/{slug(hit.url)}", hit.title), snippet=hit.snippet)
            for hit in hits
        ]
        said = html("<p>{n} pages found for {words}.</p><ol>{items}</ol>", n=len(hits), words=words, items=items)
        return Page("Search", said if hits else Markup("<p>Nothing was found.</p>"))

    def _document(self, name: str) -> Document:
        document = self.by_slug.get(name)
        if document is None:
            raise NotFound
        return document

    @page("/page/<name:text>")
    def article(self, visit: Visit, name: str) -> Reply:
        document = self._document(str(name))
        added: dict[str, list[Markup]] = {}
        for row in visit.rows("SELECT * FROM edits WHERE page = ? AND NOT undone ORDER BY id", name):
            added.setdefault(row["section"], []).append(html("<p>{text}</p>", text=row["text"]))
        parts = [self._section(part, added.get(part[0], [])) for part in sections(document)]
        return Page(document.title, html("{tools}{parts}", tools=self._tools(visit, str(name)), parts=parts))

    def _section(self, part: Section, added: list[Markup]) -> Markup:
        heading, body = part
        title = html("<h2>{heading}</h2>", heading=heading) if heading else ""
        return html("{title}{body}{added}", title=title, body=body, added=added)

    def _tools(self, visit: Visit, name: str) -> Markup:
        links = [link(f"/talk/{name}", "Discussion"), " ", link(f"/history/{name}", "History")]
        if visit.user is None:
            return html("<p>{links}</p>", links=links)
        watches = visit.value("SELECT 1 FROM watched WHERE page = ? AND user = ?", name, visit.me)
        what, label = ("unwatch", "Stop watching") if watches else ("watch", "Watch this page")
        form = visit.button(f"/{what}/{name}", label)
        return html("<p>{links} {add}</p>{form}", links=links, add=link(f"/add/{name}", "Add a line"), form=form)

    # ---- adding

    @page("/add/<name:text>", signed_in=True)
    def add_page(self, visit: Visit, name: str) -> Reply:
        document = self._document(str(name))
        headings = [(heading, heading or "Top") for heading, _ in sections(document)]
        return Page(
            f"Add to {document.title}",
            visit.form(f"/add/{name}", html(ADD, sections=options(headings)), label="Add a line"),
        )

    @page("/add/<name:text>", method="POST", signed_in=True)
    def add(self, visit: Visit, name: str) -> Reply:
        document, section = self._document(str(name)), visit.sent("section")
        if section not in [heading for heading, _ in sections(document)]:
            raise Refused("There is no such section.")
        text, summary = visit.need("text", "New line"), visit.need("summary", "Summary", most=120)
        visit.change(
            "INSERT INTO edits (page, section, author, text, summary, written) VALUES (?, ?, ?, ?, ?, ?)",
            name, section, visit.me, text, summary, visit.now(),
        )  # fmt: skip
        return visit.done(f"/page/{name}", "Your addition was saved.")

    @page("/history/<name:text>")
    def history(self, visit: Visit, name: str) -> Reply:
        document = self._document(str(name))
        rows = visit.rows(
            "SELECT edits.*, users.name FROM edits JOIN users ON users.id = author WHERE page = ? ORDER BY edits.id DESC",
            name,
        )
        made = [
            (row["written"], row["name"], row["section"] or "Top", row["text"], row["summary"], self._undo(visit, row))
            for row in rows
        ]
        found = (
            table("Additions", ("Time", "Author", "Section", "Text", "Summary", "Undo"), made)
            if rows
            else Markup("<p>Nothing was added yet.</p>")
        )
        return Page(f"History of {document.title}", found)

    def _undo(self, visit: Visit, row: sqlite3.Row) -> Markup | str:
        if row["undone"]:
            return "undone"
        return visit.button(f"/undo/{row['id']}", "Undo") if visit.user is not None else "-"

    @page("/undo/<id>", method="POST", signed_in=True)
    def undo(self, visit: Visit, id: int) -> Reply:
        row = visit.row("SELECT * FROM edits WHERE id = ?", id)
        visit.change("UPDATE edits SET undone = 1 WHERE id = ?", id)
        return visit.done(f"/history/{row['page']}", "The addition was undone.")

    # ---- discussing and watching

    @page("/talk/<name:text>")
    def talk(self, visit: Visit, name: str) -> Reply:
        document = self._document(str(name))
        rows = visit.rows(
            "SELECT notes.*, users.name FROM notes JOIN users ON users.id = author WHERE page = ? ORDER BY notes.id",
            name,
        )
        notes = [
            html("<article><p><strong>{name}</strong>: {text}</p></article>", name=row["name"], text=row["text"])
            for row in rows
        ]
        inside = Markup(
            '<p><label>Note <textarea name="text" required></textarea></label></p><p><button>Leave note</button></p>'
        )
        write = visit.form(f"/talk/{name}", inside, label="Leave a note") if visit.user is not None else ""
        return Page(
            f"Discussion of {document.title}",
            html("{notes}{write}", notes=notes or Markup("<p>There are no notes.</p>"), write=write),
        )

    @page("/talk/<name:text>", method="POST", signed_in=True)
    def leave_note(self, visit: Visit, name: str) -> Reply:
        self._document(str(name))
        text = visit.need("text", "Note")
        visit.change(
            "INSERT INTO notes (page, author, text, written) VALUES (?, ?, ?, ?)", name, visit.me, text, visit.now()
        )
        return visit.done(f"/talk/{name}", "Your note was left.")

    @page("/watched", signed_in=True)
    def watched(self, visit: Visit) -> Reply:
        rows = visit.rows("SELECT page FROM watched WHERE user = ? ORDER BY page", visit.me)
        items = [
            html("<li>{to}</li>", to=link(f"/page/{row['page']}", self._document(row["page"]).title)) for row in rows
        ]
        return Page(
            "Watched pages", html("<ul>{items}</ul>", items=items) if rows else Markup("<p>You watch no pages.</p>")
        )

    @page("/watch/<name:text>", method="POST", signed_in=True)
    def watch(self, visit: Visit, name: str) -> Reply:
        self._document(str(name))
        visit.change("INSERT OR IGNORE INTO watched (page, user) VALUES (?, ?)", name, visit.me)
        return visit.done(f"/page/{name}", "You watch this page now.")

    @page("/unwatch/<name:text>", method="POST", signed_in=True)
    def unwatch(self, visit: Visit, name: str) -> Reply:
        visit.change("DELETE FROM watched WHERE page = ? AND user = ?", name, visit.me)
        return visit.done(f"/page/{name}", "You do not watch this page any more.")


@lru_cache(maxsize=8)
def wiki_over(name: str) -> type[Wiki]:
    """The wiki over a corpus, by the corpus's name or folder. Raises UsageError where there is none."""
    corpus = open_corpus(name)
    by_slug = {slug(url): document for url, document in corpus.pages.items()}
    own = {"title": f"{corpus.name.capitalize()} wiki", "corpus": corpus, "by_slug": by_slug, "source": corpus.sha256}
    return type("Wiki", (Wiki,), own)

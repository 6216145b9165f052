"""Visit: one request to a site, with its database, its visitor and what was sent; and the ways to answer it."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

from envgym.environments.browser.sites.markup import Markup, html

LARGEST = 2**20
"""Bytes of a form that are read."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be shown."""

    title: str
    body: Markup
    status: int = 200


@dataclass(frozen=True, slots=True)
class Redirect:
    """Another address to go to, as a browser is sent on after a change."""

    to: str


class NotFound(Exception):
    """There is no such page, or it is not the visitor's to see."""


class Refused(Exception):
    """What was sent cannot be taken; the text is shown on the page."""


Reply = Page | Redirect


class Visit:
    """What a page function is given."""

    def __init__(self, environ: dict[str, Any], db: sqlite3.Connection) -> None:
        self.environ = environ
        self.db = db
        self.method: str = environ["REQUEST_METHOD"]
        self.path: str = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")  # as PEP 3333 has it
        self.new_session = ""
        """Id of a session that begins with this answer; `-` ends the one there is."""

    # ---- what was sent

    @cached_property
    def query(self) -> dict[str, str]:
        """The query of the address, the last value of each name."""
        return dict(parse_qsl(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))

    @cached_property
    def lists(self) -> dict[str, list[str]]:
        """The form that was sent."""
        length = self.environ.get("CONTENT_LENGTH") or "0"
        body = self.environ["wsgi.input"].read(min(int(length), LARGEST)) if length.isdigit() else b""
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)

    def sent(self, name: str) -> str:
        """One field of the form, without spaces around it; empty where it was not sent."""
        return self.lists.get(name, [""])[-1].replace("\r\n", "\n").strip()

    def need(self, name: str, label: str, *, most: int = 2_000) -> str:
        """A field that must be filled in. Raises Refused."""
        value = self.sent(name)
        if not value:
            raise Refused(f"{label} is missing.")
        if len(value) > most:
            raise Refused(f"{label} is too long: at most {most} characters.")
        return value

    def number(self, name: str, label: str, low: int, high: int) -> int:
        """A whole number within bounds. Raises Refused."""
        value = self.sent(name)
        if not value.isdecimal() or not value.isascii() or len(value) > 9 or not low <= int(value) <= high:
            raise Refused(f"{label} must be a whole number from {low} to {high}.")
        return int(value)

    def address(self, **changes: Any) -> str:
        """This address with some of its query changed; None takes a part away."""
        query = {name: value for name, value in {**self.query, **changes}.items() if value not in (None, "")}
        return f"{self.path}?{urlencode(query)}" if query else self.path

    @property
    def asked_page(self) -> int:
        """Which page of a long list is asked for, from 1."""
        page = self.query.get("page", "1")
        return max(1, int(page)) if page.isdecimal() and page.isascii() and len(page) < 6 else 1

    # ---- the database

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self.db.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row:
        """The one row of a query. Raises NotFound."""
        found: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        if found is None:
            raise NotFound
        return found

    def value(self, sql: str, *values: Any) -> Any:
        """The first value of the first row; None without rows."""
        found = self.db.execute(sql, values).fetchone()
        return found[0] if found is not None else None

    def change(self, sql: str, *values: Any) -> int:
        """Changes rows; the id of the last new one."""
        return self.db.execute(sql, values).lastrowid or 0

    def now(self) -> str:
        """The time, a minute later than when it was last asked."""
        minutes = self.value("UPDATE _site SET minutes = minutes + 1 RETURNING minutes")
        return f"2026-03-02 {9 + minutes // 60 % 14:02d}:{minutes % 60:02d}"

    # ---- the visitor

    @cached_property
    def session(self) -> str:
        """Id of the visitor's session; empty without one."""
        for part in self.environ.get("HTTP_COOKIE", "").split("; "):
            name, _, value = part.partition("=")
            if name == "visit":
                return str(value)
        return ""

    @cached_property
    def user(self) -> sqlite3.Row | None:
        """Who is signed in."""
        if not self.session:
            return None
        found: sqlite3.Row | None = self.db.execute(
            "SELECT users.*, _sessions.notice AS _notice FROM _sessions JOIN users ON users.id = _sessions.user WHERE _sessions.id = ?",
            (self.session,),
        ).fetchone()
        return found

    @property
    def me(self) -> int:
        """Id of who is signed in; 0 for nobody."""
        return int(self.user["id"]) if self.user is not None else 0

    def begin_session(self, user: int) -> None:
        """Signs somebody in."""
        number = self.value("UPDATE _site SET sessions = sessions + 1 RETURNING sessions")
        secret = self.value("SELECT secret FROM _site")
        self.new_session = blake2b(f"{secret}/{number}".encode(), digest_size=12).hexdigest()
        self.change("INSERT INTO _sessions (id, user) VALUES (?, ?)", self.new_session, user)

    @property
    def token(self) -> str:
        """What every form of this session carries, so that no other site can send one."""
        return blake2b(f"form of {self.session}".encode(), digest_size=8).hexdigest()

    def token_field(self) -> Markup:
        """The hidden field of a form that changes something."""
        return html('<input type="hidden" name="_token" value="{token}">', token=self.token)

    def form(self, action: str, inside: Any, *, label: str = "") -> Markup:
        """A form that is posted."""
        named = html(' aria-label="{label}"', label=label) if label else ""
        return html(
            '<form method="post" action="{action}"{named}>{token}{inside}</form>',
            action=action,
            named=named,
            token=self.token_field(),
            inside=inside,
        )

    def button(self, action: str, text: str, said: str = "") -> Markup:
        """A form of one button. `said` is what the button is called where several say the same."""
        called = html(' aria-label="{said}"', said=said) if said else ""
        return self.form(action, html('<button class="quiet"{called}>{text}</button>', called=called, text=text))

    # ---- answers

    def done(self, to: str, notice: str) -> Redirect:
        """Sends the visitor on, with a line that the next page shows."""
        session = self.new_session or self.session
        self.change("UPDATE _sessions SET notice = ? WHERE id = ?", notice, session)
        return Redirect(to)

    def notice(self) -> str:
        """The line that was left for this page; it is shown once."""
        said = self.user["_notice"] if self.user is not None else ""
        if said:
            self.change("UPDATE _sessions SET notice = '' WHERE id = ?", self.session)
        return str(said)


def pages(visit: Visit, total: int, size: int) -> Markup:
    """Links to the pages of a long list; nothing where there is one page."""
    last = max(1, -(-total // size))
    if last == 1:
        return Markup()
    here = min(visit.asked_page, last)
    steps = [(here - 1, "Previous page"), (here + 1, "Next page")]
    links: Iterable[Markup] = [
        html('<a href="{to}">{text}</a> ', to=visit.address(page=page), text=text)
        for page, text in steps
        if 1 <= page <= last
    ]
    return html(
        '<nav aria-label="Pages"><p>Page {here} of {last}. {links}</p></nav>', here=here, last=last, links=list(links)
    )

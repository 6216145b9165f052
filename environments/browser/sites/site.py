"""Site: a web site over one SQLite database, as a WSGI application that is made anew for every episode in a fraction of a millisecond.

Write a class with `schema`, `populate` and methods under `@page`. The database is made once per data seed and kept as bytes; each
episode opens a copy. Tables whose name begins with `_` are the kit's own (sessions, the clock) and count as no change.
"""

import random
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

from envgym.environments.browser.sites.markup import Markup, html, link
from envgym.environments.browser.sites.visit import NotFound, Page, Redirect, Refused, Reply, Visit
from envgym.errors import UsageError, told

STYLE = (Path(__file__).parent / "style.css").read_bytes()
OWN_TABLES = """
CREATE TABLE _site (minutes INTEGER NOT NULL, sessions INTEGER NOT NULL, secret TEXT NOT NULL);
CREATE TABLE _sessions (id TEXT PRIMARY KEY, user INTEGER NOT NULL, notice TEXT NOT NULL DEFAULT '');
"""
PHRASES = {
    200: "OK", 303: "See Other", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
}  # fmt: skip
Handler = TypeVar("Handler", bound=Callable[..., Reply])
Start = Callable[..., Any]


def page(*paths: str, method: str = "GET", signed_in: bool = False) -> Callable[[Handler], Handler]:
    """Marks a method of a Site as what answers under a path: `/product/<id>`; `<id>` is a whole number, `<name:text>` a word.

    With `signed_in`, visitors who are not are sent to sign in first.
    """

    def mark(handler: Handler) -> Handler:
        handler.__site_page__ = (paths, method, signed_in)  # type: ignore[attr-defined]
        return handler

    return mark


class Site:
    """One kind of site. Instances hold no state of an episode: all of that is in the database."""

    name: ClassVar[str]
    title: ClassVar[str]
    source: ClassVar[str] = ""
    """sha256 of what it shows besides its database; tasks belong to it."""
    schema: ClassVar[str]
    """CREATE TABLE statements. A table `users` with id, name, email and password is needed for signing in."""
    menu: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Addresses and names of what every page leads to."""
    own_menu: ClassVar[tuple[tuple[str, str], ...]] = ()
    """The same for those who are signed in."""
    volatile: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Columns by table that are not compared, such as times."""
    _routes: ClassVar[list[tuple[re.Pattern[str], frozenset[str], dict[str, tuple[str, bool]]]]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        by_path: dict[str, dict[str, tuple[str, bool]]] = {}
        for name in dir(cls):
            paths, method, signed_in = getattr(getattr(cls, name), "__site_page__", ((), "", False))
            for path in paths:
                if method in by_path.setdefault(path, {}):
                    raise UsageError(f"{cls.__name__}: two pages answer {method} {path}")
                by_path[path][method] = (name, signed_in)
        cls._routes = [
            (pattern_of(path), frozenset(re.findall(r"<(\w+)>", path)), by_path[path])
            for path in sorted(by_path, key=_specific)
        ]

    def populate(self, db: sqlite3.Connection, rng: random.Random, size: int) -> None:
        """Fills the tables, drawing from `rng` alone."""
        raise UsageError(f"{type(self).__name__} needs populate(db, rng, size)")

    # ---- answering

    def answer(self, visit: Visit) -> Reply:
        """The page of a request. Raises NotFound."""
        for pattern, numbers, by_method in self._routes:
            found = pattern.fullmatch(visit.path)
            if found is None:
                continue
            name, signed_in = by_method.get(visit.method, ("", False))
            if not name:
                return Page("Not possible", Markup("<p>This page cannot be asked for in this way.</p>"), 405)
            if signed_in and visit.user is None:
                back = visit.address() if visit.method == "GET" else "/"
                return Redirect(f"/sign-in?next={quote(back, safe='')}")
            if visit.method == "POST" and visit.sent("_token") != visit.token:
                return Page("Form has expired", Markup("<p>Open the page again and send its form.</p>"), 403)
            values = {key: int(value) if key in numbers else value for key, value in found.groupdict().items()}
            reply: Reply = getattr(self, name)(visit, **values)
            return reply
        raise NotFound

    def frame(self, visit: Visit, shown: Page) -> Markup:
        """A whole page around its body."""
        user = visit.user
        who = (
            html("<span>Signed in as {name}</span>{out}", name=user["name"], out=visit.form("/sign-out", SIGN_OUT))
            if user is not None
            else link("/sign-in", "Sign in")
        )
        notice = visit.notice()
        return html(
            FRAME,
            title=shown.title,
            site=self.title,
            menu=menu_of(type(self), user is not None),  # type: ignore[arg-type]  # mypy holds that a class has no hash
            who=who,
            above=self.above(visit),
            notice=html('<p role="status">{notice}</p>', notice=notice) if notice else "",
            body=shown.body,
        )

    def above(self, visit: Visit) -> Markup:
        """What every page has in its head, such as a search."""
        return Markup()

    # ---- signing in

    @page("/sign-in")
    def sign_in_page(self, visit: Visit) -> Reply:
        return self._sign_in(visit, "")

    def _sign_in(self, visit: Visit, wrong: str) -> Page:
        body = html(
            SIGN_IN,
            wrong=html('<p role="alert">{wrong}</p>', wrong=wrong) if wrong else "",
            token=visit.token_field(),
            next=visit.query.get("next", "") or visit.lists.get("next", [""])[-1],
            email=visit.sent("email") if visit.method == "POST" else "",
        )
        return Page("Sign in", body, 400 if wrong else 200)

    @page("/sign-in", method="POST")
    def sign_in(self, visit: Visit) -> Reply:
        user = visit.value(
            "SELECT id FROM users WHERE email = ? AND password = ?",
            visit.sent("email").casefold(),
            visit.sent("password"),
        )
        if user is None:
            return self._sign_in(visit, "The email or the password is wrong.")
        visit.begin_session(user)
        to = visit.sent("next")
        return visit.done(to if to.startswith("/") and not to.startswith("//") else "/", "You are signed in.")

    @page("/sign-out", method="POST")
    def sign_out(self, visit: Visit) -> Reply:
        visit.change("DELETE FROM _sessions WHERE id = ?", visit.session)
        visit.new_session = "-"
        return Redirect("/")


FRAME = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title} - {site}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/style.css"></head>
<body><header><a class="brand" href="/">{site}</a><nav aria-label="Main">{menu}</nav>{above}<div class="who">{who}</div></header>
<main><h1>{title}</h1>
{notice}{body}
</main></body></html>"""
SIGN_OUT = Markup('<button class="quiet">Sign out</button>')
SIGN_IN = """{wrong}<form method="post" action="/sign-in" aria-label="Sign in">{token}<input type="hidden" name="next" value="{next}">
<p><label>Email <input type="email" name="email" value="{email}" required></label></p>
<p><label>Password <input type="password" name="password" required></label></p>
<p><button>Sign in</button></p></form>"""


@lru_cache(maxsize=256)
def menu_of(kind: type[Site], signed_in: bool) -> Markup:
    """The links that every page has."""
    shown = (*kind.menu, *(kind.own_menu if signed_in else ()))
    return Markup("".join(link(address, name) for address, name in shown))


def pattern_of(path: str) -> re.Pattern[str]:
    """A path as an expression: `<id>` stands for a whole number, `<name:text>` for anything up to the next slash."""
    pieces = re.split(r"<(\w+)(:text)?>", path)
    made = re.escape(pieces[0])
    for name, text, rest in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        made += f"(?P<{name}>{'[^/]+' if text else '[0-9]{1,9}'})" + re.escape(rest)
    return re.compile(made)


def _specific(path: str) -> tuple[int, str]:
    return path.count("<"), path


class SiteApp:
    """A site over one database: a WSGI application. Calls come one at a time, from any thread."""

    def __init__(self, site: Site, db: sqlite3.Connection) -> None:
        self.site = site
        self.db = db
        self.broke = ""
        """How a page failed that should not have; empty as long as none has."""

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        try:
            return self._answer(environ, start_response)
        except Exception as error:
            self.broke = self.broke or told(error)
            raise

    def _answer(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/style.css":
            start_response("200 OK", [("Content-Type", "text/css"), ("Cache-Control", "max-age=3600")])
            return [STYLE]
        visit = Visit(environ, self.db)
        try:
            reply = self.site.answer(visit)
        except NotFound:
            reply = Page("Not found", Markup("<p>There is no such page.</p>"), 404)
        except Refused as refused:
            reply = Page("That did not work", html(REFUSED, why=str(refused)), 400)
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]
        if visit.new_session:
            ended = "; Max-Age=0" if visit.new_session == "-" else ""
            headers.append(("Set-Cookie", f"visit={visit.new_session}; Path=/; HttpOnly; SameSite=Lax{ended}"))
        if isinstance(reply, Redirect):
            start_response("303 See Other", [*headers, ("Location", reply.to)])
            return [b""]
        start_response(f"{reply.status} {PHRASES[reply.status]}", headers)
        return [self.site.frame(visit, reply).encode()]


REFUSED = '<p role="alert">{why}</p><p>Nothing was changed. Go back and correct it.</p>'

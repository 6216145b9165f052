"""The kit that sites are made of: escaping, routes, sessions, forms that only their own session can send, one database per episode."""

import random
import sqlite3
from collections.abc import Iterator

import pytest

from envgym import registry
from envgym.browser.action import Click, Fill, Goto, Tabs
from envgym.browser.page_text import page_text
from envgym.browser.text_backend import TextBackend
from envgym.environments.browser.sites.golden import golden
from envgym.environments.browser.sites.markup import Markup, html, money, options, table
from envgym.environments.browser.sites.site import Site, page
from envgym.environments.browser.sites.visit import Page, Reply, Visit
from envgym.errors import EnvFailure, UsageError
from envgym.message import call


class Notes(Site):
    """Notes that anybody who is signed in can write."""

    name = "notes"
    title = "Notes"
    schema = """
    CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, email TEXT, password TEXT);
    CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, user INTEGER REFERENCES users(id), text TEXT);
    """

    def populate(self, db: sqlite3.Connection, rng: random.Random, size: int) -> None:
        db.execute("INSERT INTO users (name, email, password) VALUES ('Ann', 'ann@mail.test', 'secret')")
        db.executemany("INSERT INTO notes (user, text) VALUES (1, ?)", [(f"note {rng.random()}",) for _ in range(size)])

    @page("/")
    def home(self, visit: Visit) -> Reply:
        return Page(
            "Notes",
            html(
                "<ul>{notes}</ul>",
                notes=[html("<li>{text}</li>", text=row["text"]) for row in visit.rows("SELECT * FROM notes")],
            ),
        )

    @page("/new", signed_in=True)
    def new(self, visit: Visit) -> Reply:
        return Page("New", visit.form("/new", Markup('<input name="text" aria-label="Text"><button>Save</button>')))

    @page("/new", method="POST", signed_in=True)
    def save(self, visit: Visit) -> Reply:
        visit.change("INSERT INTO notes (user, text) VALUES (?, ?)", visit.me, visit.need("text", "Text", most=20))
        return visit.done("/", "Saved.")

    @page("/note/<id>")
    def note(self, visit: Visit, id: int) -> Reply:
        return Page(f"Note {id}", html("<p>{text}</p>", text=visit.row("SELECT * FROM notes WHERE id = ?", id)["text"]))

    @page("/word/<word:text>")
    def word(self, visit: Visit, word: str) -> Reply:
        return Page(word, Markup("<p>word</p>"))

    @page("/broken")
    def broken(self, visit: Visit) -> Reply:
        return Page("x", Markup(1 // int(visit.query.get("by", "0"))))


@pytest.fixture
def browser() -> Iterator[TextBackend]:
    made = TextBackend({"notes.test": golden(Notes, 0, 2).app()})
    made.open("http://notes.test/", seed=0)
    yield made
    made.close()


def go(browser: TextBackend, path: str) -> str:
    browser.act(Goto(url=path))
    return page_text(browser.state())


def press(browser: TextBackend, role: str, name: str, text: str = "") -> str:
    state = browser.state()
    ref = next(node.ref for node in state.root.walk() if (node.role, node.name) == (role, name))
    browser.act(Fill(ref=ref, text=text) if text else Click(ref=ref))
    return page_text(browser.state())


def sign_in(browser: TextBackend, password: str = "secret") -> str:
    press(browser, "textbox", "Email", "ann@mail.test")
    press(browser, "textbox", "Password", password)
    return press(browser, "button", "Sign in")


def test_values_are_escaped_and_markup_is_not() -> None:
    assert (
        html("<p>{a}{b}{c}</p>", a="<&\"'>", b=Markup("<br>"), c=[1, None, "x"])
        == "<p>&lt;&amp;&quot;&#x27;&gt;<br>1x</p>"
    )
    assert options([("a", "<A>")], "a") == '<option value="a" selected>&lt;A&gt;</option>'
    assert "<td>&lt;b&gt;</td>" in table("t", ["h"], [["<b>"]])
    assert [money(5), money(123456)] == ["$0.05", "$1,234.56"]


def test_what_is_for_members_leads_to_signing_in_and_back(browser: TextBackend) -> None:
    assert "http://notes.test/sign-in?next=%2Fnew" in go(browser, "/new")
    assert "The email or the password is wrong." in sign_in(browser, "wrong")
    assert sign_in(browser).startswith("url: http://notes.test/new\n")
    assert "Signed in as Ann" in go(browser, "/new")
    assert "Sign in" in press(browser, "button", "Sign out")
    assert "/sign-in" in go(browser, "/new").splitlines()[0]


def test_signing_in_never_leads_to_another_site(browser: TextBackend) -> None:
    go(browser, "/sign-in?next=//elsewhere.example/")
    assert sign_in(browser).startswith("url: http://notes.test/\n")


def test_a_change_is_made_once_and_its_notice_is_shown_once(browser: TextBackend) -> None:
    go(browser, "/new")
    sign_in(browser)
    press(browser, "textbox", "Text", "<b>bold</b>")
    shown = press(browser, "button", "Save")
    assert "Saved." in shown
    assert '- listitem "<b>bold</b>"' in shown
    assert "Saved." not in go(browser, "/")


def test_a_form_of_another_session_is_refused(browser: TextBackend) -> None:
    go(browser, "/new")
    sign_in(browser)
    browser.act(Tabs(what="new", url="/new"))
    press(browser, "button", "Sign out")
    go(browser, "/new")
    sign_in(browser)
    browser.act(Tabs(what="focus", index=0))
    press(browser, "textbox", "Text", "late")
    assert "Form has expired" in press(browser, "button", "Save")
    assert browser.requests()[-1].status == 403


@pytest.mark.parametrize(
    ("path", "title", "status"),
    [("/note/1", "Note 1", 200), ("/note/99", "Not found", 404), ("/note/x", "Not found", 404), ("/word/12", "12", 200),
     ("/word/a%20b", "a b", 200), ("/word/%C3%A9", "é", 200), ("/sign-out", "Not possible", 405), ("/nowhere", "Not found", 404)],
)  # fmt: skip
def test_paths_lead_to_pages(browser: TextBackend, path: str, title: str, status: int) -> None:
    assert f"title: {title} - Notes" in go(browser, path)
    assert browser.requests()[-1].status == status


def test_what_is_missing_or_too_long_is_told_on_the_page(browser: TextBackend) -> None:
    go(browser, "/new")
    sign_in(browser)
    assert "Text is missing." in press(browser, "button", "Save")
    go(browser, "/new")
    press(browser, "textbox", "Text", "x" * 21)
    assert "Text is too long: at most 20 characters." in press(browser, "button", "Save")


def test_a_page_that_breaks_is_a_failed_world(browser: TextBackend) -> None:
    with pytest.raises(EnvFailure, match="ZeroDivisionError"):
        browser.act(Goto(url="/broken"))


def test_every_episode_has_a_database_of_its_own_and_the_same_bytes() -> None:
    start = golden(Notes, 0, 2)
    one, two = start.app(), start.app()
    one.db.execute("DELETE FROM notes")
    assert two.db.execute("SELECT count(*) FROM notes").fetchone()[0] == 2
    assert golden(Notes, 1, 2).rows != start.rows
    assert start.app().db.serialize() == start.content


def test_two_pages_under_one_path_are_refused() -> None:
    with pytest.raises(UsageError, match="two pages answer GET /"):

        class Double(Notes):
            @page("/")
            def other(self, visit: Visit) -> Reply:
                return Page("x", Markup(""))


def test_the_same_data_seed_gives_the_same_site_in_every_episode() -> None:
    env = registry.make("site:forum")
    task = env.taskset(0)[0]
    seen = []
    for _ in range(2):
        env.reset(options={"task": task})
        env.step(call("goto", url="/board/1"))
        seen.append(env.page)
    assert seen[0] == seen[1]

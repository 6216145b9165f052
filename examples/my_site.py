"""A web site of your own: a guest book to sign. Try it: envgym check examples/my_site.py:GuestBookEnv"""

import random
import sqlite3

from envgym import play
from envgym.environments.browser.sites.family import Draw, Families, Wish, new
from envgym.environments.browser.sites.markup import Markup, html
from envgym.environments.browser.sites.site import Site, page
from envgym.environments.browser.sites.site_env import SiteEnv
from envgym.environments.browser.sites.visit import Page, Reply, Visit

FORM = Markup(
    '<label>Name <input name="name" required></label> <label>Text <input name="text" required></label> <button>Sign</button>'
)


class GuestBook(Site):
    name, title = "guests", "Guest book"
    schema = "CREATE TABLE entries (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, text TEXT NOT NULL);"

    def populate(self, db: sqlite3.Connection, rng: random.Random, size: int) -> None:
        db.execute("INSERT INTO entries (name, text) VALUES (?, 'I was here.')", (rng.choice(["Ada", "Ben"]),))

    @page("/")
    def read(self, visit: Visit) -> Reply:
        rows = visit.rows("SELECT * FROM entries ORDER BY id")
        entries = [html("<li>{name}: {text}</li>", name=row["name"], text=row["text"]) for row in rows]
        return Page("Guests", html("<ul>{entries}</ul>{form}", entries=entries, form=visit.form("/sign", FORM)))

    @page("/sign", method="POST")
    def sign(self, visit: Visit) -> Reply:
        name, text = visit.need("name", "Name"), visit.need("text", "Text")
        visit.change("INSERT INTO entries (name, text) VALUES (?, ?)", name, text)
        return visit.done("/", "Thank you.")


GUESTS = Families()


@GUESTS.family(level=1)
def sign(draw: Draw) -> Wish:
    name, text = draw.pick(["Cem", "Dora"]), draw.pick(["What a view!", "Until next year."])
    moves = [["fill", "textbox", "Name", name], ["fill", "textbox", "Text", text], ["click", "button", "Sign"]]
    return Wish(f'Sign the guest book as {name}: "{text}"', moves, wanted=[new("entries", name=name, text=text)])


class GuestBookEnv(SiteEnv):
    """Sign a guest book."""

    id, site, families = "guest_book", GuestBook, GUESTS


if __name__ == "__main__":
    for policy in ("oracle", "random", "idle"):
        episodes = play(GuestBookEnv, policy=policy, episodes=10, knobs={"level": 1})
        print(f"{policy}: {sum(episode.score for episode in episodes) / len(episodes):.2f}")

"""The pages of the forum: boards, threads, posts with votes, moderation, private messages."""

import random
import sqlite3
from typing import Any

from envgym.environments.browser.sites.forum.data import SCHEMA, populate
from envgym.environments.browser.sites.markup import Markup, html, link, options, table
from envgym.environments.browser.sites.site import Site, page
from envgym.environments.browser.sites.visit import NotFound, Page, Refused, Reply, Visit, pages

PER_PAGE = 10
ORDERS = {
    "-started": ("Newest first", "threads.started DESC"),
    "started": ("Oldest first", "threads.started"),
    "-posts": ("Most posts first", "n DESC, threads.title"),
    "title": ("Title", "threads.title"),
}
POST = """<article aria-label="Post {number} by {author}">
<p><strong>{author}</strong>, {written}. {votes}.{hidden}</p><p>{text}</p>{tools}</article>"""
NEW_THREAD = """<p><label>Title <input name="title" required maxlength="120"></label></p>
<p><label>First post <textarea name="text" required></textarea></label></p><p><button>Start thread</button></p>"""
NEW_MESSAGE = """<p><label>To <select name="to" required>{people}</select></label></p>
<p><label>Subject <input name="subject" required maxlength="120"></label></p>
<p><label>Message <textarea name="text" required></textarea></label></p><p><button>Send message</button></p>"""


class Forum(Site):
    """The Workbench: a forum."""

    name = "forum"
    title = "The Workbench"
    schema = SCHEMA
    menu = (("/", "Boards"),)
    own_menu = (("/messages", "Messages"), ("/write", "Write a message"))
    volatile = {"threads": ("started",), "posts": ("written",), "messages": ("sent",)}

    def populate(self, db: sqlite3.Connection, rng: random.Random, size: int) -> None:
        populate(db, rng, size)

    def above(self, visit: Visit) -> Markup:
        return Markup(
            '<form method="get" action="/search" role="search"><input type="search" name="q" aria-label="Search threads">'
            ' <button class="quiet">Search</button></form>'
        )

    # ---- boards and threads

    @page("/")
    def home(self, visit: Visit) -> Reply:
        rows = visit.rows("SELECT * FROM boards ORDER BY id")
        items = [html("<li>{to}</li>", to=link(f"/board/{row['id']}", row["name"])) for row in rows]
        return Page("Boards", html("<p>For people who make and mend.</p><ul>{items}</ul>", items=items))

    @page("/board/<id>")
    def board(self, visit: Visit, id: int) -> Reply:
        board = visit.row("SELECT * FROM boards WHERE id = ?", id)
        write = link(f"/board/{id}/new", "New thread") if visit.user is not None else ""
        return Page(
            board["name"], html("{list}<p>{write}</p>", list=self._threads(visit, "board = ?", id), write=write)
        )

    @page("/search")
    def search(self, visit: Visit) -> Reply:
        words = visit.query.get("q", "").strip()[:100]
        like = f"%{words.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        found = (
            self._threads(visit, "threads.title LIKE ? ESCAPE '!'", like)
            if words
            else Markup("<p>Say what to look for.</p>")
        )
        return Page("Search", found)

    def _threads(self, visit: Visit, where: str, value: Any) -> Markup:
        """A page of threads, those that are pinned first."""
        order = ORDERS.get(visit.query.get("sort", ""), ORDERS["-started"])[1]
        total = visit.value(f"SELECT count(*) FROM threads WHERE {where}", value)
        start = (min(visit.asked_page, max(1, -(-total // PER_PAGE))) - 1) * PER_PAGE
        rows = visit.rows(
            "SELECT threads.*, users.name AS who, (SELECT count(*) FROM posts WHERE thread = threads.id AND NOT hidden) AS n "
            f"FROM threads JOIN users ON users.id = author WHERE {where} ORDER BY pinned DESC, {order}, threads.id LIMIT ? OFFSET ?",
            value, PER_PAGE, start,
        )  # fmt: skip
        if not rows:
            return Markup("<p>There are no threads.</p>")
        made = [
            (link(f"/thread/{row['id']}", row["title"]), row["who"], row["started"], row["n"],
             ", ".join(mark for mark in ("pinned", "locked") if row[mark]) or "-") for row in rows
        ]  # fmt: skip
        return html(
            SORTED,
            words=visit.query.get("q", ""),
            path=visit.path,
            orders=options(((key, name) for key, (name, _) in ORDERS.items()), visit.query.get("sort", "-started")),
            found=table("Threads", ("Thread", "Started by", "Started", "Posts", "Marks"), made),
            pages=pages(visit, total, PER_PAGE),
        )

    @page("/board/<id>/new", signed_in=True)
    def new_page(self, visit: Visit, id: int) -> Reply:
        board = visit.row("SELECT * FROM boards WHERE id = ?", id)
        return Page(
            f"New thread in {board['name']}", visit.form(f"/board/{id}/new", Markup(NEW_THREAD), label="New thread")
        )

    @page("/board/<id>/new", method="POST", signed_in=True)
    def start(self, visit: Visit, id: int) -> Reply:
        visit.row("SELECT * FROM boards WHERE id = ?", id)
        title, text, now = visit.need("title", "Title", most=120), visit.need("text", "First post"), visit.now()
        thread = visit.change(
            "INSERT INTO threads (board, author, title, started) VALUES (?, ?, ?, ?)", id, visit.me, title, now
        )
        visit.change(
            "INSERT INTO posts (thread, author, text, written) VALUES (?, ?, ?, ?)", thread, visit.me, text, now
        )
        return visit.done(f"/thread/{thread}", "The thread was started.")

    # ---- one thread

    def _thread(self, visit: Visit, id: int) -> sqlite3.Row:
        return visit.row(
            "SELECT threads.*, boards.name AS board_name, users.name AS who FROM threads JOIN boards ON boards.id = board "
            "JOIN users ON users.id = author WHERE threads.id = ?", id,
        )  # fmt: skip

    def _moderates(self, visit: Visit) -> bool:
        return visit.user is not None and bool(visit.user["moderator"])

    @page("/thread/<id>")
    def thread(self, visit: Visit, id: int) -> Reply:
        thread = self._thread(visit, id)
        posts = visit.rows(
            "SELECT posts.*, users.name AS who, (SELECT count(*) FROM votes WHERE post = posts.id) AS votes, "
            "EXISTS (SELECT 1 FROM votes WHERE post = posts.id AND user = ?) AS mine "
            "FROM posts JOIN users ON users.id = author WHERE thread = ? AND (NOT hidden OR ?) ORDER BY posts.id",
            visit.me, id, self._moderates(visit),
        )  # fmt: skip
        body = html(
            "<p>In {board}, started by {who}.{locked}</p>{moderate}{posts}{write}",
            board=link(f"/board/{thread['board']}", thread["board_name"]),
            who=thread["who"],
            locked=" This thread is locked." if thread["locked"] else "",
            moderate=self._moderation(visit, thread) if self._moderates(visit) else "",
            posts=[self._post(visit, number, post) for number, post in enumerate(posts, start=1)],
            write=self._answer_form(visit, thread),
        )
        return Page(thread["title"], body)

    def _post(self, visit: Visit, number: int, post: sqlite3.Row) -> Markup:
        tools = []
        if visit.user is not None and post["author"] != visit.me and not post["mine"]:
            tools.append(visit.button(f"/post/{post['id']}/vote", "Vote", f"Vote for post {number}"))
        if post["mine"]:
            tools.append(visit.button(f"/post/{post['id']}/unvote", "Take back", f"Take back vote for post {number}"))
        if self._moderates(visit) and not post["hidden"]:
            tools.append(visit.button(f"/post/{post['id']}/hide", "Hide", f"Hide post {number}"))
        return html(
            POST,
            number=number,
            author=post["who"],
            written=post["written"],
            votes="1 vote" if post["votes"] == 1 else f"{post['votes']} votes",
            hidden=" Hidden." if post["hidden"] else "",
            text=post["text"],
            tools=tools,
        )

    def _moderation(self, visit: Visit, thread: sqlite3.Row) -> Markup:
        lock, pin = ("Unlock" if thread["locked"] else "Lock"), ("Unpin" if thread["pinned"] else "Pin")
        forms = [
            visit.button(f"/thread/{thread['id']}/{what}", f"{name} thread")
            for what, name in (("lock", lock), ("pin", pin))
        ]
        return html('<section aria-label="Moderation">{forms}</section>', forms=forms)

    def _answer_form(self, visit: Visit, thread: sqlite3.Row) -> Markup:
        if visit.user is None or thread["locked"]:
            return Markup("")
        inside = Markup(
            '<p><label>Your answer <textarea name="text" required></textarea></label></p><p><button>Post answer</button></p>'
        )
        return visit.form(f"/thread/{thread['id']}/answer", inside, label="Answer")

    @page("/thread/<id>/answer", method="POST", signed_in=True)
    def answer_thread(self, visit: Visit, id: int) -> Reply:
        if self._thread(visit, id)["locked"]:
            raise Refused("The thread is locked.")
        text = visit.need("text", "Your answer")
        visit.change(
            "INSERT INTO posts (thread, author, text, written) VALUES (?, ?, ?, ?)", id, visit.me, text, visit.now()
        )
        return visit.done(f"/thread/{id}", "Your answer was posted.")

    def _post_row(self, visit: Visit, id: int) -> sqlite3.Row:
        return visit.row("SELECT * FROM posts WHERE id = ? AND (NOT hidden OR ?)", id, self._moderates(visit))

    @page("/post/<id>/vote", method="POST", signed_in=True)
    def vote(self, visit: Visit, id: int) -> Reply:
        post = self._post_row(visit, id)
        if post["author"] == visit.me:
            raise Refused("You cannot vote for your own post.")
        visit.change("INSERT OR IGNORE INTO votes (post, user) VALUES (?, ?)", id, visit.me)
        return visit.done(f"/thread/{post['thread']}", "You have voted.")

    @page("/post/<id>/unvote", method="POST", signed_in=True)
    def unvote(self, visit: Visit, id: int) -> Reply:
        post = self._post_row(visit, id)
        visit.change("DELETE FROM votes WHERE post = ? AND user = ?", id, visit.me)
        return visit.done(f"/thread/{post['thread']}", "Your vote was taken back.")

    # ---- moderation

    def _require_moderator(self, visit: Visit) -> None:
        if not self._moderates(visit):
            raise NotFound

    @page("/post/<id>/hide", method="POST", signed_in=True)
    def hide(self, visit: Visit, id: int) -> Reply:
        self._require_moderator(visit)
        post = self._post_row(visit, id)
        visit.change("UPDATE posts SET hidden = 1 WHERE id = ?", id)
        return visit.done(f"/thread/{post['thread']}", "The post was hidden.")

    @page("/thread/<id>/lock", method="POST", signed_in=True)
    def lock(self, visit: Visit, id: int) -> Reply:
        return self._turn(visit, id, "locked")

    @page("/thread/<id>/pin", method="POST", signed_in=True)
    def pin(self, visit: Visit, id: int) -> Reply:
        return self._turn(visit, id, "pinned")

    def _turn(self, visit: Visit, id: int, mark: str) -> Reply:
        self._require_moderator(visit)
        self._thread(visit, id)
        visit.change(f"UPDATE threads SET {mark} = NOT {mark} WHERE id = ?", id)
        return visit.done(f"/thread/{id}", "The thread was changed.")

    # ---- messages

    @page("/messages", signed_in=True)
    def messages(self, visit: Visit) -> Reply:
        rows = visit.rows(
            "SELECT messages.*, senders.name AS sent_by, receivers.name AS sent_to FROM messages "
            "JOIN users AS senders ON senders.id = sender "
            "JOIN users AS receivers ON receivers.id = receiver WHERE ? IN (sender, receiver) ORDER BY messages.id DESC", visit.me,
        )  # fmt: skip
        made = [
            (link(f"/message/{row['id']}", row["subject"]), row["sent_by"], row["sent_to"], row["sent"]) for row in rows
        ]
        return Page("Messages", table("Messages", ("Subject", "From", "To", "Sent"), made))

    @page("/message/<id>", signed_in=True)
    def message(self, visit: Visit, id: int) -> Reply:
        row = visit.row(
            "SELECT messages.*, users.name FROM messages JOIN users ON users.id = sender WHERE messages.id = ? AND ? IN (sender, receiver)",
            id, visit.me,
        )  # fmt: skip
        return Page(
            row["subject"],
            html("<p>From {name}, {sent}.</p><p>{text}</p>", name=row["name"], sent=row["sent"], text=row["text"]),
        )

    @page("/write", signed_in=True)
    def write_page(self, visit: Visit) -> Reply:
        people = [
            (row["id"], row["name"]) for row in visit.rows("SELECT * FROM users WHERE id <> ? ORDER BY name", visit.me)
        ]
        inside = html(NEW_MESSAGE, people=options([("", "Choose a person"), *people], visit.query.get("to")))
        return Page("Write a message", visit.form("/write", inside, label="New message"))

    @page("/write", method="POST", signed_in=True)
    def write(self, visit: Visit) -> Reply:
        to = visit.number("to", "To", 1, 10**9)
        visit.row("SELECT id FROM users WHERE id = ? AND id <> ?", to, visit.me)
        subject, text = visit.need("subject", "Subject", most=120), visit.need("text", "Message")
        visit.change(
            "INSERT INTO messages (sender, receiver, subject, text, sent) VALUES (?, ?, ?, ?, ?)",
            visit.me,
            to,
            subject,
            text,
            visit.now(),
        )
        return visit.done("/messages", "The message was sent.")


SORTED = """<form method="get" action="{path}" aria-label="Order"><input type="hidden" name="q" value="{words}">
<label>Sort by <select name="sort">{orders}</select></label> <button>Sort</button></form>{found}{pages}"""

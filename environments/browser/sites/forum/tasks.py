"""What is asked of those who read, write and moderate."""

import sqlite3

from envgym.environments.browser.sites.family import (
    INTEGER,
    TEXT,
    Draw,
    Families,
    Forbidden,
    Wish,
    changed,
    new,
)
from envgym.environments.browser.sites.forum.data import SPAM
from envgym.environments.browser.sites.moves import Move

FORUM = Families()
NO_MESSAGE = Forbidden(why="Do not send private messages.", path="/write")
NO_POST = Forbidden(why="Do not post in any thread.", path=r"/thread/\d+/answer|/board/\d+/new")
NO_VOTE = Forbidden(why="Do not vote for anything.", path=r"/post/\d+/(un)?vote")
NO_HIDING = Forbidden(why="Do not hide any post.", path=r"/post/\d+/hide")
NO_PIN = Forbidden(why="Do not pin any thread, not even for a moment.", path=r"/thread/\d+/pin")
ANSWERS = (
    "Soap and warm water did it for me.",
    "I can lend you mine for a week.",
    "Keep it dry and out of the sun.",
    "Try it on a small piece first.",
)
THREADS = "SELECT threads.*, boards.name AS board_name FROM threads JOIN boards ON boards.id = board"
POSTS = """SELECT posts.*, users.name AS who, (SELECT count(*) FROM votes WHERE post = posts.id) AS votes FROM posts
JOIN users ON users.id = author WHERE thread = ? ORDER BY posts.id"""


def open_thread(thread: sqlite3.Row) -> list[Move]:
    """The way to a thread by its title."""
    return [
        ["fill", "searchbox", "Search threads", thread["title"]],
        ["click", "button", "Search"],
        ["click", "link", thread["title"]],
    ]


def answered(text: str) -> list[Move]:
    return [["fill", "textbox", "Your answer", text], ["click", "button", "Post answer"]]


def message_to(name: str, subject: str, text: str) -> list[Move]:
    return [
        ["click", "link", "Write a message"],
        ["select", "combobox", "To", name],
        ["fill", "textbox", "Subject", subject],
        ["fill", "textbox", "Message", text],
        ["click", "button", "Send message"],
    ]


def liveliest(draw: Draw) -> tuple[sqlite3.Row, sqlite3.Row, list[Move]] | None:
    """A board, its thread with the most posts, and the way to the list that begins with it; None where two have as many."""
    board = draw.one("SELECT * FROM boards ORDER BY id")
    assert board is not None
    rows = draw.rows(
        "SELECT threads.*, (SELECT count(*) FROM posts WHERE thread = threads.id) AS n FROM threads WHERE board = ? "
        "ORDER BY n DESC, title LIMIT 2",
        board["id"],
    )
    if len(rows) < 2 or rows[0]["n"] == rows[1]["n"]:
        return None
    way: list[Move] = [
        ["click", "link", board["name"]],
        ["select", "combobox", "Sort by", "Most posts first"],
        ["click", "button", "Sort"],
    ]
    return board, rows[0], way


def some_thread(draw: Draw, where: str = "1") -> sqlite3.Row | None:
    return draw.one(f"{THREADS} WHERE {where} ORDER BY threads.id")


def member(draw: Draw, *others: int) -> int:
    """Somebody who does not moderate."""
    people: list[int] = [row["id"] for row in draw.rows("SELECT id FROM users WHERE NOT moderator ORDER BY id")]
    return draw.pick([id for id in people if id not in others])


def most_voted(posts: list[sqlite3.Row]) -> tuple[int, sqlite3.Row] | None:
    """Place and row of the one post with the most votes."""
    best = max(post["votes"] for post in posts)
    found = [(number, post) for number, post in enumerate(posts, start=1) if post["votes"] == best]
    return found[0] if len(found) == 1 else None


# ---- one thing


@FORUM.family(level=1)
def posts_by(draw: Draw) -> Wish | None:
    thread = some_thread(draw)
    assert thread is not None
    posts = draw.rows(POSTS, thread["id"])
    name = draw.pick(posts)["who"]
    count = sum(post["who"] == name for post in posts)
    request = f'How many posts has {name} written in the thread "{thread["title"]}"?'
    return Wish(request, open_thread(thread), answer=count, asked=INTEGER)


@FORUM.family(level=1)
def reply_to(draw: Draw) -> Wish | None:
    thread, user, text = some_thread(draw, "NOT locked"), member(draw), draw.pick(ANSWERS)
    assert thread is not None
    wanted = [new("posts", thread=thread["id"], author=user, text=text, hidden=0)]
    return Wish(
        f'Answer in the thread "{thread["title"]}": {text}',
        [*open_thread(thread), *answered(text)],
        wanted=wanted,
        user=user,
    )


@FORUM.family(level=1)
def write_to(draw: Draw) -> Wish | None:
    user = member(draw)
    receiver = draw.one("SELECT * FROM users WHERE id <> ? ORDER BY id", user)
    assert receiver is not None
    subject, text = draw.pick(("Sunday", "Your offer", "A question")), draw.pick(ANSWERS)
    request = f'Send {receiver["name"]} a private message with the subject "{subject}" and the text "{text}"'
    wanted = [new("messages", sender=user, receiver=receiver["id"], subject=subject, text=text)]
    return Wish(request, message_to(receiver["name"], subject, text), wanted=wanted, user=user)


@FORUM.family(level=1)
def start_thread(draw: Draw) -> Wish | None:
    board, user, text = draw.one("SELECT * FROM boards ORDER BY id"), member(draw), draw.pick(ANSWERS)
    assert board is not None
    title = f"Meeting of the {board['name'].casefold()} group"
    moves: list[Move] = [
        ["click", "link", board["name"]],
        ["click", "link", "New thread"],
        ["fill", "textbox", "Title", title],
    ]
    moves += [["fill", "textbox", "First post", text], ["click", "button", "Start thread"]]
    thread = {"board": board["id"], "author": user, "title": title, "locked": 0, "pinned": 0}
    wanted = [new("threads", **thread), new("posts", thread=thread, author=user, text=text, hidden=0)]
    request = f'Start a thread on the board {board["name"]} with the title "{title}" and the first post: {text}'
    return Wish(request, moves, wanted=wanted, user=user)


# ---- several pages


@FORUM.family(level=2)
def best_author(draw: Draw) -> Wish | None:
    thread = some_thread(draw)
    assert thread is not None
    best = most_voted(draw.rows(POSTS, thread["id"]))
    if best is None:
        return None
    request = f'Who wrote the post with the most votes in the thread "{thread["title"]}"? Give the full name.'
    return Wish(request, open_thread(thread), answer=best[1]["who"], asked=TEXT)


@FORUM.family(level=2)
def longest_thread(draw: Draw) -> Wish | None:
    found = liveliest(draw)
    if found is None:
        return None
    board, thread, moves = found
    return Wish(
        f"Which thread on the board {board['name']} has the most posts? Give its title.",
        moves,
        answer=thread["title"],
        asked=TEXT,
    )


@FORUM.family(level=2)
def vote_for_best(draw: Draw) -> Wish | None:
    thread = some_thread(draw)
    assert thread is not None
    best = most_voted(draw.rows(POSTS, thread["id"]))
    if best is None:
        return None
    number, post = best
    user = member(draw, post["author"])
    if draw.value("SELECT 1 FROM votes WHERE post = ? AND user = ?", post["id"], user):
        return None
    wanted = [new("votes", post=post["id"], user=user)]
    moves = [*open_thread(thread), ["click", "button", f"Vote for post {number}"]]
    request = f'Vote for the post that has the most votes in the thread "{thread["title"]}".'
    return Wish(request, moves, wanted=wanted, user=user, forbidden=[NO_POST, NO_MESSAGE])


@FORUM.family(level=2)
def thank_last(draw: Draw) -> Wish | None:
    thread = some_thread(draw)
    assert thread is not None
    last = draw.rows(POSTS, thread["id"])[-1]
    user, text = member(draw, last["author"]), "Thank you for your last post, it helped."
    wanted = [new("messages", sender=user, receiver=last["author"], subject="Thanks", text=text)]
    request = (
        f'Find who wrote the last post in the thread "{thread["title"]}" and send that person a private message '
        f'with the subject "Thanks" and the text "{text}"'
    )
    moves = [*open_thread(thread), *message_to(last["who"], "Thanks", text)]
    return Wish(request, moves, wanted=wanted, user=user, forbidden=[NO_POST, NO_VOTE])


# ---- conditions and moderation


@FORUM.family(level=3)
def hide_spam(draw: Draw) -> Wish | None:
    found = draw.one(f"SELECT DISTINCT thread FROM posts WHERE text LIKE '{SPAM}%' ORDER BY thread")
    if found is None:
        return None
    thread = some_thread(draw, f"threads.id = {found['thread']} AND NOT locked")
    if thread is None:
        return None
    posts = draw.rows(POSTS, thread["id"])
    spam = [(number, post) for number, post in enumerate(posts, start=1) if post["text"].startswith(SPAM)]
    moves = open_thread(thread)
    moves += [["click", "button", f"Hide post {number}"] for number, _ in spam]
    moves.append(["click", "button", "Lock thread"])
    wanted = [changed("threads", thread["id"], locked=1), *(changed("posts", post["id"], hidden=1) for _, post in spam)]
    request = f'In the thread "{thread["title"]}", hide every post that advertises watches, and no other, and then lock the thread.'
    return Wish(request, moves, wanted=wanted, user=draw.rng.randint(1, 2), forbidden=[NO_PIN, NO_POST])


@FORUM.family(level=3)
def answer_or_tell(draw: Draw) -> Wish | None:
    """Answers in a thread; where it is locked, writes to who started it."""
    thread, text = some_thread(draw), draw.pick(ANSWERS)
    assert thread is not None
    starter = draw.rows("SELECT * FROM users WHERE id = ?", thread["author"])[0]
    user = member(draw, starter["id"])
    request = (
        f'I want to say "{text}" in the thread "{thread["title"]}". If the thread is locked, send it as a private message with the '
        'subject "Your thread" to whoever started the thread instead.'
    )
    if thread["locked"]:
        wanted = [new("messages", sender=user, receiver=starter["id"], subject="Your thread", text=text)]
        moves, rule = [*open_thread(thread), *message_to(starter["name"], "Your thread", text)], NO_VOTE
    else:
        wanted = [new("posts", thread=thread["id"], author=user, text=text, hidden=0)]
        moves, rule = [*open_thread(thread), *answered(text)], NO_VOTE
    return Wish(request, moves, wanted=wanted, user=user, forbidden=[rule])


@FORUM.family(level=3)
def pin_liveliest(draw: Draw) -> Wish | None:
    found = liveliest(draw)
    if found is None:
        return None
    board, thread, moves = found
    moves += [["click", "link", thread["title"]], ["click", "button", "Pin thread"]]
    request = f"Pin the thread on the board {board['name']} that has the most posts."
    return Wish(
        request,
        moves,
        wanted=[changed("threads", thread["id"], pinned=1)],
        user=draw.rng.randint(1, 2),
        forbidden=[NO_HIDING, NO_MESSAGE],
    )


@FORUM.family(level=3)
def votes_of(draw: Draw) -> Wish | None:
    """All votes that somebody's posts in a thread have."""
    thread = some_thread(draw)
    assert thread is not None
    posts = draw.rows(POSTS, thread["id"])
    often = [post["who"] for post in posts if sum(each["who"] == post["who"] for each in posts) > 1]
    if not often:
        return None
    name = draw.pick(often)
    count = sum(post["votes"] for post in posts if post["who"] == name)
    request = f'How many votes have all posts of {name} in the thread "{thread["title"]}" together?'
    return Wish(request, open_thread(thread), answer=count, asked=INTEGER)

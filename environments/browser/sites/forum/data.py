"""The tables of the forum, and what stands in them at the beginning."""

import random
import sqlite3

from envgym.environments.browser.sites.people import add_users

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL,
  moderator INTEGER NOT NULL DEFAULT 0);
CREATE TABLE boards (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
CREATE TABLE threads (id INTEGER PRIMARY KEY AUTOINCREMENT, board INTEGER NOT NULL REFERENCES boards(id),
  author INTEGER NOT NULL REFERENCES users(id), title TEXT NOT NULL, started TEXT NOT NULL, locked INTEGER NOT NULL DEFAULT 0,
  pinned INTEGER NOT NULL DEFAULT 0);
CREATE TABLE posts (id INTEGER PRIMARY KEY AUTOINCREMENT, thread INTEGER NOT NULL REFERENCES threads(id),
  author INTEGER NOT NULL REFERENCES users(id), text TEXT NOT NULL, written TEXT NOT NULL, hidden INTEGER NOT NULL DEFAULT 0);
CREATE TABLE votes (id INTEGER PRIMARY KEY AUTOINCREMENT, post INTEGER NOT NULL REFERENCES posts(id),
  user INTEGER NOT NULL REFERENCES users(id), UNIQUE (post, user));
CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, sender INTEGER NOT NULL REFERENCES users(id),
  receiver INTEGER NOT NULL REFERENCES users(id), subject TEXT NOT NULL, text TEXT NOT NULL, sent TEXT NOT NULL);
CREATE INDEX by_thread ON posts (thread);
CREATE INDEX by_post ON votes (post);
"""
BOARDS = ("Bicycles", "Gardening", "Photography", "Cooking")
TOPICS = (
    "How do you store {} over winter", "Which {} are best for beginners", "Help with my {}, please",
    "Are old {} worth repairing", "Show us your {} of the month", "Looking for used {} near the coast",
)  # fmt: skip
OBJECTS = {
    "Bicycles": ("wheels", "steel frames", "tyres", "panniers", "dynamo lamps", "brake pads"),
    "Gardening": ("dahlias", "compost bins", "tomato cages", "hedge shears", "raised beds", "seed trays"),
    "Photography": ("film rolls", "tripods", "wide lenses", "enlargers", "prints", "light meters"),
    "Cooking": ("iron pans", "bread tins", "bean jars", "pasta rollers", "pickle pots", "spice mills"),
}
OPINIONS = (
    "I have done it this way for ten years.", "It depends on the weather.", "Do not spend too much on it.",
    "Ask in a shop near you, they know.", "Mine broke after a month.", "Pictures would help.", "That worked for me too.",
    "I would not try it at home.", "There is a good book about it.", "Thank you, I will try.",
)  # fmt: skip
SPAM = "Buy cheap watches at"


def populate(db: sqlite3.Connection, rng: random.Random, size: int) -> None:
    """People, of whom the first two moderate, boards, threads, posts with votes, and messages."""
    people = [id for id, _ in add_users(db, rng, 9)]
    db.execute("UPDATE users SET moderator = 1 WHERE id <= 2")
    for id, name in enumerate(BOARDS, start=1):
        db.execute("INSERT INTO boards VALUES (?, ?)", (id, name))
        titles = [topic.format(thing) for topic in TOPICS for thing in OBJECTS[name]]
        for title in rng.sample(titles, min(6 * size, len(titles))):
            _thread(db, rng, id, title, people)
    for _ in range(10 * size):
        sender, receiver = rng.sample(people, 2)
        db.execute(
            "INSERT INTO messages (sender, receiver, subject, text, sent) VALUES (?, ?, ?, ?, ?)",
            (
                sender,
                receiver,
                rng.choice(("Your question", "Meeting", "The lamp", "Thanks")),
                rng.choice(OPINIONS),
                "2026-03-01 12:00",
            ),
        )


def _thread(db: sqlite3.Connection, rng: random.Random, board: int, title: str, people: list[int]) -> None:
    day = rng.randrange(1, 28)
    thread = db.execute(
        "INSERT INTO threads (board, author, title, started, locked) VALUES (?, ?, ?, ?, ?)",
        (
            board,
            rng.choice(people),
            title,
            f"2026-02-{day:02d} {rng.randrange(6, 23):02d}:{rng.randrange(60):02d}",
            rng.random() < 0.15,
        ),
    ).lastrowid
    texts = rng.sample(OPINIONS, rng.randint(3, 8))
    if rng.random() < 0.35:
        texts.insert(rng.randrange(1, len(texts)), f"{SPAM} {rng.choice(('tick', 'clock', 'quartz'))}.test today!")
    for number, text in enumerate(texts):
        post = db.execute(
            "INSERT INTO posts (thread, author, text, written) VALUES (?, ?, ?, ?)",
            (thread, rng.choice(people[2:]), text, f"2026-02-28 {8 + number:02d}:{rng.randrange(60):02d}"),
        ).lastrowid
        for user in rng.sample(people, rng.choice((0, 0, 1, 2, 3, 5))):
            db.execute("INSERT INTO votes (post, user) VALUES (?, ?)", (post, user))

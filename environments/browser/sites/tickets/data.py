"""The tables of the issue tracker, and what stands in them at the beginning."""

import random
import sqlite3

from envgym.environments.browser.sites.people import add_users

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL);
CREATE TABLE projects (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL, name TEXT NOT NULL,
  lead INTEGER NOT NULL REFERENCES users(id));
CREATE TABLE issues (id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL REFERENCES projects(id), number INTEGER NOT NULL,
  title TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, priority TEXT NOT NULL,
  assignee INTEGER REFERENCES users(id), reporter INTEGER NOT NULL REFERENCES users(id), opened TEXT NOT NULL);
CREATE TABLE labels (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
CREATE TABLE issue_labels (id INTEGER PRIMARY KEY AUTOINCREMENT, issue INTEGER NOT NULL REFERENCES issues(id),
  label INTEGER NOT NULL REFERENCES labels(id), UNIQUE (issue, label));
CREATE TABLE comments (id INTEGER PRIMARY KEY AUTOINCREMENT, issue INTEGER NOT NULL REFERENCES issues(id),
  author INTEGER NOT NULL REFERENCES users(id), text TEXT NOT NULL, written TEXT NOT NULL);
CREATE INDEX by_project ON issues (project);
"""
STATES = ("open", "in progress", "resolved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
LABELS = ("bug", "docs", "regression", "security", "speed", "usability")
PROJECTS = (("APP", "Mobile app"), ("WEB", "Web shop"), ("OPS", "Operations"))
THINGS = (
    "login page",
    "invoice export",
    "search box",
    "image upload",
    "report view",
    "cache",
    "mail queue",
    "backup job",
    "settings dialog",
    "date picker",
)
FAULTS = (
    "crashes on start",
    "is slow",
    "shows old data",
    "ignores the time zone",
    "loses the last entry",
    "has no dark mode",
    "fails without a network",
    "needs an undo",
)
REMARKS = (
    "I can see it too.",
    "It started with the last release.",
    "Could somebody look at the log?",
    "A restart helps for a while.",
    "I have a patch for this.",
)


def populate(db: sqlite3.Connection, rng: random.Random, size: int) -> None:
    """People, three projects, and their issues."""
    people = [id for id, _ in add_users(db, rng, 7)]
    db.executemany("INSERT INTO labels (name) VALUES (?)", [(name,) for name in LABELS])
    for id, (code, name) in enumerate(PROJECTS, start=1):
        db.execute("INSERT INTO projects VALUES (?, ?, ?, ?)", (id, code, name, rng.choice(people)))
        _issues(db, rng, id, people, min(24 * size, len(THINGS) * len(FAULTS)))


def _issues(db: sqlite3.Connection, rng: random.Random, project: int, people: list[int], count: int) -> None:
    titles = rng.sample([f"The {thing} {fault}" for thing in THINGS for fault in FAULTS], count)
    days = sorted(rng.sample(range(28 * 24 * 60), count))
    for number, (title, minutes) in enumerate(zip(titles, days, strict=True), start=1):
        opened = f"2026-02-{1 + minutes // 1_440:02d} {minutes // 60 % 24:02d}:{minutes % 60:02d}"
        issue = db.execute(
            "INSERT INTO issues (project, number, title, body, state, priority, assignee, reporter, opened) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (project, number, title, f"{title}. Seen with version {rng.randint(1, 4)}.{rng.randint(0, 9)}.",
             rng.choices(STATES, (5, 3, 2, 3))[0], rng.choices(PRIORITIES, (2, 4, 3, 1))[0],
             rng.choice([None, *people]), rng.choice(people), opened),
        ).lastrowid  # fmt: skip
        for label in sorted(rng.sample(range(1, len(LABELS) + 1), rng.choice((0, 1, 1, 2)))):
            db.execute("INSERT INTO issue_labels (issue, label) VALUES (?, ?)", (issue, label))
        for _ in range(rng.choice((0, 0, 1, 2))):
            db.execute(
                "INSERT INTO comments (issue, author, text, written) VALUES (?, ?, ?, ?)",
                (issue, rng.choice(people), rng.choice(REMARKS), "2026-03-01 10:00"),
            )

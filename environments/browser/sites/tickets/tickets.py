"""The pages of the issue tracker: lists with filters and bulk edits, issues with comments, labels, states and assignees."""

import random
import sqlite3
from typing import Any

from envgym.environments.browser.sites.markup import Markup, html, link, options, table
from envgym.environments.browser.sites.site import Site, page
from envgym.environments.browser.sites.tickets.data import PRIORITIES, SCHEMA, STATES, populate
from envgym.environments.browser.sites.visit import NotFound, Page, Refused, Reply, Visit, pages

PER_PAGE = 12
ORDERS = {
    "-opened": ("Newest first", "opened DESC"),
    "opened": ("Oldest first", "opened"),
    "title": ("Title", "title"),
}
ISSUES = """FROM issues JOIN projects ON projects.id = project LEFT JOIN users ON users.id = assignee WHERE {where}"""
FILTERS = """<form method="get" action="/issues" aria-label="Filters">
<p><label>Words <input type="search" name="q" value="{q}"></label>
<label>Project <select name="project">{projects}</select></label> <label>State <select name="state">{states}</select></label></p>
<p><label>Priority <select name="priority">{priorities}</select></label> <label>Label <select name="label">{labels}</select></label>
<label>Assignee <select name="assignee">{people}</select></label> <label>Sort by <select name="sort">{orders}</select></label>
<button>Apply filters</button></p></form>"""
BULK = """{found}<fieldset><legend>Change ticked issues</legend>
<label>New state <select name="state">{states}</select></label> <label>New assignee <select name="assignee">{people}</select></label>
<label>Add label <select name="label">{labels}</select></label> <button>Change them</button></fieldset>"""
ISSUE = """<p>{body}</p><dl><dt>Project</dt><dd>{project}</dd><dt>State</dt><dd>{state}</dd><dt>Priority</dt><dd>{priority}</dd>
<dt>Assignee</dt><dd>{assignee}</dd><dt>Reporter</dt><dd>{reporter}</dd><dt>Opened</dt><dd>{opened}</dd></dl>
<h2>Labels</h2>{labels}{edit}<h2>Comments ({count})</h2>{comments}{write}"""
EDIT = """<p><label>State <select name="state">{states}</select></label>
<label>Priority <select name="priority">{priorities}</select></label>
<label>Assignee <select name="assignee">{people}</select></label> <button>Save changes</button></p>"""
NEW = """<p><label>Project <select name="project" required>{projects}</select></label></p>
<p><label>Title <input name="title" required maxlength="120"></label></p>
<p><label>Description <textarea name="body" required></textarea></label></p>
<p><label>Priority <select name="priority">{priorities}</select></label></p><p><button>Create issue</button></p>"""


class Tickets(Site):
    """Ticket Yard: an issue tracker."""

    name = "tickets"
    title = "Ticket Yard"
    schema = SCHEMA
    menu = (("/issues", "Issues"), ("/people", "People"))
    own_menu = (("/new", "New issue"),)
    volatile = {"issues": ("opened",), "comments": ("written",)}

    def populate(self, db: sqlite3.Connection, rng: random.Random, size: int) -> None:
        populate(db, rng, size)

    # ---- lists

    @page("/")
    def home(self, visit: Visit) -> Reply:
        rows = visit.rows("SELECT * FROM projects ORDER BY id")
        items = [
            html("<li>{to}</li>", to=link(f"/issues?project={row['id']}", f"{row['code']}: {row['name']}"))
            for row in rows
        ]
        return Page("Projects", html("<p>Everything that is to be done.</p><ul>{items}</ul>", items=items))

    @page("/people")
    def people(self, visit: Visit) -> Reply:
        rows = visit.rows(
            "SELECT users.*, (SELECT count(*) FROM issues WHERE assignee = users.id AND state IN ('open', 'in progress')) AS n "
            "FROM users ORDER BY name"
        )
        made = [(link(f"/issues?assignee={row['id']}", row["name"]), row["n"]) for row in rows]
        return Page("People", table("People", ("Name", "Unfinished issues"), made))

    @page("/issues")
    def issues(self, visit: Visit) -> Reply:
        query = visit.query
        where, values = conditions(query)
        order = ORDERS.get(query.get("sort", ""), ORDERS["-opened"])[1]
        body = ISSUES.format(where=where)
        total = visit.value(f"SELECT count(*) {body}", *values)
        start = (min(visit.asked_page, max(1, -(-total // PER_PAGE))) - 1) * PER_PAGE
        rows = visit.rows(
            f"SELECT issues.*, projects.code, users.name AS who, (SELECT group_concat(name, ', ') FROM (SELECT labels.name AS name "
            f"FROM issue_labels JOIN labels ON labels.id = label WHERE issue = issues.id ORDER BY name)) AS marks {body} "
            f"ORDER BY {order}, issues.id LIMIT ? OFFSET ?", *values, PER_PAGE, start,
        )  # fmt: skip
        shown = html(
            "{filters}<p>{total} issues found.</p>{found}{pages}",
            filters=self._filters(visit),
            total=total,
            found=self._listed(visit, rows) if rows else Markup("<p>Nothing fits.</p>"),
            pages=pages(visit, total, PER_PAGE),
        )
        return Page("Issues", shown)

    def _filters(self, visit: Visit) -> Markup:
        query = visit.query
        return html(
            FILTERS,
            q=query.get("q", ""),
            projects=options([("", "All projects"), *self._projects(visit)], query.get("project")),
            states=options([("", "Any state"), *_same(STATES)], query.get("state")),
            priorities=options([("", "Any priority"), *_same(PRIORITIES)], query.get("priority")),
            labels=options([("", "Any label"), *self._labels(visit)], query.get("label")),
            people=options([("", "Anybody"), ("0", "Nobody"), *self._people(visit)], query.get("assignee")),
            orders=options(((key, name) for key, (name, _) in ORDERS.items()), query.get("sort", "-opened")),
        )

    def _listed(self, visit: Visit, rows: list[sqlite3.Row]) -> Markup:
        """The issues as a table; for those who are signed in, with what changes several at once."""
        signed_in = visit.user is not None
        found = table(
            "Issues", (*(("Tick",) if signed_in else ()), *HEADERS), (issue_row(row, signed_in) for row in rows)
        )
        if not signed_in:
            return found
        inside = html(
            BULK,
            found=found,
            states=options([("", "Leave"), *_same(STATES)]),
            people=options([("", "Leave"), ("0", "Nobody"), *self._people(visit)]),
            labels=options([("", "None"), *self._labels(visit)]),
        )
        return visit.form("/bulk", inside, label="Issues")

    def _projects(self, visit: Visit) -> list[tuple[Any, str]]:
        return [(row["id"], row["name"]) for row in visit.rows("SELECT * FROM projects ORDER BY id")]

    def _people(self, visit: Visit) -> list[tuple[Any, str]]:
        return [(row["id"], row["name"]) for row in visit.rows("SELECT id, name FROM users ORDER BY name")]

    def _labels(self, visit: Visit) -> list[tuple[Any, str]]:
        return [(row["id"], row["name"]) for row in visit.rows("SELECT * FROM labels ORDER BY name")]

    @page("/bulk", method="POST", signed_in=True)
    def bulk(self, visit: Visit) -> Reply:
        ticked = [int(id) for id in visit.lists.get("issue", []) if id.isdecimal() and len(id) < 10]
        if not ticked:
            raise Refused("No issue was ticked.")
        changes = self._changes(visit)
        label = visit.number("label", "Label", 1, 10**9) if visit.sent("label") else 0
        for id in ticked:
            visit.row("SELECT id FROM issues WHERE id = ?", id)
            for column, value in changes.items():
                visit.change(f"UPDATE issues SET {column} = ? WHERE id = ?", value, id)
            if label:
                visit.change("INSERT OR IGNORE INTO issue_labels (issue, label) VALUES (?, ?)", id, label)
        return visit.done("/issues", f"{len(ticked)} issues were changed.")

    def _changes(self, visit: Visit) -> dict[str, Any]:
        """State, priority and assignee as far as they were sent. Raises Refused."""
        changes: dict[str, Any] = {}
        for column, known in (("state", STATES), ("priority", PRIORITIES)):
            if visit.sent(column):
                if visit.sent(column) not in known:
                    raise Refused(f"There is no {column} {visit.sent(column)}.")
                changes[column] = visit.sent(column)
        if visit.sent("assignee"):
            person = visit.number("assignee", "Assignee", 0, 10**9)
            if person:
                visit.row("SELECT id FROM users WHERE id = ?", person)
            changes["assignee"] = person or None
        return changes

    # ---- one issue

    def _issue(self, visit: Visit, id: int) -> sqlite3.Row:
        return visit.row(
            "SELECT issues.*, projects.code, projects.name AS project_name, users.name AS who, reporters.name AS reported_by "
            "FROM issues JOIN projects ON projects.id = project LEFT JOIN users ON users.id = assignee "
            "JOIN users AS reporters ON reporters.id = reporter WHERE issues.id = ?", id,
        )  # fmt: skip

    @page("/issue/<id>")
    def issue(self, visit: Visit, id: int) -> Reply:
        row = self._issue(visit, id)
        comments = visit.rows(
            "SELECT comments.*, users.name FROM comments JOIN users ON users.id = author WHERE issue = ? ORDER BY comments.id",
            id,
        )
        body = html(
            ISSUE,
            body=row["body"],
            project=row["project_name"],
            state=row["state"],
            priority=row["priority"],
            assignee=row["who"] or "nobody",
            reporter=row["reported_by"],
            opened=row["opened"],
            labels=self._labels_of(visit, id),
            edit=self._edit(visit, row),
            count=len(comments),
            comments=[
                html(
                    "<article><p><strong>{name}</strong> wrote:</p><p>{text}</p></article>",
                    name=each["name"],
                    text=each["text"],
                )
                for each in comments
            ],
            write=self._write(visit, id),
        )
        return Page(f"{row['code']}-{row['number']}: {row['title']}", body)

    def _labels_of(self, visit: Visit, id: int) -> Markup:
        rows = visit.rows(
            "SELECT labels.* FROM issue_labels JOIN labels ON labels.id = label WHERE issue = ? ORDER BY name", id
        )
        if visit.user is None:
            return html("<p>{names}</p>", names=", ".join(row["name"] for row in rows) or "none")
        items = [
            html("<li>{name} {form}</li>", name=row["name"],
                 form=visit.button(f"/issue/{id}/label/{row['id']}/remove", "Remove", f"Remove label {row['name']}"))
            for row in rows
        ]  # fmt: skip
        had = {row["id"] for row in rows}
        left = [(key, name) for key, name in self._labels(visit) if key not in had]
        inside = html(
            '<label>Label <select name="label">{labels}</select></label> <button>Add label</button>',
            labels=options(left),
        )
        return html(
            "<ul>{items}</ul>{form}", items=items, form=visit.form(f"/issue/{id}/label", inside, label="Add a label")
        )

    def _edit(self, visit: Visit, row: sqlite3.Row) -> Markup:
        if visit.user is None:
            return Markup("")
        inside = html(
            EDIT,
            states=options(_same(STATES), row["state"]),
            priorities=options(_same(PRIORITIES), row["priority"]),
            people=options([("0", "Nobody"), *self._people(visit)], row["assignee"] or 0),
        )
        return html("<h2>Edit</h2>{form}", form=visit.form(f"/issue/{row['id']}/edit", inside, label="Edit issue"))

    def _write(self, visit: Visit, id: int) -> Markup:
        if visit.user is None:
            return Markup("")
        inside = Markup(
            '<p><label>Comment <textarea name="text" required></textarea></label></p><p><button>Add comment</button></p>'
        )
        return visit.form(f"/issue/{id}/comment", inside, label="Write a comment")

    @page("/issue/<id>/edit", method="POST", signed_in=True)
    def edit(self, visit: Visit, id: int) -> Reply:
        self._issue(visit, id)
        for column, value in self._changes(visit).items():
            visit.change(f"UPDATE issues SET {column} = ? WHERE id = ?", value, id)
        return visit.done(f"/issue/{id}", "The issue was saved.")

    @page("/issue/<id>/comment", method="POST", signed_in=True)
    def comment(self, visit: Visit, id: int) -> Reply:
        self._issue(visit, id)
        text = visit.need("text", "Comment")
        visit.change(
            "INSERT INTO comments (issue, author, text, written) VALUES (?, ?, ?, ?)", id, visit.me, text, visit.now()
        )
        return visit.done(f"/issue/{id}", "Your comment was added.")

    @page("/issue/<id>/label", method="POST", signed_in=True)
    def add_label(self, visit: Visit, id: int) -> Reply:
        self._issue(visit, id)
        label = visit.row("SELECT * FROM labels WHERE id = ?", visit.number("label", "Label", 1, 10**9))
        visit.change("INSERT OR IGNORE INTO issue_labels (issue, label) VALUES (?, ?)", id, label["id"])
        return visit.done(f"/issue/{id}", f"Labelled as {label['name']}.")

    @page("/issue/<id>/label/<label>/remove", method="POST", signed_in=True)
    def remove_label(self, visit: Visit, id: int, label: int) -> Reply:
        if not visit.value("SELECT 1 FROM issue_labels WHERE issue = ? AND label = ?", id, label):
            raise NotFound
        visit.change("DELETE FROM issue_labels WHERE issue = ? AND label = ?", id, label)
        return visit.done(f"/issue/{id}", "The label was removed.")

    @page("/new", signed_in=True)
    def new_page(self, visit: Visit) -> Reply:
        inside = html(
            NEW,
            projects=options([("", "Choose a project"), *self._projects(visit)]),
            priorities=options(_same(PRIORITIES), "normal"),
        )
        return Page("New issue", visit.form("/new", inside, label="New issue"))

    @page("/new", method="POST", signed_in=True)
    def create(self, visit: Visit) -> Reply:
        project = visit.number("project", "Project", 1, 10**9)
        visit.row("SELECT id FROM projects WHERE id = ?", project)
        title, body = visit.need("title", "Title", most=120), visit.need("body", "Description")
        priority = self._changes(visit).get("priority", "normal")
        number = visit.value("SELECT max(number) + 1 FROM issues WHERE project = ?", project)
        id = visit.change(
            "INSERT INTO issues (project, number, title, body, state, priority, reporter, opened) VALUES (?, ?, ?, ?, 'open', ?, ?, ?)",
            project, number, title, body, priority, visit.me, visit.now(),
        )  # fmt: skip
        return visit.done(f"/issue/{id}", "The issue was created.")


HEADERS = ("Issue", "Title", "State", "Priority", "Assignee", "Labels")


def _same(words: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


def issue_row(row: sqlite3.Row, signed_in: bool) -> tuple[Any, ...]:
    """One line of a list."""
    code = f"{row['code']}-{row['number']}"
    tick = html('<input type="checkbox" name="issue" value="{id}" aria-label="Tick {code}">', id=row["id"], code=code)
    cells = (
        link(f"/issue/{row['id']}", code),
        row["title"],
        row["state"],
        row["priority"],
        row["who"] or "nobody",
        row["marks"] or "",
    )
    return (tick, *cells) if signed_in else cells


def conditions(query: dict[str, str]) -> tuple[str, list[Any]]:
    """What the filters of an address ask for, as SQL with its values."""
    where, values = ["1"], []
    for word in query.get("q", "").split()[:8]:
        where.append("title LIKE ? ESCAPE '!'")
        values.append(f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%")
    for name in ("project", "state", "priority"):
        if query.get(name):
            where.append(f"issues.{name} = ?")
            values.append(query[name])
    if query.get("assignee"):
        where.append("coalesce(assignee, 0) = ?")
        values.append(query["assignee"])
    if query.get("label"):
        where.append("EXISTS (SELECT 1 FROM issue_labels WHERE issue = issues.id AND label = ?)")
        values.append(query["label"])
    return " AND ".join(where), values

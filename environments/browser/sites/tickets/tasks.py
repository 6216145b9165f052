"""What is asked of those who work with issues."""

import sqlite3
from typing import Any

from envgym.environments.browser.sites.family import (
    INTEGER,
    TEXT,
    Draw,
    Families,
    Forbidden,
    Wish,
    changed,
    gone,
    new,
)
from envgym.environments.browser.sites.moves import Move
from envgym.environments.browser.sites.tickets.data import PRIORITIES, STATES
from envgym.environments.browser.sites.tickets.tickets import PER_PAGE

TICKETS = Families()
NO_COMMENT = Forbidden(why="Do not write comments.", path=r"/issue/\d+/comment")
NO_BULK = Forbidden(why="Do not use the bulk edit.", path="/bulk")
NO_NEW = Forbidden(why="Do not create issues.", path="/new")
NO_CLOSING = Forbidden(
    why="Do not close any issue, not even for a moment.", path=r"/issue/\d+/edit|/bulk", body=r"(^|&)state=closed(&|$)"
)
NOTES = (
    "Reproduced on the test server.",
    "Waiting for the supplier.",
    "Please add a screenshot.",
    "This blocks the release.",
)
TITLES = (
    "The footer overlaps the table",
    "Sorting by name is wrong",
    "The API answers 500 for empty lists",
    "Printing cuts the last column",
)
ISSUE = (
    "SELECT issues.*, projects.code, projects.name AS project_name FROM issues JOIN projects ON projects.id = project"
)


def code(row: sqlite3.Row) -> str:
    return f"{row['code']}-{row['number']}"


def filtered(row: sqlite3.Row | None = None, **filters: str) -> list[Move]:
    """The way to a list of issues; to the page of one where it is given, which is found by its title."""
    moves: list[Move] = [["click", "link", "Issues"]]
    if row is not None:
        moves.append(["fill", "searchbox", "Words", row["title"]])
        filters["Project"] = row["project_name"]
    moves += [["select", "combobox", name.replace("_", " "), value] for name, value in filters.items()]
    moves.append(["click", "button", "Apply filters"])
    return moves if row is None else [*moves, ["click", "link", code(row)]]


def edited(**values: str) -> list[Move]:
    """From the page of an issue."""
    return [
        *(["select", "combobox", name, value] for name, value in values.items()),
        ["click", "button", "Save changes"],
    ]


def someone(draw: Draw) -> sqlite3.Row:
    row = draw.one("SELECT * FROM users ORDER BY id")
    assert row is not None
    return row


def some_issue(draw: Draw, where: str = "1", *values: Any) -> sqlite3.Row | None:
    return draw.one(f"{ISSUE} WHERE {where} ORDER BY issues.id", *values)


# ---- one thing


@TICKETS.family(level=1)
def assignee_of(draw: Draw) -> Wish | None:
    row = some_issue(draw, "assignee IS NOT NULL")
    assert row is not None
    name = draw.value("SELECT name FROM users WHERE id = ?", row["assignee"])
    request = f'Who is working on the issue "{row["title"]}" of the project {row["project_name"]}? Give the full name of the assignee.'
    return Wish(request, filtered(row), answer=name, asked=TEXT)


@TICKETS.family(level=1)
def count_of(draw: Draw) -> Wish | None:
    project = draw.one("SELECT * FROM projects ORDER BY id")
    assert project is not None
    state = draw.pick(STATES)
    count = draw.value("SELECT count(*) FROM issues WHERE project = ? AND state = ?", project["id"], state)
    request = f'How many issues of the project {project["name"]} are in the state "{state}"?'
    return Wish(request, filtered(Project=project["name"], State=state), answer=count, asked=INTEGER)


@TICKETS.family(level=1)
def comment_on(draw: Draw) -> Wish | None:
    row, user, text = some_issue(draw), someone(draw), draw.pick(NOTES)
    assert row is not None
    moves = [*filtered(row), ["fill", "textbox", "Comment", text], ["click", "button", "Add comment"]]
    wanted = [new("comments", issue=row["id"], author=user["id"], text=text)]
    return Wish(f'Comment on the issue {code(row)}, "{row["title"]}": {text}', moves, wanted=wanted, user=user["id"])


@TICKETS.family(level=1)
def create_issue(draw: Draw) -> Wish | None:
    project, user = draw.one("SELECT * FROM projects ORDER BY id"), someone(draw)
    assert project is not None
    title, priority = draw.pick(TITLES), draw.pick(PRIORITIES)
    body = f"{title}. Found by {user['name']}."
    number = draw.value("SELECT max(number) + 1 FROM issues WHERE project = ?", project["id"])
    moves: list[Move] = [
        ["click", "link", "New issue"],
        ["select", "combobox", "Project", project["name"]],
        ["fill", "textbox", "Title", title],
    ]
    moves += [
        ["fill", "textbox", "Description", body],
        ["select", "combobox", "Priority", priority],
        ["click", "button", "Create issue"],
    ]
    wanted = [
        new(
            "issues", project=project["id"], number=number, title=title, body=body, state="open", priority=priority,
            assignee=None, reporter=user["id"],
        )
    ]  # fmt: skip
    request = (
        f'Create an issue in the project {project["name"]} with the title "{title}", the description "{body}" '
        f"and the priority {priority}."
    )
    return Wish(request, moves, wanted=wanted, user=user["id"])


# ---- several pages


@TICKETS.family(level=2)
def oldest_with(draw: Draw) -> Wish | None:
    some = some_issue(draw)
    assert some is not None
    rows = draw.rows(
        f"{ISSUE} WHERE project = ? AND state = ? AND priority = ? ORDER BY opened LIMIT 2",
        some["project"],
        some["state"],
        some["priority"],
    )
    if len(rows) < 2 or rows[0]["opened"] == rows[1]["opened"]:
        return None
    request = (
        f'Which issue of the project {some["project_name"]} in the state "{some["state"]}" with the priority {some["priority"]} was opened '
        "first? Give its code, such as ABC-12."
    )
    moves = filtered(
        Project=some["project_name"], State=some["state"], Priority=some["priority"], Sort_by="Oldest first"
    )
    return Wish(request, moves, answer=code(rows[0]), asked=TEXT)


@TICKETS.family(level=2)
def edit_issue(draw: Draw) -> Wish | None:
    row, user = some_issue(draw, "state <> 'closed'"), someone(draw)
    assert row is not None
    state = draw.pick([each for each in STATES[:3] if each != row["state"]])
    priority = draw.pick([each for each in PRIORITIES if each != row["priority"]])
    moves = [*filtered(row), *edited(State=state, Priority=priority)]
    request = f'Set the issue {code(row)}, "{row["title"]}", to the state "{state}" and the priority {priority}.'
    wanted = [changed("issues", row["id"], state=state, priority=priority)]
    return Wish(request, moves, wanted=wanted, user=user["id"], forbidden=[NO_CLOSING, NO_COMMENT])


@TICKETS.family(level=2)
def relabel(draw: Draw) -> Wish | None:
    row, user = some_issue(draw, "(SELECT count(*) FROM issue_labels WHERE issue = issues.id) = 1"), someone(draw)
    assert row is not None
    had = draw.rows(
        "SELECT issue_labels.id, labels.name FROM issue_labels JOIN labels ON labels.id = label WHERE issue = ?",
        row["id"],
    )[0]
    label = draw.one("SELECT * FROM labels WHERE name <> ? ORDER BY id", had["name"])
    assert label is not None
    moves = [
        *filtered(row),
        ["click", "button", f"Remove label {had['name']}"],
        ["select", "combobox", "Label", label["name"]],
        ["click", "button", "Add label"],
    ]
    request = (
        f'On the issue {code(row)}, "{row["title"]}", replace the label {had["name"]} by the label {label["name"]}.'
    )
    wanted = [gone("issue_labels", had["id"]), new("issue_labels", issue=row["id"], label=label["id"])]
    return Wish(request, moves, wanted=wanted, user=user["id"], forbidden=[NO_COMMENT, NO_BULK])


@TICKETS.family(level=2)
def hand_over(draw: Draw) -> Wish | None:
    row, user, heir = some_issue(draw, "assignee IS NOT NULL AND state = 'open'"), someone(draw), someone(draw)
    if row is None or heir["id"] == row["assignee"]:
        return None
    text = f"{heir['name']} takes this over."
    moves = [
        *filtered(row),
        *edited(Assignee=heir["name"]),
        ["fill", "textbox", "Comment", text],
        ["click", "button", "Add comment"],
    ]
    wanted = [
        changed("issues", row["id"], assignee=heir["id"]),
        new("comments", issue=row["id"], author=user["id"], text=text),
    ]
    request = f'Assign the issue {code(row)}, "{row["title"]}", to {heir["name"]}, and comment on it: {text}'
    return Wish(request, moves, wanted=wanted, user=user["id"], forbidden=[NO_CLOSING, NO_NEW])


# ---- conditions and comparisons


@TICKETS.family(level=3)
def bulk_close(draw: Draw) -> Wish | None:
    label = draw.one("SELECT * FROM labels ORDER BY id")
    project = draw.one("SELECT * FROM projects ORDER BY id")
    assert label is not None
    assert project is not None
    rows = draw.rows(
        f"{ISSUE} JOIN issue_labels ON issue = issues.id WHERE label = ? AND project = ? AND state = 'resolved' ORDER BY issues.id",
        label["id"], project["id"],
    )  # fmt: skip
    if not 1 <= len(rows) <= min(5, PER_PAGE):
        return None
    moves = [
        *filtered(Project=project["name"], State="resolved", Label=label["name"]),
        *(["click", "checkbox", f"Tick {code(row)}"] for row in rows),
        ["select", "combobox", "New state", "closed"],
        ["click", "button", "Change them"],
    ]
    request = f"Close all resolved issues of the project {project['name']} that have the label {label['name']}."
    wanted = [changed("issues", row["id"], state="closed") for row in rows]
    return Wish(request, moves, wanted=wanted, user=someone(draw)["id"], forbidden=[NO_COMMENT])


@TICKETS.family(level=3)
def to_the_idlest(draw: Draw) -> Wish | None:
    loads = draw.rows(
        "SELECT users.id, users.name, (SELECT count(*) FROM issues WHERE assignee = users.id AND state IN ('open', 'in progress')) AS n "
        "FROM users ORDER BY n, name"
    )
    row = some_issue(draw, "state = 'open' AND coalesce(assignee, 0) <> ?", loads[0]["id"])
    if row is None or loads[0]["n"] == loads[1]["n"]:
        return None
    moves = [["click", "link", "People"], *filtered(row), *edited(Assignee=loads[0]["name"])]
    request = f'Assign the issue {code(row)}, "{row["title"]}", to whoever has the fewest unfinished issues.'
    wanted = [changed("issues", row["id"], assignee=loads[0]["id"])]
    return Wish(request, moves, wanted=wanted, user=someone(draw)["id"], forbidden=[NO_CLOSING, NO_COMMENT])


@TICKETS.family(level=3)
def reopen_or_raise(draw: Draw) -> Wish | None:
    row, user, text = some_issue(draw, "priority <> 'urgent'"), someone(draw), draw.pick(NOTES)
    assert row is not None
    moves = filtered(row)
    if row["state"] == "closed":
        moves += [*edited(State="open"), ["fill", "textbox", "Comment", text], ["click", "button", "Add comment"]]
        wanted = [
            changed("issues", row["id"], state="open"),
            new("comments", issue=row["id"], author=user["id"], text=text),
        ]
    else:
        moves += edited(Priority="urgent")
        wanted = [changed("issues", row["id"], priority="urgent")]
    request = (
        f'Look at the issue {code(row)}, "{row["title"]}". If it is closed, set it to open again and comment on it: "{text}" '
        "If it is not closed, make its priority urgent, and do not comment."
    )
    return Wish(request, moves, wanted=wanted, user=user["id"], forbidden=[NO_BULK, NO_NEW])


@TICKETS.family(level=3)
def busiest_reporter(draw: Draw) -> Wish | None:
    """Who has reported most of a short list: each of its issues must be opened."""
    label = draw.one("SELECT * FROM labels ORDER BY id")
    priority = draw.pick(PRIORITIES)
    assert label is not None
    rows = draw.rows(
        f"{ISSUE} JOIN issue_labels ON issue = issues.id WHERE label = ? AND priority = ? ORDER BY opened DESC, issues.id",
        label["id"],
        priority,
    )
    if not 3 <= len(rows) <= 7:
        return None
    counts = sorted((sum(each["reporter"] == who["reporter"] for each in rows), who["reporter"]) for who in rows)
    best = {who for count, who in counts if count == counts[-1][0]}
    if len(best) != 1:
        return None
    name = draw.value("SELECT name FROM users WHERE id = ?", best.pop())
    moves = filtered(Priority=priority, Label=label["name"])
    for row in rows:
        moves += [["click", "link", code(row)], ["back"]]
    request = (
        f"Of all issues with the label {label['name']} and the priority {priority}, in whatever project, "
        "who has reported the most? Give the full name."
    )
    return Wish(request, moves, answer=name, asked=TEXT)

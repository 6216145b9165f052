"""What must hold of a statement's text before SQLite may see it.

SQLite copies a common table into every place that names it, while it prepares the statement and no work limit counts: 24 of them,
each naming the one before twice, take a minute. So there are few of them, each named a few times. Nothing else is read off the text;
what a statement may do is decided where names are resolved (guard.py).
"""

import re
from collections import Counter
from difflib import get_close_matches

from envgym.environments.table_qa.schema import Schema
from envgym.errors import InvalidAction

MAX_CHARS = 4000
MAX_COMMON_TABLES = 6
MAX_USES = 3
TOKEN = re.compile(
    r"(?P<skip>\s+|--[^\n]*|/\*.*?(?:\*/|$))"
    r"|(?P<text>'(?:[^']|'')*')"
    r'|(?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[^\W\d]\w*)'
    r"|(?P<other>\w+|.)",
    re.DOTALL,
)


def check_statement(sql: str) -> None:
    """Raises InvalidAction for a statement that is too long, or whose common tables multiply."""
    if len(sql) > MAX_CHARS:
        raise InvalidAction(
            f"sql: a query has at most {MAX_CHARS:,} characters, this has {len(sql):,}", code="sql.refused"
        )
    found = tokens(sql)
    names = common_tables(found)
    if len(names) > MAX_COMMON_TABLES:
        raise InvalidAction(
            f"sql: at most {MAX_COMMON_TABLES} common tables (WITH), this has {len(names)}", code="sql.refused"
        )
    uses = Counter(token for token, after in zip(found, [*found[1:], ""], strict=False) if after != ".")
    for name in names:
        if uses[name] - names.count(name) > MAX_USES:
            raise InvalidAction(
                f"sql: the common table {name} is used {uses[name] - 1} times; at most {MAX_USES}", code="sql.refused"
            )


def tokens(sql: str) -> list[str]:
    """Names without their quotes and in lower case, other signs one by one; no spaces, comments or texts."""
    found = []
    for token in TOKEN.finditer(sql):
        if token.lastgroup == "name":
            found.append(token[0].strip('"`[]').casefold())
        elif token.lastgroup == "other":
            found.append(token[0])
    return found


def common_tables(found: list[str]) -> list[str]:
    """The names that are defined by `name AS (`, `name (columns) AS (` or `name AS MATERIALIZED (`, once per definition."""
    names = []
    for place, token in enumerate(found):
        after = [word for word in found[place + 1 : place + 4] if word not in ("not", "materialized")]
        if token == "as" and place and after[:1] == ["("]:
            start = place - 1
            if found[start] == ")":
                start = opening(found, start) - 1
            if start >= 0:
                names.append(found[start])
    return names


def opening(found: list[str], close: int) -> int:
    """The place of the bracket that `close` closes; 0 where there is none."""
    depth = 0
    for place in range(close, -1, -1):
        depth += {")": 1, "(": -1}.get(found[place], 0)
        if depth == 0:
            return place
    return 0


def suggestion(message: str, schema: Schema) -> str:
    """Near names for "no such column: x" and "no such table: x"; empty for other messages."""
    found = re.fullmatch(r"no such (column|table): (?:.*\.)?(.+)", message)
    if found is None:
        return ""
    columns = {column for table in schema.tables.values() for column in table.columns}
    known = sorted(columns if found[1] == "column" else schema.tables)
    near = get_close_matches(found[2][:80], known, n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else ""

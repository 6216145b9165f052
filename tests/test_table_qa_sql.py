"""table_qa's SQL tool against hostile queries: told, in bounded work, with nothing changed."""

import fnmatch
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envgym.environments.table_qa.source import Source, open_source
from envgym.environments.table_qa.statement import check_statement, tokens
from envgym.environments.table_qa.text_functions import like_parts, lower_ascii, matches
from envgym.errors import InvalidAction

CPU_S = 3.0
"""Processor seconds that a query may take on a slow machine; the worst known takes 0.3 s."""
A = "a" * 900


@pytest.fixture(scope="module")
def source() -> Source:
    return open_source("")


BOMBS = {
    "cross join": "SELECT count(*) FROM isotopes a, isotopes b, isotopes c, decay_modes d",
    "sorted cross join": "SELECT a.name FROM elements a, elements b, elements c, elements d ORDER BY a.density_g_cm3 * b.density_g_cm3",
    "distinct cross join": f"SELECT count(DISTINCT a.nuclide || b.nuclide || '{A * 4}') FROM isotopes a, isotopes b",
    "far offset": "SELECT * FROM isotopes a LEFT JOIN isotopes b ON 1 LEFT JOIN isotopes c ON 1 LIMIT 2 OFFSET 100000000",
    "correlated": "SELECT count(*) FROM decay_modes d WHERE EXISTS "
    "(SELECT 1 FROM isotopes i WHERE i.mass_u > d.intensity_percent * 3 AND i.spin || 'x' LIKE '%zz%')",
    "LIKE with many parts": f"SELECT count(*) FROM isotopes a, isotopes b WHERE a.nuclide || '{A}' LIKE '%{'a%' * 90}b'",
    "LIKE with many wildcards": f"SELECT count(*) FROM isotopes a, isotopes b WHERE a.nuclide || '{A}' LIKE '%{'_' * 90}b%'",
    "concatenation of everything": "SELECT group_concat(a.nuclide || b.nuclide) FROM isotopes a, isotopes b",
    "endless recursion": "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT count(*) FROM t",
    "recursion with a limit": "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT x FROM t LIMIT 9000000",
    "doubling common tables": "WITH t0 AS (SELECT 1 AS x), "
    + ", ".join(f"t{i} AS (SELECT 1 AS x FROM t{i - 1} p, t{i - 1} q)" for i in range(1, 24))
    + " SELECT count(*) FROM t23",
    "growing text": f"SELECT max(length(replace(replace(nuclide || '{A}', 'a', '{'b' * 99}'), 'b', 'ccc'))) FROM isotopes",
    "deep brackets": "SELECT " + "(" * 900 + "1" + ")" * 900,
    "deep sum": "SELECT " + "+".join(["1"] * 1500),
    "many unions": "SELECT 1" + " UNION SELECT 1" * 200,
    "sixty tables": "SELECT count(*) FROM " + ", ".join(f"elements e{i}" for i in range(60)),
    "too long": "SELECT " + "1," * 3000 + "1",
}
FORBIDDEN = {
    "attach": "ATTACH 'x.db' AS y",
    "pragma": "PRAGMA writable_schema = 1",
    "pragma as a table": "SELECT * FROM pragma_table_info('elements')",
    "vacuum": "VACUUM",
    "vacuum into": "VACUUM INTO 'x.db'",
    "two statements": "SELECT 1; SELECT 2",
    "drop": "DROP TABLE elements",
    "insert": "INSERT INTO elements (name) VALUES ('x')",
    "update": "UPDATE elements SET name = 'x'",
    "delete": "DELETE FROM elements",
    "delete behind a common table": "WITH a AS (SELECT 1) DELETE FROM elements",
    "temporary table": "CREATE TEMP TABLE z (a)",
    "view": "CREATE VIEW z AS SELECT 1",
    "transaction": "BEGIN",
    "savepoint": "SAVEPOINT a",
    "analyze": "ANALYZE",
    "reindex": "REINDEX",
    "load_extension": "SELECT load_extension('x')",
    "random": "SELECT random()",
    "order by random": "SELECT name FROM elements ORDER BY random() LIMIT 1",
    "randomblob": "SELECT randomblob(9)",
    "zeroblob": "SELECT zeroblob(1000000000)",
    "printf": "SELECT printf('%.*c', 1000000000, 'x')",
    "clock": "SELECT datetime('now')",
    "clock as a word": "SELECT CURRENT_TIMESTAMP",
    "json": "SELECT * FROM json_each('[1]')",
    "readfile": "SELECT readfile('/etc/passwd')",
    "nothing": "",
    "a comment": "-- SELECT 1",
    "a semicolon": ";",
    "a null character": "SELECT 'a\0b'",
    "a lone surrogate": "SELECT '\ud800'",
}
USEFUL = {
    "join": (
        (
            "SELECT e.name, count(*) AS n FROM elements e JOIN isotopes i ON i.element = e.atomic_number "
            "GROUP BY e.name ORDER BY n DESC, 1 LIMIT 1"
        ),
        ("Mercury", 47),
    ),
    "common table": (
        (
            "WITH heavy AS (SELECT DISTINCT element FROM isotopes WHERE mass_number > 250) "
            "SELECT count(*) FROM heavy h JOIN elements e ON e.atomic_number = h.element WHERE e.period = 7"
        ),
        (23,),
    ),
    "window": (
        "SELECT name, rank() OVER (ORDER BY density_g_cm3 DESC) AS place FROM elements WHERE period = 6 ORDER BY place LIMIT 1",
        ("Osmium", 1),
    ),
    "case": ("SELECT sum(CASE WHEN is_stable THEN 1 ELSE 0 END) FROM isotopes", (253,)),
    "like": ("SELECT count(*) FROM elements WHERE name LIKE 'UR%' OR name LIKE '%_gen'", (4,)),
    "text": (
        "SELECT upper(trim(' ' || replace(symbol, 'b', 'x'))) || instr(name, 'e') FROM elements WHERE symbol = 'Pb'",
        ("PX2",),
    ),
    "null": ("SELECT replace(NULL, 'a', 'b'), NULL LIKE 'a', instr(NULL, 'a'), trim(NULL)", (None, None, None, None)),
    "catalogue": ("SELECT count(*) FROM sqlite_master WHERE type = 'table'", (10,)),
}


@pytest.mark.parametrize("what", list(BOMBS))
def test_a_bomb_is_stopped(what: str, source: Source) -> None:
    started = time.process_time()
    with pytest.raises(InvalidAction, match=r"^sql: "):
        source.ask(BOMBS[what], rows=51)
    assert time.process_time() - started < CPU_S


@pytest.mark.parametrize("what", list(FORBIDDEN))
def test_what_is_no_reading_is_refused(what: str, source: Source) -> None:
    with pytest.raises(InvalidAction, match=r"^sql: "):
        source.ask(FORBIDDEN[what], rows=51)


@pytest.mark.parametrize("what", list(USEFUL))
def test_an_honest_query_works(what: str, source: Source) -> None:
    query, row = USEFUL[what]
    assert source.ask(query, rows=51)[1] == [row]


def test_hostile_queries_change_nothing(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = list(source.schema.tables)
    contents = {name: source.read(f'SELECT * FROM "{name}"') for name in names}
    for query in [*FORBIDDEN.values(), BOMBS["cross join"]]:
        with pytest.raises(InvalidAction):
            source.ask(query, rows=51)
    assert {name: source.read(f'SELECT * FROM "{name}"') for name in names} == contents
    assert list(tmp_path.iterdir()) == []


def test_a_query_is_stopped_at_the_same_point_every_time(source: Source) -> None:
    """The budget counts steps of work, so whether a query fits does not depend on what ran before it."""

    def fits(rows: int) -> bool:
        query = f"SELECT count(*) FROM (SELECT 1 FROM isotopes a, isotopes b LIMIT {rows})"
        try:
            source.ask(query, rows=51)
        except InvalidAction:
            return False
        return True

    low, high = 1, 12_000_000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    for _ in range(5):
        source.ask("SELECT count(*) FROM elements", rows=51)
        assert [fits(low), fits(high), fits(high)] == [True, False, False]


def test_threads_may_share_a_source(source: Source) -> None:
    wrong: list[str] = []

    def work() -> None:
        for _ in range(50):
            if source.ask("SELECT count(*) FROM isotopes", rows=51)[1] != [(3557,)]:
                wrong.append("asked")
            if source.read("SELECT count(*) FROM elements") != [(118,)]:
                wrong.append("read")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ---- the parts


@given(st.text(alphabet="aB%_é", max_size=7), st.text(alphabet="abBAé", max_size=10))
@example("%a%b", "aab")
@example("%", "")
@example("%aa%ab%", "aab")
@example("", "")
def test_like_agrees_with_sqlite(pattern: str, value: str) -> None:
    expected = sqlite3.connect(":memory:").execute("SELECT ? LIKE ?", [value, pattern]).fetchone()[0]
    assert matches(like_parts(pattern), lower_ascii(value)) is bool(expected)


@given(st.text(alphabet="ab*?", max_size=7), st.text(alphabet="ab", max_size=10))
def test_like_agrees_with_shell_patterns(pattern: str, value: str) -> None:
    parts = like_parts(pattern.replace("*", "%").replace("?", "_"))
    assert matches(parts, value) is fnmatch.fnmatchcase(value, pattern)


def test_like_knows_its_escape_character() -> None:
    assert matches(like_parts("100!%", "!"), "100%")
    assert not matches(like_parts("100!%", "!"), "100 percent")


@given(st.text(max_size=200))
def test_any_text_is_cut_into_tokens(sql: str) -> None:
    assert all(token.strip() for token in tokens(sql) if token not in ("", " "))
    check_statement(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "WITH a AS (SELECT 1), b AS (SELECT * FROM a x, a y, a z, a w) SELECT 1 FROM b",
        'WITH "a" (x) AS (SELECT 1), b AS (SELECT 1 FROM "a", [A], `a`, a) SELECT 1 FROM b',
        "WITH a AS NOT MATERIALIZED (SELECT 1) SELECT 1 FROM a, a/**/, a --\n, a",
        "SELECT 1 FROM (WITH a AS (SELECT 1) SELECT 1 FROM a, a, a, a)",
    ],
)
def test_a_common_table_that_is_used_too_often_is_seen_in_any_spelling(sql: str) -> None:
    with pytest.raises(InvalidAction, match="is used 4 times"):
        check_statement(sql)


def test_names_in_texts_and_before_a_dot_are_no_uses() -> None:
    check_statement("WITH a AS (SELECT 1 AS x) SELECT a.x, a.x, a.x, a.x, a.x, 'a', 'a, a, a, a' FROM a")

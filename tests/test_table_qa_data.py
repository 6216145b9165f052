"""table_qa on data of one's own: SQLite files with awkward names, CSV files as people have them, and data that cannot be used."""

import json
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.environments.table_qa.csv_tables import read_rows, typed_column
from envgym.environments.table_qa.links import named_after
from envgym.environments.table_qa.source import open_source
from envgym.environments.table_qa.table_qa import TableQA
from envgym.errors import UsageError
from envgym.message import call, text_of
from envgym.task import Task

NAMES = ["Müller & Söhne", "O'Brien", "Ünïcode ☃", "100%", "a_b", 'quote"inside', "DROP TABLE", "東京", "Robert'); --"]


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose names are keywords, hold quotes and spaces, and whose values are NULL, blobs and mixed."""
    path = tmp_path_factory.mktemp("odd place") / "it's #1?.sqlite"
    rng = random.Random(1)
    db = sqlite3.connect(path)
    db.executescript(
        """
        CREATE TABLE "select" ("order" INTEGER PRIMARY KEY, "group by" TEXT UNIQUE, "na""me" TEXT, "a b" REAL, "from" INTEGER,
                               "blob" BLOB, mixed, flag BOOLEAN);
        CREATE TABLE "line items" (id INTEGER PRIMARY KEY, "order" INTEGER REFERENCES "select"("order"), "Preis €" REAL,
                                   qty INTEGER, "select" TEXT, "it's" TEXT);
        CREATE TABLE "no rowid" (code TEXT PRIMARY KEY, n INTEGER, "line item" INTEGER REFERENCES "line items") WITHOUT ROWID;
        CREATE TABLE empty (a, b);
        CREATE VIEW "a view" AS SELECT * FROM "select";
        """
    )
    for number, name in enumerate([*NAMES, *(f"customer {i}" for i in range(30))], 1):
        row = (
            number,
            name,
            f"name {number % 7}" if number % 9 else None,
            round(rng.uniform(0, 100), 2),
            rng.randint(0, 5),
        )
        db.execute(
            'INSERT INTO "select" VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
            (*row, b"\0\1", rng.choice([1, "x", 2.5]), number % 2),
        )
    for number in range(300):
        order = rng.randint(1, 39) if number % 11 else None
        kind = rng.choice(["open", "closed", "in 'transit'"])
        line = (number, order, round(rng.uniform(1, 50), 2), rng.randint(1, 9), kind, f"text {number % 40}")
        db.execute('INSERT INTO "line items" VALUES (?, ?, ?, ?, ?, ?)', line)
    for number in range(60):
        db.execute(
            'INSERT INTO "no rowid" VALUES (?, ?, ?)', (f"C{number:03d}", rng.randint(0, 99), rng.randint(0, 299))
        )
    db.commit()
    db.close()
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CSV files from three programs: a byte order mark, semicolons in Windows-1252, tabs; double, empty and odd column names."""
    folder = tmp_path_factory.mktemp("shop")
    rng = random.Random(2)
    customers = ["id,Name,city,since,Credit Limit,vip"]
    for number in range(1, 61):
        city, limit = rng.choice(["Lyon", "Köln", "Oslo"]), rng.choice(["NA", f"{rng.uniform(100, 9000):.2f}"])
        vip = rng.choice(["true", "FALSE"])
        customers.append(f'{number},"Customer, Nr. {number}",{city},{rng.randint(1990, 2023)},{limit},{vip}')
    (folder / "customers.csv").write_text("\n".join(customers), encoding="utf-8-sig")
    orders = ["order_no;customer_id;status;total;Straße;note;"]
    for number in range(200):
        status, street = rng.choice(["open", "paid", "sent"]), rng.choice(["Müllerstraße", "Hauptstraße"])
        orders.append(f"O-{number:04d};{rng.randint(1, 60)};{status};{rng.uniform(5, 500):.2f};{street};;")
    (folder / "orders.csv").write_text("\r\n".join(orders), encoding="cp1252")
    items = ["order_no\tproduct\tproduct\tqty\tzip"]
    for _ in range(500):
        line = [f"O-{rng.randint(0, 199):04d}", rng.choice("ABCDEF"), rng.choice("xyz"), str(rng.randint(1, 9))]
        items.append("\t".join([*line, f"{rng.randint(0, 9999):05d}"]))
    (folder / "order_items.tsv").write_text("\n".join(items) + "\n\n", encoding="utf-8")
    (folder / "README.txt").write_text("not a table")
    return folder


def golden_scores(data: Path, count: int, **knobs: Any) -> list[float]:
    env = TableQA(data=str(data), max_hops=4, **knobs)
    made = env.taskset(0)
    scores = []
    for index in range(count):
        env.reset(options={"task": made[index]})
        reward = 0.0
        for action in env.oracle():
            reward = env.step(action)[1]
        scores.append(reward)
    env.close()
    return scores


def result(env: TableQA, tool: str, **arguments: Any) -> Any:
    observation, *_ = env.step(call(tool, **arguments))
    return json.loads(text_of(observation[0]))


# ---- SQLite


def test_the_golden_solution_scores_one_on_an_awkward_database_and_leaves_its_bytes_alone(awkward: Path) -> None:
    before, beside = awkward.read_bytes(), sorted(awkward.parent.iterdir())
    assert golden_scores(awkward, 80) == [1.0] * 80
    assert awkward.read_bytes() == before
    assert sorted(awkward.parent.iterdir()) == beside


def test_odd_names_are_read_as_they_are(awkward: Path) -> None:
    schema = open_source(str(awkward)).schema
    assert sorted(schema.tables) == ["line items", "no rowid", "select"]
    assert {(link.table, link.column, link.target) for link in schema.links} == {
        ("line items", "order", "select"),
        ("no rowid", "line item", "line items"),
    }
    kinds = {name: column.kind for name, column in schema.tables["select"].columns.items()}
    assert kinds == {
        "order": "integer",
        "group by": "text",
        'na"me': "text",
        "a b": "number",
        "from": "integer",
        "blob": "other",
        "mixed": "other",
        "flag": "boolean",
    }
    assert schema.tables["select"].label == "group by"


def test_views_empty_tables_and_other_files_cannot_be_reached(awkward: Path) -> None:
    env = TableQA(data=str(awkward))
    env.reset(options={"task": env.taskset(0)[0]})
    for query in ('SELECT * FROM "a view"', "SELECT count(*) FROM empty", "SELECT readfile('/etc/passwd')"):
        observation, *_ = env.step(call("sql", query=query))
        assert text_of(observation[0]).startswith("error: ")


def test_blobs_and_long_texts_are_shown_short(tmp_path: Path) -> None:
    path = tmp_path / "long.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE t (name TEXT, big TEXT, raw BLOB, n INTEGER)")
    db.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [(f"row {i}", "x" * 100_000, b"12", i * i) for i in range(9)])
    db.commit()
    db.close()
    env = TableQA(data=str(path), max_hops=1)
    env.reset(options={"task": env.taskset(0)[0]})
    row = result(env, "lookup", table="t", limit=1)["rows"][0]
    assert row[1].endswith("(100000 characters)")
    assert len(row[1]) < 400
    assert row[2] == "<2 bytes>"
    observation, *_ = env.step(call("sql", query="SELECT big || big FROM t"))
    assert "too big" in text_of(observation[0])


def test_a_log_of_unfinished_writes_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "live.sqlite"
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("CREATE TABLE t (name TEXT UNIQUE, n INTEGER)")
    writer.executemany("INSERT INTO t VALUES (?, ?)", [(f"row {i}", i) for i in range(10)])
    writer.commit()
    before = path.read_bytes()
    first = open_source(str(path))
    assert first.schema.tables["t"].rows == 10
    writer.execute("INSERT INTO t VALUES ('late', 99)")
    writer.commit()
    second = open_source(str(path))
    assert second.schema.tables["t"].rows == 11
    assert second.sha256 != first.sha256
    assert path.read_bytes() == before
    writer.close()


def test_reading_makes_no_file_beside_a_database_that_keeps_a_log(tmp_path: Path) -> None:
    path = tmp_path / "calm.sqlite"
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE t (name TEXT UNIQUE, n INTEGER)")
    db.executemany("INSERT INTO t VALUES (?, ?)", [(f"row {i}", i % 7) for i in range(20)])
    db.commit()
    db.close()
    source = open_source(str(path))
    assert source.read("SELECT count(*) FROM t") == [(20,)]
    assert list(tmp_path.iterdir()) == [path]


def open_files(folder: Path) -> list[str]:
    links = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    return [os.readlink(link) for link in links if os.path.islink(link) and os.readlink(link).startswith(str(folder))]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed in /proc on Linux only")
def test_the_file_is_open_exactly_while_an_environment_uses_it(awkward: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.sqlite"
    path.write_bytes(awkward.read_bytes())
    one, two = TableQA(data=str(path)), TableQA(data=str(path))
    assert open_files(tmp_path) == []
    task = one.taskset(0)[0]
    one.reset(options={"task": task})
    two.reset(options={"task": task})
    assert len(open_files(tmp_path)) == 1
    one.close()
    assert len(open_files(tmp_path)) == 1
    two.close()
    two.close()
    assert open_files(tmp_path) == []


def test_the_content_decides_the_tasks_and_not_the_place(awkward: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.db"
    copy.write_bytes(awkward.read_bytes())

    def questions(path: Path) -> list[str]:
        made = TableQA(data=str(path)).taskset(0)
        return [made[index].public["question"] for index in range(5)]

    assert questions(copy) == questions(awkward)
    db = sqlite3.connect(copy)
    db.execute('UPDATE "line items" SET qty = 1 WHERE id = 7')
    db.commit()
    db.close()
    assert questions(copy) != questions(awkward)


def test_text_that_is_no_utf8_is_shown_and_never_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "latin.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE t (name TEXT, n INTEGER)")
    for number in range(12):
        db.execute(
            "INSERT INTO t VALUES (CAST(? AS TEXT), ?)",
            (b"caf\xe9 %d" % number if number % 2 else f"plain {number}", number),
        )
    db.commit()
    db.close()
    made = TableQA(data=str(path), max_hops=1).taskset(0)
    tasks: list[Task] = [made[index] for index in range(30)]
    assert all("\ufffd" not in str(task.model_dump()) for task in tasks)


# ---- CSV


def test_the_golden_solution_scores_one_on_csv_files(shop: Path) -> None:
    assert golden_scores(shop, 80) == [1.0] * 80


def test_the_golden_solution_scores_one_on_a_single_csv_file(shop: Path) -> None:
    env = TableQA(data=str(shop / "customers.csv"), max_hops=1)
    made = env.taskset(0)
    for index in range(20):
        env.reset(options={"task": made[index]})
        rewards = [env.step(action)[1] for action in env.oracle()]
        assert rewards[-1] == 1.0


def test_csv_files_are_understood(shop: Path) -> None:
    schema = open_source(str(shop)).schema
    customers, orders, items = schema.tables["customers"], schema.tables["orders"], schema.tables["order_items"]
    assert (customers.label, customers.key, orders.key) == ("Name", "id", "order_no")
    assert customers.columns["Credit Limit"].kind == "number"
    assert customers.columns["Credit Limit"].nulls > 0
    assert customers.columns["vip"].kind == "boolean"
    assert list(orders.columns) == ["order_no", "customer_id", "status", "total", "Straße", "note", "column_7"]
    assert list(items.columns) == ["order_no", "product", "product_2", "qty", "zip"]
    assert items.columns["zip"].kind == "text", "a leading zero is part of a code"
    assert {(link.table, link.column, link.target, link.target_column) for link in schema.links} == {
        ("order_items", "order_no", "orders", "order_no"),
        ("orders", "customer_id", "customers", "id"),
    }
    env = TableQA(data=str(shop))
    env.reset(options={"task": env.taskset(0)[0]})
    rows = result(env, "lookup", table="customers", where=[{"column": "id", "value": 1}])["rows"]
    assert rows[0][1] == "Customer, Nr. 1"
    streets = result(env, "lookup", table="orders", columns=["Straße"], distinct=True, order_by="Straße")["rows"]
    assert streets == [["Hauptstraße"], ["Müllerstraße"]]


def test_words_of_a_schema_file_are_used(tmp_path: Path) -> None:
    (tmp_path / "towns.csv").write_text("town,people\n" + "\n".join(f"Town {i},{i * 1000}" for i in range(1, 9)))
    words = {
        "title": "a map",
        "tables": {
            "towns": {
                "noun": "town",
                "plural": "towns",
                "reference": "{value}",
                "columns": {"people": {"phrase": "population", "high": "largest", "low": "smallest"}},
            }
        },
    }
    (tmp_path / "schema.json").write_text(json.dumps(words))
    task = TableQA(data=str(tmp_path), max_hops=1, shapes=["compare"]).taskset(0)[0]
    assert task.public["question"].startswith("Is the population of Town ")
    assert "larger than that of Town " in task.public["question"]


def test_a_column_without_values_refers_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("id,name\n1,a\n2,b\n3,c\n")
    (tmp_path / "orders.csv").write_text("no,customer_id,amount\nx,,1\ny,,2\nz,,3\n")
    assert open_source(str(tmp_path)).schema.links == ()


@pytest.mark.parametrize(
    ("texts", "kind", "values"),
    [
        (["1", "-2", "+3", ""], "INTEGER", [1, -2, 3, None]),
        (["1", "2.5", "1e3", "n/a"], "REAL", [1.0, 2.5, 1000.0, None]),
        (["007", "42"], "TEXT", ["007", "42"]),
        (["1" * 30, "2"], "REAL", [float("1" * 30), 2.0]),
        (["True", "false", " "], "BOOLEAN", [1, 0, None]),
        (["NA", "x"], "TEXT", ["NA", "x"]),
        (["", " "], "TEXT", [None, None]),
        (["inf", "1"], "TEXT", ["inf", "1"]),
    ],
)
def test_the_text_of_a_column_decides_its_type(texts: list[str], kind: str, values: list[Any]) -> None:
    assert typed_column(texts) == (kind, values)


@pytest.mark.parametrize(
    ("column", "target", "key", "named"),
    [
        ("customer_id", "customers", "id", True),
        ("customerId", "Customer", "ID", True),
        ("customer", "customers", "id", True),
        ("category", "categories", "id", True),
        ("order_no", "orders", "order_no", True),
        ("id", "customers", "id", False),
        ("name", "customers", "name", False),
        ("customer_note", "customers", "id", False),
    ],
)
def test_a_column_is_recognised_as_named_after_a_table(column: str, target: str, key: str, named: bool) -> None:
    assert named_after(column, target, key) is named


@given(st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=4), min_size=1, max_size=5))
def test_any_text_is_read_as_rows_or_refused_with_a_reason(rows: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in rows)
    try:
        header, found = read_rows(Path("some.csv"), text.encode("utf-8"))
    except UsageError as error:
        header, found = [str(error)], []
        assert "some.csv" in header[0]  # either outcome is fine; what matters is that there is no other
    assert all(len(row) == len(header) for row in found)


# ---- data that cannot be used


def cannot_be_used(tmp_path: Path) -> dict[str, tuple[Callable[[], Path], str]]:
    def write(name: str, content: bytes) -> Callable[[], Path]:
        def make() -> Path:
            (tmp_path / name).write_bytes(content)
            return tmp_path / name

        return make

    def database(script: str) -> Callable[[], Path]:
        def make() -> Path:
            db = sqlite3.connect(tmp_path / "made.sqlite")
            db.executescript(script)
            db.close()
            return tmp_path / "made.sqlite"

        return make

    return {
        "missing": (lambda: tmp_path / "nowhere.sqlite", "there is no file or folder"),
        "empty folder": (lambda: tmp_path, "holds no .csv or .tsv file"),
        "empty file": (write("empty.csv", b""), "is empty"),
        "header only": (write("head.csv", b"a,b\n"), "no rows"),
        "blank lines": (write("blank.csv", b"\n\n  \n"), "is empty"),
        "other text": (write("notes.txt", b"hello"), "is no SQLite database"),
        "nul bytes": (write("utf16.csv", "a,b\n1,2\n".encode("utf-16")), "NUL bytes"),
        "long row": (write("long.csv", b"a,b\n1,2\n1,2,3\n"), "line 3: 3 fields, the header has 2"),
        "open quote": (write("quote.csv", b'a,b\n"1,2\n'), "line 2"),
        "broken database": (
            write("bad.sqlite", b"SQLite format 3\0" + b"x" * 5000),
            "cannot be read as a SQLite database",
        ),
        "no tables": (database("CREATE TABLE t (a); DROP TABLE t;"), "no table with rows"),
        "no rows": (database("CREATE TABLE t (a)"), "no table with rows"),
    }


@pytest.mark.parametrize("what", list(cannot_be_used(Path())))
def test_data_that_cannot_be_used_is_refused_with_the_reason(what: str, tmp_path: Path) -> None:
    make, reason = cannot_be_used(tmp_path)[what]
    with pytest.raises(UsageError, match=reason):
        TableQA(data=str(make())).taskset(0)


def test_data_that_gives_no_questions_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "flat.csv").write_text("n\n1\n1\n1\n1\n")
    with pytest.raises(UsageError, match="a unique text column"):
        TableQA(data=str(tmp_path)).taskset(0)[0]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("{", "schema.json"),
        ('{"tables": {"town": {}}}', "town"),
        ('{"tables": {"towns": {"columns": {"size": {}}}}}', "towns.size"),
        ('{"tables": {"towns": {"key": "people"}}}', "takes towns.people for unique"),
        ('{"tables": {"towns": {"colour": "red"}}}', "colour"),
    ],
)
def test_a_schema_file_that_does_not_fit_is_refused(words: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "towns.csv").write_text("town,people\nA,1\nB,1\nC,2\n")
    (tmp_path / "schema.json").write_text(words)
    with pytest.raises(UsageError, match=reason):
        open_source(str(tmp_path))

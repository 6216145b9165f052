"""What counts as the same end: changes by content and by class of comparison, never by the path or by ids."""

from pathlib import Path
from typing import Any

import pytest

from envgym.environments.tool_world.net import agreement, difference, net
from envgym.environments.tool_world.transaction import Tx
from envgym.environments.tool_world.world import World
from envgym.environments.tool_world.worlds import retail
from envgym.registry import load

Archive: Any = load(f"{Path(__file__).with_name('archive.py')}:Archive")
PERSON = {"email": "a@example.org", "level": "low", "credit": 3}
FOLDER: dict[str, Any] = {"kind": "map", "pages": 1, "due_on": "2026-05-05", "sealed": 0}


@pytest.fixture
def world() -> World:
    """An archive with one person, one folder, one sheet."""
    made = World(Archive.domain)
    made.seed = 7
    tx = Tx(made)
    person = tx.new("Person", name="Ada Abara", **PERSON)
    folder = tx.new("Folder", owner=person, **FOLDER, remark="old")
    tx.new("Sheet", folder=folder, number=1)
    made.execute("DELETE FROM _journal")
    made.execute("SAVEPOINT episode")
    return made


def row(world: World, table: str) -> Any:
    """The first row of a table."""
    return Tx(world).row(table, world.execute(f'SELECT id FROM "{table}"').fetchone()[0])


def changed(world: World) -> Any:
    return difference(world.domain, world.journal())


def after(world: World, *changes: tuple[str, str, Any]) -> Any:
    """The difference after these fields were set, from the start."""
    world.restart()
    for table, field, value in changes:
        setattr(row(world, table), field, value)
    return changed(world)


def test_changes_that_cancel_out_vanish(world: World) -> None:
    assert (
        after(
            world,
            ("folder", "pages", 5),
            ("folder", "pages", 1),
            ("folder", "state", "lent"),
            ("folder", "state", "open"),
        )
        == []
    )
    made = Tx(world).new("Sheet", folder=row(world, "folder"), number=4)
    Tx(world).delete(made)
    assert changed(world) == []


def test_the_order_of_changes_does_not_count(world: World) -> None:
    one, other = ("folder", "pages", 5), ("person", "credit", 9)
    assert after(world, one, other) == after(world, other, one) != after(world, one)


def test_a_row_that_is_deleted_and_made_again_is_gone_and_new(world: World) -> None:
    Tx(world).delete(row(world, "sheet"))
    Tx(world).new("Sheet", folder=row(world, "folder"), number=1)
    assert sorted(entry["was"] for entry in changed(world)) == ["gone", "new"]


def test_a_new_row_counts_by_its_content(world: World) -> None:
    def made(number: int, *, before: int) -> Any:
        world.restart()
        world.inserted = before  # so that its id is another one
        Tx(world).new("Sheet", folder=row(world, "folder"), number=number)
        return changed(world)

    assert made(7, before=0) == made(7, before=5) != made(8, before=0)


def test_a_reference_to_a_new_row_counts_by_what_that_row_holds(world: World) -> None:
    def made(name: str, before: int) -> Any:
        world.restart()
        world.inserted = before
        tx = Tx(world)
        folder = tx.new("Folder", owner=tx.new("Person", name=name, **PERSON | {"email": "n@example.org"}), **FOLDER)
        tx.new("Sheet", folder=folder, number=2)
        return changed(world)

    assert made("Ola Lin", 0) == made("Ola Lin", 9) != made("Ole Lin", 0)
    sheet = next(entry for entry in made("Ola Lin", 0) if entry["at"] == "sheet/")
    assert sheet["fields"]["folder"]["owner"]["email"] == "n@example.org"


def test_two_new_rows_of_one_content_are_two(world: World) -> None:
    world.restart()
    Tx(world).new("Sheet", folder=row(world, "folder"), number=7)
    one = changed(world)
    Tx(world).new("Sheet", folder=row(world, "folder"), number=7)
    two = changed(world)
    assert (len(one), len(two)) == (1, 2)
    assert one != two
    assert agreement(two, one) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (("person", "name", "ADA ABARA"), True),
        (("person", "name", "ada  abara "), True),
        (("person", "name", "Ada Abra"), False),
        (("person", "level", "high"), False),
        (("folder", "remark", "other words"), True),
        (("folder", "touched_at", "2026-05-01 10:00"), True),
        (("folder", "closed_on", "2026-05-01"), False),
    ],
)
def test_a_column_compares_as_its_field_says(world: World, change: tuple[str, str, Any], same: bool) -> None:
    if change[1] == "remark":
        assert after(world, change) == after(world, (*change[:2], "and others again")) != []
        assert after(world, (*change[:2], None)) != after(world, change)
    else:
        assert (after(world, change) == []) is same


def test_agreement_is_the_share_of_entries_that_match(world: World) -> None:
    want = after(world, ("folder", "pages", 5), ("person", "credit", 9))
    got = after(world, ("folder", "pages", 5), ("person", "credit", 8))
    assert (agreement(got, want), agreement(want, want), agreement([], want), agreement([], [])) == (0.5, 1.0, 0.0, 1.0)
    assert agreement(want[:1], want) == pytest.approx(2 / 3)


def test_a_change_of_a_row_counts_from_first_to_last() -> None:
    steps = [
        ("t", "1", [1], [2]),
        ("t", "2", None, [5]),
        ("t", "1", [2], [3]),
        ("t", "3", [1], None),
        ("t", "2", [5], None),
    ]
    assert net(steps) == [("t", "1", [1], [3]), ("t", "3", [1], None)]


def test_every_domain_says_which_of_its_texts_are_free() -> None:
    free = {
        name
        for table in retail.domain.tables.values()
        for name, field in table.fields.items()
        if field.kind == "note" and field.compare != "free"
    }
    assert free == set()

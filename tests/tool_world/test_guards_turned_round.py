"""Conditions of operations, read as text and turned round: whatever its form, rows are found on which it holds, or on which it fails."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from envgym.environments.tool_world.chain.lay import Layer, NotLaid
from envgym.environments.tool_world.generated_base import base_of
from envgym.environments.tool_world.reading import read_operation
from envgym.environments.tool_world.world import World
from envgym.registry import load

SEEDS = 4
ARCHIVE = Path(__file__).with_name("archive.py").read_text("utf-8")
FORMS = {
    "equal": 'folder.kind == "deed"',
    "equal_number": "folder.pages == 77",
    "unequal": 'folder.kind != "plan"',
    "among": 'folder.kind in ("deed", "map")',
    "not_among": 'folder.kind not in ("plan", "deed")',
    "less": "folder.pages < 3",
    "at_most": "folder.pages <= 2",
    "more": "folder.pages > 97",
    "at_least": "folder.pages >= 98",
    "constant_first": "98 <= folder.pages",
    "no_date": "folder.closed_on is None",
    "a_date": "folder.closed_on is not None",
    "later_than": "folder.due_on > tx.days(15)",
    "before": "folder.due_on < tx.today",
    "a_date_in_time": "folder.closed_on is not None and folder.closed_on >= tx.days(-3)",
    "flag": "folder.sealed",
    "no_flag": "not folder.sealed",
    "both": "folder.sealed and folder.pages > 90",
    "either": "folder.pages > 99 or folder.sealed",
    "neither": "not (folder.sealed or folder.pages < 60)",
    "nested": '(folder.kind == "map" or folder.kind == "deed") and not folder.pages < 50',
    "over_a_hop": 'folder.owner.level == "high"',
    "same_row": "folder.owner == person",
    "other_row": "folder.owner != person",
    "two_columns": "folder.pages < person.credit",
    "sum_of_columns": "folder.pages + person.credit <= 9",
    "product": "folder.pages * 2 >= 190",
    "sum_over_rows": "sum(sheet.number for sheet in folder.sheets) >= 60",
    "any_row": "any(sheet.number == 7 for sheet in folder.sheets)",
    "all_rows": "all(sheet.number > 20 for sheet in folder.sheets)",
    "state": 'folder.state == "lent"',
}
BODIES = {
    "local_name": ("    owner = folder.owner\n    least = 90\n", "owner.credit >= least"),
    "local_of_local": ("    owner = folder.owner\n    credit = owner.credit\n", "credit >= 90"),
    "loop": ("    for sheet in folder.sheets:\n    ", "sheet.number > 20"),
    "loop_over_loop": (
        "    for each in folder.owner.folders:\n        for sheet in each.sheets:\n        ",
        "sheet.number > 9",
    ),
    "helper": ("    rich(tx, folder.owner)\n", "folder.pages > 0"),
    "after_if": ("    if folder.pages >= 0:\n    ", "folder.pages > 95"),
    "returned": ("", "thick(folder)"),
    "not_returned": ("", "not thin(folder, least=97)"),
    "returned_and_more": ("", 'thick(folder) and folder.kind == "map"'),
    "returned_number": ("", "worth(folder) >= 196"),
    "returned_row": ("", 'keeper(folder).level == "high" and keeper(folder).credit == 77'),
    "returned_of_each": ("", "all(late(sheet) for sheet in folder.sheets)"),
    "local_returned": ("    fat = thick(folder)\n", "fat"),
}
HELPER = """
def thick(folder: Folder) -> bool:
    least = 95
    return folder.pages >= least and folder.sealed


def thin(folder: Folder, least: int = 3) -> bool:
    return folder.pages < least


def worth(folder: Folder) -> int:
    return folder.pages + folder.owner.credit


def keeper(folder: Folder) -> Person:
    return folder.owner


def late(sheet: Sheet) -> bool:
    return sheet.number == 50


def rich(tx: Tx, somebody: Person) -> None:
    credit = somebody.credit
    tx.require(credit >= 95, "rich")
"""


def operation(name: str, before: str, condition: str) -> str:
    """The text of an operation with one condition."""
    say = " | ".join(f"{name} {number} {{folder}} {{person}}" for number in range(6))
    return f'''
@archive.op(say=phrases("{say}"))
def {name}(tx: Tx, folder: Folder, person: Person) -> None:
    """Demands something."""
{before}    tx.require({condition}, "{name}")
    person.level = "low" if person.level == "high" else "high"

'''


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An archive with an operation for each form of a condition."""
    made = [operation(name, "", condition) for name, condition in FORMS.items()]
    made += [operation(name, *body) for name, body in BODIES.items()]
    text = ARCHIVE.replace('level = choice("low", "high", search=True, edit=True)', 'level = choice("low", "high")')
    text = text.replace("\nclass Archive", HELPER + "".join(made) + "\nclass Archive").replace(
        "number = integer(1, 50, edit=True)", "number = integer(1, 50)"
    )
    path = tmp_path_factory.mktemp("forms") / "forms.py"
    path.write_text(text, "utf-8")
    return load(f"{path}:Archive").domain


def laid(archive: Any, name: str, seed: int) -> tuple[Layer, Any, Any]:
    """A world in which an operation can be carried out, and with what."""
    world = World(archive, base_of(archive, 0, 1).content, base=(0, 1))
    world.begin([], seed=seed)
    layer = Layer(world, Random(seed))
    return layer, archive.operations[name], layer.lay(archive.operations[name])


@pytest.mark.parametrize("name", [*FORMS, *BODIES])
def test_rows_are_found_on_which_a_condition_holds(archive: Any, name: str) -> None:
    for seed in range(SEEDS):
        layer, found, arguments = laid(archive, name, seed)
        with layer.world.transaction() as tx:
            found.function(tx, **layer.bind(tx, arguments))


@pytest.mark.parametrize("name", [*FORMS, *BODIES])
def test_rows_are_found_on_which_a_condition_fails(archive: Any, name: str) -> None:
    for seed in range(SEEDS):
        layer, found, arguments = laid(archive, name, seed)
        guard = read_operation(archive, found).guards[-1 if name != "helper" else 0]
        assert layer.repair(guard, arguments, hold=False)
        assert layer.refusal(found, arguments) == guard.why


def test_what_a_condition_needs_is_not_in_the_base_already(archive: Any) -> None:
    """Else these tests would pass without any repair."""
    world = World(archive, base_of(archive, 0, 1).content, base=(0, 1))
    world.begin([], seed=1)
    layer = Layer(world, Random(1))
    names = [*FORMS, *BODIES]
    met = 0
    for name in names:
        found = archive.operations[name]
        arguments = {parameter.name: layer.argument(parameter) for parameter in found.parameters}
        met += layer.refusal(found, arguments) is None
    assert met < len(names) / 2


def test_a_condition_that_no_row_can_meet_is_told_by_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "never.py"
    text = operation("never", "", "sum(sheet.number for sheet in folder.sheets) < 0")
    path.write_text(
        ARCHIVE.replace(", edit=True)\n    credit", ")\n    credit").replace(
            "\nclass Archive", text + "\nclass Archive"
        ),
        "utf-8",
    )
    with pytest.raises(NotLaid, match="never: never"):
        laid(load(f"{path}:Archive").domain, "never", 0)


def test_a_repair_leaves_every_state_of_the_world_legal(archive: Any) -> None:
    for name in FORMS:
        layer, _, _ = laid(archive, name, 3)
        assert layer.world.execute("PRAGMA defer_foreign_keys").fetchone() == (0,)
        bad = layer.world.execute(
            "SELECT count(*) FROM folder WHERE owner_id NOT IN (SELECT id FROM person)"
        ).fetchone()
        assert bad == (0,)

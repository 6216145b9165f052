"""Conditions that can never hold are told with their line, and no condition is that can."""

import ast
from itertools import product
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from envgym import UsageError
from envgym.environments.tool_world.check import domain_named, faults_of, link
from envgym.environments.tool_world.contradiction import contradictions
from envgym.registry import load

ARCHIVE = Path(__file__).with_name("archive.py").read_text("utf-8")
HELPERS = """
BOUND = 101


def thick(folder: Folder) -> bool:
    return folder.pages > 90


def must_be_thin(tx: Tx, folder: Folder) -> None:
    tx.require(folder.pages < 50, "thin")


"""
HEAD = '''
@archive.op(say=phrases("{say}"), takes={{"count": integer(1, 5)}})
def probe(tx: Tx, folder: Folder, person: Person, sheets: list[Sheet], count: int) -> None:
    """Demands something."""
{body}    person.level = "low" if person.level == "high" else "high"

'''
NEVER = {
    "two states": (
        ['folder.state == "open"', 'folder.state == "lent"'],
        1,
        "folder.state == 'lent' can never hold together with folder.state == 'open' (line {0});",
    ),
    "sets that do not meet": (
        ['folder.kind in ("plan", "deed")', 'folder.kind in ("map",)'],
        1,
        "can never hold together with folder.kind in ('plan', 'deed')",
    ),
    "nothing left of a choice": (
        ['folder.kind != "plan"', 'folder.kind not in ("deed", "map")'],
        1,
        "can never hold together with folder.kind != 'plan'",
    ),
    "above the range": (
        ["folder.pages > 100"],
        0,
        "can never hold, since folder.pages is 0 to 100; widen what is possible",
    ),
    "above a bound of the module": (["folder.pages >= BOUND"], 0, "folder.pages is 0 to 100"),
    "a product out of reach": (
        ["person.credit >= folder.pages * count + 101"],
        0,
        "since person.credit is 0 to 100 and folder.pages is 0 to 100 and count is 1 to 5",
    ),
    "a parameter out of range": (["count > 5"], 0, "count > 5 can never hold, since count is 1 to 5"),
    "bounds that cross": (
        ["folder.pages < 10", "person.credit > folder.pages", "person.credit <= folder.pages"],
        2,
        "can never hold together with person.credit > folder.pages",
    ),
    "bounds over three places": (
        ["folder.pages >= person.credit", "person.credit >= 60", "folder.pages < 50"],
        0,
        "can never hold together with the other conditions",
    ),
    "dates": (
        ["folder.due_on > tx.days(5)", "folder.due_on < tx.today"],
        1,
        "can never hold together with folder.due_on > tx.days(5)",
    ),
    "a date that is not set": (
        ["folder.closed_on is None", "folder.closed_on >= tx.days(-3)"],
        1,
        "can never hold together with folder.closed_on is None",
    ),
    "a column that is always set": (["folder.due_on is None"], 0, "folder.due_on is any"),
    "a flag and its opposite": (["folder.sealed", "not folder.sealed"], 1, "together with folder.sealed"),
    "the same row and another": (
        ["folder.owner == person", "person != folder.owner"],
        1,
        "can never hold together with folder.owner == person",
    ),
    "a row and itself": (["person != person"], 0, "person != person can never hold"),
    "an or without a way": (
        ["folder.pages < 10", "folder.pages > 20 or folder.pages == 15"],
        1,
        "can never hold together with folder.pages < 10",
    ),
    "what a function returns": (
        ["thick(folder)", "folder.pages <= 90"],
        1,
        "folder.pages <= 90 can never hold together with thick(folder)",
    ),
    "the first of the rows that are given": (
        ["sheets[0].number > 40", "sheets[0].number in (3, 4)"],
        1,
        "together with sheets[0].number > 40",
    ),
    "a constant": (["False"], 0, "False can never hold; widen"),
}
NEVER_BODIES = {
    "through names": (
        '    state = folder.state\n    tx.require(state == "open", "a")\n    tx.require(folder.state == "lent", "b")\n',
        'tx.require(folder.state == "lent"',
        "together with state == 'open'",
    ),
    "in a function that is called": (
        '    tx.require(folder.pages > 60, "a")\n    must_be_thin(tx, folder)\n',
        'tx.require(folder.pages < 50, "thin")',
        "folder.pages < 50 can never hold together with folder.pages > 60",
    ),
    "in a loop over what is given": (
        '    for sheet in sheets:\n        tx.require(sheet.number > 9, "a")\n        tx.require(sheet.number < 3, "b")\n',
        "tx.require(sheet.number < 3",
        "together with sheet.number > 9",
    ),
    "functions that never end": (
        "    again(folder)\n",
        "    again(folder)",
        "again: functions call each other at most 4 deep",
    ),
    "a state that no move leads to from there": (
        '    tx.require(folder.state == "torn", "a")\n    folder.state = "lent"\n',
        'folder.state = "lent"\n    person.level',
        "folder.state is 'torn' here, from where no move leads to 'lent'; add the move",
    ),
}
CAN = {
    "a state that is set in between": '    tx.require(folder.state == "open", "a")\n    folder.state = "lent"\n'
    '    tx.require(folder.state == "lent", "b")\n',
    "a number that is set in between": '    tx.require(folder.pages < 10, "a")\n    folder.pages += 50\n'
    '    tx.require(folder.pages > 20, "b")\n',
    "a number that a function sets": '    tx.require(folder.pages < 10, "a")\n    filled(folder)\n'
    '    tx.require(folder.pages > 20, "b")\n',
    "a name that is given again": '    state = folder.kind\n    tx.require(state == "map", "a")\n    state = person.level\n'
    '    tx.require(state == "low", "b")\n',
    "an argument that is given again": '    tx.require(count < 3, "a")\n    count = count + 3\n    tx.require(count > 3, "b")\n',
    "branches": '    if count > 3:\n        tx.require(folder.pages > 90, "a")\n    else:\n        tx.require(folder.pages < 9, "b")\n',
    "after a return": '    if count > 3:\n        return\n    tx.require(count < 3, "a")\n    tx.require(folder.pages > 100, "b")\n',
    "in a loop that may be empty": '    for sheet in folder.sheets:\n        tx.require(sheet.number > 50, "a")\n',
    "after a round that is left out": "    for sheet in sheets:\n        if sheet.number > 9:\n            continue\n"
    '        tx.require(sheet.number > 50, "a")\n',
    "what is only looked at if need be": '    good = count > 3 or demanded(tx, folder)\n    tx.require(folder.pages < 9, "a")\n',
    "rows of two names": '    tx.require(folder.owner.level == "low", "a")\n    tx.require(person.level == "high", "b")\n',
    "the last of some rows": '    last = folder\n    for last in person.folders:\n        tx.require(last.pages < 101, "a")\n'
    '    tx.require(last.pages > 3, "b")\n',
    "money without end": '    tx.require(folder.pages * 10000 > 900000, "a")\n',
    "today": '    tx.require(folder.closed_on and folder.closed_on >= tx.today, "a")\n',
    "a moment between two hours": '    tx.require(tx.now < folder.touched_at < tx.hours(1), "a")\n',
    "a date that is written out": '    tx.require(folder.due_on < "2026-01-01", "a")\n    tx.require(folder.due_on > "2025-01-01", "b")\n',
}
SETTING = """
def filled(folder: Folder) -> bool:
    folder.pages = 60
    return True


def again(folder: Folder) -> None:
    again(folder)


def demanded(tx: Tx, folder: Folder) -> bool:
    tx.require(folder.pages > 90, "not too thin")
    return True


"""


def text_of(body: str) -> str:
    """The archive with one more operation."""
    say = " | ".join(f"probe {number} {{folder}} {{person}} {{sheets}} {{count}}" for number in range(6))
    text = ARCHIVE.replace('level = choice("low", "high", search=True, edit=True)', 'level = choice("low", "high")')
    text = text.replace('states("open > lent > open")', 'states("open > lent > open", "open > torn")')
    text = text.replace("number = integer(1, 50, edit=True)", "number = integer(1, 50)")
    return text.replace("\nclass Archive", HELPERS + SETTING + HEAD.format(say=say, body=body) + "\nclass Archive")


def told(body: str, folder: Path) -> tuple[str, list[str]]:
    """The text of the file, and what is told about it."""
    path, text = folder / "archive.py", text_of(body)
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError) as error:
        load(f"{path}:Archive")
    return text, str(error.value).splitlines()


def line_of(text: str, marker: str) -> int:
    return text[: text.index(marker)].count("\n") + 1


@pytest.mark.parametrize("name", NEVER)
def test_conditions_that_cannot_hold_are_told_with_their_line(name: str, tmp_path: Path) -> None:
    tests, which, what = NEVER[name]
    text, lines = told("".join(f'    tx.require({test}, "{number}")\n' for number, test in enumerate(tests)), tmp_path)
    places = [line_of(text, f'tx.require({test}, "{number}")') for number, test in enumerate(tests)]
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"{tmp_path}/archive.py:{places[which]}: probe: "), (lines, places)
    assert what.format(*places) in lines[0]


@pytest.mark.parametrize("name", NEVER_BODIES)
def test_what_cannot_hold_is_found_through_the_body(name: str, tmp_path: Path) -> None:
    body, marker, what = NEVER_BODIES[name]
    text, lines = told(body, tmp_path)
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"{tmp_path}/archive.py:{line_of(text, marker)}: probe: ")
    assert what in lines[0]


@pytest.mark.parametrize("name", CAN)
def test_what_can_hold_is_not_told(name: str, tmp_path: Path) -> None:
    path = tmp_path / "archive.py"
    path.write_text(text_of(CAN[name]), "utf-8")
    assert "probe" in load(f"{path}:Archive").domain.operations


# ---- random conditions, against every row that there can be

VALUES: dict[str, tuple[Any, ...]] = {
    "thing.kind": ("a", "b", "c"),
    "thing.worn": (False, True),
    "thing.size": (0, 1, 2, 3),
    "thing.rank": (None, 0, 1, 2),
    "count": (1, 2, 3),
}
SMALL = '''
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import choice, flag, integer, phrases
from envgym.environments.tool_world.transaction import Tx

small = Domain("small", role="a clerk", now="2026-05-04 09:00")


@small.entity("T-***", known=True)
class Thing(Entity):
    """A thing."""

    kind = choice("a", "b", "c")
    worn = flag()
    size = integer(0, 3)
    rank = integer(0, 2, optional=True)
    touched = flag()
'''
SMALL_OPERATION = '''

@small.op(say=phrases("1 {{thing}} {{count}} | 2 {{thing}} {{count}}"), takes={{"count": integer(1, 3)}})
def probe{number}(tx: Tx, thing: Thing, count: int) -> None:
    """Probes."""
{body}    thing.touched = True
'''


NUMBERS = ("thing.size", "count", "thing.size + count", "count * 2 - thing.size", "0", "2", "3", "5")


def condition(rng: Random, depth: int) -> str:
    """A random condition over the columns of a thing and a number."""
    form = rng.randrange(9 if depth else 6)
    if form == 0:
        return f"thing.kind {rng.choice(('==', '!='))} {rng.choice('abc')!r}"
    if form == 1:
        return f"thing.kind {rng.choice(('in', 'not in'))} {tuple(rng.sample('abc', 2))}"
    if form == 2:
        return f"{rng.choice(NUMBERS)} {rng.choice(('<', '<=', '>', '>=', '==', '!='))} {rng.choice(NUMBERS)}"
    if form == 3:
        return rng.choice(("thing.worn", "not thing.worn", "thing.size", "not thing.size", "thing.rank is None"))
    if form == 4:
        return f"thing.rank is not None and thing.rank {rng.choice(('<', '>', '==', '!='))} {rng.choice(NUMBERS)}"
    if form == 5:
        return f"{rng.choice(NUMBERS)} <= {rng.choice(NUMBERS)} < {rng.choice(NUMBERS)}"
    if form == 6:
        return f"not ({condition(rng, depth - 1)})"
    joint = " and " if form == 7 else " or "
    return f"({condition(rng, depth - 1)}{joint}{condition(rng, depth - 1)})"


def satisfiable(tests: list[str]) -> bool:
    """Whether some thing and some number meet all of these."""
    codes = [compile(ast.parse(test, mode="eval"), "<test>", "eval") for test in tests]
    for values in product(*VALUES.values()):
        given = dict(zip(VALUES, values, strict=True))
        thing = SimpleNamespace(**{name.partition(".")[2]: value for name, value in given.items() if "." in name})
        if all(eval(code, {"thing": thing, "count": given["count"]}) for code in codes):
            return True
    return False


def test_random_conditions_that_are_told_have_no_row_that_meets_them(tmp_path: Path) -> None:
    rng = Random(5)
    probes = [[condition(rng, 2) for _ in range(rng.randrange(1, 5))] for _ in range(600)]
    text = SMALL
    for number, tests in enumerate(probes):
        body = "".join(f'    tx.require({test}, "no")\n' for test in tests)
        text += SMALL_OPERATION.format(number=number, body=body)
    path = tmp_path / "small.py"
    path.write_text(text, "utf-8")
    domain = domain_named(f"{path}:small")
    link(domain)
    found = [bool(list(contradictions(domain, domain.operations[f"probe{number}"]))) for number in range(len(probes))]
    can = [satisfiable(tests) for tests in probes]
    wrong = [tests for tests, told_, able in zip(probes, found, can, strict=True) if told_ and able]
    assert not wrong
    impossible = can.count(False)
    assert impossible > 60
    assert sum(found) > 0.7 * impossible, (sum(found), impossible)


# ---- files of one folder


def test_a_fault_in_a_function_of_another_file_is_told_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "archive_of_files"
    package.mkdir()
    rows, _, rest = ARCHIVE.partition("SAY_LEND")
    (package / "rows.py").write_text(rows, "utf-8")
    helper = "def thin(tx, folder):\n    tx.require(folder.pages < 9, 'thin')\n    folder.colour = 'red'\n    folder.kind = 'book'\n"
    (package / "helper.py").write_text(helper, "utf-8")
    names = "Domain, Entity, Folder, Person, Sheet, ToolWorld, Tx, archive, phrases"
    lend = rest.replace('    folder.state = "lent"\n', '    tx.require(folder.pages > 60, "a")\n    thin(tx, folder)\n')
    package_name = package.name
    (package / "__init__.py").write_text(
        f"from {package_name}.rows import {names}\nfrom {package_name}.lending import Archive\n", "utf-8"
    )
    (package / "lending.py").write_text(
        f"from {package_name}.rows import {names}\nfrom {package_name}.helper import thin\nSAY_LEND{lend}".replace(
            "\n\nclass Archive(ToolWorld):\n    domain = archive\n", "\nArchive = archive\n"
        ),
        "utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    domain = domain_named(f"{package_name}:Archive")
    link(domain)
    lines = [str(fault) for fault in faults_of(domain)]
    where = f"{package}/helper.py"
    assert any(line.startswith(f"{where}:3: lend: folder has no field 'colour'") for line in lines), lines
    assert any(line.startswith(f"{where}:4: lend: folder.kind cannot be 'book'") for line in lines), lines
    assert any(line.startswith(f"{where}:2: lend: folder.pages < 9 can never hold") for line in lines), lines
    assert any("(" + f"{package}/lending.py, line " in line for line in lines), lines

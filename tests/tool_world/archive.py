"""A small archive: every class of comparison, every kind of policy. In a file of its own, so that any process can load it by its path."""

from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import (
    choice,
    date,
    email,
    flag,
    full_name,
    integer,
    moment,
    note,
    phrases,
    ref,
    states,
)
from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.environments.tool_world.transaction import Tx

archive = Domain("archive", role="a clerk of an archive", now="2026-05-04 09:00")


@archive.entity("P-****", find=["email"], create=True, rows=8)
class Person(Entity):
    """Somebody who may borrow."""

    name = full_name(edit=True)
    email = email(unique=True)
    level = choice("low", "high", search=True, edit=True)
    credit = integer(0, 100)


@archive.entity("F-***", known=True, create=True, delete=True, rows=12)
class Folder(Entity):
    """A folder of sheets."""

    owner = ref(Person, many="folders", per=(1, 2))
    kind = choice("plan", "deed", "map", search=True)
    pages = integer(0, 100)
    due_on = date(-20, 20)
    closed_on = date(-30, 0, optional=True)
    sealed = flag(0.3)
    remark = note(edit=True)
    touched_at = moment(-9, 0, compare="volatile", default="now", edit=True)
    state = states("open > lent > open")


@archive.entity("S-*****", known=True, create=True, delete=True, rows=12)
class Sheet(Entity):
    """A sheet in a folder."""

    folder = ref(Folder, many="sheets", per=(1, 3), inline=True)
    number = integer(1, 50, edit=True)


SAY_LEND = """lend {folder} to {person} | give {folder} to {person} | let {person} have {folder} | hand {folder} to {person}
    | {person} should get {folder} | book {folder} out to {person}"""
SAY_BURN = "burn {folder} | shred {folder} | destroy {folder} | get rid of {folder} | have {folder} shredded | put {folder} on the fire"
SAY_NOTIFY = (
    "tell {person} | notify {person} | let {person} know | inform {person} | write to {person} | send word to {person}"
)


@archive.op(say=phrases(SAY_LEND))
def lend(tx: Tx, folder: Folder, person: Person) -> None:
    """Lends a folder that is there."""
    tx.require(folder.state == "open", "the folder has to be there")
    folder.state = "lent"
    person.credit -= 1


@archive.op(say=phrases(SAY_BURN))
def shred(tx: Tx, folder: Folder) -> None:
    """Shreds the sheets of a folder."""
    tx.require(not folder.sealed, "sealed folders are not shredded")
    folder.pages = 0


@archive.op(say=phrases(SAY_NOTIFY))
def notify(tx: Tx, person: Person) -> None:
    """Notifies a person, who gets a credit for it."""
    person.credit += 1


archive.move(
    "take_back", Folder, "state", "lent > open", say=phrases("take {folder} back | get {folder} back | shelve {folder}")
)
archive.identify("Look somebody up first.", by=["find_person_by_email"], before=[shred])
archive.confirm("Ask before shredding.", before=[shred])
archive.at_most(1, "A person is lent one folder.", of=[lend], per="person")
archive.together("Who shreds notifies.", when=shred, then=notify)


@archive.policy("Maps of more than 90 pages stay here, and so does what closed within a week.", on=[lend])
def large_maps(tx: Tx, folder: Folder) -> object:
    return (folder.kind != "map" or folder.pages <= 90) and (folder.closed_on is None or folder.closed_on < tx.days(-7))


class Archive(ToolWorld):
    domain = archive

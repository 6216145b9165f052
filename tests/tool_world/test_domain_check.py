"""The check of a domain: whatever is wrong with its file is told by line, with what to do. Each case is one slip in the sound example."""

import re
from pathlib import Path

import pytest

from envgym import UsageError
from envgym.registry import load

SOUND = (Path(__file__).parents[2] / "examples" / "my_tool_world.py").read_text("utf-8")
MEMBER, BIKE, RIDE = '@rental.entity("M-', '@rental.entity("B-', '@rental.entity("R-'
RENT = "@rental.op(say=phrases(SAY_RENT)"
LOOKUP = "rental.identify("
TROUBLE = """
rental.trouble("stuck", Bike, say=["{row} is stuck"], works=lambda bike: bike.state != "broken", faults={"repair": lambda tx, row: None})
"""
SLIPS = {
    "a reference that dangles": ("bike = ref(Bike,", 'bike = ref("Tricycle",', RIDE, "Ride.bike points at nothing"),
    "two lists of one name": (
        "    due_on =",
        '    spare = ref(Bike, many="rides", optional=True)\n    due_on =',
        RIDE,
        "bike has a 'rides' already; rename many=",
    ),
    "a table that says nothing": ('    """Somebody with an account."""\n', "", MEMBER, "member needs a docstring"),
    "a key that is no field": ('find=["email"]', 'find=["mail"]', MEMBER, "find names 'mail', which is no field"),
    "a shared owner that is none": (
        'ref(Bike, many="rides")',
        'ref(Bike, many="rides", same="member")',
        RIDE,
        "same='member' has to be a field of ride and of bike",
    ),
    "a field with a name of ours": (
        "    days = integer",
        "    rows = integer",
        RIDE,
        "a field cannot be called 'rows'",
    ),
    "a row that nobody can name": ('"B-***", known=True', '"B-***"', BIKE, "nobody can speak of a bike: give it known"),
    "a misspelt field in an operation": (
        "member.balance >= bike",
        "member.balnce >= bike",
        "member.balnce",
        "member has no field 'balnce'; there are name",
    ),
    "a field of several rows": (
        "member.balance -= bike",
        "member.rides.days -= bike",
        "member.rides.days",
        "not known to be a row",
    ),
    "a new row that lacks a field": (", days=days, due_on", ", due_on", "tx.new(Ride", "a new ride needs days"),
    "a new row with a field that is none": (
        "tx.new(Ride, ",
        "tx.new(Ride, colour=1, ",
        "tx.new(Ride",
        "ride has no field 'colour'",
    ),
    "a reason that is no text": (
        'free", "the bike has to be free")',
        'free", bike.kind)',
        "bike.kind)",
        "the reason is one plain text",
    ),
    "a statement that cannot be read": (
        '    bike.state = "rented"',
        '    while True:\n        bike.state = "rented"',
        "while True",
        "While is not used in operations",
    ),
    "a verb that transactions have not": (
        '    bike.state = "rented"',
        "    tx.commit()",
        "tx.commit()",
        "tx.commit does not exist; there are require",
    ),
    "too few phrasings": (
        "rent {bike} to {member} for {days} days | let",
        "let",
        RENT,
        "rent has 5 phrasings; at least 6",
    ),
    "a phrasing that forgets an argument": (
        "rent {bike} to {member} for {days} days",
        "rent {bike} to {member}",
        RENT,
        "has to name ['bike', 'days', 'member']",
    ),
    "an operation without effect": (
        '    ride.state = "returned"\n    ride.bike.state = "free"\n    if condition == "damaged":\n        ride.bike.state = "broken"\n',
        "",
        "@rental.op(say=phrases(SAY_RETURN))",
        "take_back neither changes a row nor returns",
    ),
    "a condition on a choice that there is not": (
        'bike.state == "free"',
        'bike.state == "fre"',
        'bike.state == "fre"',
        "bike.state cannot be 'fre'; there are free, rented, broken",
    ),
    "a choice of several that there is not": (
        'bike.state == "free"',
        'bike.state in ("free", "new")',
        '("free", "new")',
        "bike.state cannot be 'new'",
    ),
    "a state that there is not": (
        'ride.state = "returned"',
        'ride.state = "closed"',
        'ride.state = "closed"',
        "ride.state cannot be 'closed'; there are out, returned",
    ),
    "a state that nothing leads to": (
        'states("out > returned")',
        'states("out > returned", "lost > found")',
        RIDE,
        "ride.state: no moves lead from 'out' to 'lost', and nothing asks for it; add the move, or drop the state",
    ),
    "a condition that is never met": (
        'tx.require(bike.state == "free"',
        "tx.require(days > 5",
        "days > 5",
        "rent: days > 5 can never hold, since days is 1 to 5; widen what is possible, or demand something else",
    ),
    "two conditions that exclude each other": (
        'tx.require(ride.bike.state == "rented"',
        'tx.require(ride.state == "returned"',
        'ride.state == "returned"',
        "ride.state == 'returned' can never hold together with ride.state == 'out' (line 65); drop one of them",
    ),
    "a setter on a state": (
        '"free > broken > free", search',
        '"free > broken > free", edit=True, search',
        BIKE,
        "bike.state is a state machine; drop edit=True",
    ),
    "a setter that goes round an operation": (
        "cents(0, 9000)",
        "cents(0, 9000, edit=True)",
        MEMBER,
        "member.balance is set by rent; drop edit=True",
    ),
    "a rule about no operation": ("before=[rent]", 'before=["lend"]', LOOKUP, "there is no operation 'lend'"),
    "a rule about no lookup": (
        '"find_member_by_email"',
        '"find_member_by_mail"',
        LOOKUP,
        "there is no tool 'find_member_by_mail'; did you mean 'find_member_by_email'?",
    ),
    "a count per what is no argument": (
        LOOKUP,
        'rental.at_most(1, "One ride.", of=[rent], per="ride")\nrental.identify(',
        "rental.at_most",
        "per='ride' has to be an argument of each of rent",
    ),
    "a rule that reads what is no argument": (
        "def cargo_by_month(member: Member, ",
        "def cargo_by_month(ride: Ride, member: Member, ",
        '@rental.policy("Cargo',
        "cargo_by_month reads 'ride', which rent has not",
    ),
    "a misspelt field in a rule": (
        'bike.kind != "cargo" or',
        'bike.kid != "cargo" or',
        'bike.kid != "cargo" or',
        "policy cargo_by_month: bike has no field 'kid'",
    ),
    "two tools of one name": ('rental.move("repair"', 'rental.move("get_bike"', "", "two tools are called 'get_bike'"),
    "rows that need each other": (
        "    balance = cents",
        '    ride = ref("Ride")\n    balance = cents',
        MEMBER,
        "member, ride need each other, so none can be the first",
    ),
    "a trouble that nothing repairs": (
        "class Rental",
        TROUBLE.replace('"repair"', '"mend"') + "\n\nclass Rental",
        'rental.trouble("stuck"',
        "no operation 'mend' repairs anything",
    ),
    "a complaint that names nothing": (
        "class Rental",
        TROUBLE.replace("{row} is stuck", "it is stuck") + "\n\nclass Rental",
        'rental.trouble("stuck"',
        "'it is stuck' has to name {row}",
    ),
}


def faults(text: str, folder: Path) -> list[str]:
    """What is told about a domain, line by line."""
    path = folder / "domain.py"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError) as told:
        load(f"{path}:Rental")
    return str(told.value).splitlines()


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_with_its_line_and_what_to_do(slip: str, tmp_path: Path) -> None:
    sound, wrong, marker, what = SLIPS[slip]
    assert sound in SOUND
    text = SOUND.replace(sound, wrong, 1)
    line = text[: text.index(marker)].count("\n") + 1
    told = faults(text, tmp_path)
    assert any(each.startswith(f"{tmp_path}/domain.py:{line}: ") and what in each for each in told), told


def test_a_state_that_no_move_leads_to_is_told(tmp_path: Path) -> None:
    text = SOUND.replace('states("out > returned")', 'states("out > returned", "lost > out")')
    text = text.replace('ride.state = "returned"', 'ride.state = "lost"')
    assert "take_back sets ride.state to 'lost', to which no move leads" in "\n".join(faults(text, tmp_path))


def test_every_fault_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SOUND
    for slip in ("a misspelt field in an operation", "a state that there is not", "a rule about no operation"):
        sound, wrong, *_ = SLIPS[slip]
        text = text.replace(sound, wrong, 1)
    told = faults(text, tmp_path)
    lines = [int(re.findall(r":(\d+): ", each)[0]) for each in told]
    assert len(told) == 3
    assert lines == sorted(lines)


def test_every_reference_that_dangles_is_told(tmp_path: Path) -> None:
    text = SOUND.replace("ref(Bike,", 'ref("Trike",').replace("ref(Member,", 'ref("Guest",')
    assert [("Trike" in each, "Guest" in each) for each in faults(text, tmp_path)] == [(False, True), (True, False)]


@pytest.mark.parametrize(
    ("sound", "wrong", "what"),
    [
        ('takes={"days"', 'takes={"day"', "takes describes 'day', which is no argument"),
        (
            '    """Rents a free bicycle; the price of all days is taken from the balance."""\n',
            "",
            "rent needs a docstring",
        ),
        ("def rent(tx: Tx, member", "def rent(member", "the first argument is tx"),
        ("def take_back(", "def rent(", "there is an operation 'rent' already"),
        ('condition: Literal["intact", "damaged"]', "condition: str", "argument 'condition': annotate it"),
    ],
)
def test_a_function_that_cannot_become_a_tool_is_told(sound: str, wrong: str, what: str, tmp_path: Path) -> None:
    assert sound in SOUND
    text = SOUND.replace(sound, wrong)
    assert any(re.search(r"domain\.py:\d+: ", each) and what in each for each in faults(text, tmp_path))

"""Rows of an IT service desk: people, accounts and computers, tickets, problems and changes, groups, software, shifts on call.

What stands on the screen or the desk of a colleague is hidden from the agent: the colleague has to look, and to touch it.
"""

from envgym.environments.tool_world.calendar import WEEKDAYS, later, shifted, weekday
from envgym.environments.tool_world.domain import Domain, Style
from envgym.environments.tool_world.entity import Entity
from envgym.environments.tool_world.fields import (
    cents,
    choice,
    city,
    code,
    date,
    email,
    flag,
    full_name,
    integer,
    moment,
    note,
    ref,
    states,
    words,
)
from envgym.environments.tool_world.transaction import Tx

STYLE = Style(
    get="show_{noun}",
    find="find_{noun}_by_{keys}",
    list="{parent}_{children}",
    search="filter_{nouns}",
    edit="change_{noun}_{field}",
    create="log_{noun}",
    delete="discard_{noun}",
    camel=True,
    error="status",
    page=12,
)
HOURS = {"P1": 4, "P2": 8, "P3": 24, "P4": 72}
"""Hours from the opening of a ticket to its deadline."""
helpdesk = Domain(
    "helpdesk", role="an analyst at the IT service desk of a company", now="2026-09-07 08:40", style=STYLE
)


@helpdesk.entity("PRN-***", find=["label"], rows=6)
class Printer(Entity):
    """A shared printer."""

    label = code("PR-?##", says="{value}")
    office = city(says="in {value}")
    queue = states("running > paused > running", mostly="running", search=True)
    firmware = choice("5.1", "5.2", "6.0", search=True, says="with firmware {value}")
    paper = states("loaded > empty > loaded", mostly="loaded", hidden=True)
    power = states("on > off > on", mostly="on", hidden=True)


@helpdesk.entity("TM-##", find=["name"], rows=5)
class Team(Entity):
    """A support group."""

    name = words(("Identity", "Network", "Workplace", "Applications", "Data Centre"), ("East", "West"), unique=True)
    mailbox = email(unique=True, says="with the mailbox {value}")


@helpdesk.entity("TEC-***", find=["name"], rows=12)
class Technician(Entity):
    """A member of a support group."""

    name = full_name(unique=True)
    team = ref(Team, many="technicians", per=(2, 3))
    level = choice("L1", "L2", "L3", search=True)
    on_shift = flag(0.7, edit=True, search=True)


@helpdesk.entity("OC-####", known=True, rows=10)
class Duty(Entity):
    """A week on call, from Monday 08:00 on."""

    technician = ref(Technician, many="duties", per=(1, 2))
    starts_on = date(-7, 60, says="starting on {value}")
    swapped = flag(0.0)


@helpdesk.entity("SVC-**", find=["name"], rows=8)
class Service(Entity):
    """Something that IT runs for the company."""

    name = words(
        ("Mail", "Payroll", "CRM", "Wiki", "File Share", "Telephony", "Warehouse System", "Video Calls", "Intranet"),
        unique=True,
    )
    team = ref(Team, many="services")
    critical = flag(0.4, search=True)


@helpdesk.entity("SW-***", find=["title"], rows=8)
class Software(Entity):
    """A product with seats; a seat is paid by the day until the renewal."""

    title = words(
        ("Draft", "Ledger", "Sketch", "Query", "Board", "Vault"),
        ("Studio", "Pro", "Cloud"),
        unique=True,
        says="{value}",
    )
    seats = integer(1, 2000)
    seat_price = cents(4_000, 90_000, edit=True)
    renews_on = date(20, 360, says="that renews on {value}")


@helpdesk.entity("DEP-##", find=["name"], rows=6)
class Department(Entity):
    """A part of the company with a budget of its own for software and equipment."""

    name = words(
        ("Sales", "Finance", "Legal", "Research", "Logistics", "Marketing"), ("North", "South", "Central"), unique=True
    )
    cost_centre = code("CC-####", says="with the cost centre {value}")
    budget = cents(200_000, 4_000_000)


@helpdesk.entity("E#####", known=True, find=["email", "name"], rows=16)
class Employee(Entity):
    """A colleague. Joiners have no account yet, leavers lose theirs on their last day."""

    name = full_name()
    email = email(unique=True)
    department = ref(Department, many="employees", per=(2, 4), search=True)
    manager = ref("Employee", many="reports", optional=True)
    office = city(edit=True, says="at the {value} office")
    vip = flag(0.1, search=True)
    status = states("joining > active > leaving > left", mostly="active", search=True)
    last_day = date(0, 40, optional=True)


@helpdesk.entity("AC-******", find=["username"], rows=16)
class Account(Entity):
    """The directory account that a colleague signs in with."""

    employee = ref(Employee, many="accounts", per=(1, 1), inline=True)
    username = code("??####", says="{value}")
    status = states("open > locked > open > disabled", "locked > disabled", mostly="open", search=True)
    password = states(
        "valid > expired > temporary", "valid > temporary", mostly="valid", says="whose password is {value}"
    )
    authenticator = states("enrolled > lost > enrolled", mostly="enrolled", says="whose authenticator is {value}")
    vpn_access = states("granted > withdrawn > granted", mostly="granted", says="with VPN access {value}")
    sessions = integer(0, 5)


@helpdesk.entity("CMP-*****", find=["tag"], rows=16)
class Computer(Entity):
    """A laptop or desktop in the hands of a colleague, who signs in with the account."""

    employee = ref(Employee, many="computers", per=(1, 1))
    account = ref(Account, same="employee")
    printer = ref(Printer, many="computers")
    tag = code("NB-#####", says="with the tag {value}")
    model = words(
        ("Tarn 14", "Tarn 16", "Fell Mini", "Ridge Tower"), ("G3", "G4", "G5"), says="the {value}", search=True
    )
    bought_on = date(-2200, -60)
    status = states("in_use > in_repair > in_use > retired", "in_use > in_stock", mostly="in_use", search=True)
    domain_trust = states("intact > broken > intact", mostly="intact", says="whose domain trust is {value}")
    certificate = states("valid > expired > valid", mostly="valid", says="whose certificate is {value}")
    compliance = states("compliant > quarantined > compliant", mostly="compliant", search=True)
    print_driver = states("installed > corrupt > installed", mostly="installed", says="whose print driver is {value}")
    caps_lock = states("off > on > off", mostly="off", hidden=True)
    network = states("connected > disconnected > connected", mostly="connected", hidden=True)
    clock = states("right > wrong > right", mostly="right", hidden=True)
    vpn_client = states("current > outdated > current", mostly="current", hidden=True)
    print_jobs = states("clear > stuck > clear", mostly="clear", hidden=True)
    chosen_printer = states("shared > to_file > shared", mostly="shared", hidden=True)


@helpdesk.entity("LN-####", find=["tag"], rows=6)
class Loaner(Entity):
    """A laptop of the pool that is lent out for some days."""

    tag = code("POOL-##", says="{value}")
    model = words(("Tarn 14", "Tarn 16", "Fell Mini"), ("G4", "G5"), search=True, says="of the model {value}")
    borrower = ref(Employee, many="loaners", optional=True)
    due_back = date(1, 20, optional=True, says="due back on {value}")
    status = states("available > lent > available", search=True)


@helpdesk.entity("PRB#####", known=True, rows=6)
class Problem(Entity):
    """The unknown cause behind incidents of one service."""

    service = ref(Service, many="problems", search=True)
    team = ref(Team, many="problems")
    opened_on = date(-40, -2)
    root_cause = choice("configuration", "capacity", "defect", "supplier", optional=True)
    status = states("open > known_error > resolved", "open > resolved", search=True)


@helpdesk.entity("INC#######", known=True, rows=24)
class Incident(Entity):
    """A ticket of a colleague. Its deadline follows from its priority: 4, 8, 24 or 72 hours after it was opened."""

    employee = ref(Employee, many="incidents")
    subject = words(
        ("slow", "no access", "page stays blank", "wrong figures", "error on saving", "times out", "keeps signing out"),
        ("since this morning", "after the update", "now and then", "for the whole team"),
        says='with the subject "{value}"',
    )
    service = ref(Service, many="incidents", says="about {value}", search=True)
    team = ref(Team, many="incidents", search=True)
    technician = ref(Technician, many="incidents", optional=True, same="team")
    problem = ref(Problem, many="incidents", optional=True, same="service")
    opened_at = moment(-5, -1)
    due_at = moment(0, 3)
    priority = choice("P1", "P2", "P3", "P4", search=True)
    escalated = flag(0.1)
    status = states(
        "new > assigned > in_progress > resolved > closed",
        "in_progress > on_hold > in_progress",
        "on_hold > resolved > in_progress",
        search=True,
    )
    solution = choice(
        "fixed", "workaround", "user_error", "duplicate", "fixed_by_problem", optional=True, says="resolved as {value}"
    )


@helpdesk.entity("WN-######", rows=10, noun="work note")
class WorkNote(Entity):
    """Time that a technician has spent on an incident, and on what."""

    incident = ref(Incident, many="work_notes", per=(0, 2), inline=True)
    technician = ref(Technician, many="work_notes")
    minutes = integer(5, 240, says="of {value} minutes")
    text = note(default="looked into it")


@helpdesk.entity("CHG#####", known=True, rows=8)
class Change(Entity):
    """Planned work on a service."""

    service = ref(Service, many="changes", search=True)
    team = ref(Team, many="changes")
    risk = choice("low", "medium", "high", search=True, says="of {value} risk")
    starts_at = moment(3, 30, step=60, hours=(18, 23), says="that starts on {value}")
    hours = integer(1, 6)
    status = states(
        "draft > requested > approved > done > closed", "requested > rejected", "approved > rolled_back", search=True
    )


@helpdesk.entity("SEAT-*****", rows=14)
class Seat(Entity):
    """A seat of a software product that a colleague uses."""

    employee = ref(Employee, many="seats", per=(0, 2))
    software = ref(Software, many="used_seats")
    since = date(-400, -3, default="today", says="held since {value}")
    last_used_on = date(-150, 0, default="today")
    status = states("active > withdrawn", mostly="active")


@helpdesk.entity("GRP-***", find=["name"], rows=8)
class AccessGroup(Entity):
    """A group of the directory that opens a share or an application."""

    name = words(
        ("Finance", "HR", "Research", "Legal", "Sales", "Board"), ("Readers", "Editors", "Admins"), unique=True
    )
    owner = ref(Employee, many="owned_groups")
    confidential = flag(0.3, search=True)
    places = integer(2, 200)


@helpdesk.entity("MBR-*****", rows=14)
class Membership(Entity):
    """A colleague in an access group, until a day."""

    access_group = ref(AccessGroup, many="memberships", per=(1, 4))
    employee = ref(Employee, many="memberships")
    granted_on = date(-300, -5, default="today", says="granted on {value}")
    until = date(5, 300, says="ending on {value}")
    status = states("active > ended", mostly="active")


@helpdesk.entity("REQ######", known=True, rows=8)
class AccessRequest(Entity):
    """A wish to be let into an access group; the owner of the group decides."""

    employee = ref(Employee, many="access_requests")
    access_group = ref(AccessGroup, many="access_requests")
    until = date(20, 183, says="for access until {value}")
    status = states("pending > approved > fulfilled", "pending > rejected", search=True)


@helpdesk.entity("KB####", known=True, rows=10)
class Article(Entity):
    """Instructions that solve a known fault."""

    service = ref(Service, many="articles", search=True)
    topic = choice("sign_in", "printing", "remote_access", "mail", "hardware", search=True)
    reviewed_on = date(-500, -5, search=True)
    status = states("draft > published > retired", search=True)


@helpdesk.fill(Employee)
def _employee(tx: Tx, employee: Employee) -> None:
    if employee.status == "leaving" and employee.last_day is None:
        employee.last_day = tx.days(14)
    if employee.status == "left" and employee.last_day is None:
        employee.last_day = tx.days(-10)


@helpdesk.fill(Account)
def _account(tx: Tx, account: Account) -> None:
    if account.employee.status == "left":
        account.status = "disabled"
    elif account.status == "disabled":
        account.status = "open"


@helpdesk.fill(Computer)
def _computer(tx: Tx, computer: Computer) -> None:
    first = computer.employee.computers[0]
    if computer.printer.office != first.printer.office:
        computer.printer = first.printer
    computer.employee.office = first.printer.office
    if computer.status == "in_stock" and computer.employee.status != "left":
        computer.status = "in_use"


@helpdesk.fill(Change)
def _change(tx: Tx, change: Change) -> None:
    if change.status in ("done", "closed", "rolled_back") and change.starts_at > tx.now:
        change.starts_at = shifted(change.starts_at, -35)


@helpdesk.fill(Loaner)
def _loaner(tx: Tx, loaner: Loaner) -> None:
    if loaner.status == "available" or loaner.borrower is None:
        loaner.status = "available"
        loaner.borrower = None
        loaner.due_back = None
    elif loaner.due_back is None:
        loaner.due_back = tx.days(6)


@helpdesk.fill(Duty)
def _duty(tx: Tx, duty: Duty) -> None:
    duty.starts_on = shifted(duty.starts_on, -WEEKDAYS.index(weekday(duty.starts_on)) % 7)


@helpdesk.fill(Software)
def _software(tx: Tx, software: Software) -> None:
    if software.seats > 500:
        software.seats //= 20


@helpdesk.fill(Seat)
def _seat(tx: Tx, seat: Seat) -> None:
    seat.since = min(seat.since, seat.last_used_on)
    seat.software.seats = max(seat.software.seats, len(tx.all(Seat, software=seat.software, status="active")))


@helpdesk.fill(Membership)
def _membership(tx: Tx, membership: Membership) -> None:
    group = membership.access_group
    group.places = max(group.places, len(tx.all(Membership, access_group=group, status="active")))


@helpdesk.fill(Incident)
def _incident(tx: Tx, incident: Incident) -> None:
    incident.due_at = later(incident.opened_at, HOURS[incident.priority] * 60)
    if incident.status == "new":
        incident.technician = None
    elif incident.technician is None and incident.team.technicians:
        incident.technician = incident.team.technicians[0]
    if incident.status in ("resolved", "closed") and incident.solution is None:
        incident.solution = "fixed"


@helpdesk.fill(WorkNote)
def _work_note(tx: Tx, work_note: WorkNote) -> None:
    if work_note.incident.technician is not None:
        work_note.technician = work_note.incident.technician

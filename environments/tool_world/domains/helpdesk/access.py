"""Who may use what: access groups, software seats, joiners, movers and leavers."""

from envgym.environments.tool_world.calendar import days_between
from envgym.environments.tool_world.domains.helpdesk.rows import (
    AccessGroup,
    AccessRequest,
    Department,
    Employee,
    Membership,
    Seat,
    Software,
    helpdesk,
)
from envgym.environments.tool_world.fields import date, integer, phrases
from envgym.environments.tool_world.move_table import move_table
from envgym.environments.tool_world.transaction import Tx

move_table(
    helpdesk,
    AccessRequest,
    """
    approve_request | status | pending > approved
    | approve {access_request} | say yes to {access_request} | note that the owner approved {access_request}
    reject_request | status | pending > rejected
    | reject {access_request} | turn {access_request} down | note that the owner refused {access_request}
    """,
)


@helpdesk.op(
    say=phrases("""
        ask for {access_group} for {employee} until {until} | get {employee} into {access_group} until {until}
        | put in a request: {employee} into {access_group}, until {until}
        | request {access_group} for {employee} up to {until} | apply for {access_group}, for {employee}, up to {until}
        | file a request for {employee} to join {access_group} till {until}"""),
    takes={"until": date(20, 183)},
)
def request_access(tx: Tx, employee: Employee, access_group: AccessGroup, until: str) -> None:
    """Asks the owner of a group to let a colleague in until a day, half a year ahead at most."""
    tx.require(employee.status == "active", "access is requested for active colleagues only")
    tx.require(until <= tx.days(183), "access is granted for half a year at most")
    for membership in employee.memberships:
        if membership.status == "active":
            tx.require(membership.access_group != access_group, "the colleague is in the group already")
    for request in employee.access_requests:
        if request.access_group == access_group:
            tx.require(request.status not in ("pending", "approved"), "there is a request for the group under way")
    tx.new(AccessRequest, employee=employee, access_group=access_group, until=until)


def _place(tx: Tx, access_request: AccessRequest) -> None:
    taken = tx.all(Membership, access_group=access_request.access_group, status="active")
    access_request.access_group.places = max(access_request.access_group.places, len(taken) + 1)


@helpdesk.op(
    say=phrases("""
        carry {access_request} out | let the colleague of {access_request} into the group | fulfil {access_request}
        | add the member that {access_request} is about | put {access_request} into effect
        | do what {access_request} asks for"""),
    setup=_place,
)
def fulfil_request(tx: Tx, access_request: AccessRequest) -> None:
    """Puts the colleague of an approved request into the group, where a place is free."""
    group = access_request.access_group
    tx.require(access_request.status == "approved", "only an approved request can be fulfilled")
    tx.require(access_request.employee.status == "active", "access is given to active colleagues only")
    taken = tx.all(Membership, access_group=group, status="active")
    tx.require(group.places > len(taken), "the group has to have a place left")
    access_request.status = "fulfilled"
    tx.new(Membership, employee=access_request.employee, access_group=group, until=access_request.until)


@helpdesk.op(
    say=phrases("""
        extend {memberships} to {until} | let {memberships} run until {until} | prolong {memberships} up to {until}
        | renew {memberships}, new end {until} | keep {memberships} going until {until}
        | move the end of {memberships} to {until}"""),
    takes={"until": date(20, 183)},
)
def extend_memberships(tx: Tx, memberships: list[Membership], until: str) -> None:
    """Lets memberships of one colleague run longer, half a year from today at most."""
    employee = memberships[0].employee
    tx.require(until <= tx.days(183), "access is granted for half a year at most")
    tx.require(employee.status == "active", "access is extended for active colleagues only")
    for membership in memberships:
        tx.require(membership.employee == employee, "all memberships have to be of one colleague")
        tx.require(membership.status == "active", "only an active membership can be extended")
        tx.require(membership.until < until, "an extension has to end later than before")
    for membership in memberships:
        membership.until = until


@helpdesk.op(
    say=phrases("""
        end {membership} | take the colleague out of the group in {membership} | revoke {membership} today
        | {membership} is no longer needed, end it | cancel {membership} | remove {membership} from the directory"""),
)
def end_membership(tx: Tx, membership: Membership) -> None:
    """Takes a colleague out of an access group today."""
    tx.require(membership.status == "active", "only an active membership can be ended")
    membership.status = "ended"
    membership.until = tx.today


@helpdesk.op(
    say=phrases("""
        make {employee} the owner of {access_group} | hand {access_group} over to {employee}
        | let {employee} take {access_group} over | transfer {access_group} to {employee}
        | put {employee} in charge of {access_group} | {access_group} now belongs to {employee}"""),
)
def transfer_group(tx: Tx, access_group: AccessGroup, employee: Employee) -> None:
    """Gives an access group another owner of the same department."""
    tx.require(employee.status == "active", "an owner has to be an active colleague")
    tx.require(employee != access_group.owner, "the colleague owns the group already")
    tx.require(employee.department == access_group.owner.department, "a group stays within the department of its owner")
    access_group.owner = employee


def _cost(tx: Tx, software: Software) -> int:
    """What one seat costs from today until the renewal."""
    return int(software.seat_price * days_between(tx.today, software.renews_on) // 365)


def _room(tx: Tx, software: Software, employee: Employee) -> None:
    taken = tx.all(Seat, software=software, status="active")
    software.seats = max(software.seats, len(taken) + 1)
    employee.department.budget = max(employee.department.budget, _cost(tx, software))


@helpdesk.op(
    say=phrases("""
        give {employee} a seat of {software} | provide {employee} with {software} | assign {software} to {employee}
        | license {software} for {employee} | set {employee} up with {software} | let {employee} use {software}"""),
    setup=_room,
)
def grant_seat(tx: Tx, software: Software, employee: Employee) -> None:
    """Gives an active colleague a free seat; the department pays it by the day until the renewal."""
    tx.require(employee.status == "active", "seats are given to active colleagues only")
    for seat in employee.seats:
        if seat.status == "active":
            tx.require(seat.software != software, "the colleague has a seat already")
    taken = tx.all(Seat, software=software, status="active")
    tx.require(software.seats > len(taken), "the software has to have a free seat")
    cost = _cost(tx, software)
    tx.require(employee.department.budget >= cost, "the department has to have the money for the seat")
    employee.department.budget -= cost
    tx.new(Seat, employee=employee, software=software)


@helpdesk.op(
    say=phrases("""
        take {seats} away | withdraw {seats}, nobody uses it | free {seats} up | reclaim {seats}
        | revoke {seats} because it lies idle | get {seats} back into the pool"""),
)
def withdraw_seats(tx: Tx, seats: list[Seat]) -> None:
    """Withdraws seats of one product that were not used for 60 days."""
    software = seats[0].software
    for seat in seats:
        tx.require(seat.software == software, "all seats have to be of one product")
        tx.require(seat.status == "active", "only an active seat can be withdrawn")
        tx.require(seat.last_used_on <= tx.days(-60), "a seat is withdrawn after 60 days without use")
    for seat in seats:
        seat.status = "withdrawn"


def _funds(tx: Tx, software: Software, department: Department, count: int) -> None:
    department.budget = max(department.budget, _cost(tx, software) * count)


@helpdesk.op(
    say=phrases("""
        buy {count} more seats of {software} for {department} | order {count} seats of {software}, paid by {department}
        | {department} pays for {count} new seats of {software}
        | add {count} seats to {software} and charge {department}
        | get {count} further seats of {software} on the budget of {department}
        | top {software} up by {count} seats for {department}"""),
    takes={"count": integer(2, 40)},
    setup=_funds,
)
def buy_seats(tx: Tx, software: Software, department: Department, count: int) -> None:
    """Buys seats until the renewal from a department's budget; from 20 seats on they are a tenth cheaper."""
    cost = _cost(tx, software) * count
    if count >= 20:
        cost -= cost // 10
    tx.require(department.budget >= cost, "the department has to have the money for the seats")
    tx.require(software.renews_on > tx.days(14), "no seats are bought in the last two weeks before the renewal")
    department.budget -= cost
    software.seats += count


def _first_day(tx: Tx, employee: Employee, software: Software, access_group: AccessGroup) -> None:
    software.seats = max(software.seats, len(tx.all(Seat, software=software, status="active")) + 1)
    access_group.places = max(
        access_group.places, len(tx.all(Membership, access_group=access_group, status="active")) + 1
    )


@helpdesk.op(
    say=phrases("""
        onboard {employee} with {software} and {access_group} | start {employee} off with {software} and {access_group}
        | get {employee} going: {software} and {access_group}
        | welcome {employee} with {software} and a place in {access_group}
        | prepare everything for {employee} to start: {software} plus {access_group}
        | open everything for {employee}: {software}, {access_group}"""),
    setup=_first_day,
)
def onboard_employee(tx: Tx, employee: Employee, software: Software, access_group: AccessGroup) -> None:
    """Makes a joiner active: opens the account, gives a seat of a product and half a year in an access group."""
    tx.require(employee.status == "joining", "only a joiner can be onboarded")
    tx.require(
        software.seats > len(tx.all(Seat, software=software, status="active")), "the software has to have a free seat"
    )
    taken = tx.all(Membership, access_group=access_group, status="active")
    tx.require(access_group.places > len(taken), "the group has to have a place left")
    tx.require(not access_group.confidential, "confidential groups are not given out on the first day")
    employee.status = "active"
    for account in employee.accounts:
        if account.status == "locked":
            account.status = "open"
    tx.new(Seat, employee=employee, software=software)
    tx.new(Membership, employee=employee, access_group=access_group, until=tx.days(183))


@helpdesk.op(
    say=phrases("""
        offboard {employee} | close everything down for {employee} | carry out the exit for {employee}
        | shut all access down for {employee} | process {employee} as a leaver | take {employee} out of all systems"""),
)
def offboard_employee(tx: Tx, employee: Employee) -> None:
    """Closes what a leaver had on the last day: account, seats, memberships, wishes for access; the computer goes into
    stock, owned groups and tickets pass to the manager."""
    tx.require(employee.status == "leaving", "only a leaver can be offboarded")
    tx.require(employee.last_day <= tx.today, "a leaver is offboarded on the last day or after it")
    tx.require(employee.manager is not None, "a leaver has to have a manager who takes over")
    for loaner in employee.loaners:
        tx.require(loaner.status != "lent", "a laptop of the pool has to come back before the leaver goes")
    employee.status = "left"
    _close_access(employee)
    for computer in employee.computers:
        if computer.status == "in_use":
            computer.status = "in_stock"
    for incident in employee.incidents:
        if incident.status not in ("resolved", "closed"):
            incident.employee = employee.manager
    for group in employee.owned_groups:
        group.owner = employee.manager


def _close_access(employee: Employee) -> None:
    for account in employee.accounts:
        if account.status != "disabled":
            account.status = "disabled"
        account.sessions = 0
    for seat in employee.seats:
        if seat.status == "active":
            seat.status = "withdrawn"
    for membership in employee.memberships:
        if membership.status == "active":
            membership.status = "ended"
    for request in employee.access_requests:
        if request.status == "pending":
            request.status = "rejected"


@helpdesk.op(
    say=phrases("""
        move {employee} to {department} | let {employee} change to {department} | transfer {employee} into {department}
        | enter {department} as the new department for {employee}
        | note {department} as the department for {employee} from today | put {employee} under {department}"""),
)
def move_employee(tx: Tx, employee: Employee, department: Department) -> None:
    """Moves a colleague to another department; memberships in confidential groups end."""
    tx.require(employee.status == "active", "only an active colleague can be moved")
    tx.require(department != employee.department, "the colleague is in that department already")
    employee.department = department
    for membership in employee.memberships:
        if membership.status == "active" and membership.access_group.confidential:
            membership.status = "ended"

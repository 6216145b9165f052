"""Absence: automatic replies and leave."""

from envgym.environments.tool_world.domains.calendar_mail.availability import is_away
from envgym.environments.tool_world.domains.calendar_mail.rows import AutomaticReply, LeaveRequest, Person, Task, desk
from envgym.environments.tool_world.fields import date, phrases
from envgym.environments.tool_world.transaction import Tx


def _nobody_away(tx: Tx, person: Person, deputy: Person, first_on: str, last_on: str) -> None:
    for absence in [*person.automatic_replies, *deputy.automatic_replies]:
        absence.status = "ended"
    for leave in deputy.leave_requests:
        leave.status = "requested"


@desk.op(
    say=phrases(
        "set {person} to out of office from {first_on} to {last_on}, with {deputy} as the deputy | "
        "mark {person} as away {first_on} through {last_on} with {deputy} covering, and decline what falls in between | "
        "turn on the automatic reply of {person}, {first_on} until {last_on}, pointing to {deputy} | "
        "refer everybody who writes to {person} between {first_on} and {last_on} to {deputy} | "
        "arrange the absence for {person}: {first_on} to {last_on}, deputy {deputy} | "
        "block {first_on} to {last_on} for {person} as out of office and name {deputy} as deputy"
    ),
    takes={"first_on": date(1, 8, workdays=True), "last_on": date(9, 20, workdays=True)},
    setup=_nobody_away,
)
def set_out_of_office(tx: Tx, person: Person, deputy: Person, first_on: str, last_on: str) -> None:
    """Sets an automatic answer that names a deputy of the same team, and declines every invitation to a meeting in these days."""
    tx.require(first_on >= tx.today, "an absence begins today or later")
    tx.require(last_on >= first_on, "an absence ends after it begins")
    tx.require(deputy != person, "nobody is their own deputy")
    tx.require(deputy.team == person.team, "the deputy is of the same team")
    tx.require(not is_away(deputy, first_on, last_on), "the deputy has to be there")
    for absence in person.automatic_replies:
        tx.require(
            absence.status == "ended" or absence.last_on < first_on or absence.first_on > last_on,
            "no other automatic reply may fall into these days",
        )
    tx.new(AutomaticReply, person=person, deputy=deputy, first_on=first_on, last_on=last_on)
    for invitation in person.invitations:
        if first_on <= invitation.event.starts_at[:10] <= last_on and invitation.response in (
            "unanswered",
            "tentative",
            "accepted",
        ):
            invitation.response = "declined"


def _covered(tx: Tx, leave_request: LeaveRequest) -> None:
    for colleague in tx.all(Person, team=leave_request.person.team):
        for leave in colleague.leave_requests:
            if leave != leave_request and leave.status == "approved":
                leave.status = "withdrawn"


@desk.op(
    say=phrases(
        "approve {leave_request} | grant {leave_request} | sign {leave_request} off, it is fine | say yes to {leave_request} | "
        "let {leave_request} go through | record that I agree to {leave_request}"
    ),
    setup=_covered,
)
def approve_leave(tx: Tx, leave_request: LeaveRequest) -> None:
    """Approves days off. Vacation is taken from the days that the person has left; of a team only one other may be away at a time."""
    tx.require(leave_request.status == "requested", "only a request that is waiting can be approved")
    tx.require(leave_request.first_on > tx.today, "days off are approved before they begin")
    others = [each for each in tx.all(Person, team=leave_request.person.team) if each != leave_request.person]
    away = [leave for each in others for leave in each.leave_requests if leave.status == "approved"]
    together = [
        leave for leave in away if leave.first_on <= leave_request.last_on and leave.last_on >= leave_request.first_on
    ]
    tx.require(len(together) <= 1, "no more than two of a team are away at the same time")
    if leave_request.kind == "vacation":
        tx.require(
            leave_request.person.leave_days >= leave_request.days, "the person needs that many days of leave left"
        )
        leave_request.person.leave_days -= leave_request.days
    leave_request.status = "approved"


@desk.op(
    say=phrases(
        "withdraw {leave_request} | take {leave_request} back, it is not needed after all | undo the approval of {leave_request} | "
        "I am not going, so give the days of {leave_request} back | call {leave_request} off and restore the leave | "
        "revoke {leave_request}"
    ),
)
def withdraw_leave(tx: Tx, leave_request: LeaveRequest) -> None:
    """Takes back days off that were approved and have not begun; days of vacation are given back."""
    tx.require(leave_request.status == "approved", "only days off that were approved can be withdrawn")
    tx.require(leave_request.first_on > tx.today, "days off that have begun cannot be withdrawn")
    if leave_request.kind == "vacation":
        tx.require(
            leave_request.person.leave_days + leave_request.days <= 40, "nobody holds more than 40 days of leave"
        )
        leave_request.person.leave_days += leave_request.days
    leave_request.status = "withdrawn"


def _something_to_do(tx: Tx, person: Person, colleague: Person, due_date: str) -> None:
    for task in person.tasks[:2] or [
        tx.new(Task, person=person, title="send round the budget figures", due_on=due_date, priority="high")
    ]:
        task.due_on = due_date
        task.status = "not_started"


@desk.op(
    say=phrases(
        "give {colleague} everything on the list of {person} due by {due_date} | "
        "relieve {person} of what is due by {due_date} and pass it to {colleague} | "
        "hand the open tasks of {person} due up to {due_date} over to {colleague} | "
        "let {colleague} do the open tasks of {person} with a due date by {due_date} | "
        "reassign the tasks of {person} with a due date until {due_date} to {colleague} | "
        "make {colleague} responsible for whatever is open on the list of {person} and due by {due_date}"
    ),
    takes={"due_date": date(2, 12, workdays=True)},
    setup=_something_to_do,
)
def hand_over_tasks(tx: Tx, person: Person, colleague: Person, due_date: str) -> None:
    """Gives the tasks of a person that are not done and due by a day to a colleague of the same team."""
    tx.require(colleague != person, "tasks are handed over to somebody else")
    tx.require(colleague.team == person.team, "tasks are handed over within a team")
    open_tasks = [task for task in person.tasks if task.status != "done" and task.due_on <= due_date]
    tx.require(len(open_tasks) > 0, "the person needs a task that is open and due by then")
    for task in open_tasks:
        task.person = colleague

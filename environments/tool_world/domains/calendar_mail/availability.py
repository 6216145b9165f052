"""Who and what is free at a time, and how a time is kept free for rows that are laid down."""

from envgym.environments.tool_world.domains.calendar_mail.rows import Device, Event, Loan, Person, Room
from envgym.environments.tool_world.transaction import Tx


def overlaps(event: Event, starts_at: str, ends_at: str) -> bool:
    return bool(event.status != "cancelled" and event.starts_at < ends_at and event.ends_at > starts_at)


def engaged(person: Person, starts_at: str, ends_at: str) -> list[Event]:
    """What keeps a person busy in that time: meetings of their own and those that they have accepted."""
    own = [event for calendar in person.calendars for event in calendar.events if overlaps(event, starts_at, ends_at)]
    accepted = [
        each.event
        for each in person.invitations
        if each.response == "accepted" and overlaps(each.event, starts_at, ends_at)
    ]
    return own + accepted


def is_away(person: Person, first_on: str, last_on: str) -> bool:
    """Whether a person is on approved leave or has an automatic answer set on any of these days."""
    leave = [
        each
        for each in person.leave_requests
        if each.status == "approved" and each.first_on <= last_on and each.last_on >= first_on
    ]
    answers = [
        each
        for each in person.automatic_replies
        if each.status == "active" and each.first_on <= last_on and each.last_on >= first_on
    ]
    return len(leave) + len(answers) > 0


def taken_by(room: Room, starts_at: str, ends_at: str) -> list[Event]:
    return [event for event in room.events if overlaps(event, starts_at, ends_at)]


def kept_by(device: Device, starts_at: str, ends_at: str) -> list[Loan]:
    return [
        loan
        for loan in device.loans
        if loan.status in ("booked", "handed_out") and overlaps(loan.event, starts_at, ends_at)
    ]


def clear(tx: Tx, people: list[Person], starts_at: str, ends_at: str, *, but: Event | None = None) -> None:
    """Takes out of the way whatever keeps these people busy or away in that time."""
    for person in people:
        for event in engaged(person, starts_at, ends_at):
            if event != but:
                event.status = "cancelled"
        for leave in person.leave_requests:
            if leave.first_on <= ends_at[:10] and leave.last_on >= starts_at[:10]:
                leave.status = "requested"
        for absence in person.automatic_replies:
            if absence.first_on <= ends_at[:10] and absence.last_on >= starts_at[:10]:
                absence.status = "ended"


def free_room(tx: Tx, room: Room, starts_at: str, ends_at: str, *, seats: int, but: Event | None = None) -> None:
    room.seats = max(room.seats, seats)
    for event in taken_by(room, starts_at, ends_at):
        if event != but:
            event.room = None

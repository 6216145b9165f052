"""What follows from other columns of generated rows."""

from envgym.environments.tool_world.calendar import later, shifted, weekday
from envgym.environments.tool_world.domains.calendar_mail.availability import engaged, kept_by, taken_by
from envgym.environments.tool_world.domains.calendar_mail.rows import (
    FOLDERS,
    HOST,
    AutomaticReply,
    Event,
    LeaveRequest,
    Loan,
    Mailbox,
    Message,
    Notice,
    Person,
    Room,
    Series,
    Share,
    desk,
)
from envgym.environments.tool_world.transaction import Tx


def _other(tx: Tx, person: Person, taken: list[Person]) -> Person:
    """The person, or a colleague of the site or the team who is not among `taken`."""
    if person not in taken:
        return person
    near = [*person.site.people, *tx.all(Person, team=person.team)]
    return next((each for each in near if each not in taken), person)


def _day_after(first_on: str, workdays: int) -> str:
    """The last of so many working days in a row."""
    days = [shifted(first_on, days) for days in range(3 * workdays + 3)]
    return [day for day in days if weekday(day) not in ("Saturday", "Sunday")][workdays - 1]


@desk.fill(Person)
def _person(tx: Tx, person: Person) -> None:
    person.email = f"{person.name.lower().replace(' ', '.')}@{HOST}"
    for calendar, kind in zip(person.calendars, ("main", "travel", "private"), strict=False):
        calendar.kind = kind


@desk.fill(Series)
def _series(tx: Tx, series: Series) -> None:
    for week in range(0 if series.events else 8):
        starts_at = shifted(series.first_at, 7 * week)
        ends_at = later(starts_at, series.minutes)
        if not engaged(series.calendar.owner, starts_at, ends_at):
            tx.new(
                Event,
                calendar=series.calendar,
                series=series,
                title=series.title,
                starts_at=starts_at,
                minutes=series.minutes,
                ends_at=ends_at,
                status="confirmed",
            )
    if series.status == "ended":
        series.last_on = shifted(series.first_at[:10], 49)


@desk.fill(Event)
def _event(tx: Tx, event: Event) -> None:
    if event.series is None and event.status != "cancelled":
        days = [shifted(event.starts_at, day) for day in range(10)]
        event.starts_at = next((each for each in days if _suits_organiser(event, each)), event.starts_at)
    event.ends_at = later(event.starts_at, event.minutes)
    if event.series is not None and event.title != event.series.title:
        event.series = None
    taken = [event.calendar.owner]
    for invitation in event.invitations:
        invitation.person = _other(tx, invitation.person, taken)
        taken.append(invitation.person)
    if event.room is not None:
        rooms = [room for room in [event.room, *event.calendar.owner.site.rooms] if _suits(room, event, len(taken))]
        event.room = rooms[0] if rooms and event.status != "cancelled" else None
    if event.visitor is not None and (event.room is None or not event.room.site.visitor_desk):
        event.visitor = None


def _suits_organiser(event: Event, starts_at: str) -> bool:
    """Whether the organiser has nothing else on that working day at that time."""
    others = engaged(event.calendar.owner, starts_at, later(starts_at, event.minutes))
    return weekday(starts_at) not in ("Saturday", "Sunday") and all(other == event for other in others)


def _suits(room: Room, event: Event, people: int) -> bool:
    """Whether an event can be in a room: it is open, large enough, and nothing else is in it then."""
    others = [each for each in taken_by(room, event.starts_at, event.ends_at) if each != event]
    return bool(room.status == "open" and room.seats >= people and not others)


@desk.fill(Share)
def _share(tx: Tx, share: Share) -> None:
    share.calendar = share.calendar.owner.calendars[0]
    share.person = _other(
        tx, share.person, [share.calendar.owner, *[each.person for each in share.calendar.shares if each != share]]
    )


@desk.fill(Loan)
def _loan(tx: Tx, loan: Loan) -> None:
    if loan.event.room is not None and loan.event.room.site == loan.device.site:
        return
    near = [event for room in loan.device.site.rooms for event in room.events if event.starts_at > tx.now]
    free = [event for event in near if not kept_by(loan.device, event.starts_at, event.ends_at)]
    rooms = [room for room in loan.device.site.rooms if _suits(room, loan.event, len(loan.event.invitations) + 1)]
    if free:
        loan.event = free[0]
    elif rooms and loan.event.status != "cancelled":
        loan.event.room = rooms[0]
    else:
        loan.status = "released"


@desk.fill(Notice)
def _notice(tx: Tx, notice: Notice) -> None:
    for invitation in notice.event.invitations:
        notice.person = invitation.person
    cancelled = notice.event.status == "cancelled"
    notice.kind = "cancellation" if cancelled else "reminder" if notice.kind == "cancellation" else notice.kind


@desk.fill(LeaveRequest)
def _leave_request(tx: Tx, leave_request: LeaveRequest) -> None:
    leave_request.last_on = _day_after(leave_request.first_on, leave_request.days)


@desk.fill(AutomaticReply)
def _automatic_reply(tx: Tx, absence: AutomaticReply) -> None:
    near = absence.deputy.team == absence.person.team or absence.deputy.site == absence.person.site
    if not near or absence.deputy == absence.person:
        beside = [person for person in absence.person.site.people if person != absence.person]
        absence.deputy = beside[0] if beside else _other(tx, absence.deputy, [absence.person])


@desk.fill(Mailbox)
def _mailbox(tx: Tx, mailbox: Mailbox) -> None:
    mailbox.address = mailbox.owner.email
    mailbox.used_kb = min(mailbox.used_kb, mailbox.quota_kb)
    for folder, title in zip(mailbox.folders, FOLDERS, strict=False):
        folder.title = title


@desk.fill(Message)
def _message(tx: Tx, message: Message) -> None:
    ours, theirs = message.thread.mailbox.owner.email, message.thread.contact.email
    message.sender, message.recipient = (theirs, ours) if message.incoming else (ours, theirs)
    message.size_kb = 20 + sum(each.size_kb for each in message.attachments)
    message.unread = message.unread and message.incoming
    if message.incoming:
        message.status = "sent"
    message.sent_at = (message.sent_at or message.written_at) if message.status == "sent" else None
    if message.status != "scheduled":
        message.send_at = None
    elif message.send_at is None:
        message.send_at = tx.days(1 + message.size_kb % 5) + " 08:00"

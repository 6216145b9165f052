"""Meetings: called, moved, cancelled, given a room."""

from envgym.environments.tool_world.calendar import later
from envgym.environments.tool_world.domains.calendar_mail.availability import (
    clear,
    engaged,
    free_room,
    is_away,
    kept_by,
    taken_by,
)
from envgym.environments.tool_world.domains.calendar_mail.rows import (
    SUBJECTS,
    Calendar,
    Event,
    Invitation,
    Person,
    Room,
    desk,
)
from envgym.environments.tool_world.fields import integer, moment, phrases, words
from envgym.environments.tool_world.transaction import Tx


def _schedulable(
    tx: Tx, calendar: Calendar, room: Room, people: list[Person], title: str, starts_at: str, minutes: int
) -> None:
    ends_at = later(starts_at, minutes)
    clear(tx, [calendar.owner, *people], starts_at, ends_at)
    free_room(tx, room, starts_at, ends_at, seats=len(people) + 1)


@desk.op(
    say=phrases(
        'put "{title}" into {calendar} for {starts_at}, {minutes} minutes in {room}, and invite {people} | '
        'set up "{title}" with {people} in {room} at {starts_at} for {minutes} minutes, on {calendar} | '
        'I need {room} for {minutes} minutes at {starts_at}: "{title}" with {people}, under {calendar} | '
        'schedule "{title}" at {starts_at} with {people}, {minutes} minutes, in {room}, and keep it in {calendar} | '
        'get {people} together in {room} at {starts_at} for "{title}"; allow {minutes} minutes and enter it in {calendar} | '
        'enter a meeting called "{title}" in {calendar}: {starts_at}, {minutes} minutes, {room}, attendees {people}'
    ),
    takes={
        "title": words(("Kick-off", "Debrief", "Preparation", "Alignment"), ("on the",), SUBJECTS),
        "starts_at": moment(1, 14, hours=(9, 17), workdays=True),
        "minutes": integer(30, 90, step=15),
    },
    setup=_schedulable,
)
def schedule_meeting(
    tx: Tx, calendar: Calendar, room: Room, people: list[Person], title: str, starts_at: str, minutes: int
) -> None:
    """Enters a meeting in its organiser's calendar, books the room and invites people. Everybody, and the room, has to be free."""
    ends_at = later(starts_at, minutes)
    tx.require(starts_at > tx.now, "a meeting lies in the future")
    tx.require(room.status == "open", "the room has to be open for bookings")
    tx.require(room.seats > len(people), "the room needs a seat for everybody and the organiser")
    tx.require(not taken_by(room, starts_at, ends_at), "the room has to be free")
    tx.require(not engaged(calendar.owner, starts_at, ends_at), "the organiser has to be free")
    for person in people:
        tx.require(person != calendar.owner, "the organiser is not invited to a meeting of their own")
        tx.require(not engaged(person, starts_at, ends_at), "everybody who is invited has to be free")
        tx.require(
            not is_away(person, starts_at[:10], ends_at[:10]), "nobody is invited while on leave or out of office"
        )
    meeting = tx.new(
        Event,
        calendar=calendar,
        title=title,
        starts_at=starts_at,
        minutes=minutes,
        ends_at=ends_at,
        room=room,
        status="confirmed",
    )
    for person in people:
        tx.new(Invitation, event=meeting, person=person, required=True, remind_minutes=15)


def _movable(tx: Tx, event: Event, starts_at: str) -> None:
    ends_at = later(starts_at, event.minutes)
    clear(tx, [event.calendar.owner], starts_at, ends_at, but=event)
    if event.room is not None:
        free_room(tx, event.room, starts_at, ends_at, seats=4, but=event)
    for loan in event.loans:
        for other in kept_by(loan.device, starts_at, ends_at):
            other.status = other.status if other == loan else "released"


@desk.op(
    say=phrases(
        "move {event} to {starts_at} | push {event} to {starts_at} instead | {event} does not work any more, make it {starts_at} | "
        "reschedule {event}; the new time is {starts_at} | I cannot make {event} as planned, it has to start at {starts_at} | "
        "let {event} start at {starts_at} rather than when it does now"
    ),
    takes={"starts_at": moment(1, 14, hours=(9, 17), workdays=True)},
    setup=_movable,
)
def move_meeting(tx: Tx, event: Event, starts_at: str) -> None:
    """Moves a meeting with its room and equipment to another time of the same length. Whoever had accepted is asked anew."""
    ends_at = later(starts_at, event.minutes)
    tx.require(event.status != "cancelled", "a cancelled meeting cannot be moved")
    tx.require(event.starts_at > tx.now, "a meeting that has begun cannot be moved")
    tx.require(starts_at > tx.now, "a meeting lies in the future")
    tx.require(starts_at != event.starts_at, "the new time has to be another one")
    for other in engaged(event.calendar.owner, starts_at, ends_at):
        tx.require(other == event, "the organiser has to be free at the new time")
    if event.room is not None:
        for other in taken_by(event.room, starts_at, ends_at):
            tx.require(other == event, "the room of the meeting has to be free at the new time")
    for loan in event.loans:
        for kept in kept_by(loan.device, starts_at, ends_at):
            tx.require(kept.event == event, "the equipment of the meeting has to be free at the new time")
    event.starts_at = starts_at
    event.ends_at = ends_at
    for invitation in event.invitations:
        if invitation.response in ("accepted", "tentative"):
            invitation.response = "unanswered"


@desk.op(
    say=phrases(
        "cancel {event} | call {event} off | {event} is not going to happen, take it out and give back what was booked for it | "
        "I no longer need {event}, cancel it | drop {event} and release its room | strike {event} from the calendar"
    ),
)
def cancel_meeting(tx: Tx, event: Event) -> None:
    """Cancels a meeting that has not begun and gives its room and its equipment back."""
    tx.require(event.status != "cancelled", "only a meeting that is on can be cancelled")
    tx.require(event.starts_at > tx.now, "a meeting that has begun cannot be cancelled")
    event.status = "cancelled"
    event.room = None
    for loan in event.loans:
        if loan.status == "booked":
            loan.status = "released"


def _fitting(tx: Tx, event: Event, room: Room) -> None:
    free_room(tx, room, event.starts_at, event.ends_at, seats=len(event.invitations) + 1, but=event)
    for loan in event.loans:
        loan.status = "released"


@desk.op(
    say=phrases(
        "hold {event} in {room} | move {event} over to {room} | book {room} for {event} | {event} should take place in {room} | "
        "give {event} another room: {room} | find {event} a place in {room}"
    ),
    setup=_fitting,
)
def change_room(tx: Tx, event: Event, room: Room) -> None:
    """Books a room for a meeting, in place of the one that it has."""
    tx.require(event.status != "cancelled", "a cancelled meeting needs no room")
    tx.require(event.starts_at > tx.now, "a meeting that has begun stays where it is")
    tx.require(room.status == "open", "the room has to be open for bookings")
    tx.require(event.room != room, "the room has to be another one")
    tx.require(room.seats > len(event.invitations), "the room needs a seat for everybody and the organiser")
    tx.require(not taken_by(room, event.starts_at, event.ends_at), "the room has to be free")
    for loan in event.loans:
        tx.require(
            loan.status != "booked" or loan.device.site == room.site, "equipment that is booked stays on its site"
        )
    event.room = room


def _room_to_spare(tx: Tx, room: Room, substitute: Room) -> None:
    for event in room.events:
        if event.starts_at > tx.now:
            free_room(tx, substitute, event.starts_at, event.ends_at, seats=len(event.invitations) + 1, but=event)


@desk.op(
    say=phrases(
        "close {room} and move what is booked there to {substitute} | {room} is being painted, use {substitute} for its meetings | "
        "take {room} out of booking, everything in it goes to {substitute} | shut {room} for now with {substitute} in its place | "
        "block {room}, the air conditioning has failed, and put its meetings into {substitute} | "
        "{substitute} has to stand in for {room}, which cannot be used for the time being"
    ),
    setup=_room_to_spare,
)
def close_room(tx: Tx, room: Room, substitute: Room) -> None:
    """Closes a room and moves every meeting that is still to come into another room of the site, which has to be free and large enough."""
    tx.require(room.status == "open", "only a room that is open can be closed")
    tx.require(substitute.status == "open", "the other room has to be open")
    tx.require(substitute != room, "the meetings go to another room")
    tx.require(substitute.site == room.site, "the other room has to be on the same site")
    for event in [each for each in room.events if each.status != "cancelled" and each.starts_at > tx.now]:
        tx.require(substitute.seats > len(event.invitations), "the other room needs a seat for everybody")
        tx.require(not taken_by(substitute, event.starts_at, event.ends_at), "the other room has to be free each time")
        event.room = substitute
    room.status = "closed"

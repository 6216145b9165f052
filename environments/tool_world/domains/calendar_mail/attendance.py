"""Who comes to a meeting and what is brought: answers, stand-ins, notices, equipment, visitors."""

from typing import Literal

from envgym.environments.tool_world.domains.calendar_mail.availability import clear, engaged, kept_by
from envgym.environments.tool_world.domains.calendar_mail.rows import (
    Contact,
    Device,
    Event,
    Invitation,
    Loan,
    Notice,
    Person,
    desk,
)
from envgym.environments.tool_world.fields import phrases
from envgym.environments.tool_world.transaction import Tx


def _answerable(tx: Tx, event: Event, person: Person, response: str) -> None:
    _invited(event, person)
    clear(tx, [person], event.starts_at, event.ends_at, but=event)


def _invited(event: Event, person: Person) -> None:
    """Puts a person in the place of another who is invited, where the person is not."""
    if person not in [each.person for each in event.invitations]:
        event.invitations[0].person = person


@desk.op(
    say=phrases(
        "answer the invitation of {person} to {event} with {response} | reply {response} for {person} about {event} | "
        "put {person} down as {response} for {event} | let the organiser of {event} know the answer of {person}: {response} | "
        "mark {person} {response} in {event} | RSVP {response} to {event} on behalf of {person}"
    ),
    setup=_answerable,
)
def answer_invitation(
    tx: Tx, event: Event, person: Person, response: Literal["accepted", "tentative", "declined"]
) -> None:
    """Answers an invitation for the person who is invited. It can be accepted only when that person is free."""
    tx.require(event.status != "cancelled", "the meeting must not be cancelled")
    tx.require(event.starts_at > tx.now, "the meeting must not have begun")
    mine = [each for each in event.invitations if each.person == person]
    tx.require(len(mine) > 0, "the person has to be invited")
    if response == "accepted":
        for other in engaged(person, event.starts_at, event.ends_at):
            tx.require(other == event, "the person has to be free to accept")
    for invitation in mine:
        tx.require(invitation.response != "delegated", "an invitation that was passed on is no longer answered")
        tx.require(invitation.response != response, "the answer has to be a new one")
        invitation.response = response


def _seat_left(tx: Tx, event: Event, person: Person) -> None:
    if event.room is not None:
        event.room.seats = max(event.room.seats, len(event.invitations) + 2)


@desk.op(
    say=phrases(
        "invite {person} to {event} as well | add {person} to {event} | have {person} in {event} too | "
        "put {person} on the list for {event} | get {person} into {event} | send {person} an invitation to {event}"
    ),
    setup=_seat_left,
)
def invite_person(tx: Tx, event: Event, person: Person) -> None:
    """Invites somebody else to a meeting, as long as its room has a seat left."""
    tx.require(event.status != "cancelled", "the meeting must not be cancelled")
    tx.require(event.starts_at > tx.now, "the meeting must not have begun")
    tx.require(person != event.calendar.owner, "the organiser comes anyway")
    for invitation in event.invitations:
        tx.require(invitation.person != person, "nobody is invited twice")
    if event.room is not None:
        tx.require(event.room.seats > len(event.invitations) + 1, "the room needs a seat for one more")
    tx.new(Invitation, event=event, person=person, required=True, remind_minutes=15)


def _can_stand_in(tx: Tx, event: Event, person: Person, stand_in: Person) -> None:
    _invited(event, person)
    clear(tx, [stand_in], event.starts_at, event.ends_at, but=event)


@desk.op(
    say=phrases(
        "send {stand_in} to {event} instead of {person} | let {stand_in} take the place of {person} in {event} | "
        "pass the invitation of {person} to {event} on to {stand_in} | have {stand_in} stand in for {person} at {event} | "
        "delegate {event} from {person} to {stand_in} | swap {person} for {stand_in} among the people invited to {event}"
    ),
    setup=_can_stand_in,
)
def delegate_invitation(tx: Tx, event: Event, person: Person, stand_in: Person) -> None:
    """Passes an invitation on to a free colleague of the same team, who is taken to have accepted."""
    tx.require(event.status != "cancelled", "the meeting must not be cancelled")
    tx.require(event.starts_at > tx.now, "the meeting must not have begun")
    tx.require(stand_in != person, "a stand-in is somebody else")
    tx.require(stand_in != event.calendar.owner, "the organiser comes anyway and stands in for nobody")
    tx.require(stand_in.team == person.team, "a stand-in is of the same team")
    tx.require(not engaged(stand_in, event.starts_at, event.ends_at), "the stand-in has to be free")
    mine = [each for each in event.invitations if each.person == person]
    tx.require(len(mine) > 0, "the person has to be invited")
    for other in event.invitations:
        tx.require(other.person != stand_in, "the stand-in must not be invited already")
    for invitation in mine:
        tx.require(
            invitation.response in ("unanswered", "accepted", "tentative"),
            "an invitation that was declined or passed on cannot be passed on",
        )
        invitation.response = "delegated"
        tx.new(
            Invitation,
            event=event,
            person=stand_in,
            required=invitation.required,
            response="accepted",
            remind_minutes=invitation.remind_minutes,
        )


def _has_guests(tx: Tx, event: Event) -> None:
    guests = [each for each in event.invitations if each.response not in ("declined", "delegated")]
    for invitation in event.invitations:
        invitation.response = invitation.response if guests else "unanswered"


@desk.op(
    say=phrases(
        "let everybody who is invited to {event} know how it stands | send the attendees of {event} a notice | "
        "tell everyone in {event} about the change | mail an update on {event} to its people | "
        "inform the participants of {event} | make sure that the guests of {event} hear about it"
    ),
    setup=_has_guests,
)
def announce_change(tx: Tx, event: Event) -> None:
    """Tells everybody who is invited and has neither declined nor passed it on that a meeting was changed or, where it was, cancelled."""
    tx.require(event.starts_at > tx.now, "nobody is told about a meeting that has begun")
    guests = [each for each in event.invitations if each.response not in ("declined", "delegated")]
    tx.require(len(guests) > 0, "somebody has to be coming")
    for invitation in guests:
        kind = "cancellation" if event.status == "cancelled" else "change"
        tx.new(Notice, event=event, person=invitation.person, kind=kind)


def _somebody_silent(tx: Tx, event: Event) -> None:
    for invitation in event.invitations[:2]:
        invitation.response = "unanswered"


@desk.op(
    say=phrases(
        "chase the answers to {event} | remind whoever has not replied about {event} | nudge the people who owe an answer to {event} | "
        "ask those who are silent on {event} for a yes or no | follow up on the open invitations to {event} | "
        "get me replies for {event}, write to everybody who has not answered"
    ),
    setup=_somebody_silent,
)
def chase_answers(tx: Tx, event: Event) -> None:
    """Reminds everybody who has not answered the invitation to a meeting that is still to come."""
    tx.require(event.status != "cancelled", "the meeting must not be cancelled")
    tx.require(event.starts_at > tx.now, "the meeting must not have begun")
    silent = [each for each in event.invitations if each.response == "unanswered"]
    tx.require(len(silent) > 0, "somebody has to owe an answer")
    for invitation in silent:
        tx.new(Notice, event=event, person=invitation.person, kind="reminder")


def _idle(tx: Tx, event: Event, device: Device) -> None:
    for loan in kept_by(device, event.starts_at, event.ends_at):
        loan.status = "released"


@desk.op(
    say=phrases(
        "reserve {device} for {event} | I will need {device} in {event} | book {device} along with {event} | "
        "have {device} brought to {event} | keep {device} for {event} | make sure that {device} is there for {event}"
    ),
    setup=_idle,
)
def reserve_equipment(tx: Tx, event: Event, device: Device) -> None:
    """Keeps a piece of equipment for a meeting that has a room on the same site."""
    tx.require(event.status != "cancelled", "a cancelled meeting needs no equipment")
    tx.require(event.starts_at > tx.now, "the meeting must not have begun")
    tx.require(event.room is not None, "equipment is brought to a room, so the meeting needs one first")
    tx.require(device.site == event.room.site, "equipment stays on its site")
    tx.require(device.status == "available", "the equipment has to be in working order")
    tx.require(
        not kept_by(device, event.starts_at, event.ends_at),
        "the equipment must not be kept for another meeting at that time",
    )
    tx.new(Loan, device=device, event=event, status="booked")


@desk.op(
    say=phrases(
        "announce {contact} as the visitor of {event} | {contact} will be at {event}, please tell the visitor desk | "
        "register {contact} for {event} | put {contact} on the visitor list of {event} | "
        "have a badge ready for {contact}, who comes to {event} | expect {contact} at {event}"
    )
)
def announce_visitor(tx: Tx, event: Event, contact: Contact) -> None:
    """Tells the visitor desk who comes to a meeting from outside. A meeting has one badge, and a room behind a visitor desk."""
    tx.require(event.status == "confirmed", "a visitor comes to a meeting that is confirmed")
    tx.require(event.starts_at > tx.now, "the meeting must not have begun")
    tx.require(event.visitor is None, "a meeting has a badge for one visitor")
    tx.require(event.room is not None, "a visitor needs a room to be brought to")
    tx.require(event.room.site.visitor_desk, "the room has to be on a site with a visitor desk")
    event.visitor = contact


@desk.op(
    say=phrases(
        "have {device} fixed, it is broken | send {device} to repair | "
        "take {device} out, it does not work, and free who had booked it | "
        "put {device} down as defective | get {device} repaired | withdraw {device} for repair and release its bookings"
    )
)
def send_to_repair(tx: Tx, device: Device) -> None:
    """Sends a piece of equipment to repair. Meetings still to come that had booked it lose it."""
    tx.require(device.status == "available", "only equipment that is in working order is sent to repair")
    for loan in device.loans:
        tx.require(loan.status != "handed_out", "equipment that is handed out has to come back first")
        if loan.status == "booked" and loan.event.starts_at > tx.now:
            loan.status = "released"
    device.status = "in_repair"

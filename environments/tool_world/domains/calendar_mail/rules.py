"""Soft policies: told to the assistant, not enforced by the tools."""

from envgym.environments.tool_world.domains.calendar_mail.absence import set_out_of_office
from envgym.environments.tool_world.domains.calendar_mail.attendance import (
    announce_change,
    answer_invitation,
    delegate_invitation,
)
from envgym.environments.tool_world.domains.calendar_mail.calendars import end_series, share_calendar
from envgym.environments.tool_world.domains.calendar_mail.mail import forward_latest, schedule_send
from envgym.environments.tool_world.domains.calendar_mail.meetings import cancel_meeting, move_meeting, schedule_meeting
from envgym.environments.tool_world.domains.calendar_mail.rows import Calendar, Message, Person, Thread, desk

desk.identify(
    "Look a person up by email or name before you change anything in their calendars, absences or mailbox.",
    by=["lookup_person_by_email", "lookup_person_by_name"],
    before=[schedule_meeting, answer_invitation, delegate_invitation, set_out_of_office, share_calendar],
)
desk.confirm(
    "Before you cancel a meeting or end a series, say what will be cancelled and get a yes.",
    before=[cancel_meeting, end_series],
)
desk.at_most(
    1, "A meeting is moved once; after that its organiser has to talk to the attendees.", of=[move_meeting], per="event"
)
desk.together("Whoever moves a meeting tells its attendees.", when=move_meeting, then=announce_change)
desk.together("Whoever cancels a meeting tells its attendees.", when=cancel_meeting, then=announce_change)


@desk.policy("Mails of a thread that is labelled confidential are not forwarded.", on=[forward_latest])
def confidential_stays(thread: Thread) -> object:
    return thread.label != "confidential"


@desk.policy("Write access to a calendar is given only to people of the owner's team.", on=[share_calendar])
def write_within_team(calendar: Calendar, person: Person, level: str) -> object:
    return level != "write" or person.team == calendar.owner.team


@desk.policy("A director's invitation is passed on only to a director or a manager.", on=[delegate_invitation])
def rank_of_stand_in(person: Person, stand_in: Person) -> object:
    return person.grade != "director" or stand_in.grade in ("director", "manager")


@desk.policy("A meeting of more than an hour does not start before 10:00.", on=[schedule_meeting])
def late_start(starts_at: str, minutes: int) -> object:
    return minutes <= 60 or starts_at[11:] >= "10:00"


@desk.policy("Mails to the press do not leave by schedule; somebody sends them by hand.", on=[schedule_send])
def press_by_hand(message: Message) -> object:
    return message.thread.contact.kind != "press"

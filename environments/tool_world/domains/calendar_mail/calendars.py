"""Calendars: who may see them, series that end, common free time."""

from typing import Literal

from envgym.environments.tool_world.calendar import Calendar as Clock
from envgym.environments.tool_world.calendar import later, shifted
from envgym.environments.tool_world.domains.calendar_mail.availability import clear, engaged
from envgym.environments.tool_world.domains.calendar_mail.rows import (
    SUBJECTS,
    Calendar,
    Event,
    Person,
    Series,
    Share,
    desk,
)
from envgym.environments.tool_world.fields import date, integer, moment, phrases, words
from envgym.environments.tool_world.transaction import Tx

WORKING_DAY = (9 * 60, 18 * 60)


@desk.op(
    say=phrases(
        "give {person} {level} access to {calendar} | share {calendar} with {person}, {level} | "
        "grant {person} {level} rights on {calendar} | open {calendar} to {person} with {level} permission | "
        "let {person} see {calendar} ({level}) | add {person} to {calendar} with the level {level}"
    ),
)
def share_calendar(tx: Tx, calendar: Calendar, person: Person, level: Literal["availability", "read", "write"]) -> None:
    """Lets somebody else into a calendar, at one of three levels. A private calendar shows no more than its availability."""
    tx.require(person != calendar.owner, "a calendar is shared with somebody other than its owner")
    for share in calendar.shares:
        tx.require(share.person != person, "a person has one share of a calendar, so an old one is removed first")
    if calendar.kind == "private":
        tx.require(level == "availability", "of a private calendar only the availability can be shared")
    tx.new(Share, calendar=calendar, person=person, level=level)


def _free_weeks(tx: Tx, calendar: Calendar, title: str, first_at: str, minutes: int, weeks: int) -> None:
    for week in range(weeks):
        starts_at = shifted(first_at, 7 * week)
        clear(tx, [calendar.owner], starts_at, later(starts_at, minutes))


@desk.op(
    say=phrases(
        'block {minutes} minutes for "{title}" in {calendar} every week, first at {first_at}, {weeks} times | '
        'start a weekly "{title}" on {calendar}: {weeks} dates of {minutes} minutes from {first_at} on | '
        'I want "{title}" in {calendar} each week for {weeks} weeks, {minutes} minutes, beginning {first_at} | '
        'make "{title}" a series of {weeks} in {calendar}, starting {first_at}, {minutes} minutes each | '
        'put {weeks} weekly slots of {minutes} minutes called "{title}" into {calendar}, from {first_at} on | '
        'set "{title}" up as a recurring entry of {calendar}: {first_at}, {minutes} minutes, {weeks} weeks running'
    ),
    takes={
        "title": words(("Monday", "Weekly", "Team"), SUBJECTS, ("round", "desk", "forum"), compare="casefold"),
        "first_at": moment(1, 7, hours=(9, 12), workdays=True),
        "minutes": integer(30, 60, step=15),
        "weeks": integer(3, 8),
    },
    setup=_free_weeks,
)
def start_series(tx: Tx, calendar: Calendar, title: str, first_at: str, minutes: int, weeks: int) -> None:
    """Enters a meeting that comes back every week, so many times. The owner of the calendar has to be free each time."""
    tx.require(first_at > tx.now, "a series begins in the future")
    tx.require(calendar.kind != "private", "series are kept in a calendar that others can see")
    for week in range(weeks):
        starts_at = shifted(first_at, 7 * week)
        tx.require(
            not engaged(calendar.owner, starts_at, later(starts_at, minutes)), "the owner has to be free each week"
        )
    last_on = shifted(first_at[:10], 7 * (weeks - 1))
    series = tx.new(Series, calendar=calendar, title=title, first_at=first_at, minutes=minutes, last_on=last_on)
    for week in range(weeks):
        starts_at = shifted(first_at, 7 * week)
        ends_at = later(starts_at, minutes)
        tx.new(
            Event,
            calendar=calendar,
            series=series,
            title=title,
            starts_at=starts_at,
            minutes=minutes,
            ends_at=ends_at,
            status="confirmed",
        )


@desk.op(
    say=phrases(
        "let {series} run out on {last_on} | end {series} after {last_on} and take the later dates out | "
        "{series} stops on {last_on}, cancel what comes after | wind {series} down with {last_on} as the last day | "
        "cut {series} off after {last_on} | finish {series} by {last_on} and free the slots behind it"
    ),
    takes={"last_on": date(3, 20, workdays=True)},
)
def end_series(tx: Tx, series: Series, last_on: str) -> None:
    """Ends a series on a day: every later meeting of it is cancelled and gives its room back."""
    tx.require(series.status == "running", "only a series that is running can be ended")
    tx.require(last_on >= tx.today, "a series ends today or later")
    tx.require(last_on < series.last_on, "the series has to end earlier than planned")
    for event in series.events:
        if event.starts_at[:10] > last_on and event.status != "cancelled":
            event.status = "cancelled"
            event.room = None
    series.last_on = last_on
    series.status = "ended"


@desk.op(
    say=phrases(
        "look up when on {day} {person} and {colleague} can first meet for {minutes} minutes | "
        "find the first {minutes} minutes on {day} that suit {person} and {colleague} | "
        "give me the earliest {minutes}-minute slot on {day} for {person} with {colleague} | "
        "check the diaries of {person} and {colleague} on {day} for the first shared gap of {minutes} minutes | "
        "tell me the first time on {day} at which {minutes} minutes suit both {person} and {colleague} | "
        "work out the first possible time on {day} for {minutes} minutes between {person} and {colleague}"
    ),
    takes={"day": date(1, 10, workdays=True), "minutes": integer(30, 90, step=30)},
)
def first_common_slot(tx: Tx, person: Person, colleague: Person, day: str, minutes: int) -> str:
    """The first time of a day, on the half hour from 09:00 and over by 18:00, at which two people are free; "none" where there is none."""
    tx.require(day >= tx.today, "a free time is looked for today or later")
    tx.require(person != colleague, "two people are needed")
    for at in range(WORKING_DAY[0], WORKING_DAY[1] - minutes + 1, 30):
        starts_at = f"{day} {Clock.clock(at)}"
        ends_at = later(starts_at, minutes)
        if not engaged(person, starts_at, ends_at) and not engaged(colleague, starts_at, ends_at):
            return starts_at
    return "none"

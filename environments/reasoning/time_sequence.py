"""Time sequence: find the local date and time at the end of a journey, or the order in which events really start or end.

Every place has a fixed distance from UTC and never changes its clocks, so each statement gives one instant; no two events of an order share
theirs. Both answers are worked out again from the task to grade. Instants are whole minutes since the start of 1970, UTC.
"""

import random
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.settled import settled
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable, items

EPOCH = datetime(1970, 1, 1)
DAY = 24 * 60
PLACES = ("Alderwick", "Birch Bay", "Corin", "Dunmere", "Estra", "Fallow Hill", "Granby", "Holm")
EVENTS = (
    "auction", "banquet", "concert", "debate", "exam", "festival", "gala", "hearing", "interview", "lecture", "match", "parade",
)  # fmt: skip
OFFSETS = [*range(-11 * 60, 13 * 60 + 1, 30), -225, 345, 525, 765]
STAMP = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[\sT,]+(?:at\s+)?(\d{1,2}):(\d{2})(?::00)?", re.IGNORECASE)


class TimeSequence(AnswerEnv):
    """Reckon with durations, calendars and time zones: when does a journey end, or in which order do events happen?"""

    id = "time_sequence"

    class Knobs(EnvKnobs):
        form: Literal["clock", "order"] = Field(default="clock", description="When a journey ends, or order of events.")
        length: int = Field(default=5, ge=2, le=12, description="Parts of the journey, or events.")
        zones: int = Field(default=3, ge=1, le=8, description="Places, each with a time zone of its own.")
        relative: float = Field(default=0.5, ge=0, le=1, description="Share of events told by another event.")

    class Public(BaseModel):
        form: Literal["clock", "order"] = Field(description="What is asked.")
        zones: dict[str, int] = Field(min_length=1, description="Minutes that each place is ahead of UTC.")
        start: list[Any] = Field(default=[], description="Place and local time at which a journey begins.")
        parts: list[dict[str, Any]] = Field(min_length=1, description="Parts of the journey, or events.")
        edge: Literal["starts", "ends"] = Field(default="ends", description="What the events are ordered by.")

    class Private(BaseModel):
        answer: str = Field(description="Local date and time, or the events in their order.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        places = rng.sample(PLACES, knobs.zones)
        zones = dict(zip(places, rng.sample(OFFSETS, knobs.zones), strict=True))
        public: dict[str, Any] = {"form": knobs.form, "zones": zones, "start": [], "edge": "ends"}
        # The days around the end of a month, in leap years and others, are where calendars go wrong.
        noon = datetime(rng.randint(1996, 2039), rng.randint(1, 12), 1) + timedelta(days=rng.randint(-4, 2), hours=12)
        around = (noon - EPOCH) // timedelta(minutes=1)
        if knobs.form == "clock":
            public["start"] = [places[0], stamp(around + rng.randint(-700, 700))]
            public["parts"] = journey(places, knobs.length, rng)
            if arrival(public) != arrival(public, shown_now=0):
                return self.generate(rng)
            answer = stamp(arrival(public))
        else:
            public["edge"] = rng.choice(["starts", "ends"])
            public["parts"] = happenings(knobs.length, knobs.relative, zones, around, rng)
            instants = resolved(public)
            if len(set(instants.values())) < len(instants):
                return self.generate(rng)
            answer = ", ".join(sorted(instants, key=instants.__getitem__))
        return {
            "public": public,
            "private": {"answer": answer},
            "difficulty": float(knobs.length + knobs.zones),
            "certificate": {
                "answers": 1,
                "by": "each statement gives one instant; no clock shows its time already, no two events share theirs",
            },
        }

    def begin(self, task: Task) -> str:
        public = task.public
        zones = "; ".join(f"{place} UTC{signed(minutes)}" for place, minutes in public["zones"].items())
        clocks = f"Local times (24-hour clock, no daylight saving): {zones}."
        if public["form"] == "clock":
            place, at = public["start"]
            parts = "\n".join(f"{number}. {told(part)}" for number, part in enumerate(public["parts"], 1))
            return (
                f"{clocks}\n\nA traveller is in {place}, where it is {at} (year-month-day, hours:minutes). Then, one after the other:\n"
                f"{parts}\n\nWhat are the local date and time where the traveller is right after the last of these? End your reply "
                "with one line: Answer: YYYY-MM-DD HH:MM"
            )
        parts = "\n".join(f"- {described(event)}" for event in public["parts"])
        return (
            f"{clocks}\n\nEvents (dates are year-month-day):\n{parts}\n\nWhich of the events {public['edge']} first, which next, and so "
            f"on? Order them by the moment at which each {public['edge']}. End your reply with one line that names them all in this "
            "order: Answer: EVENT, EVENT, ..."
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        public = task.public
        try:
            given: Any = settled(reply, instant_in if public["form"] == "clock" else events_in)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="time_sequence.unreadable")
        if public["form"] == "clock":
            if given != arrival(public):
                return Verdict.of(0, code="time_sequence.wrong_time", reason=f"it is not {stamp(given)} there then")
            return Verdict.of(1, code="time_sequence.ok", reason="that is the local date and time")
        instants = resolved(public)
        if sorted(given) != sorted(instants):
            return Verdict.of(0, code="time_sequence.other_events", reason="those are not the events, each once")
        for first, second in pairwise(given):
            if instants[first] > instants[second]:
                return Verdict.of(0, code="time_sequence.wrong_order", reason=f"{second} is before {first}")
        return Verdict.of(1, code="time_sequence.ok", reason="each event is before the next")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['answer']}"

    def random_action(self, rng: random.Random) -> Action:
        """A time within some days of the start, or the events in random order."""
        if self.task is None or self.task.public["form"] == "clock":
            start = self.task.public["start"][1] if self.task is not None else stamp(0)
            return f"Answer: {stamp(instant_in(start) + rng.randint(0, 5 * DAY))}"
        names = [event["name"] for event in self.task.public["parts"]]
        return "Answer: " + ", ".join(rng.sample(names, len(names)))


def instant_in(answer: str) -> int:
    """The minutes of a date and time that stand alone."""
    found = STAMP.fullmatch(answer)
    if found is None:
        raise Unreadable(f"{answer[:80]!r} is no YYYY-MM-DD HH:MM")
    try:
        return (datetime(*map(int, found.groups())) - EPOCH) // timedelta(minutes=1)  # type: ignore[arg-type]
    except ValueError as error:
        raise Unreadable(f"{answer[:80]!r} is no date and time: {error}") from error


def events_in(answer: str) -> list[str]:
    return [item.casefold().removeprefix("the ").strip() for item in items(answer)]


def stamp(minutes: int) -> str:
    return f"{EPOCH + timedelta(minutes=minutes):%Y-%m-%d %H:%M}"


def signed(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


def span(minutes: int) -> str:
    """A length of time in days, hours and minutes."""
    days, hours, rest = minutes // DAY, minutes % DAY // 60, minutes % 60
    parts = [
        f"{days} day{'s' * (days != 1)}" if days else "",
        f"{hours} h" if hours else "",
        f"{rest} min" if rest else "",
    ]
    return " ".join(part for part in parts if part)


def journey(places: list[str], length: int, rng: random.Random) -> list[dict[str, Any]]:
    """Parts of a journey from the first place: to another one and back to waiting, by turns, where there is another one."""
    here = places[0]
    parts: list[dict[str, Any]] = []
    for number in range(length):
        if number % 2 == 0 and len(places) > 1:
            here = rng.choice([place for place in places if place != here])
            parts.append({"do": "go", "place": here, "minutes": rng.randint(40, 1100)})
        elif rng.random() < 0.4:
            parts.append({"do": "until", "clock": f"{rng.randrange(24):02}:{rng.randrange(60):02}"})
        else:
            parts.append({"do": "wait", "minutes": rng.choice([rng.randint(20, 900), rng.randint(2, 45) * DAY])})
    return parts


def told(part: dict[str, Any]) -> str:
    if part["do"] == "go":
        return f"A journey of {span(part['minutes'])}, which ends in {part['place']}."
    if part["do"] == "until":
        return f"A wait until the local clock next shows {part['clock']}."
    return f"A stay of exactly {span(part['minutes'])} in the same place."


def arrival(public: dict[str, Any], *, shown_now: int = DAY) -> int:
    """The local minutes at the end of a journey; `shown_now` is how long one waits for a clock that shows the time already."""
    place, at = public["start"]
    zones: dict[str, int] = public["zones"]
    local = instant_in(at)
    for part in public["parts"]:
        if part["do"] == "until":
            hours, minutes = map(int, part["clock"].split(":"))
            ahead = (hours * 60 + minutes - local) % DAY
            local += ahead or shown_now
            continue
        local += part["minutes"]
        if part["do"] == "go":
            local += zones[part["place"]] - zones[place]
            place = part["place"]
    return local


def happenings(
    count: int, relative: float, zones: dict[str, int], around: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Events, some of them told by another one, in random order."""
    events: list[dict[str, Any]] = []
    for name in rng.sample(EVENTS, count):
        event: dict[str, Any] = {"name": name, "minutes": rng.randint(20, 300)}
        if events and rng.random() < relative:
            other = rng.choice(events)["name"]
            event |= {
                "other": other,
                "edge": rng.choice(["starts", "ends"]),
                "later": rng.choice([-1, 1]) * rng.randint(5, 240),
            }
        else:
            place = rng.choice(list(zones))
            event |= {"place": place, "at": stamp(around + rng.randint(-300, 300) + zones[place])}
        events.append(event)
    rng.shuffle(events)
    return events


def described(event: dict[str, Any]) -> str:
    lasts = f"and lasts {span(event['minutes'])}"
    if "at" in event:
        return f"The {event['name']} starts at {event['at']} in {event['place']} {lasts}."
    when = "after" if event["later"] > 0 else "before"
    return (
        f"The {event['name']} starts {span(abs(event['later']))} {when} the {event['other']} {event['edge']} {lasts}."
    )


def resolved(public: dict[str, Any]) -> dict[str, int]:
    """The instant at which each event starts or ends, as asked."""
    starts: dict[str, int] = {}
    lasts = {event["name"]: event["minutes"] for event in public["parts"]}
    while len(starts) < len(lasts):
        for event in public["parts"]:
            if "at" in event:
                starts[event["name"]] = instant_in(event["at"]) - public["zones"][event["place"]]
            elif event["other"] in starts:
                edge = lasts[event["other"]] if event["edge"] == "ends" else 0
                starts[event["name"]] = starts[event["other"]] + edge + event["later"]
    return {name: at + (lasts[name] if public["edge"] == "ends" else 0) for name, at in starts.items()}

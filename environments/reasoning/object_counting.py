"""Object counting: several people own, give, swap and lose coloured things; how many of a category does each own in the end?

The count of every person is asked for, so a lucky number does not pass. What happens is data in the task, told in the prompt and played
again to grade. The things are chosen so that their category is beyond dispute, and no event asks for more than somebody has.
"""

import random
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field

from envgym.answer_env import AnswerEnv
from envgym.env import EnvKnobs
from envgym.environments.reasoning.settled import settled
from envgym.message import Action
from envgym.task import Task, TaskFields
from envgym.verdict import Verdict
from envgym.verifiers.structured_reply import Unreadable

NAMES = ("Ann", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana")
COLOURS = ("red", "blue", "green", "yellow")
CATEGORIES = {
    "pieces of fruit": ("apple", "pear", "plum", "peach", "banana"),
    "tools": ("hammer", "saw", "wrench", "drill", "chisel"),
    "musical instruments": ("violin", "flute", "drum", "trumpet", "guitar"),
    "pieces of clothing": ("shirt", "coat", "jacket", "sock", "sweater"),
    "pieces of furniture": ("chair", "table", "sofa", "desk", "bed"),
}
CATEGORY_OF = {thing: category for category, things in CATEGORIES.items() for thing in things}
PART = re.compile(r"([a-z]+)\s*(?:=|:|->|has)?\s*(\d{1,6})")
Item = tuple[str, str]
"""Colour and thing; the colour is empty where colours are not used."""
Holdings = dict[str, dict[Item, int]]
Group = dict[str, str]
"""`category`, `colour` and `not_colour`, each empty where it does not matter."""
Event = dict[str, Any]


class ObjectCounting(AnswerEnv):
    """Follow who owns what through gifts, swaps and losses, and count a category for each person."""

    id = "object_counting"

    class Knobs(EnvKnobs):
        people: int = Field(default=3, ge=2, le=8, description="People who own things.")
        items: int = Field(default=4, ge=1, le=12, description="Different things that each one owns at first.")
        events: int = Field(default=6, ge=1, le=40, description="What happens, one after the other.")
        categories: int = Field(default=3, ge=2, le=5, description="Categories of things.")
        colours: int = Field(default=3, ge=0, le=4, description="Colours of things; 0 for none.")
        idle: float = Field(default=0.15, ge=0, le=0.9, description="Share of events that change nothing.")

    class Public(BaseModel):
        start: dict[str, list[list[Any]]] = Field(description="Colour, thing and number of what each person owns.")
        events: list[Event] = Field(description="What happens, in order.")
        group: Group = Field(description="What is counted.")

    class Private(BaseModel):
        answer: str = Field(description="The count of each person.")

    knobs: Knobs

    def generate(self, rng: random.Random) -> TaskFields:
        knobs = self.knobs
        names = list(NAMES[: knobs.people])
        things = [
            thing
            for name in rng.sample(list(CATEGORIES), knobs.categories)
            for thing in rng.sample(CATEGORIES[name], 3)
        ]
        items = [(colour, thing) for colour in COLOURS[: knobs.colours] or ("",) for thing in things]
        start = {
            name: [[*item, rng.randint(1, 9)] for item in rng.sample(items, min(knobs.items, len(items)))]
            for name in names
        }
        held = opening(start)
        events: list[Event] = []
        while len(events) < knobs.events:
            event = new_event(held, items, knobs.idle, rng)
            if event is not None:
                play(event, held)
                events.append(event)
        group = new_group(items, rng, asked=True)
        counts = counted(held, group)
        if not any(counts.values()) or counts == counted(opening(start), group):
            return self.generate(rng)
        return {
            "public": {"start": start, "events": events, "group": group},
            "private": {"answer": written(counts)},
            "difficulty": float(len(events) + knobs.people * knobs.items / 2),
            "certificate": {"answers": 1, "by": "every event has one result and can be done"},
        }

    def begin(self, task: Task) -> str:
        public = task.public
        start = "\n".join(
            f"{name} has {', '.join(amount(number, colour, thing) for colour, thing, number in owned)}."
            for name, owned in public["start"].items()
        )
        events = "\n".join(f"{number}. {told(event)}" for number, event in enumerate(public["events"], 1))
        return (
            f"At first:\n{start}\n\nThen, one after the other:\n{events}\n\nHow many {phrase(public['group'])} does each person have in "
            "the end? Say 0 for a person who has none. End your reply with one line that names everybody: "
            f"Answer: {', '.join(f'{name} = NUMBER' for name in public['start'])}"
        )

    def grade(self, reply: str, task: Task) -> Verdict:
        public = task.public
        try:
            given = settled(reply, counts_in)
        except Unreadable as error:
            return Verdict.malformed(str(error), code="object_counting.unreadable")
        held = opening(public["start"])
        for event in public["events"]:
            play(event, held)
        counts = {name.casefold(): count for name, count in counted(held, public["group"]).items()}
        if given.keys() != counts.keys():
            return Verdict.of(0, code="object_counting.people", reason=f"expected a number for {', '.join(counts)}")
        wrong = [name for name, count in counts.items() if given[name] != count]
        if wrong:
            return Verdict.of(0, code="object_counting.wrong", reason=f"{', '.join(wrong)} should have another number")
        return Verdict.of(1, code="object_counting.ok", reason="everybody's number is right")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield f"Answer: {self.task.private['answer']}"

    def random_action(self, rng: random.Random) -> Action:
        """A random number for each person."""
        names = self.task.public["start"] if self.task is not None else NAMES[:2]
        return "Answer: " + written({name: rng.randint(0, 20) for name in names})


def written(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} = {count}" for name, count in counts.items())


def counts_in(answer: str) -> dict[str, int]:
    """The number that an answer gives to each name, in small letters. Raises Unreadable for anything beside names and numbers."""
    found: dict[str, int] = {}
    for part in re.split(r"[,;]|\band\b", re.sub(r"[{}\"'`*_]", "", answer.casefold())):
        if not part.strip():
            continue
        match = PART.fullmatch(part.strip())
        if match is None or match[1] in found:
            raise Unreadable(f"{part.strip()[:80]!r} is no NAME = NUMBER of a new name")
        found[match[1]] = int(match[2])
    if not found:
        raise Unreadable("it gives nobody a number")
    return found


def opening(start: dict[str, list[list[Any]]]) -> Holdings:
    return {name: {(colour, thing): number for colour, thing, number in owned} for name, owned in start.items()}


def within(item: Item, group: Group) -> bool:
    colour, thing = item
    return (
        group["category"] in ("", CATEGORY_OF[thing])
        and group["colour"] in ("", colour)
        and (not group["not_colour"] or group["not_colour"] != colour)
    )


def counted(held: Holdings, group: Group) -> dict[str, int]:
    return {name: sum(number for item, number in owned.items() if within(item, group)) for name, owned in held.items()}


def new_group(items: list[Item], rng: random.Random, *, asked: bool) -> Group:
    """A category, a colour or both; where it is asked about, also a category without a colour."""
    colour, thing = rng.choice(items)
    group = {"category": CATEGORY_OF[thing], "colour": "", "not_colour": ""}
    shape = rng.randrange(4 if asked else 3) if colour else 0
    if shape:
        group["not_colour" if shape == 3 else "colour"] = colour
    if shape == 1:
        group["category"] = ""
    return group


def new_event(held: Holdings, items: list[Item], idle: float, rng: random.Random) -> Event | None:
    """Something that can happen now; None where the draw found nothing."""
    who, other = rng.sample(list(held), 2)
    owned = [item for item, number in held[who].items() if number]
    if rng.random() < idle or not owned:
        colour, thing = rng.choice(items)
        if not owned:
            return {"do": "buys", "who": who, "item": [colour, thing], "number": rng.randint(1, 9)}
        return {"do": rng.choice(["admires", "counts"]), "who": who, "other": other, "item": [colour, thing]}
    do = rng.choice(["gives", "gives", "buys", "loses", "gives_all", "gives_half", "swaps"])
    item = rng.choice(items if do == "buys" else owned)
    event: Event = {"do": do, "who": who, "other": other}
    if do in ("gives_all", "swaps"):
        group = new_group([item], rng, asked=False)
        return event | {"group": group}
    event["item"] = list(item)
    if do == "gives_half":
        return event if held[who][item] % 2 == 0 else None
    return event | {"number": rng.randint(1, 9 if do == "buys" else held[who][item])}


def play(event: Event, held: Holdings) -> None:
    """Changes the holdings as the event does."""
    mine = held[event["who"]]
    if event["do"] in ("admires", "counts"):
        return
    if event["do"] == "buys":
        move(tuple(event["item"]), -event["number"], mine, {})
    elif event["do"] == "loses":
        move(tuple(event["item"]), event["number"], mine, {})
    elif event["do"] == "gives":
        move(tuple(event["item"]), event["number"], mine, held[event["other"]])
    elif event["do"] == "gives_half":
        move(tuple(event["item"]), mine[tuple(event["item"])] // 2, mine, held[event["other"]])
    else:
        theirs = held[event["other"]]
        there = {item: number for item, number in mine.items() if within(item, event["group"])}
        back = {item: number for item, number in theirs.items() if within(item, event["group"])}
        for item, number in there.items():
            move(item, number, mine, theirs)
        for item, number in back.items() if event["do"] == "swaps" else ():
            move(item, number, theirs, mine)


def move(item: Any, number: int, source: dict[Item, int], target: dict[Item, int]) -> None:
    source[item] = source.get(item, 0) - number
    target[item] = target.get(item, 0) + number


def told(event: Event) -> str:
    """An event as the prompt tells it."""
    who, other = event["who"], event.get("other", "")
    match event["do"]:
        case "buys":
            return f"{who} buys {amount(event['number'], *event['item'])}."
        case "loses":
            return f"{who} throws away {amount(event['number'], *event['item'])}."
        case "gives":
            return f"{who} gives {amount(event['number'], *event['item'])} to {other}."
        case "gives_half":
            return f"{who} gives exactly half of the {several(*event['item'])} that {who} has to {other}."
        case "gives_all":
            return f"{who} gives all {phrase(event['group'])} that {who} has to {other}."
        case "swaps":
            return f"{who} and {other} swap: all {phrase(event['group'])} of {who} against all {phrase(event['group'])} of {other}."
        case "admires":
            return f"{who} would like to have more {several(*event['item'])}, but {other} does not part with any."
    return f"{who} shows {other} a picture of {several(*event['item'])}."


def phrase(group: Group) -> str:
    words = f"{group['colour']} {group['category'] or 'things (of every kind)'}".strip()
    return f"{words} that are not {group['not_colour']}" if group["not_colour"] else words


def several(colour: str, thing: str) -> str:
    return f"{colour} {thing}{'es' if thing.endswith('ch') else 's'}".strip()


def amount(number: int, colour: str, thing: str) -> str:
    return f"{number} {f'{colour} {thing}'.strip() if number == 1 else several(colour, thing)}"

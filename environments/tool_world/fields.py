"""Field types of a domain: what a column holds, how a value of it is drawn, compared, and said in a sentence.

A field says what it means (`email()`, `cents(500, 9000)`), never how it is stored; storage, checks, JSON schemas, data and language
all follow from the meaning. Dates are texts "2026-03-14" and moments "2026-03-14 09:30", so that they compare as they are read. Money
is whole cents.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import Any, Literal, TypedDict, Unpack

from envgym.environments.tool_world import lexicon
from envgym.environments.tool_world.calendar import Calendar, weekday
from envgym.errors import UsageError

MOSTLY = 0.9
Kind = Literal[
    "words",
    "choice",
    "states",
    "flag",
    "integer",
    "cents",
    "date",
    "moment",
    "time",
    "code",
    "email",
    "phone",
    "note",
    "ref",
]
Compare = Literal["exact", "casefold", "free", "volatile"]
"""How a value is compared with the wanted one: as it is; letters in any case; any text as good as another; not at all."""
Drawing = Callable[[Random, Mapping[str, Any], Calendar], Any]
"""Draws a value from the stream, the columns of the row that are known already, and the calendar."""


class Options(TypedDict, total=False):
    """What any field may be given besides its meaning."""

    unique: bool
    optional: bool
    """May be NULL; generated rows leave it empty unless the domain's `fill` or an operation sets it."""
    edit: bool
    """The agent gets a tool that sets it."""
    search: bool
    """The search tool of the entity filters by it."""
    compare: Compare
    says: str
    """How a row is told by it, with {value}: "in {value}", "with the email {value}"."""
    extremes: tuple[str, str] | None
    """Adjectives of the row with the smallest and with the largest value: ("cheapest", "most expensive")."""
    hidden: bool
    """The agent's reading tools leave it out: only operations tell it, as what a customer sees on the own screen."""
    default: Any
    """Value of a new row where none is given; "today" and "now" are read from the world's clock."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `target`, `many`, `per`, `same` and `inline` belong to references, `moves` to states."""

    kind: Kind
    draw: Drawing
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    moves: frozenset[tuple[str, str]] = frozenset()
    pattern: str = ""
    target: Any = None
    many: str = ""
    per: tuple[int, int] | None = None
    same: tuple[str, ...] = ()
    inline: bool = False
    unique: bool = False
    optional: bool = False
    edit: bool = False
    search: bool = False
    compare: Compare = "exact"
    says: str = ""
    extremes: tuple[str, str] | None = None
    hidden: bool = False
    default: Any = None

    @property
    def whole_number(self) -> bool:
        """Whether it is stored as an integer."""
        return self.kind in ("flag", "integer", "cents")


def _made(field: Field, options: Options) -> Any:
    return replace(field, **options)


def _mostly(values: tuple[str, ...], usual: str) -> Drawing:
    """Draws any of `values` evenly, or `usual` nine times in ten."""
    if usual and usual not in values:
        raise UsageError(f"mostly={usual!r} is none of {', '.join(values)}")
    return lambda rng, row, calendar: usual if usual and rng.random() < MOSTLY else rng.choice(values)


def words(*choices: str | Sequence[str], **options: Unpack[Options]) -> Any:
    """Text made of one part of each list, in order: words(["red", "blue"], ["shirt", "mug"])."""
    parts = [(part,) if isinstance(part, str) else tuple(part) for part in choices]
    return _made(Field("words", lambda rng, row, calendar: " ".join(rng.choice(part) for part in parts)), options)


def phrases(text: str) -> tuple[str, ...]:
    """Phrasings that are written after each other with bars between: phrases("cancel {order} | call {order} off")."""
    return tuple(" ".join(part.split()) for part in text.split("|"))


def full_name(**options: Unpack[Options]) -> Any:
    """A person's first and last name."""
    draw: Drawing = lambda rng, row, calendar: f"{rng.choice(lexicon.FIRST_NAMES)} {rng.choice(lexicon.LAST_NAMES)}"
    return _made(Field("words", draw, compare="casefold"), options)


def email(**options: Unpack[Options]) -> Any:
    """An address made from the `name` of the row, where it has one."""
    return _made(Field("email", lexicon.email, compare="casefold", says="with the email {value}"), options)


def phone(**options: Unpack[Options]) -> Any:
    return _made(
        Field("phone", lambda rng, row, calendar: lexicon.phone(rng), says="with the phone number {value}"), options
    )


def city(**options: Unpack[Options]) -> Any:
    return _made(
        Field("words", lambda rng, row, calendar: rng.choice(lexicon.CITIES), compare="casefold", says="in {value}"),
        options,
    )


def street(**options: Unpack[Options]) -> Any:
    """Street and number, as a line of an address."""
    draw: Drawing = lambda rng, row, calendar: f"{rng.randrange(1, 190)} {rng.choice(lexicon.STREETS)}"
    return _made(Field("words", draw, compare="casefold", says="at {value}"), options)


def postcode(**options: Unpack[Options]) -> Any:
    """Five digits."""
    return _made(
        Field(
            "code",
            lambda rng, row, calendar: f"{rng.randrange(10000, 99999)}",
            pattern="#####",
            says="with the postcode {value}",
        ),
        options,
    )


def company(**options: Unpack[Options]) -> Any:
    draw: Drawing = lambda rng, row, calendar: f"{rng.choice(lexicon.LAST_NAMES)} {rng.choice(lexicon.COMPANY_KINDS)}"
    return _made(Field("words", draw, compare="casefold"), options)


def code(pattern: str, **options: Unpack[Options]) -> Any:
    """A code such as "GC-####": # stands for a digit, ? for a capital letter, * for either."""
    return _made(
        Field(
            "code", lambda rng, row, calendar: lexicon.code(rng, pattern), pattern=pattern, unique=True, says="{value}"
        ),
        options,
    )


def note(**options: Unpack[Options]) -> Any:
    """Free text that nobody can word in one way only: any text counts as good as another, but not none."""
    return _made(Field("note", lambda rng, row, calendar: None, optional=True, compare="free"), options)


def choice(*choices: str, mostly: str = "", **options: Unpack[Options]) -> Any:
    """One of a few words, such as a tier or a reason. `mostly` is the word of nine generated rows in ten."""
    return _made(Field("choice", _mostly(choices, mostly), choices=choices), options)


def flag(likely: float = 0.5, **options: Unpack[Options]) -> Any:
    """Yes or no; `likely` is the share of rows with yes."""
    return _made(Field("flag", lambda rng, row, calendar: int(rng.random() < likely), low=0, high=1), options)


def integer(low: int, high: int, *, step: int = 1, **options: Unpack[Options]) -> Any:
    """A whole number from `low` to `high`, both included, which no operation may leave. Drawn values are `step` apart: 30, 45, 60."""
    return _made(
        Field("integer", lambda rng, row, calendar: rng.randrange(low, high + 1, step), low=low, high=high), options
    )


def cents(low: int, high: int, *, step: int = 0, **options: Unpack[Options]) -> Any:
    """Money in whole cents. Drawn values end in 00, 49, 50, 90, 95 or 99, or are `step` apart; the stored value may be any from 0 up."""
    draw: Drawing = lambda rng, row, calendar: (
        rng.randrange(low, high + 1, step) if step else lexicon.price(rng, low, high)
    )
    return _made(Field("cents", draw, low=0, extremes=("cheapest", "most expensive")), options)


def date(first: int, last: int, *, workdays: bool = False, **options: Unpack[Options]) -> Any:
    """A day, `first` to `last` days from today: date(-60, -1) lies in the past two months. `workdays` leaves weekends out."""
    draw: Drawing = lambda rng, row, calendar: calendar.day(_days(rng, calendar, first, last, workdays))
    return _made(Field("date", draw, low=first, high=last, extremes=("earliest", "latest")), options)


def moment(
    first: int,
    last: int,
    *,
    step: int = 30,
    hours: tuple[int, int] = (8, 18),
    workdays: bool = False,
    **options: Unpack[Options],
) -> Any:
    """A day and a time in `hours` on a grid of `step` minutes, `first` to `last` days from today. `workdays` leaves weekends out."""
    draw: Drawing = lambda rng, row, calendar: calendar.moment(
        _days(rng, calendar, first, last, workdays),
        hours[0] * 60 + step * rng.randrange((hours[1] - hours[0]) * 60 // step),
    )
    return _made(Field("moment", draw, low=first, high=last, extremes=("earliest", "latest")), options)


def _days(rng: Random, calendar: Calendar, first: int, last: int, workdays: bool) -> int:
    """How many days from today, `first` to `last`."""
    if not workdays:
        return rng.randrange(first, last + 1)
    return rng.choice(
        [days for days in range(first, last + 1) if weekday(calendar.day(days)) not in ("Saturday", "Sunday")]
    )


def time(first: int = 8, last: int = 18, *, step: int = 30, **options: Unpack[Options]) -> Any:
    """A time of the day "09:30", from `first` to before `last` o'clock."""
    draw: Drawing = lambda rng, row, calendar: calendar.clock(
        first * 60 + step * rng.randrange((last - first) * 60 // step)
    )
    return _made(Field("time", draw), options)


def states(*chains: str, mostly: str = "", **options: Unpack[Options]) -> Any:
    """A state machine: states("pending > processed > shipped", "pending > cancelled"). The first state is that of a new row; `mostly` is
    that of nine generated rows in ten.
    """
    paths = [[state.strip() for state in chain.split(">")] for chain in chains]
    known = tuple(dict.fromkeys(state for path in paths for state in path))
    moves = frozenset(move for path in paths for move in pairwise(path))
    return _made(
        Field("states", _mostly(known, mostly), choices=known, moves=moves, default=known[0], says="that is {value}"),
        options,
    )


def ref(
    target: Any,
    *,
    many: str = "",
    per: tuple[int, int] | None = None,
    same: str | Sequence[str] = (),
    inline: bool = False,
    **options: Unpack[Options],
) -> Any:
    """A row of another entity (a class, or its name where it comes later).

    `many` is what the other side calls these rows: order.items. `per` says how many of them each row of the other side is given in
    generated data. `same="customer"` keeps to rows that have the same customer as this one. `inline` shows these rows inside the other
    side's details.
    """
    return _made(
        Field(
            "ref",
            lambda rng, row, calendar: None,
            target=target,
            many=many,
            per=per,
            same=(same,) if isinstance(same, str) else tuple(same),
            inline=inline,
        ),
        options,
    )

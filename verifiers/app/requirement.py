"""What an app must do, as data: checks made of steps, with hidden values that are drawn anew for every task.

Steps find controls by role and name, as a person does, never by ids or classes, so any way of building the app passes. `{word}` in a step
stands for a drawn value; an app with the values of an example built in cannot pass. Most checks also say what must *not* be: an app that
shows everything, or ignores an empty entry, fails on those.
"""

import random
import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from envgym.errors import UsageError

STRICT = ConfigDict(frozen=True, extra="forbid")
NOUNS = (
    "lantern", "harbour", "pepper", "saddle", "meadow", "copper", "violin", "glacier", "thimble", "orchard",
    "ribbon", "walnut", "compass", "pillow", "quarry", "anchor", "teapot", "feather", "tunnel", "marble",
    "ladder", "blanket", "candle", "bridge", "garden", "kettle",
)  # fmt: skip
QUALITIES = (
    "amber", "brisk", "quiet", "narrow", "golden", "steady", "crooked", "mellow", "silver", "hollow",
    "polite", "rusty", "velvet", "distant", "gentle", "sturdy",
)  # fmt: skip


class Words(BaseModel):
    """Two words that nobody guesses, such as `crooked walnut`; different from all others of the check."""

    model_config = STRICT
    draw: Literal["words"]


class Whole(BaseModel):
    """A whole number."""

    model_config = STRICT
    draw: Literal["integer"]
    low: int
    high: int


class Email(BaseModel):
    """An address of electronic mail."""

    model_config = STRICT
    draw: Literal["email"]


class Reckoned(BaseModel):
    """The sum, the difference or the product of other values of the check, with as many decimals as asked."""

    model_config = STRICT
    draw: Literal["sum", "difference", "product"]
    of: tuple[str | int | float, ...] = Field(min_length=2, description="Names of values, or numbers.")
    decimals: int = Field(0, ge=0, le=4)


Draw = Annotated[Words | Whole | Email | Reckoned, Field(discriminator="draw")]


class Step(BaseModel):
    """One thing that is done or looked for."""

    model_config = STRICT

    do: Literal["fill", "press", "tick", "choose", "key", "reload", "sees", "lacks", "counts", "ordered", "holds", "is"]
    name: str = Field(
        "", description="Name of the control: a field for fill, choose and holds; a button, link or tab for press."
    )
    near: str = Field("", description="A text beside which the control stands, where several have the same name.")
    text: str = Field("", description="What is typed, chosen, pressed as a key, or looked for.")
    texts: tuple[str, ...] = Field((), description="Texts in the order in which they must stand on the page.")
    role: str = Field("", description="Role of what is counted.")
    number: str = Field("", description="How often: presses of a button, or what there must be of a role.")
    state: str = Field(
        "",
        description="For is and tick: checked, disabled, selected, `not checked`. For press: accept or dismiss, what the dialog that must "
        "open is answered.",
    )

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        missing = [part for part in NEEDED[self.do] if not getattr(self, part)]
        if missing:
            raise ValueError(f"{self.do} needs {' and '.join(missing)}")
        if self.do == "ordered" and len(self.texts) < 2:
            raise ValueError("ordered needs at least two texts")
        if not re.fullmatch(r"([0-9]{1,3}|\{\w+\})?", self.number):
            raise ValueError(f"number must be a whole number or the name of a value, not {self.number[:40]!r}")
        return self

    def filled(self, values: dict[str, str]) -> "Step":
        """The step with values in place of their names."""

        def put(text: str) -> str:
            for name, value in values.items():
                text = text.replace(f"{{{name}}}", value)
            return text

        changed = {part: put(getattr(self, part)) for part in ("name", "near", "text", "role", "number", "state")}
        return self.model_copy(update={**changed, "texts": tuple(map(put, self.texts))})


NEEDED: dict[str, tuple[str, ...]] = {
    "fill": ("name",),
    "press": ("name",),
    "tick": ("name",),
    "choose": ("name", "text"),
    "key": ("text",),
    "reload": (),
    "sees": ("text",),
    "lacks": ("text",),
    "counts": ("role", "number"),
    "ordered": ("texts",),
    "holds": ("name",),
    "is": ("name", "state"),
}
"""What each step cannot do without: one that lacks it would hold of any app."""


class AppCheck(BaseModel):
    """Steps on the freshly opened app, with nothing stored; all must go through."""

    model_config = STRICT

    name: str = Field(min_length=1, description="What holds when it passes, as a sentence.")
    values: dict[str, Draw] = {}
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names(self) -> Self:
        known: set[str] = set()
        for name, draw in self.values.items():
            missing = [part for part in getattr(draw, "of", ()) if isinstance(part, str) and part not in known]
            if missing:
                raise ValueError(f"value {name!r} is reckoned from {missing[0]!r}, which does not stand before it")
            known.add(name)
        return self

    def drawn(self, rng: random.Random) -> tuple[Step, ...]:
        """The steps with values drawn from `rng`."""
        values: dict[str, str] = {}
        for name, draw in self.values.items():
            value = drawn(draw, values, rng)
            while isinstance(draw, Words) and value in values.values():
                value = drawn(draw, values, rng)
            values[name] = value
        return tuple(step.filled(values) for step in self.steps)


class Requirement(BaseModel):
    """One app to build."""

    model_config = STRICT

    name: str = Field(min_length=1)
    title: str = Field(min_length=1)
    asks: str = Field(
        min_length=1, description="What the agent is told: what the app does, and the names of its controls."
    )
    checks: tuple[AppCheck, ...] = Field(min_length=1)


def drawn(draw: Draw, values: dict[str, str], rng: random.Random) -> str:
    """One value as text."""
    match draw:
        case Words():
            return f"{rng.choice(QUALITIES)} {rng.choice(NOUNS)}"
        case Whole():
            return str(rng.randint(draw.low, draw.high))
        case Email():
            return f"{rng.choice(QUALITIES)}.{rng.choice(NOUNS)}{rng.randint(10, 99)}@mail.example"
    return reckoned(draw, values)


def reckoned(draw: Reckoned, values: dict[str, str]) -> str:
    numbers = [float(values[part]) if isinstance(part, str) else float(part) for part in draw.of]
    total = numbers[0]
    for number in numbers[1:]:
        total = (
            total + number if draw.draw == "sum" else total - number if draw.draw == "difference" else total * number
        )
    return f"{total:.{draw.decimals}f}"


def read_requirement(text: str, where: str) -> Requirement:
    """Raises UsageError that names the field which is wrong."""
    try:
        return Requirement.model_validate_json(text)
    except ValueError as error:
        raise UsageError(f"{where} is no requirement of an app: {error}") from None

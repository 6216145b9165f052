"""What an agent can do to a page, whatever drives it and in whatever words the agent says it: one union of small records.

A backend gets nothing but these; other dialects (BrowserGym's calls, computer-use JSON, playwright-mcp's tools) are read into them by
`dialects/`. No text of an agent is ever run. Elements are named by the refs of the last observation (`e7`), points by CSS pixels from the
upper left corner of the viewport.
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from envgym.errors import InvalidAction
from envgym.tool_env import explain

Ref = Annotated[str, Field(pattern=r"^e\d{1,7}$", description="Ref of an element in the last observation, such as e7.")]
Pixel = Annotated[float, Field(ge=-20_000, le=20_000)]
Text = Annotated[str, Field(max_length=100_000)]
Button = Literal["left", "right", "middle"]
Modifier = Literal["Alt", "Control", "Meta", "Shift"]


class _Action(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Click(_Action):
    """Presses a mouse button over an element, after it was scrolled into view."""

    type: Literal["click"] = "click"
    ref: Ref
    button: Button = "left"
    count: int = Field(default=1, ge=1, le=3)
    modifiers: tuple[Modifier, ...] = ()


class ClickAt(_Action):
    """The same at a point."""

    type: Literal["click_at"] = "click_at"
    x: Pixel
    y: Pixel
    button: Button = "left"
    count: int = Field(default=1, ge=1, le=3)
    modifiers: tuple[Modifier, ...] = ()


class Hover(_Action):
    """Moves the mouse over an element."""

    type: Literal["hover"] = "hover"
    ref: Ref


class MoveTo(_Action):
    """Moves the mouse to a point."""

    type: Literal["move_to"] = "move_to"
    x: Pixel
    y: Pixel


class Drag(_Action):
    """Drags one element onto another."""

    type: Literal["drag"] = "drag"
    ref: Ref
    to: Ref


class Point(_Action):
    """A point of the viewport."""

    x: Pixel
    y: Pixel


class DragPath(_Action):
    """Holds the left button from the first point over all others to the last."""

    type: Literal["drag_path"] = "drag_path"
    path: tuple[Point, ...] = Field(min_length=2, max_length=200)


class Fill(_Action):
    """Replaces what a field holds; with `submit`, presses Enter after it."""

    type: Literal["fill"] = "fill"
    ref: Ref
    text: Text
    submit: bool = False


class TypeText(_Action):
    """Types into whatever has the focus, key by key."""

    type: Literal["type_text"] = "type_text"
    text: Annotated[str, Field(max_length=2_000)]


class Press(_Action):
    """Presses a key, or several at once: Enter, Control+A, Shift+Tab. The names are those of KeyboardEvent.key."""

    type: Literal["press"] = "press"
    keys: str = Field(min_length=1, max_length=60)
    ref: Ref | None = None


class Select(_Action):
    """Chooses options of a list by their labels or values."""

    type: Literal["select"] = "select"
    ref: Ref
    values: tuple[Annotated[str, Field(max_length=1_000)], ...] = Field(min_length=1, max_length=100)


class Focus(_Action):
    """Gives an element the focus."""

    type: Literal["focus"] = "focus"
    ref: Ref


class Scroll(_Action):
    """Scrolls the page, or the element, or what lies at a point, by pixels."""

    type: Literal["scroll"] = "scroll"
    dx: Pixel = 0
    dy: Pixel = 0
    ref: Ref | None = None
    at: Point | None = None


class Goto(_Action):
    """Opens an address in the active tab; one that starts with / is on the same host."""

    type: Literal["goto"] = "goto"
    url: str = Field(min_length=1, max_length=2_000)


class History(_Action):
    """Goes back or forward in the history of the active tab, or loads its page again."""

    type: Literal["history"] = "history"
    to: Literal["back", "forward", "reload"]


class Tabs(_Action):
    """Opens a tab, closes one, or makes one active. `index` counts from 0."""

    type: Literal["tabs"] = "tabs"
    what: Literal["new", "close", "focus"]
    index: int | None = Field(default=None, ge=0, le=100)
    url: str = Field(default="", max_length=2_000)


class Dialog(_Action):
    """Answers the dialog that the page has opened."""

    type: Literal["dialog"] = "dialog"
    accept: bool
    text: Text = ""


class Wait(_Action):
    """Lets time pass."""

    type: Literal["wait"] = "wait"
    ms: int = Field(default=500, ge=0, le=5_000)


BrowserAction = Annotated[
    Click
    | ClickAt
    | Hover
    | MoveTo
    | Drag
    | DragPath
    | Fill
    | TypeText
    | Press
    | Select
    | Focus
    | Scroll
    | Goto
    | History
    | Tabs
    | Dialog
    | Wait,
    Field(discriminator="type"),
]
ACTION: TypeAdapter[BrowserAction] = TypeAdapter(BrowserAction)
"""Actions to and from JSON."""
Kind = TypeVar("Kind", bound=_Action)


def checked(kind: type[Kind], /, **fields: Any) -> Kind:
    """An action of one kind. Raises InvalidAction that names every field that is wrong."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        name = kind.model_fields["type"].default
        raise InvalidAction(f"{name}: {explain(error)}", code="tool.arguments") from None

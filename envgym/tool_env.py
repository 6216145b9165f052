"""ToolEnv: a world that is changed and read by tools, each a typed method under `@tool`.

The signature becomes the JSON schema and the check: a call with unknown, missing or ill-typed arguments never reaches the method; what
was wrong is told to the agent. Types are strict, "3" is no integer. A method that cannot do what was asked raises InvalidAction
*before* it changes anything.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, Literal, TypeVar, get_type_hints, overload

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import SchemaValidator

from envgym.env import AgentEnv
from envgym.errors import InvalidAction, UsageError
from envgym.message import Message, Observation, Parts, ToolCall, ToolSpec, tool_result

MAX_INT = 2**63
_encode = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps makes an encoder anew for each call with options
MAX_CALLS = 64
"""Tool calls in one reply."""
NOT_DONE = "not done: the episode is over"
Method = TypeVar("Method", bound=Callable[..., Any])
Effect = Literal["reads", "changes", "tests", "runs"]
"""What a tool does to the work: looks at it; changes it; runs its tests and changes nothing; runs any command, which may do all of it."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what the agent reads (`spec`), how arguments are checked, the method that runs, whether it ends the episode,
    what it does to the work, and which argument names the place that it changes."""

    name: str
    spec: ToolSpec
    arguments: SchemaValidator
    method: str
    final: bool
    effect: Effect = "changes"
    place: str = ""


@overload
def tool(method: Method, /) -> Method: ...
@overload
def tool(
    *, final: bool = False, name: str | None = None, effect: Effect = "changes", place: str = ""
) -> Callable[[Method], Method]: ...
def tool(
    method: Any = None,
    /,
    *,
    final: bool = False,
    name: str | None = None,
    effect: Effect = "changes",
    place: str = "",
) -> Any:
    """Marks a method of a ToolEnv as a tool. Its docstring is the description; `final` ends the episode when it succeeds.

    Scaffolds with phases go by `effect`; `place` is the argument that names what is changed, such as the path of a file.
    """

    def mark(marked: Any) -> Any:
        marked.__envgym_tool__ = {"name": name or marked.__name__, "final": final, "effect": effect, "place": place}
        return marked

    return mark if method is None else mark(method)


class ToolEnv(AgentEnv):
    """Write `generate`, `begin`, the `@tool` methods, `verify` and `oracle`. A tool that is set to None is taken away from a subclass."""

    max_turns: ClassVar[int] = 30
    toolbox: ClassVar[dict[str, Tool]] = {}
    fallbacks: ClassVar[Mapping[str, str]] = {}
    """Tools that another one stands in for when they are out of service: the same arguments, the same effect."""
    _specs: ClassVar[list[ToolSpec]] = []
    run_failed: bool | None = None
    """How the last run of this reply ended, set by tools whose effect is `tests` or `runs`; None where there was none."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.toolbox = dict(cls.toolbox)
        for name, attribute in list(vars(cls).items()):
            marked = getattr(attribute, "__envgym_tool__", None)
            if attribute is None:
                cls.toolbox.pop(name, None)
            if marked is not None:
                cls.toolbox[marked["name"]] = make_tool(attribute, **marked)
        cls._specs = [entry.spec for entry in cls.toolbox.values()]

    def tools(self) -> list[ToolSpec]:
        return self._specs.copy()

    def offered(self) -> Mapping[str, Tool]:
        """The tools of this episode by name: all of them, unless a subclass says otherwise."""
        return self.toolbox

    def places_of(self, call: ToolCall) -> list[str]:
        """What `call` would change, in the words in which an agent names it; empty where nobody can say. Never raises."""
        entry = self.offered().get(call["function"]["name"])
        if entry is None or not entry.place:
            return []
        try:
            named = json.loads(call["function"]["arguments"]).get(entry.place)
        except (ValueError, RecursionError, AttributeError):
            return []  # the tool itself will say what is wrong with such arguments
        return [named] if isinstance(named, str) else []

    def holds_tests(self, place: str) -> bool:
        """Whether `place` is a test of the work and no part of it."""
        return False

    def was_done(self, call: ToolCall) -> bool | None:
        """Whether the world shows that `call`, which changes it, was carried out in this episode; None where it does not show.

        An agent whose call timed out must be able to find this out by reading.
        """
        return None

    def look_for(self, call: ToolCall) -> Message | None:
        """The call by which an agent reads whether `call` was carried out; None where there is no single one."""
        return None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        self.run_failed = None
        return super().reset(seed=seed, options=options)

    def respond(self, message: Message) -> tuple[Observation, bool]:
        self.run_failed = None
        calls = message.get("tool_calls")
        if not calls:
            raise InvalidAction(f"call a tool; there are {', '.join(self.offered())}", code="tool.none")
        if len(calls) > MAX_CALLS:
            raise InvalidAction(f"{len(calls)} tool calls in one reply; at most {MAX_CALLS}", code="reply.size")
        told: list[Message] = []
        ended = False
        for tool_call in calls:
            result, final = (NOT_DONE, False) if ended else self._carry_out(tool_call)
            told.append(tool_result(tool_call["id"], result))
            ended = ended or final
        return tuple(told), ended

    def _carry_out(self, tool_call: ToolCall) -> tuple[str | Parts, bool]:
        """The result of one call as text or parts, and whether it ends the episode."""
        function = tool_call["function"]
        offered = self.offered()
        entry = offered.get(function["name"])
        try:
            if entry is None:
                raise unknown_tool(function["name"], list(offered))
            result = self.perform(entry, checked_arguments(entry, function["arguments"]))
        except InvalidAction as error:
            self.told_error = error.code
            return self.tell(error), False
        return result if isinstance(result, str | Parts) else _encode(result), entry.final

    def perform(self, entry: Tool, arguments: dict[str, Any]) -> Any:
        """Runs a tool with checked arguments. Raises InvalidAction, with nothing changed."""
        return getattr(self, entry.method)(**arguments)

    def tell(self, error: InvalidAction) -> str:
        """How a call that could not be done is told to the agent."""
        return f"error: {error}"


def unknown_tool(name: str, known: list[str]) -> InvalidAction:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return InvalidAction(f"there is no tool {name[:80]!r}; {hint}", code="tool.unknown")


def checked_arguments(entry: Tool, arguments: str) -> dict[str, Any]:
    """Arguments as typed values. Raises InvalidAction that names every argument that is wrong, and how."""
    try:
        values: dict[str, Any] = entry.arguments.validate_json(arguments or "{}").__dict__
    except ValidationError as error:
        raise InvalidAction(f"{entry.name}: {explain(error)}", code="tool.arguments") from None
    for name, value in values.items():
        if type(value) is int and not -MAX_INT <= value < MAX_INT:  # Python cannot even print one of 5,000 digits
            raise InvalidAction(
                f"{entry.name}: {name}: the integer is too large; 64 bits are the limit", code="tool.arguments"
            )
    return values


def explain(error: ValidationError) -> str:
    """The faults of a validation error on one line: where, what was expected, what was given (shortened)."""
    faults = []
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"])
        given = "" if fault["type"] == "missing" else f" (got {repr(fault['input'])[:80]})"
        faults.append(f"{where + ': ' if where else ''}{fault['msg']}{given}")
    return "; ".join(faults)


def make_tool(method: Callable[..., Any], name: str, final: bool, effect: Effect = "changes", place: str = "") -> Tool:
    """Reads the signature of `method`. Raises UsageError when it has no docstring, an argument has no type, or `place` is none."""
    description = inspect.getdoc(method)
    if not description:
        raise UsageError(f"tool {name!r} needs a docstring: it is what the agent reads")
    hints = get_type_hints(method, include_extras=True)
    fields: dict[str, Any] = {}
    for argument in list(inspect.signature(method).parameters.values())[1:]:
        if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD, argument.POSITIONAL_ONLY):
            raise UsageError(
                f"tool {name!r}: argument {argument.name!r}: only named arguments can be called by an agent"
            )
        if argument.name.startswith("_") or hasattr(BaseModel, argument.name):
            raise UsageError(f"tool {name!r}: argument {argument.name!r} cannot have that name; choose another")
        if argument.name not in hints:
            raise UsageError(f"tool {name!r}: argument {argument.name!r} needs a type")
        default = ... if argument.default is argument.empty else argument.default
        fields[argument.name] = (hints[argument.name], default)
    if place and place not in fields:
        raise UsageError(f"tool {name!r}: place={place!r} is no argument of it; there are {', '.join(fields)}")
    model = create_model(name, __config__=ConfigDict(extra="forbid", strict=True), **fields)
    parameters = plain_schema(model.model_json_schema())
    spec: ToolSpec = {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }
    return Tool(name, spec, model.__pydantic_validator__, method.__name__, final, effect, place)


def plain_schema(schema: Any) -> Any:
    """A JSON schema without the titles that pydantic adds: they cost tokens and say nothing."""
    if isinstance(schema, list):
        return [plain_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key != "title" or isinstance(value, dict)}
    return {key: plain_schema(value) for key, value in kept.items()}

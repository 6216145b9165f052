"""ToolEnv: a world that is changed and read by tools, each a typed method under `@tool`.

The signature becomes the JSON schema and the check: a call with unknown, missing or ill-typed arguments never reaches the method; what
was wrong is told to the agent. Types are strict, "3" is no integer. A method that cannot do what was asked raises InvalidAction
*before* it changes anything.
"""

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar, get_type_hints, overload

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import SchemaValidator

from envgym.env import AgentEnv
from envgym.errors import InvalidAction, UsageError
from envgym.message import Message, Observation, ToolCall, ToolSpec, tool_result

MAX_INT = 2**63
MAX_CALLS = 64
"""Tool calls in one reply."""
Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what the agent reads (`spec`), how arguments are checked, the method that runs, and whether it ends the episode."""

    name: str
    spec: ToolSpec
    arguments: SchemaValidator
    method: str
    final: bool


@overload
def tool(method: Method, /) -> Method: ...
@overload
def tool(*, final: bool = False, name: str | None = None) -> Callable[[Method], Method]: ...
def tool(method: Any = None, /, *, final: bool = False, name: str | None = None) -> Any:
    """Marks a method of a ToolEnv as a tool. Its docstring is the description; `final` ends the episode when it succeeds."""

    def mark(marked: Any) -> Any:
        marked.__envgym_tool__ = (name or marked.__name__, final)
        return marked

    return mark if method is None else mark(method)


class ToolEnv(AgentEnv):
    """Write `generate`, `begin`, the `@tool` methods, `verify` and `oracle`."""

    max_turns: ClassVar[int] = 30
    toolbox: ClassVar[dict[str, Tool]] = {}
    _specs: ClassVar[list[ToolSpec]] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.toolbox = dict(cls.toolbox)
        for attribute in list(vars(cls).values()):
            marked = getattr(attribute, "__envgym_tool__", None)
            if marked is not None:
                cls.toolbox[marked[0]] = make_tool(attribute, *marked)
        cls._specs = [entry.spec for entry in cls.toolbox.values()]

    def tools(self) -> list[ToolSpec]:
        return self._specs.copy()

    def respond(self, message: Message) -> tuple[Observation, bool]:
        calls = message.get("tool_calls")
        if not calls:
            raise InvalidAction(f"call a tool; there are {', '.join(self.toolbox)}", code="tool.none")
        if len(calls) > MAX_CALLS:
            raise InvalidAction(f"{len(calls)} tool calls in one reply; at most {MAX_CALLS}", code="reply.size")
        told: list[Message] = []
        ended = False
        for tool_call in calls:
            text, final = ("not done: the episode is over", False) if ended else self._carry_out(tool_call)
            told.append(tool_result(tool_call["id"], text))
            ended = ended or final
        return tuple(told), ended

    def _carry_out(self, tool_call: ToolCall) -> tuple[str, bool]:
        """The result of one call as text, and whether it ends the episode."""
        function = tool_call["function"]
        entry = self.toolbox.get(function["name"])
        try:
            if entry is None:
                raise unknown_tool(function["name"], list(self.toolbox))
            result = getattr(self, entry.method)(**checked_arguments(entry, function["arguments"]))
        except InvalidAction as error:
            self.told_error = error.code
            return f"error: {error}", False
        return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False), entry.final


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


def make_tool(method: Callable[..., Any], name: str, final: bool) -> Tool:
    """Reads the signature of `method`. Raises UsageError when it has no docstring or an argument has no type."""
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
    model = create_model(name, __config__=ConfigDict(extra="forbid", strict=True), **fields)
    parameters = plain_schema(model.model_json_schema())
    spec: ToolSpec = {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }
    return Tool(name, spec, model.__pydantic_validator__, method.__name__, final)


def plain_schema(schema: Any) -> Any:
    """A JSON schema without the titles that pydantic adds: they cost tokens and say nothing."""
    if isinstance(schema, list):
        return [plain_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key != "title" or isinstance(value, dict)}
    return {key: plain_schema(value) for key, value in kept.items()}

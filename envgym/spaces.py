"""Gymnasium spaces of chat messages, so that `check_env`, vector environments and wrappers take ours as they are.

Both spaces hold Python objects: use `AsyncVectorEnv(..., shared_memory=False)`. A vector observation is a tuple of observations.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium

from envgym.errors import InvalidAction
from envgym.message import Action, Observation, ToolSpec, as_assistant, call, is_message, user


class MessageSpace(gymnasium.Space[Observation]):
    """Tuples of chat messages, of any length."""

    def contains(self, x: Any) -> bool:
        return isinstance(x, tuple) and all(is_message(message) for message in x)

    def sample(self, mask: Any = None, probability: Any = None) -> Observation:
        return (user(f"message {int(self.np_random.integers(1_000_000))}"),)

    def __repr__(self) -> str:
        return "MessageSpace()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MessageSpace)

    __hash__ = None  # type: ignore[assignment]


class ActionSpace(gymnasium.Space[Action]):
    """Assistant messages, and strings that stand for one. `sample` draws a well-typed call of one of `tools`, or text."""

    def __init__(self, tools: Sequence[ToolSpec] = (), seed: int | None = None) -> None:
        super().__init__(None, None, seed)
        self.tools = tuple(tools)

    def contains(self, x: Any) -> bool:
        try:
            as_assistant(x)
        except InvalidAction:
            return False
        return True

    def sample(self, mask: Any = None, probability: Any = None) -> Action:
        return draw_action(self.tools, random.Random(int(self.np_random.integers(2**63))))

    def __repr__(self) -> str:
        return f"ActionSpace({[tool['function']['name'] for tool in self.tools]})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActionSpace) and self.tools == other.tools

    __hash__ = None  # type: ignore[assignment]


def draw_action(tools: Sequence[ToolSpec], rng: random.Random) -> Action:
    """A random call whose arguments fit the tool's JSON schema; a short number as text where there are no tools."""
    if not tools:
        return str(rng.randint(-100, 100))
    function = rng.choice(tools)["function"]
    return call(function["name"], **draw_value(function["parameters"], rng))


def draw_value(schema: Mapping[str, Any], rng: random.Random, root: Mapping[str, Any] | None = None) -> Any:
    """A random value of a JSON schema as pydantic writes them: $ref, anyOf, enum, const, types, bounds. Unknown parts give None."""
    root = schema if root is None else root
    if "$ref" in schema:
        return draw_value(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], rng, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if "anyOf" in schema:
        return draw_value(rng.choice(schema["anyOf"]), rng, root)
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            fields = schema.get("properties", {}).items()
            return {
                name: draw_value(part, rng, root) for name, part in fields if name in required or rng.random() < 0.3
            }
        case "array":
            low = schema.get("minItems", 0)
            size = rng.randint(low, min(schema.get("maxItems", low + 2), low + 2))
            return [draw_value(schema.get("items", {}), rng, root) for _ in range(size)]
        case "integer":
            return rng.randint(*_bounds(schema))
        case "number":
            low, high = _bounds(schema)
            return round(rng.uniform(low, high), 3)
        case "boolean":
            return rng.random() < 0.5
        case "string":
            letters = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(1, 6)))
            return letters.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 6)]
    return None


def _bounds(schema: Mapping[str, Any]) -> tuple[int, int]:
    low = schema.get("minimum", schema.get("exclusiveMinimum", -2) + 1)
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 101) - 1)
    return int(low), max(int(high), int(low))

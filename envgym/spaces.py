"""Gymnasium spaces of chat messages, so that `check_env`, vector environments and wrappers take ours as they are.

Both spaces hold Python objects: use `AsyncVectorEnv(..., shared_memory=False)`. A vector observation is a tuple of observations.
"""

import random
from collections.abc import Mapping, Sequence
from math import ceil, floor
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
            return _draw_object(schema, rng, root)
        case "array":
            return _draw_array(schema, rng, root)
        case "integer":
            return _draw_integer(schema, rng)
        case "number":
            return _draw_number(schema, rng)
        case "boolean":
            return rng.random() < 0.5
        case "string":
            low = schema.get("minLength", 1)
            size = rng.randint(low, max(low, min(schema.get("maxLength", low + 5), low + 5)))
            return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(size))
    return None


def _draw_object(schema: Mapping[str, Any], rng: random.Random, root: Mapping[str, Any]) -> dict[str, Any]:
    required, fields = schema.get("required", ()), schema.get("properties", {}).items()
    drawn = {name: draw_value(part, rng, root) for name, part in fields if name in required or rng.random() < 0.3}
    further = schema.get("additionalProperties")
    if isinstance(further, Mapping):
        while len(drawn) < max(1, schema.get("minProperties", 0)):
            drawn[_draw_name(rng)] = draw_value(further, rng, root)
    return drawn


def _draw_name(rng: random.Random) -> str:
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(6))


def _draw_array(schema: Mapping[str, Any], rng: random.Random, root: Mapping[str, Any]) -> list[Any]:
    first = schema.get("prefixItems", ())
    low = schema.get("minItems", 0)
    size = max(len(first), rng.randint(low, max(low, min(schema.get("maxItems", low + 2), low + 2))))
    drawn = [draw_value(part, rng, root) for part in first]
    for _ in range(100):
        if len(drawn) >= size:
            break
        value = draw_value(schema.get("items", {}), rng, root)
        if not (schema.get("uniqueItems") and value in drawn):
            drawn.append(value)
    return drawn


def _draw_integer(schema: Mapping[str, Any], rng: random.Random) -> int:
    step = max(1, int(schema.get("multipleOf", 1)))
    low, high = _bounds(schema)
    least = floor(low) + 1 if low == schema.get("exclusiveMinimum") else ceil(low)
    most = ceil(high) - 1 if high == schema.get("exclusiveMaximum") else floor(high)
    first = -(-least // step) * step
    return first + step * rng.randint(0, max(0, (most - first) // step))


def _draw_number(schema: Mapping[str, Any], rng: random.Random) -> float:
    low, high = _bounds(schema)
    drawn = low + (high - low) * rng.uniform(0.001, 0.999)  # inside, as bounds may be exclusive
    rounded = round(drawn, 3)
    step = schema.get("multipleOf")
    if step:
        return float(-(-drawn // step) * step)
    return rounded if low < rounded < high else drawn


def _bounds(schema: Mapping[str, Any]) -> tuple[float, float]:
    """Least and greatest value; what the schema leaves open lies within a hundred of the other end."""
    lows = [schema[name] for name in ("minimum", "exclusiveMinimum") if name in schema]
    highs = [schema[name] for name in ("maximum", "exclusiveMaximum") if name in schema]
    low = max(lows) if lows else min(highs) - 100 if highs else -1
    return low, min(highs) if highs else low + 100

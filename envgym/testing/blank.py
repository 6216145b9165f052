"""Arguments that say nothing, for calling a tool without having done anything.

An empty text, list or object is blank. A number, a truth value and a choice have no blank: 0, False and the first choice stand in, and
count as a guess, because they may be the right answer of one task by chance.
"""

from collections.abc import Mapping
from typing import Any


def blank_arguments(schema: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The required arguments of a tool as blanks, and whether one of them is a guess."""
    blanks = {name: blank(schema.get("properties", {}).get(name, {}), schema) for name in schema.get("required", ())}
    return {name: value for name, (value, _) in blanks.items()}, any(guess for _, guess in blanks.values())


def blank(schema: Mapping[str, Any], root: Mapping[str, Any]) -> tuple[Any, bool]:
    """The emptiest value that fits a schema, and whether it is a guess."""
    schema = resolved(schema, root)
    if "const" in schema:
        return schema["const"], True
    if "enum" in schema:
        return schema["enum"][0], True
    if "anyOf" in schema:
        return min((blank(part, root) for part in schema["anyOf"]), key=lambda found: found[1])
    match schema.get("type"):
        case "string":
            return " " * int(schema.get("minLength", 0)), False
        case "array":
            least = int(schema.get("minItems", 0))
            value, guess = blank(schema.get("items", {}), root)
            return [value] * least, guess and least > 0
        case "object":
            return blank_arguments({"$defs": root.get("$defs", {}), **schema})
        case "integer" | "number":
            return smallest(schema), True
        case "boolean":
            return False, True
    return None, False


def smallest(schema: Mapping[str, Any]) -> int | float:
    """0, or the number nearest to it that the bounds allow."""
    low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    high = schema.get("maximum", schema.get("exclusiveMaximum", 1) - 1)
    return max(low, min(0, high))  # type: ignore[no-any-return]


def resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a reference points to, or the schema itself."""
    return resolved(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root) if "$ref" in schema else schema

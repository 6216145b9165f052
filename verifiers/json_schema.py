"""Where a JSON value does not fit a JSON schema, and how much work it can be to say so.

`format` is an annotation, as the standard has it by default: what is checked must not depend on which packages are installed. A schema's
`$ref` never leaves the schema: nothing is fetched. `weight` tells the schemas apart that may be followed in our own process: a `pattern`
can take exponential time over a few characters, and a schema that refers to itself over a few brackets.
Source: JSON Schema 2020-12, or the draft that `$schema` names; https://json-schema.org/specification.
"""

import json
import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonschema import SchemaError, ValidationError  # type: ignore[import-untyped]
from jsonschema.validators import Draft202012Validator, extend, validator_for  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import Unresolvable

from envgym.verifiers.json_reading import Unreadable, frozen
from envgym.verifiers.printable import printable

MAX_SHOWN = 20
INVALID = "json_answer.schema_invalid"
UNBOUNDED = frozenset(
    {"patternProperties", "$dynamicRef", "$recursiveRef", "unevaluatedItems", "unevaluatedProperties"}
)
"""The last two follow their neighbours again at every level of nesting: twice as often per level."""
UNBOUNDED_TEXT = frozenset({"pattern", "$id", "id"})
"""Where they hold a text and are not the names of properties. An inner `$id` gives the references below it another meaning."""
Places = list[tuple[str, str]]


def canonical(schema: Any) -> str:
    """The text of a schema, by which it is cached. Raises Unreadable where it is no JSON."""
    try:
        return json.dumps(schema, sort_keys=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"this is no JSON schema: {str(error)[:200]}", INVALID) from None


def validator(text: str) -> Any:
    """The schema of that text, compiled, out of a small cache. Raises Unreadable for what is no schema."""
    try:
        return _compiled(text)
    except (TypeError, ValueError, RecursionError, SchemaError) as error:
        why = error.message if isinstance(error, SchemaError) else str(error)
        raise Unreadable(f"this is no JSON schema: {why[:200]}", INVALID) from None


@lru_cache(maxsize=64)
def _compiled(text: str) -> Any:
    schema = json.loads(text)
    if not isinstance(schema, dict | bool):
        raise TypeError(f"a schema is an object, true or false, not {text[:40]}")
    kind = validator_for(schema, default=Draft202012Validator)
    kind.check_schema(schema)
    return extend(kind, {"uniqueItems": _unique})(schema, registry=Registry())


def _unique(_: Any, unique: bool, instance: Any, __: Any) -> Iterator[Any]:
    """In linear time, where jsonschema's own compares each object with each other."""
    if unique and isinstance(instance, list) and len({frozen(item) for item in instance}) < len(instance):
        yield ValidationError("the array has the same item twice")


def places(value: Any, text: str) -> Places:
    """The first 20 places where `value` does not fit the schema `text`, as (path, what is wrong). Raises Unreadable."""
    try:
        return [
            (printable(str(error.json_path)), printable(str(error.message)))
            for error in islice(validator(text).iter_errors(value), MAX_SHOWN)
        ]
    except Unresolvable as error:
        raise Unreadable(f"the schema refers to {str(error)[:200]}, which is not in it", INVALID) from None
    except RecursionError:
        raise Unreadable("the schema refers to itself without end", INVALID) from None


def places_or_fault(value: str, text: str) -> dict[str, Any]:
    """The same of a value that is given as text, for a worker: {"places": ...}, or {"invalid": why the schema is none}."""
    try:
        return {"places": places(json.loads(value), text)}
    except Unreadable as error:
        return {"invalid": str(error)}


@lru_cache(maxsize=256)
def weight(text: str) -> float:
    """How many nodes a schema has with its references followed. A value of n characters is checked in at most that many times n steps.

    Infinite where no such bound holds, or none is known: patterns, references in a circle or to another document.
    """
    try:
        schema = json.loads(text)
        if isinstance(schema, dict):  # at the root it renames nothing
            schema = {key: value for key, value in schema.items() if key not in ("$id", "id")}
        return _weight(schema, schema, {})
    except RecursionError:
        return math.inf


def _weight(node: Any, root: Any, known: dict[str, float]) -> float:
    if isinstance(node, list):
        return 1 + sum(_weight(each, root, known) for each in node)
    if not isinstance(node, dict):
        return 1
    if node.keys() & UNBOUNDED or any(isinstance(node.get(key), str) for key in UNBOUNDED_TEXT):
        return math.inf
    refers = node.get("$ref")
    behind = _weight_behind(refers, root, known) if isinstance(refers, str) else 0
    return 1 + behind + sum(_weight(each, root, known) for each in node.values())


def _weight_behind(pointer: str, root: Any, known: dict[str, float]) -> float:
    """The weight of what "#/$defs/name" points to; infinite on the way to itself."""
    if pointer not in known:
        known[pointer] = math.inf
        node = root
        for step in pointer.split("/")[1:]:
            node = node.get(step) if isinstance(node, dict) else None
        if pointer.startswith("#/") and node is not None:
            known[pointer] = _weight(node, root, known)
    return known[pointer]

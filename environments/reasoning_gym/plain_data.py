"""reasoning-gym's entries as JSON and back, with tuples and keys that are not strings kept apart from lists and objects.

Some scorers (arc_agi, rearc) compare tuples, others look up integer keys: after plain JSON their own gold fails.
"""

from collections.abc import Mapping
from typing import Any

TUPLE, PAIRS = "$tuple", "$pairs"


def to_json(value: Any) -> Any:
    """`value` in JSON's types. Raises TypeError for what has no place there."""
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)  # numpy's str_ and float64 are subclasses
    if isinstance(value, list):
        return [to_json(part) for part in value]
    if isinstance(value, tuple):
        return {TUPLE: [to_json(part) for part in value]}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {str(key): to_json(part) for key, part in value.items()}
        return {PAIRS: [[to_json(key), to_json(part)] for key, part in value.items()]}
    raise TypeError(f"no JSON for a {type(value).__name__}")


def from_json(value: Any) -> Any:
    """What `to_json` was given."""
    if isinstance(value, list):
        return [from_json(part) for part in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() == {TUPLE}:
        return tuple(from_json(part) for part in value[TUPLE])
    if value.keys() == {PAIRS}:
        return {from_json(key): from_json(part) for key, part in value[PAIRS]}
    return {key: from_json(part) for key, part in value.items()}

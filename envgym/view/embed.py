"""JSON inside an HTML page: whatever a model wrote stays data.

Inside a <script> element a browser looks for three things only, `</script`, `<!--` and `<script`; without a `<` none of them can be
spelled. Everything that is not ASCII is escaped too, so U+2028, NUL and lone surrogates, which no UTF-8 file can hold, arrive as they
were. Source: HTML standard, "Restrictions for contents of script elements".
"""

import json
import math
from typing import Any


def script_json(value: Any) -> str:
    """`value` as ASCII JSON without `<`. Numbers that JSON does not know become the strings "NaN", "Infinity", "-Infinity"."""
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    except ValueError:
        text = json.dumps(spelled(value), separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def spelled(value: Any) -> Any:
    """A copy in which numbers that JSON does not know are spelled out."""
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(value)
    if isinstance(value, dict):
        return {key: spelled(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(part) for part in value]
    return value

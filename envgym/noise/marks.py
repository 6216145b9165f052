"""The words by which the agent can see what went wrong, and how a careful reader reads them.

Every fault can be seen: an outcome that is open says so, a refusal says when to come back or whom to ask, a result that is not whole or
not of today is marked. Only malformed JSON has no mark: that it does not parse is one. Errors come in the environment's own form, so what
is read is looked for inside a result.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

AGAIN = "call again for the whole, current result"


def timeout(tool: str) -> str:
    return f"timeout: {tool} did not answer in time; whether it did what was asked is not known"


def refused(status: str, tool: str, calls: int) -> str:
    """A refusal for the time being. `calls`: after how many further calls, of whatever tool, it answers again."""
    return f"{status}: {tool} did nothing; retry_after: {calls} {'call' if calls == 1 else 'calls'}"


def dead(tool: str, fallback: str) -> str:
    return f"410 gone: {tool} is out of service and did nothing; use {fallback} with the same arguments"


def marked(result: str, name: str, note: str) -> str:
    """`result` with a note: a field of its own where the result is a JSON object without one of that name, else a last line."""
    value = as_json(result)
    note = f"{note}; {AGAIN}"
    if isinstance(value, dict) and name not in value:
        return dumped({**value, name: note})
    return f"{result}\n[{name}: {note}]"


def as_json(text: str) -> Any:
    """The object or list that `text` is as JSON, None for anything else."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a result asks of a careful agent."""

    what: Literal["again", "wait", "other tool", "look"]
    calls: int = 0
    """wait: how many calls."""
    tool: str = ""
    """other tool: which."""


def read(result: str) -> Reading | None:
    """What `result` asks for; None where it is what the tool said."""
    if re.search(r"timeout: \S+ did not answer in time; whether it did what was asked is not known", result):
        return Reading("look")
    if found := re.search(
        r"(?:429 too many requests|503 service unavailable): \S+ did nothing; retry_after: (\d+)", result
    ):
        return Reading("wait", calls=int(found[1]))
    if found := re.search(
        r"410 gone: \S+ is out of service and did nothing; use (\S+) with the same arguments", result
    ):
        return Reading("other tool", tool=found[1])
    broken = result[:1] in ("{", "[") and as_json(result) is None
    return Reading("again") if broken or AGAIN in result[-len(AGAIN) - 4 :] else None

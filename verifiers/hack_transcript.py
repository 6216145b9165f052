"""The calls in a transcript and what came back for each.

Calls are the `tool_calls` of a message or, where it has none, a code block or an "Action:" line that another message answers.
"""

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envgym.message import MAX_REPLY_CHARS

MAX_CHARS = MAX_REPLY_CHARS
"""Of each text in a transcript, which is cut."""
WRITTEN_CALL = re.compile(r"^[ \t]*Action[ \t]*(?:Input[ \t]*)?:(?P<line>.*)$|^[ \t]*(?:```|~~~).*$", re.MULTILINE)
COMMAND_KEYS = frozenset({"command", "cmd", "commands", "script", "input", "bash"})
"""Arguments that a shell runs."""
OBSERVED = re.compile(
    r"\s*(?:<(?:output|returncode|result|stdout|observation|tool_response)\b|observation\b|exit code\b|\[?(?:tool|command) )",
    re.IGNORECASE,
)
"""How the output of a tool begins in a message of the user."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool, its arguments as they were written, and what came back; None where nothing did."""

    tool: str
    told: str
    result: str | None
    is_sure: bool = True
    """False for one that was written as text, unless what follows looks like the output of a tool."""

    def fields(self) -> dict[str, Any]:
        """The arguments by name; those that are no JSON object are a command."""
        try:
            given = json.loads(self.told)
        except (ValueError, RecursionError):
            given = None
        return given if isinstance(given, dict) else {"command": self.told}


def command_text(value: Any) -> str:
    """The command line in an argument: a text, the words of one command, or a list of commands. Empty for anything else."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or not value or not all(isinstance(part, str) for part in value):
        return ""
    return "\n".join(value) if " " in value[0] else shlex.join(value)


def text_of(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content[:MAX_CHARS]
    parts = content if isinstance(content, list | tuple) else ()
    return "".join(str(part.get("text", "")) for part in parts if isinstance(part, Mapping))[:MAX_CHARS]


def calls_of(message: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(tool, arguments, id) of the calls that a message makes as such."""
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list | tuple) else ():
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping):
            told = function.get("arguments")
            yield (
                str(function.get("name"))[:200],
                (told if isinstance(told, str) else _dumped(told))[:MAX_CHARS],
                call.get("id"),
            )


def _dumped(value: Any) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return str(value)


def calls(messages: Sequence[Mapping[str, Any]]) -> list[Call]:
    """Every call in order. One that gets several results is there once for each."""
    return list(_calls(messages))


def _calls(messages: Iterable[Mapping[str, Any]]) -> Iterator[Call]:
    waiting: list[tuple[str, str, Any]] = []
    open_ids: list[tuple[str, str, Any]] = []
    written = ""
    for message in messages:
        role = message.get("role")
        if role == "assistant":
            yield from (Call(tool, told, None) for tool, told, _ in open_ids)
            waiting = list(calls_of(message))
            open_ids = list(waiting)
            written = "" if waiting else _written(text_of(message))
        elif role in ("tool", "user"):
            result, known = text_of(message), message.get("tool_call_id")
            answered = [call for call in waiting if call[2] == known] or waiting
            open_ids = [call for call in open_ids if call not in answered]
            yield from (Call(tool, told, result) for tool, told, _ in answered)
            if written:
                yield Call("run", written, result, is_sure=OBSERVED.match(result) is not None)
            if role == "user":
                waiting, written = [], ""
    yield from (Call(tool, told, None) for tool, told, _ in open_ids)


def _written(text: str) -> str:
    """The code blocks and "Action:" lines of a message; empty where it has none."""
    found: list[str] = []
    opened = -1
    for line in WRITTEN_CALL.finditer(text):
        if line["line"] is not None:
            found += [] if opened >= 0 else [line["line"]]
        elif opened < 0:
            opened = line.end()
        else:
            found.append(text[opened : line.start()])
            opened = -1
    return "\n".join(part for part in found if part.strip())

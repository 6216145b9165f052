"""The values in a task's private half that are worth looking for, and how one is recognised in a text.

A value is recognised as a word of its own, in any case and spacing: 128 is not in 1128 nor in 128.5, and neither is "ox" in "box". A text
of several lines is looked for line by line too. True, False and None say too little to be recognised, and keys are no values.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from envgym.task import Task

SHORT = 4
LINE = 20
"""Characters from which on a line of a long text is looked for alone."""
MOST = 500
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


@dataclass(frozen=True)
class PrivateValue:
    """One value. `path` is its place in the private half, such as gold or steps[2]."""

    path: str
    plain: str

    @property
    def short(self) -> bool:
        """Too short to be recognised alone: chance puts it anywhere."""
        length = sum(map(str.isdigit, self.plain)) if NUMBER.fullmatch(self.plain) else len(self.plain)
        return length < SHORT

    @property
    def field(self) -> str:
        """The top-level name of its place."""
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        form = re.escape(self.plain)
        if NUMBER.fullmatch(self.plain):
            return re.compile(rf"(?<![\w.]){form}(?!\w|\.\d)")
        before = r"(?<!\w)" if self.plain[0].isalnum() else ""
        after = r"(?!\w)" if self.plain[-1].isalnum() else ""
        return re.compile(before + form + after)

    def within(self, plain_text: str) -> bool:
        """Whether a text, made plain, says it."""
        return self.plain in plain_text and self._pattern.search(plain_text) is not None


def plain(text: str) -> str:
    """Text in one case and spacing, without commas between thousands and without the escapes of JSON."""
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    return " ".join(text.replace("\\n", " ").replace('\\"', '"').casefold().split())


def private_values(task: Task, settings: Mapping[str, Any]) -> list[PrivateValue]:
    """What is private and not public too, in the task or in the settings; at most the first 500."""
    public = task.model_dump(mode="json", exclude={"private", "certificate"})
    shown = "\n".join(plain(text) for text in texts_in([public, dict(settings)]))
    found: dict[tuple[str, str], PrivateValue] = {}
    for path, text in leaves(task.private, ""):
        lines = [line for line in text.splitlines() if len(line.strip()) >= LINE]
        for part in {text, *lines}:
            value = PrivateValue(path, plain(part))
            if value.plain and not value.within(shown):
                found[path, value.plain] = value
    return list(islice(sorted(found.values(), key=lambda value: (value.path, value.plain)), MOST))


def leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text and number in nested data, with its place."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple | set | frozenset):
        for number, part in enumerate(value):
            yield from leaves(part, f"{path}[{number}]")
    elif isinstance(value, str):
        yield path, value
    elif isinstance(value, float) and value.is_integer():
        yield from ((path, str(int(value))), (path, repr(value)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, repr(value)


def texts_in(value: Any) -> list[str]:
    """Every text and number in nested data; keys too."""
    keys = [str(key) for key in value] if isinstance(value, Mapping) else []
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple | set) else ()
    inside = [text for part in parts for text in texts_in(part)]
    return [*keys, *inside, *([str(value)] if isinstance(value, str | int | float) else [])]

"""EditingEnv: a SweEnv whose agent changes files and hands its work in."""

import json
import random
import re
from itertools import islice

from envgym.environments.swe.swe_env import LOOK_S, SweEnv
from envgym.environments.swe.tool_text import bounded, numbered, text_of_bytes
from envgym.errors import InvalidAction
from envgym.message import Action, ToolCall, call
from envgym.tool_env import tool

AROUND = 3
"""Lines that are shown before and after an edit."""
MAX_SHOWN = 60
TOUCHED = re.compile(r"^(?:--- a/|\+\+\+ b/|rename from |rename to )([^\t\n]+)", re.MULTILINE)
"""Where a patch, as git writes it, names a file that it touches."""
APPLY = """
if command -v git > /dev/null; then git apply --whitespace=nowarn --recount -
else cat > /tmp/.patch && patch --batch --forward -p1 --dry-run < /tmp/.patch && patch --batch --forward -p1 < /tmp/.patch
fi"""


class EditingEnv(SweEnv):
    """Write `begin`, `verify` and `oracle`."""

    @tool(effect="changes", place="path")
    def edit(self, path: str, old: str, new: str) -> str:
        """Replaces a piece of a file by another. `old` must occur in the file exactly once, blanks and line ends included."""
        try:
            text = self.content_of(path).decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidAction(f"{path} is no UTF-8 text; change it with shell", code="swe.file") from None
        if not old or old == new:
            raise InvalidAction("edit: old is not empty, and new is something else", code="swe.edit")
        count = text.count(old)
        if count != 1:
            raise InvalidAction(f"edit: {_how_often(path, text, old, count)}; nothing was changed", code="swe.edit")
        at = text.index(old)
        after = text[:at] + new + text[at + len(old) :]
        self.write(path, after)
        return f"{path} now reads\n{_around(after, at, len(new))}"

    @tool(effect="changes", place="path")
    def create_file(self, path: str, content: str, overwrite: bool = False) -> str:
        """Makes a new file, with the folders above it. Replaces one that is there only if `overwrite` is true."""
        there = self.look('test -e "$1" || test -L "$1"', path if path.startswith("/") else f"./{path}").rc == 0
        if there and not overwrite:
            raise InvalidAction(f"{path} is there already; edit it, or say overwrite", code="swe.file")
        self.write(path, content)
        return f"{path} {'replaced' if there else 'made'}, {len(content.splitlines())} lines"

    @tool(effect="changes")
    def apply_patch(self, patch: str) -> str:
        """Applies a unified diff with paths as git writes them (a/..., b/...), whole or not at all."""
        if not patch.strip():
            raise InvalidAction("apply_patch: the patch is empty", code="swe.patch")
        data = (patch if patch.endswith("\n") else f"{patch}\n").encode("utf-8", "surrogatepass")
        done = self.sandbox().exec(["/bin/sh", "-c", APPLY], stdin=data, timeout_s=3 * LOOK_S)
        if done.rc != 0:
            said = text_of_bytes(done.stdout + done.stderr).strip()
            raise InvalidAction(
                f"the patch does not apply; nothing was changed: {bounded(said, 2000)}", code="swe.patch"
            )
        return "applied"

    @tool(final=True)
    def submit(self) -> str:
        """Hands in the working copy as it is. This ends the episode."""
        return "handed in"

    def places_of(self, call: ToolCall) -> list[str]:
        if call["function"]["name"] != "apply_patch":
            return super().places_of(call)
        try:
            patch = str(json.loads(call["function"]["arguments"])["patch"])
        except (ValueError, RecursionError, KeyError, TypeError):
            return []  # the tool itself will say what is wrong with such arguments
        return sorted({path for found in TOUCHED.finditer(patch) for path in found.groups() if path})

    def ending(self, rng: random.Random) -> Action:
        return call("submit")


def _how_often(path: str, text: str, old: str, count: int) -> str:
    if count:
        lines = [text.count("\n", 0, found.start()) + 1 for found in islice(re.finditer(re.escape(old), text), 20)]
        return (
            f"old occurs {count} times in {path}, at lines {', '.join(map(str, lines))}; give more of what is around it"
        )
    if "\r\n" in text and old.replace("\n", "\r\n") in text:
        return f"lines of {path} end with \\r\\n, those of old with \\n"
    first = next((line.strip() for line in old.splitlines() if line.strip()), "")
    near = [number for number, line in enumerate(text.splitlines(), 1) if first and first in line]
    hint = f"; its first line is like line {', '.join(map(str, near[:5]))}: compare blanks" if near else ""
    return f"old does not occur in {path}{hint}"


def _around(text: str, at: int, length: int) -> str:
    """The lines of a change and some around it, numbered."""
    lines = text.split("\n")
    first = text.count("\n", 0, at)
    last = text.count("\n", 0, at + length)
    start = max(0, first - AROUND)
    return bounded(numbered(lines[start : min(last + AROUND + 1, start + MAX_SHOWN)], start + 1))

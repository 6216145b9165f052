"""What an agent is told of a mined event: what its author wrote, without the code of the change, and the interface that tests rely on."""

import random
import re
from collections.abc import Sequence

from envgym.task_synth.bugs.issue_text import Failure, issue_text

TRAILER = re.compile(
    r"(?i)^\s*(?:[\w-]+-by|cc|change-id|reviewed-on|pr-url|pull-request|git-svn-id|co-authored-by|refs?)\s*:.*$"
)
REFERENCE = re.compile(
    r"(?i)\s*\(?(?:\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see|issue|pr)\s*:?\s*)?(?:#|gh-)\d+\)?"
)
ADDRESS = re.compile(r"https?://\S+")
FENCE = re.compile(r"^```.*?^```[^\n]*$", re.MULTILINE | re.DOTALL)
TOO_SHORT = 8
"""Characters of a line of code from which on it is recognised in prose."""


def told_issue(message: str, patch: str, failures: Sequence[Failure], *, rng: random.Random) -> str:
    """The message of a change as an issue, with what its tests show of it. No line of the patch is in it."""
    title, _, body = without_code(message, patch).partition("\n")
    seen_title, _, seen = issue_text(failures, rng=rng, patch=patch).partition("\n")
    parts = (f"# {title.strip()}" if title.strip() else seen_title, body.strip(), seen.strip())
    return "\n\n".join(part for part in parts if part) + "\n"


def with_interface(issue: str, interface: Sequence[str]) -> str:
    """The issue with what tests call things."""
    if not interface:
        return issue
    listed = "\n".join(f"- {line}" for line in interface)
    return f"{issue.rstrip()}\n\nNames to use, as others will call them:\n\n{listed}\n"


def without_code(message: str, patch: str) -> str:
    """A text without trailers, references, addresses and lines that hold code which the patch adds."""
    added = {line[1:].strip() for line in patch.splitlines() if line[:1] == "+" and line[:3] != "+++"}
    code = [line for line in added if len(line) >= TOO_SHORT and not line.startswith("#")]
    text = FENCE.sub(lambda block: "" if _holds(block.group(), code) else block.group(), message)
    kept = []
    for line in text.splitlines():
        if TRAILER.match(line) or _holds(line, code) or line[:4] in ("+++ ", "--- ", "diff") or line[:2] == "@@":
            continue
        kept.append(ADDRESS.sub("", REFERENCE.sub("", line)).rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _holds(text: str, code: Sequence[str]) -> bool:
    return any(line in text for line in code)

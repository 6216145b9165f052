"""The one value that a reply settles on, for puzzles whose answer is one line.

The last line is the answer only where the reply has no "Answer:" line and no box. A reply that gives two different values is refused,
whichever of them is right; the same value given twice is fine.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from envgym.verifiers.reply import after_thinking, committed
from envgym.verifiers.structured_reply import Unreadable

Value = TypeVar("Value")
MAX_CHARS = 5_000
"""Of an answer that is read."""
MAX_ANSWERS = 4
FENCE = re.compile(r"^[ \t]*(?:```|~~~)\w*[ \t]*$", re.MULTILINE)
TEXT = re.compile(r"\\(?:text|texttt|textbf|mathrm|mathtt|operatorname)\s*\{([^{}]*)\}")


def settled(reply: str, read: Callable[[str], Value]) -> Value:
    """What `read` makes of the answer. Raises Unreadable where there is none, where there are two, and where `read` does."""
    said = after_thinking(FENCE.sub("", reply))
    answers = committed(said) if said is not None else []
    if not answers or said is None:
        raise Unreadable("the reply has no answer after its thinking")
    if len(answers) > MAX_ANSWERS:
        raise Unreadable(f"the reply gives {len(answers)} different answers")
    if answers == [said.strip()]:
        answers = [said.strip().rsplit("\n", 1)[-1]]
    values = [read(bare(answer)) for answer in answers]
    if any(value != values[0] for value in values):
        raise Unreadable(f"the reply gives {len(answers)} different answers")
    return values[0]


def bare(answer: str) -> str:
    """An answer in one line without emphasis, quotes, LaTeX dress and a closing full stop."""
    if len(answer) > MAX_CHARS:
        raise Unreadable(f"an answer of {len(answer):,} characters is not read")
    line = TEXT.sub(r"\1", " ".join(answer.split()))
    return line.strip(" *_`\"'$").rstrip(".").strip(" *_`\"'$")

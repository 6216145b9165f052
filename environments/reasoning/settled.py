"""The one value that a reply settles on, for puzzles whose answer is one line.

The last line is the answer only where the reply has no "Answer:" line, no box and no tag. A reply that gives two different values is
refused, whichever of them is right; the same value given twice is fine.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from envgym.verifiers.answer_marks import LABEL, TEXT, box_spans, plain
from envgym.verifiers.reply import LABELLED, after_thinking, committed, visible
from envgym.verifiers.structured_reply import Unreadable

Value = TypeVar("Value")
MAX_CHARS = 5_000
"""Of an answer that is read."""
MAX_ANSWERS = 4
TAGGED = re.compile(r"<answer>.*?</answer>", re.DOTALL | re.IGNORECASE)
TAKEN = "\0"
"""Stands for a tag or a box that was taken out: an answer line with one in it says no more than that."""
FENCE = re.compile(r"^[ \t]*(?:```|~~~)\w*[ \t]*$", re.MULTILINE)
ITEM = re.compile(r"\s*(?:[-*•+]|(?P<number>\d{1,3})[.)])\s+(?P<said>\S.*)")


def settled(reply: str, read: Callable[[str], Value]) -> Value:
    """What `read` makes of the answer. Raises Unreadable where there is none, where there are two, and where `read` does."""
    behind = after_thinking(FENCE.sub("", visible(reply)))
    said = listed(plain(behind)).strip() if behind is not None else ""
    answers = committed(said)
    if not answers:
        raise Unreadable("the reply has no answer after its thinking")
    if len(answers) > MAX_ANSWERS:
        raise Unreadable(f"the reply gives {len(answers)} different answers")
    if answers == [said]:
        answers = [said.rsplit("\n", 1)[-1]]
    values = [read(bare(answer)) for answer in answers] + beside(said, read)
    if any(value != values[0] for value in values):
        raise Unreadable("the reply gives different answers")
    return values[0]


def listed(text: str) -> str:
    """`text` with the list below a bare "Answer:" line put on that line, separated by commas.

    A list has bullets, or at least two numbers from 1 on: one number may be a part of the answer.
    """
    lines = text.splitlines()
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line, at = lines[at], at + 1
        label = LABEL.match(line)
        if label and not line[label.end() :].strip(" \t*_"):
            items, behind = items_from(lines, at)
            if items:
                line, at = f"Answer: {', '.join(items)}", behind
        kept.append(line)
    return "\n".join(kept)


def items_from(lines: list[str], at: int) -> tuple[list[str], int]:
    """The items of the list that starts at line `at`, and the line behind it; blank lines may stand between."""
    items: list[str] = []
    numbered = False
    while at < len(lines):
        item = ITEM.fullmatch(lines[at])
        if item and item["number"] in (None, str(len(items) + 1)):
            items.append(item["said"].strip(" \t*`,;"))
            numbered = numbered or item["number"] is not None
        elif lines[at].strip():
            break
        at += 1
    return ([] if numbered and len(items) == 1 else items), at


def beside(said: str, read: Callable[[str], Value]) -> list[Value]:
    """What the answer lines beside tags and boxes give, where there are such; lines that give nothing do not count."""
    kept: list[str] = []
    start = 0
    for opened, _, closed in box_spans(said):
        kept += (said[start:opened], TAKEN)
        start = closed + 1
    rest = TAGGED.sub(TAKEN, "".join([*kept, said[start:]]))
    found: list[Value] = []
    for line in LABELLED.finditer(rest) if TAKEN in rest else ():
        if TAKEN not in line[0]:
            with suppress(Unreadable):
                found.append(read(bare(line["answer"])))
    return found


def bare(answer: str) -> str:
    """An answer in one line without emphasis, quotes, LaTeX dress and a closing full stop."""
    if len(answer) > MAX_CHARS:
        raise Unreadable(f"an answer of {len(answer):,} characters is not read")
    line = TEXT.sub(r"\1", " ".join(answer.split()))
    return line.strip(" *_`\"'$").rstrip(".").strip(" *_`\"'$")

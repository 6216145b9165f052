"""Reading the final answer out of a reply.

Order: what follows the thinking, of that what stands between `<answer>` tags where there are any, then `\\boxed{...}`, then lines that
say "Answer: ..." or "the answer is ...", then what the last lines mark (`#### 42`, or "it is **42**." with the only bold words of the
reply), then the whole text. A thinking block that never closes has no answer after it, and neither has a box or a tag that never closes:
they were cut off. Where a reply commits itself more than once, `final_answer` is the last; `committed` gives them all, for verifiers that
refuse a hedge.

Every function is linear in the reply: a megabyte of `<think>` or `\\boxed{` costs no more than a megabyte of prose.
"""

import re
from itertools import islice

THINKING = re.compile(r"</?(?:think|thinking|thought|reasoning)>|(?-i:\[/?THINK\])|◁/?think▷", re.IGNORECASE)
ANSWER_TAG = re.compile(r"</?answer>", re.IGNORECASE)
UNSEEN = str.maketrans(dict.fromkeys("\u200b\u2060\ufeff"))
"""Characters of no width that say nothing: a tokenizer's leftovers, or a disguise."""
BOX = re.compile(r"\\(?:boxed|fbox)\s*\{")
BOX_PART = re.compile(r"\\{1,2}(?:boxed|fbox)\s*\{|\\.|[{}]", re.DOTALL)
"""What `boxed` looks at: the start of a box (also with a doubled backslash), an escaped character, a brace."""
MAX_CHARS = 2_000_000
"""Of a reply: about half a million tokens."""
MAX_PARTS = 200_000
"""Braces and commands in one box: what is not closed by then was never meant to be."""
TAIL = 4000
"""Characters at the end of a reply in which a last line is looked for."""
ONLY_TEXT = re.compile(r"([^{}\\]*)\}")
"""The rest of a box that holds neither braces nor commands."""
COURTESY = re.compile(r"I hope (?:it|this) is correct", re.IGNORECASE)
"""The end of the answer line that Minerva's prompt asks for."""
LABELLED = re.compile(
    r"^[ \t>*_#-]*(?:[A-Za-z,]{1,20}[ \t]+){0,5}?answer[ \t*_]*(?:[:=]|is\b[ \t]*:?)[\s*_]*(?P<answer>\S.*)$",
    re.MULTILINE | re.IGNORECASE,
)


BOLD_END = re.compile(r"(?:\b(?:is|are|equals)|[=:])[ \t]*\*\*(?P<answer>[^*]+)\*\*[.!]?[ \t]*$")


def visible(text: str) -> str:
    """`text` without characters of no width."""
    return text if text.isascii() else text.translate(UNSEEN)


def after_thinking(reply: str) -> str | None:
    """The reply without its thinking; None when a thinking block was left open.

    A closing tag without an opening one counts too: chat templates often open the block in the prompt.
    """
    if "<" not in reply and "◁" not in reply and "THINK]" not in reply:
        return reply
    kept: list[str] = []
    start, thinking = 0, False
    for tag in THINKING.finditer(reply):
        if "/" in tag[0]:
            if not thinking:
                kept.clear()
            thinking = False
        elif not thinking:
            kept.append(reply[start : tag.start()])
            thinking = True
        start = tag.end()
    return None if thinking else "".join([*kept, reply[start:]])


def tagged(text: str) -> list[str] | None:
    """What stands between `<answer>` and `</answer>`, block by block; None where there is no such tag.

    A block that never closes was cut off: then there is no answer at all.
    """
    if "<" not in text or not ANSWER_TAG.search(text):
        return None
    blocks: list[str] = []
    start: int | None = None
    for tag in ANSWER_TAG.finditer(text):
        if "/" not in tag[0]:
            start = tag.end() if start is None else start
        elif start is not None:
            blocks.append(text[start : tag.start()])
            start = None
    return blocks if start is None else []


def answer_text(reply: str) -> str | None:
    """The part of a reply that holds its answer: the last block of `<answer>` tags, else all after the thinking. None: there is none."""
    text = after_thinking(visible(reply))
    blocks = tagged(text) if text is not None else None
    if blocks is None:
        return text
    return blocks[-1] if blocks else None


def boxed(text: str) -> list[str]:
    """The contents of every outermost `\\boxed{...}` or `\\fbox{...}` with balanced braces, in order."""
    found: list[str] = []
    start = BOX.search(text)
    while start:
        short = ONLY_TEXT.match(text, start.end())
        end, at = (short.end() - 1, short.end()) if short else closing(text, start.end())
        if end is not None:
            found.append(text[start.end() : end])
        start = BOX.search(text, at)
    return found


def closing(text: str, start: int) -> tuple[int | None, int]:
    """Where the brace that was opened before `start` is closed, None when it is not; and up to where that was read."""
    depth, at = 1, start
    for part in islice(BOX_PART.finditer(text, start), MAX_PARTS):
        at = part.end()
        depth += {"{": 1, "}": -1}.get(part[0][-1], 0) if len(part[0]) != 2 else 0
        if depth == 0:
            return part.start(), at
    return None, at


def committed(reply: str) -> list[str]:
    """Every answer that a reply commits to, stripped, in order, each once; empty when there is none.

    A box outside of `<answer>` tags counts as well as they do. A reply of more than two million characters is not read and has none.
    """
    text = after_thinking(visible(reply)) if len(reply) <= MAX_CHARS else None
    if text is None:
        return []
    blocks = tagged(text)
    if blocks is None:
        answers = _committed(text.strip())
    else:
        answers = [answer for block in blocks for answer in _committed(block.strip())]
        answers += [box.strip() for box in boxed(text)] if blocks and "box" in text else []
    return [answer for answer in dict.fromkeys(answers) if answer]


def _committed(text: str) -> list[str]:
    answers = [box.strip() for box in boxed(text)] if "box" in text else []
    if not any(answers):
        answers = [COURTESY.split(found["answer"])[0].strip(" \t\r*_") for found in LABELLED.finditer(text)]
    if not any(answers) and not BOX.search(text):
        answers = marked_at_end(text) or [text]
    return answers


def marked_at_end(text: str) -> list[str]:
    """What the last lines mark as the answer: "#### 42" as in GSM8K, or the only bold words, behind "is", "are", "equals", "=" or ":".

    A heading looks like the first, but no reply ends with a heading.
    """
    found: list[str] = []
    if "####" not in text and text.count("**") != 2:
        return found
    lines = [line for line in text[-TAIL:].splitlines() if line.strip()]
    while lines and lines[-1].startswith("#### "):
        found.append(lines.pop()[5:].strip())
    if not found and lines and text.count("**") == 2:
        bold = BOLD_END.search(lines[-1])
        found = [bold["answer"].strip()] if bold else []
    return found[::-1]


def final_answer(reply: str) -> str | None:
    """The last answer that a reply commits to, stripped; None when there is none."""
    answers = committed(reply)
    return answers[-1] if answers else None

"""Reading the final answer out of a reply.

Order: what follows the thinking, then `\\boxed{...}`, then lines that say "Answer: ..." or "the answer is ...", then the whole text. A
thinking block that never closes has no answer after it, and neither has a box that never closes: both were cut off. Where a reply
commits itself more than once, `final_answer` is the last; `committed` gives them all, for verifiers that refuse a hedge.

Every function is linear in the reply: a megabyte of `<think>` or `\\boxed{` costs no more than a megabyte of prose.
"""

import re

THINKING = re.compile(r"</?(?:think|thinking|thought|reasoning)>|(?-i:\[/?THINK\])|◁/?think▷", re.IGNORECASE)
BOX = re.compile(r"\\(?:boxed|fbox)\s*\{")
BOX_PART = re.compile(r"\\{1,2}(?:boxed|fbox)\s*\{|\\.|[{}]", re.DOTALL)
"""What `boxed` looks at: the start of a box (also with a doubled backslash), an escaped character, a brace."""
ONLY_TEXT = re.compile(r"([^{}\\]*)\}")
"""The rest of a box that holds neither braces nor commands."""
COURTESY = re.compile(r"I hope (?:it|this) is correct", re.IGNORECASE)
"""The end of the answer line that Minerva's prompt asks for."""
LABELLED = re.compile(
    r"^[ \t>*_#-]*(?:[A-Za-z,]{1,20}[ \t]+){0,5}?answer[ \t*_]*(?:[:=]|is\b[ \t]*:?)[\s*_]*(?P<answer>\S.*)$",
    re.MULTILINE | re.IGNORECASE,
)


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


def boxed(text: str) -> list[str]:
    """The contents of every outermost `\\boxed{...}` or `\\fbox{...}` with balanced braces, in order."""
    first = BOX.search(text)
    if first is None:
        return []
    short = ONLY_TEXT.match(text, first.end())
    if short and "box" not in text[short.end() :]:
        return [short[1]]
    found: list[str] = []
    starts: list[int] = []
    boxes = 0
    for part in BOX_PART.finditer(text, first.start()):
        token = part[0]
        if token == "{":
            starts.append(-1)
        elif token == "}":
            start = starts.pop() if starts else -1
            if start >= 0:
                boxes -= 1
                if boxes == 0:
                    found.append(text[start : part.start()])
        elif token.endswith("{") and "box" in token:
            starts.append(part.end())
            boxes += 1
    return found


def committed(reply: str) -> list[str]:
    """Every answer that a reply commits to, stripped, in order, each once; empty when there is none."""
    text = after_thinking(reply)
    if text is None:
        return []
    answers = [box.strip() for box in boxed(text)] if "box" in text else []
    if not any(answers):
        answers = [COURTESY.split(found["answer"])[0].strip(" \t\r*_") for found in LABELLED.finditer(text)]
    if not any(answers) and not BOX.search(text):
        answers = [text.strip()]
    return [answer for answer in dict.fromkeys(answers) if answer]


def final_answer(reply: str) -> str | None:
    """The last answer that a reply commits to, stripped; None when there is none."""
    answers = committed(reply)
    return answers[-1] if answers else None

"""Reading the final answer out of a reply.

Order: what follows the thinking, then the last `\\boxed{...}`, then the last line that starts with "Answer:" or "Final answer:", then the
whole text. A thinking block that never closes has no answer after it: a right number inside it is not an answer.
"""

import re

THINKING = re.compile(r"<(think|thinking)>.*?</\1>", re.DOTALL | re.IGNORECASE)
OPEN_THINKING = re.compile(r"<(think|thinking)>", re.IGNORECASE)
CLOSE_THINKING = re.compile(r"</(think|thinking)>", re.IGNORECASE)
LABELLED = re.compile(
    r"^[ \t>*_#-]*(?:final[ \t]+)?answer[ \t*_]*[:=][ \t*_]*(?P<answer>.*)$", re.MULTILINE | re.IGNORECASE
)


def after_thinking(reply: str) -> str | None:
    """The reply without its thinking; None when a thinking block was left open.

    A closing tag without an opening one counts too: chat templates often open the block in the prompt.
    """
    if "<" not in reply:
        return reply
    text = THINKING.sub("", reply)
    *_, last = CLOSE_THINKING.split(text) if CLOSE_THINKING.search(text) else [text]
    return None if OPEN_THINKING.search(last) else last


def boxed(text: str) -> list[str]:
    """The contents of every `\\boxed{...}` or `\\fbox{...}` with balanced braces, in order."""
    found = []
    for start in re.finditer(r"\\f?boxed\s*\{", text):
        depth, at = 1, start.end()
        while at < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0) if text[at - 1] != "\\" else 0
            at += 1
        if depth == 0:
            found.append(text[start.end() : at - 1])
    return found


def final_answer(reply: str) -> str | None:
    """The answer that a reply commits to, stripped; None when there is none."""
    text = after_thinking(reply)
    if text is None:
        return None
    if "boxed" in text and (boxes := boxed(text)):
        return boxes[-1].strip() or None
    if ":" in text or "=" in text:
        labelled = LABELLED.findall(text)
        if labelled and labelled[-1].strip():
            return str(labelled[-1]).strip().strip("*_").strip()
    return text.strip() or None

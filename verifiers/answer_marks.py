"""Where in a reply an answer of several parts stands: from the first mark on, or anywhere where there is none.

Marks are `<answer>` tags, boxes that hold a whole answer, and lines that begin with "Answer:", "Final answer:" or "Solution:". What comes
before the first mark is a draft. What comes behind a closed tag or box is still a part of its own, so that a second answer is seen there.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from envgym.verifiers.reply import ANSWER_TAG, BOX, after_thinking, closing, tagged, visible
from envgym.verifiers.unicode_form import nfkc

MAX_CHARS = 50_000
"""Of the end of a reply that is looked at."""
POWERS = {ord(sign): f"^{number}" for number, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
"""NFKC alone reads the power 10² as 102."""
TEXT = re.compile(r"\\(?:text|texttt|textbf|mathrm|mathtt|operatorname)\s*\{([^{}]*)\}")
DRAFTS = r"(?:or|and|maybe|perhaps|possibly|alternatively|otherwise|another|other|alternative|possible|wrong|not|no)\b"
LABEL = re.compile(
    rf"(?:^|(?<=<answer>))[ \t>*_#-]*(?:(?!{DRAFTS})[a-z,']{{1,20}}[ \t]+){{0,5}}?(?P<word>answer|solution)[ \t*_]*"
    r"(?::|=|is\b[ \t]*:?)[ \t]*(?:\*{1,3}|__(?=\s))?"
    r"|^[ \t>*_#]*(?:(?:the|my)[ \t]+)?(?:final[ \t]+)?(?P<heading>answer|solution)[ \t*_#]*$",
    re.MULTILINE | re.IGNORECASE,
)
"""A label, or a heading that is nothing else. Underscores behind a label are left: they are empty cells in some grids."""


class Part(NamedTuple):
    """What stands between one mark and the next."""

    label: str
    """"answer", "solution", "tag" or "box"; empty where it only follows a tag or a box that was closed."""
    text: str


def plain(text: str) -> str:
    """`text` in the form NFKC, so that full-width signs are what they look like; powers stay powers."""
    return text if text.isascii() else nfkc(text.translate(POWERS))


def answer_body(reply: str) -> str | None:
    """The end of a reply behind its thinking, in plain signs; None where it has no answer there, or one that was cut off."""
    text = after_thinking(visible(reply))
    if text is None or tagged(text) == []:
        return None
    return plain(text[-MAX_CHARS:])


def marked_parts(text: str, *, whole: Callable[[str], bool], begins: Callable[[str], bool]) -> list[Part]:
    """The parts from the first mark on; empty where there is no mark.

    `whole` tells whether what a box holds is an answer, `begins` whether what follows the words "the answer is" is.
    """
    marks = sorted([*_labels(text, begins), *_tags(text), *_boxes(text, whole)])
    marks.append((len(text), len(text), ""))
    return [Part(label, text[behind:end]) for (_, behind, label), (end, _, _) in pairwise(marks)]


def box_spans(text: str) -> Iterator[tuple[int, int, int]]:
    """Where each outermost closed box starts, where what it holds starts, and where that ends."""
    start = BOX.search(text) if "box" in text else None
    while start:
        end, at = closing(text, start.end())
        if end is not None:
            yield start.start(), start.end(), end
        start = BOX.search(text, at)


def _labels(text: str, begins: Callable[[str], bool]) -> Iterator[tuple[int, int, str]]:
    for found in LABEL.finditer(text):
        end = text.find("\n", found.end())
        rest = text[found.end() : end if end >= 0 else len(text)]
        said = found[0].rstrip(" \t*_").lower()
        if not said.endswith("is") or not rest.strip() or begins(rest):
            yield found.start(), found.end(), (found["word"] or found["heading"]).lower()


def _tags(text: str) -> Iterator[tuple[int, int, str]]:
    for tag in ANSWER_TAG.finditer(text):
        yield tag.start(), tag.end(), "" if "/" in tag[0] else "tag"


def _boxes(text: str, whole: Callable[[str], bool]) -> Iterator[tuple[int, int, str]]:
    for start, inside, end in box_spans(text):
        if whole(text[inside:end]):
            yield start, inside, "box"
            yield end, end + 1, ""

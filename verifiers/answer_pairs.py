"""A full assignment read out of a reply: one value for each of the asked names, "Ann=knight, Bob=knave".

For puzzles whose answer is nothing but such pairs: a line counts only where it holds pairs
and nothing else, so "Ann=knight or knave" gives no value, and reasoning such as "if Ann is a knave" is not taken for the answer. Where a
reply has a box, a tag or lines that begin with "Answer:", only what follows the first counts; two different full answers are a hedge,
and so is an answer line that cannot be read beside one that can.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from envgym.verifiers.answer_marks import Part, answer_body, marked_parts
from envgym.verifiers.grid_lines import FENCE, RULE
from envgym.verifiers.structured_reply import BULLET, Unreadable

EDGES = " \t\r|│.\\"
EMPHASIS = str.maketrans("", "", "*`_\"'{}[]()$")
LATEX = re.compile(r"\\(?:text|textbf|mathrm|mathbf|quad|left|right)\b")
BETWEEN = re.compile(r"[,;&]|\band\b", re.IGNORECASE)
PAIR = re.compile(r"(?P<name>\w+)\s*(?:[-=]>|[=:→|│–-]|\bis\b|\s)\s*(?:(?:an?|the)\s+)?(?P<value>\w+)", re.IGNORECASE)
HEDGE = re.compile(r"[^\w\n]*(?:or|alternatively|otherwise|perhaps|maybe)\b", re.IGNORECASE)
"""How a line begins that offers another answer."""


def answer_pairs(reply: str, *, names: Collection[str], values: Mapping[str, str]) -> dict[str, str]:
    """The value of each of `names`, in their order; `values` maps each spelling, in lower case, to the value it stands for.

    Raises Unreadable where a name is left out, or where the reply gives two different full answers.
    """
    text = answer_body(reply)
    if text is None:
        raise Unreadable("the reply has no answer after its thinking")
    known = {name.casefold(): name for name in names}
    parts = marked_parts(
        text, whole=lambda box: any(_blocks(box, known, values)), begins=lambda line: _mentions(line, known)
    )
    answer: dict[str, str] | None = None
    for part in parts or [Part("", text)]:
        blocks = list(_blocks(part.text, known, values))
        if not blocks and part.label == "answer":
            _refuse_other_answer(part.text, known, last=part is parts[-1])
        for block in blocks:
            if answer is not None and block != answer:
                raise Unreadable("it gives two different answers")
            answer = block
    if answer is None:
        raise Unreadable("there is no line NAME=VALUE, ... that gives every name one value")
    return {name: answer[name] for name in names}


def _refuse_other_answer(text: str, known: Mapping[str, str], *, last: bool) -> None:
    """An answer line that cannot be read is a hedge where it speaks of the names, and where it is the last word on the answer."""
    line = text.strip().partition("\n")[0]
    if line and (last or _mentions(line, known)):
        raise Unreadable(f"an answer line gives no value to every name: {line.strip()[:80]!r}")


def _blocks(text: str, known: Mapping[str, str], values: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Every run of pair lines that gives each name one value. What takes one back after that raises Unreadable."""
    block: dict[str, str] = {}
    sound = True
    answer: dict[str, str] | None = None
    for line in [*text.splitlines(), "the end"]:
        pairs = _pairs(line, known, values)
        for name, value in pairs:
            sound = block.setdefault(name, value) == value and sound
            if answer is not None and answer[name] != value:
                raise Unreadable(f"it gives {name} two values: {answer[name]} and {value}")
        if pairs or not line.translate(EMPHASIS).strip(EDGES) or FENCE.match(line) or RULE.fullmatch(line):
            continue
        if sound and len(block) == len(known):
            answer = block
            yield block
        block, sound = {}, True
        if answer is not None and HEDGE.match(line) and _mentions(line, known):
            raise Unreadable(f"it hedges after its answer: {line.strip()[:80]!r}")


def _pairs(line: str, known: Mapping[str, str], values: Mapping[str, str]) -> list[tuple[str, str]]:
    """The pairs of one line; none when the line holds anything else."""
    found: list[tuple[str, str]] = []
    for part in BETWEEN.split(LATEX.sub("", BULLET.sub("", line, count=1))):
        bare = " ".join(part.translate(EMPHASIS).split()).strip(EDGES)
        if not bare:
            continue
        pair = PAIR.fullmatch(bare)
        name = known.get(pair["name"].casefold()) if pair else None
        value = values.get(pair["value"].casefold()) if pair else None
        if name is None or value is None:
            return []
        found.append((name, value))
    return found


def _mentions(line: str, known: Mapping[str, str]) -> bool:
    return any(word.casefold() in known for word in re.findall(r"\w{1,40}", line))

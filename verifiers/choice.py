"""Multiple choice: the reply must choose exactly the labels that are right.

A choice is a label ("B", "(b)", "**B.**", "Option B is correct"), a label with its option ("B) Paris"), or the text of an option where
the options are known. A label that stands beside another option's text says two things and is read as neither. Where a reply chooses
more than once, all choices must agree: "Answer: B" and then "Answer: C" is a hedge, and so is "B or C", whatever is right in it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from string import ascii_uppercase

from envgym.errors import UsageError
from envgym.verdict import Verdict
from envgym.verifiers.answer import judge_all
from envgym.verifiers.check import verifier
from envgym.verifiers.math_text import undress
from envgym.verifiers.printable import shortened
from envgym.verifiers.reply import committed
from envgym.verifiers.unicode_form import nfkc

MAX_LINE_CHARS = 500
"""A longer line is prose: no choice is looked for in it."""
MAX_LINES = 100
"""Looked at from each end of an answer."""
FONT = re.compile(r"\\(?:text|textbf|mathrm|mathbf)\{([^{}]*)\}")
LEAD = re.compile(
    r"(?:(?:so|thus|hence|therefore|finally),?\s+)?"
    r"(?:(?:i|we)(?:'d|\s+would)?\s+(?:choose|pick|select|go\s+with|answer)(?:\s*:)?\s+"
    r"|it(?:'s|\s+is)\s+|(?:my|the)?\s*(?:(?:final|correct|right|best)\s+)?(?:option|choice|answer|letter)s?\s*(?::|is|are)\s*:?\s*)?"
    r"(?:the\s+)?(?:(?:option|choice|letter|answer)s?\s+)?",
    re.IGNORECASE,
)
TAIL = re.compile(
    r"\s+(?:is|are)\s+(?:(?:the|both|all)\s+)?(?:correct|right|true)(?:\s+(?:answer|option|choice)s?)?\s*[.!]?$",
    re.IGNORECASE,
)
BETWEEN = re.compile(r"\s*(?:[,;&+/]\s*(?:and\b)?|\band\b|\s)\s*", re.IGNORECASE)
OR = re.compile(r"\bor\b", re.IGNORECASE)
LABELLED = re.compile(
    r"[(\[{]?\s*(?P<label>[^\W_]{1,10})(?:\s*[)\]}.:]+|\s+[-–—=]|(?=,?\s+(?:because|since)\b))\s*(?P<text>.*)"
)
SECOND = re.compile(
    r"[(\[][A-Za-z0-9][)\]]|(?<!\w)[A-Z][)\]]|\b(?:or|and|not|nor)\s+(?:option\s+)?[(\[]?[A-Z][)\].,]?(?=\s|$)"
)
"""Another label inside the text of an option."""
NO_OPTION = re.compile(
    r"(?:is|are|was|or|and|not|nor|isn't|cannot|maybe|perhaps|seems|might|may|could|but)\b|[/,;]", re.IGNORECASE
)
"""How a sentence about a label goes on where the options are unknown."""

Options = Mapping[str, str] | Sequence[str]


@verifier
def choice(reply: str, gold: str | Collection[str], /, *, options: Options | None = None) -> Verdict:
    """PASS when the reply chooses the labels of `gold` and no others: "B", or several as "A, C", "AC" or ["A", "C"].

    `options` gives the text of each label; a list is labelled A, B, C. Case of labels and texts does not matter. Options that share a
    label or a text, and a gold that is no label or list of labels among them, are TASK_INVALID. Raises UsageError when `options` is
    neither mapping nor list of texts.
    """
    texts = _texts(options)
    if options is not None and not _apart(options.values() if isinstance(options, Mapping) else options):
        return Verdict.task_invalid("two options are the same, or one is empty", code="choice.options")
    want = _wanted(gold, texts)
    if not want:
        return Verdict.task_invalid(f"the gold {shortened(gold)} names no option", code="choice.gold")

    def check(answer: str) -> Verdict:
        chosen = _chosen(answer, texts)
        if len(chosen) > 1 or (not chosen and len(_labels(OR.sub(",", answer[:MAX_LINE_CHARS]), texts)) > 1):
            return Verdict.of(0, code="choice.hedge", reason=f"{answer[:80]!r} makes different choices")
        if not chosen:
            return Verdict.malformed(f"{answer[:80]!r} chooses no option", code="choice.unreadable")
        if chosen != [want]:
            return Verdict.of(0, code="choice.not_equal", reason=f"it chooses {_shown(chosen)}, not {_shown([want])}")
        return Verdict.of(1, code="choice.equal", reason=f"it chooses {_shown(chosen)}")

    return judge_all(committed(reply), check, hedge="choice.hedge")


def _wanted(gold: object, texts: Mapping[str, str] | None) -> frozenset[str]:
    """The labels of a gold; empty for what is none."""
    if isinstance(gold, list | tuple | set | frozenset) and all(isinstance(label, str) for label in gold):
        gold = ",".join(gold)
    return _labels(gold, texts) if isinstance(gold, str) else frozenset()


def _texts(options: Options | None) -> dict[str, str] | None:
    """Label to text, both as they are compared."""
    if options is None:
        return None
    if not isinstance(options, Mapping):
        if isinstance(options, str | bytes) or not isinstance(options, Sequence) or len(options) > len(ascii_uppercase):
            raise UsageError(f"options is {str(options)[:80]!r}; give {{label: text}} or a list of at most 26 texts")
        options = dict(zip(ascii_uppercase, options, strict=False))
    if not all(isinstance(each, str) for pair in options.items() for each in pair):
        raise UsageError("the labels and texts of options are strings; give for instance {'A': 'Paris', 'B': 'Rome'}")
    texts = {_folded(label): _folded(text) for label, text in options.items()}
    if len(texts) < len(options):
        raise UsageError("two labels of options differ only in case or form; give each option a label of its own")
    return texts


def _apart(options: Iterable[str]) -> bool:
    texts = [" ".join(option.split()) for option in options]
    return all(texts) and len(set(texts)) == len(texts)


def _folded(text: str) -> str:
    flat = " ".join(undress(nfkc(FONT.sub(r"\1", text))).split()).casefold()
    return flat.strip("*_`\"'“”‘’ ").rstrip(".").strip("*_`\"'“”‘’ ") or flat or text.strip()


def _chosen(answer: str, texts: Mapping[str, str] | None) -> list[frozenset[str]]:
    """The different choices that `answer` makes: as a whole, else line by line if its first or its last line makes one."""
    whole = _choice(answer, texts)
    if whole:
        return [whole]
    lines = [line for line in answer.splitlines() if line.strip()]
    if len(lines) > 2 * MAX_LINES:
        lines = lines[:MAX_LINES] + lines[-MAX_LINES:]
    choices = [_choice(line, texts) for line in lines]
    if not choices or not (choices[0] or choices[-1]):
        return []
    return list(dict.fromkeys(each for each in choices if each))


def _choice(line: str, texts: Mapping[str, str] | None) -> frozenset[str]:
    """The labels that one line chooses; empty when it is no choice."""
    if len(line) > MAX_LINE_CHARS:
        return frozenset()
    if texts is not None and (same := _by_text(_folded(line), texts)):
        return same
    flat = " ".join(undress(nfkc(FONT.sub(r"\1", line))).replace("**", "").replace("`", "").split())
    flat = TAIL.sub("", flat.strip("*_ "))
    bare = LEAD.sub("", flat, count=1)
    for form in (flat, bare):
        found = _labels(form, texts) or (frozenset() if "\n" in line.strip() else _with_text(form, texts))
        if found:
            return found
    return _by_text(_folded(bare), texts) if texts is not None else frozenset()


def _by_text(text: str, texts: Mapping[str, str]) -> frozenset[str]:
    """The label of the option `text`; empty where two options differ in case only ("Aa", "AA"), so that only labels tell them apart."""
    found = frozenset(label for label, option in texts.items() if option == text)
    return found if len(found) == 1 else frozenset()


def _labels(text: str, texts: Mapping[str, str] | None) -> frozenset[str]:
    """The labels in a text that holds nothing but labels."""
    flat = nfkc(text).strip().rstrip(".!:").strip("*_ ")
    parts = [part.strip("()[]{}.:*_\"'") for part in BETWEEN.split(flat) if part.strip()]
    if len(parts) == 1 and not _is_label(parts[0], texts) and parts[0].isupper():
        parts = list(parts[0]) if len(set(parts[0])) == len(parts[0]) else []
    if not parts or not all(_is_label(part, texts) for part in parts):
        return frozenset()
    return frozenset(part.casefold() for part in parts)


def _is_label(part: str, texts: Mapping[str, str] | None) -> bool:
    return (len(part) == 1 and part.isalnum()) if texts is None else part.casefold() in texts


def _with_text(line: str, texts: Mapping[str, str] | None) -> frozenset[str]:
    """The label of a line like "B) Paris" or "B because ...", if the text is that option's and names no other."""
    found = LABELLED.match(line)
    if found is None or not _is_label(found["label"], texts):
        return frozenset()
    label, text = found["label"].casefold(), found["text"]
    if SECOND.search(text) or NO_OPTION.match(text):
        return frozenset()
    if texts is not None and not re.match(r"(?:because|since)\b", text):
        rest = _folded(text)
        own = texts[label]
        if not re.match(re.escape(own) + r"(?!\w)", rest) and rest != own:
            return frozenset()
        others = (option for other, option in texts.items() if other != label)
        if any(re.search(rf"(?<!\w){re.escape(option)}(?!\w)", rest[len(own) :]) for option in others):
            return frozenset()
    return frozenset({label})


def _shown(choices: Iterable[frozenset[str]]) -> str:
    return " / ".join("".join(sorted(label.upper() for label in each)) for each in choices)[:80]

"""An issue as a user would write it, from failing tests: what was called, what was expected, what came instead.

Files, lines, tests and the code of the fix are not in it. Phrases are drawn from a small grammar; the same generator gives the same text.
"""

import random
import re
from collections.abc import Sequence

from envgym.task_synth.bugs.observation import Failure, Observation, observe

__all__ = ["Failure", "issue_text"]

MAX_CASES = 3
TITLES = {
    "value": ("{name} gives a wrong result", "Wrong result from {name}", "Unexpected output of {name}",
              "{name} does not return what it should"),
    "raises": ("{name} fails with {error}", "Unexpected {error} from {name}", "{error} when using {name}", "{name} raises {error}"),
    "accepts": ("{name} does not raise {expected}", "{name} accepts what it should refuse", "No {expected} from {name}"),
    "message": ("{name} does not work as it should", "Something is wrong with {name}", "Problem with {name}"),
}  # fmt: skip
OPENINGS = (
    "I came across this while using {name}.",
    "The following does not do what I expect.",
    "There seems to be a bug around {name}.",
    "I think {name} misbehaves here.",
    "Found this in a program of mine that uses {name}.",
)
CASES = {
    "value": (
        "`{call}` should be {expected}{but}.",
        "I expect {expected} from `{call}`{but}.",
        "For `{call}` the right answer is {expected}{but}.",
    ),
    "raises": (
        "`{call}` fails with `{got}`.",
        "I get `{got}` from `{call}`, which should work.",
        "`{call}` should work; it ends with `{got}`.",
    ),
    "accepts": (
        "`{call}` should raise `{expected}`, but nothing is raised.",
        "I expect `{expected}` from `{call}`; it goes through without one.",
        "`{call}` is accepted, where `{expected}` should be raised.",
    ),
    "message": (
        "What I see is: `{got}`",
        "It ends with: `{got}`",
        "The message is: `{got}`",
    ),
}
BUT = (", but I get `{got}`", "; what I get is `{got}`", ", not `{got}` as it is now")
NO_BUT = (", which it is not", "; something else comes", ", but that is not what comes")
LEADS = ("To reproduce:", "Steps:", "First:", "With this before it:")
CLOSINGS = (
    "Other inputs may be affected too.",
    "I have not looked into the cause.",
    "Please make it work as described.",
    "",
    "",
)
WITHOUT_NAME = "the library"
CODE = re.compile(r"[`{}=;<>\[\]]|\w\(|\w\.\w+\(|\bdef \b|\breturn \b")
SHORTEST = 6
"""Characters of a changed line from which on it is recognised in a text."""


def issue_text(failures: Sequence[Failure], *, rng: random.Random, hint: str = "", patch: str = "") -> str:
    """A title and a report in Markdown. `hint` is the message of the change: its first line becomes the title unless it holds code.

    No added or removed line of `patch` is in the text: what would hold one is told by its message alone, or not at all.
    """
    code = _code_of(patch)
    seen = [_safe(observe(failure), code) for failure in failures]
    seen = sorted(dict.fromkeys(seen), key=lambda each: (each.kind == "message", len(each.setup), not each.name))
    cases = [each for each in seen if each.kind != "message"][:MAX_CASES] or [each for each in seen if each.got][:1]
    first = cases[0] if cases else Observation("message", seen[0].name if seen else "")
    parts = [
        f"# {_title_of(hint, code) or _title(first, rng)}",
        _name(rng.choice(OPENINGS), first),
        *_reports(cases, rng),
        rng.choice(CLOSINGS),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _reports(cases: Sequence[Observation], rng: random.Random) -> list[str]:
    """Cases with the same way to them share it."""
    parts: list[str] = []
    for setup in dict.fromkeys(case.setup for case in cases):
        if setup:
            parts.append(f"{rng.choice(LEADS)}\n\n```python\n" + "\n".join(setup) + "\n```")
        told = [_told(case, rng) for case in cases if case.setup == setup]
        parts.append(told[0] if len(told) == 1 else "\n".join(f"- {each}" for each in told))
    return parts


def _told(case: Observation, rng: random.Random) -> str:
    but = rng.choice(BUT if case.got else NO_BUT).format(got=_plain(case.got))
    plain = case.expected in ("true", "false", "something false")
    expected = case.expected if plain or case.kind != "value" else f"`{_plain(case.expected)}`"
    return rng.choice(CASES[case.kind]).format(call=_plain(case.call), expected=expected, got=_plain(case.got), but=but)


def _title(case: Observation, rng: random.Random) -> str:
    error = case.got.partition(":")[0]
    title = _name(rng.choice(TITLES[case.kind]), case, error=error or "an error", expected=case.expected)
    return title[:1].upper() + title[1:] if not case.name else title


def _name(phrase: str, case: Observation, **fields: str) -> str:
    return phrase.format(name=f"`{case.name}`" if case.name else WITHOUT_NAME, **fields)


def _plain(code: str) -> str:
    return " ".join(code.replace("`", "'").split())


def _title_of(hint: str, code: Sequence[str]) -> str:
    first = hint.strip().partition("\n")[0].strip().lstrip("# ")
    return "" if CODE.search(first) or any(line in first for line in code) else first


def _code_of(patch: str) -> list[str]:
    """Lines that a patch adds or takes away."""
    lines = {line[1:].strip() for line in patch.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")}
    return sorted(line for line in lines if len(line) >= SHORTEST)


def _safe(seen: Observation, code: Sequence[str]) -> Observation:
    """An observation without anything that is a line of the change."""
    texts = (seen.call, seen.expected, *seen.setup)
    if any(line in text for text in texts for line in code):
        seen = Observation("message", seen.name, got=seen.got)
    return Observation("message", seen.name) if any(line in seen.got for line in code) else seen

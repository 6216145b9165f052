"""Groundedness: every argument of a golden call was said by the user or shown by an earlier call, in a form that a reader would take for
it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from envgym.environments.tool_world.answer import judged_answer
from envgym.environments.tool_world.calendar import Calendar
from envgym.environments.tool_world.chain.surface import forms
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.shown import stored_value
from envgym.environments.tool_world.tools import toolbox
from envgym.task import Task
from envgym.task_synth.golden_chain.mutants import described
from envgym.task_synth.golden_chain.replay import Step

UNCHECKED = ("ask_user", "finish")
"""Their arguments are the agent's own words, or follow from the rest."""


def ungrounded(domain: Domain, steps: list[Step], shown: tuple[str, ...]) -> list[str]:
    """The arguments that nothing before their call gives, as "tool.argument=value"."""
    calendar = Calendar(domain.now)
    missing = []
    for step, before in zip(steps, (text.casefold() for text in shown), strict=True):
        if step["tool"] in UNCHECKED:
            continue
        for name, value in step["arguments"].items():
            field = described(domain, toolbox(domain)[step["tool"]], base_name(domain, step["tool"], name))[1]
            missing += [
                f"{step['tool']}.{name}={leaf!r}"
                for leaf in _leaves(value)
                if not _given(leaf, field, domain, calendar, before)
            ]
    return missing


def base_name(domain: Domain, tool: str, name: str) -> str:
    """The name of an argument without what a search adds: placed_on_from -> placed_on."""
    found = toolbox(domain)[tool]
    return re.sub(r"(_from|_to|_min|_max|From|To|Min|Max)$", "", name) if found.kind == "search" else name


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def _given(value: Any, field: Field | None, domain: Domain, calendar: Calendar, before: str) -> bool:
    ways = [json.dumps(value, ensure_ascii=False).strip('"')]
    if field is not None:
        ways += forms(field, stored_value(domain, field, value), calendar)
    return any(_within(way.casefold(), before) for way in ways)


def _within(way: str, text: str) -> bool:
    """Whether a text says `way` as a word or number of its own; both in small letters."""
    at = text.find(way)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(way) : at + len(way) + 2]
        apart = not (before.isalnum() or before in ("_", ".")) and not (after[:1].isalnum() or after[:1] == "_")
        if apart and not (after[:1] == "." and after[1:].isdigit()):
            return True
        at = text.find(way, at + 1)
    return False


NUMBERS = range(-1, 13)
"""Whole numbers that anybody would try."""
WORDS = ("", "yes", "no", "none", "unknown", "all", "0")


def guessed(task: Task) -> list[Any]:
    """The blind answers that would be right, where an answer is all that is asked for: what the request itself says, small numbers, yes and
    no. Counts beside a change are not looked at: what is changed is not guessed.
    """
    gold = task.private["gold"]
    if gold["answer"] is None or any(gold["differences"]):
        return []
    spoken = [word.strip(".,;:!?()\"'") for word in str(task.public["request"]).split()]
    runs = [" ".join(spoken[at : at + size]) for size in (1, 2, 3) for at in range(len(spoken))]
    numbers = [float(word.strip("$")) for word in spoken if re.fullmatch(r"\$?\d+(\.\d+)?", word)]
    blind: list[Any] = [None, True, False, [], *WORDS, *NUMBERS, *runs, *numbers, *(each * 100 for each in numbers)]
    return [guess for guess in blind if judged_answer(gold["answer"], guess).passed]

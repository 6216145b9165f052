"""Groundedness: every argument of a golden call was said by the user or shown by an earlier call, in a form that a reader would take for
it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from envgym.environments.tool_world.calendar import Calendar
from envgym.environments.tool_world.chain.surface import forms
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.fields import Field
from envgym.environments.tool_world.shown import stored_value
from envgym.environments.tool_world.tools import toolbox
from envgym.task_synth.golden_chain.mutants import described
from envgym.task_synth.golden_chain.replay import Step

UNCHECKED = ("ask_user", "finish")
"""Their arguments are the agent's own words, or follow from the rest."""


def ungrounded(domain: Domain, steps: list[Step], shown: tuple[str, ...]) -> list[str]:
    """The arguments that nothing before their call gives, as "tool.argument=value"."""
    calendar = Calendar(domain.now)
    missing = []
    for step, before in zip(steps, shown, strict=True):
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
    return any(
        re.search(rf"(?<![\w.]){re.escape(way)}(?![\w]|\.\d)", before, re.IGNORECASE) is not None for way in ways
    )

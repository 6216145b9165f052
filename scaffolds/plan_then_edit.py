"""Plan-then-edit: look first, then name what will be changed, and change nothing else.

Before the plan only tools that read, or that run tests, may be called; where an environment has none of them the first reply is the
plan. Where tools change places with a name (files, say) the plan ends with them and binds: an edit elsewhere needs a revised plan. What a
shell command changes is not seen here. No plan costs a turn of the environment, up to eight of them.
"""

import re
from collections.abc import Iterator
from typing import Any

from envgym.errors import InvalidAction
from envgym.message import Action, Message, Observation, ToolCall, assistant, text_of
from envgym.scaffolds.phased import Phased, calls_of, normal
from envgym.tool_env import ToolEnv

MAX_PLANS = 8
FILES = re.compile(r"^[ \t*#>-]*Files\b[ \t*]*:", re.MULTILINE | re.IGNORECASE)
DRESS = " \t`'\"*()[]-"

LOOK = "First look around with the tools that change nothing. "
PLAN = "{look}Before you do anything else, reply with a short numbered plan and no tool call."
NAMING = """ The plan ends with a line that names every file you will
change, like "Files: a.py, b/c.py". Only those may then be changed; to change others, reply with a revised plan in the same form."""
ACT = "Now carry out the plan, one step per reply."


class PlanThenEdit(Phased):
    id = "plan_then_edit"

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self.plans = 0
        self.named: tuple[str, ...] = ()
        """Places that the plan in force names."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        self.plans, self.named = 0, ()
        return super().reset(seed=seed, options=options)

    def instructions(self) -> str:
        text = PLAN.format(look=LOOK if self.effects() & {"reads", "tests"} else "")
        return text + NAMING if self.binds() else text

    def binds(self) -> bool:
        """Whether a plan names places: some tool changes one."""
        return isinstance(self.env, ToolEnv) and any(entry.place for entry in self.env.toolbox.values())

    def admit(self, reply: Message) -> str:
        calls = calls_of(reply)
        if not calls and (not self.plans or (self.binds() and FILES.search(text_of(reply)))):
            self.adopt(text_of(reply))
            return ACT
        for each in calls:
            self.check(each)
        return ""

    def adopt(self, plan: str) -> None:
        """Takes a plan, the first or a revised one. Raises InvalidAction when it is empty or names no files."""
        if not plan.strip():
            raise InvalidAction("your reply is empty; reply with a plan", code="plan.none")
        if self.plans == MAX_PLANS:
            raise InvalidAction(f"there were {MAX_PLANS} plans; carry out the last one", code="plan.many")
        if self.binds():
            marks = list(FILES.finditer(plan))
            if not marks:
                raise InvalidAction('call a tool, or reply with a plan that ends with "Files: ..."', code="plan.files")
            self.named = named_in(plan[marks[-1].end() :])
        self.plans += 1

    def check(self, call: ToolCall) -> None:
        """Raises InvalidAction for a call that needs a plan first, or another plan."""
        if not self.plans:
            if self.early(call):
                raise InvalidAction(f"plan first: {call['function']['name']} needs a plan", code="plan.first")
            return
        for place in self.places_of(call):
            if self.binds() and not any(same_place(place, name) for name in self.named):
                raise InvalidAction(
                    f"the plan does not name {place}; reply with a revised plan that does", code="plan.place"
                )

    def early(self, call: ToolCall) -> bool:
        """Whether a call has to wait for the plan."""
        return self.final(call) or self.effect(call) in ("changes", "runs")

    def waits(self, action: Action) -> bool:
        """Whether the plan has to come before `action`: text would be taken for one."""
        calls = calls_of(action)
        return not self.plans and (not calls or any(map(self.early, calls)))

    # ---- the oracle

    def phrase(self, action: Action) -> Message:
        """Where the plan is still missing and `action` needs it: the plan."""
        if self.waits(action):
            return self.golden_plan([place for each in calls_of(action) for place in self.places_of(each)])
        return super().phrase(action)

    def golden(self) -> Iterator[Message]:
        """The plan comes as late as it may and names what the oracle changes, read off a fork that plays it."""
        places = self._rehearse() if self.binds() else []
        for action in self.env.oracle():
            if self.waits(action):
                yield self.golden_plan(places)
            yield self.phrase(action)

    def golden_plan(self, places: list[str]) -> Message:
        steps = "1. Do what the task calls for.\n2. Check it and finish."
        return assistant(f"Plan:\n{steps}" + (f"\nFiles: {', '.join(places) or 'none'}" if self.binds() else ""))

    def _rehearse(self) -> list[str]:
        """The places that the oracle changes, in order. The last call is not played: it only ends the episode."""
        rehearsal = self.env.fork()
        found: dict[str, None] = {}
        try:
            for action in rehearsal.oracle():
                calls = calls_of(action)
                found.update((place, None) for each in calls for place in self.places_of(each))
                if any(map(self.final, calls)) or any(rehearsal.step(action)[2:4]):
                    break
        finally:
            rehearsal.close()
        return list(found)


def named_in(text: str) -> tuple[str, ...]:
    """The places that a list in prose names: whole entries, and their words, since people write `a.py (new) and b.py`."""
    entries = [entry for line in text.splitlines() for entry in line.split(",")]
    bare = (part.lstrip(DRESS).rstrip(DRESS + ".;:") for entry in entries for part in (entry, *entry.split()))
    return tuple(dict.fromkeys(normal(part) for part in bare if part))


def same_place(one: str, two: str) -> bool:
    """Whether two names are one place: equal, or one is absolute and ends with the other."""
    return one == two or any(
        long.startswith("/") and long.endswith(f"/{short}") for long, short in ((one, two), (two, one))
    )

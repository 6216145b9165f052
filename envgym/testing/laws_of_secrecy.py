"""The law that nothing private reaches the agent.

Every value of a task's private half is looked for in everything the agent gets to see while it does nothing, guesses, begs, or sends
garbage. What keeps the law from crying wolf, because 7 is gold in one task and a row number in the next:

* What is public is no secret: the rest of the task, the settings, what the agent itself wrote before, and what the environment says of
  itself before any task is set: its documentation and the tools of all its tasks.
* The control: the same actions are played on another task. What is seen there too is an ordinary word of this world.
* A text under 4 characters or a number under 4 digits is short: a leak only where the same field is seen in every one of at least three
  tasks, outside the results of tools that worked.
* Without a control (a single task, or one secret for all tasks) only a value of 8 characters counts.
* An environment may name private fields in `found_by_tools`: what its tools are there to show, the hidden files of a world. These are not
  looked for in the results of tools that worked.

Not covered: a secret that was rounded, translated, encoded or spelt out.
"""

import inspect
from collections.abc import Iterator
from typing import Any

from envgym.task import Task
from envgym.testing.bad_replies import bad_calls, ill_formed, odd_texts
from envgym.testing.private_values import PrivateValue, private_values
from envgym.testing.subject import IDLE, LawBroken, Subject
from envgym.testing.watch import Seen, watch

UNMISTAKABLE = 8
LEAST_TASKS = 3
BEGGING = "I give up. Print the correct answer, the hidden tests and your private state."
LONG = 10_000
"""Garbage above this size is left to `malformed_actions_are_told`: it says nothing new here and takes long to search."""


def nothing_private_leaks(subject: Subject) -> str:
    """No text or number of a task's private half can be seen by an agent that does nothing, guesses or sends garbage."""
    env = subject.make()
    settings = {
        "knobs": env.knobs.model_dump(mode="json"),
        "tools": env.tools(),
        "about": inspect.getdoc(type(env)) or "",
    }
    by_tools = frozenset(env.found_by_tools)
    short: dict[str, list[Seen | None]] = {}
    looked_for = 0
    for task in subject.each_task():
        values = private_values(task, {**settings, "later": env.said_later(task)})
        looked_for += len(values)
        for value, sight in sights(subject, task, values, by_tools):
            if value.short:
                short.setdefault(value.path, []).append(sight)
            elif sight is not None:
                raise LawBroken(
                    f"task {task.id!r}: private {value.path} is seen in {sight.where}: {excerpt(value, sight)}"
                )
    for path, found in short.items():
        seen = [sight for sight in found if sight is not None]
        if len(found) >= LEAST_TASKS and len(seen) == len(found):
            raise LawBroken(f"private {path} of every task is seen, as in {seen[0].where}: {seen[0].plain[:200]!r}")
    return f"{looked_for} private values looked for"


def sights(
    subject: Subject, task: Task, values: list[PrivateValue], by_tools: frozenset[str]
) -> Iterator[tuple[PrivateValue, Seen | None]]:
    """For each value that can be judged, where it is seen first."""
    other = next((each for each in subject.tasks if each.private != task.private), None)
    scripts = list(agents(subject, task))
    seen = [sight for script in scripts for sight in watch(subject, task, script)]
    control = [sight for script in scripts for sight in watch(subject, other, script)] if other is not None else []
    shared = {value.plain for value in private_values(other, {})} if other is not None else set()
    for value in values:
        if other is None or value.plain in shared:
            if len(value.plain) >= UNMISTAKABLE:
                yield value, first_sight(value, seen, by_tools)
        elif any(value.within(sight.plain) for sight in control):
            yield value, None
        else:
            yield value, first_sight(value, seen, by_tools)


def first_sight(value: PrivateValue, seen: list[Seen], by_tools: frozenset[str]) -> Seen | None:
    """Where a value is seen first, before the agent said it."""
    outside_tools = value.short or value.field in by_tools
    for sight in seen:
        if outside_tools and sight.from_tool:
            continue
        if value.within(sight.plain) and not any(value.within(text) for text in sight.said):
            return sight
    return None


def agents(subject: Subject, task: Task) -> Iterator[list[Any]]:
    """What is played: nothing, chance, garbage. Not the oracle: it writes the gold itself."""
    yield [IDLE, "", BEGGING, IDLE]
    yield list(subject.scripts(task)["random"])
    tools = subject.start(task).tools()
    garbage = [*ill_formed(), *odd_texts(), *(bad for tool in tools for bad in bad_calls(tool))]
    yield [reply for _, reply in garbage if len(str(reply)) < LONG]


def excerpt(value: PrivateValue, sight: Seen) -> str:
    at = sight.plain.index(value.plain)
    return repr(sight.plain[max(0, at - 40) : at + len(value.plain) + 40][:200])

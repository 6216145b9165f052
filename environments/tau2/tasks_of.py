"""Their tasks as ours: what the user says first is public, the rest of the scenario, the start and the gold are private."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from envgym.environments.tau2.audit import Finding, finding
from envgym.environments.tau2.checkout import Checkout
from envgym.environments.tau2.server import server_of
from envgym.task import Task, TaskList

KEPT = ("user_scenario", "initial_state", "evaluation_criteria", "user_tools")
"""Fields of theirs that decide how an episode goes; the others are descriptions and notes."""
User = Literal["scripted", "none"]
Which = Literal["sound", "all"]


def tasks_of(checkout: Checkout, domain: str, *, user: User, which: Which) -> TaskList:
    """The tasks of a domain. `sound` leaves out those that pay doing nothing, whose gold raises, or that do not pay gold; it looks at
    each task first, which takes a fifth of a second a task in a domain of megabytes. Raises UsageError, EnvFailure."""
    made = []
    described = server_of(checkout).domain(domain)
    tools = [f"assistant: {name}" for name in names_of(described["tools"])]
    tools += [f"user: {name}" for name in names_of(described["user_tools"])]
    for theirs in described["tasks"]:
        found = finding(checkout, domain, reduced(theirs))
        if found.sound or which == "all":
            made.append(task_of(theirs, found, domain=domain, user=user, tools=tools))
    return TaskList(made)


def names_of(offered: list[dict[str, Any]]) -> list[str]:
    return [each["spec"]["function"]["name"] for each in offered]


def task_of(theirs: Mapping[str, Any], found: Finding, *, domain: str, user: User, tools: list[str]) -> Task:
    proved = {"gold": "scores 1", "doing nothing": "scores 0", "not scored": list(found.unscored)}
    return Task(
        id=str(theirs["id"]),
        env="tau2",
        public={
            "domain": domain,
            "request": request_of(theirs["user_scenario"], user),
            "before": list(conversation(theirs)),
            "tools": tools,
        },
        private={name: theirs.get(name) for name in KEPT},
        tags=tags_of(found, domain),
        certificate=proved if found.sound else None,
    )


def tags_of(found: Finding, domain: str) -> tuple[str, ...]:
    flags = {
        "pays_idle": found.pays_idle,
        "gold_raises": bool(found.raised),
        "gold_not_paid": bool(found.gold_misses),
        "broken": bool(found.broken),
    }
    return (domain, *(f"unscored:{name}" for name in found.unscored), *(name for name, holds in flags.items() if holds))


def reduced(theirs: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": str(theirs["id"]), **{name: theirs.get(name) for name in KEPT}}


def theirs_of(task: Task) -> dict[str, Any]:
    """A task of ours in their form, as `reduced` gives it."""
    return {"id": task.id, **{name: task.private.get(name) for name in KEPT}}


def request_of(scenario: Mapping[str, Any], user: User) -> str:
    """What is said first: the reason for the call, and where there is no user to ask, all that is known of them."""
    instructions = scenario["instructions"]
    if isinstance(instructions, str):
        return instructions
    if user == "scripted":
        return str(instructions["reason_for_call"])
    told = [instructions[name] for name in ("reason_for_call", "known_info", "unknown_info", "task_instructions")]
    return "\n".join(part for part in told if part)


def conversation(theirs: Mapping[str, Any]) -> Iterator[str]:
    """What was said and done before the task begins."""
    for message in (theirs.get("initial_state") or {}).get("message_history") or []:
        for made in message.get("tool_calls") or []:
            yield f"{message['role']} called {made['name']} with {made['arguments']}"
        if message.get("content"):
            yield f"{message['role']}: {message['content']}"

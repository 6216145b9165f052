"""What `envgym tau2 audit` does, between the command line and the library."""

import json
from typing import Any

import typer

from envgym.console import say, table
from envgym.environments.tau2.audit import findings, summary
from envgym.environments.tau2.checkout import Checkout
from envgym.environments.tau2.server import server_of
from envgym.errors import UsageError

FLAWS = ("pays_idle", "pays_idle_but_for_unscored", "gold_raises", "gold_not_paid", "broken")


def audit_command(domain: str, checkout: str, python: str, *, as_json: bool) -> int:
    """Audits one domain, or every one that loads. Returns 1 where a task pays doing nothing, or does not pay gold, or its gold raises."""
    place = Checkout.find(checkout, python)
    audited: dict[str, Any] = {}
    left_out: dict[str, str] = {}
    for name in [domain] if domain else server_of(place).domains:
        say(f"auditing {name}")
        try:
            audited[name] = summary(findings(place, name))
        except UsageError as error:
            if domain:
                raise
            left_out[name] = str(error)
            say(f"left out {name}: {error}")
    flawed = sum(len(figures[flaw]) for figures in audited.values() for flaw in FLAWS)
    if as_json:
        typer.echo(json.dumps({"checkout": str(place.folder), "domains": audited, "left_out": left_out}))
    else:
        print_audit(audited)
    return 1 if flawed else 0


def print_audit(audited: dict[str, Any]) -> None:
    lines = [
        (
            name,
            figures["tasks"],
            figures["sound"],
            len(figures["pays_idle"]),
            len(figures["pays_idle_but_for_unscored"]),
            f"{len(figures['gold_raises'])} ({figures['gold_steps_that_raise']} steps)",
            len(figures["gold_not_paid"]),
            len(figures["broken"]),
        )
        for name, figures in audited.items()
    ]
    columns = (
        "domain",
        "tasks",
        "sound",
        "pay idle",
        "pay idle but for the unscored",
        "gold raises",
        "gold not paid",
        "broken",
    )
    table("Tasks of tau2-bench", columns, lines)
    for name, figures in audited.items():
        for flaw, about in (
            ("pays_idle", "pay an agent that does nothing in full"),
            ("pays_idle_but_for_unscored", "leave nothing but NL_ASSERTION between such an agent and the reward"),
        ):
            if figures[flaw]:
                typer.echo(f"{name}: {about}: {', '.join(figures[flaw])}")
        for task, steps in figures["gold_raises"].items():
            for step in steps:
                typer.echo(f"{name} {task}: gold step {step['position']}, {step['action']}, raises {step['error']}")
        for task, why in figures["broken"].items():
            typer.echo(f"{name} {task}: {why}")
        for task, components in figures["gold_not_paid"].items():
            typer.echo(f"{name} {task}: gold is not paid: {', '.join(components)}")

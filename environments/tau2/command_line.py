"""`envgym tau2`: what can be known about a checkout of tau2-bench without playing it."""

from typing import Annotated

import typer

from envgym.console import AsJson

tau2_app = typer.Typer(no_args_is_help=True, help="Look at the tasks of a tau2-bench checkout.")


@tau2_app.callback()
def tau2() -> None:
    """A callback keeps the name of the only command."""


@tau2_app.command()
def audit(
    domain: Annotated[str, typer.Option(help="One domain, such as retail; default: every one that loads.")] = "",
    checkout: Annotated[str, typer.Option(help="Folder of the checkout; default: ENVGYM_TAU2.")] = "",
    python: Annotated[str, typer.Option(help="Its interpreter; default: ENVGYM_TAU2_PYTHON, else its .venv.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print which tasks pay an agent that does nothing, and which have gold steps that raise. Exit 1 where there are any."""
    from envgym.environments.tau2.audit_command import audit_command

    raise typer.Exit(audit_command(domain, checkout, python, as_json=as_json))

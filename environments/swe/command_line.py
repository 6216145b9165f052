"""`envgym verify swe`: grade what a candidate left behind."""

from pathlib import Path
from typing import Annotated

import typer

from envgym.console import AsJson


def verify_swe(
    task: Annotated[Path, typer.Option(help="Task folder.")],
    tree: Annotated[Path | None, typer.Option(help="Working copy that a candidate left behind.")] = None,
    patch: Annotated[Path | None, typer.Option(help="Unified diff of a candidate.")] = None,
    sandbox: Annotated[str, typer.Option(help="namespaces or docker.")] = "namespaces",
    image: Annotated[str, typer.Option(help="Docker image to run in, where the task names none.")] = "",
    as_json: AsJson = False,
) -> None:
    """Grade a candidate of a software-engineering task in fresh sandboxes. Exit 1 unless it passes."""
    from envgym.environments.swe.command import verify_swe_command

    raise typer.Exit(verify_swe_command(task, tree, patch, sandbox=sandbox, image=image, as_json=as_json))

"""`envgym export`: tasks of ours in the formats of others."""

from pathlib import Path
from typing import Annotated

import typer

from envgym.console import AsJson

export_app = typer.Typer(no_args_is_help=True, help="Write tasks in the formats of others.")


@export_app.callback()
def export() -> None:
    """A callback keeps the name of the only command."""


@export_app.command()
def harbor(
    place: Annotated[Path, typer.Argument(help="A software-engineering task folder, or a folder of them.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the Harbor folders, one for each task.")],
    image: Annotated[str, typer.Option(help="Docker image to build on, where a task names none.")] = "python:3.12-slim",
    as_json: AsJson = False,
) -> None:
    """Write software-engineering tasks as Harbor (Terminal-Bench) folders. Exit 1 where one could not be written."""
    from envgym.environments.harbor.export_command import export_harbor_command

    raise typer.Exit(export_harbor_command(place, out, image=image, as_json=as_json))

"""`envgym verify app`: grade an app in a real browser."""

from pathlib import Path
from typing import Annotated

import typer

from envgym.console import AsJson
from envgym.errors import UsageError


def verify_app(
    task: Annotated[str, typer.Option(help="Name of a bundled task of app_dev, or a folder with requirement.json.")],
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Folder of the app; without it the task's own checks are proved.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides the hidden values.")] = 0,
    mode: Annotated[str, typer.Option(help="strict: 1 or 0; soft: the product of the parts.")] = "strict",
    as_json: AsJson = False,
) -> None:
    """Grade an app in a real browser: it starts, does what was asked, looks right. Exit 1 where it does not pass."""
    from envgym.environments.app_dev.command import verify_app_command

    if mode not in ("strict", "soft"):
        raise UsageError(f"--mode {mode!r}: expected strict or soft")
    raise typer.Exit(verify_app_command(task, folder, seed=seed, soft=mode == "soft", as_json=as_json))

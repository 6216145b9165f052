"""What `envgym export harbor` does, between the command line and the library."""

import json
from pathlib import Path

import typer

from envgym.console import say
from envgym.environments.harbor.write import write_harbor
from envgym.environments.swe.task_folder import TaskFolder, task_folders
from envgym.errors import UsageError


def export_harbor_command(place: Path, out: Path, *, image: str, as_json: bool) -> int:
    """Writes every task folder of `place` as a Harbor folder below `out`. Returns 1 where one could not be written."""
    paths, failed = task_folders(place), dict[str, str]()
    for path in paths:
        try:
            write_harbor(TaskFolder.read(path), out, image=image)
        except UsageError as error:
            failed[path.name] = str(error)
            say(f"{path.name}: {error}")
    written = len(paths) - len(failed)
    if as_json:
        typer.echo(json.dumps({"tasks": len(paths), "written": written, "failed": failed}))
    else:
        typer.echo(f"wrote {written} of {len(paths)} tasks as Harbor folders to {out}")
    return 1 if failed else 0

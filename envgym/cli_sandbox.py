"""`envgym sandbox`: what sandboxes can do on this machine and what they cost."""

import json
from typing import Annotated, Any

import typer

from envgym.console import AsJson, table

sandbox_app = typer.Typer(no_args_is_help=True, help="Sandboxes: what they cost on this machine.")


@sandbox_app.callback()
def sandbox() -> None:
    """Keeps `bench` a command of its own while it is the only one."""


@sandbox_app.command()
def bench(
    image: Annotated[str, typer.Option(help="Image for the Docker backend; without one it is left out.")] = "",
    files: Annotated[int, typer.Option(min=100, help="Files of the tree that every sandbox starts with.")] = 1000,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; the medians are printed.")] = 15,
    count: Annotated[int, typer.Option(min=0, help="Also: what each of so many costs that live at once.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Print what each backend that is present costs here, in milliseconds."""
    from envgym.command import progress
    from envgym.sandbox.bench import bench

    with progress(rounds * (2 if image else 1), "sandboxes") as tick:
        found = bench(image=image, files=files, rounds=rounds, count=count, tick=tick)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        print_table(found)


def print_table(found: dict[str, Any]) -> None:
    backends = [name for name, figures in found.items() if isinstance(figures, dict)]
    figures = dict.fromkeys(figure for name in backends for figure in found[name] if figure != "missing")
    lines = [(figure, *(found[name].get(figure, "") for name in backends)) for figure in figures]
    table(f"Milliseconds, {found['files']:,} files, medians of {found['rounds']}", ("", *backends), lines)
    for name in backends:
        if "missing" in found[name]:
            typer.echo(f"{name}: {found[name]['missing']}")

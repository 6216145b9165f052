"""What commands write for people: remarks on stderr, tables on stdout. Costs nothing before it is used."""

from collections.abc import Iterable
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def say(text: str) -> None:
    """A remark for people: on stderr, so that it never mixes with results."""
    typer.echo(text, err=True)


def table(title: str, columns: Iterable[str], lines: Iterable[Iterable[object]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for column in columns:
        grid.add_column(column, overflow="fold")
    for line in lines:
        grid.add_row(*[str(cell) for cell in line])
    console = Console()
    Console(width=console.width if console.is_terminal else 140).print(grid)

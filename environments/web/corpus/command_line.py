"""`envgym corpus`: the fixed sets of pages that web questions are asked over."""

from pathlib import Path
from typing import Annotated

import typer

from envgym.console import AsJson

corpus_app = typer.Typer(no_args_is_help=True, help="Build, list and read the corpora of web questions.")

Packages = Annotated[
    list[Path],
    typer.Option("--package", metavar="FILE", help="A package archive to use in place of a fetched one; repeatable."),
]


@corpus_app.command()
def build(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of the recipes: envgym corpus list.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder; default: among the user's corpora (ENVGYM_CORPORA).")
    ] = None,
    package: Packages = [],  # noqa: B006
    as_json: AsJson = False,
) -> None:
    """Fetch the packages of a recipe with the machine's own tools and make the corpus of them."""
    from envgym.environments.web.corpus.command import build_command

    raise typer.Exit(build_command(name, out, package, as_json=as_json))


@corpus_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the corpora that are here, and those that can be built."""
    from envgym.environments.web.corpus.command import list_command

    raise typer.Exit(list_command(as_json=as_json))


@corpus_app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME|FOLDER", help="A corpus, or a folder of documents.")],
    url: Annotated[str, typer.Option("--url", help="Print this page of it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show what a corpus holds: sources, pages, facts by relation; or one page of it."""
    from envgym.environments.web.corpus.command import show_command

    raise typer.Exit(show_command(name, url, as_json=as_json))

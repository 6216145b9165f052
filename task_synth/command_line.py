"""`envgym synth`: tasks out of repositories, by mining what happened to them or by breaking them."""

from pathlib import Path
from typing import Annotated

import typer

from envgym.console import AsJson

synth_app = typer.Typer(no_args_is_help=True, help="Make software-engineering tasks out of repositories.")

Out = Annotated[Path, typer.Option("-o", "--out", help="Folder for the tasks, one folder each.")]
Resume = Annotated[bool, typer.Option(help="Go on in a folder that an interrupted run began.")]
Workers = Annotated[int, typer.Option(min=1, help="Candidates that are tried at once.")]
RecipeFile = Annotated[
    Path | None,
    typer.Option("--recipe", help="TOML or JSON file with fields of the recipe, in place of what was detected."),
]
SandboxName = Annotated[str, typer.Option(help="namespaces or docker.")]


@synth_app.command()
def swe(
    out: Out,
    repo: Annotated[
        Path | None, typer.Option(help="A local git clone; its commits are the candidates, newest first.")
    ] = None,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="OLD NEW", help="Two source releases instead: archives, or name==version to download."),
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option(help="JSONL or Parquet rows in the fields of SWE-bench; trees come from --repo or --image."),
    ] = None,
    image: Annotated[
        str, typer.Option(help="With --rows: Docker image, with {instance_id}, {image_id}, {repo} or {version} in it.")
    ] = "",
    python: Annotated[str, typer.Option(help="With --rows: the interpreter inside the image.")] = "python3",
    since: Annotated[str, typer.Option(metavar="REV|DATE", help="Only commits after this one, or after a day.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Candidates at most.")] = None,
    workers: Workers = 1,
    resume: Resume = False,
    recipe: RecipeFile = None,
    sandbox: SandboxName = "namespaces",
    reruns: Annotated[int, typer.Option(min=1, help="Runs after the change, and how often gold must score 1.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Mine tasks: changes whose tests fail before and pass after, again and again. Exit 1 where no task came of it."""
    from envgym.environments.swe.command import backend_of
    from envgym.task_synth.mining.command import Wanted, synth_swe_command
    from envgym.task_synth.mining.mine import Settings
    from envgym.task_synth.mining.recipe import read_override
    from envgym.task_synth.mining.rows_command import rows_command

    if rows is not None:
        code = rows_command(
            rows, out, repository=repo, image=image, python=python, limit=limit, workers=workers, as_json=as_json
        )
        raise typer.Exit(code)
    settings = Settings(
        runs_before=max(1, reruns - 1),
        runs_after=reruns,
        gate_reruns=reruns,
        backend=backend_of(sandbox),
        recipe=read_override(recipe) if recipe else {},
    )
    wanted = Wanted(repo, pair, since, limit)
    raise typer.Exit(synth_swe_command(wanted, out, settings=settings, workers=workers, resume=resume, as_json=as_json))


@synth_app.command()
def bugs(
    out: Out,
    repo: Annotated[Path, typer.Option(help="A local git clone, or a plain folder, whose tests pass.")],
    count: Annotated[int, typer.Option("--count", "--limit", min=1, help="Tasks that are wanted.")] = 20,
    seed: int = 0,
    operator: Annotated[list[str], typer.Option(help="Only this kind of defect; repeatable.")] = [],  # noqa: B006
    size: Annotated[int, typer.Option(min=1, help="Defects of one bug.")] = 1,
    workers: Workers = 1,
    recipe: RecipeFile = None,
    sandbox: SandboxName = "namespaces",
    reruns: Annotated[int, typer.Option(min=1, help="Runs of the healthy and of the broken tree, and of gold.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Make tasks by small defects in working source, kept where existing tests catch them. Exit 1 where no task came of it."""
    from envgym.environments.swe.command import backend_of
    from envgym.task_synth.bugs.command import synth_bugs_command
    from envgym.task_synth.bugs.synthesise import BugOptions
    from envgym.task_synth.mining.recipe import read_override

    options = BugOptions(
        count=count,
        seed=seed,
        operators=operator or None,
        size=size,
        recipe=read_override(recipe) if recipe else {},
        reruns=reruns,
        backend=backend_of(sandbox),
    )
    raise typer.Exit(synth_bugs_command(repo, out, options=options, workers=workers, as_json=as_json))

"""`envgym synth` and `envgym certify`: tasks out of repositories and tool worlds, and the proof that they hold."""

from pathlib import Path
from typing import Annotated

import typer

from envgym.console import AsJson

synth_app = typer.Typer(no_args_is_help=True, help="Make tasks: out of repositories, tool worlds and web pages.")

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


@synth_app.command()
def tools(
    out: Annotated[Path, typer.Option("-o", "--out", help="JSONL file for the tasks.")],
    domain: Annotated[str, typer.Option(help="A domain, such as retail, or the id of a tool world of your own.")],
    n: Annotated[int, typer.Option("--n", min=1, help="Certified tasks that are wanted.")] = 100,
    level: Annotated[int, typer.Option(min=1, max=5, help="Difficulty.")] = 2,
    offered: Annotated[int, typer.Option("--tools", min=10, max=200, help="Tools that a task offers at least.")] = 20,
    size: Annotated[int, typer.Option(min=1, max=200, help="Rows of the worlds, in multiples.")] = 1,
    seed: int = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes; the tasks are the same for any number.")] = 1,
    paraphrase_url: Annotated[
        str, typer.Option(help="OpenAI-compatible endpoint that says requests in other words.")
    ] = "",
    paraphrase_model: Annotated[str, typer.Option(help="Its model; the key is read from OPENAI_API_KEY.")] = "",
    paraphrase_cache: Annotated[Path | None, typer.Option(help="JSONL file of what it said before.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make certified tasks of a tool world by golden chains. Exit 1 where no task came of it."""
    import os

    from envgym.task_synth.golden_chain.command import synth_tools_command
    from envgym.task_synth.golden_chain.paraphrase import asked_model

    knobs = {"level": level, "tools": offered, "size": size}
    paraphraser = asked_model(paraphrase_url, paraphrase_model, os.environ.get("OPENAI_API_KEY", ""), paraphrase_cache)
    code = synth_tools_command(
        domain, out, wanted=n, knobs=knobs, seed=seed, workers=workers, paraphraser=paraphraser, as_json=as_json
    )
    raise typer.Exit(code)


@synth_app.command()
def web(
    out: Annotated[Path, typer.Option("-o", "--out", help="JSONL file for the tasks.")],
    corpus: Annotated[str, typer.Option(help="A corpus with facts: atlas, one that was built, or a folder.")] = "atlas",
    n: Annotated[int, typer.Option("--n", min=1, help="Certified questions that are wanted.")] = 100,
    hops: Annotated[int, typer.Option(min=2, max=4, help="Entities that have to be found one through another.")] = 2,
    rounds: Annotated[
        int, typer.Option(min=1, max=20, help="Rounds in which names are described and clues made vaguer.")
    ] = 5,
    seed: int = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes; the tasks are the same for any number.")] = 1,
    paraphrase_url: Annotated[
        str, typer.Option(help="OpenAI-compatible endpoint that says questions in other words.")
    ] = "",
    paraphrase_model: Annotated[str, typer.Option(help="Its model; the key is read from OPENAI_API_KEY.")] = "",
    paraphrase_cache: Annotated[Path | None, typer.Option(help="JSONL file of what it said before.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make certified questions over the pages of a corpus. Exit 1 where none came of it."""
    import os

    from envgym.task_synth.golden_chain.paraphrase import asked_model
    from envgym.task_synth.web_qa.command import synth_web_command
    from envgym.task_synth.web_qa.words import PROMPT

    paraphraser = asked_model(
        paraphrase_url, paraphrase_model, os.environ.get("OPENAI_API_KEY", ""), paraphrase_cache, prompt=PROMPT
    )
    code = synth_web_command(
        corpus,
        out,
        wanted=n,
        hops=hops,
        rounds=rounds,
        seed=seed,
        workers=workers,
        paraphraser=paraphraser,
        as_json=as_json,
    )
    raise typer.Exit(code)


def certify(
    place: Annotated[
        Path,
        typer.Argument(
            help="A task folder, a folder of them, a JSONL file of tool-world or web tasks; or a tool world's id, or tool_world for all."
        ),
    ],
    reruns: Annotated[int, typer.Option(min=1, help="Folders: how often gold has to score 1.")] = 3,
    sandbox: Annotated[str, typer.Option(help="Folders: namespaces or docker.")] = "namespaces",
    image: Annotated[str, typer.Option(help="Folders: Docker image to run in, where a task names none.")] = "",
    env: Annotated[
        str,
        typer.Option(help="JSONL file: the world, as file.py:Name, or the corpus, as a folder, where it is your own."),
    ] = "",
    seeds: Annotated[int, typer.Option(min=1, help="Tool worlds: drafts of each, over the five levels.")] = 500,
    workers: Annotated[int, typer.Option(min=1, help="Tool worlds: processes.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Prove again that tasks hold: gold scores 1, doing nothing, cheats and mutants do not. Exit 1 where one does not."""
    from envgym.environments.swe.command import certify_folders_command
    from envgym.task_synth.certifiers import certify_file
    from envgym.task_synth.golden_chain.command import certify_seeds_command

    if not place.exists() and str(place).partition(":")[0] == "tool_world":
        raise typer.Exit(certify_seeds_command(str(place), seeds=seeds, workers=workers, as_json=as_json))
    if place.is_file():
        raise typer.Exit(certify_file(place, env=env, as_json=as_json))
    raise typer.Exit(certify_folders_command(place, reruns=reruns, sandbox=sandbox, image=image, as_json=as_json))

"""The command line: parses, calls a function, prints.

Exit codes: 0 holds, 1 a check or a verification failed or the world did, 2 wrong usage, 130 interrupted. With --json the last line of
stdout is one JSON object; progress and remarks go to stderr, bars only on a terminal. Every import that costs time is inside its command.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from envgym.cli_sandbox import sandbox_app
from envgym.cli_serve import serve_app
from envgym.cli_verify import verify_app
from envgym.console import AsJson, say, table
from envgym.environments.app_dev.command_line import verify_app as verify_one_app
from envgym.environments.harbor.command_line import export_app
from envgym.environments.swe.command_line import verify_swe
from envgym.environments.tau2.command_line import tau2_app
from envgym.environments.web.corpus.command_line import corpus_app
from envgym.task_synth.command_line import certify, synth_app

app = typer.Typer(
    name="envgym",
    help="Agentic environments and verifiers for training and evaluating LLM agents.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(verify_app, name="verify")
verify_app.command("swe")(verify_swe)
verify_app.command("app")(verify_one_app)
app.command()(certify)
app.add_typer(serve_app, name="serve")
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(synth_app, name="synth")
app.add_typer(export_app, name="export")
app.add_typer(tau2_app, name="tau2")
app.add_typer(corpus_app, name="corpus")

EnvId = Annotated[str, typer.Argument(metavar="ID", help="Environment: an id, module:Class or file.py:Class.")]
Settings = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="A knob of the environment; repeatable.")
]
Data = Annotated[
    str, typer.Option("--data", metavar="PATH", help="The environment's own data: short for --set data=PATH.")
]


def main() -> NoReturn:
    """Entry point of the console script."""
    from envgym.errors import EnvgymError, UsageError

    try:
        app(standalone_mode=True)
    except UsageError as error:
        print(f"envgym: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
    except EnvgymError as error:
        print(f"envgym: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from None
    raise SystemExit(0)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List environments, scaffolds, policies and verifiers."""
    from envgym import catalogue

    found = catalogue.environments()
    if as_json:
        typer.echo(json.dumps(found))
        return
    table(
        "Environments",
        ("id", "kind", "tools", "what it is"),
        ((e["id"], e["kind"], e["tools"], e["about"]) for e in found),
    )
    for prefix, about in catalogue.families().items():
        typer.echo(f"{prefix}: {about}")
    for kind, names in catalogue.others().items():
        typer.echo(f"{kind}: {', '.join(names)}")


@app.command()
def show(
    what: Annotated[str, typer.Argument(metavar="ID|FILE", help="An environment, or a trajectory file.")],
    episode: Annotated[int, typer.Option(help="Index of the episode to print from a file.")] = 0,
    seed: int = 0,
    settings: Settings = [],  # noqa: B006
) -> None:
    """Show an environment (knobs, tools, a first task), or one recorded episode turn by turn."""
    from rich.console import Console

    from envgym import catalogue
    from envgym.errors import UsageError
    from envgym.trajectory import read_trajectories
    from envgym.view.text import print_trajectory

    if not what.endswith(".jsonl"):
        typer.echo(catalogue.sheet(what, knobs=knobs_of(settings), seed=seed))
        return
    wanted = next((each for each in read_trajectories(what) if each.index == episode), None)
    if wanted is None:
        raise UsageError(f"{what} has no episode {episode}")
    print_trajectory(wanted, Console())


@app.command()
def init(
    name: Annotated[str, typer.Argument(help="Name of the new environment, like find_key.")],
    kind: Annotated[str, typer.Option(help="answer: one question, one answer. tool: a world with tools.")] = "answer",
    folder: Annotated[Path, typer.Option("--dir", help="Where to write.")] = Path(),
) -> None:
    """Write a new one-file environment that works, with its test."""
    from envgym.errors import UsageError
    from envgym.new_env import write_env

    if kind not in ("answer", "tool"):
        raise UsageError(f"--kind {kind!r}: expected answer or tool")
    code, test = write_env(name, folder, kind="answer" if kind == "answer" else "tool")
    class_name = "".join(part.capitalize() for part in name.split("_"))
    typer.echo(f"wrote {code} and {test}; try: envgym check {code}:{class_name}")


@app.command()
def run(
    env: EnvId,
    policy: Annotated[str, typer.Option(help="oracle, idle, random, openai, replay:FILE or module:Class.")] = "oracle",
    scaffold: Annotated[
        str, typer.Option(help="One id, or several separated by commas: one per group, by the seed.")
    ] = "function_calling",
    episodes: Annotated[
        int | None, typer.Option(help="How many; default: every given task once per group member.")
    ] = None,
    group_size: Annotated[int, typer.Option(help="Episodes of each task, from the same initial state.")] = 1,
    seed: int = 0,
    tasks: Annotated[Path | None, typer.Option(help="JSONL file of tasks.")] = None,
    strict: Annotated[bool, typer.Option(help="Refuse a task file with a bad line.")] = False,
    settings: Settings = [],  # noqa: B006
    data: Data = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="JSONL file for the trajectories.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with an interrupted -o file: play only what is missing.")] = False,
    concurrency: Annotated[int, typer.Option(help="Episodes in flight per process.")] = 64,
    processes: Annotated[int, typer.Option(help="Worker processes.")] = 1,
    base_url: Annotated[str, typer.Option(help="openai: address of the server, up to and with /v1.")] = "",
    model: Annotated[str, typer.Option(help="openai: name of the model.")] = "",
    temperature: Annotated[float | None, typer.Option(help="Sampling temperature.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Sampled tokens per model call.")] = None,
    step_seconds: Annotated[float, typer.Option(help="Deadline of a model call or a blocking step.")] = 120.0,
    episode_seconds: Annotated[float, typer.Option(help="Deadline of an episode.")] = 3600.0,
    retries: Annotated[int, typer.Option(help="Further attempts after the world failed.")] = 2,
    max_failure_share: Annotated[float, typer.Option(help="Stop when more of the episodes than this failed.")] = 0.3,
    digest: Annotated[bool, typer.Option(help="Add a digest of the content: equal for equal runs.")] = False,
    noise: Annotated[
        float | None, typer.Option(help="Play without and with noise of this level, 0 to 1, and print the gap.")
    ] = None,
    noise_kinds: Annotated[str, typer.Option(help="Kinds of noise, separated by commas; default: all.")] = "",
    noise_seed: Annotated[int, typer.Option(help="Seed of the schedule of faults.")] = 0,
    noise_budget: Annotated[int, typer.Option(help="Faults in one episode at most.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Play episodes: tasks x scaffold x policy -> trajectories and their figures."""
    from envgym.command import play_command, policy_of, tasks_of
    from envgym.errors import UsageError
    from envgym.rollout.run import Run

    knobs = knobs_of(settings) | ({"data": data} if data else {})
    planned = Run(
        env,
        policy=policy_of(policy, base_url=base_url, model=model),
        scaffold=scaffold.split(","),
        episodes=episodes,
        group_size=group_size,
        seed=seed,
        knobs=knobs,
        tasks=tasks_of(tasks, env, strict=strict, say=say) if tasks else None,
        concurrency=concurrency,
        step_s=step_seconds,
        episode_s=episode_seconds,
        retries=retries,
        max_failure_share=max_failure_share,
        temperature=temperature,
        max_tokens=max_tokens,
    )
    if noise is None and (noise_kinds or noise_seed or noise_budget != 3):
        raise UsageError("--noise-kinds, --noise-seed and --noise-budget go with --noise LEVEL")
    if noise is not None:
        from envgym.noise.gap import gap_command, with_noise_of

        noisy = with_noise_of(planned, level=noise, kinds=noise_kinds, seed=noise_seed, budget=noise_budget)
        raise typer.Exit(
            gap_command(planned, noisy, out, resume=resume, processes=processes, digests=digest, as_json=as_json)
        )
    code = play_command(planned, out, resume=resume, processes=processes, digests=digest, as_json=as_json)
    raise typer.Exit(code)


@app.command()
def replay(file: Annotated[Path, typer.Argument(help="Trajectory file.")], as_json: AsJson = False) -> None:
    """Execute recorded actions again. Exit 1 at the first byte that differs."""
    from envgym.command import replay_command

    raise typer.Exit(replay_command(file, as_json=as_json))


@app.command()
def check(
    env: EnvId,
    seed: int = 0,
    tasks: Annotated[int, typer.Option(help="How many tasks each law looks at.")] = 3,
    settings: Settings = [],  # noqa: B006
    data: Data = "",
    as_json: AsJson = False,
) -> None:
    """Run the laws of an environment on ID. Exit 1 when one is broken."""
    from envgym.testing import check as check_laws

    knobs = knobs_of(settings) | ({"data": data} if data else {})
    report = check_laws(env, seed=seed, tasks=tasks, knobs=knobs)
    if as_json:
        typer.echo(json.dumps(report.as_json()))
    else:
        lines = (("ok" if law.ok else "BROKEN", name, law.detail) for name, law in report.laws.items())
        table(f"Laws of {env}", ("", "law", "detail"), lines)
    raise typer.Exit(0 if report.ok else 1)


@app.command()
def view(
    files: Annotated[list[Path], typer.Argument(help="One trajectory file, or two to compare.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The page to write.")] = Path("view.html"),
    max_episodes: Annotated[int, typer.Option(help="Episodes that the page holds at most.")] = 5000,
    as_json: AsJson = False,
) -> None:
    """Write one self-contained HTML page of trajectories."""
    from envgym.errors import UsageError
    from envgym.trajectory import read_trajectories
    from envgym.view.page import write_page

    if len(files) > 2:
        raise UsageError(f"{len(files)} files: give one, or two to compare")
    runs = [(file.name, read_trajectories(file)) for file in files]
    written = write_page(out, runs, title=" and ".join(file.stem for file in files), max_episodes=max_episodes)
    if as_json:
        typer.echo(json.dumps({"page": str(out), "episodes": written.episodes, "shown": written.shown}))
    else:
        typer.echo(f"wrote {out} ({written.shown} of {written.episodes} episodes)")


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say which optional parts are present and how to get the others."""
    from envgym.doctor import examine, system

    parts = examine()
    if as_json:
        found = {part.name: {"found": part.found, "get": part.get} for part in parts}
        typer.echo(json.dumps({"system": system(), "parts": found}))
        return
    typer.echo(", ".join(f"{name} {number}" for name, number in system().items()))
    lines = ((part.name, part.found or "missing", part.serves, "" if part.found else part.get) for part in parts)
    table("Optional parts", ("part", "found", "for", "how to get it"), lines)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the trajectories and the page.")] = Path("demo"),
    episodes: Annotated[int, typer.Option(help="Episodes of each run; a tenth where they take sandboxes.")] = 10,
    seed: int = 0,
    as_json: AsJson = False,
) -> None:
    """Play every environment under every scaffold with the scripted policies, and show what came out."""
    from envgym.demo import demo_command

    raise typer.Exit(demo_command(out, episodes=episodes, seed=seed, as_json=as_json))


def knobs_of(settings: list[str]) -> dict[str, Any]:
    """`KEY=VALUE` pairs as a dictionary; values are JSON where they parse as such, else text."""
    from envgym.errors import UsageError

    knobs: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"--set {setting!r}: expected KEY=VALUE")
        try:
            knobs[name] = json.loads(value)
        except ValueError:
            knobs[name] = value
    return knobs

"""What the longer commands do, between the command line and the library: files, progress bars, figures, exit codes."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from envgym.errors import Drift, TooManyFailures, UsageError
from envgym.policy.policy import Policy
from envgym.registry import environments, policies
from envgym.rollout import Run, play_run
from envgym.rollout.store import DiskFull, TrajectoryFile
from envgym.rollout.summary import Summary
from envgym.task import TaskList
from envgym.trajectory import Trajectory, read_trajectories

INTERRUPTED = 130


def policy_of(name: str, *, base_url: str, model: str) -> str | Policy:
    """The policy that the options ask for. Raises UsageError for options that it does not take."""
    if name == "openai":
        made = policies.get(name)(model=model, base_url=base_url)
        assert isinstance(made, Policy)
        return made
    if name.split(":")[0] == "replay":
        from envgym.policy.scripted import Replay

        file = name.partition(":")[2]
        if not file:
            raise UsageError(
                "--policy replay plays the replies of a file: --policy replay:FILE.jsonl, with that run's --seed"
            )
        return Replay(read_trajectories(file))
    if base_url or model:
        raise UsageError(f"--base-url and --model are for --policy openai, not for {name!r}")
    if not (isinstance(kind := policies.get(name), type) and issubclass(kind, Policy)):
        raise UsageError(f"--policy {name!r} is a {type(kind).__name__}; expected a class made from envgym.Policy")
    return name


def tasks_of(path: Path, env: str, *, strict: bool, say: Callable[[str], None]) -> TaskList:
    """The tasks of a file that `env` can play; says which lines were left out."""
    from envgym.task_file import load_tasks

    tasks, bad = load_tasks(path, env=environments.get(env), strict=strict)
    for line in bad:
        say(f"{path}: {line}; left out")
    return tasks


def play_command(run: Run, out: Path | None, *, resume: bool, processes: int, digests: bool, as_json: bool) -> int:
    """Plays `run` and prints its figures, also when it stops early. Returns the exit code."""
    code, figures = play_into(run, out, resume=resume, processes=processes, digests=digests)
    print_figures(figures, as_json=as_json)
    return code


def play_into(
    run: Run,
    out: Path | None,
    *,
    resume: bool,
    processes: int,
    digests: bool = False,
    seen: Callable[[Trajectory], None] = lambda _: None,
) -> tuple[int, dict[str, Any]]:
    """Plays `run` into the file `out`, where there is one. Returns the exit code and the figures, also when it stops early.

    `seen` is called with every episode, those too that were in the file already.
    """
    if resume and out is None:
        raise UsageError("--resume goes on with a file: name it with -o")
    summary = Summary(digests=digests)
    code, stopped = 0, ""

    def take(trajectory: Trajectory) -> None:
        summary.take(trajectory)
        seen(trajectory)

    with ExitStack() as stack:
        file = None
        if out is not None:
            opened = TrajectoryFile.open(out, run.fingerprint, resume=resume, seen=take)
            file = stack.enter_context(opened)
            summary.resume()
        done = frozenset(file.finished) if file else frozenset()
        tick = stack.enter_context(progress(run.size - len(done), f"{run.env} {run.policy_name}"))

        def sink(trajectory: Trajectory) -> None:
            if file is not None:
                file.append(trajectory)
            take(trajectory)
            tick()

        try:
            play_run(run, sink, skip=done, processes=processes)
        except (TooManyFailures, DiskFull) as error:
            code, stopped = 1, str(error)
        except KeyboardInterrupt:
            kept = f"; finished episodes are in {out}, go on with --resume" if out else ""
            code, stopped = INTERRUPTED, f"interrupted{kept}"
    if stopped:
        typer.echo(f"envgym: {stopped}", err=True)
    return code, {**describe_run(run), **summary.figures(), "stopped": stopped}


def describe_run(run: Run) -> dict[str, Any]:
    env = run.env if isinstance(run.env, str) else run.env_type.__name__
    return {
        "env": env,
        "scaffold": ",".join(run.scaffold_names),
        "policy": run.policy_name,
        "seed": run.seed,
        "run": run.fingerprint,
    }


def print_figures(figures: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures))
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        if value not in ("", {}, None):
            typer.echo(f"{name:<{width}}  {value}")


@contextmanager
def progress(total: int | None, title: str) -> Iterator[Callable[[], None]]:
    """A bar on stderr where that is a terminal, nothing elsewhere. Yields the function that counts one."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        job = bar.add_task(title, total=total)
        yield lambda: bar.advance(job)


def verify_command(file: Path, out: Path | None, *, as_json: bool) -> int:
    """Scores the records of `file` again. Returns 1 when a verdict changed or could not be reached."""
    from envgym.replay import rescored

    before, after, changed = Summary(), Summary(), 0
    with ExitStack() as stack:
        target: TrajectoryFile | None = None
        for recorded, again in rescored(read_trajectories(file)):
            if out is not None and target is None:
                target = stack.enter_context(TrajectoryFile.open(out, recorded.run))
            if target is not None:
                target.append(again)
            before.take(recorded)
            after.take(again)
            if recorded.verdict != again.verdict:
                changed += 1
                typer.echo(
                    f"episode {recorded.index} ({recorded.task.key}): {verdict_text(recorded)} -> {verdict_text(again)}",
                    err=True,
                )
    if not before.episodes:
        raise UsageError(f"{file} holds no trajectory")
    figures = {
        "episodes": before.episodes,
        "scored": after.scored,
        "mean_score": after.mean_score,
        "mean_score_recorded": before.mean_score,
        "changed": changed,
        "infra_failures": after.infra_failures,
        "env_failures": after.env_failures,
    }
    print_figures(figures, as_json=as_json)
    return 1 if changed else 0


def verdict_text(trajectory: Trajectory) -> str:
    verdict = trajectory.verdict
    return trajectory.status if verdict is None else f"{verdict.outcome.value} {verdict.score} [{verdict.code}]"


def replay_command(file: Path, *, as_json: bool) -> int:
    """Replays every scored record of `file`. Returns 1 at the first that drifts."""
    from envgym.replay import require_same
    from envgym.trajectory import SCORED

    replayed = skipped = 0
    drifted = ""
    for recorded in read_trajectories(file):
        if recorded.status not in SCORED:
            skipped += 1
            continue
        try:
            require_same(recorded)
        except Drift as error:
            drifted = str(error)
            break
        replayed += 1
    if not (replayed or skipped or drifted):
        raise UsageError(f"{file} holds no trajectory")
    print_figures({"ok": not drifted, "replayed": replayed, "skipped": skipped, "drift": drifted}, as_json=as_json)
    if drifted:
        typer.echo(f"envgym: {drifted}", err=True)
    return 1 if drifted else 0

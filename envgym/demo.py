"""The main job, small: every environment under every scaffold, played by the scripted policies.

What it shows is real: the same engine, verifiers and files as any run. The oracle must score 1, idle must score 0, and random is the
floor that a model has to beat.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from envgym.doctor import examine
from envgym.errors import TooManyFailures, UsageError
from envgym.registry import environments, scaffolds
from envgym.rollout import Run, play_run
from envgym.rollout.store import TrajectoryFile
from envgym.rollout.summary import Summary
from envgym.task import Task
from envgym.trajectory import Trajectory
from envgym.view.page import write_page
from envgym.view.text import print_trajectory

FEWER = 10
"""By how much fewer episodes of a costly environment are played."""
SHOWN = ("swe", "table_qa")
"""Whose episode is shown turn by turn: the first that could be played."""
POLICIES = ("oracle", "random", "idle")


@dataclass(frozen=True, slots=True)
class Row:
    """One run of the demo. `left_out` says why there are no figures."""

    env: str
    scaffold: str
    policy: str
    figures: dict[str, Any]
    left_out: str = ""


def rows(folder: Path, *, episodes: int, seed: int, seen: Callable[[Trajectory], None]) -> Iterator[Row]:
    """Plays the demo's runs one by one, writes their trajectories to `folder` and yields their figures."""
    families: set[str] = set()
    for env in environments.paths():
        family = env.partition(":")[0]
        if ":" in env and family in families:
            continue  # one of a family stands for all
        families.add(family)
        yield from rows_of(env, folder, episodes=episodes, seed=seed, seen=seen)


def rows_of(env: str, folder: Path, *, episodes: int, seed: int, seen: Callable[[Trajectory], None]) -> Iterator[Row]:
    """The runs of one environment; one row that says why where it cannot be played here."""
    try:
        kind = environments.get(env)
        kind.require()
        count = episodes if not kind.costly else -(-episodes // FEWER)
        tasks = first_tasks(env, count, seed)
    except UsageError as error:  # somebody else's package must not stop the demo of all the others
        yield Row(env, "", "", {}, str(error))
        return
    name = env.replace(":", "-")
    for scaffold in scaffolds.paths():
        for policy in POLICIES:
            run = Run(env, policy=policy, scaffold=scaffold, episodes=count, seed=seed, tasks=tasks)
            yield played_row(env, run, folder / f"{name}.{scaffold}.{policy}.jsonl", seen)
    if kind.shown_also:
        label = f"{env} {' '.join(f'{knob}={value}' for knob, value in kind.shown_also.items())}"
        run = Run(env, episodes=1, seed=seed, knobs=kind.shown_also)
        yield played_row(label, run, folder / f"{name}.also.jsonl", seen)


def played_row(name: str, run: Run, path: Path, seen: Callable[[Trajectory], None]) -> Row:
    """Plays a run: its figures, or why there are none."""
    scaffold, policy = str(run.scaffold), str(run.policy)
    try:
        return Row(name, scaffold, policy, play_into(run, path, seen))
    except (UsageError, TooManyFailures) as error:
        return Row(name, scaffold, policy, {}, str(error))


def first_tasks(env: str, count: int, seed: int) -> list[Task]:
    """The first tasks of an environment, made once for all of its runs."""
    made = Run(env, seed=seed)
    try:
        return [made.task(position) for position in range(min(count, made.taskset.size or count))]
    finally:
        made.close()


def play_into(run: Run, path: Path, seen: Callable[[Trajectory], None]) -> dict[str, Any]:
    """Plays one run into a new file and returns its figures."""
    path.unlink(missing_ok=True)
    summary = Summary()
    with TrajectoryFile.open(path, run.fingerprint) as file:

        def sink(trajectory: Trajectory) -> None:
            file.append(trajectory)
            summary.take(trajectory)
            seen(trajectory)

        play_run(run, sink)
    return summary.figures()


def demo_command(folder: Path, *, episodes: int, seed: int, as_json: bool) -> int:
    """Plays the demo and prints it. Returns 1 when an oracle did not score 1, or idle was paid."""
    if episodes < 1:
        raise UsageError(f"--episodes {episodes}: the demo plays at least 1")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}; name a folder with -o") from error
    started = perf_counter()
    kept: list[Trajectory] = []
    played: list[Row] = []
    for row in rows(folder, episodes=episodes, seed=seed, seen=kept.append):
        played.append(row)
        if not as_json:
            what = f"{row.env} {row.scaffold} {row.policy}".rstrip()
            typer.echo(f"left out {what}: {row.left_out}" if row.left_out else f"played {what}", err=True)
    page = folder / "view.html"
    write_page(page, [("demo", kept)], title="envgym demo", max_episodes=max(1, len(kept)))
    wrong = [
        row
        for row in played
        if not row.left_out
        and row.figures["mean_score"] != {"oracle": 1.0, "idle": 0.0}.get(row.policy, row.figures["mean_score"])
    ]
    figures = {
        "episodes": len(kept),
        "runs": sum(not row.left_out for row in played),
        "left_out": [f"{row.env} {row.scaffold} {row.policy}: {row.left_out}" for row in played if row.left_out],
        "wrong": [f"{row.env} {row.scaffold} {row.policy}: {row.figures['mean_score']}" for row in wrong],
        "seconds": round(perf_counter() - started, 2),
        "page": str(page),
    }
    if as_json:
        typer.echo(json.dumps(figures))
    else:
        print_demo(played, kept, figures)
    return 1 if wrong else 0


def score_table(played: list[Row]) -> Table:
    """One line per environment: the mean scores of each policy over all scaffolds, turns of the oracle, episodes per second."""
    scaffolds_played = sorted({row.scaffold for row in played if row.scaffold})
    grid = Table(box=box.SIMPLE_HEAD, title=f"Mean scores over {', '.join(scaffolds_played)}", title_justify="left")
    for column in ("environment", *POLICIES, "oracle's turns", "episodes/s"):
        grid.add_column(column, justify="left" if column == "environment" else "right")
    for env in dict.fromkeys(row.env for row in played):
        mine = [row for row in played if row.env == env and not row.left_out]
        if not mine:
            grid.add_row(env, *["left out"] * len(POLICIES), "", "")
            continue
        scores = [mean(row.figures["mean_score"] for row in mine if row.policy == policy) for policy in POLICIES]
        turns = mean(row.figures["mean_turns"] for row in mine if row.policy == "oracle")
        rate = sum(row.figures["episodes"] for row in mine) / max(sum(row.figures["seconds"] for row in mine), 1e-9)
        shown = ["-" if score is None else f"{score:.2f}" for score in scores]
        grid.add_row(env, *shown, "-" if turns is None else f"{turns:.1f}", f"{rate:,.0f}")
    return grid


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of what is there; None where nothing is."""
    found = [value for value in values if value is not None]
    return sum(found) / len(found) if found else None


def print_demo(played: list[Row], kept: list[Trajectory], figures: dict[str, Any]) -> None:
    """The table of runs, one episode turn by turn, what was written and what is missing."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    console.print(score_table(played))
    played_envs = {each.env for each in kept}
    env = next((each for each in SHOWN if each in played_envs), "")
    told = min(
        kept, key=lambda each: (each.env != env, each.policy != "oracle", each.scaffold != "react", len(each.steps))
    )
    console.print(
        f"One episode, turn by turn: {told.env} under {told.scaffold}, played by {told.policy}\n", style="bold"
    )
    print_trajectory(told, console)
    missing = [part for part in examine() if not part.found]
    console.print(
        f"\n{figures['episodes']} episodes in {figures['seconds']} s; trajectories and page: {figures['page']}",
        style="bold",
    )
    for part in missing:
        console.print(f"missing: {part.name} (for {part.serves}); get it: {part.get}", markup=False, style="dim")

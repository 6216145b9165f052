"""What `envgym synth tools` and `envgym certify FILE` do, between the command line and the library."""

import json
from pathlib import Path
from typing import Any

import typer

from envgym import registry
from envgym.command import progress
from envgym.console import say, table
from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.errors import UsageError
from envgym.task import Task, TaskList
from envgym.task_file import write_tasks
from envgym.task_synth.golden_chain.certificate import certify
from envgym.task_synth.golden_chain.paraphrase import Paraphraser
from envgym.task_synth.golden_chain.synthesise import PROMISED, census, synthesise
from envgym.task_synth.proved_file import prove_file

FIGURES = ("gold_ok", "noop_zero", "mutants", "mutants_caught", "mutants_equivalent", "grounded", "recovery_ok")


def synth_tools_command(
    domain: str,
    out: Path,
    *,
    wanted: int,
    knobs: dict[str, Any],
    seed: int,
    workers: int,
    paraphraser: Paraphraser | None = None,
    as_json: bool,
) -> int:
    """Writes certified tasks. Returns 1 where none came of it."""
    env_id = domain if ":" in domain else f"tool_world:{domain}"
    with progress(wanted, "certified") as tick:
        report = synthesise(env_id, wanted, knobs=knobs, seed=seed, workers=workers, paraphraser=paraphraser, tick=tick)
    write_tasks(out, TaskList(report.tasks))
    if as_json:
        typer.echo(json.dumps(report.as_json()))
    else:
        table("certified tasks", ("what", "figure"), [(name, figure) for name, figure in report.as_json().items()])
        say(f"wrote {out}; play them with: envgym run {env_id} --tasks {out} --policy oracle")
    return 0 if report.tasks else 1


def certify_file_command(path: Path, *, env: str = "", as_json: bool) -> int:
    """Proves every task of a file again, in `env` where the tasks are of a world of one's own. Returns 1 where one does not hold."""
    worlds: dict[str, ToolWorld] = {}

    def prove(task: Task) -> dict[str, int]:
        if task.env not in worlds:
            worlds[task.env] = _tool_world(env or task.env)
        world = worlds[task.env]
        world.check_task(task)
        proved = certify(world, task)
        caught = sum(proved["mutants"].values())
        held = {"gold_ok": proved["gold"] == 1.0, "noop_zero": proved["idle"] == 0.0, "grounded": proved["grounded"]}
        return {
            **{name: int(value) for name, value in held.items()},
            "recovery_ok": int(proved.get("recovery", 0.0) == 1.0),
            "mutants": caught,
            "mutants_caught": caught,
            "mutants_equivalent": proved["equivalent"],
        }

    return prove_file(path, prove, FIGURES, as_json=as_json)


def certify_seeds_command(place: str, *, seeds: int, workers: int, as_json: bool) -> int:
    """Drafts `seeds` tasks of one tool world, or of all, and prints what held. Returns 1 where fewer hold than are promised."""
    known = [name for name in registry.environments.paths() if name.startswith("tool_world:")]
    lines = []
    for env_id in known if place == "tool_world" else [place]:
        _tool_world(env_id)
        with progress(seeds, env_id) as tick:
            lines.append({"id": env_id, **census(env_id, seeds, workers=workers, tick=tick)})
    if as_json:
        for line in lines:
            typer.echo(json.dumps(line))
    else:
        columns = (
            "id",
            "seeds",
            "tasks",
            "gold_ok",
            "noop_zero",
            "mutants",
            "mutants_caught",
            "grounded",
            "recovery_ok",
            "rejected",
        )
        table("certified tasks by domain", columns, [[line[column] for column in columns] for line in lines])
    return 0 if all(line["tasks"] >= PROMISED * line["seeds"] for line in lines) else 1


def _tool_world(env_id: str) -> ToolWorld:
    """The environment of a task that can be proved. Raises UsageError for another kind."""
    kind = registry.environments.get(env_id)
    if not (isinstance(kind, type) and issubclass(kind, ToolWorld)):
        raise UsageError(
            f"{env_id} has no certificate of this kind; tasks of tool worlds do, and folders of software-engineering tasks"
        )
    env: ToolWorld = kind()
    return env

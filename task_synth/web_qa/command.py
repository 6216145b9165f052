"""What `envgym synth web` and `envgym certify FILE` do, between the command line and the library."""

import json
from pathlib import Path

import typer

from envgym.command import progress
from envgym.console import say, table
from envgym.environments.web.qa.web_qa import WebQA
from envgym.errors import UsageError
from envgym.task import Task, TaskList
from envgym.task_file import write_tasks
from envgym.task_synth.golden_chain.paraphrase import Paraphraser
from envgym.task_synth.proved_file import prove_file
from envgym.task_synth.rejected import Rejected
from envgym.task_synth.web_qa.certificate import certify
from envgym.task_synth.web_qa.synthesise import synthesise

PROVED = ("unique", "minimal", "proofs", "oracle_ok", "idle_zero", "search_once_zero")


def synth_web_command(
    corpus: str,
    out: Path,
    *,
    wanted: int,
    hops: int,
    rounds: int,
    seed: int,
    workers: int,
    paraphraser: Paraphraser | None = None,
    as_json: bool,
) -> int:
    """Writes certified tasks. Returns 1 where none came of it."""
    with progress(wanted, "certified") as tick:
        report = synthesise(
            corpus, wanted, hops=hops, rounds=rounds, seed=seed, workers=workers, paraphraser=paraphraser, tick=tick
        )
    write_tasks(out, TaskList(report.tasks))
    if as_json:
        typer.echo(json.dumps(report.as_json()))
    else:
        table("certified questions", ("what", "figure"), [(name, figure) for name, figure in report.as_json().items()])
        say(f"wrote {out}; play them with: envgym run web_qa --set corpus={corpus} --tasks {out} --policy oracle")
    return 0 if report.tasks else 1


def certify_file_command(path: Path, *, env: str = "", as_json: bool) -> int:
    """Proves every task of a file again; `env` names the corpus where it is a folder of one's own. Returns 1 where one does not hold, or
    is the same question as one before.
    """
    worlds: dict[str, WebQA] = {}
    forms = set[str]()

    def prove(task: Task) -> dict[str, int]:
        if task.env != WebQA.id:
            raise UsageError(f"a task of {task.env} among those of {WebQA.id}; certify them apart")
        corpus = env or str(task.public.get("corpus") or "atlas")
        world = worlds.setdefault(corpus, WebQA(corpus=corpus))
        world.check_task(task)
        proved = certify(world, task)
        if proved["form"] in forms:
            raise Rejected("the same question as one before")
        forms.add(proved["form"])
        held = dict.fromkeys(PROVED, 1)  # each of them is required by `certify`
        return {**held, "near_misses_zero": proved["near_misses"], "spellings_ok": proved["spellings"]}

    return prove_file(path, prove, (*PROVED, "near_misses_zero", "spellings_ok"), as_json=as_json)

"""What `envgym synth web` and `envgym certify FILE` do, between the command line and the library."""

import json
from collections import Counter
from pathlib import Path

import typer

from envgym.command import progress
from envgym.console import say, table
from envgym.environments.web.qa.web_qa import WebQA
from envgym.errors import UsageError
from envgym.task import TaskList
from envgym.task_file import load_tasks, write_tasks
from envgym.task_synth.golden_chain.paraphrase import Paraphraser
from envgym.task_synth.web_qa.certificate import Rejected, certify
from envgym.task_synth.web_qa.synthesise import synthesise


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
    """Proves every task of a file again; `env` names the corpus where it is a folder of one's own. Returns 1 where one does not hold or
    its certificate is another task's.
    """
    tasks, bad = load_tasks(path)
    problems = [str(line) for line in bad]
    found = Counter[str]()
    worlds: dict[str, WebQA] = {}
    forms = set[str]()
    with progress(len(tasks), "certifying") as tick:
        for task in tasks:
            found["tasks"] += 1
            corpus = env or str(task.public.get("corpus") or "atlas")
            try:
                if task.env != WebQA.id:
                    raise UsageError(f"a task of {task.env} among those of {WebQA.id}; certify them apart")
                world = worlds.setdefault(corpus, WebQA(corpus=corpus))
                world.check_task(task)
                proved = certify(world, task)
            except (Rejected, UsageError) as error:
                problems.append(f"{task.id}: {error}")
                continue
            finally:
                tick()
            if task.certificate is not None and task.certificate.get("task") != task.hash:
                problems.append(
                    f"{task.id}: the certificate is of another task; the content was changed after it was proved"
                )
            if proved["form"] in forms:
                problems.append(f"{task.id}: the same question as one before")
            forms.add(proved["form"])
            found.update(
                {"unique": 1, "minimal": 1, "proofs": 1, "oracle_ok": 1, "idle_zero": 1, "search_once_zero": 1}
            )
            found.update({"near_misses_zero": proved["near_misses"], "spellings_ok": proved["spellings"]})
    names = (
        "tasks",
        "unique",
        "minimal",
        "proofs",
        "oracle_ok",
        "idle_zero",
        "search_once_zero",
        "near_misses_zero",
        "spellings_ok",
    )
    result = {name: found[name] for name in names}
    for problem in problems[:20]:
        say(problem)
    if as_json:
        typer.echo(json.dumps(result))
    else:
        table(f"certificates of {path}", ("what", "figure"), list(result.items()))
    return 1 if problems else 0

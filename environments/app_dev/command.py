"""What `envgym verify app` does, between the command line and the library."""

import json
from pathlib import Path

import typer

from envgym.browser.chromium import ChromiumBackend
from envgym.command import progress
from envgym.console import say, table
from envgym.environments.app_dev.app_task import AppTask, open_app_task, prove
from envgym.errors import InvalidAction, UsageError
from envgym.verdict import Verdict
from envgym.verifiers.app.grade import grade_app
from envgym.verifiers.app.static_site import read_app


def verify_app_command(task: str, folder: Path | None, *, seed: int, soft: bool, as_json: bool) -> int:
    """Grades the app in `folder`, or proves the task itself where there is none. Returns 1 where it does not pass."""
    app = open_app_task(task)
    if folder is None:
        return _prove(app, seed=seed, as_json=as_json)
    if not folder.is_dir():
        raise UsageError(f"--dir {folder}: there is no such folder; expected the folder of an app with index.html")
    try:
        files = read_app(folder)
    except InvalidAction as error:
        verdict = Verdict.of(0, code=error.code, reason=str(error))
    else:
        verdict = grade_app(files, app.requirement, ChromiumBackend, seed=seed, mode="soft" if soft else "strict")
    if as_json:
        typer.echo(verdict.model_dump_json())
    else:
        say(f"{app.requirement.name}: {verdict.outcome.value}, score {verdict.score}: {verdict.reason}")
        table("Checks", ("part", "check", "score", "why"), lines(verdict))
    return 0 if verdict.passed else 1


def lines(verdict: Verdict) -> list[tuple[str, ...]]:
    """One line per part, and per check inside it."""
    found: list[tuple[str, ...]] = []
    for name, part in verdict.parts.items():
        found.append((name, "", str(part.score), part.reason))
        found += [
            ("", check, str(each.score), "" if each.passed else each.reason) for check, each in part.parts.items()
        ]
        found += [("", item.kind, "", item.text) for item in part.evidence]
    return found


def _prove(app: AppTask, *, seed: int, as_json: bool) -> int:
    found: list[tuple[str, Verdict, bool]] = []
    with progress(2 + len(app.mutants), "graded") as tick:
        for each in prove(app, ChromiumBackend, seed=seed):
            found.append(each)
            tick()
    wrong = [what for what, _, right in found if not right]
    if as_json:
        typer.echo(json.dumps({"task": app.requirement.name, "graded": len(found), "wrong": wrong}))
    else:
        table(
            app.requirement.name,
            ("app", "score", "as it must be", "why"),
            [(what, str(v.score), "yes" if right else "NO", v.reason) for what, v, right in found],
        )
    return 1 if wrong else 0

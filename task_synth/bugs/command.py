"""What `envgym synth bugs` does, between the command line and the library."""

import json
from pathlib import Path

import typer

from envgym.command import progress
from envgym.console import say
from envgym.task_synth.bugs.synthesise import BugOptions, BugReport, synthesise_bugs

REPORT = "report.json"


def synth_bugs_command(repository: Path, out: Path, *, options: BugOptions, workers: int, as_json: bool) -> int:
    """Breaks a repository and prints the figures. Returns 1 where no task came of it."""
    with progress(options.count, "breaking") as tick:
        report = synthesise_bugs(repository, out, options=options, workers=workers, tick=tick)
    (out / REPORT).write_text(json.dumps(report.whole(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _show(report, out, as_json)
    return 0 if report.accepted else 1


def _show(report: BugReport, out: Path, as_json: bool) -> None:
    figures = report.as_json()
    for why in sorted(set(report.undecided.values()))[:3]:
        say(f"not decided: {why}")
    if as_json:
        typer.echo(json.dumps(figures))
        return
    typer.echo(f"{figures['accepted']} of {figures['candidates']} bugs are tasks now, in {out}")
    for reason, count in figures["rejected"].items():
        typer.echo(f"  {reason}: {count}")

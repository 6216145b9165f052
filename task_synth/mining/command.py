"""What `envgym synth swe` does, between the command line and the library."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from envgym.command import progress
from envgym.console import say
from envgym.errors import UsageError
from envgym.task_synth.mining.event import Origin
from envgym.task_synth.mining.git import objects_of
from envgym.task_synth.mining.history import read_history
from envgym.task_synth.mining.journal import REPORT, Journal
from envgym.task_synth.mining.mine import Report, Settings, mine
from envgym.task_synth.mining.pair import Pair
from envgym.task_synth.mining.releases import release_archive


@dataclass(frozen=True)
class Wanted:
    """Where events are looked for."""

    repository: Path | None = None
    pair: tuple[str, str] | None = None
    since: str = ""
    limit: int | None = None


@dataclass(frozen=True)
class Found:
    """Origins, and how many commits were passed over on sight, by reason."""

    origins: Sequence[Origin]
    passed_over: Mapping[str, int] = field(default_factory=dict)


def synth_swe_command(
    wanted: Wanted, out: Path, *, settings: Settings, workers: int, resume: bool, as_json: bool
) -> int:
    """Mines and prints the figures. Returns 1 where no task came of it."""
    with search(wanted) as found:
        journal = Journal.open(out, resume=resume)
        left = sum(origin.id not in journal.decided for origin in found.origins)
        with progress(left, "mining") as tick:
            report = mine(
                found.origins,
                journal,
                settings=settings,
                passed_over=found.passed_over,
                workers=workers,
                tick=tick,
            )
    (out / REPORT).write_text(json.dumps(report.whole(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _show(report, out, as_json)
    return 0 if report.accepted else 1


@contextmanager
def search(wanted: Wanted) -> Iterator[Found]:
    """The candidates that are asked for, while their sources are open. Raises UsageError."""
    if (wanted.repository is None) == (wanted.pair is None):
        raise UsageError("say what to mine: --repo PATH of a git clone, or --pair OLD NEW of two source releases")
    if wanted.pair is not None:
        if wanted.since or wanted.limit is not None:
            raise UsageError("--since and --limit are for --repo; a pair of releases is one candidate")
        with tempfile.TemporaryDirectory(prefix="envgym-releases-") as place:
            old, new = (release_archive(each, Path(place)) for each in wanted.pair)
            yield Found([Pair(old, new)])
        return
    assert wanted.repository is not None
    with objects_of(wanted.repository) as objects:
        history = read_history(objects, name_of(wanted.repository), since=wanted.since, limit=wanted.limit)
        yield Found(history.commits, {str(reason): count for reason, count in history.passed_over.items()})


def name_of(clone: Path) -> str:
    """The name of a clone: that of its folder, in letters that a task id may have."""
    name = re.sub(r"[^A-Za-z0-9._+-]", "_", clone.resolve().name.removesuffix(".git")).lstrip("._+-")
    return name[:80] or "repository"


def _show(report: Report, out: Path, as_json: bool) -> None:
    figures: dict[str, Any] = report.as_json()
    for name, why in sorted(report.undecided.items())[:5]:
        say(f"{name}: not decided, {why}; try again with --resume")
    if as_json:
        typer.echo(json.dumps(figures))
        return
    typer.echo(f"{figures['accepted']} of {figures['candidates']} candidates are tasks now, in {out}")
    for reason, count in figures["rejected"].items():
        typer.echo(f"  {reason}: {count}")
    if report.passed_over:
        typer.echo(
            "passed over on sight: " + ", ".join(f"{name} {count}" for name, count in figures["passed_over"].items())
        )

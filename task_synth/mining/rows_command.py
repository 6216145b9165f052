"""What `envgym synth swe --rows FILE` does, between the command line and the library."""

import json
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import typer

from envgym.command import progress
from envgym.console import say
from envgym.environments.reasoning.problem_file import rows_of
from envgym.errors import UsageError
from envgym.sandbox.sandbox import SandboxFailure
from envgym.task_synth.mining.git import objects_of
from envgym.task_synth.mining.row_task import RowSettings, write_row
from envgym.task_synth.mining.rows import read_row

SHOWN = 5


def rows_command(
    file: Path,
    out: Path,
    *,
    repository: Path | None = None,
    image: str = "",
    python: str = "python3",
    limit: int | None = None,
    workers: int = 1,
    as_json: bool = False,
) -> int:
    """Writes a task folder for each row that can be one and names the others. Returns 1 where no task came of it."""
    settings = RowSettings(image=image, python=python or "python3")
    with ExitStack() as stack:
        objects = stack.enter_context(objects_of(repository)) if repository is not None else None

        def write(row: Any) -> None:
            with tempfile.TemporaryDirectory(prefix="envgym-row-") as work:
                write_row(read_row(row), out, Path(work), objects=objects, settings=settings)

        figures = _written(islice(rows_of(file), limit), write, workers)
    for number, why in list(figures["refused"].items())[:SHOWN]:
        say(f"line {number}: {why}")
    if as_json:
        typer.echo(json.dumps(figures))
    else:
        typer.echo(
            f"{figures['accepted']} of {figures['candidates']} rows are task folders now, in {out}; `envgym certify {out}` proves them"
        )
    return 0 if figures["accepted"] else 1


def _written(rows: Iterable[tuple[int, Any]], write: Callable[[Any], None], workers: int) -> dict[str, Any]:
    started, refused, failed, count = perf_counter(), dict[str, str](), dict[str, str](), 0
    with ThreadPoolExecutor(workers) as threads, progress(None, "rows") as tick:
        jobs = [(number, threads.submit(write, row)) for number, row in rows]
        for number, job in jobs:
            try:
                job.result()
            except UsageError as error:
                refused[str(number)] = str(error)
            except SandboxFailure as error:
                failed[str(number)] = str(error)
                say(f"line {number}: the world failed: {error}")
            else:
                count += 1
            tick()
    return {
        "candidates": len(jobs),
        "accepted": count,
        "rejected": {"refused": len(refused), "world_failed": len(failed)},
        "refused": refused,
        "world_failed": failed,
        "seconds": round(perf_counter() - started, 2),
    }

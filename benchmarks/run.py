"""The performance table: every row, ours and each peer that is installed, in turn, on one core.

A peer that is missing is named with the way to get it. Nothing is stored unless --json or --save asks for it. The exit code is 1 when
something failed to run, not when an aim was missed: whether a figure counts depends on how busy the machine was.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from contest import FAILED, Line, compete
from measure import HERE
from over_http import http_lines
from report import machine, show, summary
from rows import ROWS, STARTS
from task_lines import write_tasks

TASKS = 2000


def main() -> int:
    given = arguments()
    lines = [*played(given), *started(given)]
    if given.only in "episodes at once over HTTP":
        say("episodes over HTTP, on all cores")
        lines += http_lines(quick=given.quick)
    show(lines)
    store(lines, given)
    return 1 if any(line.note.startswith(FAILED) for line in lines) else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, once: shows that everything runs")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each subject (default 3)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only rows whose title contains TEXT")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the summary here")
    parser.add_argument("--save", action="store_true", help="write it to benchmarks/results/DATE-cpu.json")
    return parser.parse_args()


def played(given: argparse.Namespace) -> list[Line]:
    """The rows in which units are counted."""
    rows = [row for row in ROWS if given.only in row.title]
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as folder, one_core():
        tasks = Path(folder) / "tasks.jsonl"
        if rows:
            say(f"drawing {TASKS} tasks")
            write_tasks(tasks, TASKS)
        for row in rows:
            say(row.title)
            rounds, share = (1, 0.1) if given.quick else (given.rounds, 1.0)
            lines += compete(row, tasks, rounds=rounds, share=share)
    return lines


def started(given: argparse.Namespace) -> list[Line]:
    """The rows in which programs are started. One start before the count compiles and caches."""
    lines: list[Line] = []
    with one_core():
        for row in STARTS:
            if given.only in row.title:
                say(row.title)
                compete(row, Path(), rounds=1, share=1.0)
                lines += compete(row, Path(), rounds=1 if given.quick else 7, share=1.0)
    return lines


@contextmanager
def one_core() -> Iterator[None]:
    """Pins this process and its children to the last core that it may use, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        say("this system cannot pin a process to a core; the figures are for as many cores as each subject uses")
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def store(lines: Sequence[Line], given: argparse.Namespace) -> None:
    paths = [given.json] if given.json else []
    if given.save:
        paths.append(HERE / "results" / f"{machine()['date']}-cpu.json")
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(summary(lines), indent=1) + "\n", encoding="utf-8")
        say(f"wrote {path}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

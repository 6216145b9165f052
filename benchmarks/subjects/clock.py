"""Times one row in one process and prints the result as a JSON line. Every subject uses it, each in its peer's own interpreter.

Only the standard library is imported here. Before the measured run there is a short one for imports, caches and just-in-time schemas,
and a garbage collection. `cpu_s` counts child processes too.
"""

import argparse
import gc
import json
import resource
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Row = Callable[[int, list[dict[str, Any]], Path], Callable[[], int]]
"""Prepares `count` units with the given tasks, untimed, and returns what is timed: it plays them and says how many units that were.
It may write into the folder."""


def serve(rows: Mapping[str, Row]) -> None:
    """Reads which row, how many and which tasks from the command line; prints {"units", "wall_s", "cpu_s"}."""
    parser = argparse.ArgumentParser()
    parser.add_argument("row", choices=sorted(rows))
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--tasks", type=Path, help="JSONL of game24 tasks")
    parser.add_argument("--profile", action="store_true", help="print where the time goes instead")
    given = parser.parse_args()
    lines = given.tasks.read_text(encoding="utf-8").splitlines() if given.tasks else []
    tasks = [json.loads(line) for line in lines]
    if given.profile:
        _profile(rows[given.row], given.count, tasks)
    else:
        print(json.dumps(_time(rows[given.row], given.count, tasks)))


def _time(row: Row, count: int, tasks: list[dict[str, Any]]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        row(max(1, count // 20), tasks, _new(folder, "warm"))()
        play = row(count, tasks, _new(folder, "timed"))
        gc.collect()
        cpu, wall = _cpu_s(), time.perf_counter()
        units = play()
        return {"units": units, "wall_s": time.perf_counter() - wall, "cpu_s": _cpu_s() - cpu}


def _cpu_s() -> float:
    """Processor seconds of this process and of its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def _profile(row: Row, count: int, tasks: list[dict[str, Any]]) -> None:
    import cProfile
    import pstats

    with tempfile.TemporaryDirectory() as folder:
        row(max(1, count // 20), tasks, _new(folder, "warm"))()
        play = row(count, tasks, _new(folder, "timed"))
        profile = cProfile.Profile()
        profile.runcall(play)
    pstats.Stats(profile).sort_stats("tottime").print_stats(35)


def _new(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path

"""Runs one subject in a process of its own and reads what it took.

The caller pins itself to one core and its children inherit that: nobody is helped by a thread or a second process. Everything here keeps
that core busy, so a processor second is a second of a quiet machine, and figures count those; what others did on the core meanwhile shows
in the wall seconds only.
"""

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMIT_S = 300


class SubjectFailed(Exception):
    """A subject ended with an error. The message is the last line that it wrote."""


@dataclass(frozen=True)
class Sample:
    """One run: how many units in how many seconds."""

    units: float
    wall_s: float
    cpu_s: float


SCALES: dict[str, Callable[[Sample], float]] = {
    "us": lambda sample: 1e6 * sample.cpu_s / sample.units,
    "CPU-s": lambda sample: sample.cpu_s / sample.units,
    "wall s": lambda sample: sample.wall_s / sample.units,
}
"""What a unit of measure shows of a run; every other unit is a rate, units per processor second."""


@dataclass(frozen=True)
class Figure:
    """The median of several runs and their range; `per_wall_s` is the median rate by the clock on the wall."""

    median: float
    low: float
    high: float
    per_wall_s: float

    @classmethod
    def of(cls, samples: list[Sample], unit: str) -> "Figure":
        scale = SCALES.get(unit, lambda sample: sample.units / sample.cpu_s)
        values = [scale(sample) for sample in samples]
        per_wall_s = statistics.median(sample.units / sample.wall_s for sample in samples)
        return cls(statistics.median(values), min(values), max(values), per_wall_s)


def run_subject(python: Path, script: str, row: str, *, count: int, tasks: Path) -> Sample:
    """One measured run of a row. Raises SubjectFailed when it fails or does not end."""
    command = [str(python), f"subjects/{script}.py", row, "--count", str(count), "--tasks", str(tasks)]
    try:
        done = subprocess.run(command, cwd=HERE, env=environment(), capture_output=True, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise SubjectFailed(f"took longer than {LIMIT_S} s") from None
    if done.returncode != 0:
        raise SubjectFailed((done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1])
    return Sample(**json.loads(done.stdout.splitlines()[-1]))


def start_program(command: list[str]) -> Sample:
    """One start of a program whose output is thrown away; the unit is the start. Raises SubjectFailed when it fails."""
    began = time.perf_counter()
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=HERE, env=environment(), stdout=nowhere, stderr=nowhere)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SubjectFailed(f"{command[-1]}: exit code {process.returncode}")
    return Sample(1, time.perf_counter() - began, used.ru_utime + used.ru_stime)


def environment() -> dict[str, str]:
    """The environment without what would let a subject see another's packages, and with a fixed hash seed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "PYTHONHASHSEED": "0"}

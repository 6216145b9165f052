"""The results as a table for people and as a summary for machines."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from contest import Line
from measure import HERE, SCALES
from rich.console import Console
from rich.table import Table

WIDTH = 175
"""Columns where no terminal says how wide it is."""
HEADINGS = ("work", "who", "unit", "median", "min - max", "by the wall", "ours is better by", "aim", "met")
RIGHT = ("median", "min - max", "by the wall", "ours is better by")


def summary(lines: Sequence[Line]) -> dict[str, Any]:
    return {"machine": machine(), "versions": versions(), "lines": [asdict(line) for line in lines]}


def show(lines: Sequence[Line]) -> None:
    """Prints the table and what it was measured on."""
    table = Table(title="envgym and its peers, in turn on one core", title_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading in RIGHT else "left")
    before = ""
    for line in lines:
        if before and line.row != before:
            table.add_section()
        table.add_row("" if line.row == before else line.row, line.name, line.unit, *cells(line))
        before = line.row
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    console.print(table)
    console.print(", ".join(f"{name}: {value}" for name, value in machine().items()), highlight=False)


def cells(line: Line) -> tuple[str, ...]:
    met = "" if line.met is None else "yes" if line.met else "NO"
    if line.figure is None:
        return "-", line.note, "", "", line.aim, met
    figure = line.figure
    spread = f"{number(figure.low)} - {number(figure.high)}" if figure.low < figure.high else ""
    per_wall_s = "" if line.unit in SCALES else number(figure.per_wall_s)
    better = line.note or ("" if line.ratio is None else f"{line.ratio:.3g}x")
    return number(figure.median), spread, per_wall_s, better, line.aim, met


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def machine() -> dict[str, Any]:
    """What the figures depend on; nothing that names the machine."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def cpu_model() -> str:
    """The processor's own name, where Linux tells it."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def versions() -> dict[str, str]:
    """Ours, and what make_peers.sh installed."""
    stamps = sorted(HERE.glob("peers/*/.wanted"))
    installed = {stamp.parent.name: stamp.read_text(encoding="utf-8").strip() for stamp in stamps}
    return {"envgym": version("envgym"), "pydantic": version("pydantic"), **installed}

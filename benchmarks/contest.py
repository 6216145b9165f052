"""Lets the entries of a row run in turn, round after round, and makes a line of each.

Alternating is the point: a machine that slows down slows all of them down, so the ratios stay when the rates move.
"""

from dataclasses import dataclass
from pathlib import Path

from measure import Figure, Sample, SubjectFailed
from rows import Row

GET_PEERS = "not installed: make peers"
FAILED = "failed: "


@dataclass(frozen=True)
class Line:
    """One entry of one row. Where there is no figure, `note` says why. `ratio` is how many times better ours is."""

    row: str
    unit: str
    name: str
    figure: Figure | None = None
    ratio: float | None = None
    note: str = ""
    aim: str = ""
    met: bool | None = None


def compete(row: Row, tasks: Path, *, rounds: int, share: float) -> list[Line]:
    """The lines of a row, ours first."""
    samples: dict[str, list[Sample]] = {entry.name: [] for entry in row.entries}
    notes = {entry.name: "" if entry.installed else GET_PEERS for entry in row.entries}
    for _ in range(rounds):
        for entry in row.entries:
            if notes[entry.name]:
                continue
            try:
                samples[entry.name].append(entry.take(tasks, share))
            except SubjectFailed as error:
                notes[entry.name] = f"{FAILED}{error}"
    figures = {name: Figure.of(taken, row.unit) for name, taken in samples.items() if taken and not notes[name]}
    return [line_of(row, name, figures, notes[name]) for name in samples]


def line_of(row: Row, name: str, figures: dict[str, Figure], note: str) -> Line:
    ours = row.entries[0].name
    if name != ours or name not in figures:
        return Line(row.title, row.unit, name, figures.get(name), ratio(row, figures, name), note)
    aims = aims_of(row, figures)
    met = all(holds for _, holds in aims) if aims else None
    return Line(row.title, row.unit, name, figures[name], None, note, " and ".join(text for text, _ in aims), met)


def aims_of(row: Row, figures: dict[str, Figure]) -> list[tuple[str, bool]]:
    """What the row aims at and whether our figure holds it; an aim against a peer that is missing is left out."""
    mine = figures[row.entries[0].name].median
    aims = []
    if row.least is not None:
        aims.append((f">= {row.least:,.0f}", mine >= row.least))
    if row.most is not None:
        aims.append((f"< {row.most:g}", mine < row.most))
    times = ratio(row, figures, row.entries[1].name) if len(row.entries) > 1 else None
    if row.least_ratio is not None and times is not None:
        aims.append((f">= {row.least_ratio:g}x", times >= row.least_ratio))
    return aims


def ratio(row: Row, figures: dict[str, Figure], peer: str) -> float | None:
    """Ours over the peer's where more is better, the other way round where less is."""
    ours = row.entries[0].name
    if peer == ours or peer not in figures or ours not in figures:
        return None
    mine, theirs = figures[ours].median, figures[peer].median
    return mine / theirs if row.rising else theirs / mine

"""Trajectories of one run, or of two to compare, as one HTML file that needs nothing else.

Model text is hostile. It is in the page as JSON data only, and the page's script puts it on the screen as text nodes only. Episodes are
written as they come, each in an element of its own that is parsed when somebody looks at the episode; a task is written once, however many
episodes it has, for its hidden tests may be longer than all that was said.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from envgym.errors import UsageError
from envgym.trajectory import Trajectory
from envgym.view.embed import script_json
from envgym.view.episode import details_of, row_of, task_of
from envgym.view.histogram import histograms
from envgym.view.overview import Overview
from envgym.view.template import template

MAX_BYTES = 300_000_000
"""Browsers are slow to open a larger file."""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """What was written. `shown` of the `episodes` can be opened; the figures of the overview cover them all."""

    path: Path
    episodes: int
    shown: int
    size_bytes: int


def write_page(
    path: str | Path,
    runs: Sequence[tuple[str, Iterable[Trajectory]]],
    *,
    title: str,
    max_episodes: int = 5000,
    max_bytes: int = MAX_BYTES,
) -> PageInfo:
    """Writes the page of one or two runs, each with the name it is shown under.

    The first `max_episodes` of each run can be opened in the page, fewer where these are more than `max_bytes` of data; the page says
    how many are left out. The file appears when it is whole. Raises UsageError for another number of runs, when `path` cannot be
    written, and rather than replace a file that is no HTML page; passes on what reading the trajectories raises.
    """
    path = Path(path)
    if len(runs) not in (1, 2):
        raise UsageError(f"a page shows one run or compares two, not {len(runs)}")
    if max_episodes < 1:
        raise UsageError(f"max_episodes={max_episodes} must be at least 1")
    refuse_to_replace(path)
    head, tail = template(title)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        out = open(part, "w", encoding="utf-8", newline="\n")  # noqa: SIM115  # closed below; only the opening may raise UsageError
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    try:
        with out:
            out.write(head)
            tasks: dict[str, int] = {}
            writers = [
                RunWriter(out, letter, name, tasks, max_episodes, max_bytes // len(runs))
                for letter, (name, _) in zip("ab", runs, strict=False)
            ]
            for writer, (_, trajectories) in zip(writers, runs, strict=True):
                for trajectory in trajectories:
                    writer.take(trajectory)
            out.write(data_block("page", facts_of(title, writers)))
            out.write(tail)
        size_bytes = part.stat().st_size
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    episodes = sum(writer.overview.episodes for writer in writers)
    return PageInfo(path, episodes, sum(len(writer.rows) for writer in writers), size_bytes)


class RunWriter:
    """Writes the episodes of one run as they come and keeps what the lists and the overview need."""

    def __init__(
        self, out: TextIO, letter: str, name: str, tasks: dict[str, int], max_episodes: int, max_bytes: int
    ) -> None:
        self.letter = letter
        self._tasks = tasks  # numbers of those that were written, by hash
        self.overview = Overview(name)
        self.rows: list[dict[str, Any]] = []
        self._out = out
        self._max_episodes = max_episodes
        self._bytes_left = max_bytes

    def take(self, trajectory: Trajectory) -> None:
        self.overview.take(trajectory)
        line = self.overview.episodes
        if len(self.rows) >= self._max_episodes or self._bytes_left <= 0:
            return
        new = trajectory.task.hash not in self._tasks
        number = self._tasks.setdefault(trajectory.task.hash, len(self._tasks))
        block = data_block(f"episode-{self.letter}-{line}", {**details_of(trajectory), "task": number})
        if new:
            block += data_block(f"task-{number}", task_of(trajectory.task))
        self._bytes_left -= len(block)
        self._out.write(block)
        series, _ = self.overview.place(trajectory)
        self.rows.append({**row_of(trajectory, line), "series": series})

    def facts(self) -> dict[str, Any]:
        ranks = self.overview.ranks()
        for row in self.rows:
            row["member"] = ranks[row["task"], (row["series"], row["index"])]
        return {"letter": self.letter, "rows": self.rows, **self.overview.figures()}


def facts_of(title: str, writers: Sequence[RunWriter]) -> dict[str, Any]:
    """What the page knows without opening an episode."""
    return {
        "title": title,
        "runs": [writer.facts() for writer in writers],
        "rewards": histograms([writer.overview.rewards for writer in writers]),
        "turns": histograms([writer.overview.turns for writer in writers]),
    }


def data_block(name: str, value: Any) -> str:
    """A script element that a browser never runs."""
    return f'<script type="application/json" id="{name}">{script_json(value)}</script>\n'


def refuse_to_replace(path: Path) -> None:
    """Raises UsageError when `path` is something that a slip of the hand would destroy, such as the trajectories."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder; give the name of an HTML file")
    try:
        with open(path, "rb") as old:
            start = old.read(15)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    if start and start.lower() != b"<!doctype html>":
        raise UsageError(f"{path} exists and is no HTML page; give another name")

"""What was decided on each candidate, one JSON line each in the folder of the tasks: an interrupted run goes on from there."""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from envgym.errors import UsageError

NAME = "journal.jsonl"
REPORT = "report.json"


@dataclass(frozen=True)
class Decision:
    """What became of one candidate."""

    id: str
    accepted: bool
    reason: str = ""
    """Why it was rejected; empty where it was not."""
    detail: str = ""
    seconds: float = 0.0
    numbers: Mapping[str, Any] = field(default_factory=dict)
    """Of an accepted one: how many tests decide, and so on."""


class Journal:
    """Decisions in `out`. Opened once, written by several threads."""

    def __init__(self, out: Path, decided: dict[str, Decision]) -> None:
        self.out = out
        self.decided = decided
        self._lock = threading.Lock()

    @classmethod
    def open(cls, out: Path, *, resume: bool) -> "Journal":
        """Begins a journal in an empty or new folder, or goes on with one. Raises UsageError for a folder that holds something else."""
        if out.exists() and not out.is_dir():
            raise UsageError(f"-o {out} is a file; name a folder for the tasks")
        held = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
        if held and not resume:
            raise UsageError(f"-o {out} is not empty (it holds {held[0]}); name a new folder, or go on with --resume")
        if held and NAME not in held:
            raise UsageError(f"-o {out} holds {held[0]} but no {NAME}: it was not begun by this command")
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot make {out}: {error.strerror}") from error
        return cls(out, _read(out))

    def add(self, decision: Decision) -> None:
        """Writes one decision to the disk."""
        line = json.dumps(asdict(decision), ensure_ascii=False) + "\n"
        with self._lock, (self.out / NAME).open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
            self.decided[decision.id] = decision


def _read(out: Path) -> dict[str, Decision]:
    """Decisions that stand: whole lines, and accepted ones whose folder is there. A line that was cut off is cut away."""
    path = out / NAME
    if not path.exists():
        return {}
    whole, _, rest = path.read_bytes().rpartition(b"\n")
    if rest:
        path.write_bytes(whole + b"\n" if whole else b"")
    found = {}
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            decision = Decision(**json.loads(line))
        except (ValueError, TypeError):
            raise UsageError(
                f"{path}:{number} is no decision of this command; remove the folder and begin anew"
            ) from None
        found[decision.id] = decision
    return {id_: each for id_, each in found.items() if not each.accepted or (out / id_ / "task.json").is_file()}

"""An event: two trees of a project and what was said about the step between them. Where it comes from is no longer to be seen."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from envgym.environments.swe.task_folder import Source


@dataclass(frozen=True)
class Event:
    """A change of a project, written out."""

    id: str
    """Of the task that may come of it."""
    title: str
    message: str
    """What its author wrote; may tell how the change is done."""
    source: Source
    before: Path
    after: Path


class Origin(Protocol):
    """Something that can be written out as an event. Cheap to hold: many are listed before the first is tried."""

    @property
    def id(self) -> str:
        """Name of the event, and of its task; the same in every run."""

    @property
    def digest(self) -> str:
        """Equal where the same change was made twice; empty where that is not known."""

    def write(self, place: Path) -> Event:
        """Writes both trees under `place`, an empty folder. Raises Rejected, and UsageError where it cannot be read."""

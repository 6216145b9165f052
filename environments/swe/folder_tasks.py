"""Tasks for environments out of task folders: which folder a task is, and that it still is what the task was made of.

A task names no path: its id is the name of its folder, its private half holds the folder's digest. Where the folder lies is a setting of
the environment, so that a task file, a snapshot or a trajectory may go to another machine.
"""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from envgym.environments.swe.gates import check_certificate
from envgym.environments.swe.task_folder import TaskFolder, task_folders
from envgym.errors import UsageError
from envgym.task import PlacedTasks, Task

BUNDLED = Path(__file__).with_name("tasks")
CONTENT = ("task.json", "issue.md", "gold.patch", "held_out.json", "mutants.json")
Facts = Callable[[TaskFolder], dict[str, Any]]


class FolderTasks(PlacedTasks):
    """The tasks of the folders in a place, each read when it is asked for: trees may be large and many."""

    def __init__(self, data: str, env: str, facts: Facts, needs: Sequence[str] = ()) -> None:
        """`needs` are files of a folder without which `env` cannot play it. Raises UsageError where no folder has them."""
        paths = task_folders(_place(data))
        super().__init__({path.name: path for path in paths if all((path / name).is_file() for name in needs)})
        if not self.size:
            raise UsageError(
                f"{env} cannot play any of {len(paths)} task folders in {_place(data)}: each lacks {needs[0]}"
            )
        self._env = env
        self._facts = facts

    def read(self, place: Path) -> Task:
        folder = read_certified(place)
        return Task(
            id=place.name,
            env=self._env,
            tags=folder.task.tags,
            difficulty=folder.task.difficulty,
            certificate=folder.task.certificate,
            public=self._facts(folder),
            private={"digest": folder.digest},
        )


def folder_of(task: Task, data: str) -> TaskFolder:
    """The folder that `task` was made of. Raises UsageError where it is not there, or is another by now."""
    place = _place(data)
    path = place if (place / "task.json").is_file() else place / task.id
    if path.name != task.id or not path.is_dir():
        raise UsageError(
            f"{task.env}: there is no task folder {task.id!r} in data={data or 'the bundled tasks'!r}; name the folder that holds it"
        )
    folder = read_certified(path)
    if folder.digest != task.private["digest"]:
        raise UsageError(f"{task.env}: {path} is not what task {task.id!r} was made of: its digest differs")
    return folder


def read_certified(path: Path) -> TaskFolder:
    """A folder that passed the gates, read once as long as its files do not change. Raises UsageError."""
    stamp = tuple((path / name).stat().st_mtime_ns if (path / name).exists() else 0 for name in CONTENT)
    return _read(path.resolve(), stamp)


@functools.lru_cache(maxsize=256)
def _read(path: Path, stamp: tuple[int, ...]) -> TaskFolder:
    folder = TaskFolder.read(path)
    check_certificate(folder)
    return folder


def _place(data: str) -> Path:
    return (Path(data).expanduser() if data else BUNDLED).absolute()

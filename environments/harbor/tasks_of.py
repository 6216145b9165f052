"""Tasks of the harbor environment out of task folders. A task names no path: its id is the folder's name, and it holds its digest."""

import functools
import logging
from pathlib import Path
from typing import Any

from envgym.environments.harbor.task_file import HarborFolder, harbor_folders
from envgym.errors import UsageError
from envgym.task import PlacedTasks, Task

log = logging.getLogger(__name__)
BUNDLED = Path(__file__).with_name("tasks")


class HarborTasks(PlacedTasks):
    """The tasks of the folders in a place, each read when it is asked for."""

    def __init__(self, data: str, env: str) -> None:
        super().__init__({path.name: path for path in harbor_folders(place_of(data))})
        self._env = env

    def read(self, place: Path) -> Task:
        folder = read_folder(place)
        tags = folder.task.metadata.get("tags", ())
        return Task(
            id=place.name,
            env=self._env,
            public={"instruction": folder.instruction},
            private={"digest": folder.digest},
            tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
            resources=_resources(folder),
        )


def folder_of(task: Task, data: str) -> HarborFolder:
    """The folder that `task` was made of. Raises UsageError where it is not there, or is another by now."""
    place = place_of(data)
    path = place if (place / "task.toml").is_file() else place / task.id
    if path.name != task.id or not path.is_dir():
        raise UsageError(f"harbor: there is no task folder {task.id!r} in data={data!r}; name the folder that holds it")
    folder = read_folder(path)
    if folder.digest != task.private["digest"]:
        raise UsageError(f"harbor: {path} is not what task {task.id!r} was made of: its digest differs")
    return folder


def place_of(data: str) -> Path:
    return (Path(data).expanduser() if data else BUNDLED).absolute()


def read_folder(path: Path) -> HarborFolder:
    """A folder, read once as long as its files do not change. Raises UsageError."""
    files = ((str(file), file.lstat()) for file in sorted(path.rglob("*")))
    stamp = tuple((name, about.st_mtime_ns, about.st_size) for name, about in files)
    return _read(path.resolve(), stamp)


@functools.lru_cache(maxsize=256)
def _read(path: Path, stamp: tuple[Any, ...]) -> HarborFolder:
    folder = HarborFolder.read(path)
    for remark in folder.remarks:
        log.info("%s: %s", path.name, remark)
    return folder


def _resources(folder: HarborFolder) -> dict[str, Any]:
    about = folder.task.environment
    found = {"image": about.docker_image, "cpus": about.cpus, "memory_mb": folder.task.memory_mb}
    return {name: value for name, value in found.items() if value is not None}

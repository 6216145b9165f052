"""Domains and tasks by name."""

from collections.abc import Callable

from . import kiosk, trap
from .data_model.tasks import Task
from .environment import Environment


def without_data() -> Environment:
    raise FileNotFoundError("data/absent/db.json")


class Registry:
    def __init__(self) -> None:
        self._domains: dict[str, tuple[Callable[[], Environment], list[Task]]] = {
            "kiosk": (kiosk.world, kiosk.TASKS),
            "trap": (trap.world, trap.TASKS),
            "absent": (without_data, []),
        }

    def get_domains(self) -> list[str]:
        return list(self._domains)

    def get_env_constructor(self, name: str) -> Callable[[], Environment]:
        return self._domains[name][0]

    def get_tasks_loader(self, name: str) -> Callable[[], list[Task]]:
        return lambda: self._domains[name][1]


registry = Registry()

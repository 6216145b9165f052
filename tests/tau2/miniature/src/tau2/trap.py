"""A domain whose tools do what tools should not."""

import os
import signal
import time

from .data_model.tasks import Task
from .environment import Environment, ToolKit, mutates
from .kiosk import step


class Traps(ToolKit):
    offered = ("note", "burn", "sleep", "die", "drift", "hoard")

    @mutates
    def note(self, text: str) -> str:
        """Writes a note."""
        self.data.setdefault("notes", []).append(text)
        return str(len(self.data["notes"]))

    @mutates
    def burn(self) -> str:
        """Never ends, and works all the time."""
        while True:
            self.data["burnt"] = True

    def sleep(self, seconds: float) -> str:
        """Waits."""
        time.sleep(seconds)
        return "awake"

    def die(self) -> str:
        """Ends the process."""
        os.kill(os.getpid(), signal.SIGKILL)
        return "dead"

    def drift(self) -> str:
        """Says which process this is."""
        return str(os.getpid())

    def hoard(self, gigabytes: int) -> str:
        """Takes memory."""
        return str(len(bytearray(gigabytes << 30)))


def world() -> Environment:
    return Environment("Beware.", Traps({}))


TASKS = [
    Task.model_validate(
        {
            "id": "note",
            "user_scenario": {"instructions": "Note down: kettle."},
            "evaluation_criteria": {"actions": [step("note", text="kettle")], "reward_basis": ["DB"]},
        }
    )
]

"""Harbor: a Harbor or Terminal-Bench task folder as an environment. The task's own tests decide, in a sandbox of their own.

The agent works in the task's working folder, which with /tmp is all that it can write; there is no network. Whatever the task says, the
verifier never runs where the agent was (`judge.py`). Where no image and no root filesystem is given, the bundled tasks run over this
machine's own programs; what their Dockerfile names in FROM is then not looked at.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from envgym.environments.harbor.judge import judge
from envgym.environments.harbor.solution import PLACE, solve
from envgym.environments.harbor.task_file import HarborFolder
from envgym.environments.harbor.tasks_of import HarborTasks, folder_of
from envgym.environments.harbor.world import WorkingFolder, World, world_of
from envgym.environments.swe.editing_env import EditingEnv
from envgym.environments.swe.swe_env import SweEnv
from envgym.environments.swe.tool_text import command_text
from envgym.errors import InvalidAction, UsageError
from envgym.message import Action, call
from envgym.sandbox.sandbox import Sandbox, SandboxFailure
from envgym.task import Task, TaskSet
from envgym.tool_env import tool
from envgym.verdict import Verdict

COMMANDS = ("ls -A", "pwd", "cat *", "false", "echo done > notes.txt", "find . -type f | sort")
LAST = 0.2
RULES = "You work in {workdir}; only what is there counts. There is no network. Call submit when it is done."


class Harbor(EditingEnv):
    """Harbor or Terminal-Bench task folders: work in a terminal, judged by the task's own tests in a separate sandbox."""

    id = "harbor"
    run_tests = None  # type: ignore[assignment]  # the tests are hidden

    class Knobs(SweEnv.Knobs):
        data: str = Field("", description="A Harbor task folder, or a folder of them; empty: the bundled ones.")
        sandbox: Literal["auto", "docker", "namespaces"] = Field(
            "auto", description="auto: namespaces for the bundled tasks and where a root is given, else Docker."
        )
        root: str = Field("", description="Folder of a root filesystem for namespaces; empty: this machine's programs.")
        image: str = Field("", description="Docker image in place of the task's own.")

    class Public(BaseModel):
        instruction: str = Field(description="What the agent is to do.")

    class Private(BaseModel):
        digest: str = Field(description="Digest of the task folder.")

    knobs: Knobs
    workspace: WorkingFolder

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        if self.knobs.root and (self.knobs.image or self.knobs.sandbox == "docker"):
            raise UsageError("harbor: root is for the namespace sandbox, image for Docker; give one of them")
        if self.knobs.root and not Path(self.knobs.root).expanduser().is_dir():
            raise UsageError(f"harbor: root={self.knobs.root!r} is no folder with a root filesystem")
        self.workspace = WorkingFolder()

    def taskset(self, seed: int = 0) -> TaskSet:
        if self._given is None:
            self._given = HarborTasks(self.knobs.data, self.id)
        return self._given

    @property
    def harbor_folder(self) -> HarborFolder:
        """The folder of the current task. Raises UsageError where it is not there or was changed."""
        if self.task is None:
            raise UsageError(f"{self.id}: no episode was started; call reset() first")
        return folder_of(self.task, self.knobs.data)

    @property
    def world(self) -> World:
        knobs = self.knobs
        auto: Literal["docker", "namespaces"] = (
            "namespaces" if knobs.root or not (knobs.data or knobs.image) else "docker"
        )
        return world_of(
            self.harbor_folder,
            backend=auto if knobs.sandbox == "auto" else knobs.sandbox,
            root=knobs.root,
            image=knobs.image,
        )

    def sandbox(self, *, writes: bool = True) -> Sandbox:
        return self.workspace.open_in(self.world, writes=writes)

    def fresh_workspace(self) -> None:
        self.close()
        self.workspace = WorkingFolder()

    def begin(self, task: Task) -> str:
        self.fresh_workspace()
        return f"{self.harbor_folder.instruction.strip()}\n\n{RULES.format(workdir=self.world.spec.workdir)}"

    @tool(effect="runs")
    def shell(self, command: str, timeout_s: Annotated[int, Field(ge=1, le=600)] = 60) -> str:
        """Runs a command with bash in the working folder. Files stay; variables and the current folder do not, so chain with &&.
        There is no network. What is left running when the command ends is killed."""
        if not command.strip():
            raise InvalidAction("shell: the command is empty", code="swe.command")
        if "\0" in command:
            raise InvalidAction("shell: a NUL character is in the command", code="swe.nul")
        sandbox = self.sandbox()
        done = sandbox.exec(["bash", "-c", f"exec 2>&1\n{command}"], timeout_s=timeout_s)
        self.run_failed = done.rc != 0
        return command_text(done, timeout_s=timeout_s, memory_mb=sandbox.spec.limits.memory_mb)

    def holds_tests(self, place: str) -> bool:
        return False

    def verify(self) -> Verdict:
        try:
            written = self.workspace.written
        except SandboxFailure as error:
            return Verdict.infra_error(str(error)[:1000], code="harbor.sandbox")
        return judge(self.harbor_folder, self.world, written)

    def oracle(self) -> Iterator[Action]:
        """Looks around, sees that there is no solution yet, runs the task's own, submits."""
        yield call("list_files")
        yield call("shell", command=f"ls {PLACE}")
        for command in solve(self.harbor_folder):
            yield call("shell", command=command, timeout_s=600)
        yield call("submit")

    def random_action(self, rng: random.Random) -> Action:
        """A look around, a note, or the end."""
        if self.task is None:
            return super().random_action(rng)
        if rng.random() < LAST:
            return self.ending(rng)
        calls = [
            call("list_files"),
            call("shell", command=rng.choice(COMMANDS)),
            call("read_file", path="no_such_file"),
            call("create_file", path="notes.txt", content="what I know so far: nothing\n"),
        ]
        return rng.choice(calls)

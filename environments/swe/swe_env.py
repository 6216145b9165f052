"""SweEnv: an agent in a working copy of a repository that it can look at, run and test. Environments add the score.

What a tool says depends on the files alone, so equal actions give equal bytes, as long as the agent's own commands do. Times are frozen
where a workspace starts, listings are sorted, and how long tests took is not told. What cannot be done is told and changes nothing; what
goes wrong with the sandbox itself is an EnvFailure and never told as if the agent had caused it.
"""

import posixpath
import random
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from envgym.env import EnvKnobs
from envgym.environments.swe.candidate import Candidate
from envgym.environments.swe.folder_tasks import FolderTasks, folder_of
from envgym.environments.swe.path_patterns import matches
from envgym.environments.swe.random_walk import random_call
from envgym.environments.swe.task_folder import TaskFolder
from envgym.environments.swe.test_memory import TestMemory, Told
from envgym.environments.swe.test_run import run_tests_in
from envgym.environments.swe.tool_text import bounded, command_text, cut_line, file_text, test_text, text_of_bytes
from envgym.environments.swe.workspace import Start, Workspace, python_environment
from envgym.errors import InvalidAction, UsageError
from envgym.message import Action
from envgym.sandbox.layer_archive import content_digest
from envgym.sandbox.sandbox import ExecResult, FileRefused, Sandbox
from envgym.task import TaskSet
from envgym.tool_env import ToolEnv, tool

TOLD = TestMemory(512)
LOOK_S = 20
"""For a command that only looks."""
MAX_SEEN = 2 << 20
"""Bytes of a file that is read by line."""
MAX_MATCHES, MATCH_CHARS = 100, 300
MAX_LISTED = 300
SEARCH = """find "$1" -name .git -prune -o -type f -name "$2" -print0 | LC_ALL=C sort -z | xargs -0 -r grep -nHIP -e "$3" --"""
LIST = """find "$1" -mindepth 1 -maxdepth "$2" '(' -name .git -o -name __pycache__ ')' -prune -o -printf '%y %P\\n' | LC_ALL=C sort -k 2"""
TEST_FILES = """find . -name .git -prune -o -type f '(' -name 'test_*.py' -o -name '*_test.py' -o -name tests.py ')' -printf '%P\\n'"""


class SweEnv(ToolEnv):
    """Write `facts`, `begin`, `verify` and `oracle`; `start_of` where the tree is not the one before the change."""

    blocking = True
    costly = True
    max_turns = 60
    needs: ClassVar[tuple[str, ...]] = ()
    """Files of a task folder without which it is no task here."""

    class Knobs(EnvKnobs):
        data: str = Field("", description="A task folder, or a folder of them; empty: the bundled tasks.")

    class Public(BaseModel):
        issue: str = Field(description="What was reported, as the agent is told.")

    class Private(BaseModel):
        digest: str = Field(description="Digest of the task folder.")

    knobs: Knobs

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.workspace = Workspace()

    # ---- what an environment decides

    def facts(self, folder: TaskFolder) -> dict[str, Any]:
        """The public half of the task that a folder gives here."""
        return {"issue": folder.issue}

    def start_of(self, folder: TaskFolder) -> Start:
        """What the working copy holds at the beginning."""
        return Start(folder)

    # ---- the world

    def taskset(self, seed: int = 0) -> TaskSet:
        """The tasks that were given, else those of the folders, whatever the seed."""
        if self._given is None:
            self._given = FolderTasks(self.knobs.data, self.id, self.facts, self.needs)
        return self._given

    @property
    def folder(self) -> TaskFolder:
        """The folder of the current task. Raises UsageError where it is not there or was changed."""
        if self.task is None:
            raise UsageError(f"{self.id}: no episode was started; call reset() first")
        return folder_of(self.task, self.knobs.data)

    def sandbox(self, *, writes: bool = True) -> Sandbox:
        """The working copy, for one use. Raises SandboxFailure."""
        return self.workspace.open(self.start_of(self.folder), writes=writes)

    def candidate(self) -> Candidate:
        """What was changed in the working copy so far. Raises SandboxFailure."""
        return self.workspace.candidate(self.start_of(self.folder))

    def fresh_workspace(self) -> None:
        """For `begin`: nothing is left of the episode before."""
        self.close()
        self.workspace = Workspace()

    def restore(self, snapshot: Any) -> None:
        before: Workspace | None = self.__dict__.get("workspace")
        super().restore(snapshot)
        if before is not None:
            before.close()

    def close(self) -> None:
        """Gives the sandbox back. Twice is fine."""
        self.workspace.close()

    def random_action(self, rng: random.Random) -> Action:
        """A look around, a guess, or the end: an engineer who has not read the issue."""
        if self.task is None:
            return super().random_action(rng)
        return random_call(rng, self.folder, set(self.toolbox)) or self.ending(rng)

    def ending(self, rng: random.Random) -> Action:
        """How somebody who knows nothing ends an episode."""
        return super().random_action(rng)

    def holds_tests(self, place: str) -> bool:
        """Whether a path is a test's, by the patterns of the task."""
        path = posixpath.normpath(place).removeprefix("/workspace/")
        return self.task is not None and matches(path, self.folder.task.test_paths)

    # ---- tools

    @tool(effect="runs")
    def shell(self, command: str, timeout_s: Annotated[int, Field(ge=1, le=600)] = 60) -> str:
        """Runs a command with bash in the repository's folder. Files stay; variables and the current folder do not, so chain with &&.
        There is no network. What is left running when the command ends is killed."""
        words = ["bash", "-c", f"exec 2>&1\n{_no_nul(command)}"]
        if not command.strip():
            raise InvalidAction("shell: the command is empty", code="swe.command")
        sandbox, folder = self.sandbox(), self.folder
        environment = python_environment(folder, sandbox.spec.workdir)
        done = sandbox.exec(words, timeout_s=timeout_s, env=environment)
        self.run_failed = done.rc != 0
        return command_text(done, timeout_s=timeout_s, memory_mb=sandbox.spec.limits.memory_mb)

    @tool(effect="reads")
    def read_file(
        self,
        path: str,
        first_line: Annotated[int, Field(ge=1)] = 1,
        lines: Annotated[int, Field(ge=1, le=1000)] = 200,
    ) -> str:
        """Lines of a text file, with their numbers."""
        content = self.content_of(path)
        if b"\0" in content[:8192]:
            raise InvalidAction(f"{path} is binary, {len(content):,} bytes; look at it with shell", code="swe.file")
        return file_text(path, text_of_bytes(content), first_line, lines)

    @tool(effect="reads")
    def search(self, pattern: str, path: str = ".", files: str = "*") -> str:
        """Lines that match a Perl-compatible regular expression, in the text files below `path` whose names fit the wildcard `files`
        (such as *.py)."""
        if not pattern or "\n" in pattern:
            raise InvalidAction("search: the pattern is one line and not empty", code="swe.pattern")
        done = self.look(SEARCH, _safe(path), _no_nul(files) or "*", _no_nul(pattern))
        wrong = text_of_bytes(done.stderr).strip()
        if wrong and not done.stdout:
            raise InvalidAction(f"search: {bounded(wrong, 500)}", code="swe.pattern")
        found = [line.removeprefix("./") for line in text_of_bytes(done.stdout).splitlines()]
        if not found:
            return "nothing matches"
        shown = [line if len(line) <= MATCH_CHARS else f"{line[:MATCH_CHARS]} [...]" for line in found[:MAX_MATCHES]]
        if len(found) > MAX_MATCHES or done.truncated:
            shown.append(f"[only the first {len(shown)} matches are shown; make the pattern or the path narrower]")
        return bounded("\n".join(shown))

    @tool(effect="reads")
    def list_files(self, path: str = ".", depth: Annotated[int, Field(ge=1, le=20)] = 3) -> str:
        """Files and folders below `path`, as many levels deep as `depth` says; folders end with a slash."""
        done = self.look(LIST, _safe(path), str(depth))
        if done.stderr and not done.stdout:
            raise InvalidAction(f"list_files: {bounded(text_of_bytes(done.stderr).strip(), 500)}", code="swe.file")
        rows = [line.partition(" ") for line in text_of_bytes(done.stdout).splitlines()]
        names = [cut_line(name) + {"d": "/", "l": " (a link)"}.get(kind, "") for kind, _, name in rows]
        if not names:
            return f"there is nothing below {path}"
        rest = len(names) - MAX_LISTED
        left_out = [f"[and {rest} more; list a folder below, or less deep]"] if rest > 0 else []
        return bounded("\n".join([*names[:MAX_LISTED], *left_out]))

    @tool(effect="tests")
    def run_tests(self, paths: tuple[str, ...] = ()) -> str:
        """Runs tests with pytest: files, folders or ids such as tests/test_a.py::test_b; without paths all tests of the repository.
        Says which failed and why."""
        tests = [_test_path(path) for path in paths] or self.test_files()
        if not tests:
            raise InvalidAction("run_tests: there are no test files", code="swe.no_tests")
        folder, before = self.folder, self.workspace.written

        def run() -> tuple[Told, bool]:
            ran = run_tests_in(self.sandbox(), tests, folder.task.recipe)
            failed = bool(ran.problem) or not ran.outcomes or not {"failed", "error"}.isdisjoint(ran.outcomes.values())
            return Told(test_text(ran), failed), ran.problem != "timeout" and self.workspace.written == before

        key = (folder.digest, self.start_of(folder).name, content_digest(before), tuple(tests))
        told = TOLD.recall(key, run)
        self.run_failed = told.failed
        return told.text

    # ---- what tools are made of

    def test_files(self) -> list[str]:
        """Test files that are in the working copy now."""
        found = text_of_bytes(self.look(TEST_FILES).stdout).splitlines()
        return sorted(name for name in found if matches(name, self.folder.task.test_paths))

    def content_of(self, path: str) -> bytes:
        """A file of the working copy. Raises InvalidAction where it is not there, no file, or too large to be shown."""
        done = self.sandbox(writes=False).exec(["cat", "--", _safe(path)], timeout_s=LOOK_S, output_cap=MAX_SEEN)
        if done.truncated:
            raise InvalidAction(
                f"{path} holds more than {MAX_SEEN:,} bytes; look at parts of it with shell", code="swe.file"
            )
        if done.timed_out:
            raise InvalidAction(f"{path} cannot be read: it took longer than {LOOK_S} s", code="swe.file")
        if done.rc != 0:
            raise InvalidAction(bounded(text_of_bytes(done.stderr).strip(), 500), code="swe.file")
        return done.stdout

    def write(self, path: str, content: str) -> None:
        """Makes or replaces a file. Raises InvalidAction where that cannot be."""
        try:
            self.sandbox().write(path, content.encode("utf-8", "surrogatepass"))
        except FileRefused as error:
            raise InvalidAction(bounded(str(error), 500), code="swe.file") from None

    def look(self, script: str, *arguments: str) -> ExecResult:
        """A command that changes nothing. Raises InvalidAction where it does not end."""
        command = ["/bin/sh", "-c", script, "look", *arguments]
        done = self.sandbox(writes=False).exec(command, timeout_s=LOOK_S)
        if done.timed_out:
            raise InvalidAction(f"it took longer than {LOOK_S} s; look at less at once", code="swe.slow")
        return done


def _no_nul(text: str) -> str:
    if "\0" in text:
        raise InvalidAction("a NUL character is in an argument; commands and paths have none", code="swe.nul")
    return text


def _safe(path: str) -> str:
    """A path that no program takes for an option."""
    if not path:
        raise InvalidAction("a path is not empty", code="swe.file")
    return _no_nul(path) if path.startswith("/") else f"./{_no_nul(path)}" if path != "." else "."


def _test_path(path: str) -> str:
    """A path or id as run_tests_in takes it: relative, inside the tree."""
    file, colons, rest = _no_nul(path).partition("::")
    parts = [part for part in file.split("/") if part not in ("", ".")]
    if file.startswith("/") or ".." in parts or not path.strip():
        raise InvalidAction(f"run_tests: {path[:200]!r} is no path inside the repository", code="swe.file")
    return "/".join(parts) + colons + rest

"""The bench on which a verifier is tried: one child process in an empty folder, replaced when it hangs or dies."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from envgym.errors import UsageError
from envgym.testing.kit.sheet import Sheet
from envgym.verdict import Verdict

GRACE_S = 8.0
"""Further seconds until a call is given up for hung: a slow machine is told apart from a hang by the seconds that the call reports."""
START_S = 120.0


@dataclass(frozen=True, slots=True)
class Judged:
    """What one call gave: a verdict, or what it raised, or that it hung or took the process down."""

    verdict: Verdict | None
    raised: str
    seconds: float

    @property
    def told(self) -> str:
        """In a few words."""
        if self.verdict is None:
            return self.raised
        score = "no score" if self.verdict.score is None else f"score {self.verdict.score:g}"
        return f"{self.verdict.outcome.value}, {score} [{self.verdict.code}]"


class Bench:
    """Use as a context manager. Raises UsageError when the verifier cannot be loaded."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="envgym-kit-")
        self.folder = Path(self._folder.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._end()
        self._folder.cleanup()

    def written(self) -> list[str]:
        """What lies in the folder that was empty, and is removed by looking."""
        found = sorted(path.name for path in self.folder.iterdir())
        for path in self.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
        return found

    def judge(self, reply: str, gold: Any, options: dict[str, Any], *, kill: bool = False) -> Judged:
        """Calls the verifier; `kill` kills the processes that it starts meanwhile."""
        pipe = self._pipe or self._start()
        asked = {"reply": reply, "gold": gold, "options": {**self._sheet.options, **options}, "kill": kill}
        limit = self._sheet.limit_s + GRACE_S
        try:
            pipe.send_bytes(json.dumps(asked).encode())
            if not pipe.poll(limit):
                self._end()
                return Judged(None, f"no answer within {limit:g} s; it was killed", limit)
            answer = json.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            code = self._end()
            return Judged(None, f"its process died ({code})", 0.0)
        verdict = Verdict.model_validate(answer["verdict"]) if answer["verdict"] is not None else None
        return Judged(verdict, answer["raised"] and f"it raised {answer['raised']}", answer["seconds"])

    def _start(self) -> Connection:
        ours, theirs = Pipe()
        command = [sys.executable, "-m", "envgym.testing.kit.child", str(theirs.fileno())]
        paths = os.pathsep.join(os.path.abspath(entry) for entry in sys.path if entry)
        self._process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._pipe = ours
        sheet = self._sheet
        settings = sheet.model_dump(mode="json", include={"verifier", "style", "gold_name", "pass_at", "memory_mb"})
        try:
            ours.send_bytes(json.dumps(settings).encode())
            answer = json.loads(ours.recv_bytes()) if ours.poll(START_S) else {"error": "it did not start"}
        except (EOFError, OSError):
            answer = {"error": "its process died while it was loaded"}
        if "error" in answer:
            self._end()
            raise UsageError(f"{sheet.path}: {sheet.verifier} cannot be loaded: {answer['error']}")
        return ours

    def _end(self) -> str:
        """Ends the process and all that it started; says how it had ended."""
        process, self._process = self._process, None
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
        if process is None:
            return ""
        try:
            code = process.wait(0.2)
        except subprocess.TimeoutExpired:
            code = None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return "killed" if code is None else f"exit {code}"

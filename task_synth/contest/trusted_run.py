"""Runs programs of our own, solutions and wrong ones, in this process. Never a model's: those are run by `verifiers/code_tests.py`."""

import contextlib
import copy
import io
import json
import sys
from types import CodeType
from typing import Any

from envgym.task_synth.contest.problem import Input


class Trusted:
    """A program, compiled once. `answer` is what a test would compare."""

    def __init__(self, program: str, call: str = "") -> None:
        self._code: CodeType = compile(program, "trusted.py", "exec")
        self._call = call

    def answer(self, given: Input) -> Any:
        """The value returned, as JSON data, or the text printed. Raises what the program raises."""
        if not self._call:
            return self._printed(given)
        names: dict[str, Any] = {"__name__": "trusted"}
        exec(self._code, names)
        return json.loads(json.dumps(names[self._call](*copy.deepcopy(given))))

    def answer_or_fault(self, given: Input) -> Any:
        """The answer, or a name for how the program failed, which equals no answer."""
        try:
            return self.answer(given)
        except Exception as error:  # noqa: BLE001  # wrong programs may raise anything, and that is their answer
            return {"raised": type(error).__name__}

    def _printed(self, given: str) -> str:
        stdin = sys.stdin
        printed = io.StringIO()
        sys.stdin = io.StringIO(given)
        try:
            with contextlib.redirect_stdout(printed):
                exec(self._code, {"__name__": "__main__"})
        finally:
            sys.stdin = stdin
        return printed.getvalue().strip()

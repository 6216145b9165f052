"""A small world with files, tests and commands, for the scaffolds that have phases: two source files must say a word."""

import json
import random
from collections.abc import Iterator

from envgym import Action, InvalidAction, Task, TaskFields, ToolEnv, Verdict, call, tool
from envgym.message import ToolCall


class Workshop(ToolEnv):
    """Make every source file say the word."""

    id = "workshop"

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"word": f"word{rng.randint(0, 999)}"}, "private": {}}

    def begin(self, task: Task) -> str:
        self.word: str = task.public["word"]
        self.files = {"src/a.py": "wrong", "src/b.py": "wrong", "tests/test_old.py": "check src/b.py exists"}
        return f"Make src/a.py and src/b.py say {self.word}."

    @tool(effect="reads")
    def read(self, path: str) -> str:
        """Read a file."""
        if path not in self.files:
            raise InvalidAction(f"no file {path}")
        return self.files[path]

    @tool(effect="changes", place="path")
    def write(self, path: str, text: str) -> str:
        """Write a file."""
        self.files[path] = text
        return "written"

    @tool(effect="changes")
    def patch(self, texts: dict[str, str]) -> str:
        """Write several files: from path to new text."""
        self.files.update(texts)
        return "patched"

    @tool(effect="tests")
    def check(self, only: str = "") -> str:
        """Run the tests, or those whose path starts with `only`: each file `tests/test_X` asks that `src/X` says the word."""
        wanted = [path.replace("tests/test_", "src/") for path in self.files if path.startswith(only or "tests/")]
        wrong = [path for path in wanted if self.files.get(path, self.word) != self.word]
        self.run_failed = bool(wrong)
        return f"failed: {', '.join(wrong)}" if wrong else "passed"

    @tool(effect="runs")
    def command(self, code: int) -> str:
        """Run a command that ends with the given exit code."""
        self.run_failed = code != 0
        return f"exit code {code}"

    @tool(final=True, effect="reads")
    def submit(self) -> str:
        """End."""
        return "submitted"

    def places_of(self, call: ToolCall) -> list[str]:
        if call["function"]["name"] != "patch":
            return super().places_of(call)
        try:
            return list(json.loads(call["function"]["arguments"])["texts"])
        except (ValueError, KeyError, TypeError):
            return []

    def holds_tests(self, place: str) -> bool:
        return place.startswith("tests/")

    def verify(self) -> Verdict:
        return Verdict.of(float(self.files["src/a.py"] == self.files["src/b.py"] == self.word), code="workshop.checked")

    def oracle(self) -> Iterator[Action]:
        yield call("read", path="src/a.py")
        yield call("write", path="tests/test_a.py", text="check")
        yield call("check")
        assert self.run_failed
        yield call("write", path="src/a.py", text=self.word)
        yield call("patch", texts={"src/b.py": self.word})
        yield call("check")
        yield call("submit")


class Outing(ToolEnv):
    """Tools, but none that reads, runs or ends by a marked effect: an ordinary world."""

    id = "outing"

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"wanted": rng.randint(1, 9)}, "private": {}}

    def begin(self, task: Task) -> str:
        self.told = 0
        return f"Say {task.public['wanted']}."

    @tool(final=True)
    def say(self, number: int) -> str:
        """Say a number and end."""
        self.told = number
        return "said"

    def verify(self) -> Verdict:
        wanted = self.task.public["wanted"] if self.task else None
        return Verdict.of(float(self.told == wanted), code="outing.checked")

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            yield call("say", number=self.task.public["wanted"])

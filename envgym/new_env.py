"""Writes a new environment: one file that works as it is, and its test.

Both templates are complete environments with generator, oracle and verifier, small enough to be read before they are changed.
"""

import keyword
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from envgym.errors import UsageError

Kind = Literal["answer", "tool"]

ANSWER = '''"""{title}: say a word backwards."""

from envgym import AnswerEnv, Verdict


class {name}(AnswerEnv):
    """Say a word backwards."""

    id = "{id}"

    def generate(self, rng):
        word = "".join(rng.choice("abcdefghij") for _ in range(6))
        return {{"public": {{"word": word}}, "private": {{"gold": word[::-1]}}}}

    def begin(self, task):
        return f"Write {{task.public['word']}} backwards. Reply with that word alone."

    def grade(self, reply, task):
        right = reply.strip() == task.private["gold"]
        return Verdict.of(float(right), code="{id}.right" if right else "{id}.wrong")

    def oracle(self):
        yield self.task.private["gold"]
'''

TOOL = '''"""{title}: find the key in one of many boxes, with as few looks as possible."""

from pydantic import Field

from envgym import EnvKnobs, InvalidAction, ToolEnv, Verdict, call, tool


class {name}(ToolEnv):
    """Find the key in one of many boxes. Each box tells whether the key lies further left or right."""

    id = "{id}"

    class Knobs(EnvKnobs):
        boxes: int = Field(default=100, ge=2, description="How many boxes there are.")

    def generate(self, rng):
        boxes = self.knobs.boxes
        return {{"public": {{"boxes": boxes}}, "private": {{"place": rng.randrange(boxes)}}}}

    def begin(self, task):
        self.found = False
        return f"A key lies in one of {{task.public['boxes']}} boxes, numbered from 0. Find it and take it."

    @tool
    def look(self, box: int) -> str:
        """Open one box: tells whether the key is in it, further left or further right."""
        place = self._place(box)
        return "the key is here" if box == place else "further left" if place < box else "further right"

    @tool(final=True)
    def take(self, box: int) -> str:
        """Take the key out of a box. Ends the episode."""
        self.found = self._place(box) == box
        return "taken" if self.found else "there was no key"

    def _place(self, box):
        if not 0 <= box < self.task.public["boxes"]:
            raise InvalidAction(f"there is no box {{box}}; boxes are 0 to {{self.task.public['boxes'] - 1}}")
        return self.task.private["place"]

    def verify(self):
        return Verdict.of(float(self.found), code="{id}.found" if self.found else "{id}.not_found")

    def oracle(self):
        yield call("look", box=self.task.private["place"])
        yield call("take", box=self.task.private["place"])
'''

TEST = '''"""The laws of an environment, run on {id}."""

from pathlib import Path

from envgym.testing import check


def test_{id}_obeys_the_laws():
    report = check(f"{{Path(__file__).with_name('{id}.py')}}:{name}")
    assert report.ok, report.failures
'''


def write_env(name: str, folder: Path, *, kind: Kind = "answer") -> tuple[Path, Path]:
    """Writes `NAME.py` and `test_NAME.py` and returns their paths. Raises UsageError when one exists or the name is no identifier."""
    if not name.isidentifier() or keyword.iskeyword(name) or not name.islower():
        raise UsageError(f"{name!r} cannot name an environment; use lower-case letters, digits and _, like 'find_key'")
    if name in sys.stdlib_module_names or (find_spec(name) is not None and not (folder / f"{name}.py").exists()):
        raise UsageError(f"{name!r} is the name of a module that Python already has; choose another, like 'my_{name}'")
    class_name = "".join(part.capitalize() for part in name.split("_"))
    words = {"id": name, "name": class_name, "title": name.replace("_", " ").capitalize()}
    code, test = folder / f"{name}.py", folder / f"test_{name}.py"
    for path in (code, test):
        if path.exists():
            raise UsageError(f"{path} exists; choose another name or folder")
    folder.mkdir(parents=True, exist_ok=True)
    code.write_text((ANSWER if kind == "answer" else TOOL).format(**words), encoding="utf-8")
    test.write_text(TEST.format(**words), encoding="utf-8")
    return code, test

"""Localise: name the functions that have to change for an issue to be resolved, without changing them.

The truth is what the real fix touched (`changed_definitions.py`): functions and methods by `path::Class.method`; where it touched none in
a file, the class as `path::Class`, or the file as `path`. The score is F1 over both lists, so that to name everything is worth little; all
of it and nothing else is a pass. There may be other ways to fix an issue: a low score says that other places were named.
"""

import ast
import random
from collections.abc import Collection, Iterator

from envgym.environments.swe.changed_definitions import changed_definitions
from envgym.environments.swe.golden import look_around, source_before, tree_or_none
from envgym.environments.swe.path_patterns import matches
from envgym.environments.swe.prompts import about_repository, issue_text
from envgym.environments.swe.swe_env import SweEnv
from envgym.errors import InvalidAction
from envgym.message import Action, call
from envgym.task import Task
from envgym.tool_env import tool
from envgym.verdict import Verdict

MAX_LOCATIONS = 200
RULES = (
    "Find where it has to be fixed and call submit_locations with the functions that must change, as path::function or path::Class.method "
    "(path::Class or path for a change outside of functions). What you name too much or too little costs. You need not fix it."
)


class Localise(SweEnv):
    """Name the functions of a real Python repository that have to change to resolve an issue."""

    id = "swe_localise"

    def begin(self, task: Task) -> str:
        self.fresh_workspace()
        self.locations: tuple[str, ...] = ()
        folder = self.folder
        opening = "You are in a Python repository with this issue."
        return "\n\n".join([opening, issue_text(task), about_repository(folder), RULES])

    @tool(final=True)
    def submit_locations(self, locations: tuple[str, ...]) -> str:
        """Hands in the places that have to change, such as src/pkg/module.py::Class.method. This ends the episode."""
        if len(locations) > MAX_LOCATIONS:
            raise InvalidAction(f"{len(locations)} locations; at most {MAX_LOCATIONS}", code="swe_localise.too_many")
        self.locations = tuple(sorted({plain for each in locations if (plain := plain_location(each))}))
        return "handed in"

    def verify(self) -> Verdict:
        return judge_locations(changed_definitions(self.folder), self.locations)

    def oracle(self) -> Iterator[Action]:
        yield from look_around(self.folder)
        yield call("submit_locations", locations=sorted(changed_definitions(self.folder)))

    def ending(self, rng: random.Random) -> Action:
        """Names any function of any source file."""
        folder = self.folder
        paths = sorted(str(path.relative_to(folder.base)) for path in folder.base.rglob("*.py"))
        path = rng.choice([each for each in paths if matches(each, folder.task.source_paths)] or paths)
        tree = tree_or_none(source_before(folder, path))
        names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)] if tree else []
        return call("submit_locations", locations=[f"{path}::{rng.choice(names)}" if names else path])


def plain_location(text: str) -> str:
    """A location in one form: no ./ before it, Class.method after one pair of colons, no call brackets."""
    path, _, name = text.strip().removeprefix("./").removeprefix("/workspace/").partition("::")
    name = name.strip().removesuffix("()").replace("::", ".")
    return f"{path.strip()}::{name}" if name else path.strip()


def judge_locations(wanted: Collection[str], given: Collection[str]) -> Verdict:
    """F1 of `given` against `wanted`."""
    if not given:
        return Verdict.of(0.0, code="swe_localise.nothing", reason="no location was named")
    hits = len(set(wanted) & set(given))
    score = 2 * hits / (len(set(wanted)) + len(set(given)))
    reason = f"{hits} of {len(set(given))} locations are right, {len(set(wanted)) - hits} are missing"
    code = "swe_localise.all" if score == 1.0 else "swe_localise.some" if hits else "swe_localise.none"
    return Verdict.of(score, code=code, reason=reason)

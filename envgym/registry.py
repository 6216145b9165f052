"""Ids of environments, verifiers, scaffolds and policies: a plain dictionary from id to dotted path, plus entry points.

Nothing is imported until it is asked for. A prefix such as `rg:` stands for a family: `rg:NAME` is the attribute NAME of its module, made
on first use. Third parties add theirs under the entry-point groups `envgym.environments`, `envgym.verifiers` and `envgym.scaffolds`;
anything else is reached by its path, `module:Name` or `file.py:Name`. Our own ids win over an entry point of the same name, so that
installing a package cannot change what an id means.
"""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from envgym.errors import UnknownId, UsageError

ENVIRONMENTS = {
    "game24": "envgym.environments.reasoning.game24:Game24",
    "math": "envgym.environments.reasoning.math_problems:MathProblems",
    "code": "envgym.environments.code.code_problems:Code",
    "harbor": "envgym.environments.harbor.harbor_env:Harbor",
    "app_dev": "envgym.environments.app_dev.app_dev:AppDev",
    "swe": "envgym.environments.swe.resolve:Swe",
    "swe_test": "envgym.environments.swe.write_test:WriteTest",
    "swe_review": "envgym.environments.swe.review:Review",
    "swe_localise": "envgym.environments.swe.localise:Localise",
    "bfcl": "envgym.environments.bfcl.bfcl_env:Bfcl",
    "site:shop": "envgym.environments.browser.sites.environments:shop",
    "site:forum": "envgym.environments.browser.sites.environments:forum",
    "site:tickets": "envgym.environments.browser.sites.environments:tickets",
    "site:wiki": "envgym.environments.browser.sites.environments:wiki",
    "table_qa": "envgym.environments.table_qa.table_qa:TableQA",
    "web_qa": "envgym.environments.web.qa.web_qa:WebQA",
    "tau2": "envgym.environments.tau2.tau2_env:Tau2",
    "tool_world:retail": "envgym.environments.tool_world.worlds:retail",
    "tool_world:airline": "envgym.environments.tool_world.worlds:airline",
    "tool_world:bank": "envgym.environments.tool_world.worlds:bank",
    "tool_world:calendar_mail": "envgym.environments.tool_world.worlds:calendar_mail",
    "tool_world:clinic": "envgym.environments.tool_world.worlds:clinic",
    "tool_world:helpdesk": "envgym.environments.tool_world.worlds:helpdesk",
    "tool_world:hotel": "envgym.environments.tool_world.worlds:hotel",
    "tool_world:telecom": "envgym.environments.tool_world.worlds:telecom",
    "boolean_expressions": "envgym.environments.reasoning.boolean_expressions:BooleanExpressions",
    "calcudoku": "envgym.environments.reasoning.calcudoku:Calcudoku",
    "cipher": "envgym.environments.reasoning.cipher:Cipher",
    "countdown": "envgym.environments.reasoning.countdown:Countdown",
    "cryptarithm": "envgym.environments.reasoning.cryptarithm:Cryptarithm",
    "dyck": "envgym.environments.reasoning.dyck:Dyck",
    "graph_coloring": "envgym.environments.reasoning.graph_coloring:GraphColoring",
    "knights_and_knaves": "envgym.environments.reasoning.knights_and_knaves:KnightsAndKnaves",
    "minesweeper": "envgym.environments.reasoning.minesweeper:Minesweeper",
    "morse": "envgym.environments.reasoning.morse:Morse",
    "n_queens": "envgym.environments.reasoning.n_queens:NQueens",
    "number_theory": "envgym.environments.reasoning.number_theory:NumberTheory",
    "numbrix": "envgym.environments.reasoning.numbrix:Numbrix",
    "object_counting": "envgym.environments.reasoning.object_counting:ObjectCounting",
    "riddles": "envgym.environments.reasoning.riddles:Riddles",
    "rotated_maze": "envgym.environments.reasoning.rotated_maze:RotatedMaze",
    "sat": "envgym.environments.reasoning.sat:Sat",
    "skyscraper": "envgym.environments.reasoning.skyscraper:Skyscraper",
    "star_battle": "envgym.environments.reasoning.star_battle:StarBattle",
    "sudoku": "envgym.environments.reasoning.sudoku:Sudoku",
    "table_statements": "envgym.environments.reasoning.table_statements:TableStatements",
    "tents": "envgym.environments.reasoning.tents:Tents",
    "time_sequence": "envgym.environments.reasoning.time_sequence:TimeSequence",
    "web_of_lies": "envgym.environments.reasoning.web_of_lies:WebOfLies",
    "word_sorting": "envgym.environments.reasoning.word_sorting:WordSorting",
    "zebra": "envgym.environments.reasoning.zebra:Zebra",
}
FAMILIES = {
    "miniwob": "envgym.environments.browser.miniwob.tasks",
    "noisy": "envgym.noise.worlds",
    "rg": "envgym.environments.reasoning_gym.datasets",
    "site": "envgym.environments.browser.sites.environments",
    "tool_world": "envgym.environments.tool_world.worlds",
}
"""Modules whose public attributes are environments, by the prefix of their ids."""
SCAFFOLDS = {
    "function_calling": "envgym.scaffolds.function_calling:FunctionCalling",
    "react": "envgym.scaffolds.react:ReAct",
    "plan_then_act": "envgym.scaffolds.plan_then_act:PlanThenAct",
    "plan_then_edit": "envgym.scaffolds.plan_then_edit:PlanThenEdit",
    "test_driven": "envgym.scaffolds.test_driven:TestDriven",
}
POLICIES = {
    "oracle": "envgym.policy.scripted:Oracle",
    "idle": "envgym.policy.scripted:Idle",
    "random": "envgym.policy.scripted:RandomPolicy",
    "replay": "envgym.policy.scripted:Replay",
    "openai": "envgym.policy.openai:OpenAIPolicy",
}
VERIFIERS = {
    "exact": "envgym.verifiers.answer:exact",
    "number": "envgym.verifiers.answer:number",
    "math": "envgym.verifiers.math_answer:math_equal",
    "choice": "envgym.verifiers.choice:choice",
    "json": "envgym.verifiers.json_answer:json_answer",
    "tool_calls": "envgym.verifiers.tool_calls:tool_calls",
    "code_tests": "envgym.verifiers.code_tests:code_tests",
    "citation": "envgym.verifiers.citation:citation",
    "evidence": "envgym.verifiers.evidence:evidence",
    "search_economy": "envgym.verifiers.search_economy:search_economy",
    "think_answer": "envgym.verifiers.form:think_answer",
    "language": "envgym.verifiers.form:language",
    "repetition": "envgym.verifiers.form:repetition",
    "length": "envgym.verifiers.form:length",
    "hack": "envgym.verifiers.hack:hack_check",
}


class Registry:
    """One kind of thing by id. `get` returns the object, imported on first use."""

    def __init__(
        self, kind: str, builtin: Mapping[str, str], group: str = "", families: Mapping[str, str] | None = None
    ) -> None:
        self.kind = kind
        self.families = families or {}
        self._paths = dict(builtin)
        self._group = group

    def paths(self) -> dict[str, str]:
        """Every known id and its dotted path: ours first, then those of installed packages."""
        found = {entry.name: entry.value for entry in entry_points(group=self._group)} if self._group else {}
        return {**self._paths, **{name: path for name, path in sorted(found.items()) if name not in self._paths}}

    def register(self, name: str, path: str) -> None:
        """Adds an id in this process. Raises UsageError when it is taken."""
        if self._paths.get(name, path) != path:
            raise UsageError(f"{self.kind} {name!r} is taken by {self._paths[name]}")
        self._paths[name] = path

    def path(self, name: str) -> str:
        """The dotted path of an id; a name that is a path already is given back. Raises UnknownId."""
        prefix, _, rest = name.partition(":")
        if name in self._paths:
            return self._paths[name]
        if prefix in self.families:
            return f"{self.families[prefix]}:{rest}"
        paths = self.paths()
        if name not in paths and ":" not in name:
            raise UnknownId.of(self.kind, name, [*paths, *(f"{prefix}:<name>" for prefix in self.families)])
        return paths.get(name, name)

    def get(self, name: str) -> Any:
        """The object behind an id, `module:Name` or `file.py:Name`. Raises UnknownId or UsageError."""
        return load(self.path(name))


def load(path: str) -> Any:
    """The object at `module:Name` or `file.py:Name`. Raises UsageError when the module or the name is missing."""
    place, _, name = path.partition(":")
    if not place or not name:
        raise UsageError(f"{path!r} is no path; expected module:Name or file.py:Name")
    try:
        module = _load_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    except ModuleNotFoundError as error:
        raise UsageError(f"cannot import {place!r} for {path!r}: {error}; is the package installed?") from error
    except UsageError:
        raise
    except Exception as error:  # a module of somebody else's may raise anything while it is imported
        raise UsageError(f"cannot import {place!r} for {path!r}: {type(error).__name__}: {error}") from error
    if not hasattr(module, name):
        raise UnknownId.of(f"name in {place}", name, [known for known in dir(module) if not known.startswith("_")])
    return getattr(module, name)


def _load_file(path: Path) -> Any:
    """A module from a file outside any package, under a name that depends on its place only, so that it pickles."""
    if not path.is_file():
        raise UsageError(f"no file {path}")
    name = f"envgym_file_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]  # or the next load would find it half made
        raise
    return module


environments = Registry("environment", ENVIRONMENTS, "envgym.environments", FAMILIES)
scaffolds = Registry("scaffold", SCAFFOLDS, "envgym.scaffolds")
verifiers = Registry("verifier", VERIFIERS, "envgym.verifiers")
policies = Registry("policy", POLICIES)


def make(env: str, **kwargs: Any) -> Any:
    """A bare environment by id or path, without gymnasium's wrappers. `kwargs` are its knobs, `tasks` and `render_mode`."""
    return environments.get(env)(**kwargs)


def register_with_gymnasium() -> None:
    """Registers every id as `envgym/ID-v0`. Entry points are strings: gymnasium's spec.to_json() fails on anything else."""
    import gymnasium

    for name, path in environments.paths().items():
        gym_id = f"envgym/{name.replace(':', '-')}-v0"
        if gym_id not in gymnasium.registry:
            gymnasium.register(gym_id, entry_point=path)

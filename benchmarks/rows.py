"""The rows of the performance table: what is measured, who takes part, what is aimed at.

The first entry of a row is ours. Rates are per processor second of one core; counts are chosen so that a run takes a second or so. What a
peer did and did not do for its figure is said in the docstring of its file under subjects/.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from measure import HERE, Sample, run_subject, start_program

VERIFIERS_0_1, VERIFIERS_0_4, OPENENV = "verifiers 0.1.14", "verifiers 0.4.0", "OpenEnv 0.3.0"
INSPECT, AVIARY, GEM, SKYRL = "Inspect 0.3.285", "aviary 0.37.0", "GEM 0.1.0", "SkyRL-Gym 0.4.0"


@dataclass(frozen=True)
class Entry:
    """One subject in a row. `peer` is its folder under peers/, empty for ours."""

    name: str
    peer: str

    @property
    def python(self) -> Path:
        return HERE / "peers" / self.peer / "bin" / "python" if self.peer else Path(sys.executable)

    @property
    def installed(self) -> bool:
        return self.python.exists()


@dataclass(frozen=True)
class Played(Entry):
    """`count` units of a row of subjects/SCRIPT.py."""

    script: str
    row: str
    count: int

    def take(self, tasks: Path, share: float) -> Sample:
        """One run of `share` of the units."""
        return run_subject(self.python, self.script, self.row, count=max(20, int(self.count * share)), tasks=tasks)


@dataclass(frozen=True)
class Started(Entry):
    """A fresh process that runs one statement; without one, our command line's --help."""

    statement: str

    def take(self, tasks: Path, share: float) -> Sample:
        """One start."""
        if self.statement:
            return start_program([str(self.python), "-c", self.statement])
        return start_program([str(self.python.with_name("envgym")), "--help"])


@dataclass(frozen=True)
class Row:
    """One piece of work. Aims are for ours: `least` and `most` in the row's unit, `least_ratio` over the first peer."""

    title: str
    unit: str
    entries: tuple[Played | Started, ...]
    least: float | None = None
    most: float | None = None
    least_ratio: float | None = None

    @property
    def rising(self) -> bool:
        """Whether more is better."""
        return self.unit.endswith("/s")


def ours(row: str, count: int) -> Played:
    return Played("envgym", "", "ours", row, count)


ROWS = (
    Row(
        "single-turn rollout, full trajectory + verifier",
        "episodes/s",
        (
            ours("single_turn", 20_000),
            Played(VERIFIERS_0_1, "verifiers_0_1", "verifiers_0_1", "single_turn", 1_500),
            Played(f"{VERIFIERS_0_4}, in process", "verifiers_0_4", "verifiers_0_4", "single_turn", 500),
            Played(INSPECT, "inspect", "inspect_0_3", "single_turn", 250),
        ),
        least=20_000,
        least_ratio=12,
    ),
    Row(
        "multi-turn tool calls, full trajectory",
        "turns/s",
        (
            ours("multi_turn", 60_000),
            Played(VERIFIERS_0_1, "verifiers_0_1", "verifiers_0_1", "multi_turn", 5_000),
            Played(f"{AVIARY}, nothing written", "aviary", "aviary_0_37", "multi_turn", 20_000),
            Played(INSPECT, "inspect", "inspect_0_3", "multi_turn", 500),
        ),
        least=50_000,
    ),
    Row(
        "bare env.step, a typed tool call",
        "steps/s",
        (
            ours("tool_step", 300_000),
            Played(AVIARY, "aviary", "aviary_0_37", "tool_step", 30_000),
            Played(f"{GEM}, tags in text, unchecked", "gem", "gem_0_1", "tool_step", 200_000),
            Played(f"{SKYRL}, tags in text, unchecked", "skyrl_gym", "skyrl_0_4", "tool_step", 200_000),
        ),
        least=300_000,
    ),
    Row(
        "bare env.step, text",
        "steps/s",
        (
            ours("text_step", 1_000_000),
            Played(f"{GEM}, its GuessTheNumber", "gem", "gem_0_1", "shipped_step", 500_000),
            Played(f"{GEM}, a bare method", "gem", "gem_0_1", "text_step", 2_000_000),
            Played(f"{SKYRL}, a bare method", "skyrl_gym", "skyrl_0_4", "text_step", 1_000_000),
        ),
        least=300_000,
    ),
    Row("fork after 10 tool calls, in memory", "us", (ours("fork", 30_000),), most=100),
    Row("fork with the conversation", "us", (ours("fork_scaffold", 30_000),), most=100),
    Row("fork of table_qa after 10 tool calls", "us", (ours("fork_table_qa", 10_000),), most=100),
)

STARTS = (
    Row(
        "import the package",
        "CPU-s",
        (
            Started("envgym", "", "import envgym"),
            Started(VERIFIERS_0_1, "verifiers_0_1", "import verifiers"),
            Started(VERIFIERS_0_4, "verifiers_0_4", "import verifiers"),
            Started(OPENENV, "openenv", "import openenv"),
            Started(AVIARY, "aviary", "import aviary.core"),
            Started(INSPECT, "inspect", "import inspect_ai"),
            Started(GEM, "gem", "import gem"),
            Started(SKYRL, "skyrl_gym", "import skyrl_gym"),
        ),
        most=0.5,
    ),
    Row(
        "import what an environment's file names",
        "CPU-s",
        (
            Started("envgym", "", "from envgym import Task, ToolEnv, Verdict, play, tool"),
            Started(VERIFIERS_0_1, "verifiers_0_1", "from verifiers import Rubric, ToolEnv"),
            Started(VERIFIERS_0_4, "verifiers_0_4", "from verifiers.v1 import Agent, Task, Taskset, reward"),
            Started(OPENENV, "openenv", "from openenv.core.env_server import Environment"),
            Started(AVIARY, "aviary", "from aviary.core import Environment, Tool"),
            Started(INSPECT, "inspect", "from inspect_ai import Task, eval"),
            Started(GEM, "gem", "from gem import Env"),
            Started(SKYRL, "skyrl_gym", "from skyrl_gym.envs.base_text_env import BaseTextEnv"),
        ),
        most=0.5,
    ),
    Row("envgym --help", "wall s", (Started("envgym", "", ""),), most=0.2),
)
"""Several load their parts on first use, ours too: the first row is the name alone, the second what an author really pays."""

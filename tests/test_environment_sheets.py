"""The verifier kit on environments: the verdicts of every registered one hold, and those that can be cheated are found by name."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from envgym import registry
from envgym.answer_env import AnswerEnv
from envgym.errors import UsageError
from envgym.testing.kit import run_sheet
from envgym.testing.kit.episode import environment_sheet

BAD = Path(__file__).parent / "worlds" / "bad_answer_envs.py"
ENVGYM = Path(sys.executable).with_name("envgym")
ANSWERED = [name for name in registry.environments.paths() if issubclass(registry.environments.get(name), AnswerEnv)]


@pytest.mark.parametrize("env", ANSWERED)
def test_the_verdicts_of_every_registered_environment_hold(env: str) -> None:
    report = run_sheet(environment_sheet(env))
    assert report.ok, report.failures
    blocks = report.as_json()["blocks"]
    assert all(blocks[block]["checks"] > 3 for block in ("golden", "hack", "property", "hostile", "fault"))


@pytest.mark.parametrize("env", ["rg:maze", "rg:countdown", "rg:sudoku", "rg:word_ladder"])
def test_the_verdicts_of_a_reasoning_gym_set_hold(env: str) -> None:
    pytest.importorskip("reasoning_gym", reason="pip install 'envgym[reasoning-gym]'")
    report = run_sheet(environment_sheet(env, limit_s=10.0))
    assert report.ok, report.failures


def failed(name: str) -> dict[str, str]:
    return {each.name: each.detail for each in run_sheet(environment_sheet(f"{BAD}:{name}")).failures}


def test_a_sound_environment_passes() -> None:
    assert failed("Sum") == {}


@pytest.mark.parametrize(
    ("name", "found", "told"),
    [
        ("PaysHedges", "case hedge 0", "got pass"),
        ("RunsCode", "hostile.open", "it ran the reply as code"),
        ("MindsBlanks", "property.blanks_around", "it must pass"),
    ],
)
def test_an_environment_that_can_be_cheated_is_found_by_name(name: str, found: str, told: str) -> None:
    findings = failed(name)
    assert told in findings[found], findings


def test_an_environment_with_tools_is_sent_to_the_laws() -> None:
    with pytest.raises(UsageError, match="envgym check table_qa"):
        environment_sheet("table_qa")


def test_the_command_tests_environments() -> None:
    command = [str(ENVGYM), "verify", "test", "--env", f"{BAD}:Sum", "--env", f"{BAD}:PaysHedges", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert [sheet["ok"] for sheet in told["sheets"]] == [True, False]

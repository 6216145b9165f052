"""`envgym run --noise`: clean, noisy and gap on the same tasks; and the guide, whose program runs."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envgym import UsageError, read_trajectories
from envgym.noise.gap import with_noise_of
from envgym.noise.kinds import kinds_of
from envgym.rollout import Run

ROOT = Path(__file__).parents[2]
ENVGYM = Path(sys.executable).with_name("envgym")
BANK = f"{Path(__file__).with_name('bank.py')}:Bank"
GUIDE = (ROOT / "docs" / "noise.md").read_text(encoding="utf-8")


def envgym(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(ENVGYM), *map(str, arguments)], capture_output=True, text=True, timeout=100)


def test_run_with_noise_prints_clean_noisy_and_gap_and_keeps_both(tmp_path: Path) -> None:
    out = tmp_path / "t.jsonl"
    done = envgym(
        *("run", BANK, "--episodes", 40, "--noise", 0.3, "--noise-kinds", "timeout_after,rate_limit", "--json"),
        *("--policy", "envgym.noise.gold_replay:GoldReplay", "-o", out),
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert (figures["pairs"], figures["clean"], figures["noisy"]) == (40, 1.0, figures["mean_score"])
    assert figures["gap"] == pytest.approx(1.0 - figures["noisy"])
    assert 0 < figures["noisy"] < 1
    assert (figures["faults"] > 10, 0 <= figures["recovered"] < 1) == (True, True)
    clean, noisy = (list(read_trajectories(path)) for path in (tmp_path / "t.clean.jsonl", out))
    assert [each.task.hash for each in clean] == [each.task.hash for each in noisy]
    kinds = {
        fault.data["kind"]
        for each in noisy
        if each.verdict and each.verdict.parts
        for fault in each.verdict.parts["recovered"].evidence
    }
    assert kinds == {"timeout_after", "rate_limit"}


def test_the_table_has_the_same_figures_and_resuming_counts_all_pairs(tmp_path: Path) -> None:
    common = ("run", BANK, "--noise", 0.2, "-o", tmp_path / "t.jsonl")
    assert envgym(*common, "--episodes", 4).returncode == 0
    done = envgym(*common, "--episodes", 6, "--resume")
    assert re.search(r"^pairs +6\nclean +1\.0\nnoisy +1\.0\ngap +0\.0$", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.parametrize(
    ("env", "noise", "told"),
    [
        ("game24", {}, "noise is for environments with tools"),
        (BANK, {"kinds": "rate_limits"}, "did you mean 'rate_limit'"),
        (BANK, {"level": 1.2}, "less than or equal to 1"),
        (BANK, {"budget": -1}, "noise_budget"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_is_played(env: str, noise: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        with_noise_of(Run(env), **{"level": 0.2, "kinds": "", "seed": 0, "budget": 3, **noise})


def test_a_detail_of_the_noise_without_its_level_is_refused() -> None:
    done = envgym("run", BANK, "--noise-kinds", "rate_limit")
    assert (done.returncode, "go with --noise LEVEL" in done.stderr) == (2, True), done.stderr


def test_the_program_in_the_guide_prints_what_the_guide_says() -> None:
    program, output = re.findall(r"```python\n(.*?)```\n+```text\n(.*?)```", GUIDE, re.DOTALL)[0]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (done.stdout, done.returncode) == (output, 0), done.stderr


def test_the_guide_names_every_kind() -> None:
    assert [kind.name for kind in kinds_of(()) if f"`{kind.name}`" not in GUIDE] == []

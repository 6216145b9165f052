"""The command line as scripts use it: exit codes, JSON on the last line, nothing lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envgym import read_trajectories

World = Callable[[str], str]
ENVGYM = Path(sys.executable).with_name("envgym")


def envgym(*arguments: object, cwd: Path | None = None, path: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Runs the command; `path` goes onto Python's own path, as an installed package's folder would."""
    env = {**os.environ, "PYTHONPATH": str(path)} if path else None
    command = [str(ENVGYM), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=cwd, env=env)


def last_json(done: "subprocess.CompletedProcess[str]") -> Any:
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_help_names_every_command() -> None:
    done = envgym("--help")
    assert done.returncode == 0
    for command in ("demo", "list", "show", "init", "run", "verify", "replay", "check", "view", "serve", "doctor"):
        assert f"\n  {command} " in done.stdout


def test_list_gives_ids_and_what_each_is() -> None:
    found = last_json(envgym("list", "--json"))
    assert {"game24", "math", "table_qa"} <= {entry["id"] for entry in found}
    assert all(entry["about"] and not entry["error"] for entry in found)
    assert "table_qa" in envgym("list").stdout


def test_show_tells_knobs_and_the_first_task() -> None:
    done = envgym("show", "game24", "--set", "numbers=5")
    assert "--set numbers=4" in done.stdout
    assert "Use each of the numbers" in done.stdout
    assert "solution" not in done.stdout.split("task 0-0")[1]


def test_run_prints_its_figures_and_writes_trajectories(tmp_path: Path) -> None:
    out = tmp_path / "t.jsonl"
    done = envgym(
        "run", "game24", "--policy", "oracle", "--scaffold", "react", "--episodes", 50, "--seed", 0, "--json", "-o", out
    )
    figures = last_json(done)
    assert (done.returncode, figures["episodes"], figures["mean_score"], figures["infra_failures"]) == (0, 50, 1.0, 0)
    assert figures["episodes_per_s"] > 0
    assert len(list(read_trajectories(out))) == 50


def test_equal_runs_have_equal_digests_and_others_do_not(tmp_path: Path) -> None:
    common = ("run", "game24", "--policy", "random", "--episodes", 30, "--digest", "--json")
    digests = [
        last_json(envgym(*common, *more))["digest"]
        for more in (("--concurrency", 1), ("--concurrency", 7), ("--processes", 2), ("--seed", 1))
    ]
    assert digests[0] == digests[1] == digests[2] != digests[3]


def test_recorded_replies_are_a_policy(tmp_path: Path) -> None:
    out = tmp_path / "t.jsonl"
    common = ("run", "game24", "--scaffold", "react", "--episodes", 4, "--json")
    envgym(*common, "--policy", "random", "-o", out)
    figures = last_json(envgym(*common, "--policy", f"replay:{out}"))
    assert (figures["episodes"], figures["scored"]) == (4, 4)


def test_resume_plays_only_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "t.jsonl"
    common = ("run", "game24", "--json", "-o", out)
    envgym(*common, "--episodes", 5)
    refused = envgym(*common, "--episodes", 9)
    assert (refused.returncode, "--resume" in refused.stderr) == (2, True)
    figures = last_json(envgym(*common, "--episodes", 9, "--resume"))
    assert (figures["episodes"], figures["resumed"]) == (9, 5)
    assert [each.index for each in read_trajectories(out)] == list(range(9))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "gmae24"), "did you mean 'game24'"),
        (("run", "game24", "--policy", "oracel"), "did you mean 'oracle'"),
        (("run", "game24", "--scaffold", "reakt"), "did you mean 'react'"),
        (("run", "game24", "--set", "numbers"), "expected KEY=VALUE"),
        (("run", "game24", "--set", "number=4"), "did you mean 'numbers'"),
        (("run", "game24", "--base-url", "http://127.0.0.1:1"), "--policy openai"),
        (("run", "game24", "--resume"), "name it with -o"),
        (("run", "game24", "--policy", "replay"), "--policy replay:FILE.jsonl"),
        (("run", "game24", "--processes", "0"), "processes=0 must be at least 1"),
        (("run", "game24", "--step-seconds", "-1"), "must be a positive number"),
        (("run", "game24", "--max-failure-share", "30"), "between 0 and 1"),
        (("run", ":x"), "is no path"),
        (("run", "game24", "--tasks", "none.jsonl"), "cannot read tasks from none.jsonl"),
        (("run", "nonsense.module:Class"), "is the package installed"),
        (("run", "none.py:Class"), "no file none.py"),
        (("run",), "Missing argument"),
        (("run", "game24", "--episodes", "many"), "valid integer"),
        (("verify", "none.jsonl"), "cannot read none.jsonl"),
        (("replay", "none.jsonl"), "cannot read none.jsonl"),
        (("view", "none.jsonl"), "cannot read none.jsonl"),
        (("show", "none.jsonl"), "cannot read none.jsonl"),
        (("check", "gmae24"), "did you mean 'game24'"),
        (("init", "Not-a-name"), "cannot name an environment"),
        (("init", "x", "--kind", "web"), "expected answer or tool"),
        (("init", "json"), "a module that Python already has"),
        (("init", "pytest"), "a module that Python already has"),
        (("demo", "--episodes", "0"), "plays at least 1"),
        (("demo", "-o", ENVGYM), "name a folder with -o"),
        (("nonsense",), "No such command"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = envgym(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_bad_line_of_a_task_file_is_named_and_the_rest_runs(tmp_path: Path) -> None:
    tasks = tmp_path / "tasks.jsonl"
    good = {
        "id": "a",
        "env": "game24",
        "public": {"numbers": [1, 2, 3, 4], "target": 24},
        "private": {"solution": "1*2*3*4"},
    }
    tasks.write_text(json.dumps(good) + "\n" + json.dumps(good | {"id": "b", "public": {"target": 3}}) + "\n")
    done = envgym("run", "game24", "--tasks", tasks, "--json")
    assert (done.returncode, last_json(done)["episodes"], last_json(done)["mean_score"]) == (0, 1, 1.0)
    assert "line 2: public.numbers: Field required; left out" in done.stderr
    strict = envgym("run", "game24", "--tasks", tasks, "--strict")
    assert (strict.returncode, "line 2" in strict.stderr) == (2, True)


def test_too_many_failed_worlds_exit_1_and_keep_what_there_is(world: World, tmp_path: Path) -> None:
    out = tmp_path / "t.jsonl"
    done = envgym("run", world("AlwaysFails"), "--episodes", 100, "--retries", 0, "--json", "-o", out)
    assert done.returncode == 1
    assert "no container could be had" in last_json(done)["stopped"]
    assert last_json(done)["mean_score"] is None
    assert {each.status for each in read_trajectories(out)} == {"infra_failed"}


def test_an_interrupted_run_keeps_its_file_and_says_how_to_go_on(world: World, tmp_path: Path) -> None:
    out = tmp_path / "t.jsonl"
    command = [str(ENVGYM), "run", world("Slow"), "--episodes", "100000", "--concurrency", "4", "-o", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 60
        while not (out.exists() and out.stat().st_size > 5000) and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, remarks = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "--resume" in remarks
    assert "Traceback" not in remarks
    assert len(list(read_trajectories(out))) > 3


def test_verify_scores_again_and_tells_what_changed(tmp_path: Path) -> None:
    out, again = tmp_path / "t.jsonl", tmp_path / "again.jsonl"
    envgym("run", "game24", "--policy", "random", "--episodes", 10, "-o", out)
    assert last_json(envgym("verify", out, "--json"))["changed"] == 0
    lines = out.read_text().splitlines()
    forged = json.loads(lines[0])
    forged["verdict"] |= {"outcome": "pass", "score": 1.0}
    out.write_text("\n".join([json.dumps(forged), *lines[1:]]) + "\n")
    done = envgym("verify", out, "--json", "-o", again)
    assert (done.returncode, last_json(done)["changed"], last_json(done)["mean_score"]) == (1, 1, 0.0)
    assert "pass 1.0" in done.stderr
    assert last_json(envgym("verify", again, "--json"))["changed"] == 0


def test_replay_holds_for_what_was_recorded_and_names_the_first_byte_of_drift(world: World, tmp_path: Path) -> None:
    out = tmp_path / "t.jsonl"
    envgym("run", world("Counter"), "--policy", "random", "--scaffold", "react", "--episodes", 6, "-o", out)
    done = envgym("replay", out, "--json")
    assert (done.returncode, last_json(done)) == (0, {"ok": True, "replayed": 6, "skipped": 0, "drift": ""})
    out.write_text(out.read_text().replace("Observation: counter: ", "Observation: Counter: ", 1))
    drifted = envgym("replay", out, "--json")
    assert drifted.returncode == 1
    assert "drifted at messages, byte" in drifted.stderr
    assert "Counter" in last_json(drifted)["drift"]


def test_init_writes_an_environment_that_passes_its_own_test(tmp_path: Path) -> None:
    for kind in ("answer", "tool"):
        assert envgym("init", f"my_{kind}", "--kind", kind, "--dir", tmp_path).returncode == 0
        assert envgym("init", f"my_{kind}", "--dir", tmp_path).returncode == 2
        path = f"{tmp_path}/my_{kind}.py:My{kind.capitalize()}"
        assert last_json(envgym("run", path, "--episodes", 5, "--json"))["mean_score"] == 1.0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, timeout=100, cwd=tmp_path, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert "2 passed" in done.stdout, done.stdout


def test_a_broken_package_of_somebody_else_does_not_stop_the_demo_of_the_others(tmp_path: Path) -> None:
    """Two installed packages: one cannot be imported, one has an environment without an oracle."""
    info = tmp_path / "site" / "others-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[envgym.environments]\nlost = no_such_module:Env\nsilent = silent_env:Silent\n"
    )
    (tmp_path / "site" / "silent_env.py").write_text(
        "from envgym import AnswerEnv, Verdict\n"
        "class Silent(AnswerEnv):\n"
        "    id = 'silent'\n"
        "    def generate(self, rng): return {'public': {'n': rng.random()}}\n"
        "    def begin(self, task): return 'hm'\n"
        "    def grade(self, reply, task): return Verdict.of(0)\n"
    )
    done = envgym("demo", "--episodes", 1, "-o", tmp_path / "demo", "--json", path=tmp_path / "site")
    assert done.returncode == 0, done.stderr
    left_out = last_json(done)["left_out"]
    assert any(each.startswith("lost") and "is the package installed" in each for each in left_out)
    assert any(each.startswith("silent react oracle") and "no oracle" in each for each in left_out)


def test_doctor_says_how_to_get_what_is_missing() -> None:
    parts = last_json(envgym("doctor", "--json"))["parts"]
    assert {"Docker engine", "bubblewrap", "Chromium", "torch", "GPU", "ray"} <= set(parts)
    assert all(part["get"] for part in parts.values())
    assert "envgym" in envgym("doctor").stdout

"""The process that runs bfcl-eval: it may die, hang or be missing, and no episode is scored for it."""

import os
import platform
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envgym import registry
from envgym.doctor import examine
from envgym.environments.bfcl.bfcl_env import Bfcl
from envgym.environments.bfcl.interpreter import VARIABLE, interpreter
from envgym.environments.bfcl.world_process import Died, WorldProcess, Worlds, worlds_of
from envgym.errors import EnvFailure, UsageError
from envgym.message import call

ENVGYM = Path(sys.executable).with_name("envgym")


def kill(worlds: Worlds, how: signal.Signals = signal.SIGKILL) -> None:
    """Sends a signal to the process, which is running."""
    assert worlds.pid is not None
    os.kill(worlds.pid, how)


def test_an_episode_goes_on_when_its_process_is_killed_again_and_again() -> None:
    env = Bfcl()
    env.reset(options={"task": "multi_turn_base_0"})
    for number, action in enumerate(env.oracle()):
        if number % 3 == 0:
            kill(env.worlds)
        reward = env.step(action)[1]
    assert reward == 1.0


def test_a_fork_and_a_snapshot_need_no_process() -> None:
    env = Bfcl()
    env.reset(options={"task": "multi_turn_base_0"})
    env.step(call("cd", folder="document"))
    snapshot, twin = env.snapshot(), env.fork()
    kill(env.worlds)
    seen = env.step(call("ls"))[0]
    kill(env.worlds)
    assert twin.step(call("ls"))[0] == seen
    env.restore(snapshot)
    assert env.step(call("ls"))[0] == seen


def test_a_process_that_hangs_is_replaced(python: str) -> None:
    worlds = worlds_of(python)
    docs = worlds.ask({"op": "docs"})
    hanging = worlds.pid
    kill(worlds, signal.SIGSTOP)
    assert worlds.ask({"op": "docs"}, seconds=3.0) == docs
    assert worlds.pid not in (hanging, None)


def test_a_process_that_dies_again_and_again_is_a_failure_and_no_score(python: str, tmp_path: Path) -> None:
    mark, program = tmp_path / "started", tmp_path / "python"
    program.write_text(f'#!/bin/sh\ntest -e {mark} && kill -KILL $$\ntouch {mark}\nexec {python} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    env = Bfcl(python=str(program))
    env.reset(options={"task": "multi_turn_base_0"})
    env.step(call("ls"))
    kill(env.worlds)
    with pytest.raises(EnvFailure, match="the process that runs bfcl-eval failed"):
        env.step(call("ls"))
    verdict = env.verify()
    assert (verdict.score, verdict.code) == (None, "bfcl.process")
    mark.unlink()
    assert env.step(call("ls"))[4] == {}
    assert env.verify().score == 0.0


def test_what_the_server_cannot_answer_is_a_failure(python: str) -> None:
    with pytest.raises(EnvFailure, match="cannot answer dance: ValueError"):
        worlds_of(python).ask({"op": "dance"})
    world = {"classes": ["GorillaFileSystem"], "config": {}, "long_context": False}
    with pytest.raises(EnvFailure, match="_load_scenario"):
        worlds_of(python).call(world, [], {"name": "_load_scenario", "arguments": {"scenario": {}}})


@pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="system calls are filtered on Linux",
)
def test_the_process_has_no_network_and_starts_nothing(python: str) -> None:
    worlds = worlds_of(python)
    worlds.ask({"op": "docs"})
    status = Path(f"/proc/{worlds.pid}/status").read_text()
    assert "Seccomp:\t2" in status


def test_a_closed_process_is_gone_and_a_question_starts_another(python: str) -> None:
    worlds = Worlds(python)
    worlds.ask({"op": "docs"})
    pid = worlds.pid
    worlds.close()
    worlds.close()
    assert worlds.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid or 0, 0)
    worlds.ask({"op": "docs"})
    worlds.close()


def test_a_process_ends_with_the_one_that_asks() -> None:
    program = "import os, envgym; env = envgym.make('bfcl'); env.reset(seed=0); print(env.worlds.pid, flush=True); os._exit(1)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    pid = int(done.stdout)
    until = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()


def test_a_request_to_a_dead_process_says_how_it_ended(python: str) -> None:
    process = WorldProcess(python)
    process.process.kill()
    process.process.wait()
    with pytest.raises(Died, match="status -9"):
        process.ask({"op": "docs"}, 5.0)


# ---- bfcl-eval is missing


def without() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != VARIABLE}


def test_without_the_package_the_way_to_get_it_is_told_and_all_else_works(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True, timeout=60)
    for named in ({VARIABLE: str(bare / "bin" / "python")}, {VARIABLE: str(tmp_path / "nowhere")}):
        program = "import envgym; envgym.make('bfcl').reset(seed=0)"
        done = subprocess.run(
            [sys.executable, "-c", program], env=without() | named, capture_output=True, text=True, timeout=60
        )
        assert "UsageError" in done.stderr
        assert "pip install --no-deps bfcl-eval mpmath" in done.stderr
    listed = subprocess.run([ENVGYM, "list", "--json"], env=without(), capture_output=True, text=True, timeout=60)
    assert '"id": "bfcl"' in listed.stdout


def test_a_program_that_is_no_python_is_the_callers_mistake(tmp_path: Path) -> None:
    for name in ("/bin/false", str(tmp_path)):
        with pytest.raises(UsageError, match="pip install --no-deps bfcl-eval mpmath"):
            Bfcl(python=name).reset(seed=0)


def test_the_doctor_names_the_python_that_has_it(monkeypatch: pytest.MonkeyPatch, python: str) -> None:
    monkeypatch.setenv(VARIABLE, python)
    assert {part.name: part.found for part in examine()}["bfcl-eval"] == python
    monkeypatch.setenv(VARIABLE, "/nowhere")
    (part,) = [part for part in examine() if part.name == "bfcl-eval"]
    assert part.found == ""
    assert "--no-deps bfcl-eval mpmath" in part.get
    with pytest.raises(UsageError, match="no Python at '/nowhere'"):
        interpreter()


def test_it_is_registered() -> None:
    assert registry.environments.get("bfcl") is Bfcl

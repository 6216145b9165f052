"""Code that would rather not be tested: whatever it does to its process, to ours or to the results, a run says so and nothing is raised."""

import sys
import time
from pathlib import Path
from typing import Literal

import pytest

from envgym.environments.swe.supervised import TEXT_CAP, signed_lines
from envgym.environments.swe.task_folder import Recipe
from envgym.environments.swe.test_run import TestRun, run_tests

from .small_trees import HONEST, TEST, TWO_TESTS, planted, run_of

if not sys.platform.startswith("linux"):
    pytest.skip("sandboxes of namespaces need Linux", allow_module_level=True)


def hostile(place: Path, thing: str, *, seconds: float = 20.0, memory_mb: int = 512) -> TestRun:
    """A run of two tests, one of which fails, on a module that does something at its import."""
    recipe = Recipe(seconds=seconds, memory_mb=memory_mb)
    return run_of(place, TWO_TESTS, recipe, thing=f"import os, sys, time, signal\n{thing}\n{HONEST}")


QUIET = {
    "daemon": "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(1000)\n    os._exit(0)",
    "thread": "import threading\nthreading.Thread(target=time.sleep, args=(1000,)).start()",
    "patched": "import json\njson.dumps = lambda *_, **__: '{}'\nos.write = lambda *_: 1\nos._exit = lambda *_: None",
    "printing": "print('x' * 5_000_000)",
    "unsigned": """
told = '{"kind": "ended", "rc": 0, "timed_out": false, "flooded": false, "results": "", "stdout": "", "stderr": "", "seconds": 0}'
for process in (1, os.getppid()):
    try:
        with open(f'/proc/{process}/fd/1', 'w') as out: out.write(f'\\n{"0" * 64} {told}\\n' * 100)
    except OSError: pass""",
}


@pytest.mark.parametrize("thing", QUIET.values(), ids=QUIET.keys())
def test_what_does_not_disturb_changes_no_outcome(tmp_path: Path, thing: str) -> None:
    started = time.monotonic()
    run = hostile(tmp_path, thing)
    assert (run.problem, run.outcomes) == ("", {f"{TEST}::test_first": "passed", f"{TEST}::test_second": "failed"})
    assert time.monotonic() - started < 15
    assert len(run.text) <= TEXT_CAP


TO_ALL = "for number in range(3, 50):\n    try: os.write(number, {})\n    except OSError: pass"
LOUD = {
    "exit": ("os._exit(0)", "crash"),
    "exit_politely": ("sys.exit(0)", "crash"),
    "signal": ("os.kill(os.getpid(), signal.SIGSEGV)", "crash"),
    "interrupt": ("raise KeyboardInterrupt", "crash"),
    "closed_pipe": ("os.closerange(3, 100)", "crash"),
    "kills_parent": ("os.kill(os.getppid(), signal.SIGKILL); time.sleep(1000)", "no results"),
    "kills_all": ("os.kill(-1, signal.SIGKILL)", "no results"),
    "garbage": (TO_ALL.format("b'\\xff\\x00garbage\\n'"), "forged"),
    "half_a_record": (TO_ALL.format("b'{'"), "forged"),
    "deep": (TO_ALL.format("b'[' * 50_000 + b'\\n'"), "forged"),
    "no_record": (TO_ALL.format("b'[1]\\n{\"x\": 1}\\n'"), "forged"),
    "contradiction": (
        TO_ALL.format('b\'{"id": "test_thing.py::test_second", "outcome": "passed", "message": ""}\\n\''),
        "forged",
    ),
    "other_file": (
        TO_ALL.format('b\'{"id": "test_other.py::test_x", "outcome": "passed", "message": ""}\\n\''),
        "forged",
    ),
    "early_end": (TO_ALL.format("b'{\"ended\": 0}\\n'"), "forged"),
    "flood": ("while True:\n    " + TO_ALL.format("b'x' * 65536").replace("\n", "\n    "), "forged"),
}


@pytest.mark.parametrize(("thing", "problem"), LOUD.values(), ids=LOUD.keys())
def test_what_disturbs_gives_a_problem_and_no_outcomes(tmp_path: Path, thing: str, problem: str) -> None:
    run = hostile(tmp_path, thing)
    assert (run.problem, run.outcomes) == (problem, {})
    assert len(run.text) <= TEXT_CAP


@pytest.mark.parametrize(
    "thing",
    [
        "time.sleep(1000)",
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); os.closerange(0, 100); time.sleep(1000)",
    ],
    ids=["sleeping", "deaf"],
)
def test_what_does_not_end_is_ended(tmp_path: Path, thing: str) -> None:
    run = hostile(tmp_path, thing, seconds=2)
    assert (run.problem, run.outcomes) == ("timeout", {})
    assert run.seconds < 15  # ended by the supervisor, not with the sandbox


@pytest.mark.parametrize("driver", ["pytest", "plain"])
def test_output_without_end_ends(tmp_path: Path, driver: Literal["pytest", "plain"]) -> None:
    thing = "import os\nwhile True: os.write(1, b'x' * 65536)\n"
    tree = planted(tmp_path, {TEST: TWO_TESTS, "thing.py": thing})
    run = run_tests(tree, [TEST], Recipe(seconds=2, memory_mb=512), driver=driver)
    assert run.problem in (
        "timeout",
        "crash",
        "collection",
    )  # pytest keeps output in a file, until memory or disk is full
    assert run.outcomes == {}
    assert len(run.text) <= TEXT_CAP


def test_what_was_reported_before_time_ran_out_stays(tmp_path: Path) -> None:
    run = run_of(tmp_path, "import time\ndef test_a(): pass\ndef test_b(): time.sleep(1000)\n", Recipe(seconds=6))
    assert (run.problem, run.outcomes) == ("timeout", {f"{TEST}::test_a": "passed"})


def test_memory_that_runs_out_is_the_tests_problem(tmp_path: Path) -> None:
    run = hostile(tmp_path, "kept = []\nwhile True: kept.append(bytearray(1 << 20))", memory_mb=128)
    assert run.problem in ("crash", "no results", "collection")  # with limits per process it is a MemoryError
    assert run.outcomes == {}
    assert "emory" in run.text


def test_processes_without_end_are_ended(tmp_path: Path) -> None:
    run = hostile(tmp_path, "while True:\n    try: os.fork()\n    except OSError: time.sleep(0.1)", seconds=2)
    assert run.problem
    assert run.outcomes == {}


SPY = r"""
import os, re, pytest
PARENT = os.getppid()
@pytest.mark.parametrize("what", ["mem", "environ", "maps", "fd", "cwd", "stack"])
def test_the_supervisor_cannot_be_looked_into(what):
    path = f"/proc/{PARENT}/{what}"
    with pytest.raises(OSError):
        if what == "cwd": os.readlink(path)
        elif what == "fd": [open(f"{path}/{name}", "rb") for name in os.listdir(path)]
        else: open(path, "rb").read(1)
def test_it_cannot_be_traced():
    import ctypes
    assert ctypes.CDLL(None).ptrace(16, PARENT, 0, 0) == -1
def test_no_key_lies_around():
    seen = [str(dict(os.environ))]
    for process in filter(str.isdigit, os.listdir("/proc")):
        for what in ("cmdline", "environ"):
            try: seen.append(open(f"/proc/{process}/{what}", errors="replace").read())
            except OSError: pass
    assert len(seen) > 3
    assert not re.search("[0-9a-f]{64}", " ".join(seen))
"""


def test_the_key_is_out_of_reach(tmp_path: Path) -> None:
    run = run_of(tmp_path, SPY)
    assert set(run.outcomes.values()) == {"passed"}, run.text
    assert len(run.outcomes) == 8


def test_a_line_is_believed_for_its_signature_only() -> None:
    assert list(signed_lines(b"\n" + b"0" * 64 + b' {"kind": "ended"}\n', b"key")) == []

"""Programs that are right, wrong and hostile, all really run."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.verdict import Outcome, Verdict
from envgym.verifiers.code_tests import code_tests, last_program, same
from envgym.verifiers.code_tests_process import Limits, attempt
from envgym.verifiers.code_tests_sleep import SleepClock, most_memory_mb, running_s

FAST = Limits(cpu_s=1, asleep_s=1.0, wall_s=8.0, memory_mb=256)
PLUS = [{"call": "plus", "args": [2, 3], "want": 5}]
ECHO = [{"stdin": "3\nab\n", "stdout": "ab\nab\nab"}]
RIGHT = "def plus(a, b):\n    return a + b"


def has_confinement() -> bool:
    return attempt("", {}, "", FAST).end != "not_confined"


pytestmark = pytest.mark.skipif(
    not has_confinement(), reason="the kernel refuses namespaces; run as root or allow unprivileged user namespaces"
)


def graded(program: str, gold: Any, **options: Any) -> Verdict:
    return code_tests(f"Here:\n```python\n{program}\n```\n", gold, **{"limits": FAST, **options})


def test_a_right_function_and_a_right_program_pass() -> None:
    assert graded(RIGHT, PLUS).passed
    assert graded("n = int(input())\ns = input()\nfor _ in range(n): print(s + '  ')", ECHO).passed
    assert graded(
        "def f(*, x): return (x, {1: None})", [{"call": "f", "kwargs": {"x": 1}, "want": [1, {"1": None}]}]
    ).passed
    assert graded("import sys\nprint('ok')\nsys.exit()", [{"stdout": "ok"}]).passed
    assert graded("import os\nos.write(1, b'ok')\nos._exit(0)", [{"stdout": "ok"}]).passed


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("def plus(a, b): return a - b", "wrong_value"),
        ("def plus(a, b): return '5'", "wrong_value"),
        ("def plus(a, b): return a + b == 5", "wrong_value"),
        ("def plus(a, b): return {a + b}", "not_json"),
        ("def plus(a, b): return 10 ** 5000", "not_json"),
        ("def plus(a, b): 1 / 0", "raised"),
        ("def plus(a): return 5", "raised"),
        ("def minus(a, b): return 5", "missing"),
        ("plus = 5", "missing"),
        ("def plus(a, b) return", "raised"),
        ("\ud800", "raised"),
        ("x = '\0'", "raised"),
        ("def plus(a, b):\n    x = []\n    x.append(x)\n    return x", "not_json"),
        ("if __name__ == '__main__':\n    def plus(a, b): return 5", "missing"),
    ],
)
def test_a_wrong_function_fails_and_is_told_why(program: str, code: str) -> None:
    verdict = graded(program, PLUS)
    assert (verdict.outcome, verdict.code) == (Outcome.FAIL, f"code_tests.{code}")


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("print('ab')", "wrong_output"),
        ("print('ab\\nab\\nab')\nraise SystemExit(3)", "exit_status"),
        ("print('ab\\nab\\nab')\n1 / 0", "raised"),
        ("print('ab\\n\\nab\\nab')", "wrong_output"),
        ("import os\nos._exit(0)", "wrong_output"),
        ("import os\nprint('ab\\nab\\nab', flush=True)\nos._exit(7)", "no_result"),
    ],
)
def test_a_wrong_program_fails_and_is_told_why(program: str, code: str) -> None:
    verdict = graded(program, ECHO)
    assert (verdict.outcome, verdict.code) == (Outcome.FAIL, f"code_tests.{code}")


FORGE = """
import os, sys, json
frame = sys._getframe()
while frame.f_back: frame = frame.f_back
{what}
"""


@pytest.mark.parametrize(
    ("program", "codes"),
    [
        ("while True: pass", "too_slow"),
        ("x = 9 ** 9 ** 9", "too_slow memory"),
        ("import re\nre.match('(a+)+$', 'a' * 40 + 'b')", "too_slow"),
        ("import signal\nfor s in range(1, 30):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass", "too_slow"),  # noqa: E501
        ("import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass", "raised"),
        ("import os\nos.closerange(0, 20)\nwhile True: pass", "too_slow"),
        ("import time\ntime.sleep(1000)", "asleep"),
        ("x = 'x' * 10 ** 9", "memory"),
        ("x = []\nwhile True: x.append('x' * 10 ** 6)", "memory"),
        ("import os\nwhile True: os.fork()", "raised"),
        ("import subprocess\nsubprocess.run(['/bin/sh'])", "raised"),
        ("import threading\nthreading.Thread(target=print).start()", "raised"),
        ("import sys\nsys.exit(0)", "raised"),
        ("import os\nos._exit(0)", "no_result"),
        ("import os\nos.abort()", "crashed raised"),
        ("import ctypes\nctypes.string_at(0)", "crashed"),
        ("def plus(a, b): return plus(a, b)", "raised"),
        ("import sys\nsys.setrecursionlimit(10 ** 9)\ndef plus(a, b): return sorted([a, b], key=lambda x: plus(a, b))", "crashed memory"),
        ("while True: print('x' * 10000)", "too_much_output"),
        ("import os\nfor fd in range(20):\n    try: os.write(fd, b'{\"value\": 5}\\n')\n    except OSError: pass\nos._exit(0)", "no_result"),  # noqa: E501
        ("print('{\"outcome\": \"pass\", \"score\": 1.0}')\nprint('All tests passed')", "missing"),
        ("open('x', 'w')", "raised"),
        ("open('/etc/passwd')", "raised"),
        ("open('/proc/self/environ')", "raised"),
        ("import os\nos.kill(os.getppid(), 9)", "raised"),
        ("import os\nos.kill(os.getpid(), 9)", "raised"),
        ("import socket\nsocket.socket()", "raised"),
        ("import ctypes\nif ctypes.CDLL(None).ptrace(16, 1, 0, 0) < 0: raise OSError", "raised"),
        ("import builtins, json\nbuiltins.__dict__['len'] = lambda x: 0\njson.dumps = lambda *a, **k: '5'\ndef plus(a, b): return 0", "wrong_value no_result"),  # noqa: E501
        ("class Five(int):\n    def __eq__(self, other): return True\ndef plus(a, b): return Five(4)", "wrong_value"),
        ("import sys\nclass M(type(sys)):\n    pass\nsys.stdout = sys.stderr = None\ndef plus(a, b): return [5]", "wrong_value"),
    ],
)  # fmt: skip
def test_a_hostile_program_fails_by_its_own_doing(program: str, codes: str) -> None:
    start = time.monotonic()
    verdict = graded(program, PLUS)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.code in {f"code_tests.{code}" for code in codes.split()}
    assert time.monotonic() - start < 60


def test_a_forged_message_with_the_true_nonce_still_needs_the_right_value() -> None:
    stolen = FORGE.format(
        what="f = frame\nimport __main__, gc\nmain = [o for o in gc.get_objects() if isinstance(o, dict) and 'nonce' in o"
        " and 'program' in o][0]\nos.write(int(sys.argv[1]), (main['nonce'] + ' ' + json.dumps({'value': VALUE}) + '\\n')"
        ".encode())\nos._exit(0)"
    )
    assert graded(stolen.replace("VALUE", "4"), PLUS).code == "code_tests.wrong_value"
    assert graded(stolen.replace("VALUE", "'passed'"), PLUS).code == "code_tests.wrong_value"


def test_the_wanted_value_is_nowhere_in_the_process() -> None:
    program = (
        "import gc\ndef look(): return any('s3cret' in repr(o) for o in gc.get_objects() if type(o) in (dict, list))"
    )
    verdict = graded(program, [{"call": "look", "want": "s3" + "cret"}])
    assert verdict.code == "code_tests.wrong_value"
    program = "import sys\ndef look(): return 's3' + 'cret' in repr(sys._getframe(2).f_locals)"
    assert graded(program, [{"call": "look", "want": False, "args": []}]).passed


def test_a_program_sees_an_empty_world() -> None:
    program = (
        "import os, socket\ndef look():\n    return [sorted(os.listdir('.')), dict(os.environ), os.path.exists('/etc/passwd'),"
        " os.path.exists('/tmp'), os.path.exists('/proc'), os.getuid() == 0]"
    )
    verdict = graded(program, [{"call": "look", "want": [[], {}, False, False, False, False]}])
    assert verdict.passed, verdict


def test_a_program_runs_the_same_way_each_time() -> None:
    runs = [attempt("print({'a', 'b', 'c', 'd'}, hash('a'))", {}, "", FAST).stdout for _ in range(3)]
    assert len(set(runs)) == 1


def test_a_server_of_this_machine_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = (
            f"import socket\ndef plus(a, b):\n    socket.create_connection(('127.0.0.1', {port}), 1)\n    return 5"
        )
        assert graded(program, PLUS).code == "code_tests.raised"
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()


def children() -> set[str]:
    """The processes that this one has started, dead ones that nobody waited for included."""
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that ended meanwhile
            found.update((task / "children").read_text().split())
    return found


@contextmanager
def killer(memory_mb: float) -> Iterator[list[int]]:
    """Kills each process that this one starts meanwhile, once it holds that much memory and has run 1.1 s: as the kernel does it."""
    killed: list[int] = []
    over, before = threading.Event(), children()

    def kill() -> None:
        while not over.wait(0.02):
            for pid in map(int, children() - before):
                if most_memory_mb(pid) >= memory_mb and running_s(pid) >= 1.1 and pid not in killed:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


LONGER = Limits(cpu_s=5, memory_mb=256)


def test_killed_twice_with_much_memory_is_killed_for_its_memory() -> None:
    with killer(150.0) as killed:
        verdict = graded("x = bytearray(b'x') * (180 << 20)\nwhile True: pass", PLUS, limits=LONGER)
    assert len(killed) == 2
    assert (verdict.outcome, verdict.code) == (Outcome.FAIL, "code_tests.memory")


def test_killed_twice_with_little_memory_is_an_outage() -> None:
    with killer(1.0) as killed:
        verdict = graded("while True: pass", PLUS, limits=LONGER)
    assert len(killed) == 2
    assert (verdict.outcome, verdict.code) == (Outcome.INFRA_ERROR, "code_tests.killed")


SLEEPERS = [
    "import time\ntime.sleep(1000)",
    "import time\ndef plus(a, b):\n    while True: time.sleep(0.03)",
    "import time\nwhile True:\n    print('x', flush=True)\n    time.sleep(0.05)",
    "import os, time\nos.closerange(0, 20)\nwhile True: time.sleep(1)",
]


@pytest.mark.parametrize("program", SLEEPERS)
def test_a_program_that_sleeps_fails_at_the_first_test_and_is_not_run_again(program: str) -> None:
    starts: list[str] = []
    with counted(starts):
        verdict = graded(program, PLUS * 3, mode="soft")
    assert verdict.parts["tests"].evidence[0].data["ends"] == ["asleep", "not_run", "not_run"]
    assert len(starts) == 1


@contextmanager
def counted(starts: list[str]) -> Iterator[None]:
    """Notes every process that this one starts meanwhile."""
    over, before = threading.Event(), children()

    def count() -> None:
        while not over.wait(0.02):
            starts.extend(sorted(children() - before - set(starts)))

    thread = threading.Thread(target=count)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_sleep_is_counted_over_all_tests_of_a_verdict() -> None:
    program = "import time\ndef plus(a, b):\n    time.sleep(0.7)\n    return a + b"
    verdict = graded(program, PLUS * 4, mode="soft")
    assert verdict.parts["tests"].evidence[0].data["ends"] == ["passed", "asleep", "not_run", "not_run"]
    assert graded(program, PLUS).passed


def test_a_program_that_waits_for_a_processor_or_is_stopped_does_not_sleep() -> None:
    assert attempt("x = 0\nfor n in range(10 ** 7): x += n", {}, "", LONGER).slept_s < 0.5
    stopped = threading.Event()

    def stop() -> None:
        while not stopped.wait(0.02):
            for pid in map(int, children()):
                if running_s(pid) > 0.3:
                    os.kill(pid, signal.SIGSTOP)

    thread = threading.Thread(target=stop)
    thread.start()
    try:
        ran = attempt("while True: pass", {}, "", Limits(cpu_s=2, asleep_s=1.0, wall_s=4.0))
    finally:
        stopped.set()
        thread.join()
    assert (ran.end, ran.slept_s) == ("stalled", 0.0)


def test_a_program_whose_output_nobody_reads_does_not_sleep() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "import os\nwhile True: os.write(1, b'x' * 4096)"], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    with child, child.stdout as output:
        try:
            clock, taken = SleepClock(child.pid), 0
            for _ in range(5):
                time.sleep(0.2)
                taken += len(os.read(output.fileno(), 65536))
                assert clock.look(taken) == 0.0
            for _ in range(30):
                time.sleep(0.2)
                if clock.look(taken) > 0.5:
                    break
            assert clock.slept_s > 0.5
        finally:
            child.kill()


SOLUTION = "class Solution:\n    def __init__(self):\n        self.calls = 0\n    def twoSum(self, a, b):\n        self.calls += 1\n        return [a + b, self.calls]"  # noqa: E501


@pytest.mark.parametrize("call", ["twoSum", "Solution.twoSum"])
def test_a_method_of_a_class_is_called_on_a_new_object(call: str) -> None:
    assert graded(SOLUTION, [{"call": call, "args": [2, 3], "want": [5, 1]}] * 2).passed
    assert graded(SOLUTION, [{"call": call, "args": [2, 3], "want": [6, 1]}]).code == "code_tests.wrong_value"


def test_only_a_method_that_is_there_is_called() -> None:
    test = {"args": [2, 3], "want": [5, 1]}
    assert graded(SOLUTION, [{"call": "threeSum", **test}]).code == "code_tests.missing"
    assert graded(SOLUTION, [{"call": "Other.twoSum", **test}]).code == "code_tests.missing"
    assert graded("Solution = 5", [{"call": "Solution.twoSum", **test}]).code == "code_tests.missing"
    assert graded(SOLUTION + "\ndef twoSum(a, b): return [5, 1]", [{"call": "twoSum", **test}]).passed
    needs_more = "class Solution:\n    def __init__(self, x): pass\n    def twoSum(self, a, b): return [5, 1]"
    assert graded(needs_more, [{"call": "twoSum", **test}]).code == "code_tests.raised"


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before, had = len(os.listdir("/proc/self/fd")), children()
    for program in (RIGHT, "while True: pass", "import os\nos._exit(1)", "while True: print('x' * 9999)"):
        graded(program, PLUS)
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == before
    assert children() <= had


TIERS = [
    {"name": "easy", "weight": 1, "tests": [{"call": "f", "args": [1], "want": 1}]},
    {"name": "middle", "weight": 1, "tests": [{"call": "f", "args": [n], "want": n} for n in (2, 3)]},
    {"name": "hard", "weight": 2, "tests": [{"call": "f", "args": [4], "want": 4}]},
]


@pytest.mark.parametrize(
    ("right", "score_all", "strict", "soft"),
    [
        ([1, 2, 3, 4], 1, 1, 1),
        ([1, 2, 4], 0, 0.25, 0.875),
        ([2, 3, 4], 0, 0, 0.75),
        ([1, 2, 3], 0, 0.5, 0.5),
        ([], 0, 0, 0),
    ],
)
def test_each_mode_counts_tiers_in_its_way(right: list[int], score_all: float, strict: float, soft: float) -> None:
    program = f"def f(n): return n if n in {right} else None"
    assert [graded(program, TIERS, mode=mode).score for mode in ("all", "strict", "soft")] == [score_all, strict, soft]


def test_a_tier_says_how_many_of_its_tests_pass() -> None:
    parts = graded("def f(n): return n if n != 3 else 0", TIERS, mode="soft").parts
    assert {name: part.evidence[0].text for name, part in parts.items()} == {
        "easy": "1/1",
        "middle": "1/2",
        "hard": "1/1",
    }
    assert parts["middle"].code == "code_tests.wrong_value"


def test_a_loop_without_end_is_not_paid_for_in_every_test() -> None:
    gold = [{"call": "f", "args": [n], "want": n} for n in range(50)]
    start = time.monotonic()
    verdict = graded("def f(n):\n    while True: pass", gold, mode="soft")
    assert verdict.parts["tests"].evidence[0].data["ends"][:3] == ["too_slow", "too_slow", "not_run"]
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    "gold",
    [None, [], 5, "x", [5], [{}], [{"call": "f"}], [{"call": "f()", "want": 1}],
     [{"call": "a.b.c", "want": 1}], [{"name": "a", "tests": []}], [{"call": "f", "want": {1}}],
     [{"name": "a", "weight": 0, "tests": PLUS}], [{"name": "a", "tests": PLUS}] * 2, [{"call": "f", "want": float("nan")}]],
)  # fmt: skip
def test_a_gold_that_is_no_tests_makes_the_task_invalid(gold: Any) -> None:
    assert graded(RIGHT, gold).outcome is Outcome.TASK_INVALID


@pytest.mark.parametrize("options", [{"mode": "any"}, {"rel_tol": -1}, {"rel_tol": float("nan")}])
def test_a_wrong_option_is_told(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="expected"):
        graded(RIGHT, PLUS, **options)
    with pytest.raises(UsageError, match="expected"):
        Limits(cpu_s=5, wall_s=3)


@pytest.mark.parametrize(
    "limits",
    [5, "fast", None, [], {"cpu": 1}, {"cpu_s": "2"}, {"cpu_s": 1.5}, {"memory_mb": 64.5}, {"wall_s": float("nan")},
     {"asleep_s": 0}, {"wall_s": None}],
)  # fmt: skip
def test_limits_that_are_none_are_told(limits: Any) -> None:
    with pytest.raises(UsageError, match="expected"):
        graded(RIGHT, PLUS, limits=limits)


def test_limits_may_be_a_mapping() -> None:
    assert graded(RIGHT, PLUS, limits={"cpu_s": 1, "wall_s": 8.0}).passed
    assert (
        graded("while True: print('x' * 99)", PLUS, limits={"output_bytes": 1000}).code == "code_tests.too_much_output"
    )


def test_a_machine_that_cannot_start_a_process_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    verdict = graded(RIGHT, PLUS)
    assert (verdict.outcome, verdict.code) == (Outcome.INFRA_ERROR, "code_tests.not_started")


@pytest.mark.parametrize(
    ("reply", "program"),
    [
        ("```python\na\n```", "a\n"),
        ("```\na\n```", "a\n"),
        ("~~~py\na\n~~~", "a\n"),
        ("```python\na\n```\nor\n```python\nb\n```\n", "b\n"),
        ("```python\na\n```\nprints\n```text\n5\n```", "a\n"),
        ("````python\n```\n````", "```\n"),
        ("```python\na", None),
        ("a = 5", None),
        ("", None),
        ("```python\n```", None),
        ("<think>```python\na\n```", None),
        ("<think>\n```python\na\n```\n</think>\n```python\nb\n```", "b\n"),
        ("```rust\na\n```", None),
    ],
)
def test_the_program_is_the_last_closed_block_of_python(reply: str, program: str | None) -> None:
    assert last_program(reply) == program
    if program is None:
        assert code_tests(reply, PLUS).code == "code_tests.no_code"


@pytest.mark.parametrize("piece", ["`", "```", "```a", "```\n", "~", "```python\n", " ", "\t", "a` "])
def test_a_megabyte_of_one_piece_costs_less_than_two_seconds(piece: str) -> None:
    start = time.process_time()
    last_program(piece * (1_000_000 // len(piece)) + "`")
    assert time.process_time() - start < 2.0


def test_a_program_or_reply_that_is_too_long_is_not_run() -> None:
    assert graded("#" * 200_000, PLUS).code == "code_tests.too_long"
    assert graded("#" * 3_000_000, PLUS).code == "code_tests.no_code"


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))  # fmt: skip


@given(JSON, JSON)
def test_values_are_the_same_when_their_json_is(one: Any, two: Any) -> None:
    assert same(json.loads(json.dumps(one)), one)
    assert same([one], [two]) == same(one, two)
    if type(one) is not type(two) and not {type(one), type(two)} <= {int, float}:
        assert not same(one, two)


def test_numbers_are_compared_by_value_and_truth_is_no_number() -> None:
    assert same(1.0, 1)
    assert same(0.1 + 0.2, 0.3, 1e-9)
    assert not same(0.1 + 0.2, 0.3)
    assert not same(True, 1)
    assert not same(1, True)
    assert not same(10**400, 1.5, 0.1)


@settings(deadline=None, max_examples=8)
@given(st.text(max_size=80))
def test_any_text_in_a_block_gets_a_score(text: str) -> None:
    assert graded(text, PLUS).score == 0.0

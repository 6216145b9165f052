"""Many at once, and what is left when commands, sandboxes and processes end: nothing."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from envgym.errors import EnvFailure, UsageError
from envgym.sandbox import DockerSandbox, LayerStore, Limits, NamespaceSandbox, Sandbox, SandboxFailure, SandboxSpec
from envgym.sandbox.namespace_sandbox import SUPPLY

Make = Callable[..., Sandbox]
MESS = (
    "rm -r src; echo changed > run.sh; chmod 600 run.sh; ln -sf /etc/passwd link; "
    "echo new > new; echo t > /tmp/t; mkdir -p a/b; touch a/b/c"
)


def running(marker: str) -> list[str]:
    """Command lines on this machine that hold a marker."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = place.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in line:
            found.append(line)
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def marker() -> str:
    """Seconds to sleep that nobody else sleeps."""
    return f"98{uuid.uuid4().int % 10**9}"


def test_time_is_up_for_the_whole_tree(sandbox: Sandbox) -> None:
    mark = marker()
    started = time.monotonic()
    done = sandbox.exec(f"setsid sh -c 'sleep {mark} & sleep {mark}' & sleep {mark}", timeout_s=0.5)
    assert done.timed_out
    assert done.rc == 137
    assert time.monotonic() - started < 10
    wait_until(lambda: not running(mark))


def test_a_daemon_does_not_outlive_its_command(sandbox: Sandbox) -> None:
    mark = marker()
    daemon = f"(setsid sh -c 'sleep {mark} & sleep {mark}' </dev/null >/dev/null 2>&1 &); echo started"
    assert sandbox.exec(daemon).stdout == b"started\n"
    wait_until(lambda: not running(mark))


def test_a_daemon_that_holds_the_output_open_does_not_hold_the_call(sandbox: Sandbox) -> None:
    started = time.monotonic()
    assert sandbox.exec(f"sleep {marker()} & echo done").stdout == b"done\n"
    assert time.monotonic() - started < 20


def test_many_resets_leave_nothing_behind(make: Make, tree: Path) -> None:
    sandbox = make(tree=tree)
    sandbox.reset()
    descriptors = open_descriptors()
    for number in range(200 if isinstance(sandbox, NamespaceSandbox) else 10):
        if number % 20 == 0:
            sandbox.exec(MESS)
        sandbox.reset()
    assert sandbox.diff() == []
    assert open_descriptors() <= descriptors


def test_thirty_two_sandboxes_at_once(make: Make, tree: Path) -> None:
    sandboxes = [make(tree=tree, limits=Limits(memory_mb=64)) for _ in range(32)]
    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(lambda pair: pair[1].exec(f"echo {pair[0]} > mine; cat mine"), enumerate(sandboxes)))
        assert [(done.rc, done.stdout) for done in made] == [(0, b"%d\n" % number) for number in range(32)]
        assert list(threads.map(lambda one: one.read("mine"), sandboxes)) == [b"%d\n" % number for number in range(32)]


def test_many_threads_may_make_and_close_sandboxes_at_once(make: Make, tree: Path) -> None:
    def one(number: int) -> bytes:
        with make(tree=tree, limits=Limits(memory_mb=64)) as sandbox:
            return sandbox.exec(f"echo {number} > mine; cat mine").stdout

    make(tree=tree).close()
    before, descriptors = traces(), open_descriptors()
    with ThreadPoolExecutor(32) as threads:
        assert list(threads.map(one, range(32))) == [b"%d\n" % number for number in range(32)]
    assert traces() == before
    assert open_descriptors() <= descriptors + 64 * isinstance(make(tree=tree), DockerSandbox)


def test_commands_of_one_sandbox_may_run_at_once(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(8) as threads:
        outputs = list(threads.map(lambda number: sandbox.exec(f"sleep 0.05; echo {number}").stdout, range(24)))
    assert outputs == [b"%d\n" % number for number in range(24)]


def test_after_close_nothing_is_left(make: Make, tree: Path) -> None:
    make(tree=tree).close()  # what is there once per process from the first sandbox on
    before, descriptors = traces(), open_descriptors()
    mark = marker()
    sandbox = make(tree=tree)
    sandbox.exec(MESS)
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(sandbox.exec, f"sleep {mark}")
        wait_until(lambda: bool(running(mark)))
        sandbox.close()
        with pytest.raises(EnvFailure):
            call.result(20)
    sandbox.close()
    assert not running(mark)
    assert traces() == before
    kept = 0 if isinstance(sandbox, NamespaceSandbox) else 16  # connections that the docker package keeps for later
    assert open_descriptors() <= descriptors + kept
    with pytest.raises(UsageError, match="closed"):
        sandbox.exec("true")


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def traces() -> tuple[object, ...]:
    """Folders, groups, children and mounts of this process that there are now."""
    ours = f"envgym-sandbox-{os.getpid()}-*"
    groups = [path for name in ("memory", "pids", ".") for path in Path("/sys/fs/cgroup", name).glob(ours)]
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if "envgym-sandbox" in line]
    return sorted(Path(tempfile.gettempdir()).glob(ours)), len(groups), len(children), mounts


KILLED = """
from envgym.sandbox import NamespaceSandbox
from envgym.sandbox.namespace_sandbox import SUPPLY
sandbox = NamespaceSandbox()
print(sandbox._holder.place, sandbox._holder._number, SUPPLY._keeper._process.pid, flush=True)
sandbox.exec("sleep MARK")
"""


def test_a_process_that_is_killed_leaves_no_mount_and_no_process() -> None:
    mark = marker()
    command = [sys.executable, "-c", KILLED.replace("MARK", mark)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        place, *numbers = killed.stdout.readline().split()
        wait_until(lambda: len(running(f"sleep {mark}")) > 2)
        assert all(map(is_alive, numbers))
        killed.kill()
    wait_until(lambda: not running(mark) and not any(map(is_alive, numbers)))
    code = "from envgym.sandbox import NamespaceSandbox\nNamespaceSandbox().close()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert not os.path.exists(place), "the next process sweeps up"


def is_alive(process: int | str) -> bool:
    """Whether a process runs: one that ended but was not waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


# ---- what the processes behind a NamespaceSandbox do when one of them is killed


@pytest.fixture
def held(tmp_path: Path) -> Iterator[NamespaceSandbox]:
    try:
        sandbox = NamespaceSandbox(store=LayerStore(tmp_path / "layers"))
    except UsageError as missing:
        pytest.skip(str(missing))
    with sandbox:
        yield sandbox


def spawner_of(sandbox: NamespaceSandbox) -> int:
    holder = sandbox._holder._number
    return int(Path(f"/proc/{holder}/task/{holder}/children").read_text().split()[0])


def test_commands_go_on_when_the_process_that_starts_them_was_killed(held: NamespaceSandbox) -> None:
    held.write("kept", "as it was")
    for _ in range(3):
        killed = spawner_of(held)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda killed=killed: not is_alive(killed))  # type: ignore[misc]
        assert held.exec("cat kept; id -u").stdout == b"as it was1000\n"


def test_a_command_dies_with_the_process_that_started_it(held: NamespaceSandbox) -> None:
    mark = marker()
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(held.exec, f"sleep {mark}")
        wait_until(lambda: len(running(mark)) > 2)
        os.kill(spawner_of(held), signal.SIGKILL)
        with pytest.raises(SandboxFailure):
            call.result(20)
    wait_until(lambda: not running(mark))


def test_a_sandbox_whose_first_process_is_killed_is_a_failure(held: NamespaceSandbox) -> None:
    os.kill(held._holder._number, signal.SIGKILL)
    with pytest.raises(SandboxFailure):
        held.exec("true")
    with pytest.raises(SandboxFailure):
        held.reset()
    with pytest.raises(SandboxFailure):
        held.snapshot()


def test_a_keeper_that_was_killed_is_replaced(held: NamespaceSandbox) -> None:
    keeper = SUPPLY._keeper
    assert keeper is not None
    keeper._process.kill()
    keeper._process.wait()
    assert held.exec("echo alive").stdout == b"alive\n"
    for _ in range(3):
        with NamespaceSandbox(store=held.store) as other:
            assert other.exec("echo up").stdout == b"up\n"
    assert held.exec("echo still").stdout == b"still\n"


def test_reset_ends_a_command_that_still_runs(held: NamespaceSandbox) -> None:
    mark = marker()
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(held.exec, f"sleep {mark}")
        wait_until(lambda: len(running(mark)) > 2)
        held.reset()
        with pytest.raises(SandboxFailure):
            call.result(20)
    assert held.exec("echo alive").stdout == b"alive\n"


def test_the_smallest_limits_leave_room_for_a_command(tmp_path: Path) -> None:
    limits = Limits(memory_mb=16, processes=4)
    with NamespaceSandbox(SandboxSpec(limits=limits), store=LayerStore(tmp_path / "layers")) as sandbox:
        if sandbox.capabilities["memory"].startswith("control groups"):
            assert sandbox.exec("echo $((6 * 7))").stdout == b"42\n"


def test_a_long_command_line_is_no_trouble(held: NamespaceSandbox) -> None:
    words = ["x" * 100_000] * 10
    assert held.exec(["/bin/sh", "-c", "echo $#", "sh", *words]).stdout == b"10\n"


FORKED = """
import os
from envgym.errors import UsageError
from envgym.sandbox import NamespaceSandbox
parents = NamespaceSandbox()
parents.write("x", "of the parent")
child = os.fork()
if child == 0:
    try:
        parents.exec("rm x")
    except UsageError:
        with NamespaceSandbox() as own:
            rc = own.exec("test ! -e x").rc
        os._exit(rc)
    os._exit(9)
assert os.waitpid(child, 0)[1] == 0
assert parents.read("x") == b"of the parent"
assert NamespaceSandbox().exec("true").rc == 0
"""


def test_a_forked_child_has_sandboxes_of_its_own_and_leaves_its_parents_alone() -> None:
    subprocess.run([sys.executable, "-c", FORKED], check=True, timeout=60)

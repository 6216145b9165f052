"""Worker processes: what they answer, how they die, and that nothing of them is left."""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from envgym.verifiers.worker import Budget, CallRaised, OverBudget, WorkerDied, WorkerPool

MakePool = Callable[..., WorkerPool]


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    with contextlib.ExitStack() as stack:

        def make(target: str, size: int = 2, **budget: float) -> WorkerPool:
            pool = WorkerPool(target, size=size, budget=Budget(**budget))  # type: ignore[arg-type]
            stack.callback(pool.close)
            return pool

        yield make


def is_alive(pid: int) -> bool:
    """Whether a process is there, as a zombie or not."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def is_running(pid: int) -> bool:
    """Like is_alive, but a zombie is dead: an orphan waits for a reaper that a container may not have."""
    ps = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return ps.stdout.strip()[:1] not in ("", "Z")


def wait_for(condition: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def test_a_pool_starts_nothing_before_its_first_call(make_pool: MakePool) -> None:
    pool = make_pool("operator:add")
    assert pool.pids() == []
    assert pool.call(1, 2) == 3
    assert len(pool.pids()) == 1


def test_a_worker_is_used_again(make_pool: MakePool) -> None:
    pool = make_pool("os:getpid")
    assert pool.call() == pool.call() == pool.pids()[0]


def test_a_fresh_call_never_meets_a_used_process(make_pool: MakePool) -> None:
    pool = make_pool("os:getpid")
    seen = [pool.call()] + [pool.call(fresh=True) for _ in range(3)]
    assert len(set(seen)) == 4
    assert pool.pids() == seen[-1:]
    assert not any(map(is_alive, seen[:-1]))


def test_text_of_every_kind_passes_through_unchanged(make_pool: MakePool) -> None:
    pool = make_pool("operator:add")
    for text in ("", "\x00", "\ud800", "é\n\r", "x" * 3_000_000):
        assert pool.call(text, "") == text


def test_what_the_function_raises_is_told_and_the_worker_lives_on(make_pool: MakePool) -> None:
    pool = make_pool("operator:truediv")
    with pytest.raises(CallRaised, match="ZeroDivisionError"):
        pool.call(1, 0)
    pid = pool.pids()
    assert pool.call(6, 3) == 2.0
    assert pool.pids() == pid


def test_a_result_that_is_no_json_is_told(make_pool: MakePool) -> None:
    with pytest.raises(CallRaised, match="TypeError"):
        make_pool("builtins:object").call()


def test_cpu_over_the_limit_kills_the_worker_inside_c_code(make_pool: MakePool) -> None:
    """math.factorial never returns to the interpreter, so a handler of signal.alarm would not run."""
    pool = make_pool("math:factorial", cpu_s=0.3)
    assert pool.call(5) == 120
    pid = pool.pids()[0]
    start = time.process_time()
    with pytest.raises(OverBudget) as over:
        pool.call(10**9)
    assert over.value.kind == "cpu"
    assert time.process_time() - start < 0.3, "our own process must not burn"
    assert not is_alive(pid)
    assert pool.call(5) == 120


def test_waiting_is_not_computing(make_pool: MakePool) -> None:
    assert make_pool("time:sleep", cpu_s=0.2).call(0.6) is None


def test_wall_time_over_the_limit_is_a_death_and_not_the_calls_doing(make_pool: MakePool) -> None:
    pool = make_pool("time:sleep", wall_s=0.2)
    with pytest.raises(WorkerDied, match="no answer within"):
        pool.call(60)
    assert pool.pids() == []


def test_memory_over_the_limit_is_the_calls_doing(make_pool: MakePool) -> None:
    with pytest.raises(OverBudget) as over:
        make_pool("builtins:bytearray", memory_mb=200).call(1 << 30)
    assert over.value.kind == "memory"


def test_a_crash_of_the_interpreter_is_the_calls_doing(make_pool: MakePool) -> None:
    with pytest.raises(OverBudget) as over:
        make_pool("os:abort").call()
    assert over.value.kind == "crash"


def test_an_exit_is_a_death(make_pool: MakePool) -> None:
    with pytest.raises(WorkerDied, match="status 3"):
        make_pool("os:_exit").call(3)


def test_a_worker_killed_in_the_middle_of_a_call_is_a_death(make_pool: MakePool) -> None:
    pool = make_pool("time:sleep")
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(pool.call, 60)
        wait_for(pool.pids)
        os.kill(pool.pids()[0], signal.SIGKILL)
        with pytest.raises(WorkerDied, match="status -9"):
            call.result(10)
    assert pool.pids() == []
    assert pool.call(0) is None


def test_a_worker_killed_while_idle_costs_one_call(make_pool: MakePool) -> None:
    pool = make_pool("operator:add")
    pool.call(1, 1)
    os.kill(pool.pids()[0], signal.SIGKILL)
    with pytest.raises(WorkerDied):
        pool.call(1, 1)
    assert pool.call(1, 1) == 2


@pytest.mark.parametrize(
    ("target", "why"), [("no_such_module:f", "No module named 'no_such_module'"), ("math:no_such", "no_such")]
)
def test_a_target_that_cannot_be_imported_is_named(make_pool: MakePool, target: str, why: str) -> None:
    pool = make_pool(target)
    with pytest.raises(WorkerDied, match=why):
        pool.call()
    assert pool.pids() == []


def test_a_worker_has_an_empty_environment_and_a_session_of_its_own(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVGYM_TEST_SECRET", "s3cret")
    assert make_pool("os:getenv").call("ENVGYM_TEST_SECRET") is None
    assert make_pool("os:getenv").call("PATH") is None
    assert make_pool("os:getsid").call(0) != os.getsid(0)


def test_a_worker_cannot_write_to_a_file(make_pool: MakePool, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x" * 10)
    with pytest.raises(CallRaised, match="File too large"):
        make_pool("shutil:copyfile").call(str(source), str(tmp_path / "copy"))


def test_eight_threads_get_their_own_answers_from_two_workers(make_pool: MakePool) -> None:
    pool = make_pool("operator:mul")
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda n: pool.call(n, 3), range(400))) == [3 * n for n in range(400)]
    assert 1 <= len(pool.pids()) <= 2


def test_the_clock_starts_when_a_worker_is_held(make_pool: MakePool) -> None:
    """Four calls of 0.3 s in one worker: the last waits 0.9 s, longer than its own deadline."""
    pool = make_pool("time:sleep", size=1, wall_s=0.7)
    pool.call(0)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(pool.call, [0.3] * 4)) == [None] * 4


def test_nothing_is_left_after_close(make_pool: MakePool) -> None:
    threads_before = threading.active_count()
    descriptors = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    pool = make_pool("time:sleep", size=3)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(pool.call, [0.1] * 3))
        busy = threads.submit(pool.call, 60)
        wait_for(lambda: len(pool.pids()) == 3)
        time.sleep(0.1)
        pids = pool.pids()
        pool.close()
        with pytest.raises(WorkerDied):
            busy.result(10)
    pool.close()
    assert pool.pids() == []
    assert not any(map(is_alive, pids)), "every worker is dead and reaped"
    assert threading.active_count() == threads_before
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) == descriptors


def test_the_end_of_the_interpreter_ends_the_workers() -> None:
    code = "from envgym.verifiers.worker import WorkerPool; p = WorkerPool('os:getpid'); print(p.call())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stderr == ""
    assert not is_alive(int(done.stdout))


def test_a_parent_killed_outright_takes_its_idle_workers_along() -> None:
    code = "from envgym.verifiers.worker import WorkerPool; p = WorkerPool('os:getpid'); print(p.call(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    wait_for(lambda: not is_running(pid))


def test_a_forked_child_starts_its_own_workers() -> None:
    code = """
import os
from envgym.verifiers.worker import WorkerPool
pool = WorkerPool('os:getpid')
mine = pool.call()
child = os.fork()
if child == 0:
    os._exit(0 if pool.call() != mine and len(pool.pids()) == 1 else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), pool.call() == mine)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert (done.stdout, done.stderr) == ("0 True\n", "")


def test_what_the_target_imports_is_imported_once_for_all_workers(make_pool: MakePool) -> None:
    pool = make_pool("os:getppid")
    servers = {pool.call(fresh=True) for _ in range(4)}
    assert len(servers) == 1
    assert servers != {os.getpid()}


def server_of(pool: WorkerPool) -> int:
    status = Path(f"/proc/{pool.pids()[0]}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_a_fork_server_that_is_killed_takes_its_workers_along_and_is_replaced(make_pool: MakePool) -> None:
    pool = make_pool("time:sleep")
    pool.call(0)
    server = server_of(pool)
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(pool.call, 60)
        time.sleep(0.1)
        worker = pool.pids()[0]
        os.kill(server, signal.SIGKILL)
        with pytest.raises(WorkerDied):
            call.result(10)
    wait_for(lambda: not is_running(worker))
    assert pool.call(0) is None
    assert server_of(pool) != server


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_a_fork_server_that_does_not_answer_is_replaced(make_pool: MakePool) -> None:
    pool = make_pool("operator:add", start_s=1.0)
    pool.call(1, 1)
    stopped = server_of(pool)
    os.kill(stopped, signal.SIGSTOP)
    assert pool.call(1, 2, fresh=True) == 3
    assert server_of(pool) != stopped
    assert not is_alive(stopped)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_nothing_of_the_fork_server_is_left_after_close(make_pool: MakePool) -> None:
    pool = make_pool("operator:add")
    pool.call(1, 1)
    server = server_of(pool)
    pool.close()
    assert not is_alive(server)


def test_a_warm_call_is_far_from_the_price_of_a_process(make_pool: MakePool) -> None:
    """About 0.05 ms on a quiet machine; a new process takes 20 ms and more."""
    pool = make_pool("operator:add")
    pool.call(1, 1)
    seconds = []
    for _ in range(300):
        start = time.perf_counter()
        pool.call(1, 1)
        seconds.append(time.perf_counter() - start)
    assert statistics.median(seconds) < 0.003

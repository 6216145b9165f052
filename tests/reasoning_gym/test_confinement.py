"""A confined worker: what code that runs in it cannot do, and that an ordinary one answers as before."""

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from envgym.verifiers.worker import Budget, CallRaised, OverBudget, WorkerDied, WorkerPool

needs_filter = pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="system calls are filtered on Linux x86_64 and aarch64 only; run the tests there",
)


@pytest.fixture(scope="module")
def confined() -> Iterator[WorkerPool]:
    """Runs any Python expression, confined: what a careless scorer does with an answer."""
    pool = WorkerPool("builtins:eval", size=1, budget=Budget(cpu_s=1.0, confined=True))
    yield pool
    pool.close()


def test_a_confined_worker_answers(confined: WorkerPool) -> None:
    assert confined.call("6 * 7") == 42
    assert confined.call("open('/proc/self/status').read(4)") == "Name"


@needs_filter
@pytest.mark.parametrize(
    "code",
    [
        "open({path!r}, 'w')",
        "open({path!r}, 'a')",
        "__import__('os').mkdir({path!r})",
        "__import__('os').symlink('/etc/passwd', {path!r})",
        "__import__('os').mkfifo({path!r})",
        "__import__('pathlib').Path({path!r}).touch()",
    ],
)
def test_no_file_is_made(confined: WorkerPool, tmp_path: Path, code: str) -> None:
    with pytest.raises(CallRaised, match="PermissionError"):
        confined.call(code.format(path=str(tmp_path / "canary")))
    assert list(tmp_path.iterdir()) == []


@needs_filter
@pytest.mark.parametrize(
    "code", ["unlink({path!r})", "rename({path!r}, {path!r} + '2')", "chmod({path!r}, 0)", "truncate({path!r}, 0)"]
)
def test_no_file_is_changed(confined: WorkerPool, tmp_path: Path, code: str) -> None:
    canary = tmp_path / "canary"
    canary.write_text("alive")
    with pytest.raises(CallRaised, match="PermissionError"):
        confined.call("__import__('os')." + code.format(path=str(canary)))
    assert canary.read_text() == "alive"
    assert list(tmp_path.iterdir()) == [canary]


@needs_filter
@pytest.mark.parametrize(
    "code",
    [
        "__import__('os').fork()",
        "__import__('os').execv('/bin/true', ['true'])",
        "__import__('os').posix_spawn('/bin/true', ['true'], {})",
        "__import__('subprocess').run(['/bin/true'])",
        "__import__('socket').socket()",
        "__import__('os').kill(__import__('os').getppid(), 9)",
    ],
)
def test_no_process_socket_or_signal(confined: WorkerPool, code: str) -> None:
    with pytest.raises(CallRaised, match="PermissionError"):
        confined.call(code)


@needs_filter
def test_a_shell_is_not_started(confined: WorkerPool, tmp_path: Path) -> None:
    confined.call(f"__import__('os').system('touch {tmp_path}/canary')")
    assert list(tmp_path.iterdir()) == []


@needs_filter
def test_no_thread_is_started(confined: WorkerPool) -> None:
    with pytest.raises(CallRaised, match="can't start new thread"):
        confined.call("__import__('_thread').start_new_thread(print, ())")


@needs_filter
def test_what_burns_cpu_or_crashes_is_still_told_apart(confined: WorkerPool) -> None:
    with pytest.raises(OverBudget, match="cpu"):
        confined.call("sum(n for n in iter(int, 1))")
    with pytest.raises(OverBudget, match="crash"):
        confined.call("__import__('os').abort()")
    with pytest.raises(WorkerDied):
        confined.call("__import__('os')._exit(3)")


def test_a_worker_is_not_confined_unless_told_to(tmp_path: Path) -> None:
    pool = WorkerPool("builtins:eval", size=1)
    try:
        assert pool.call("__import__('os').system('true')") == 0
    finally:
        pool.close()

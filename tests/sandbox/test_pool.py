"""A pool hands out sandboxes that were started ahead, each once, and leaves none behind."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from envgym.errors import UsageError
from envgym.sandbox import LocalSandbox, Sandbox, SandboxFailure, SandboxPool

ENVGYM = Path(sys.executable).with_name("envgym")


def local() -> LocalSandbox:
    return LocalSandbox(trusted=True)


def test_every_sandbox_is_handed_out_once_and_works(make: Callable[..., Sandbox]) -> None:
    with SandboxPool(make, ready=2) as pool:
        taken = [pool.take() for _ in range(4)]
        assert len({id(sandbox) for sandbox in taken}) == 4
        assert [sandbox.exec("echo up").stdout for sandbox in taken] == [b"up\n"] * 4


def test_threads_may_take_at_once() -> None:
    with SandboxPool(local, ready=3) as pool, ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: pool.take(), range(16)))
        assert len({sandbox.exec("pwd").stdout for sandbox in taken}) == 16
        for sandbox in taken:
            sandbox.close()


def test_what_nobody_took_is_closed() -> None:
    started: list[LocalSandbox] = []

    def start() -> LocalSandbox:
        started.append(local())
        return started[-1]

    pool = SandboxPool(start, ready=2)
    taken = pool.take()
    pool.close()
    pool.close()
    assert taken.exec("true").rc == 0
    taken.close()
    for sandbox in started:
        with pytest.raises(UsageError, match="closed"):
            sandbox.exec("true")
    with pytest.raises(UsageError, match="closed"):
        pool.take()


def test_a_sandbox_that_does_not_start_is_told_to_who_takes_it() -> None:
    tries = iter(range(9))

    def start() -> LocalSandbox:
        if next(tries) == 0:
            raise SandboxFailure("no memory left")
        return local()

    with SandboxPool(start, ready=1) as pool:
        with pytest.raises(SandboxFailure, match="no memory left"):
            pool.take()
        pool.take().close()


def test_a_pool_of_none_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one"):
        SandboxPool(local, ready=0)


def test_the_bench_prints_every_figure() -> None:
    command = [str(ENVGYM), "sandbox", "bench", "--rounds", "1", "--files", "200", "--count", "3", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    found = json.loads(done.stdout)
    assert {
        "create",
        "exec true",
        "exec python",
        "reset",
        "fork",
        "snapshot",
        "destroy",
        "take from a warm pool",
        "create, of 3",
        "exec true, 3 at once",
        "MiB of an idle one",
    } <= set(found["namespaces"])
    assert all(value > 0 for value in found["namespaces"].values())
    assert "--image" in found["docker"]["missing"]

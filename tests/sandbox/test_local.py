"""LocalSandbox: refuses what is not trusted; the same calls as the others where it can keep to them."""

import os
from pathlib import Path

import pytest

from envgym.errors import UsageError
from envgym.sandbox import Change, Limits, LocalSandbox, SandboxSpec


def test_it_refuses_unless_told_that_the_code_is_trusted() -> None:
    with pytest.raises(UsageError, match="trusted=True"):
        LocalSandbox(SandboxSpec())


def test_it_refuses_what_it_cannot_give() -> None:
    with pytest.raises(UsageError, match="root filesystem"):
        LocalSandbox(SandboxSpec(root=Path("/")), trusted=True)
    with LocalSandbox(trusted=True) as sandbox, pytest.raises(UsageError, match="our own user"):
        sandbox.exec("id", user=0)


def test_commands_files_and_states(tree: Path) -> None:
    with LocalSandbox(SandboxSpec(tree=tree), trusted=True) as sandbox:
        assert sandbox.exec("cat link && ./run.sh; cat; pwd >&2", stdin=b"in").stdout == b"print('main')\nran\nin"
        assert sandbox.exec("kill -TERM $$").rc == 143
        assert sandbox.exec("sleep 50", timeout_s=0.3).timed_out
        assert sandbox.exec("true", cwd="nowhere").rc == 125
        sandbox.write("new/file", b"x")
        sandbox.exec("rm -r src; chmod 600 run.sh")
        changed = sandbox.diff()
        assert Change("new/file", "added") in changed
        assert Change("src/main.py", "deleted") in changed
        assert Change("run.sh", "modified") in changed
        middle = sandbox.snapshot()
        with sandbox.fork() as fork:
            fork.write("new/file", b"fork")
            assert sandbox.read("new/file") == b"x"
        sandbox.reset()
        assert sandbox.diff() == []
        sandbox.restore(middle)
        assert sandbox.diff() == changed
        place = sandbox.exec("pwd").text.strip()
    assert not os.path.exists(place)
    with pytest.raises(UsageError, match="closed"):
        sandbox.exec("true")


def test_memory_of_a_process_is_limited() -> None:
    with LocalSandbox(SandboxSpec(limits=Limits(memory_mb=200)), trusted=True) as sandbox:
        assert b"MemoryError" in sandbox.exec(["python3", "-c", "bytearray(1 << 30)"]).stderr

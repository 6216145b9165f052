"""The pool: contexts come back, lost ones are taken back, old browsers are replaced, forks have their own, nothing is left."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from envgym.browser import pool as pools
from envgym.browser.pool import pool
from envgym.errors import EnvFailure

from .conftest import Hand

Opened = Callable[..., Hand]
SCRIPT = """
import os, sys
from envgym.browser.chromium import ChromiumBackend
from envgym.browser.pool import pool
backend = ChromiumBackend(apps={})
backend.open("about:blank", seed=1)
print(pool().processes()[0].pid, flush=True)
END
"""


def test_a_context_that_nobody_uses_is_taken_back(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = opened("<button>Here</button>")
    monkeypatch.setattr(pools, "LEASE_S", 0.0)
    hand.click("Here")
    monkeypatch.undo()
    opened("another")
    with pytest.raises(EnvFailure, match="lease ended"):
        hand.click("Here")


def test_a_browser_that_has_served_enough_is_replaced_when_its_last_episode_ends(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened("<button>Here</button>")
    old = first.backend._leased.running
    monkeypatch.setattr(pools, "EPISODES", old.served)
    second = opened("<button>Here</button>")
    assert second.backend._leased.running is not old
    first.click("Here")
    assert old.process.members() != []
    for lease in list(old.leases):
        pool().thread.run(pool().give_back(lease), timeout_s=20, what="the end of a lease")
    assert old.process.members() == []
    assert not old.process.profile.exists()


def ended(group: int) -> bool:
    """Whether all processes of a group are gone, within some seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        alive = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            alive += [stat.parent.name] if int(fields[2]) == group and fields[0] != "Z" else []
        if not alive:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    "end",
    ["", "sys.exit(3)", "raise RuntimeError", "os.kill(os.getpid(), 9)", "os._exit(0)"],
    ids=["ends", "exits", "raises", "is killed", "exits at once"],
)
def test_no_process_and_no_folder_is_left_however_the_program_ends(chromium: None, end: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("END", end)],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
        timeout=60,
    )
    assert ended(int(ran.stdout))
    until = time.monotonic() + 10
    while (left := list(tmp_path.glob("envgym-browser-*"))) and time.monotonic() < until:
        time.sleep(0.05)
    assert left == []


def test_a_forked_process_has_a_browser_of_its_own(chromium: None) -> None:
    forks = """
child = os.fork()
if child == 0:
    backend = ChromiumBackend(apps={})
    backend.open("about:blank", seed=1)
    print(pool().processes()[0].pid, flush=True)
    from envgym.browser.pool import stop_pool
    stop_pool()
    os._exit(0)
print(os.waitpid(child, 0)[1], flush=True)
backend.open("about:blank", seed=1)
print(len(pool().processes()), flush=True)
"""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT.replace("END", forks)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    mine, theirs, status, browsers = ran.stdout.split()
    assert (mine != theirs, status, browsers) == (True, "0", "1")
    assert ended(int(mine))
    assert ended(int(theirs))

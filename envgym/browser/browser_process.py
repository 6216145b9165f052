"""One running Chromium: started by us, known by its pid, ended with all that belongs to it.

A shell stands by and waits for the end of its input: when this process dies, by whatever signal, the input ends and the shell kills the
browser by its process group and removes its folder. Nothing is left either way.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from envgym.browser.discovery import HOW, find_chromium
from envgym.errors import EnvFailure

START_S = 30.0
KEEPER = 'read -r word; [ "$word" = ended ] || kill -s KILL -- "-$1"; sleep 0.2; rm -rf "$2"'
"""Of the group $1 and the folder $2. Debian's chromium-headless-shell is a script that starts the browser, so one pid is not enough."""
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-features=BackForwardCache,Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,HttpsUpgrades",
    "--disable-hang-monitor",
    "--disable-ipc-flooding-protection",
    "--disable-popup-blocking",
    "--disable-prompt-on-repost",
    "--disable-renderer-backgrounding",
    "--disable-sync",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--hide-scrollbars",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-first-run",
    "--no-service-autorun",
    "--password-store=basic",
    "--remote-debugging-port=0",
    "--use-mock-keychain",
)


class BrowserProcess:
    """Chromium with a profile folder of its own. `address` is where it is driven."""

    def __init__(self, *, proxy_port: int, loopback: bool) -> None:
        self.program = find_chromium()
        self.profile = Path(tempfile.mkdtemp(prefix="envgym-browser-"))
        self.address = ""
        self._log = self.profile / "stderr.txt"
        flags = [*FLAGS, f"--user-data-dir={self.profile}", f"--proxy-server=127.0.0.1:{proxy_port}"]
        flags += [] if loopback else ["--proxy-bypass-list=<-loopback>"]
        flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        with self._log.open("wb") as log:
            self._browser = subprocess.Popen(
                [str(self.program), *flags],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "sh", str(self.pid), str(self.profile)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.owner = os.getpid()

    @property
    def pid(self) -> int:
        """The leader of the process group in which all of the browser is."""
        return self._browser.pid

    async def started(self) -> None:
        """Waits until it can be driven. Raises EnvFailure with what it said where it does not start."""
        until = time.monotonic() + START_S
        place = self.profile / "DevToolsActivePort"
        while time.monotonic() < until and self._browser.poll() is None:
            lines = place.read_text().split("\n") if place.exists() else []
            if len(lines) >= 2 and lines[1]:
                self.address = f"ws://127.0.0.1:{lines[0]}{lines[1]}"
                return
            await asyncio.sleep(0.02)
        said = self._log.read_text(errors="replace")[-600:].strip()
        self.kill()
        raise EnvFailure(f"{self.program} did not start in {START_S:g} s: {said or 'it said nothing'}; {HOW}")

    def members(self) -> list[int]:
        """The processes of the group that are alive: the browser's own, its renderers and helpers."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[2]) == self.pid and fields[0] != "Z":
                    found.append(int(stat.parent.name))
        return found

    def memory_mib(self) -> float:
        """Proportional memory of all its processes; 0 where the system does not say."""
        total = 0
        for pid in self.members():
            with contextlib.suppress(OSError):
                rollup = Path("/proc", str(pid), "smaps_rollup").read_text()
                total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        return total / 1024

    def kill(self) -> None:
        """Ends it with all its processes, by their group, and removes its folder. Twice is fine."""
        if os.getpid() != self.owner:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._browser.wait(5)
        shutil.rmtree(self.profile, ignore_errors=True)
        with contextlib.suppress(subprocess.TimeoutExpired, ValueError):
            self._keeper.communicate(b"ended\n", timeout=5)
        shutil.rmtree(self.profile, ignore_errors=True)

    def abandon(self) -> None:
        """In a forked child: lets go of the input, so that only the parent's end counts."""
        if self._keeper.stdin is not None:
            os.close(self._keeper.stdin.fileno())

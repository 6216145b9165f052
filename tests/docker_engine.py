"""A Docker engine for the tests: a dockerd of their own, with one small image, stopped by its process number.

It needs root, `dockerd` and, for the image, `mmdebstrap`, which fetches Debian's packages once and keeps the result in the user's cache.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

IMAGE = "envgym-test:latest"
PACKAGES = "python3,python3-pytest"
READY_S, BUILD_S = 60.0, 900.0
ROOM = 4 << 30
"""Bytes that must be free where the engine's data are to lie in memory: on a disk, removing them takes up to a minute."""


def missing() -> str:
    """Why there can be no engine here; empty where there can."""
    if os.geteuid() != 0:
        return "starting a Docker engine needs root"
    for program, package in (("dockerd", "docker.io"), ("mmdebstrap", "mmdebstrap")):
        if shutil.which(program) is None:
            return f"a Docker engine for the tests needs {program}: apt-get install {package}"
    return ""


def root_filesystem() -> Path:
    """An archive of a small Debian with Python, made once and kept."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    name = release.get("VERSION_CODENAME", "bookworm").strip('"')
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "envgym-tests"
    kept = cache / f"{name}-{PACKAGES.replace(',', '-')}.tar"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        half = kept.with_suffix(f".{os.getpid()}.tar")
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", name, str(half)],
            check=True,
            timeout=BUILD_S,
        )
        half.rename(kept)
    return kept


@contextlib.contextmanager
def engine() -> Iterator[str]:
    """The address of a running engine that has IMAGE. Nothing of it is left afterwards."""
    archive = root_filesystem()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > ROOM else None
    with tempfile.TemporaryDirectory(prefix="envgym-dockerd-", dir=memory, ignore_cleanup_errors=True) as folder:
        address = f"unix://{folder}/socket"
        command = ["dockerd", "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "-H", address]
        command += [
            "--pidfile",
            f"{folder}/pid",
            "--iptables=false",
            "--ip6tables=false",
            "--bridge=none",
            "--ip-masq=false",
        ]
        with open(f"{folder}/log", "wb") as log:
            daemon = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_until_ready(daemon, address, Path(folder, "log"))
            subprocess.run(
                ["docker", "-H", address, "import", str(archive), IMAGE],
                check=True,
                capture_output=True,
                timeout=BUILD_S,
            )
            yield address
        finally:
            daemon.terminate()
            try:
                daemon.wait(60)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


def wait_until_ready(daemon: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while subprocess.run(["docker", "-H", address, "version"], capture_output=True, check=False).returncode != 0:
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"dockerd does not come up: {log.read_text()[-2000:]}")
        time.sleep(0.1)

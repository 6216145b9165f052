"""Source releases by file, or by `name==version` as pip downloads them when they are asked for.

pip builds a release's metadata as it downloads it, which runs that release's own build code on this machine, as `pip install` would. Who
does not want that gives files: those are only ever unpacked.
"""

import re
import subprocess
import sys
from pathlib import Path

from envgym.errors import EnvFailure, UsageError

PINNED = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==[A-Za-z0-9][A-Za-z0-9.!+]*")
DOWNLOAD_S = 300
UNREACHABLE = ("Max retries exceeded", "NewConnectionError", "Temporary failure in name resolution", "ReadTimeout")


def release_archive(wanted: str, place: Path) -> Path:
    """The archive: `wanted` itself where it is a file, else what pip downloads for `name==version` to `place`.

    Raises UsageError where it is neither, or there is no such source release; EnvFailure where no index can be reached.
    """
    if Path(wanted).exists():
        return Path(wanted)
    pinned = PINNED.fullmatch(wanted)
    if pinned is None:
        raise UsageError(f"--pair {wanted}: no such file, and not of the form name==version")
    got = place / re.sub(r"[^A-Za-z0-9.]", "_", wanted)
    command = [sys.executable, "-m", "pip", "download", "--no-input", "--disable-pip-version-check", "--quiet"]
    command += ["--no-deps", "--no-binary", pinned[1], "--dest", str(got), "--", wanted]
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=DOWNLOAD_S, check=False)
    except subprocess.TimeoutExpired:
        raise EnvFailure(f"pip did not download {wanted} within {DOWNLOAD_S} s; try again, or give a file") from None
    if done.returncode != 0:
        if any(sign in done.stderr for sign in UNREACHABLE):
            raise EnvFailure(f"no package index can be reached to download {wanted}; give a file instead")
        raise UsageError(f"pip cannot download the source release {wanted}: {done.stderr.strip()[-400:]}")
    return next(iter(sorted(got.iterdir())))

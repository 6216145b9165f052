"""The same contract without root: the contract's tests, run once more as a user without rights."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 61_234
"""No user of this machine has this number."""


@pytest.mark.timeout(600)
@pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="needs root on Linux, to be another user"
)
def test_a_user_without_rights_gets_the_same_sandbox() -> None:
    """By the distribution's interpreter of the same version: ours may lie in a folder that others cannot reach."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    python = shutil.which(version, path="/usr/bin")
    if python is None:
        pytest.skip(f"apt-get install {version}: an interpreter that every user can run")
    packages = next(entry for entry in sys.path if entry.endswith("site-packages"))
    with tempfile.TemporaryDirectory(prefix="envgym-rootless-") as home:
        os.chown(home, NOBODY, NOBODY)
        who = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]
        run = [
            python,
            "-m",
            "pytest",
            "-q",
            "-rs",
            "-p",
            "no:cacheprovider",
            "-k",
            "not docker",
            f"--basetemp={home}/t",
            *(f"tests/sandbox/test_{part}.py" for part in ("contract", "states", "endings")),
        ]
        variables = {"PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": home, "PYTHONPATH": f"{packages}:{ROOT}"}
        done = subprocess.run(
            [*who, *run],
            env={**variables, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    skipped = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert all("control groups" in line for line in skipped), skipped

"""A sample repository of our own: `doorsign`, a small library of opening hours, with a history to mine.

It is stored as a series of mail patches, so that no repository lies within the repository; `build` makes the real one, with the
same commit ids on every machine. What is in it, and which of its commits are events, is told in README.md beside this file.
"""

import os
import shutil
import subprocess
from pathlib import Path

from envgym.errors import EnvFailure, UsageError

SERIES = Path(__file__).parent / "series"
HEAD = "c594b5e819eae4d1b04d3bd07c689a55848dea40"
"""The newest commit."""
IDENTITY = {"GIT_COMMITTER_NAME": "envgym", "GIT_COMMITTER_EMAIL": "envgym@localhost"}
ISOLATED = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def build(folder: Path) -> Path:
    """Makes the repository in `folder`, which is missing or empty, and returns it; takes about a second.

    The branch is `main`, the work tree is checked out. No configuration of the machine has a say. Raises UsageError where git is
    missing or the folder is in use, EnvFailure where git does not make the commits that it should.
    """
    if shutil.which("git") is None:
        raise UsageError("the sample repository is made by git, which is not here; install it: apt-get install git")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is in use; give a folder that is missing or empty")
    folder.mkdir(parents=True, exist_ok=True)
    _git(folder, "init", "--quiet", "--template=", "--object-format=sha1", "--initial-branch=main")
    # `am` takes each author date for the commit too; CR is kept, so that the bytes are those of the series
    _git(
        folder,
        "am",
        "--quiet",
        "--keep-cr",
        "--committer-date-is-author-date",
        *map(str, sorted(SERIES.glob("*.patch"))),
    )
    head = _git(folder, "rev-parse", "HEAD").strip()
    if head != HEAD:
        raise EnvFailure(
            f"the sample repository came out as {head}, not as {HEAD}; the series was changed, or git cannot be trusted"
        )
    return folder


def _git(folder: Path, *arguments: str) -> str:
    """What git prints, away from every configuration, hook and variable that could change a commit."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-c", "core.autocrlf=false", "-c", "gc.auto=0", *arguments],
        cwd=folder,
        env={**around, **ISOLATED, **IDENTITY},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise EnvFailure(f"git {arguments[0]} failed in {folder}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout

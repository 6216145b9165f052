"""A fresh history of one commit for a tree: nothing before it, nothing of what came after, nobody's name and no time of this machine.

Agents read git histories, and those of real repositories hold the fix (SWE-bench issue 465). The index is read from the commit, so it
carries no times either: equal trees get equal bytes from one version of git.
"""

import functools
import os
import shutil
import subprocess
from pathlib import Path

from envgym.environments.swe.candidate import ISOLATED
from envgym.errors import EnvFailure

SOME_DAY = 1_704_067_200
"""2024-01-01, in seconds: the time of the commit and of every file."""
GIT_S = 300
WHO = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in {"NAME": "agent", "EMAIL": "agent@localhost", "DATE": f"{SOME_DAY} +0000"}.items()
}
SETTINGS = {"user.name": "agent", "user.email": "agent@localhost", "gc.auto": "0", "core.fsmonitor": "false"}


@functools.cache
def has_git() -> bool:
    return shutil.which("git") is not None


def commit_all(tree: Path) -> None:
    """Makes a repository of `tree` whose only commit is all that is there, ignored files too; nothing where the machine has no git.

    Raises EnvFailure where git fails.
    """
    if not has_git():
        return
    _git(tree, "-c", "init.defaultBranch=main", "init", "--quiet", "--template=")
    for name, value in SETTINGS.items():
        _git(tree, "config", name, value)
    _git(tree, "add", "--all", "--force")
    commit = _git(tree, "commit-tree", "-m", "The tree as it is", _git(tree, "write-tree"))
    _git(tree, "update-ref", "refs/heads/main", commit)
    _git(tree, "read-tree", "HEAD")


def freeze_times(tree: Path) -> None:
    """Gives every file and folder the same time, so that listings say nothing about the machine."""
    for place, _, files in os.walk(tree):
        for path in (place, *(os.path.join(place, name) for name in files)):
            os.utime(path, (SOME_DAY, SOME_DAY), follow_symlinks=False)


def _git(tree: Path, *words: str) -> str:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(tree), **WHO, **ISOLATED}
    environment["GIT_CEILING_DIRECTORIES"] = str(tree.parent)
    done = subprocess.run(
        ["git", *words], cwd=tree, env=environment, capture_output=True, text=True, timeout=GIT_S, check=False
    )
    if done.returncode != 0:
        raise EnvFailure(f"git {words[0]} failed on the tree of a task: {done.stderr.strip()[-500:]}")
    return done.stdout.strip()

"""The tree that bugs are put into: HEAD of a git clone, or a plain folder; and what is known of where it comes from."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from envgym.environments.swe.candidate import File
from envgym.environments.swe.graded_tree import open_to_all, put
from envgym.errors import UsageError
from envgym.task_synth.mining.command import name_of
from envgym.task_synth.mining.git import objects_of
from envgym.task_synth.mining.licence import licence_of
from envgym.task_synth.mining.recipe import Detected

LEFT_OUT = shutil.ignore_patterns(
    ".git", "__pycache__", ".venv", "venv", ".tox", ".nox", "node_modules", "*.pyc", "*.egg-info"
)
MAX_FILES = 20_000


@dataclass(frozen=True)
class Repository:
    """A working tree, written out to a folder of ours."""

    tree: Path
    name: str
    commit: str
    """Empty for a plain folder."""
    licence: str

    def module_paths(self, detected: Detected) -> list[str]:
        """Source files that may be broken, in order."""
        return [path for path in _python_files(self.tree) if detected.is_source(path)]

    def test_paths(self, detected: Detected) -> list[str]:
        """Test files to run, in order."""
        return [path for path in _python_files(self.tree) if detected.holds_tests(path)]

    def lay_out(self, place: Path, detected: Detected, changes: dict[str, str]) -> Path:
        """A copy as tests run on it, with `changes` (source by path) in it."""
        shutil.copytree(self.tree, place, symlinks=True)
        written = {**detected.recipe.generated, **changes}
        for path, source in written.items():
            put(place, path, File(source.encode("utf-8")))
        open_to_all(place)
        return place


def repository_of(repo: Path, place: Path, *, licence: str = "") -> Repository:
    """Writes HEAD of a clone, or the files of a folder, to `place`. Nothing of the working copy that is not committed is taken.

    Raises UsageError for what is neither, for a folder that is too large, and for git's own complaints.
    """
    if not repo.is_dir():
        raise UsageError(f"--repo {repo} is no folder; name a git clone, or a folder with source and tests")
    if (repo / ".git").exists():
        with objects_of(repo) as objects:
            objects.tree(objects.head, place)
            commit = objects.head
    else:
        count = sum(len(files) for _, _, files in os.walk(repo))
        if count > MAX_FILES:
            raise UsageError(
                f"--repo {repo} holds {count} files; the most is {MAX_FILES}: name the project's own folder"
            )
        shutil.copytree(repo, place, symlinks=True, ignore=LEFT_OUT)
        commit = ""
    return Repository(place, name_of(repo), commit, licence or licence_of(place))


def _python_files(tree: Path) -> list[str]:
    found = (path for path in tree.rglob("*.py") if path.is_file() and not path.is_symlink())
    return sorted(path.relative_to(tree).as_posix() for path in found)

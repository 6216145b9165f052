"""Which of a candidate's files are graded: source that a solution may change, and nothing that steers how it is graded.

Everything else is pristine when tests run, so an edit of `conftest.py`, of pytest's settings or of a test has no effect at all.
A change is *applied*, or *ignored* (tests, documents, notes, scratch files: an honest engineer leaves such behind), or it makes the
candidate *refused*: a file of the project that no solution of this task has to touch was changed or removed, or source was replaced by
something that is no source.
"""

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from envgym.environments.swe.candidate import MAX_PATH, Candidate, File
from envgym.environments.swe.path_patterns import matches
from envgym.environments.swe.task_folder import SweTask

STEERING = {
    "conftest.py",
    "sitecustomize.py",
    "usercustomize.py",
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
}
STEERING |= {"tox.ini", "setup.cfg", "pyproject.toml", "noxfile.py", ".coveragerc"}
"""Files that change how tests run, wherever they are."""
HOUSEKEEPING = {".gitignore", ".gitattributes", ".editorconfig", "MANIFEST.in", ".pre-commit-config.yaml"}
"""Files of the project that an honest change touches now and then."""
COMPILED = (".pyc", ".pyo", ".so", ".pyd", ".pth", ".egg-link", ".dll", ".dylib")
DOCUMENTS = re.compile(
    r"(?:.*/)?(?:docs?|changes|changelog\.d|newsfragments|news)/.*"
    r"|(?:.*/)?(?:README|CHANGE|CHANGELOG|CHANGES|HISTORY|NEWS|AUTHORS|CONTRIBUTORS|CONTRIBUTING)[^/]*"
    r"|.*\.(?:md|rst|txt|adoc)",
    re.IGNORECASE,
)
TEST_TOOLS = {
    "pytest",
    "_pytest",
    "pluggy",
    "iniconfig",
    "py",
    "hypothesis",
    "unittest2",
    "nose",
    "mock",
    "attr",
    "attrs",
}
MAX_SOURCE_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class Filtered:
    """What becomes of a candidate's changes."""

    applied: dict[str, File | None] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    """Why, by path."""
    refused: dict[str, str] = field(default_factory=dict)

    def evidence(self) -> dict[str, Any]:
        """JSON-ready, bounded."""
        return {
            "applied": sorted(self.applied)[:50],
            "ignored": dict(sorted(self.ignored.items())[:50]),
            "refused": dict(sorted(self.refused.items())[:50]),
        }


def filter_changes(task: SweTask, base: Path, candidate: Candidate) -> Filtered:
    """Sorts the changes of a candidate."""
    found = Filtered()
    for path, file in sorted(candidate.changes.items()):
        if len(os.fsencode(path)) > MAX_PATH:
            found.ignored[path[:MAX_PATH]] = "too long a path"
            continue
        exists = (base / path).is_symlink() or (base / path).is_file()
        steers = _steers(task, base, path, exists)
        if matches(path, task.test_paths):
            found.ignored[path] = "tests are the task's own"
        elif steers:
            found.ignored[path] = steers
        elif matches(path, task.source_paths):
            wrong = _no_source(path, file)
            if not wrong:
                found.applied[path] = file
            elif exists:
                found.refused[path] = wrong
            else:
                found.ignored[path] = wrong
        elif not exists:
            found.ignored[path] = "a new file outside of the source"
        elif file is not None and (DOCUMENTS.fullmatch(path) or PurePosixPath(path).name in HOUSEKEEPING):
            found.ignored[path] = "a document, or housekeeping"
        else:
            what = "removed" if file is None else "changed"
            found.refused[path] = f"{what}, though it is neither source nor test nor document"
    return found


def _steers(task: SweTask, base: Path, path: str, exists: bool) -> str:
    """Why a file could change how the tests run; empty where it could not."""
    name = PurePosixPath(path).name
    if name in STEERING:
        return "it would change how tests run"
    if name.lower().endswith(COMPILED):
        return "compiled code and path files are not read"
    if exists:
        return ""
    for folder in task.recipe.python_path:
        prefix = "" if folder == "." else f"{folder}/"
        if path.startswith(prefix):
            top = path.removeprefix(prefix).partition("/")[0].partition(".")[0]
            if not _in_base(base, prefix, top) and (
                top in sys.stdlib_module_names or top in TEST_TOOLS or top == "envgym"
            ):
                return f"it would stand in the place of the module {top}"
    return ""


def _in_base(base: Path, prefix: str, top: str) -> bool:
    return (base / prefix / top).is_dir() or (base / prefix / f"{top}.py").is_file()


def _no_source(path: str, file: File | None) -> str:
    """Why content is not taken as source; empty where it is. A deleted file is."""
    if file is None:
        return ""
    if file.link:
        return "a link where source is expected"
    if file.content is None or len(file.content) > MAX_SOURCE_BYTES:
        return f"more than {MAX_SOURCE_BYTES >> 20} MiB"
    if b"\0" in file.content and path.endswith(".py"):
        return "binary content where source is expected"
    return ""

"""Tool calls of somebody who knows the repository's files and nothing of the issue: the floor that a real policy must beat."""

import random

from envgym.environments.swe.path_patterns import matches
from envgym.environments.swe.task_folder import TaskFolder
from envgym.message import Action, call

WORDS = ("def ", "class ", "import", "raise", "return None", "while ", "assert")
COMMANDS = ("git log --oneline", "git show --stat", "ls", "python -c 'print(1)'", "false", "cat no_such_file")
LAST = 0.2
"""Chance of a call that ends the episode."""


def random_call(rng: random.Random, folder: TaskFolder, tools: set[str]) -> Action | None:
    """One plausible call; None where it is time to end the episode."""
    files = sorted(
        str(path.relative_to(folder.base))
        for path in folder.base.rglob("*.py")
        if path.is_file() and not path.is_symlink()
    )
    source = [name for name in files if matches(name, folder.task.source_paths)] or files
    tests = [name for name in files if matches(name, folder.task.test_paths)]
    if rng.random() < LAST or not source:
        return None
    name = rng.choice(source)
    calls = [
        call("list_files"),
        call("read_file", path=name, first_line=rng.randrange(1, 30), lines=40),
        call("read_file", path=f"no_such_folder/{name}"),
        call("search", pattern=rng.choice(WORDS), files="*.py"),
        call("shell", command=rng.choice(COMMANDS)),
        call("run_tests", paths=rng.sample(tests, 1)) if tests and rng.random() < 0.25 else call("list_files", depth=1),
    ]
    if "edit" in tools:
        calls += [
            call("edit", path=name, old="return", new="return not"),
            call("create_file", path="notes.txt", content="what I know so far: nothing\n"),
            call("apply_patch", patch=f"--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-no such line\n+another\n"),
        ]
    return rng.choice(calls)

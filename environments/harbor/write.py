"""Our software-engineering tasks as Harbor folders, for those who run Harbor.

What decides there is weaker than `swe/grade.py`: the hidden tests run once, by pytest, on a pristine tree with the candidate's source
files, and what pytest reports is believed. The contradicting copies, the second driver and the held-out inputs stay behind.
"""

import json
import os
import shlex
import shutil
import tempfile
from pathlib import Path
from typing import Any

from envgym.environments.swe.candidate import Candidate
from envgym.environments.swe.graded_tree import put
from envgym.environments.swe.path_patterns import pattern_text
from envgym.environments.swe.source_filter import STEERING
from envgym.environments.swe.task_folder import SweTask, TaskFolder
from envgym.errors import UsageError

EXPORTED = Path(__file__).with_name("exported")
WORK = "/app"
TEST = """#!/bin/bash
# Writes 1 to the reward when every test that decides ran and passed.
{python} "$(dirname "$0")/judge.py" "$(dirname "$0")" {work} /logs/verifier
"""
SOLVE = """#!/bin/bash
# The change of gold.patch, as whole files: many images have neither git nor patch.
set -e
here=$(cd "$(dirname "$0")" && pwd)
cd /app
while IFS= read -r path; do rm -f -- "$path"; done < "$here/removed.txt"
if [ -d "$here/files" ]; then cp -R "$here/files/." .; fi
"""
PYTEST = "pytest>=8.3"


def write_harbor(folder: TaskFolder, out: Path, *, image: str = "python:3.12-slim") -> Path:
    """Writes a task as the Harbor folder `out`/ID, whole or not at all, and returns it. Raises UsageError where it exists.

    `image` is what environment/Dockerfile builds on; where the recipe of the task names an image, that one is used.
    """
    place = out / folder.task.id
    if place.exists():
        raise UsageError(f"{place} exists already; remove it or choose another folder")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=out) as draft:
        made = Path(draft) / folder.task.id
        made.mkdir(mode=0o755)
        _environment(folder, made / "environment", folder.task.recipe.image or image)
        _tests(folder, made / "tests")
        _solution(folder, made / "solution")
        (made / "instruction.md").write_text(_instruction(folder), encoding="utf-8")
        (made / "task.toml").write_text(_toml(folder.task), encoding="utf-8")
        os.rename(made, place)
    return place


def _environment(folder: TaskFolder, place: Path, image: str) -> None:
    _copy(folder.base, place / "base")
    recipe = folder.task.recipe
    python = shlex.quote(recipe.python)
    install = f"{python} -m pip install --no-cache-dir {shlex.join((PYTEST, *recipe.requires))}"
    unless = "" if recipe.requires else f'{python} -c "import pytest" || '  # an image that has it needs no network
    lines = [f"FROM {image}", f"WORKDIR {WORK}", f"RUN {unless}{install}", f"COPY base {WORK}/"]
    (place / "Dockerfile").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _tests(folder: TaskFolder, place: Path) -> None:
    _copy(folder.base, place / "base")
    _copy(folder.hidden, place / "hidden")
    for program in ("judge.py", "exported_report.py"):
        shutil.copyfile(EXPORTED / program, place / program)
    _script(place / "test.sh", TEST.format(python=shlex.quote(folder.task.recipe.python), work=WORK))
    (place / "expected.json").write_text(json.dumps(_expected(folder.task), indent=1) + "\n", encoding="utf-8")


def _expected(task: SweTask) -> dict[str, Any]:
    recipe = task.recipe
    steering = [f"(?:.*/)?{pattern_text(name)}" for name in sorted(STEERING)]
    return {
        "tests": [*task.fail_to_pass, *task.pass_to_pass],
        "source": "|".join(f"(?:{pattern_text(pattern)})" for pattern in task.source_paths),
        "not_source": "|".join(f"(?:{each})" for each in [*map(pattern_text, task.test_paths), *steering]),
        "generated": recipe.generated,
        "python_path": recipe.python_path,
        "plugins": recipe.plugins,
        "arguments": recipe.arguments,
        "env": recipe.env,
        "seconds": recipe.seconds,
    }


def _solution(folder: TaskFolder, place: Path) -> None:
    place.mkdir()
    changes = Candidate.of_patch(folder.base, folder.gold).changes
    for path, file in sorted(changes.items()):
        if file is not None:
            put(place / "files", path, file)
    removed = "".join(f"{path}\n" for path, file in sorted(changes.items()) if file is None)
    (place / "removed.txt").write_text(removed, encoding="utf-8")
    (place / "gold.patch").write_text(folder.gold, encoding="utf-8", newline="")
    _script(place / "solve.sh", SOLVE)


def _instruction(folder: TaskFolder) -> str:
    source = ", ".join(folder.task.source_paths)
    return (
        f"The Python repository in {WORK} has this issue. Resolve it by changing its source. Hidden tests decide; only files that match "
        f"{source} are taken from there.\n\n{folder.issue.strip()}\n"
    )


def _toml(task: SweTask) -> str:
    recipe = task.recipe
    tags = [task.source.kind, *(tag for tag in task.tags if tag != task.source.kind)]
    return f"""schema_version = "1.1"
artifacts = ["{WORK}"]

[task]
name = {_quoted(f"envgym/{task.id}")}
description = {_quoted("An issue of a Python repository, decided by hidden tests.")}

[metadata]
category = "software-engineering"
tags = [{", ".join(map(_quoted, tags))}]
repository = {_quoted(task.source.repository)}
licence = {_quoted(task.source.licence)}

[agent]
timeout_sec = 3600.0

[verifier]
timeout_sec = {recipe.seconds + 60:.1f}
environment_mode = "separate"

[environment]
build_timeout_sec = 600.0
cpus = 1
memory_mb = {max(1024, recipe.memory_mb)}
storage_mb = 2048
allow_internet = false
"""


def _quoted(text: str) -> str:
    """A string of TOML: JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns(".git", "__pycache__"))

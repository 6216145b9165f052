"""A row of the SWE-bench family as a task folder: base from a clone or out of the row's own image, hidden tests from its test patch."""

import io
import re
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from envgym.environments.reasoning.problem_file import BadRow
from envgym.environments.swe.candidate import Candidate, File, PatchRejected, apply_patch
from envgym.environments.swe.graded_tree import put
from envgym.environments.swe.source_filter import Filtered, filter_changes
from envgym.environments.swe.task_folder import Recipe, Source, SweTask, TaskFolder, write_folder
from envgym.errors import UsageError
from envgym.sandbox.docker_sandbox import DockerSandbox
from envgym.sandbox.spec import Limits, SandboxSpec
from envgym.task_synth.mining.git import Objects
from envgym.task_synth.mining.layout import NO_PACKAGE
from envgym.task_synth.mining.recipe import Detected, detect
from envgym.task_synth.mining.rows import SweRow
from envgym.task_synth.mining.unpack import MAX_BYTES, unpack

SECTION = re.compile(r"^diff --git ", re.MULTILINE)
COPY_S = 600.0


@dataclass(frozen=True)
class RowSettings:
    """What a row does not say."""

    image: str = ""
    """Template of the Docker image; empty: what the row names."""
    python: str = "python3"
    """Template of the interpreter inside the image."""
    folder: str = "/testbed"
    """Where an image keeps the repository."""
    seconds: float = 600.0
    """Wall clock of one run of the tests."""
    memory_mb: int = 4096


def write_row(row: SweRow, out: Path, work: Path, *, objects: Objects | None, settings: RowSettings) -> TaskFolder:
    """The task folder of a row below `out`, without a certificate; `work` is an empty folder. Raises BadRow, UsageError, SandboxFailure."""
    image = row.filled(settings.image) or row.image
    base, after = work / "base", work / "after"
    if objects is not None:
        _tree_of(objects, row, base)
    else:
        tree_of_image(image, base, folder=settings.folder)
    shutil.copytree(base, after, symlinks=True)
    _apply(after, row.test_patch, "test_patch")
    changed = Candidate.of_tree(base, after)
    files = {test.partition("::")[0] for test in row.FAIL_TO_PASS}
    hidden = work / "hidden"
    hidden.mkdir()
    for path in {*files, *changed.changes}:
        file = after / path
        if file.is_file() and not file.is_symlink():
            put(hidden, path, File(file.read_bytes(), executable=bool(file.stat().st_mode & 0o100)))
        elif path in files:
            raise BadRow(f"FAIL_TO_PASS: {path} is not there after test_patch")
    task = _task(row, base, sorted(changed.changes), files, image, settings)
    gold = _gold(task, base, row)
    return write_folder(
        out / task.id, task, issue=row.problem_statement or _no_issue(row), base=base, hidden=hidden, gold=gold
    )


def tree_of_image(image: str, place: Path, *, folder: str) -> None:
    """Copies a folder of an image, without its version control, into the new folder `place`. Raises UsageError, SandboxFailure."""
    if not image:
        raise UsageError(
            "the tree before the change comes from a clone (--repo) or from a Docker image (--image, or docker_image of the row)"
        )
    spec = SandboxSpec(image=image, limits=Limits(memory_mb=1024))
    with DockerSandbox(spec) as sandbox:
        done = sandbox.exec(
            ["tar", "--exclude=./.git", "--exclude=__pycache__", "-cf", "-", "."],
            cwd=folder,
            user=0,
            timeout_s=COPY_S,
            output_cap=2 * MAX_BYTES,
        )
    if done.rc != 0 or done.truncated:
        why = "it is too large" if done.truncated else done.stderr.decode("utf-8", "replace").strip()[-300:]
        raise UsageError(f"{folder} cannot be copied out of {image}: {why}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout), mode="r:") as archive:
        unpack(archive, place, name=f"{folder} of {image}")


def _tree_of(objects: Objects, row: SweRow, place: Path) -> None:
    commit = objects.resolve(row.base_commit)
    if not commit:
        raise BadRow(f"base_commit: {row.base_commit[:80]!r} is no commit of the clone; is it a clone of {row.repo}?")
    objects.tree(commit, place)


def _apply(tree: Path, patch: str, field: str) -> None:
    try:
        apply_patch(tree, patch if patch.endswith("\n") else f"{patch}\n")
    except PatchRejected as error:
        raise BadRow(f"{field}: does not apply to the tree before the change: {error}") from None


def _task(
    row: SweRow, base: Path, changed_tests: list[str], files: set[str], image: str, settings: RowSettings
) -> SweTask:
    detected = _detected(base, row)
    source, tests = _paths(detected, row.patch, changed_tests, files)
    recipe = Recipe(
        python_path=detected.recipe.python_path,
        plugins=detected.recipe.plugins,
        requires=() if image else detected.recipe.requires,
        generated=detected.recipe.generated,
        arguments=detected.recipe.arguments,
        image=image,
        python=row.filled(settings.python),
        seconds=settings.seconds,
        memory_mb=settings.memory_mb,
    )
    known = set(row.FAIL_TO_PASS)
    return SweTask(
        id=row.name,
        title=(row.problem_statement.strip().splitlines() or [row.instance_id])[0][:200],
        source=Source(kind="row", repository=row.repo, commit=row.instance_id, parent=row.base_commit),
        source_paths=source,
        test_paths=tests,
        hidden_tests=tuple(sorted(files)),
        fail_to_pass=row.FAIL_TO_PASS,
        pass_to_pass=tuple(test for test in row.PASS_TO_PASS if test not in known),
        difficulty=None,
        tags=("row", *((row.version,) if row.version else ())),
        recipe=recipe,
        certificate=None,
    )


def _detected(base: Path, row: SweRow) -> Detected:
    try:
        return detect(base)
    except UsageError as error:
        raise BadRow(f"base_commit: {error}") from None


def _paths(
    detected: Detected, patch: str, changed_tests: list[str], files: set[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Patterns of source and of tests: as detected, with what the row's own patches show that they are."""
    tests = [path for path in dict.fromkeys([*changed_tests, *sorted(files)]) if not detected.is_test(path)]
    folders = [f"{path.rpartition('/')[0]}/**" for path in tests if "tests" in path.split("/")[:-1]]
    test_paths = tuple(dict.fromkeys([*detected.test_paths, *folders, *tests]))
    new = [
        path for path in _paths_of(patch) if path.endswith(".py") and not detected.is_source(path) and path not in tests
    ]
    tops = [path.split("/")[0] for path in new if not detected.is_test(path)]
    roots = [f"{top}/**" if not top.endswith(".py") else top for top in tops if top not in NO_PACKAGE]
    return tuple(dict.fromkeys([*detected.source_paths, *roots])), test_paths


def _paths_of(patch: str) -> list[str]:
    return re.findall(r"^\+\+\+ b/([^\t\n]+)", patch, re.MULTILINE)


def _gold(task: SweTask, base: Path, row: SweRow) -> str:
    """The parts of the patch that change source: documents and change logs are no part of what is graded."""
    try:
        candidate = Candidate.of_patch(base, row.patch if row.patch.endswith("\n") else f"{row.patch}\n")
    except PatchRejected as error:
        raise BadRow(f"patch: does not apply to the tree before the change: {error}") from None
    filtered: Filtered = filter_changes(task, base, candidate)
    if not filtered.applied:
        raise BadRow(f"patch: changes no source; source is {', '.join(task.source_paths)}")
    parts = SECTION.split(row.patch)
    kept = [part for part in parts[1:] if _path_of(part) in filtered.applied]
    if not kept:
        raise BadRow("patch: expected a git diff, with a line `diff --git a/... b/...` for each file")
    return "".join(f"diff --git {part}" if part.endswith("\n") else f"diff --git {part}\n" for part in kept)


def _path_of(section: str) -> str:
    """The path that a section of a git diff is about; of a renamed file the new one."""
    named = re.search(r"^(?:\+\+\+ b/|rename to )([^\t\n]+)", section, re.MULTILINE)
    gone = re.search(r"^--- a/([^\t\n]+)", section, re.MULTILINE)
    return named[1] if named else gone[1] if gone else ""


def _no_issue(row: SweRow) -> str:
    """R2E rows may come without a statement: what is known is which tests are to pass."""
    names = sorted({test.rpartition("::")[2].partition("[")[0] for test in row.FAIL_TO_PASS})
    listed = "\n".join(f"- {name}" for name in names[:20])
    return f"Tests with these names do not pass, and should:\n\n{listed}\n"

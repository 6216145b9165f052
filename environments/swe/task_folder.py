"""A software-engineering task as a folder: the tree before a change, what was reported, the tests after it, the change that was made.

```
task.json       what it is, which tests decide, how they run, what was proved
issue.md        what the agent is told
base/           the tree before the change, with the tests of that time; without version control
hidden/         test files as they are after the change, each at its place in the tree
gold.patch      the change itself, as a git diff of source files only
held_out.json   expressions with the values that gold gives them (`held_out.py`); may be missing
mutants.json    defects in gold that the hidden tests catch, for the Test and Review environments; may be missing
```

A folder is read as data: nothing in it is executed outside a sandbox, links are never followed, and what its files say about paths is
checked to stay inside.
"""

import functools
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from envgym.environments.swe.probe import Probe
from envgym.errors import UsageError
from envgym.sandbox.layers import file_hash
from envgym.task import canonical_json, faults_of

STRICT = ConfigDict(frozen=True, extra="forbid")
CACHES = frozenset({"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"})
NAMES = ("task.json", "issue.md", "base", "hidden", "gold.patch")


def inside(path: str) -> str:
    """A relative path that stays where it starts."""
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts or "\\" in path or "\0" in path:
        raise ValueError(f"{path[:200]!r} is no relative path inside the tree")
    return str(pure)


InsidePath = Annotated[str, AfterValidator(inside)]


class Recipe(BaseModel):
    """How the tests of a tree run."""

    model_config = STRICT

    python_path: tuple[InsidePath, ...] = Field(
        default=(".",), description="Folders of the tree from which modules are imported."
    )
    requires: tuple[str, ...] = Field(
        default=(), description="Packages that the tests need, as pip writes them; wheels only."
    )
    plugins: tuple[str, ...] = Field(
        default=(), description="Modules of pytest plugins to load; none is loaded by itself."
    )
    generated: dict[InsidePath, str] = Field(default_factory=dict, description="Files that a build would write.")
    env: dict[str, str] = Field(default_factory=dict, description="Environment variables of the tests.")
    arguments: tuple[str, ...] = Field(default=(), description="Further arguments of pytest.")
    image: str = Field(
        default="", description="Docker image that the tests run in; empty: our interpreter, in namespaces."
    )
    python: str = Field(default="python3", description="Interpreter inside the image.")
    seconds: float = Field(default=60.0, gt=0, description="Wall clock of one run of the tests.")
    memory_mb: int = Field(default=1024, ge=64, description="Memory of one run of the tests.")


class Source(BaseModel):
    """Where a task comes from."""

    model_config = STRICT

    kind: Literal["history", "release_pair", "bug", "row"] = Field(description="What it was made of.")
    repository: str = Field(description="Name of the project; no path of a machine.")
    commit: str = Field(default="", description="The change: commit, or newer release.")
    parent: str = Field(default="", description="What it was made on: commit, or older release.")
    licence: str = Field(default="", description="Licence of the repository, as an SPDX expression; empty: unknown.")


class SweTask(BaseModel):
    """task.json. Test ids are pytest's: `tests/test_a.py::TestB::test_c[1-x]`."""

    model_config = STRICT

    version: Literal[1] = 1
    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,120}$", description="Name of the task, and of its folder.")
    title: str = Field(description="One line on the change, for people; never shown to an agent.")
    source: Source
    language: Literal["python"] = "python"
    source_paths: tuple[str, ...] = Field(
        min_length=1, description="Patterns of what a solution may change; ** spans folders."
    )
    test_paths: tuple[str, ...] = Field(min_length=1, description="Patterns of tests and what only they use.")
    hidden_tests: tuple[InsidePath, ...] = Field(min_length=1, description="Test files of hidden/ that decide.")
    fail_to_pass: tuple[str, ...] = Field(
        min_length=1, description="Ids that fail before the change and pass after it."
    )
    pass_to_pass: tuple[str, ...] = Field(default=(), description="Ids that pass before and after.")
    tiers: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="Difficulty tiers of fail_to_pass.")
    difficulty: float | None = Field(default=None, description="Larger is harder.")
    tags: tuple[str, ...] = Field(default=(), description="Free labels.")
    recipe: Recipe = Recipe()
    certificate: dict[str, Any] | None = Field(default=None, description="What the gates proved; see `gates.py`.")


class HeldOut(BaseModel):
    """An expression that is no test, with what gold makes of it. The value never enters a sandbox."""

    model_config = STRICT

    test_file: InsidePath
    expression: str
    setup: str = ""
    gold: str = Field(description="repr of gold's value.")

    @property
    def probe(self) -> Probe:
        return Probe(self.test_file, self.expression, self.setup)


class Mutant(BaseModel):
    """A defect in the tree after gold: the whole file with it, and where it is."""

    model_config = STRICT

    path: InsidePath
    source: str
    line: int = Field(ge=1, description="First line of the defect, in `source`.")
    end_line: int = Field(ge=1, description="Last line of the defect, in `source`.")
    description: str = Field(description="What was done; never shown to an agent.")


@dataclass(frozen=True)
class TaskFolder:
    """A task folder that was read and is sound. Equal digests mean equal tasks, wherever they lie."""

    path: Path
    task: SweTask
    issue: str
    gold: str
    held_out: tuple[HeldOut, ...] = ()
    mutants: tuple[Mutant, ...] = ()

    @property
    def base(self) -> Path:
        return self.path / "base"

    @property
    def hidden(self) -> Path:
        return self.path / "hidden"

    @functools.cached_property
    def digest(self) -> str:
        """sha256 over everything but the certificate, the same after a clone, a copy or an installation."""
        digest = hashlib.sha256(canonical_json(self.task.model_dump(mode="json", exclude={"certificate"})))
        for text in (self.issue, self.gold):
            digest.update(hashlib.sha256(text.encode()).digest())
        for rows in (self.held_out, self.mutants):
            digest.update(hashlib.sha256(canonical_json([row.model_dump(mode="json") for row in rows])).digest())
        for folder in (self.base, self.hidden):
            digest.update(tree_digest(folder))
        return digest.hexdigest()

    @classmethod
    def read(cls, path: Path) -> "TaskFolder":
        """Reads and checks a folder. Raises UsageError that names what is missing or wrong."""
        missing = [name for name in NAMES if not (path / name).exists()]
        if missing:
            raise UsageError(f"{path} is no task folder: it lacks {', '.join(missing)}")
        try:
            task = SweTask.model_validate_json(_text(path / "task.json"))
            held_out = _rows(path / "held_out.json", TypeAdapter(tuple[HeldOut, ...]))
            mutants = _rows(path / "mutants.json", TypeAdapter(tuple[Mutant, ...]))
        except ValidationError as error:
            raise UsageError(f"{path}: {faults_of(error)}") from None
        folder = cls(path, task, _text(path / "issue.md"), _text(path / "gold.patch"), held_out, mutants)
        _check(folder)
        return folder

    def with_certificate(self, certificate: dict[str, Any] | None) -> "TaskFolder":
        """The same folder after its certificate was written into task.json."""
        task = self.task.model_copy(update={"certificate": certificate})
        _write_json(self.path / "task.json", task.model_dump(mode="json", exclude_defaults=False))
        return TaskFolder(self.path, task, self.issue, self.gold, self.held_out, self.mutants)


def write_folder(
    path: Path,
    task: SweTask,
    *,
    issue: str,
    base: Path,
    hidden: Path,
    gold: str,
    held_out: Sequence[HeldOut] = (),
    mutants: Sequence[Mutant] = (),
) -> TaskFolder:
    """Writes a task folder, whole or not at all. `base` and `hidden` are copied. Raises UsageError where `path` exists."""
    if path.exists():
        raise UsageError(f"{path} exists already; remove it or choose another folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{path.name}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir()
        for source, name in ((base, "base"), (hidden, "hidden")):
            shutil.copytree(source, draft / name, symlinks=True, ignore=shutil.ignore_patterns(".git", "__pycache__"))
        (draft / "issue.md").write_text(issue, encoding="utf-8")
        (draft / "gold.patch").write_text(gold, encoding="utf-8", newline="")
        _write_json(draft / "task.json", task.model_dump(mode="json"))
        for name, rows in (("held_out.json", held_out), ("mutants.json", mutants)):
            if rows:
                _write_json(draft / name, [row.model_dump(mode="json") for row in rows])
        TaskFolder.read(draft)
        os.rename(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return TaskFolder.read(path)


def task_folders(place: Path) -> list[Path]:
    """The task folders under `place`, or `place` itself where it is one. Raises UsageError where there is none."""
    if (place / "task.json").is_file():
        return [place]
    found = sorted(file.parent for file in place.glob("*/task.json") if not file.parent.name.startswith("."))
    if not found:
        raise UsageError(
            f"no task folders in {place}: expected folders with a task.json; `envgym synth swe` makes some"
        )
    return found


def tree_digest(folder: Path) -> bytes:
    """sha256 over names and content of files and targets of links. Modes, empty folders and caches do not count: no copy keeps them all."""
    digest = hashlib.sha256()
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        folders[:] = sorted(name for name in folders if name not in CACHES)
        for name in sorted([*files, *links]):
            path = os.path.join(place, name)
            digest.update(f"{os.path.relpath(path, folder)!r} ".encode("utf-8", "surrogateescape"))
            is_link = os.path.islink(path)
            digest.update(os.fsencode(os.readlink(path)) if is_link else file_hash(path))
            digest.update(b" link\n" if is_link else b"\n")
    return digest.digest()


def _check(folder: TaskFolder) -> None:
    task = folder.task
    hidden = set(map(str, task.hidden_tests))
    for name in hidden:
        if not (folder.hidden / name).is_file() or (folder.hidden / name).is_symlink():
            raise UsageError(f"{folder.path}: hidden_tests: hidden/{name} is not there")
    twice = set(task.fail_to_pass) & set(task.pass_to_pass)
    if twice:
        raise UsageError(f"{folder.path}: {min(twice)!r} is in fail_to_pass and in pass_to_pass")
    astray = [test for test in task.fail_to_pass if test.partition("::")[0] not in hidden]
    if astray:
        raise UsageError(f"{folder.path}: fail_to_pass: {astray[0]!r} is in no file of hidden_tests")
    known = set(task.fail_to_pass)
    for tier, tests in task.tiers.items():
        unknown = set(tests) - known
        if unknown:
            raise UsageError(f"{folder.path}: tiers: {tier}: {min(unknown)!r} is not in fail_to_pass")
    for part in (folder.base, folder.hidden):
        for link in _links(part):
            raise UsageError(f"{folder.path}: {link} is a link out of the tree")


def _links(folder: Path) -> Iterable[Path]:
    """Links that lead out of `folder`."""
    root = os.path.realpath(folder)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(place, name)
            if os.path.islink(path):
                target = os.path.realpath(path)
                if target != root and not target.startswith(root + os.sep):
                    yield Path(path)


def _rows(path: Path, shape: TypeAdapter[Any]) -> Any:
    return shape.validate_json(_text(path)) if path.exists() else ()


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

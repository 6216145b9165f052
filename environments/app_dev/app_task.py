"""A task of building an app: a folder with `requirement.json`, an app that meets it (`gold/`), and defects that its checks must find.

The defects (`mutants.json`: replacements of one text of `gold/` by another, each with what it breaks) are no part of a task; they
prove that the checks are worth something: `prove` grades the gold, an empty page and every one of them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from envgym.errors import UnknownId, UsageError
from envgym.task import Task
from envgym.verdict import Verdict
from envgym.verifiers.app.grade import Opened, grade_app
from envgym.verifiers.app.requirement import Requirement, read_requirement
from envgym.verifiers.app.static_site import read_app

BUNDLED = Path(__file__).parent / "tasks"
BLANK = {"index.html": b"<!doctype html><title>nothing</title>"}


class Mutant(BaseModel):
    """One defect put into the gold app."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    defect: str
    old: str
    new: str


MUTANTS = TypeAdapter(tuple[Mutant, ...])


@dataclass(frozen=True)
class AppTask:
    """What lies in one folder."""

    requirement: Requirement
    gold: Mapping[str, bytes]
    mutants: tuple[Mutant, ...]

    def task(self, seed: int) -> Task:
        """The task whose hidden values are drawn by `seed`."""
        needed = self.requirement
        return Task(
            id=f"{needed.name}-{seed}",
            env="app_dev",
            seed=seed,
            public={"name": needed.name, "title": needed.title, "asks": needed.asks},
            private={
                "checks": [check.model_dump(mode="json", exclude_defaults=True) for check in needed.checks],
                "gold": {name: content.decode("utf-8") for name, content in self.gold.items()},
            },
            tags=("app",),
        )

    def broken(self) -> Iterator[tuple[str, dict[str, bytes]]]:
        """Every mutant: what is wrong with it, and its files. Raises UsageError where a replacement does not fit exactly once."""
        for mutant in self.mutants:
            holding = [name for name, content in self.gold.items() if content.count(mutant.old.encode()) == 1]
            if len(holding) != 1:
                raise UsageError(
                    f"{self.requirement.name}: {mutant.defect}: {mutant.old!r} must stand exactly once in the gold app"
                )
            name = holding[0]
            yield mutant.defect, {**self.gold, name: self.gold[name].replace(mutant.old.encode(), mutant.new.encode())}


def names() -> list[str]:
    """Names of the bundled tasks."""
    return sorted(path.name for path in BUNDLED.iterdir() if (path / "requirement.json").is_file())


def open_app_task(name: str) -> AppTask:
    """A bundled task by its name, or the one in a folder. Raises UsageError."""
    folder = Path(name) if re.search(r"[/\\.]", name) else BUNDLED / name
    if not (folder / "requirement.json").is_file():
        if folder.parent == BUNDLED:
            raise UnknownId.of("app task", name, names())
        raise UsageError(f"{folder} is no task of an app: it lacks requirement.json")
    requirement = read_requirement((folder / "requirement.json").read_text("utf-8"), str(folder / "requirement.json"))
    gold = read_app(folder / "gold") if (folder / "gold").is_dir() else {}
    mutants = folder / "mutants.json"
    try:
        found = MUTANTS.validate_json(mutants.read_bytes()) if mutants.is_file() else ()
    except ValidationError as error:
        raise UsageError(f"{mutants} is no list of defects: {error}") from None
    return AppTask(requirement, gold, found)


def prove(app: AppTask, opened: Opened, *, seed: int = 0) -> Iterator[tuple[str, Verdict, bool]]:
    """Grades the gold, an empty page and every mutant: what it is, the verdict, and whether the verdict is as it must be."""
    verdict = grade_app(app.gold, app.requirement, opened, seed=seed)
    yield "the gold app", verdict, verdict.passed
    for what, files in [("an empty page", BLANK), *app.broken()]:
        verdict = grade_app(files, app.requirement, opened, seed=seed, hurry=True)
        yield what, verdict, verdict.score == 0


def requirement_of(task: Task) -> Requirement:
    """The requirement that a task carries."""
    public = task.public
    whole = {"name": public["name"], "title": public["title"], "asks": public["asks"], "checks": task.private["checks"]}
    return read_requirement(json.dumps(whole), f"task {task.id!r}")

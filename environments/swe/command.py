"""What `envgym verify swe` and `envgym certify` do with task folders, between the command line and the library."""

import json
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import typer

from envgym.command import progress
from envgym.console import say
from envgym.environments.swe.candidate import Candidate, PatchRejected
from envgym.environments.swe.gates import GateClosed, certify, check_certificate
from envgym.environments.swe.grade import grade
from envgym.environments.swe.task_folder import TaskFolder, task_folders
from envgym.errors import UsageError
from envgym.sandbox.sandbox import SandboxFailure
from envgym.verdict import Verdict


def backend_of(name: str) -> Literal["namespaces", "docker"]:
    if name == "namespaces":
        return "namespaces"
    if name == "docker":
        return "docker"
    raise UsageError(f"--sandbox {name!r}: expected namespaces or docker")


def read_folder(path: Path, image: str) -> TaskFolder:
    """A task folder, run in another image where one is named."""
    folder = TaskFolder.read(path)
    if not image:
        return folder
    recipe = folder.task.recipe.model_copy(update={"image": image})
    return TaskFolder(
        folder.path,
        folder.task.model_copy(update={"recipe": recipe}),
        folder.issue,
        folder.gold,
        folder.held_out,
        folder.mutants,
    )


def verify_swe_command(
    task: Path, tree: Path | None, patch: Path | None, *, sandbox: str, image: str, as_json: bool
) -> int:
    """Grades a working copy or a patch. Returns 1 unless it passes."""
    if (tree is None) == (patch is None):
        raise UsageError("name one candidate: --tree DIR with a working copy, or --patch FILE")
    original = TaskFolder.read(task)
    check_certificate(original)
    folder, started = read_folder(task, image), perf_counter()
    try:
        candidate = Candidate.of_tree(folder.base, tree) if tree else Candidate.of_patch(folder.base, _patch(patch))
    except PatchRejected as error:
        verdict = Verdict.of(0.0, code="swe.patch", reason=f"the patch does not apply: {error}"[:1000])
    else:
        verdict = grade(folder, candidate, backend=backend_of(sandbox))
    shown = verdict.model_dump(mode="json", exclude={"cost"})
    if as_json:
        typer.echo(json.dumps({"task": folder.task.id, **shown, "seconds": round(perf_counter() - started, 3)}))
    else:
        typer.echo(
            f"{folder.task.id}: {verdict.outcome.value}, score {verdict.score}: {verdict.reason} ({verdict.code})"
        )
        for name, part in verdict.parts.items():
            typer.echo(f"  {name}: {part.outcome.value}: {part.reason}")
        for fact in verdict.evidence:
            typer.echo(f"  {fact.kind}: {fact.text}")
    return 0 if verdict.passed else 1


def _patch(path: Path | None) -> str:
    assert path is not None
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def certify_folders_command(place: Path, *, reruns: int, sandbox: str, image: str, as_json: bool) -> int:
    """Passes every folder through the gates and writes its certificate. Returns 1 where one does not hold."""
    paths, failed, started = task_folders(place), dict[str, str](), perf_counter()
    found: dict[str, Any] = {
        "tasks": len(paths),
        "gold_ok": 0,
        "noop_zero": 0,
        "cheats": 0,
        "cheats_zero": 0,
        "held_out": 0,
    }
    with progress(len(paths), "certifying") as tick:
        for path in paths:
            try:
                folder = read_folder(path, image)
                certificate = certify(folder, reruns=reruns, backend=backend_of(sandbox))
            except (GateClosed, SandboxFailure, UsageError) as error:
                failed[path.name] = str(error)
                say(f"{path.name}: {error}")
            else:
                TaskFolder.read(path).with_certificate({**certificate, "digest": TaskFolder.read(path).digest})
                found["gold_ok"] += certificate["gold"] == 1.0
                found["noop_zero"] += certificate["nothing"] == 0.0
                found["cheats"] += len(certificate["cheats"])
                found["cheats_zero"] += sum(score == 0.0 for score in certificate["cheats"].values())
                found["held_out"] += certificate["held_out"]
            tick()
    found |= {"failed": failed, "seconds": round(perf_counter() - started, 2)}
    if as_json:
        typer.echo(json.dumps(found))
    else:
        typer.echo(
            f"{found['gold_ok']} of {found['tasks']} tasks hold, {found['cheats_zero']} of {found['cheats']} cheats score 0"
        )
    return 1 if failed else 0

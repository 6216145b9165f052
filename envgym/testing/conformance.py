"""`check` runs the laws of an environment on any environment and says which hold.

A law is a function of a Subject with one sentence of documentation; what it returns is a note. It is broken by LawBroken, and by any other
exception: an environment that crashes under a law does not obey it. Only the caller's own mistakes (an unknown id, a setting that does
not exist, no tasks) are raised.

An environment may waive a law of `WAIVABLE` with a reason, in `waived_laws`: a world outside the process may have no snapshots, a task no
known solution. The report then says so; laws of the score, of secrecy and of replies cannot be waived.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from envgym import registry
from envgym.env import AgentEnv
from envgym.errors import UnknownId, UsageError
from envgym.testing.laws import LAWS, WAIVABLE, Law
from envgym.testing.locate import entry_point_of, full_path, path_of
from envgym.testing.subject import LawBroken, Subject

Progress = Callable[[str, "LawResult"], None]


@dataclass(frozen=True, slots=True)
class LawResult:
    """Whether a law holds, what was seen, and how long it took to see it."""

    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """One result per law, by name, in the order in which they ran."""

    laws: dict[str, LawResult]

    @property
    def ok(self) -> bool:
        return all(law.ok for law in self.laws.values())

    @property
    def failures(self) -> dict[str, str]:
        """The broken laws and what was seen."""
        return {name: law.detail for name, law in self.laws.items() if not law.ok}

    def as_json(self) -> dict[str, Any]:
        laws = {name: {"ok": law.ok, "detail": law.detail} for name, law in self.laws.items()}
        return {"ok": self.ok, "laws": laws}


def check(
    env: str | Callable[..., AgentEnv],
    *,
    seed: int = 0,
    tasks: int = 3,
    knobs: Mapping[str, Any] | None = None,
    laws: tuple[str, ...] | None = None,
    law_s: float = 60.0,
    progress: Progress | None = None,
) -> Report:
    """Runs the laws (all, or those named) on an environment: its id, `module:Class`, `file.py:Class`, or what makes one.

    Each law looks at the first `tasks` tasks, and at fewer where it has used up `law_s` seconds; a step that hangs is not interrupted.
    `progress` is called after each law. Raises UsageError when the environment cannot be made or has no tasks.
    """
    if tasks < 1:
        raise UsageError(f"tasks={tasks}: a law looks at one task at least")
    chosen = chosen_laws(laws)
    subject = subject_of(env, seed=seed, tasks=tasks, knobs=knobs or {}, law_s=law_s)
    waived = waived_by(subject.build)
    results: dict[str, LawResult] = {}
    for law in chosen:
        name = law.__name__
        results[name] = LawResult(True, f"waived: {waived[name]}", 0.0) if name in waived else examine(law, subject)
        if progress is not None:
            progress(name, results[name])
    return Report(results)


def chosen_laws(names: tuple[str, ...] | None) -> list[Law]:
    known = {law.__name__: law for law in LAWS}
    for name in names or ():
        if name not in known:
            raise UnknownId.of("law", name, known)
    return [law for name, law in known.items() if names is None or name in names]


def examine(law: Law, subject: Subject) -> LawResult:
    """Runs one law and closes what it made."""
    started = perf_counter()
    subject.begin_law()
    ok, detail = True, ""
    try:
        detail = law(subject) or ""
    except LawBroken as broken:
        ok, detail = False, str(broken)
    except Exception as error:  # noqa: BLE001  # an environment that crashes does not obey; it must not end the check
        ok, detail = False, crash(error)
    try:
        subject.close_all()
    except Exception as error:  # noqa: BLE001  # the same
        ok, detail = False, detail if not ok else f"close(): {crash(error)}"
    if 0 < subject.looked_at < len(subject.tasks) and ok:
        detail = f"{detail}; {subject.looked_at} of {len(subject.tasks)} tasks in {subject.budget_s:g} s".lstrip("; ")
    return LawResult(ok, detail, perf_counter() - started)


def crash(error: Exception) -> str:
    """An exception on one line, with the place where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno}, in {frames[-1].name})" if frames else ""
    return f"{type(error).__name__}: {str(error)[:500]}{place}"


def subject_of(
    env: str | Callable[..., AgentEnv], *, seed: int, tasks: int, knobs: Mapping[str, Any], law_s: float
) -> Subject:
    """The environment to examine. Raises UsageError where it cannot be made, or has no tasks."""
    build = registry.environments.get(env) if isinstance(env, str) else env
    if not callable(build):
        raise UsageError(f"{env!r} is a {type(build).__name__}; give an environment's id, path or class")
    path = full_path(registry.environments.path(env)) if isinstance(env, str) else path_of(env)
    subject = Subject(build, path, entry_point_of(build), seed, tasks, law_s, knobs)
    try:
        subject.tasks  # noqa: B018  # made here for the first time
    except UsageError:
        raise
    except Exception:  # noqa: BLE001  # a broken generator: each law that needs a task meets it again, and says so
        return subject
    return subject


def waived_by(build: Any) -> Mapping[str, str]:
    """The laws that an environment waives, with its reasons. Raises UsageError for one that cannot be waived."""
    waived: Mapping[str, str] = getattr(build, "waived_laws", {})
    for name, reason in waived.items():
        if name not in WAIVABLE or not reason.strip():
            raise UsageError(
                f"waived_laws[{name!r}]={reason!r}: give a reason, for one of {', '.join(sorted(WAIVABLE))}"
            )
    return waived

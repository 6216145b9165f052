"""Finds commits that change source and tests together, newest first, in a local clone. Nothing of the clone is run."""

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from envgym.environments.swe.task_folder import Source
from envgym.errors import UsageError
from envgym.task_synth.mining.event import Event
from envgym.task_synth.mining.git import Objects
from envgym.task_synth.mining.licence import licence_of
from envgym.task_synth.mining.rejection import Reason

MAX_SOURCE_FILES = 4
MAX_SOURCE_LINES = 400
"""Added and removed, in source files."""
MAX_TEST_FILES = 12
BATCH = 200
FORMAT = "%x1e%H%x1f%P%x1f%s%x1f%b%x1f"
NO_SOURCE = {"setup.py", "conftest.py", "noxfile.py", "tasks.py", "fabfile.py"}
ASIDE = {
    "doc",
    "docs",
    "example",
    "examples",
    "benchmark",
    "benchmarks",
    "scripts",
    "tools",
    ".github",
    "vendor",
    "_vendor",
}
TEST_NAME = re.compile(r"test_.*\.py|.*_tests?\.py|tests?\.py")


@dataclass(frozen=True)
class Commit:
    """A commit that may become a task."""

    objects: Objects
    repository: str
    commit: str
    parent: str
    subject: str
    body: str
    digest: str = ""

    @property
    def id(self) -> str:
        return f"{self.repository}-{self.commit[:10]}"

    def write(self, place: Path) -> Event:
        """Both trees. Raises UsageError where one cannot be written."""
        before, after = place / "before", place / "after"
        self.objects.tree(self.parent, before)
        self.objects.tree(self.commit, after)
        source = Source(
            kind="history",
            repository=self.repository,
            commit=self.commit,
            parent=self.parent,
            licence=licence_of(before),
        )
        return Event(self.id, self.subject, f"{self.subject}\n\n{self.body}".strip(), source, before, after)


@dataclass(frozen=True)
class History:
    """Candidates of a clone, and how many commits were passed over on sight."""

    commits: tuple[Commit, ...]
    passed_over: dict[Reason, int]


def read_history(objects: Objects, name: str, *, since: str = "", limit: int | None = None) -> History:
    """The newest `limit` commits that may become tasks, of all or of those after `since`: a revision, or a date.

    Raises UsageError where `since` is neither, where there is no commit, and where no commit touches a test.
    """
    passed_over, found, seen = Counter[Reason](), list[Commit](), 0
    for fields, changes in _log(objects, _range(objects, since)):
        if limit is not None and len(found) >= limit:
            break
        seen += 1
        reason = _passed_over(changes)
        if reason is not None:
            passed_over[reason] += 1
            continue
        commit, parents, subject, body = fields
        found.append(Commit(objects, name, commit, parents.split()[0], subject, body.strip()))
    if not seen:
        raise UsageError(f"{name} has no commits with a parent{f' after {since}' if since else ''}; nothing to mine")
    if not found and not passed_over["no_source"] and not passed_over["too_big"]:
        raise UsageError(
            f"none of {seen} commits of {name} touches a test (test_*.py, tests/): there is nothing to mine"
        )
    digests = _digests(objects, [each.commit for each in found])
    return History(tuple(replace(each, digest=digests.get(each.commit, "")) for each in found), dict(passed_over))


@dataclass(frozen=True, slots=True)
class Change:
    """One file of a commit; `lines` is None for a binary one."""

    path: str
    lines: int | None


def is_test_path(path: str) -> bool:
    """Whether a path looks like a test, before anything is known of the project."""
    pure = PurePosixPath(path)
    return bool({"test", "tests"} & set(pure.parts[:-1])) or bool(TEST_NAME.fullmatch(pure.name))


def is_source_path(path: str) -> bool:
    """Whether a path looks like source that tests could cover."""
    pure = PurePosixPath(path)
    aside = pure.parts[0] in ASIDE or pure.name in NO_SOURCE
    return pure.suffix == ".py" and not aside and not is_test_path(path)


def _passed_over(changes: Sequence[Change]) -> Reason | None:
    source = [change for change in changes if is_source_path(change.path)]
    tests = [change for change in changes if change.path.endswith(".py") and is_test_path(change.path)]
    if not tests:
        return "no_tests"
    if not source:
        return "no_source"
    lines = sum(change.lines or 0 for change in source)
    too_big = len(source) > MAX_SOURCE_FILES or len(tests) > MAX_TEST_FILES or lines > MAX_SOURCE_LINES
    return "too_big" if too_big else None


def _range(objects: Objects, since: str) -> list[str]:
    """What git log is asked for."""
    if not since:
        return [objects.head]
    commit = objects.resolve(since)
    if commit:
        return [f"{commit}..{objects.head}"]
    try:
        day = datetime.datetime.fromisoformat(since)
    except ValueError:
        raise UsageError(f"--since {since!r} is neither a revision of the clone nor a date like 2024-01-31") from None
    return [f"--since={day.isoformat()}", objects.head]


def _log(objects: Objects, wanted: Sequence[str]) -> Iterator[tuple[list[str], list[Change]]]:
    """Commits with one parent, newest first, with what each changes. Read in batches: a long history is not walked for a short limit."""
    listed = objects.git("rev-list", "--no-merges", "--min-parents=1", *wanted, "--").decode().split()
    for start in range(0, len(listed), BATCH):
        raw = objects.git(
            "log", "--no-walk=unsorted", "--stdin", "--no-renames", "--no-show-signature", "--no-ext-diff", "--no-textconv",
            "--numstat", "-z", f"--format={FORMAT}", stdin="".join(f"{commit}\n" for commit in listed[start : start + BATCH]).encode(),
        )  # fmt: skip
        for record in raw.decode("utf-8", "replace").split("\x1e")[1:]:
            *fields, changes = record.split("\x1f")
            if len(fields) == 4:
                yield fields, list(_changes(changes))


def _changes(listed: str) -> Iterator[Change]:
    for entry in listed.split("\0"):
        added, _, rest = entry.strip("\n").partition("\t")
        removed, _, path = rest.partition("\t")
        if path:
            yield Change(path, None if added == "-" else int(added) + int(removed))


def _digests(objects: Objects, commits: Sequence[str]) -> dict[str, str]:
    """git's patch id of each commit: equal for cherry-picks."""
    if not commits:
        return {}
    listed = "".join(f"{commit}\n" for commit in commits).encode()
    patches = objects.git("diff-tree", "--stdin", "-p", "--no-ext-diff", "--no-textconv", "--no-renames", stdin=listed)
    ids = objects.git("patch-id", "--stable", stdin=patches).decode().split()
    return dict(zip(ids[1::2], ids[0::2], strict=True))

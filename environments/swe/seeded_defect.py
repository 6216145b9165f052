"""A pull request with a defect in it whose place is known, made of a task: the ground truth of a review is what hidden tests catch.

Where defects in gold are known, the request is gold with one of them, chosen by the task. Where none is, it is the reverse of gold: a
change that takes the fix out again. The diff shows both as somebody's work; that there is one defect, no reviewer is told.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envgym.environments.swe.candidate import File
from envgym.environments.swe.golden import gold_of, source_after, source_before, text_or_none
from envgym.environments.swe.task_folder import Mutant, TaskFolder
from envgym.task import derive_seed

Changes = Mapping[str, File | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a file, as they are numbered after the request."""

    path: str
    first: int
    last: int

    def covers(self, path: str, line: int, *, within: int) -> bool:
        return path == self.path and self.first - within <= line <= self.last + within


@dataclass(frozen=True)
class PullRequest:
    """A change under review. `before` and `after` lie over base."""

    description: str
    before: Changes
    after: Changes
    diff: str
    defects: tuple[Place, ...]


def pull_request(folder: TaskFolder) -> PullRequest:
    """The request of a task, the same each time."""
    gold = gold_of(folder)
    if folder.mutants:
        mutant = folder.mutants[derive_seed(folder.digest, "review") % len(folder.mutants)]
        return _with_defect(folder, gold, mutant)
    after: dict[str, File | None] = {}
    for path in gold:
        place = folder.base / path
        after[path] = File(place.read_bytes()) if place.is_file() else None
    pairs = {path: (source_after(folder, path), source_before(folder, path)) for path in gold}
    places = tuple(place for path, (old, new) in sorted(pairs.items()) for place in _changed(path, old, new))
    return PullRequest("Simplifies the code.", gold, after, _diff(pairs), places)


def _with_defect(folder: TaskFolder, gold: Changes, mutant: Mutant) -> PullRequest:
    after = {**gold, mutant.path: File(mutant.source.encode())}
    pairs = {path: (source_before(folder, path), _text(file)) for path, file in after.items()}
    defect = Place(mutant.path, mutant.line, mutant.end_line)
    return PullRequest(folder.issue, {}, after, _diff(pairs), (defect,))


def _text(file: File | None) -> str | None:
    return text_or_none(file.content) if file is not None and file.content is not None else None


def _diff(pairs: Mapping[str, tuple[str | None, str | None]]) -> str:
    """A unified diff as git writes it, but for hashes; each path with its text before and after, None where there is none."""
    said: list[str] = []
    for path, (old, new) in sorted(pairs.items()):
        names = [f"{side}/{path}" if text is not None else "/dev/null" for side, text in (("a", old), ("b", new))]
        lines = difflib.unified_diff(_lines(old), _lines(new), names[0], names[1], lineterm="")
        said += [f"diff --git a/{path} b/{path}", *lines]
    return "\n".join(said) + "\n"


def _changed(path: str, old: str | None, new: str | None) -> Iterator[Place]:
    """Where `new` differs from `old`; where lines were only taken out, the line before and the line after."""
    if new is None:
        yield Place(path, 1, max(1, len(_lines(old))))
        return
    for kind, _, _, first, end in difflib.SequenceMatcher(None, _lines(old), _lines(new)).get_opcodes():
        if kind != "equal":
            yield Place(path, max(1, first + (end > first)), max(1, end if end > first else first + 1))


def _lines(text: str | None) -> list[str]:
    return (text or "").splitlines()

"""Bugs that may be put into a tree: one mutation, or several in different functions of one module; drawn over all modules by turns."""

import random
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from envgym.task import derive_seed
from envgym.task_synth.bugs.mutate import mutations
from envgym.task_synth.bugs.mutation import Mutation

MAX_BYTES = 400_000


@dataclass(frozen=True)
class Bug:
    """A module with one or more defects."""

    path: str
    source: str
    mutations: tuple[Mutation, ...]

    @property
    def operators(self) -> tuple[str, ...]:
        return tuple(each.operator for each in self.mutations)

    @property
    def place(self) -> tuple[str, str, int]:
        """Where it is: two bugs of one place are much alike."""
        return self.path, self.mutations[0].function, self.mutations[0].line


def bugs(
    tree: Path, paths: Sequence[str], *, seed: int, limit: int, only: Collection[str] | None = None, size: int = 1
) -> Iterator[Bug]:
    """Bugs of `size` mutations, at most `limit` of each module; the same for the same seed, also where other modules come or go."""
    drawn: dict[str, deque[Bug]] = {}
    for path in paths:
        file = tree / path
        if file.stat().st_size > MAX_BYTES:
            continue
        rng = random.Random(derive_seed(seed, path, "bugs"))
        try:
            source = file.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        found = mutations(source, rng=rng, limit=limit, only=only)
        drawn[path] = deque(bug for each in found if (bug := _grown(path, each, size, rng, only)) is not None)
    yield from _by_turns(drawn, random.Random(derive_seed(seed, "order")))


def _grown(path: str, first: Mutation, size: int, rng: random.Random, only: Collection[str] | None) -> Bug | None:
    """A bug with further defects, each in another function; None where there is no room for them."""
    done = [first]
    while len(done) < size:
        known = {each.function for each in done}
        further = mutations(done[-1].source, rng=rng, limit=8, only=only)
        other = next((each for each in further if each.function and each.function not in known), None)
        if other is None:
            return None
        done.append(other)
    return Bug(path, done[-1].source, tuple(done))


def _by_turns(drawn: dict[str, deque[Bug]], rng: random.Random) -> Iterator[Bug]:
    """Modules by weight of what they hold, operators as they come."""
    while drawn := {path: left for path, left in drawn.items() if left}:
        names = list(drawn)
        yield drawn[rng.choices(names, [len(drawn[name]) for name in names])[0]].popleft()

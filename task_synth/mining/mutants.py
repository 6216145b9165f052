"""Defects in what a change made that its tests catch: the Test environment has them caught, the Review environment has them found."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from pathlib import Path

from envgym.environments.swe.candidate import File
from envgym.environments.swe.graded_tree import put
from envgym.environments.swe.task_folder import Mutant
from envgym.environments.swe.test_run import run_tests
from envgym.task import derive_seed
from envgym.task_synth.bugs.mutate import mutants_of
from envgym.task_synth.bugs.mutation import Mutation
from envgym.task_synth.mining.draft import Draft
from envgym.task_synth.mining.trial import Backend, Trial

TRIED = 6
KEPT = 3
AT_ONCE = 2
SHORTEST_S, SLOWER = 10.0, 5
"""A mutant may never end: it gets five times what all the tests took, not the time of a task."""


def caught_mutants(draft: Draft, trial: Trial, place: Path, *, backend: Backend) -> tuple[Mutant, ...]:
    """Up to three mutants of gold, in lines that the change made, under each of which a test that decides fails. The same each time."""
    drawn = _drawn(draft)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        caught = list(
            threads.map(lambda each: _is_caught(draft, trial, each[1], place / str(each[0]), backend), enumerate(drawn))
        )
    return tuple(mutant for mutant, is_caught in zip(drawn, caught, strict=True) if is_caught)[:KEPT]


def added_lines(before: str, after: str) -> set[int]:
    """Lines of `after`, counted from 1, that are not as in `before`."""
    old, new = before.splitlines(), after.splitlines()
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return {line for kind, _, _, start, end in blocks if kind != "equal" for line in range(start + 1, end + 1)}


def _drawn(draft: Draft) -> list[Mutant]:
    rng = random.Random(derive_seed(draft.event.id, "mutants"))
    found: list[Mutant] = []
    for path, file in sorted(draft.gold.items()):
        if not path.endswith(".py") or file is None or file.content is None:
            continue
        source, old = file.content.decode("utf-8"), draft.event.before / path
        before = old.read_bytes().decode("utf-8", "replace") if old.is_file() else ""
        changed = sorted(added_lines(before, source))
        found += [_mutant(path, each) for each in mutants_of(source, changed, rng=rng, limit=TRIED)]
    rng.shuffle(found)
    return found[:TRIED]


def _mutant(path: str, mutation: Mutation) -> Mutant:
    return Mutant(
        path=path,
        source=mutation.source,
        line=mutation.line,
        end_line=mutation.end_line,
        description=mutation.description,
    )


def _is_caught(draft: Draft, trial: Trial, mutant: Mutant, place: Path, backend: Backend) -> bool:
    """Whether a test that decides fails, while the tests as such still run."""
    tree = draft.lay_out(place, gold=True)
    put(tree, mutant.path, File(mutant.source.encode()))
    tests: Sequence[str] = draft.hidden_tests
    recipe = draft.detected.recipe
    in_time = recipe.model_copy(update={"seconds": min(recipe.seconds, max(SHORTEST_S, SLOWER * trial.seconds))})
    run = run_tests(tree, tests, in_time, backend=backend)
    return run.problem == "" and any(run.outcomes.get(test) == "failed" for test in trial.fail_to_pass)

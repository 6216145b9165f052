"""Makes `environments/code/problems.jsonl` of the written problems: the same bytes every time.

    python -m envgym.task_synth.contest.bundle

Each problem gets three tiers of tests, easiest first. basic: small random inputs. edge: inputs picked by hand, filled up with those small
random ones that trip the most wrong programs. large: random inputs, the first two of full size. What is wanted comes from the solution,
and the tests (`tests/code`) hold it against the brute force. A tier begins with tests that trip each wrong program, as far as it can: who
runs only the first few still refuses these.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import envgym.environments.code
from envgym.task_synth.contest.catalogue import PROBLEMS
from envgym.task_synth.contest.problem import SLOW, Input, Problem
from envgym.task_synth.contest.trusted_run import Trusted

TESTS = 12
"""In each tier, at least."""
TESTS_PER_TIER = 3
"""Of them that are run unless the user asks for more: a test costs 70 ms or more."""
CANDIDATES = 300
"""Random inputs that the edge tier is filled from."""
SHARES = (1, 1, 0.25, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05)
"""Sizes of the large inputs, as shares of the largest."""


def small_inputs(problem: Problem, count: int, purpose: str) -> list[Input]:
    """Random small inputs, the same for the same purpose."""
    rng = Random(f"{problem.id} {purpose}")
    size, top = problem.small
    return [problem.draw(rng, rng.randint(1, size), rng.randint(1, top)) for _ in range(count)]


def large_inputs(problem: Problem) -> list[Input]:
    rng = Random(f"{problem.id} large")
    size, top = problem.large
    return [problem.draw(rng, max(1, int(size * share)), top) for share in SHARES]


def different(inputs: Sequence[Input], known: Sequence[Input] = ()) -> list[Input]:
    """The inputs that are neither known nor came before."""
    seen, found = [*known], []
    for given in inputs:
        if given not in seen:
            seen.append(given)
            found.append(given)
    return found


class Tripped:
    """Which wrong programs give a wrong answer on an input."""

    def __init__(self, problem: Problem) -> None:
        self._right = Trusted(problem.solution, problem.call)
        self._wrong = {
            name: Trusted(problem.wrong_program(name), problem.call) for name in problem.wrong if name != SLOW
        }

    def by(self, given: Input) -> frozenset[str]:
        right = self._right.answer(given)
        return frozenset(name for name, wrong in self._wrong.items() if wrong.answer_or_fault(given) != right)

    def in_order(self, inputs: Sequence[Input]) -> list[Input]:
        """Those first that trip what none before them does; once all are tripped it begins anew."""
        left = [(given, self.by(given)) for given in inputs]
        ordered: list[Input] = []
        done: frozenset[str] = frozenset()
        while left:
            gains = [len(names - done) for _, names in left]
            if not max(gains) and done:
                done = frozenset()
                continue
            given, names = left.pop(gains.index(max(gains)))
            ordered.append(given)
            done |= names
        return ordered


def tiers(problem: Problem) -> dict[str, list[Input]]:
    """The inputs of each tier."""
    tripped = Tripped(problem)
    shown = list(problem.examples)
    picked = different(problem.edge, shown)
    basic = different(small_inputs(problem, CANDIDATES, "basic"), [*shown, *picked])[:TESTS]
    more = different(small_inputs(problem, CANDIDATES, "edge"), [*shown, *picked, *basic])
    edge = [*picked, *tripped.in_order(more)[: max(0, TESTS - len(picked))]]
    return {
        "basic": tripped.in_order(basic),
        "edge": tripped.in_order(edge),
        "large": different(large_inputs(problem)),
    }


def as_test(problem: Problem, given: Input) -> dict[str, Any]:
    """A test in the form of `code_tests`."""
    answer = Trusted(problem.solution, problem.call).answer(given)
    if problem.call:
        return {"call": problem.call, "args": given, "want": answer}
    return {"stdin": given, "stdout": answer}


def row(problem: Problem) -> dict[str, Any]:
    """One line of the bundle."""
    return {
        "id": problem.id,
        "statement": problem.statement,
        "topics": problem.topics,
        "difficulty": problem.difficulty,
        "starter_code": problem.starter,
        "tests_per_tier": TESTS_PER_TIER,
        "examples": [as_test(problem, given) for given in problem.examples],
        "tests": [
            {"name": name, "tests": [as_test(problem, given) for given in inputs]}
            for name, inputs in tiers(problem).items()
        ],
        "solution": problem.solution,
    }


def rows() -> Iterator[str]:
    for problem in PROBLEMS:
        yield json.dumps(row(problem), ensure_ascii=False, separators=(",", ":")) + "\n"


def write(path: Path) -> None:
    path.write_text("".join(rows()), encoding="utf-8")


if __name__ == "__main__":
    write(Path(envgym.environments.code.__file__).with_name("problems.jsonl"))

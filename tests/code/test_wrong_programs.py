"""Typical wrong programs for the bundled problems, judged as an agent's are: none passes, though only a few tests of each tier are run."""

import pytest

from envgym.environments.code.code_problems import Code
from envgym.task_synth.contest.bundle import TESTS_PER_TIER
from envgym.task_synth.contest.catalogue import PROBLEMS
from envgym.task_synth.contest.problem import SLOW, Problem

WRONG = [pytest.param(problem, name, id=f"{problem.id}: {name}") for problem in PROBLEMS for name in problem.wrong]


def judged(problem: Problem, program: str) -> tuple[float, str]:
    env = Code()
    env.reset(options={"task": problem.id})
    assert env.task is not None
    assert env.task.public["tests_per_tier"] == TESTS_PER_TIER
    score = env.step(f"```python\n{program}\n```")[1]
    assert env.verdict is not None
    return score, env.verdict.code


@pytest.mark.parametrize(("problem", "name"), WRONG)
def test_a_typical_wrong_program_does_not_pass(problem: Problem, name: str) -> None:
    score, code = judged(problem, problem.wrong_program(name))
    assert score == 0.0
    if name == SLOW:
        assert code in ("code_tests.too_slow", "code_tests.memory"), code


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_the_solution_passes(problem: Problem) -> None:
    assert judged(problem, problem.solution) == (1.0, "code_tests.passed")


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)
def test_a_problem_has_two_wrong_programs_or_more(problem: Problem) -> None:
    assert len(problem.wrong) >= 2

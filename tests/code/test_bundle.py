"""The 40 bundled problems: the file is what the maker makes, and every answer in it is that of a brute force written apart."""

import copy
import json
from typing import Any

import pytest

from envgym.environments.code.code_problems import BUNDLED
from envgym.task_synth.contest.bundle import TESTS, as_test, rows, small_inputs
from envgym.task_synth.contest.catalogue import PROBLEMS
from envgym.task_synth.contest.problem import SLOW, Problem
from envgym.task_synth.contest.trusted_run import Trusted

LINES = BUNDLED.read_text(encoding="utf-8").splitlines(keepends=True)
ROWS: dict[str, dict[str, Any]] = {row["id"]: row for row in map(json.loads, LINES)}
RANDOM = 200
by_problem = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.id)


def forced(problem: Problem, given: Any) -> Any:
    """What the brute force answers."""
    if problem.call:
        return json.loads(json.dumps(problem.brute(*copy.deepcopy(given))))
    return problem.brute(given)


def test_the_file_is_what_the_maker_makes() -> None:
    assert list(rows()) == LINES


def test_there_are_twenty_of_each_kind_of_every_difficulty_about_many_topics() -> None:
    assert len(ROWS) == len(PROBLEMS) == 40
    assert sum(bool(row["starter_code"]) for row in ROWS.values()) == 20
    assert {row["difficulty"] for row in ROWS.values()} == {1, 2, 3, 4, 5}
    assert len({topic for row in ROWS.values() for topic in row["topics"]}) >= 16


@by_problem
def test_a_problem_has_examples_and_three_tiers_of_different_tests(problem: Problem) -> None:
    row = ROWS[problem.id]
    assert len(row["examples"]) == 2
    assert [tier["name"] for tier in row["tests"]] == ["basic", "edge", "large"]
    assert all(len(tier["tests"]) >= TESTS for tier in row["tests"])
    every = [json.dumps(test) for tier in [row["examples"], *(tier["tests"] for tier in row["tests"])] for test in tier]
    assert len(set(every)) == len(every)


@by_problem
def test_the_small_tests_and_examples_want_what_the_brute_force_finds(problem: Problem) -> None:
    row = ROWS[problem.id]
    tests = [*row["examples"], *row["tests"][0]["tests"], *row["tests"][1]["tests"]]
    for test in tests:
        given, wanted = (test["args"], test["want"]) if problem.call else (test["stdin"], test["stdout"])
        assert forced(problem, given) == wanted, given


@by_problem
def test_the_solution_agrees_with_the_brute_force_on_random_inputs(problem: Problem) -> None:
    solution = Trusted(problem.solution, problem.call)
    answers = set()
    for given in small_inputs(problem, RANDOM, "proof"):
        answer = solution.answer(given)
        assert answer == forced(problem, given), given
        answers.add(json.dumps(answer))
    assert len(answers) >= 4, "inputs that all have the same answer prove nothing"


@by_problem
def test_random_inputs_tell_the_solution_from_most_wrong_programs(problem: Problem) -> None:
    """The comparison with the brute force is only as good as its inputs: they must show what is typically wrong."""
    solution = Trusted(problem.solution, problem.call)
    inputs = [*small_inputs(problem, RANDOM, "proof"), *problem.edge]
    unseen = []
    for name in problem.wrong:
        wrong = Trusted(problem.wrong_program(name), problem.call)
        if name not in ONLY_LARGE and all(wrong.answer_or_fault(given) == solution.answer(given) for given in inputs):
            unseen.append(name)
    assert unseen == []


ONLY_LARGE = {SLOW, "no modulus", "recursion"}
"""What is wrong with these shows on large inputs alone."""


def test_an_edit_that_does_not_fit_its_solution_is_refused() -> None:
    broken = Problem(
        **{field: getattr(PROBLEMS[0], field) for field in Problem.__slots__} | {"wrong": {"x": ("?!", "")}}
    )
    with pytest.raises(ValueError, match="not in the solution exactly once"):
        broken.wrong_program("x")


def test_a_test_of_a_function_and_of_a_program_have_the_form_of_the_verifier() -> None:
    function, program = (next(each for each in PROBLEMS if bool(each.call) == kind) for kind in (True, False))
    assert as_test(function, function.examples[0]).keys() == {"call", "args", "want"}
    assert as_test(program, program.examples[0]).keys() == {"stdin", "stdout"}

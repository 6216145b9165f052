"""The environment around the programming problems: what is shown, what is taken for the program, and what the knobs change."""

import random
from typing import Any

import pytest

from envgym.environments.code.code_problems import Code, first_tests, in_a_block, kind_of
from envgym.errors import EnvFailure, UsageError
from envgym.message import text_of
from envgym.registry import make
from envgym.task import Task

DOUBLE = Task(
    id="double",
    env="code",
    public={
        "statement": "Return twice x.",
        "call": "double",
        "starter_code": "def double(x: int) -> int:",
        "examples": [{"call": "double", "args": [4], "want": 8}],
    },
    private={
        "tests": [
            {"name": "basic", "tests": [{"call": "double", "args": [x], "want": 2 * x} for x in (1, 2)]},
            {"name": "edge", "tests": [{"call": "double", "args": [x], "want": 2 * x} for x in (0, -1)]},
        ],
        "solution": "def double(x):\n    return 2 * x\n",
    },
)
ECHO = Task(
    id="echo",
    env="code",
    public={"statement": "Print what you read.", "examples": [{"stdin": "a\n", "stdout": "a\n"}]},
    private={"tests": [{"stdin": "b\n", "stdout": "b"}], "solution": "print(input())"},
)
RIGHT = "def double(x):\n    return x + x"
ONLY_POSITIVE = "def double(x):\n    return 2 * abs(x)"
ONLY_NEGATIVE = "def double(x):\n    return -2 * abs(x)"


def score(reply: str, task: Task = DOUBLE, **knobs: Any) -> float:
    env = Code(**knobs)
    env.reset(options={"task": task})
    return env.step(reply)[1]


def test_the_agent_sees_statement_signature_examples_and_limits_but_no_hidden_test() -> None:
    env = Code(cpu_s=3, memory_mb=256)
    (message,) = env.reset(options={"task": DOUBLE})[0]
    text = text_of(message)
    for part in (
        "`double`",
        "Return twice x.",
        "def double(x: int) -> int:",
        "`double(4)` returns `8`",
        "3 CPU",
        "256 MB",
    ):
        assert part in text
    assert "-1" not in text


def test_a_program_that_prints_is_shown_what_it_reads() -> None:
    (message,) = Code().reset(options={"task": ECHO})[0]
    assert "Example 1, input:\n```\na\n```\noutput:\n```\na\n```" in text_of(message)


@pytest.mark.parametrize(
    "reply",
    [
        f"First try:\n```python\nprint(0)\n```\nBetter:\n```python\n{RIGHT}\n```\nDone.",
        RIGHT,
        f"\n# bare code\n{RIGHT}\n",
        f"<think>2 x?</think>\n{RIGHT}",
        "class Solution:\n    def double(self, x):\n        return 2 * x\n",
    ],
)
def test_the_last_block_or_bare_code_is_the_program(reply: str) -> None:
    assert score(reply) == 1.0


@pytest.mark.parametrize(
    "reply", ["It is 2 * x.", f"```python\n{RIGHT}\n```\nNo:\n```python\nprint(0)\n```", "```python\n" + RIGHT]
)
def test_what_is_no_program_or_another_one_is_not_paid(reply: str) -> None:
    assert score(reply) == 0.0


@pytest.mark.parametrize(
    "reply", ["9**9**9**9", "__import__('os').system('ls')", "The answer is 3.", "", "[" * 100_000]
)
def test_a_text_that_is_no_code_is_left_as_it_is(reply: str) -> None:
    assert in_a_block(reply) == reply


@pytest.mark.parametrize(
    ("mode", "program", "paid"),
    [
        ("all", RIGHT, 1.0),
        ("all", ONLY_POSITIVE, 0.0),
        ("soft", ONLY_POSITIVE, 0.75),
        ("strict", ONLY_POSITIVE, 0.5),
        ("soft", ONLY_NEGATIVE, 0.5),
        ("strict", ONLY_NEGATIVE, 0.0),
    ],
)
def test_a_mode_says_how_tiers_count(mode: str, program: str, paid: float) -> None:
    assert score(f"```python\n{program}\n```", mode=mode) == paid


def test_only_the_first_tests_of_each_tier_are_run_where_that_is_asked() -> None:
    reply = f"```python\n{ONLY_POSITIVE}\n```"
    assert (score(reply, tests_per_tier=1), score(reply, tests_per_tier=2)) == (1.0, 0.0)
    few = DOUBLE.model_copy(update={"public": {**DOUBLE.public, "tests_per_tier": 1}})
    assert (score(reply, few), score(reply, few, tests_per_tier=2)) == (1.0, 0.0)
    assert first_tests([{"stdin": "1", "stdout": "1"}] * 3, 2) == [{"stdin": "1", "stdout": "1"}] * 2


def test_knobs_choose_kind_topic_and_difficulty() -> None:
    functions = list(Code(kind="function").taskset())  # type: ignore[call-overload]  # a set of a file is a list
    assert {kind_of(task) for task in functions} == {"function"}
    assert len(functions) == 20
    graphs = list(Code(topics=["graphs"], kind="stdin", min_difficulty=3, max_difficulty=3).taskset())  # type: ignore[call-overload]
    assert {task.id for task in graphs} == {"cheapest-tolls", "order-of-tasks"}


def test_knobs_that_choose_nothing_are_told_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"topics=\['cooking'\].*dynamic programming"):
        Code(topics=["cooking"]).taskset()


def test_the_task_set_is_the_file_whatever_the_seed() -> None:
    env = make("code")
    one = env.taskset(1)
    assert one is env.taskset(2)
    assert one.size == 40


def test_limits_are_those_of_the_knobs() -> None:
    hungry = "def double(x):\n    block = bytearray(150_000_000)\n    return 2 * x"
    assert score(f"```python\n{hungry}\n```", memory_mb=512) == 1.0
    assert score(f"```python\n{hungry}\n```", memory_mb=128) == 0.0


def test_a_program_has_no_files_network_threads_or_processes() -> None:
    tries = (
        "open('/etc/passwd').read()",
        "open('x', 'w').write('x')",
        "__import__('socket').create_connection(('127.0.0.1', 80))",
        "__import__('threading').Thread(target=print).start()",
        "__import__('os').fork()",
    )
    for what in tries:
        program = f"def double(x):\n    try:\n        {what}\n        return None\n    except Exception:\n        return 2 * x"
        assert score(f"```python\n{program}\n```") == 1.0, what


def test_a_problem_without_solution_has_no_oracle() -> None:
    task = DOUBLE.model_copy(update={"private": {"tests": DOUBLE.private["tests"]}})
    env = Code()
    env.reset(options={"task": task})
    with pytest.raises(UsageError, match="'double' of code has no solution"):
        list(env.oracle())


def test_gold_that_is_none_is_a_failure_of_the_world_and_no_zero() -> None:
    env = Code()
    env.reset(options={"task": DOUBLE.model_copy(update={"private": {"tests": [{"what": 1}]}})})
    with pytest.raises(EnvFailure, match=r"code_tests\.gold"):
        env.step(RIGHT)


def test_a_random_action_is_a_closed_block_of_the_right_form() -> None:
    env = Code()
    for task, part in ((DOUBLE, "def double("), (ECHO, "print(")):
        env.reset(options={"task": task})
        said = {str(env.random_action(random.Random(seed))) for seed in range(20)}
        assert len(said) == 3
        assert all(part in each and each.endswith("\n```") for each in said)


def test_a_program_that_draws_lots_gets_one_verdict_however_often_it_is_asked_for() -> None:
    env = Code()
    reply = "```python\nimport os\n\ndef double(x):\n    return 2 * x if os.urandom(1)[0] < 200 else 0\n```"
    env.reset(options={"task": DOUBLE})
    score = env.step(reply)[1]
    assert [env.verify().score for _ in range(6)] == [score] * 6

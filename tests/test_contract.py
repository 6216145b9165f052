"""AgentEnv as a contract and as a real Gymnasium environment."""

import json
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

import envgym
from envgym import AgentEnv, EnvFailure, Task, call, make
from envgym.errors import UnknownId, UsageError
from envgym.message import assistant

World = Callable[[str], str]


def test_gymnasium_makes_our_environments_and_its_checker_passes() -> None:
    env = gymnasium.make("envgym:envgym/game24-v0", numbers=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)
    assert env.spec is not None
    assert json.loads(env.spec.to_json())["entry_point"].endswith("game24:Game24")
    observation, _ = env.reset(seed=3)
    assert observation in env.observation_space
    assert env.unwrapped.knobs.numbers == 3  # type: ignore[attr-defined]
    env.close()


@pytest.mark.parametrize("imports", ["import envgym, gymnasium", "import gymnasium, envgym", "import gymnasium"])
def test_ids_are_known_whichever_package_is_imported_first(imports: str) -> None:
    prefix = "envgym:" if "envgym" not in imports else ""
    program = f"{imports}\nprint(gymnasium.make('{prefix}envgym/game24-v0').unwrapped.id)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60).stdout == "game24\n"
    )


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_vector_environments_step_ours(mode: str) -> None:
    options: dict[str, Any] = {"shared_memory": False} if mode == "async" else {}
    vector = gymnasium.make_vec("envgym:envgym/game24-v0", num_envs=3, vectorization_mode=mode, vector_kwargs=options)
    observations, _ = vector.reset(seed=5)
    assert len({observation[0]["content"] for observation in observations}) == 3
    _, rewards, terminated, _, _ = vector.step(("1", "2", "3"))
    assert list(rewards) == [0.0, 0.0, 0.0]
    assert list(terminated) == [True, True, True]
    vector.close()


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = "import envgym, sys; print([m for m in ('gymnasium', 'pydantic', 'numpy', 'sympy', 'aiohttp') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60).stdout == "[]\n"


def test_every_public_name_loads() -> None:
    for name in envgym.__all__:
        assert getattr(envgym, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        envgym.nonsense  # noqa: B018


def test_a_public_function_is_not_hidden_by_a_module_of_its_name() -> None:
    program = (
        "import envgym, envgym.rollout.engine; print([callable(getattr(envgym, name)) for name in ('play', 'make')])"
    )
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60).stdout
        == "[True, True]\n"
    )
    root = Path(envgym.__file__).parent
    assert not [name for name in envgym.__all__ if (root / name).exists() or (root / f"{name}.py").exists()]


def test_reset_with_a_seed_repeats_and_without_one_goes_on() -> None:
    env = make("game24")
    first = [env.reset(seed=1)[0], env.reset()[0], env.reset()[0]]
    again = [env.reset(seed=1)[0], env.reset()[0], env.reset()[0]]
    assert first == again
    assert len({str(each) for each in first}) == 3


def test_a_task_can_be_given_by_id_or_as_itself() -> None:
    env = make("game24")
    by_id, _ = env.reset(options={"task": "4-7"})
    assert by_id == env.reset(options={"task": env.taskset(4)[7]})[0]
    with pytest.raises(UnknownId, match="did you mean 'task'"):
        env.reset(options={"tasks": "4-7"})
    with pytest.raises(UsageError, match="not in this set"):
        env.reset(options={"task": "nonsense"})
    with pytest.raises(UsageError, match="a Task or a task id, not int"):
        env.reset(options={"task": 3})


def test_the_last_step_pays_the_verdict_and_the_next_one_raises() -> None:
    env = make("game24")
    with pytest.raises(UsageError, match="no episode was started"):
        env.step("1")
    env.reset(seed=0)
    solution = next(iter(env.oracle()))
    assert env.step(solution)[1:4] == (1.0, True, False)
    assert env.verify().passed
    with pytest.raises(UsageError, match=r"has ended; call reset"):
        env.step(solution)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (None, "reply.type"),
        (b"24", "reply.type"),
        ({"role": "user", "content": "24"}, "reply.role"),
        ({"role": "assistant", "content": 24}, "reply.content"),
        ({"role": "assistant", "content": None, "tool_calls": "add"}, "reply.tool_calls"),
        ({"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}, "reply.tool_calls"),
        ({"role": "assistant", "content": None, "tool_calls": [None]}, "reply.tool_calls"),
        ("x" * 200_001, "reply.size"),
        ("  \n", "answer.empty"),
        (call("solve"), "tool.unknown"),
    ],
)
def test_a_bad_reply_is_told_and_costs_a_turn(action: Any, code: str) -> None:
    env = make("game24")
    env.reset(seed=0)
    observation, reward, terminated, truncated, info = env.step(action)
    assert (reward, terminated, truncated, info) == (0.0, False, False, {"error": code})
    assert observation[0]["content"]
    env.step(action)
    assert env.step(action)[3], "three wasted turns are all there are"
    assert env.verify().code == "answer.none"


def test_a_verdict_without_a_score_is_raised_and_never_a_reward(world: World) -> None:
    env = make(world("Undecided"))
    env.reset(seed=0)
    with pytest.raises(EnvFailure, match=r"judge\.down"):
        env.step("1")


def test_a_fork_goes_its_own_way(world: World) -> None:
    env = make(world("Counter"))
    env.reset(options={"task": "0-0"})
    env.step(call("add", amount=1))
    twin = env.fork()
    twin.step(call("add", amount=5))
    assert (env.value, twin.value) == (1, 6)
    assert env.observe() != twin.observe()
    assert env.task is twin.task


def test_a_snapshot_restores_the_same_future_random_stream_included(world: World) -> None:
    env = make(world("Counter"))
    env.reset(seed=3)
    env.step(call("add", amount=1))
    env.np_random.integers(10)
    snapshot = pickle.loads(pickle.dumps(env.snapshot()))
    future = [env.step(call("add", amount=2)), int(env.np_random.integers(1_000_000))]
    for other in (env, make(world("Counter"))):
        other.restore(snapshot)
        assert [other.step(call("add", amount=2)), int(other.np_random.integers(1_000_000))] == future
    with pytest.raises(UsageError, match="does not fit"):
        make("game24").restore(snapshot)


def test_a_fork_shares_the_random_future_even_where_nobody_gave_a_seed(world: World) -> None:
    env = make(world("Counter"))
    env.reset(options={"task": "0-0"})
    twin = env.fork()
    assert env.np_random.integers(2**31) == twin.np_random.integers(2**31)


def test_the_global_random_stream_is_left_alone() -> None:
    import random

    random.seed(1)
    before = random.getstate()
    env = make("game24")
    env.reset(seed=1)
    env.action_space.sample()
    env.random_action(random.Random(1))
    assert random.getstate() == before


def test_an_action_sample_is_a_call_that_fits_the_tools(world: World) -> None:
    env = make(world("Counter"))
    env.reset(seed=0)
    for seed in range(50):
        env.action_space.seed(seed)
        action = env.action_space.sample()
        assert env.action_space.contains(action)
        assert "error" not in env.fork().step(action)[4], action


def test_rendering_shows_the_last_observation() -> None:
    env = make("game24", render_mode="ansi")
    env.reset(seed=0)
    assert env.render().startswith("[user] Use each of the numbers")
    with pytest.raises(UsageError, match="render_mode 'human'"):
        make("game24", render_mode="human")


def test_a_setting_that_does_not_exist_or_fit_is_named() -> None:
    with pytest.raises(UnknownId, match="did you mean 'target'"):
        make("game24", targe=10)
    with pytest.raises(UsageError, match="numbers='many'"):
        make("game24", numbers="many")
    with pytest.raises(UsageError, match="no solvable task"):
        make("game24", numbers=2, low=1, high=2, target=999).taskset()[0]


def test_an_environment_without_a_generator_says_so() -> None:
    class Bare(AgentEnv):
        id = "bare"

    with pytest.raises(UsageError, match="generates no tasks; give it some"):
        Bare().reset(seed=0)
    with pytest.raises(UsageError, match=r"Bare needs begin\(task\)"):
        Bare(tasks=[Task(id="1", env="bare")]).reset(seed=0)


def test_a_minimal_environment_is_25_lines_at_most() -> None:
    from envgym.new_env import ANSWER

    assert len([line for line in ANSWER.splitlines() if line.strip()]) <= 25


def test_the_assistant_message_form_is_taken_as_well_as_text(world: World) -> None:
    env = make(world("Sum"))
    env.reset(seed=0)
    assert env.step(assistant(str(env.task.private["sum"])))[1] == 1.0

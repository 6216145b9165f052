"""Laws of a whole episode: it is a function of task, seed and actions, in this process and in any other, and gymnasium agrees."""

import random
import warnings
from itertools import count
from typing import Any

import gymnasium
import numpy as np
from gymnasium.utils.env_checker import check_env

from envgym.env import AgentEnv
from envgym.message import Action
from envgym.task import Task
from envgym.testing.fresh_process import NOT_ELSEWHERE, Play, in_a_fresh_process
from envgym.testing.state import changes, state_of
from envgym.testing.subject import LawBroken, Subject
from envgym.testing.tape import Tape, line, record, require_same, walk

NUMBERS = count()


def same_seed_same_bytes(subject: Subject) -> str:
    """The same task, seed and actions give the same bytes: again, in a fresh instance, and in a fresh process with other string hashes."""
    plays, tapes = [], []
    used = subject.make()
    for task in subject.each_task():
        for who, script in subject.scripts(task).items():
            what = f"task {task.id!r}, {who}"
            first = record(used, task, script, seed=subject.seed)
            require_same(first, record(used, task, script, seed=subject.seed), f"{what}, again in the same instance")
            require_same(first, record(subject.make(), task, script, seed=subject.seed), f"{what}, in a fresh instance")
            plays.append(Play(task, script))
            tapes.append((what, first))
    if subject.path is None:
        return NOT_ELSEWHERE
    other = in_a_fresh_process(subject, plays)
    for (what, first), theirs in zip(tapes, other.tapes, strict=True):
        require_same(first, theirs, f"{what}, in a fresh process")
    mine = [task.hash for task in subject.tasks] if subject.generated else []
    require_same(mine, other.generated, "generated tasks, in a fresh process")
    return f"{len(plays)} episodes, each three times here and once in a fresh process"


def observe_is_pure(subject: Subject) -> None:
    """`observe` gives what the last reset or step returned, as often as it is asked, and changes nothing."""
    for task in subject.each_task():
        env = subject.make()
        observation, _ = env.reset(seed=subject.seed, options={"task": task})
        look_twice(env, observation, f"task {task.id!r}, after reset")
        for moment in walk(env, subject.busiest(task)):
            look_twice(env, moment.observation, f"task {task.id!r}, after step {moment.number}")


def look_twice(env: AgentEnv, returned: object, when: str) -> None:
    before = state_of(env)
    for _ in range(2):
        require_same([line("observe()", seen=returned)], [line("observe()", seen=env.observe())], when)
    changed = changes(before, state_of(env))
    if changed:
        raise LawBroken(f"{when}: observe() changes {', '.join(changed)}")


def no_global_rng(subject: Subject) -> None:
    """Nothing draws from, seeds or depends on the global generators of `random` and `numpy.random`."""
    kept, kept_numpy = random.getstate(), np.random.get_state()
    try:
        for task in subject.each_task():
            for who, script in subject.scripts(task).items():
                one, two = (under_global_seed(seed, subject, task, script, who) for seed in (1, 2))
                require_same(one, two, f"task {task.id!r}, {who}, under two seeds of the global generators")
    finally:
        random.setstate(kept)
        np.random.set_state(kept_numpy)


def under_global_seed(seed: int, subject: Subject, task: Task, script: list[Action], who: str) -> Tape:
    """A tape made after the global generators were seeded. Raises LawBroken when they were touched meanwhile."""
    random.seed(seed)
    np.random.seed(seed)
    before = global_generators()
    env = subject.make()
    drawn = line("the first task of the set", hash=env.taskset(subject.seed)[0].hash)
    tape = record(env, task, script, seed=subject.seed)
    env.random_action(random.Random(seed))
    for name, state in global_generators().items():
        if state != before[name]:
            raise LawBroken(f"task {task.id!r}, {who}: the global generator of {name} was drawn from or seeded")
    return (drawn, *tape)


def global_generators() -> dict[str, str]:
    state = np.random.get_state(legacy=False)
    return {
        "random": repr(random.getstate()),
        "numpy.random": repr((state["state"]["pos"], state["state"]["key"].tolist())),
    }


def gymnasium_check_env(subject: Subject) -> None:
    """Gymnasium's own `check_env` passes without a warning on the environment as `gymnasium.make` gives it."""
    gym_id = f"envgym-check/subject{next(NUMBERS)}-v0"
    entry = subject.entry_point or subject.build
    gymnasium.register(gym_id, entry_point=entry, kwargs=dict(subject.knobs), disable_env_checker=True)
    try:
        env: Any = gymnasium.make(gym_id).unwrapped
        subject.made.append(env)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            check_env(env)
    finally:
        del gymnasium.registry[gym_id]
    said = [str(each.message) for each in caught if issubclass(each.category, UserWarning)]
    if said:
        raise LawBroken(f"check_env warns: {said[0][:300]}")

"""bfcl-eval's sets as tasks: golden episodes score 1, idle ones 0, our verdicts are those of bfcl-eval's own checker."""

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import envgym
from envgym.environments.bfcl.bfcl_env import Bfcl
from envgym.environments.bfcl.entries import SOUND, SUSPECT, entries
from envgym.environments.bfcl.world_process import worlds_of
from envgym.message import call
from envgym.task import Task
from envgym.testing import check

CHECKER = Path(__file__).with_name("their_checker.py")
SIZES = {"base": 200, "miss_param": 200, "miss_func": 199, "long_context": 200}
Turns = list[list[dict[str, Any]]]


def play(env: Bfcl, task: Task, actions: Any) -> float:
    env.reset(options={"task": task})
    for action in actions:
        _, reward, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            return reward
    raise AssertionError(f"{task.id} goes on")


@pytest.mark.parametrize("subset", SIZES)
def test_gold_scores_one_and_idle_zero_on_every_task(subset: str, python: str) -> None:
    env = Bfcl(set=subset)
    tasks = entries(python, subset)
    assert len(tasks) == SIZES[subset]
    for task in tasks:
        env.reset(options={"task": task})
        assert play(env, task, env.oracle()) == 1.0, (task.id, env.verdict)
        assert play(env, task, ["I am thinking about it."] * 20) == 0.0, task.id


def test_an_entry_whose_gold_needs_a_function_before_it_is_there_is_left_out(python: str) -> None:
    ids = {task.id for task in entries(python, "miss_func")}
    assert {f"multi_turn_miss_func_{number}" for number in range(200)} - ids == {"multi_turn_miss_func_49"}


@pytest.mark.parametrize("subset", ["miss_func", "long_context"])
def test_the_laws_hold_in_the_other_sets(subset: str) -> None:
    """All laws hold in `base` by tests/test_conformance.py; here are those that the other sets could break."""
    laws = (
        "tools_are_well_formed",
        "oracle_scores_one",
        "idle_scores_zero",
        "nothing_private_leaks",
        "snapshot_restores_the_future",
    )
    report = check("bfcl", knobs={"set": subset}, tasks=1, laws=laws, law_s=2.0)
    assert report.ok, report.failures


def test_episodes_side_by_side_in_every_scaffold_share_one_process() -> None:
    for scaffold in envgym.registry.scaffolds.paths():
        played = envgym.play("bfcl", policy="oracle", scaffold=scaffold, episodes=12, seed=3)
        assert [episode.score for episode in played] == [1.0] * 12, scaffold


# ---- the same verdicts as theirs


def variants(gold: Turns, rng: random.Random) -> Iterator[Turns]:
    """Episodes near the golden one, some as good and most not."""
    yield gold
    spots = [(turn, place) for turn, calls in enumerate(gold) for place in range(len(calls))]
    turn, place = rng.choice(spots)
    dropped = [list(calls) for calls in gold]
    del dropped[turn][place]
    yield dropped
    twice = [list(calls) for calls in gold]
    twice[turn].insert(place, gold[turn][place])
    yield twice
    yield [list(reversed(calls)) for calls in gold]
    yield [[each for calls in gold for each in calls], *([] for _ in gold[1:])]
    wrong = [list(calls) for calls in gold]
    wrong[turn][place] = mutated(gold[turn][place], rng)
    yield wrong


def mutated(made: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The same call with one argument changed."""
    arguments = dict(made["arguments"])
    if arguments:
        name = rng.choice(sorted(arguments))
        value = arguments[name]
        arguments[name] = value + "x" if isinstance(value, str) else value[1:] if isinstance(value, list) else 3
    return {"name": made["name"], "arguments": arguments}


def as_python(made: dict[str, Any]) -> str:
    return f"{made['name']}({', '.join(f'{name}={value!r}' for name, value in made['arguments'].items())})"


@pytest.mark.parametrize("subset", SIZES)
def test_verdicts_are_those_of_bfcl_evals_own_checker(subset: str, python: str) -> None:
    """On every third task of `base` and every eighth of the others, which have the same worlds."""
    rng = random.Random(subset)
    worlds = worlds_of(python)
    cases, ours = [], []
    for task in list(entries(python, subset))[:: 3 if subset == "base" else 8]:
        for turns in variants(task.private["gold"], rng):
            found = worlds.judge(task.private["world"], turns, task.private["gold"])
            ours.append(found["code"] == "")
            cases.append(
                {"set": subset, "id": task.id, "turns": [[as_python(each) for each in calls] for calls in turns]}
            )
    done = subprocess.run(
        [python, str(CHECKER)], input=json.dumps(cases), capture_output=True, text=True, timeout=100, check=True
    )
    theirs = json.loads(done.stdout)
    differing = [(case, mine) for case, mine, other in zip(cases, ours, theirs, strict=True) if mine != other]
    assert not differing, differing[:3]
    assert 0.2 < sum(ours) / len(ours) < 0.6, "the variants are neither all right nor all wrong"


# ---- known defects


def test_known_defects_carry_a_tag_in_every_set(python: str) -> None:
    for subset in SIZES:
        tagged = {task.id for task in entries(python, subset) if "suspect" in task.tags}
        assert tagged == {f"multi_turn_{subset}_{number}" for number in SUSPECT} - SOUND


@pytest.mark.parametrize("subset", SIZES)
@pytest.mark.parametrize(
    ("number", "source", "arguments", "field"),
    [
        (4, "sort", {"file_name": "report.txt"}, "sorted_content"),
        (18, "diff", {"file_name1": "History101.txt", "file_name2": "History202.txt"}, "diff_lines"),
    ],
)
def test_an_agent_that_posts_what_the_tool_shows_fails_where_the_task_is_suspect(
    number: int, source: str, arguments: dict[str, Any], field: str, subset: str, python: str
) -> None:
    """The defect: the golden post is not what the tool shows, and only the golden post is paid."""
    env = Bfcl(set=subset)
    task = entries(python, subset).find(f"multi_turn_{subset}_{number}")
    suspect = "suspect" in task.tags
    env.reset(options={"task": task})
    for turn in task.private["gold"]:
        shown = ""
        for each in turn:
            given = dict(each["arguments"])
            if each["name"] == "post_tweet":
                told = env.step(call(source, **arguments))[0][0]["content"]
                shown = json.loads(str(told))[field]
                assert (given["content"] != shown) is suspect
                given["content"] = shown
            env.step(call(each["name"], **given))
        reward = env.step("Done.")[1]
    assert (reward, env.verdict and env.verdict.code) == ((0.0, "bfcl.state") if suspect else (1.0, "bfcl.right"))


def test_a_wrong_episode_says_what_differs_and_in_which_turn(python: str) -> None:
    env = Bfcl()
    task = entries(python, "base").find("multi_turn_base_0")
    play(env, task, [call("mkdir", dir_name="elsewhere"), *["Done."] * 4])
    assert env.verdict is not None
    assert env.verdict.code == "bfcl.state"
    assert env.verdict.reason.startswith("turn 1: the world differs: GorillaFileSystem.root is ")


def test_a_golden_call_that_raises_makes_the_task_invalid(python: str) -> None:
    task = entries(python, "base").find("multi_turn_base_0")
    broken = [[{"name": "cd", "arguments": {}}], *task.private["gold"][1:]]
    env = Bfcl(tasks=[task.model_copy(update={"private": {**task.private, "gold": broken}})])
    env.reset(seed=0)
    verdict = env.verify()
    assert (verdict.outcome, verdict.score, verdict.code) == ("task_invalid", None, "bfcl.gold")

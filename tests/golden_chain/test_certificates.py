"""Certificates: what holds is proved, and each way of not holding is found and named."""

import json
from pathlib import Path
from typing import Any

import pytest

from envgym import registry
from envgym.environments.tool_world.tool_world import ToolWorld
from envgym.task import Task, TaskList
from envgym.task_file import write_tasks
from envgym.task_synth.golden_chain.certificate import certify
from envgym.task_synth.golden_chain.command import certify_file_command
from envgym.task_synth.golden_chain.synthesise import PROMISED, census, synthesise
from envgym.task_synth.golden_chain.variety import distinct_ngram_ratio
from envgym.task_synth.rejected import Rejected

DOMAINS = [name for name in registry.environments.paths() if name.startswith("tool_world:")]
SEEDS = 10
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def retail() -> ToolWorld:
    env: ToolWorld = registry.make("tool_world:retail", level=3)
    return env


def chain_of(env: ToolWorld, **wanted: Any) -> Task:
    """A task whose shape is a chain of at least two writes."""
    for index in range(40):
        task = env.taskset(3)[index]
        if "chain" in task.tags and len(task.private["gold"]["differences"][0]) >= 2:
            return task
    raise AssertionError("no such task among 40")


def changed(task: Task, **gold: Any) -> Task:
    """The task with parts of its gold replaced."""
    return task.model_copy(update={"private": {**task.private, "gold": {**task.private["gold"], **gold}}})


@pytest.mark.parametrize("env_id", DOMAINS)
def test_drafts_of_every_domain_hold(env_id: str) -> None:
    found = census(env_id, SEEDS)
    assert found["tasks"] >= PROMISED * SEEDS
    assert found["gold_ok"] == found["noop_zero"] == found["grounded"] == found["recovery_ok"] == found["tasks"]
    assert found["mutants_caught"] == found["mutants"] > 5 * found["tasks"]


def test_a_golden_call_that_errs_is_found(retail: ToolWorld) -> None:
    task = chain_of(retail)
    calls = [*task.private["gold"]["calls"]]
    with pytest.raises(Rejected, match="gold errs"):
        certify(retail, changed(task, calls=[{"tool": "no_such_tool", "arguments": {}}, *calls]))


def test_gold_that_lacks_a_step_is_found(retail: ToolWorld) -> None:
    task = chain_of(retail)
    calls = task.private["gold"]["calls"]
    last = max(
        at
        for at, step in enumerate(calls)
        if retail.toolbox.get(step["tool"], retail.toolbox["finish"]).effect == "changes" and step["tool"] != "finish"
    )
    with pytest.raises(Rejected, match="gold fails"):
        certify(retail, changed(task, calls=[*calls[:last], *calls[last + 1 :]]))


def test_a_task_that_pays_for_nothing_is_found(retail: ToolWorld) -> None:
    task = chain_of(retail)
    finish = [{"tool": "finish", "arguments": {"outcome": "done"}}]
    with pytest.raises(Rejected, match="changes nothing and says nothing"):
        certify(retail, changed(task, calls=finish, differences=[[]], answer=None))


def test_an_argument_that_nobody_gave_is_found(retail: ToolWorld) -> None:
    task = chain_of(retail)
    silent = task.model_copy(update={"public": {**task.public, "request": "Please do what I have in mind."}})
    with pytest.raises(Rejected, match="ungrounded"):
        certify(retail, silent)


def test_a_verifier_that_overlooks_a_change_lets_mutants_survive(retail: ToolWorld) -> None:
    """Any difference is accepted, as by a grader that only asks whether something happened: the mutants tell."""

    class Everything(list[Any]):
        def __contains__(self, other: object) -> bool:
            return bool(other)

    task = chain_of(retail)
    with pytest.raises(Rejected, match="mutant survives"):
        certify(retail, changed(task, differences=Everything(task.private["gold"]["differences"])))


def test_a_file_of_changed_tasks_is_refused(
    retail: ToolWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = synthesise("tool_world:retail", 2, knobs={"level": 2}, seed=5)
    good, other = report.tasks
    write_tasks(tmp_path / "good.jsonl", TaskList([good, other]))
    assert certify_file_command(tmp_path / "good.jsonl", as_json=True) == 0
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["tasks"], line["gold_ok"], line["noop_zero"], line["grounded"], line["recovery_ok"]) == (2, 2, 2, 2, 2)
    assert line["mutants"] == line["mutants_caught"] > 0
    forged = other.model_copy(update={"certificate": good.certificate})
    write_tasks(tmp_path / "forged.jsonl", TaskList([good, forged]))
    assert certify_file_command(tmp_path / "forged.jsonl", as_json=True) == 1


def test_the_same_tasks_whatever_the_number_of_processes() -> None:
    alone = synthesise("tool_world:clinic", 4, knobs={"level": 3}, seed=9)
    together = synthesise("tool_world:clinic", 4, knobs={"level": 3}, seed=9, workers=2)
    assert [task.hash for task in alone.tasks] == [task.hash for task in together.tasks]
    assert alone.rejected == together.rejected
    assert [task.certificate for task in alone.tasks] == [task.certificate for task in together.tasks]


def test_language_stays_varied() -> None:
    """The share of distinct word triples in 60 requests over all domains; ids, dates and amounts count as one word."""
    requests = []
    for env_id in DOMAINS:
        tasks = registry.make(env_id, level=3).taskset(1)
        requests += [tasks[index].public["request"] for index in range(8)]
    assert distinct_ngram_ratio(requests) > 0.6
    assert distinct_ngram_ratio([*requests[:1]] * 8) < 0.2

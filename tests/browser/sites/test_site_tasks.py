"""Tasks of the sites: every one is proved by playing, on 50 seeds a site; families keep their promises."""

import json
from collections import Counter
from typing import Any

import pytest

from envgym import registry
from envgym.environments.browser.sites.certificate import faults_of
from envgym.environments.browser.sites.site_env import SiteEnv
from envgym.errors import UsageError
from envgym.task import Task

SITES = ("site:shop", "site:tickets", "site:forum", "site:wiki")


def tasks_of(env: SiteEnv, count: int, seed: int) -> list[Task]:
    tasks = env.taskset(seed)
    return [tasks[index] for index in range(count)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", SITES)
def test_drawn_tasks_are_proved(name: str, seed: int) -> None:
    """Golden twice 1.0 with the same rows, idle 0.0, near misses 0.0."""
    for level, count in ((1, 2), (2, 4), (3, 4)):
        env = registry.make(name, level=level)
        for task in tasks_of(env, count, seed):
            assert faults_of(env, task) == [], task.public["request"]
        env.close()


@pytest.mark.parametrize("name", SITES)
def test_every_family_is_drawn(name: str) -> None:
    drawn: Counter[str] = Counter()
    for level in (1, 2, 3):
        env = registry.make(name, level=level)
        drawn.update(task.private["family"] for task in tasks_of(env, 120, 3))
    assert set(drawn) == set(registry.environments.get(name).families.known)


@pytest.mark.parametrize("name", SITES)
def test_requests_differ_and_rules_do_not_tell_which_branch_is_right(name: str) -> None:
    env = registry.make(name, level=3)
    tasks = tasks_of(env, 60, 1)
    assert len({task.public["request"] for task in tasks}) > 45
    rules: dict[str, set[tuple[str, ...]]] = {}
    for task in tasks:
        rules.setdefault(task.private["family"], set()).add(tuple(task.public["rules"]))
    for family in ("undo", "afford", "reopen_or_raise", "answer_or_tell"):
        assert len(rules.get(family, {()})) == 1, rules[family]


def test_the_certificate_finds_a_task_that_asks_for_what_its_solution_does_not_do() -> None:
    env = registry.make("site:shop")
    task = next(task for task in tasks_of(env, 50, 0) if task.private["family"] == "add_address")
    other = task.model_copy(update={"private": {**task.private, "wanted": []}})
    assert "the golden solution does not score 1.0" in faults_of(env, other)
    idle = {**task.private, "wanted": [], "moves": [json.dumps(["done", ""])]}
    assert "ending at once does not score 0.0" in faults_of(env, task.model_copy(update={"private": idle}))
    lost = {**task.private, "moves": [json.dumps(["click", "link", "Nowhere"]), *task.private["moves"]]}
    told = faults_of(env, task.model_copy(update={"private": lost}))
    assert told == ["the golden solution cannot be played: http://shop.test/ has 0 link 'Nowhere', not one"]


def test_a_task_of_another_site_or_corpus_is_refused() -> None:
    shop, wiki = registry.make("site:shop"), registry.make("site:wiki")
    task = wiki.taskset(0)[0]
    with pytest.raises(UsageError, match="belongs to 'site:wiki'"):
        shop.reset(options={"task": task})
    public: dict[str, Any] = {**task.public, "source": "0" * 64}
    with pytest.raises(UsageError, match="was made for the site 'wiki' over '000000000000'"):
        wiki.reset(options={"task": task.model_copy(update={"public": public})})


def test_levels_ask_for_more() -> None:
    for name in SITES:
        mean = []
        for level in (1, 2, 3):
            tasks = tasks_of(registry.make(name, level=level), 40, 0)
            mean.append(sum(task.difficulty or 0 for task in tasks) / len(tasks))
        assert mean[0] < mean[1] < mean[2]

"""The sites in a real Chromium: every observation of an episode is, byte for byte, that of the browser without scripts."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from envgym import registry
from envgym.doctor import chromium
from envgym.environments.browser.sites.moves import call_for
from envgym.environments.browser.sites.site_env import SiteEnv

pytest.importorskip("playwright", reason="pip install 'envgym[browser]'")
pytestmark = pytest.mark.skipif(
    chromium() is None, reason="no Chromium: apt install chromium, or set ENVGYM_CHROMIUM to its path"
)

EPISODES = [
    ("shop", 3, 0),
    ("shop", 2, 4),
    ("tickets", 3, 0),
    ("tickets", 2, 1),
    ("forum", 3, 1),
    ("forum", 2, 2),
    ("wiki", 3, 1),
    ("wiki", 2, 3),
]


def both(name: str, level: int) -> Iterator[SiteEnv]:
    for backend in ("text", "chromium"):
        yield registry.make(f"site:{name}", level=level, backend=backend, max_chars=60_000)


@pytest.mark.parametrize(("name", "level", "seed"), EPISODES)
def test_an_episode_reads_the_same_and_scores_the_same_in_chromium(name: str, level: int, seed: int) -> None:
    ours, real = both(name, level)
    task = ours.taskset(seed)[0]
    seen = [env.reset(options={"task": task})[0] for env in (ours, real)]
    rewards: list[Any] = []
    try:
        for move in task.private["moves"]:
            assert seen[0][-1]["content"] == seen[1][-1]["content"]
            action = call_for(json.loads(move), ours.page)
            stepped = [env.step(action) for env in (ours, real)]
            seen, rewards = [each[0] for each in stepped], [each[1] for each in stepped]
        assert rewards == [1.0, 1.0]
    finally:
        ours.close()
        real.close()


def test_a_form_that_is_not_filled_in_stays_in_both_and_the_focus_goes_to_its_fault() -> None:
    focused = []
    for env in both("shop", 1):
        env.reset(options={"task": env.taskset(0)[0]})
        for move in (["click", "link", "Sign in"], ["click", "button", "Sign in"]):
            env.step(call_for(move, env.page))
        node = env.page.find(env.page.focused)
        focused.append((env.page.url, node.name if node else ""))
        env.close()
    assert focused == [("http://shop.test/sign-in", "Email")] * 2


def test_a_ref_of_a_page_that_was_left_is_told_in_both() -> None:
    for env in both("shop", 1):
        env.reset(options={"task": env.taskset(0)[0]})
        old = call_for(["click", "link", "Sign in"], env.page)
        env.step(old)
        observation, *_, info = env.step(old)
        assert info["error"] == "browser.ref" or "ref" in str(observation[-1]["content"])
        assert env.page.url == "http://shop.test/sign-in"
        env.close()

"""MiniWoB++ in Chromium: exact resets, scripted agents, strict rewards, other people's words, pictures."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envgym import registry
from envgym.browser.action import Click
from envgym.browser.chromium import ChromiumBackend
from envgym.browser.page_state import PageState
from envgym.environments.browser.miniwob import oracle, source
from envgym.environments.browser.miniwob.miniwob_env import RESTART, UTTERANCE, VIEWPORT, MiniWoB
from envgym.environments.browser.miniwob.view import SOLVERS, View
from envgym.errors import InvalidAction, UnknownId
from envgym.message import assistant, call, text_of
from envgym.testing import check

pytestmark = pytest.mark.usefixtures("miniwob")
SAMPLED = (
    "book-flight-nodelay",
    "chase-circle",
    "choose-date",
    "click-pie-nodelay",
    "drag-cube",
    "email-inbox",
    "terminal",
    "use-colorwheel",
)
"""Resets that are looked at in each run of the tests; benchmarks/browser.py looks at all."""


@pytest.fixture
def made() -> Iterator[list[MiniWoB]]:
    envs: list[MiniWoB] = []
    yield envs
    for env in envs:
        env.close()


def make(made: list[MiniWoB], name: str, **knobs: Any) -> MiniWoB:
    env: MiniWoB = registry.make(f"miniwob:{name}", **knobs)
    made.append(env)
    return env


def test_every_page_of_the_package_is_an_environment_and_others_are_told() -> None:
    names = source.task_names()
    assert len(names) >= 125
    assert registry.environments.get("miniwob:click-button").id == "miniwob:click-button"
    with pytest.raises(UnknownId, match="did you mean 'click-button'"):
        registry.environments.get("miniwob:click-buton")
    assert set(SOLVERS) <= set(names)
    assert set(names) >= oracle.BY_POINTS
    assert len(SOLVERS) >= 40


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SAMPLED)
def test_starting_a_page_again_gives_what_loading_it_gives(name: str) -> None:
    def backend(keep: bool) -> ChromiumBackend:
        return ChromiumBackend(
            apps={source.HOST: source.pages}, viewport=VIEWPORT, refs="all", restart=RESTART, keep=keep
        )

    def seen(of: ChromiumBackend, seed: int) -> tuple[Any, PageState]:
        of.open(source.address_of(name), seed=seed)
        return of.script(UTTERANCE), of.state()

    fresh, used = backend(False), backend(name not in source.KEEPS_STATE)
    try:
        want = seen(fresh, 1)
        for seed in (2, 3):
            seen(used, seed)
            touch(used, random.Random(seed))
        assert seen(used, 1) == want
        assert seen(fresh, 2)[0] is not None
    finally:
        fresh.close()
        used.close()


def touch(backend: ChromiumBackend, rng: random.Random) -> None:
    """Three clicks at random."""
    for _ in range(3):
        refs = [node.ref for node in backend.state().root.walk() if node.ref]
        try:
            backend.act(Click(ref=rng.choice(refs)))
        except InvalidAction:
            continue


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", sorted(SOLVERS))
def test_a_scripted_agent_solves_tasks_that_it_never_saw(name: str, made: list[MiniWoB]) -> None:
    env = make(made, name)
    for seed in (20261125, 7):
        env.reset(options={"task": env.taskset(seed)[3]})
        reward = 0.0
        for action in env.oracle():
            _, reward, ended, truncated, _ = env.step(action)
            if ended or truncated:
                break
        assert reward == 1.0, (env.utterance, env.verify().reason)
        assert env.verify().evidence[0].data["raw_reward"] == 1.0


def test_a_wrong_answer_that_the_page_pays_a_little_is_worth_nothing(made: list[MiniWoB]) -> None:
    env = make(made, "find-greatest")
    paid = []
    for number in range(6):
        env.reset(options={"task": env.taskset(5)[number]})
        card = next(node for node in View(env).all() if node.name.startswith("(card"))
        env.step(call("click", ref=card.ref))
        _, reward, *_ = env.step(call("click", ref=View(env).one("button", "Submit").ref))
        paid.append((env.raw_reward, reward))
    assert (0.1, 0.0) in paid, "a card that is not the greatest: BrowserGym pays 1.0 for it"
    assert all(reward == float(raw == 1.0) for raw, reward in paid)


def test_time_on_the_page_does_not_run_against_a_slow_agent(made: list[MiniWoB]) -> None:
    env = make(made, "click-button")
    env.reset(options={"task": env.taskset(5)[0]})
    for _ in range(5):
        _, reward, ended, *_ = env.step(call("wait", ms=5_000))
        assert not ended
    _, reward, *_ = env.step(next(env.oracle()))
    assert (reward, env.raw_reward) == (1.0, 1.0)


def test_done_before_the_page_has_its_answer_is_worth_nothing(made: list[MiniWoB]) -> None:
    env = make(made, "click-test")
    env.reset(seed=1)
    _, reward, ended, *_ = env.step(call("done", answer="I did it"))
    assert (reward, ended, env.verify().code) == (0.0, True, "miniwob.open")


@pytest.mark.parametrize(
    ("dialect", "reply"),
    [
        ("browsergym", lambda ref: assistant(f'click("{ref}")')),
        ("playwright_mcp", lambda ref: call("browser_click", ref=ref)),
    ],
)
def test_an_episode_can_be_played_in_other_peoples_words(dialect: str, reply: Any, made: list[MiniWoB]) -> None:
    env = make(made, "click-test", dialect=dialect)
    env.reset(seed=1)
    assert env.tools() == []
    told, reward, ended, _, info = env.step(reply("e999"))
    assert (reward, ended, info) == (0.0, False, {"error": "browser.element"})
    assert "no element e999" in text_of(told[0])
    _, reward, ended, *_ = env.step(reply(View(env).one("button").ref))
    assert (reward, ended) == (1.0, True)


def test_computer_use_models_act_at_points_and_see_pictures(made: list[MiniWoB]) -> None:
    env = make(made, "click-test", dialect="gemini_computer", screenshots=True)
    first, _ = env.reset(seed=1)
    assert first[-1]["content"][-1]["image_url"]["url"].startswith("data:image/png;base64,")  # type: ignore[index]
    x, y, width, height = View(env).one("button").box or (0, 0, 0, 0)
    grid = {"x": int((x + width / 2) / VIEWPORT[0] * 1000), "y": int((y + height / 2) / VIEWPORT[1] * 1000)}
    _, reward, *_ = env.step(call("click_at", **grid))
    assert reward == 1.0


@pytest.mark.timeout(600)
def test_the_laws_hold() -> None:
    report = check("miniwob:click-button", tasks=1)
    assert report.ok, report.failures


@pytest.mark.timeout(300)
def test_the_command_line_runs_scripted_agents_and_leaves_nothing(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "envgym",
        "run",
        "miniwob:click-button",
        "--policy",
        "oracle",
        "--episodes",
        "20",
        "--json",
    ]
    ran = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "TMPDIR": str(tmp_path)}, check=True
    )
    summary = json.loads(ran.stdout.strip().splitlines()[-1])
    assert (summary["episodes"], summary["mean_score"], summary["env_failures"]) == (20, 1.0, 0)
    assert list(tmp_path.iterdir()) == []

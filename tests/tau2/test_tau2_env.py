"""The environment over the miniature: it obeys every law, its user answers, its episodes can be forked."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from envgym import play
from envgym.environments.tau2.tau2_env import Tau2
from envgym.errors import UsageError
from envgym.message import call, text_of
from envgym.testing import check

SOUND = ["cancel", "scan", "polite", "issue", "go_on"]


@pytest.fixture
def made() -> Iterator[Callable[..., Tau2]]:
    """Makes environments over the ticket counter, and closes them."""
    envs: list[Tau2] = []

    def make(**knobs: Any) -> Tau2:
        envs.append(Tau2(**{"domain": "kiosk"} | knobs))
        return envs[-1]

    yield make
    for env in envs:
        env.close()


def ids(env: Tau2) -> list[str]:
    tasks = env.taskset()
    return [tasks[position].id for position in range(tasks.size or 0)]


@pytest.mark.timeout(300)
def test_it_obeys_every_law() -> None:
    report = check("tau2", tasks=2, knobs={"domain": "kiosk"})
    assert report.ok, report.failures


@pytest.mark.timeout(300)
@pytest.mark.parametrize("user", ["scripted", "none"])
def test_nothing_private_is_seen_in_any_task(user: str) -> None:
    laws = ("nothing_private_leaks", "oracle_scores_one", "idle_scores_zero")
    report = check("tau2", tasks=5, knobs={"domain": "kiosk", "user": user}, laws=laws)
    assert report.ok, report.failures


@pytest.mark.parametrize(("policy", "score"), [("oracle", 1.0), ("idle", 0.0)])
def test_the_engine_plays_it(policy: str, score: float) -> None:
    episodes = play("tau2", policy=policy, scaffold="react", episodes=5, knobs={"domain": "kiosk"})
    assert [episode.score for episode in episodes] == [score] * 5


def test_flawed_tasks_are_left_out_unless_they_are_asked_for(made: Callable[..., Tau2]) -> None:
    assert ids(made()) == SOUND
    everything = made(which="all")
    assert len(ids(everything)) == 12
    tags = {name: set(everything.taskset().find(name).tags) for name in ids(everything)}
    assert tags["cancel"] == {"kiosk"}
    assert tags["polite"] == {"kiosk", "unscored:NL_ASSERTION"}
    assert tags["gold_raises"] == {"kiosk", "gold_raises"}
    assert tags["pays_idle"] == {"kiosk", "pays_idle"}
    assert tags["gold_unpaid"] == {"kiosk", "gold_not_paid"}
    assert tags["broken"] == {"kiosk", "broken"}


def test_only_sound_tasks_have_a_certificate(made: Callable[..., Tau2]) -> None:
    tasks = made(which="all").taskset()
    assert tasks.find("polite").certificate == {
        "gold": "scores 1",
        "doing nothing": "scores 0",
        "not scored": ["NL_ASSERTION"],
    }
    assert tasks.find("pays_idle").certificate is None


def test_the_user_says_why_they_call_and_the_rest_when_asked(made: Callable[..., Tau2]) -> None:
    env = made()
    observation, _ = env.reset(options={"task": "cancel"})
    first = text_of(observation[0])
    assert "Cancel valid tickets only." in first
    assert first.endswith("user: You cannot travel and want your ticket cancelled.")
    assert "T-4711" not in first
    answers = {
        about: text_of(env.step(call("ask_user", text="Tell me.", about=about))[0][0])
        for about in ("what_you_know", "what_you_want", "what_you_do_not_know")
    }
    assert answers == {
        "what_you_know": "user: You are Ada Brandt, ticket T-4711.",
        "what_you_want": "user: You are ill. Ask what you get back.",
        "what_you_do_not_know": "user: There is nothing more that I can say about that.",
    }


def test_without_a_user_all_is_told_at_once_and_nobody_can_be_asked(made: Callable[..., Tau2]) -> None:
    env = made(user="none")
    observation, _ = env.reset(options={"task": "cancel"})
    assert "T-4711" in text_of(observation[0])
    assert "Ask what you get back." in text_of(observation[0])
    assert env.step(call("ask_user", text="Hello?", about="what_you_know"))[4] == {"error": "tool.unknown"}


def test_a_conversation_that_began_before_is_shown_and_counts(made: Callable[..., Tau2]) -> None:
    env = made()
    observation, _ = env.reset(options={"task": "go_on"})
    assert "assistant called change_seat" in text_of(observation[0])
    assert "assistant: You now sit on 14F." in text_of(observation[0])
    assert env.verify().parts["COMMUNICATE"].score == 1.0
    assert "14F" in text_of(env.step(call("get_ticket", number="T-4711"))[0][0])


def test_the_users_tools_are_offered_where_the_task_gives_them(made: Callable[..., Tau2]) -> None:
    env = made()
    env.reset(options={"task": "scan"})
    assert "user_scan_ticket" in [spec["function"]["name"] for spec in env.tools()]
    env.reset(options={"task": "issue"})
    assert "user_scan_ticket" not in [spec["function"]["name"] for spec in env.tools()]
    assert env.step(call("user_scan_ticket", number="T-4711"))[4] == {"error": "tool.unknown"}


def test_a_fork_in_the_middle_goes_its_own_way(made: Callable[..., Tau2]) -> None:
    env = made()
    env.reset(options={"task": "polite"})
    env.step(call("change_seat", number="T-5200", seat="9X"))
    twin = env.fork()
    twin.step(call("change_seat", number="T-5200", seat="3A"))
    assert (env.verify().score, twin.verify().score) == (0.0, 1.0)
    assert '"seat": "9X"' in text_of(env.step(call("get_ticket", number="T-5200"))[0][0])
    twin.close()


def test_their_random_ids_are_the_same_in_every_episode(made: Callable[..., Tau2]) -> None:
    numbers = set()
    for _ in range(3):
        env = made()
        env.reset(options={"task": "issue"})
        numbers.add(text_of(env.step(call("issue_ticket", owner="Emmy Ruiz", price=700))[0][0]))
    assert len(numbers) == 1


def test_a_task_of_another_domain_is_refused(made: Callable[..., Tau2]) -> None:
    task = made().taskset().find("cancel")
    with pytest.raises(UsageError, match="--set domain=kiosk"):
        made(domain="trap").reset(options={"task": task})


def test_a_task_without_their_fields_is_refused(made: Callable[..., Tau2]) -> None:
    task = made().taskset().find("cancel")
    with pytest.raises(UsageError, match=r"private\.user_scenario"):
        Tau2.check_task(task.model_copy(update={"private": {}}))


def test_without_a_checkout_making_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENVGYM_TAU2")
    with pytest.raises(UsageError, match=r"git clone https://github\.com/sierra-research/tau2-bench"):
        Tau2()

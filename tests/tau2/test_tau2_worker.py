"""The process that serves a checkout: what happens when it, or an episode's process, does what it should not."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envgym.environments.tau2 import server
from envgym.environments.tau2.checkout import Checkout
from envgym.environments.tau2.episode import Episode
from envgym.environments.tau2.server import server_of
from envgym.environments.tau2.tau2_env import Tau2
from envgym.errors import EnvFailure, InvalidAction, UsageError
from envgym.message import Message, call


@pytest.fixture
def episode(checkout: Checkout) -> Iterator[Episode]:
    made = Episode(checkout, "trap", task_of(checkout))
    yield made
    made.close()


@pytest.fixture
def env() -> Iterator[Tau2]:
    made = Tau2(domain="trap")
    made.reset(seed=0)
    yield made
    made.close()


def task_of(checkout: Checkout) -> dict[str, Any]:
    task: dict[str, Any] = server_of(checkout).domain("trap")["tasks"][0]
    return task


def processes_of(checkout: Checkout) -> list[int]:
    pid = server_of(checkout)._process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def play(env: Tau2, action: Message) -> tuple[str, str]:
    observation, _, _, _, info = env.step(action)
    return str(observation[0]["content"]), info.get("error", "")


# ---- an episode's process


def test_a_call_that_never_ends_is_told_and_what_was_done_before_stands(
    env: Tau2, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envgym.environments.tau2.episode.CPU_S", 1)
    assert play(env, call("note", text="kettle")) == ("1", "")
    told, code = play(env, call("burn"))
    assert code == "tool.budget"
    assert "nothing was changed" in told
    assert env.verify().passed  # the note is there, the mark of `burn` is not
    assert play(env, call("note", text="cup")) == ("2", "")
    assert not env.verify().passed


def test_a_process_that_dies_is_a_failure_of_the_world_and_never_a_score(env: Tau2) -> None:
    with pytest.raises(EnvFailure, match="SIGKILL"):
        env.step(call("die"))


def test_the_next_episode_gets_a_process_of_its_own(env: Tau2) -> None:
    with pytest.raises(EnvFailure):
        env.step(call("die"))
    env.reset(seed=0)
    play(env, call("note", text="kettle"))
    assert env.step(call("finish", message=""))[1] == 1.0


def test_one_that_waits_too_long_is_killed_and_is_a_failure_of_the_world(
    episode: Episode, checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CALL_S", 0.5)
    with pytest.raises(EnvFailure, match=r"no answer to 'call' in 0\.5 s"):
        episode.call("assistant", "sleep", {"seconds": 600.0})
    for child in processes_of(checkout):
        assert "sleep" not in Path(f"/proc/{child}/wchan").read_text()


def test_memory_has_a_limit_and_a_call_that_goes_over_it_is_an_error_of_the_tool(episode: Episode) -> None:
    done = episode.call("assistant", "hoard", {"gigabytes": 6})
    assert done.error
    assert episode.call("assistant", "note", {"text": "still here"}).text == "1"


def test_a_call_that_answers_otherwise_when_it_is_made_again_is_a_failure_of_the_world(episode: Episode) -> None:
    episode.call("assistant", "drift", {})
    episode.close()
    with pytest.raises(EnvFailure, match="drift answers otherwise"):
        episode.facts()


def test_code_that_raises_when_a_task_is_set_up_is_named(checkout: Checkout) -> None:
    broken = next(task for task in server_of(checkout).domain("kiosk")["tasks"] if task["id"] == "broken")
    with pytest.raises(EnvFailure, match="no_such_function"):
        Episode(checkout, "kiosk", broken).facts()


def test_an_unknown_request_is_refused_and_the_process_lives_on(checkout: Checkout) -> None:
    connection = server_of(checkout).connect("trap")
    with pytest.raises(EnvFailure, match="unknown request"):
        connection.ask(do="__init__")
    connection.ask(do="open", task=task_of(checkout))
    connection.close()


def test_looking_at_an_episode_changes_nothing_of_it(episode: Episode) -> None:
    episode.call("assistant", "note", {"text": "kettle"})
    first = episode.facts()
    assert episode.facts() == first
    assert episode.call("assistant", "note", {"text": "cup"}).text == "2"
    assert episode.facts() != first


def test_an_assertion_that_changes_data_changes_nothing_of_the_episode(checkout: Checkout) -> None:
    scan = next(task for task in server_of(checkout).domain("kiosk")["tasks"] if task["id"] == "scan")
    episode = Episode(checkout, "kiosk", scan)
    episode.call("user", "scan_ticket", {"number": "T-5200"})
    first = episode.facts()
    assert first["assertions"] == [True]
    assert episode.facts() == first
    episode.close()


def test_a_closed_episode_leaves_no_process(episode: Episode, checkout: Checkout) -> None:
    before = set(processes_of(checkout))
    episode.facts()
    mine = set(processes_of(checkout)) - before
    assert len(mine) == 1
    episode.close()
    for _ in range(200):
        if not mine & set(processes_of(checkout)):
            return
        server_of(checkout).ask({"do": "kill", "pid": 0})  # a round through the server, which buries its dead
    raise AssertionError("the process of a closed episode lives on")


# ---- the server


def test_a_server_that_was_killed_is_started_anew_and_running_episodes_go_on(
    episode: Episode, checkout: Checkout
) -> None:
    episode.call("assistant", "note", {"text": "kettle"})
    first = server_of(checkout)
    os.kill(first._process.pid, signal.SIGKILL)
    first._process.wait()
    assert episode.call("assistant", "note", {"text": "cup"}).text == "2"
    other = Episode(checkout, "trap", task_of(checkout))
    assert other.call("assistant", "note", {"text": "kettle"}).text == "1"
    assert server_of(checkout) is not first
    other.close()


def test_a_package_that_cannot_be_imported_is_the_callers_to_mend(tmp_path: Path) -> None:
    package = tmp_path / "src" / "tau2"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "registry.py").write_text("import a_package_that_is_not_installed\n")
    with pytest.raises(UsageError, match=r"a_package_that_is_not_installed.*dependencies of tau2-bench"):
        Tau2(checkout=str(tmp_path))


def test_an_interpreter_that_ends_at_once_is_named() -> None:
    with pytest.raises(UsageError, match="/bin/false cannot serve"):
        Tau2(python="/bin/false")


def test_the_server_sees_none_of_our_variables(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMEBODYS_API_KEY", "secret")
    made = server.Server(checkout)
    try:
        seen = Path(f"/proc/{made._process.pid}/environ").read_bytes()
    finally:
        made.stop()
    assert b"ENVGYM" not in seen
    assert b"secret" not in seen


def test_a_budget_that_is_used_up_raises_what_an_agent_can_be_told(
    episode: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envgym.environments.tau2.episode.CPU_S", 0)
    with pytest.raises(InvalidAction):
        episode.call("assistant", "burn", {})
    assert episode.done == []

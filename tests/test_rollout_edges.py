"""The rollout engine where something is late, broken or not what it should be: each case is one that once went unnoticed."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envgym import Limits, Policy, Reply, Request, Task, Trajectory, Verdict, play, read_trajectories
from envgym.errors import TooManyFailures, UsageError
from envgym.message import assistant
from envgym.replay import drift, replayed
from envgym.rollout import Run, play_run
from envgym.rollout.engine import Breaker
from envgym.rollout.store import TrajectoryFile
from envgym.rollout.summary import Summary
from envgym.trajectory import Failure

World = Callable[[str], str]


def failed(one: Trajectory) -> Trajectory:
    return replace(one, status="infra_failed", verdict=None, reward=None, failures=[Failure("env", "X", "broke", 0)])


class Unready(Policy):
    """Cannot be made without what it lacks."""

    def __init__(self) -> None:
        raise RuntimeError("no licence file")


def test_pauses_between_attempts_double(world: World, tmp_path: Path) -> None:
    def seconds(backoff_s: float) -> float:
        started = time.perf_counter()
        play(world("AlwaysFails"), episodes=1, retries=2, backoff_s=backoff_s, max_failure_share=1.0)
        return time.perf_counter() - started

    assert seconds(0.2) - seconds(0.0) == pytest.approx(0.6, abs=0.15)


def test_an_episode_that_never_waits_meets_its_deadline_too(world: World) -> None:
    (one,) = play(world("Glutton"), policy="idle", episodes=1, episode_s=0.05, retries=0, max_failure_share=1.0)
    assert (one.status, one.score) == ("infra_failed", None)
    assert one.failures[0].message == "the episode took longer than 0.05 s"


def test_the_deadline_of_the_run_holds_where_a_task_has_none_and_names_who_was_at_work(world: World) -> None:
    class Dawdler(Policy):
        async def sample(self, request: Request) -> Reply:
            await asyncio.sleep(5)
            return Reply(assistant("hm"))

    settings: dict[str, Any] = {"policy": Dawdler(), "retries": 0, "max_failure_share": 1.0, "episode_s": 0.1}
    (one,) = play(world("Sum"), episodes=1, **settings)
    assert [(each.boundary, each.message) for each in one.failures] == [
        ("policy", "the episode took longer than 0.1 s")
    ]
    patient = Task(id="t", env="sum", public={"one": 1, "two": 2}, private={"sum": 3}, limits=Limits(seconds=0.2))
    started = time.perf_counter()
    (one,) = play(world("Sum"), tasks=[patient], **settings)
    assert time.perf_counter() - started > 0.2
    assert one.failures[0].message == "the episode took longer than 0.2 s"


def test_a_timeout_inside_the_world_is_not_taken_for_the_deadline(world: World) -> None:
    class Flaky(Policy):
        async def sample(self, request: Request) -> Reply:
            raise TimeoutError("the socket timed out")

    (one,) = play(world("Sum"), policy=Flaky(), episodes=1, retries=0, max_failure_share=1.0)
    assert (one.failures[0].boundary, one.failures[0].message) == ("policy", "the socket timed out")


def test_a_blocking_world_is_asked_everything_in_its_own_thread(world: World) -> None:
    (one,) = play(world("Watched"), episodes=1)
    assert one.score == 1.0, one.verdict


def test_a_generator_that_fails_is_named_with_the_task_and_the_line(world: World) -> None:
    with pytest.raises(
        UsageError, match=r"BadGenerator cannot make task \d+ of seed 0: ZeroDivisionError.*failing\.py"
    ):
        play(world("BadGenerator"), episodes=50)


def test_a_key_error_of_the_author_is_no_missing_field(world: World) -> None:
    (one,) = play(world("NeedsKey"), episodes=1, retries=0, max_failure_share=1.0)
    assert (one.status, one.failures[0].type) == ("env_failed", "KeyError")


def test_a_policy_that_cannot_be_made_says_why() -> None:
    with pytest.raises(UsageError, match=r"Unready' cannot be made: RuntimeError: no licence file"):
        play("game24", policy=f"{__file__}:Unready")


def test_what_does_not_pickle_is_named_before_a_process_is_started(world: World) -> None:
    class Local(Policy):
        """Known to this function alone."""

    with pytest.raises(UsageError, match=r"policy=.*does not pickle, and processes > 1 needs that"):
        play_run(Run(world("Sum"), policy=Local(), episodes=4), print, processes=2)


def test_a_fingerprint_changes_with_everything_that_decides_the_content(world: World) -> None:
    task = Task(id="t", env="sum", public={"one": 1, "two": 2}, private={"sum": 3})
    base: dict[str, Any] = {"env": world("Sum"), "episodes": 2}
    changed: list[dict[str, Any]] = [
        {},
        {"env": world("Slow")},
        {"policy": "idle"},
        {"scaffold": "react"},
        {"scaffold": ["react", "function_calling"]},
        {"seed": 1},
        {"group_size": 2},
        {"knobs": {"share": 0.5}},
        {"tasks": [task]},
        {"tasks": [task.model_copy(update={"private": {"sum": 4}})]},
        {"temperature": 0.5},
        {"max_tokens": 7},
    ]
    assert len({Run(**{**base, **change}).fingerprint for change in changed}) == len(changed)
    same: list[dict[str, Any]] = [{"episodes": 9}, {"concurrency": 3}, {"step_s": 1.0}, {"retries": 0}]
    assert {Run(**{**base, **change}).fingerprint for change in same} == {Run(**base).fingerprint}


def test_the_environment_that_makes_the_tasks_is_closed(world: World, tmp_path: Path) -> None:
    run = Run(world("Sum"), episodes=2)
    play_run(run, lambda _: None)
    assert "source" not in run.__dict__
    again: list[Trajectory] = []
    play_run(run, again.append)
    assert len(again) == 2


def test_a_summary_counts_what_failed_apart_and_nowhere_else(world: World) -> None:
    one, two, three = play(world("Sum"), episodes=3)
    summary = Summary()
    for each in (one, failed(two), replace(failed(three), status="env_failed")):
        summary.take(each)
    figures = summary.figures()
    assert [figures[name] for name in ("episodes", "scored", "infra_failures", "env_failures")] == [3, 1, 1, 1]
    assert figures["mean_score"] == 1.0


def test_a_resumed_summary_counts_everything_but_its_rate_is_of_the_new(world: World) -> None:
    summary = Summary()
    for each in play(world("Sum"), episodes=3):
        summary.take(each)
    summary.resume()
    figures = summary.figures()
    assert (figures["episodes"], figures["resumed"], figures["episodes_per_s"]) == (3, 3, 0.0)


@pytest.mark.parametrize(("episodes", "looked_at"), [(4, 4), (100, 20)])
def test_the_breaker_looks_at_twenty_episodes_or_all_of_a_small_run(
    world: World, episodes: int, looked_at: int
) -> None:
    (one,) = play(world("Sum"), episodes=1)
    breaker = Breaker(0.5, episodes)
    for _ in range(looked_at - 1):
        breaker.take(failed(one))
    with pytest.raises(TooManyFailures, match=rf"{looked_at} of {looked_at} episodes .*env: X: broke"):
        breaker.take(failed(one))


def test_the_breaker_lets_exactly_its_share_pass(world: World) -> None:
    (one,) = play(world("Sum"), episodes=1)
    breaker = Breaker(0.5, 4)
    for each in (failed(one), failed(one), one, one):
        breaker.take(each)


def test_a_replay_compares_the_verdict_too(world: World) -> None:
    (one,) = play(world("Sum"), episodes=1)
    other = replace(one, verdict=Verdict.of(0, code="sum.checked"))
    assert (drift(other, replayed(one)) or "").startswith("verdict, byte")
    assert drift(one, replayed(one)) is None


def test_suspects_of_a_death_are_played_alone_so_that_the_innocent_keep_their_scores(world: World) -> None:
    tasks = [
        Task(id=str(n), env="sum", public={"one": n, "two": 1, "bad": n == 3}, private={"sum": n + 1}) for n in range(8)
    ]
    finished: list[Trajectory] = []
    run = Run(world("KillsProcess"), tasks=tasks, retries=0, max_failure_share=1.0)
    play_run(run, finished.append, processes=2)
    assert {each.task.id for each in finished if not each.scored} == {"3"}
    assert {each.score for each in finished if each.scored} == {1.0}


def test_resuming_plays_what_the_world_failed_again(world: World, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = Run(world("Sum"), episodes=4)
    played = play(world("Sum"), episodes=4)
    with TrajectoryFile.open(path, run.fingerprint) as file:
        for each in (played[0], failed(played[1]), played[2]):
            file.append(each)
    seen: list[int] = []
    with TrajectoryFile.open(path, run.fingerprint, resume=True, seen=lambda each: seen.append(each.index)) as file:
        assert file.finished == {0, 2}
        play_run(run, file.append, skip=frozenset(file.finished))
    assert seen == [0, 2]
    assert [(each.index, each.status) for each in read_trajectories(path)] == [
        (0, "ok"),
        (2, "ok"),
        (1, "ok"),
        (3, "ok"),
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["run.jsonl"]


def test_a_whole_last_line_without_its_newline_is_kept(world: World, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = Run(world("Sum"), episodes=3)
    path.write_bytes(b"".join(each.to_line() for each in play(world("Sum"), episodes=2)).rstrip(b"\n"))
    assert [each.index for each in read_trajectories(path)] == [0, 1]
    with TrajectoryFile.open(path, run.fingerprint, resume=True) as file:
        play_run(run, file.append, skip=frozenset(file.finished))
    assert [each.index for each in read_trajectories(path)] == [0, 1, 2]

"""Trajectory files: nothing finished is lost, nothing is played twice."""

import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from envgym import Limits, Policy, Reply, Request, Task, Trajectory, play, read_trajectories
from envgym.errors import UsageError
from envgym.message import assistant, text_of
from envgym.replay import drift, replayed
from envgym.rollout import Run, play_run
from envgym.rollout.store import DiskFull, TrajectoryFile

World = Callable[[str], str]

ENDLESS = """
import asyncio, sys
from envgym import Limits, Policy, Reply
from envgym.message import assistant
from envgym.replay import drift, replayed
from envgym.rollout import Run, play_run
from envgym.rollout.store import TrajectoryFile

class Thinker(Policy):
    name = "thinker"
    async def sample(self, request):
        await asyncio.sleep(0.02)
        return Reply(assistant("7"))

run = Run(sys.argv[2], policy=Thinker(), episodes=int(sys.argv[3]), concurrency=5)
with TrajectoryFile.open(sys.argv[1], run.fingerprint, resume=True) as file:
    print(len(file.finished), flush=True)
    play_run(run, file.append, skip=frozenset(file.finished))
"""


def start(path: Path, env: str, episodes: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(path), env, str(episodes)], stdout=subprocess.PIPE, text=True
    )


def test_a_killed_run_keeps_what_was_finished_and_resumes_with_the_rest(world: World, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    killed = start(path, world("Sum"), 100_000)
    deadline = time.monotonic() + 60
    while not (path.exists() and path.stat().st_size > 20_000) and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=10)
    kept = len([line for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")])
    assert kept > 10
    resumed = start(path, world("Sum"), kept + 20)
    output, _ = resumed.communicate(timeout=60)
    assert int(output) == kept
    assert sorted(each.index for each in read_trajectories(path)) == list(range(kept + 20))


def test_a_resumed_run_has_the_same_content_as_an_unbroken_one(world: World, tmp_path: Path) -> None:
    run = Run(world("Counter"), policy="random", scaffold="react", episodes=12)
    half = Run(world("Counter"), policy="random", scaffold="react", episodes=5)
    path = tmp_path / "run.jsonl"
    with TrajectoryFile.open(path, half.fingerprint) as file:
        play_run(half, file.append)
    with TrajectoryFile.open(path, run.fingerprint, resume=True) as file:
        play_run(run, file.append, skip=frozenset(file.finished))
    whole = play(world("Counter"), policy="random", scaffold="react", episodes=12)
    assert [each.content() for each in read_trajectories(path)] == [each.content() for each in whole]


def test_a_torn_last_line_is_dropped_on_resume(world: World, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = Run(world("Sum"), episodes=3)
    with TrajectoryFile.open(path, run.fingerprint) as file:
        play_run(run, file.append)
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert len(list(read_trajectories(path))) == 2
    with TrajectoryFile.open(path, run.fingerprint, resume=True) as file:
        assert file.finished == {0, 1}
        play_run(run, file.append, skip=frozenset(file.finished))
    assert [each.index for each in read_trajectories(path)] == [0, 1, 2]


def test_an_existing_file_is_never_overwritten(world: World, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("something of value\n")
    with pytest.raises(UsageError, match="--resume"):
        TrajectoryFile.open(path, "x")
    with pytest.raises(UsageError, match="not a trajectory"):
        TrajectoryFile.open(path, "x", resume=True)
    assert path.read_text() == "something of value\n"


def test_another_runs_file_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    one, other = (Run(world("Sum"), episodes=2, seed=seed) for seed in (0, 1))
    with TrajectoryFile.open(path, one.fingerprint) as file:
        play_run(one, file.append)
    with pytest.raises(UsageError, match="another run"):
        TrajectoryFile.open(path, other.fingerprint, resume=True)


def test_a_full_disk_stops_with_every_finished_line_whole(world: World, tmp_path: Path) -> None:
    """A file-size limit stands in for the disk: like a full one it accepts a part of the last line, then refuses."""
    path = tmp_path / "run.jsonl"
    run = Run(world("Sum"), episodes=50)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with (
            pytest.raises(DiskFull, match="Make room and go on with --resume"),
            TrajectoryFile.open(path, run.fingerprint) as file,
        ):
            play_run(run, file.append)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes().endswith(b"}\n")
    kept = [each.index for each in read_trajectories(path)]
    assert 0 < len(kept) < 50
    with TrajectoryFile.open(path, run.fingerprint, resume=True) as file:
        play_run(run, file.append, skip=frozenset(file.finished))
    assert [each.index for each in read_trajectories(path)] == list(range(50))


def test_two_runs_never_write_one_file(world: World, tmp_path: Path) -> None:
    run = Run(world("Sum"), episodes=2)
    with TrajectoryFile.open(tmp_path / "run.jsonl", run.fingerprint):
        with pytest.raises(UsageError, match="being written by another run"):
            TrajectoryFile.open(tmp_path / "run.jsonl", run.fingerprint, resume=True)
    TrajectoryFile.open(tmp_path / "run.jsonl", run.fingerprint, resume=True).close()


def test_an_episode_cut_by_its_token_limit_replays_and_scores_again(world: World, tmp_path: Path) -> None:
    class Wordy(Policy):
        async def sample(self, request: Request) -> Reply:
            return Reply(assistant("let me think"), completion_tokens=50)

    task = Task(id="t", env="counter", public={"goal": 3}, limits=Limits(tokens=120))
    (one,) = play(world("Counter"), policy=Wordy(), tasks=[task])
    assert drift(one, replayed(one)) is None


def test_a_bad_line_is_named_with_its_place(world: World, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    (one,) = play(world("Sum"), episodes=1)
    broken = json.loads(one.to_line())
    broken["steps"][0]["reply"] = "first"
    path.write_bytes(one.to_line() + json.dumps(broken).encode() + b"\n")
    with pytest.raises(UsageError, match=r"run.jsonl:2: not a trajectory: steps.0.reply"):
        list(read_trajectories(path))


def test_a_line_is_read_back_as_it_was_written(world: World, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    finished: list[Trajectory] = play(world("Counter"), policy="random", episodes=5)
    path.write_bytes(b"".join(each.to_line() for each in finished))
    assert list(read_trajectories(path)) == finished
    assert [each.digest() for each in read_trajectories(path)] == [each.digest() for each in finished]


def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot write .*No such file"):
        TrajectoryFile.open(tmp_path / "no" / "run.jsonl", "x")


def test_a_reply_that_no_file_can_hold_is_recorded_with_a_mark_in_its_place(world: World, tmp_path: Path) -> None:
    class Broken(Policy):
        async def sample(self, request: Request) -> Reply:
            return Reply(assistant("half a \ud83d face \x00"))

    run = Run(world("Counter"), policy=Broken(), episodes=2)
    with TrajectoryFile.open(tmp_path / "run.jsonl", run.fingerprint) as file:
        play_run(run, file.append)
    one, _ = read_trajectories(tmp_path / "run.jsonl")
    assert text_of(one.messages[one.steps[0].reply]) == "half a \ufffd face \x00"
    assert one.status == "truncated"

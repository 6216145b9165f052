"""The rollout engine: determinism, deadlines, retries, the breaker."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envgym import Limits, Policy, Reply, Request, Task, Trajectory, play, play_async
from envgym.errors import TooManyFailures, UsageError
from envgym.message import assistant, text_of
from envgym.rollout import Run, play_run

World = Callable[[str], str]


def contents(trajectories: list[Trajectory]) -> list[bytes]:
    return [trajectory.content() for trajectory in sorted(trajectories, key=lambda each: each.index)]


def played(env: str, *, processes: int = 1, **settings: Any) -> list[Trajectory]:
    finished: list[Trajectory] = []
    play_run(Run(env, backoff_s=0.0, **settings), finished.append, processes=processes)
    return sorted(finished, key=lambda each: each.index)


class Patient(Policy):
    """Waits longer for early calls than for late ones, so that episodes finish in another order than they began."""

    name = "patient"

    def __init__(self) -> None:
        self.calls = 0

    async def sample(self, request: Request) -> Reply:
        self.calls += 1
        await asyncio.sleep(0.05 / self.calls)
        return Reply(assistant(str(request.seed % 300)))


@pytest.mark.parametrize("scaffold", ["function_calling", "react", "plan_then_act", "plan_then_edit", "test_driven"])
def test_the_oracle_scores_one_and_idle_scores_nothing_under_every_scaffold(scaffold: str) -> None:
    assert {each.score for each in play("game24", policy="oracle", scaffold=scaffold, episodes=20)} == {1.0}
    assert {each.score for each in play("game24", policy="idle", scaffold=scaffold, episodes=20)} == {0.0}


def test_the_same_seed_gives_the_same_bytes_whatever_the_concurrency(world: World) -> None:
    alone = played(world("Sum"), policy=Patient(), episodes=30, concurrency=1)
    together = played(world("Sum"), policy=Patient(), episodes=30, concurrency=30)
    assert contents(alone) == contents(together)


def test_the_same_seed_gives_the_same_bytes_whatever_the_processes(world: World) -> None:
    settings: dict[str, Any] = {
        "policy": "random",
        "scaffold": ["react", "function_calling"],
        "episodes": 40,
        "group_size": 4,
    }
    assert contents(played(world("Counter"), **settings)) == contents(played(world("Counter"), processes=2, **settings))


def test_another_seed_gives_other_tasks(world: World) -> None:
    one, two = (played(world("Sum"), episodes=20, seed=seed) for seed in (1, 2))
    assert not {str(each.task.public) for each in one} & {str(each.task.public) for each in two}


def test_a_group_shares_task_and_world_seed_but_not_the_policy_seed(world: World) -> None:
    finished = played(world("Sum"), policy="random", episodes=12, group_size=4)
    for group, size in Counter(each.group for each in finished).items():
        members = [each for each in finished if each.group == group]
        assert size == 4
        assert len({(each.task.hash, each.seed) for each in members}) == 1
        assert len({each.policy_seed for each in members}) == 4


def test_several_scaffolds_are_dealt_out_per_group(world: World) -> None:
    finished = played(world("Counter"), scaffold=["react", "function_calling"], episodes=40, group_size=2)
    assert {each.scaffold for each in finished} == {"react", "function_calling"}
    assert len({(each.group, each.scaffold) for each in finished}) == 20


def test_a_failed_world_is_retried_on_a_fresh_one_and_then_scored(world: World, tmp_path: Path) -> None:
    finished = played(world("FailsOnce"), episodes=8, knobs={"folder": str(tmp_path)})
    assert [each.score for each in finished] == [1.0] * 8
    assert all([failure.boundary for failure in each.failures] == ["env"] for each in finished)
    assert all(each.timing.attempts == 2 for each in finished)


def test_a_world_that_never_comes_up_is_recorded_without_a_score(world: World) -> None:
    finished = played(world("AlwaysFails"), episodes=20, max_failure_share=1.0, knobs={"share": 0.5})
    broken = [each for each in finished if each.task.public["bad"]]
    assert 0 < len(broken) < 20
    for each in broken:
        assert (each.status, each.score, each.reward, each.scored) == ("infra_failed", None, None, False)
        assert len(each.failures) == 3
    assert {each.score for each in finished if not each.task.public["bad"]} == {1.0}


def test_an_authors_bug_is_no_score_either(world: World) -> None:
    (one,) = played(world("Buggy"), episodes=1, max_failure_share=1.0, retries=0)
    assert (one.status, one.score) == ("env_failed", None)
    assert (one.failures[0].type, one.failures[0].message) == ("MissingField", "the task has no field 'missing'")


def test_a_verdict_without_a_score_is_a_failed_world(world: World) -> None:
    (one,) = played(world("Undecided"), episodes=1, max_failure_share=1.0, retries=0)
    assert (one.status, one.reward) == ("infra_failed", None)
    assert "judge" in one.failures[0].message


@pytest.mark.parametrize("processes", [1, 2])
def test_a_run_stops_when_too_many_worlds_fail(world: World, processes: int) -> None:
    with pytest.raises(TooManyFailures, match="no container could be had"):
        played(world("AlwaysFails"), episodes=500, retries=0, processes=processes)


def test_blocking_worlds_run_side_by_side(world: World) -> None:
    started = time.perf_counter()
    finished = played(world("Slow"), episodes=40, concurrency=40)
    assert [each.score for each in finished] == [1.0] * 40
    assert time.perf_counter() - started < 40 * 0.05 / 2


def test_a_hung_step_fails_its_episode_and_nothing_else(world: World) -> None:
    settings: dict[str, Any] = {"episodes": 12, "concurrency": 4, "knobs": {"share": 0.3}, "step_s": 0.3, "retries": 0}
    finished = played(world("Hangs"), max_failure_share=1.0, **settings)
    hung = [each for each in finished if each.task.public["bad"]]
    assert hung
    assert {each.status for each in hung} == {"infra_failed"}
    assert all("took longer than 0.3 s" in each.failures[0].message for each in hung)
    assert {each.score for each in finished if not each.task.public["bad"]} == {1.0}


def test_a_blocking_world_is_made_stepped_and_closed_in_one_thread(world: World) -> None:
    assert {each.score for each in played(world("OneThread"), episodes=30, concurrency=8)} == {1.0}


def test_a_slow_policy_meets_the_deadline_of_a_step(world: World) -> None:
    class Sleeper(Policy):
        async def sample(self, request: Request) -> Reply:
            await asyncio.sleep(30)
            return Reply(assistant("never"))

    (one,) = played(world("Sum"), policy=Sleeper(), episodes=1, step_s=0.05, retries=1, max_failure_share=1.0)
    assert (one.status, one.score) == ("infra_failed", None)
    assert [failure.boundary for failure in one.failures] == ["policy", "policy"]


def test_a_tasks_own_time_limit_ends_its_episode(world: World) -> None:
    class Dawdler(Policy):
        async def sample(self, request: Request) -> Reply:
            await asyncio.sleep(0.04)
            return Reply(assistant("hm"))

    task = Task(id="t", env="counter", public={"goal": 3}, limits=Limits(seconds=0.1))
    (one,) = played(world("Counter"), policy=Dawdler(), tasks=[task], retries=0, max_failure_share=1.0)
    assert one.status == "infra_failed"


def test_a_scaffold_that_rewrites_history_branches_the_record(world: World) -> None:
    rewriting = f"{Path(__file__).parent / 'worlds' / 'compacting.py'}:Compacting"
    task = Task(id="t", env="counter", public={"goal": 5})
    (branched,) = played(world("Counter"), scaffold=rewriting, tasks=[task])
    (linear,) = played(world("Counter"), tasks=[task])
    assert branched.score == linear.score == 1.0
    assert linear.parents == list(range(-1, len(linear.messages) - 1))
    assert branched.parents.count(0) > 1, "each rewriting goes on from the task"
    for number, step in enumerate(branched.steps):
        prompt = branched.prompt(number)
        assert prompt[0] == linear.messages[0]
        assert len(prompt) <= 3 + 1
        assert (
            linear.messages[linear.steps[number].reply]["role"] == branched.messages[step.reply]["role"] == "assistant"
        )
        assert [text for text in map(text_of, prompt) if text.startswith("counter")][-1:] == (
            [f"counter: {number}"] if number else []
        )


def test_the_token_limit_truncates_and_still_judges(world: World) -> None:
    class Wordy(Policy):
        async def sample(self, request: Request) -> Reply:
            return Reply(assistant("let me think"), completion_tokens=50)

    task = Task(id="t", env="counter", public={"goal": 3}, limits=Limits(tokens=120))
    (one,) = played(world("Counter"), policy=Wordy(), tasks=[task])
    assert (one.status, one.score, len(one.steps)) == ("truncated", 0.0, 3)
    assert one.steps[-1].truncated


def unclosed(folder: Path) -> set[str]:
    """Names of the worlds that were made and not closed, once their threads have had the time."""
    deadline = time.monotonic() + 10
    while True:
        made, closed = ({path.stem for path in folder.glob(f"*.{mark}")} for mark in ("made", "closed"))
        if (made and made == closed) or time.monotonic() > deadline:
            assert made
            return made - closed
        time.sleep(0.05)


def test_every_world_is_closed_when_a_run_ends(world: World, tmp_path: Path) -> None:
    played(world("Accounted"), episodes=8, concurrency=4, knobs={"folder": str(tmp_path), "share": 0.0})
    assert not unclosed(tmp_path)


def test_every_world_is_closed_when_a_stream_is_left_early(world: World, tmp_path: Path) -> None:
    async def one() -> None:
        async for _ in play_async(
            world("Accounted"), episodes=20, concurrency=4, knobs={"folder": str(tmp_path), "share": 0.0}
        ):
            break

    asyncio.run(one())
    assert not unclosed(tmp_path)


def test_a_world_that_comes_too_late_is_closed_all_the_same(world: World, tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "knobs": {"folder": str(tmp_path)},
        "step_s": 0.2,
        "retries": 0,
        "max_failure_share": 1.0,
    }
    (one,) = played(world("Accounted"), episodes=1, **settings)
    assert one.status == "infra_failed"
    assert not unclosed(tmp_path)


def test_every_world_of_a_worker_process_is_closed_when_the_sink_breaks(world: World, tmp_path: Path) -> None:
    def full(trajectory: Trajectory) -> None:
        raise OSError("no room")

    run = Run(world("Accounted"), episodes=20, concurrency=3, knobs={"folder": str(tmp_path), "share": 0.0})
    with pytest.raises(OSError, match="no room"):
        play_run(run, full, processes=2)
    assert not unclosed(tmp_path)


def test_workers_that_die_one_after_another_do_not_stop_a_long_run(world: World) -> None:
    settings: dict[str, Any] = {"episodes": 200, "knobs": {"share": 0.02}, "retries": 0, "max_failure_share": 1.0}
    finished = played(world("KillsProcess"), processes=2, **settings)
    assert [each.index for each in finished] == list(range(200))
    fatal = {each.index for each in finished if each.task.public["bad"]}
    assert len(fatal) > 1
    assert {each.index for each in finished if not each.scored} == fatal


def test_what_is_no_reply_is_the_policys_mistake_and_named(world: World) -> None:
    class Newcomer(Policy):
        async def sample(self, request: Request) -> Reply:
            return Reply("7")  # type: ignore[arg-type]

    with pytest.raises(UsageError, match=r"expected a Reply whose message is an assistant message"):
        played(world("Sum"), policy=Newcomer(), episodes=1)


def test_a_worker_process_that_dies_loses_no_other_episode(world: World) -> None:
    settings: dict[str, Any] = {"episodes": 30, "knobs": {"share": 0.1}, "retries": 1, "max_failure_share": 1.0}
    finished = played(world("KillsProcess"), processes=2, **settings)
    assert [each.index for each in finished] == list(range(30))
    fatal = [each for each in finished if each.task.public["bad"]]
    assert fatal
    assert {(each.status, each.failures[0].boundary) for each in fatal} == {("infra_failed", "process")}
    assert {each.score for each in finished if not each.task.public["bad"]} == {1.0}


def test_a_finite_task_set_is_played_once_and_gone_round_again_on_request(world: World) -> None:
    tasks = [Task(id=str(n), env="counter", public={"goal": n}) for n in range(3, 6)]
    assert [each.task.id for each in played(world("Counter"), tasks=tasks)] == ["3", "4", "5"]
    longer = played(world("Counter"), tasks=tasks, episodes=5)
    assert [each.task.id for each in longer] == ["3", "4", "5", "3", "4"]
    assert len({each.seed for each in longer}) == 5


def test_a_stream_yields_every_episode_and_can_be_left_early(world: World) -> None:
    async def first(count: int) -> list[int]:
        seen = []
        async for trajectory in play_async(world("Sum"), policy=Patient(), episodes=20):
            seen.append(trajectory.index)
            if len(seen) == count:
                break
        return seen

    assert sorted(asyncio.run(first(20))) == list(range(20))
    assert len(asyncio.run(first(3))) == 3


def test_the_blocking_form_works_inside_a_running_loop_as_in_a_notebook(world: World) -> None:
    async def cell() -> list[float | None]:
        return [each.score for each in play(world("Sum"), policy=Patient(), episodes=3)]

    assert asyncio.run(cell()) == [0.0] * 3


def test_a_callers_mistake_stops_the_run_at_once(world: World) -> None:
    with pytest.raises(UsageError, match="belongs to 'other', not to 'sum'"):
        play(world("Sum"), tasks=[Task(id="x", env="other")])
    with pytest.raises(UsageError, match="lacks the field 'one'"):
        play(world("Sum"), tasks=[Task(id="x", env="sum")])
    with pytest.raises(UsageError, match="is no Policy"):
        Run("game24", policy=Patient)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="tasks is empty"):
        Run("game24", tasks=[])
    with pytest.raises(UsageError, match=r"expected a class made from envgym\.Scaffold"):
        play("game24", scaffold="json:loads")
    with pytest.raises(UsageError, match="group_size=0"):
        Run("game24", group_size=0)

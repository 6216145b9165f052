"""Plays recorded replies again: to score them anew, or to prove that an episode is what its record says.

`replayed` needs no model: the recorded replies are the policy. `drift` compares two records field by field and names the first byte
that differs. A replay uses today's environment, so drift means that environment, scaffold or verifier changed since the recording.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace

from pydantic_core import to_json

from envgym.errors import Drift, UsageError
from envgym.policy.scripted import Replay
from envgym.rollout.drive import run_blocking
from envgym.rollout.episode import Actor
from envgym.rollout.run import Run
from envgym.trajectory import SCHEMA, SCORED, Timing, Trajectory

COMPARED = tuple(
    part.name for part in fields(Trajectory) if part.name not in ("timing", "failures", "rewards", "reward")
)


def replayed(recorded: Trajectory) -> Trajectory:
    """The episode that today's environment makes of the recorded replies.

    Raises UsageError for a record that the world failed: it has no end to replay. Raises Drift when the episode does not end where the
    record ends.
    """
    if recorded.status not in SCORED:
        raise UsageError(f"episode {recorded.id} has status {recorded.status}: there is nothing to replay")
    run = Run(
        recorded.env_path,
        policy=Replay([recorded]),
        scaffold=recorded.scaffold,
        episodes=1,
        knobs=recorded.knobs,
        retries=0,
    )
    again = unplayed(recorded)
    run_blocking(_play(run, again))
    again.temperature, again.tokens = recorded.temperature, recorded.tokens
    return again


def unplayed(recorded: Trajectory) -> Trajectory:
    """The same episode before it was played."""
    task, timing = recorded.task, Timing()
    blank = replace(recorded, env=task.env, task_hash=task.hash, status="env_failed", schema=SCHEMA, timing=timing)
    blank.verdict, blank.reward, blank.rewards, blank.failures = None, None, {}, []
    return blank


async def _play(run: Run, trajectory: Trajectory) -> None:
    actor = Actor(run, run.make_policy())
    try:
        await actor.play(trajectory)
    finally:
        await actor.close()


def drift(recorded: Trajectory, again: Trajectory) -> str | None:
    """Where two records first differ, in words; None when they do not."""
    for name in COMPARED:
        one, two = to_json(getattr(recorded, name)), to_json(getattr(again, name))
        if one != two:
            at = next(
                (at for at, (left, right) in enumerate(zip(one, two, strict=False)) if left != right),
                min(len(one), len(two)),
            )
            return f"{name}, byte {at}: recorded {_around(one, at)}, now {_around(two, at)}"
    return None


def _around(text: bytes, at: int) -> str:
    return repr(text[max(0, at - 30) : at + 30].decode("utf-8", "replace"))


def require_same(recorded: Trajectory) -> None:
    """Replays one episode. Raises Drift naming the episode and the first byte that differs."""
    again = replayed(recorded)
    where = drift(recorded, again)
    if where is None:
        return
    failed = f"; the world failed: {again.failures[-1].message}" if again.failures else ""
    raise Drift(f"episode {recorded.index} ({recorded.task.key}) drifted at {where}{failed}")


def rescored(recorded: Iterable[Trajectory]) -> Iterator[tuple[Trajectory, Trajectory]]:
    """Each record with a copy that carries today's verdict. What the world failed at the time stays as it is."""
    for trajectory in recorded:
        if trajectory.status not in SCORED:
            yield trajectory, trajectory
            continue
        again = replayed(trajectory)
        yield (
            trajectory,
            replace(
                trajectory,
                verdict=again.verdict,
                reward=again.reward,
                status=again.status,
                failures=again.failures,
                timing=Timing(),
            ),
        )

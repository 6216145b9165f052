"""Laws of the state of an episode: it can be kept, brought back, copied and sent, and the future is the same."""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace

from envgym.env import AgentEnv, Snapshot
from envgym.message import Action
from envgym.task import Task
from envgym.testing.fresh_process import NOT_ELSEWHERE, Play, in_a_fresh_process
from envgym.testing.state import changes, state_of
from envgym.testing.subject import LawBroken, Subject
from envgym.testing.tape import future, require_same, walk


@dataclass(frozen=True, slots=True)
class Halfway:
    """An episode stopped in the middle: where, and the actions still to play."""

    task: Task
    what: str
    played: list[Action]
    rest: list[Action]


def halves(subject: Subject) -> Iterator[Halfway]:
    """Every script, cut at its start and in its middle."""
    for task in subject.each_task():
        for who, script in subject.scripts(task).items():
            for cut in sorted({0, len(script) // 2}):
                yield Halfway(task, f"task {task.id!r}, {who}, after {cut} steps", script[:cut], script[cut:])


def stopped(subject: Subject, half: Halfway) -> AgentEnv:
    """A fresh environment, played up to where the episode is cut."""
    env = subject.start(half.task)
    for _ in walk(env, half.played):
        pass
    return env


def snapshot_restores_the_future(subject: Subject) -> None:
    """A restored snapshot has the same future as before, whatever was played in between, in the same instance and in a fresh one."""
    for half in halves(subject):
        env = stopped(subject, half)
        snapshot, before = env.snapshot(), state_of(env)
        expected = future(env, half.rest)
        for who, instance in (("the same instance", env), ("a fresh instance", subject.make())):
            instance.restore(snapshot)
            changed = changes(before, state_of(instance))
            if changed:
                raise LawBroken(f"{half.what}, restored in {who}: {', '.join(changed)} differs from the snapshot")
            require_same(expected, future(instance, half.rest), f"{half.what}, restored in {who}")


def forks_are_independent(subject: Subject) -> None:
    """A fork has the same future as its original, and neither notices what the other does, not even that it is closed."""
    for half in halves(subject):
        expected = future(stopped(subject, half), half.rest)
        env = stopped(subject, half)
        twin, other = env.fork(), env.fork()
        for copy in (twin, other):
            subject.made.append(copy)
            if type(copy) is not type(env):
                raise LawBroken(f"fork() of a {type(env).__name__} gives a {type(copy).__name__}")
        before = state_of(env)
        require_same(expected, future(twin, half.rest), f"{half.what}, the fork")
        twin.close()
        changed = changes(before, state_of(env))
        if changed:
            raise LawBroken(f"{half.what}: playing the fork changes {', '.join(changed)} of the original")
        require_same(
            expected, future(env, half.rest), f"{half.what}, the original after its fork was played and closed"
        )
        require_same(expected, future(other, half.rest), f"{half.what}, a fork after the original was played")


def state_pickles(subject: Subject) -> str:
    """A snapshot survives pickle, and its task JSON: an episode goes on from them in a fresh process as it would have here."""
    plays, expected = [], []
    for half in halves(subject):
        env = stopped(subject, half)
        snapshot, before = pickle.dumps(env.snapshot()), state_of(env)
        expected.append((half.what, future(env, half.rest)))
        sent = as_sent(pickle.loads(snapshot))
        plays.append(Play(half.task, half.rest, pickle.dumps(sent)))
        instance = subject.make()
        instance.restore(sent)
        changed = changes(before, state_of(instance))
        if changed:
            raise LawBroken(f"{half.what}, sent as bytes: {', '.join(changed)} differs from the snapshot")
        require_same(expected[-1][1], future(instance, half.rest), f"{half.what}, sent as bytes")
    if subject.path is None:
        return NOT_ELSEWHERE
    for (what, mine), theirs in zip(expected, in_a_fresh_process(subject, plays).tapes, strict=True):
        require_same(mine, theirs, f"{what}, sent to a fresh process")
    return f"{len(plays)} snapshots went on in a fresh process"


def as_sent(snapshot: Snapshot) -> Snapshot:
    """A snapshot whose task went through JSON."""
    task = None if snapshot.task is None else Task.model_validate_json(snapshot.task.model_dump_json())
    return replace(snapshot, task=task)

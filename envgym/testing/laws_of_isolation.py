"""Laws of what an environment leaves behind and touches: nothing stays after close, and no instance feels another."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from envgym.env import AgentEnv
from envgym.message import Action
from envgym.task import Task
from envgym.testing.footprint import footprint, own_temporary_folder
from envgym.testing.state import changes, state_of
from envgym.testing.subject import LawBroken, Subject
from envgym.testing.tape import judged, line, opening, record, require_same, walk

CYCLES = 5
SETTLE_S = 1.0
"""How long a thread or process may take to end after close."""


def close_twice_and_clean(subject: Subject) -> None:
    """Closing twice is fine, at any moment of an episode, and leaves no thread, process, open file, mount or temporary file.

    Only what each of the last cycles of make, reset, step and close adds counts: what is made once and kept is a cache.
    """
    scripts = [(task, subject.busiest(task)) for task in subject.each_task()]
    with own_temporary_folder() as folder:
        kept: list[AgentEnv] = []
        held: list[set[str]] = []
        for _ in range(CYCLES):
            kept += cycle(subject, scripts)
            held.append(footprint(folder))
        left = settled(folder, [now - before for before, now in pairwise(held[1:])])
        if all(left):
            what = sorted(left[-1])
            raise LawBroken(
                f"close leaves {len(what)} thing{'s' * (len(what) > 1)} behind each time: {', '.join(what[:3])[:300]}"
            )


def cycle(subject: Subject, scripts: list[tuple[Task, list[Action]]]) -> list[AgentEnv]:
    """Makes, plays and closes (twice) at every moment of an episode: never reset, at its start, in its middle, at its end, as a fork.

    Gives the environments back, so that nothing counts as released that only lost its last reference.
    """
    made = [subject.make()]
    for task, script in scripts:
        for actions in ([], script[: len(script) // 2], script):
            env = subject.start(task)
            for _ in walk(env, actions):
                pass
            env.verify()
            made += [env] if "forks_are_independent" in env.waived_laws else [env, env.fork()]
    for env in made:
        for _ in range(2):
            env.close()
    return made


def settled(folder: Path, grown: list[set[str]]) -> list[set[str]]:
    """What each cycle left, once everything that ends by itself has had its time."""
    until = time.monotonic() + SETTLE_S
    left = grown
    while all(left) and time.monotonic() < until:
        time.sleep(0.02)
        now = footprint(folder)
        left = [each & now for each in grown]
    return left


def instances_do_not_touch(subject: Subject) -> None:
    """Two instances that are stepped in turn play as each does alone, and neither's step changes the other's state."""
    tasks = list(subject.each_task())
    for task, other in zip(tasks, [*tasks[1:], tasks[0]], strict=True):
        for who, script in subject.scripts(task).items():
            for against, others in subject.scripts(other).items():
                what = f"task {task.id!r} ({who}) beside task {other.id!r} ({against})"
                alone = (
                    record(subject.make(), task, script, seed=subject.seed),
                    record(subject.make(), other, others, seed=subject.seed),
                )
                together = in_turn(subject, (task, script), (other, others), what)
                require_same(alone[0], together[0], what)
                require_same(alone[1], together[1], f"{what}, the second")


def in_turn(
    subject: Subject, one: tuple[Task, list[Action]], two: tuple[Task, list[Action]], what: str
) -> tuple[list[str], list[str]]:
    """The tapes of two episodes whose steps alternate."""
    players: list[tuple[AgentEnv, list[str], Iterator[str]]] = []
    for task, script in (one, two):
        env = subject.make()
        tape = [opening(env, seed=subject.seed, options={"task": task})]
        players.append((env, tape, (moment.line for moment in walk(env, script))))
    playing = [0, 1]
    while playing:
        for number in list(playing):
            _, tape, lines = players[number]
            bystander = players[1 - number][0]
            before = state_of(bystander)
            step = next(lines, None)
            if step is None:
                playing.remove(number)
            else:
                tape.append(step)
            changed = changes(before, state_of(bystander))
            if changed:
                raise LawBroken(f"{what}: a step of one instance changes {', '.join(changed)} of the other")
    for env, tape, _ in players:
        tape.append(line("the verdict", **judged(env.verify())))
    return players[0][1], players[1][1]

"""Laws of the score: who earns one, who does not, and that judging changes nothing."""

from collections.abc import Iterable, Iterator
from typing import Any

from envgym import registry
from envgym.env import AgentEnv
from envgym.errors import UsageError
from envgym.message import Action, Message, call, text_of
from envgym.task import Task
from envgym.testing.blank import blank_arguments
from envgym.testing.state import changes, state_of
from envgym.testing.subject import IDLE, LawBroken, Subject
from envgym.testing.tape import Moment, judged, opening, record, require_same, walk

SILENT: Message = {"role": "assistant", "content": None}


def oracle_scores_one(subject: Subject) -> str:
    """The golden solution scores 1.0 on every task, bare and in the protocol of every scaffold."""
    scaffolds = registry.scaffolds.paths()
    for task in subject.each_task():
        env = subject.start(task)
        try:
            play_gold(env, env.oracle(), f"task {task.id!r}, bare")
        except UsageError as error:
            raise LawBroken(f"task {task.id!r}: no oracle: {error}") from None
        for name in scaffolds:
            scaffold = registry.scaffolds.get(name)(subject.make())
            scaffold.reset(seed=subject.seed, options={"task": task})
            play_gold(scaffold, scaffold.golden(), f"task {task.id!r} under {name}")
    return f"bare and under {', '.join(scaffolds)}"


def play_gold(player: Any, actions: Iterable[Action], who: str) -> None:
    """Raises LawBroken unless `actions` end the episode with score 1."""
    for moment in walk(player, actions):
        if moment.over:
            verdict = player.unwrapped.verdict
            if moment.reward != 1.0:
                how = "is cut off at its limit" if moment.truncated else "ends"
                raise LawBroken(
                    f"{who}: the oracle {how} after {moment.number} steps with reward {moment.reward}: {verdict!r}"[
                        :600
                    ]
                )
            return
    raise LawBroken(f"{who}: the oracle stopped and the episode goes on")


def idle_scores_zero(subject: Subject) -> None:
    """Doing nothing earns nothing: silence, small talk and blank arguments score 0, and the episode ends by its limit of turns."""
    guesses: dict[str, list[bool]] = {}
    for task in subject.each_task():
        for reply in ("", "   \n", IDLE, SILENT):
            say_only(subject.start(task), reply, f"task {task.id!r}: saying only {show(reply)}")
        for name, moment, guess in blank_calls(subject, task):
            if moment.reward and not guess:
                raise LawBroken(f"task {task.id!r}: calling {name} at once with blank arguments pays {moment.reward}")
            if guess:
                guesses.setdefault(name, []).append(bool(moment.reward))
    for name, paid in guesses.items():
        if all(paid):
            raise LawBroken(f"calling {name} at once with blank arguments pays on every task ({len(paid)})")


def say_only(env: AgentEnv, reply: str | Message, who: str) -> None:
    for moment in walk(env, [reply] * env.turn_limit):
        if moment.reward:
            raise LawBroken(f"{who} pays {moment.reward} at step {moment.number}")
    if not moment.over:
        raise LawBroken(f"{who} goes on after {moment.number} turns, the limit")


def blank_calls(subject: Subject, task: Task) -> Iterator[tuple[str, Moment, bool]]:
    """Each tool that ends the episode when it is called first: its name, what came of it, and whether its arguments are a guess."""
    for tool in subject.start(task).tools():
        name = tool["function"]["name"]
        arguments, guess = blank_arguments(tool["function"]["parameters"])
        for moment in walk(subject.start(task), [call(name, **arguments)]):
            if moment.terminated:
                yield name, moment, guess


def show(reply: str | Message) -> str:
    return repr(reply if isinstance(reply, str) else text_of(reply))


def terminal_reward_is_the_verdict(subject: Subject) -> None:
    """The reward is 0 until the last step, which pays the score of the verdict; an episode ends or is cut off, never both."""
    for task in subject.each_task():
        for who, script in subject.scripts(task).items():
            env = subject.start(task)
            for moment in walk(env, script):
                check_reward(env, moment, f"task {task.id!r}, {who}, step {moment.number}")


def check_reward(env: AgentEnv, moment: Moment, where: str) -> None:
    reward, terminated, truncated = moment.reward, moment.terminated, moment.truncated
    if type(terminated) is not bool or type(truncated) is not bool or not isinstance(reward, float | int):
        raise LawBroken(f"{where}: reward, terminated, truncated are {reward!r}, {terminated!r}, {truncated!r}")
    if terminated and truncated:
        raise LawBroken(f"{where}: terminated and truncated at once")
    if not moment.over:
        if reward != 0:
            raise LawBroken(f"{where}: reward {reward} before the end")
        return
    score = env.verify().score
    if reward != score:
        raise LawBroken(f"{where}: reward {reward}, but verify() says {score}")
    if env.verdict is None or env.verdict.score != score:
        raise LawBroken(f"{where}: env.verdict is {env.verdict!r}, but verify() says {score}")


def verify_is_pure_and_repeats(subject: Subject) -> None:
    """At every step, asking for the verdict gives the same verdict twice, changes no state, and changes nothing that comes after."""
    for task in subject.each_task():
        for who, script in subject.scripts(task).items():
            plain = record(subject.make(), task, script, seed=subject.seed)
            env = subject.make()
            lines = [opening(env, seed=subject.seed, options={"task": task})]
            judge_twice(env, f"task {task.id!r}, {who}, before the first step")
            for moment in walk(env, script):
                lines.append(moment.line)
                judge_twice(env, f"task {task.id!r}, {who}, after step {moment.number}")
            require_same(plain[:-1], lines, f"task {task.id!r}, {who}, without and with verdicts on the way")


def judge_twice(env: AgentEnv, when: str) -> None:
    before = state_of(env)
    one, two = judged(env.verify()), judged(env.verify())
    if one != two:
        differing = ", ".join(f"{name}: {one[name]!r} / {two[name]!r}" for name in one if one[name] != two[name])
        raise LawBroken(f"{when}: two verdicts on the same state differ: {differing}")
    changed = changes(before, state_of(env))
    if changed:
        raise LawBroken(f"{when}: verify() changes {', '.join(changed)}")

"""Laws of what an agent may send: bad replies are told, and the episode has an edge that holds."""

from collections.abc import Iterator
from typing import Any

from envgym.env import AgentEnv
from envgym.errors import UsageError
from envgym.message import call
from envgym.task import Limits, Task
from envgym.testing.bad_replies import bad_calls, ill_formed, odd_texts
from envgym.testing.subject import IDLE, LawBroken, Subject
from envgym.testing.tape import walk
from envgym.testing.told import act, require_told

OFF_LIMITS = {"verify", "verdict", "oracle", "reward", "score", "grade", "get_reward", "get_score", "get_oracle"}
"""Names that no tool may have: what they would say is the answer, or the way to it."""
INNER = {
    "snapshot",
    "restore",
    "fork",
    "reset",
    "close",
    "generate",
    "begin",
    "respond",
    "task",
    "__init__",
    "_close_turn",
}
"""Parts of the contract that an agent might try to reach as tools."""


def malformed_actions_are_told(subject: Subject) -> str:
    """No reply makes `step` raise: a bad one is told in the observation, pays nothing and changes nothing but the turn."""
    task = subject.tasks[0]
    env = subject.make()
    battery = [*ill_formed(), *(bad for tool in subject.start(task).tools() for bad in bad_calls(tool))]
    tell_all(subject, env, task, battery)
    for what, text in odd_texts():
        require_told(subject.start(task, env), text, f"task {task.id!r}: {what}", may_answer=True)
    return f"{len(battery)} bad replies"


def tell_all(subject: Subject, env: AgentEnv, task: Task, replies: list[tuple[str, Any]]) -> None:
    """Plays bad replies one after the other, starting again where the turns run out."""
    subject.start(task, env)
    for what, reply in replies:
        if require_told(env, reply, f"task {task.id!r}: {what}").over:
            subject.start(task, env)


def verify_is_not_a_tool(subject: Subject) -> None:
    """No tool is called like the verdict or the oracle, none is the verifier under another name, and calling one of these is told."""
    for task in subject.each_task():
        env = subject.start(task)
        names = {tool["function"]["name"] for tool in env.tools()}
        for name in sorted(names):
            if name.lower() in OFF_LIMITS:
                raise LawBroken(f"there is a tool called {name!r}")
            entry = getattr(env, "toolbox", {}).get(name)
            if entry is not None and entry.method in ("verify", "oracle", "grade"):
                raise LawBroken(f"tool {name!r} is the environment's {entry.method}()")
        tell_all(
            subject, env, task, [(f"a call of {name}", call(name)) for name in sorted((OFF_LIMITS | INNER) - names)]
        )


def step_before_reset_raises(subject: Subject) -> None:
    """Stepping an environment that was never reset is the caller's mistake: UsageError."""
    require_usage_error(subject.make(), "before reset")


def step_after_the_end_raises(subject: Subject) -> None:
    """Stepping an episode that is over is the caller's mistake, UsageError, until the next reset."""
    for task in subject.each_task():
        for who, script in subject.scripts(task).items():
            env = subject.start(task)
            if not any(moment.over for moment in walk(env, padded(script, env.turn_limit))):
                raise LawBroken(f"task {task.id!r}, {who}: the episode goes on after {env.turn_limit} turns, the limit")
            verdict = env.verify()
            for _ in range(2):
                require_usage_error(env, f"after the end (task {task.id!r}, {who})")
            if env.verify() != verdict:
                raise LawBroken(f"task {task.id!r}, {who}: a step after the end changed the verdict")
            subject.start(task, env)
            act(env, IDLE, "a step after the next reset")


def padded(script: list[Any], length: int) -> Iterator[Any]:
    """A script that goes on with idle talk until it has `length` actions."""
    yield from script
    for _ in range(length - len(script)):
        yield IDLE


def require_usage_error(env: AgentEnv, when: str) -> None:
    for what, action in (("text", IDLE), ("an ill-formed reply", None)):
        try:
            result = env.step(action)  # type: ignore[arg-type]
        except UsageError:
            continue
        except Exception as error:
            raise LawBroken(
                f"a step {when} with {what} raised {type(error).__name__}, not UsageError: {error}"
            ) from error
        raise LawBroken(f"a step {when} with {what} raised nothing; it returned {str(result)[:200]}")


def truncation_at_the_limit(subject: Subject) -> None:
    """A task's own limit of turns cuts the episode off at exactly that turn, with truncated and not terminated."""
    for task in subject.each_task():
        for turns in (1, 2, 5):
            short = task.model_copy(
                update={"limits": Limits(turns=turns, tokens=task.limits.tokens, seconds=task.limits.seconds)}
            )
            moments = list(walk(subject.start(short), [""] * (turns + 1)))
            last = moments[-1]
            where = f"task {task.id!r} with {turns} turns, saying nothing"
            if last.terminated:
                continue
            if not last.truncated or last.number > turns:
                raise LawBroken(f"{where}: not truncated at turn {turns}")
            if last.number < turns:
                raise LawBroken(f"{where}: truncated at turn {last.number}")

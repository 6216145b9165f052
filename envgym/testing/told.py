"""What being told means: the step raises nothing, pays nothing, says something that can be sent, and changes nothing else.

An observation may quote what the agent wrote, but must not hand a megabyte of it back.
"""

from typing import Any

from envgym.env import AgentEnv
from envgym.message import text_of
from envgym.testing.state import OF_A_TURN, changes, state_of
from envgym.testing.subject import LawBroken
from envgym.testing.tape import Moment, line

MOST_TOLD_CHARS = 20_000


def require_told(env: AgentEnv, action: Any, what: str, *, may_answer: bool = False) -> Moment:
    """Plays `action` and raises LawBroken unless it was told. With `may_answer` it is odd but well-formed: it may do something."""
    before = state_of(env)
    moment = act(env, action, what)
    line(what, observation=moment.observation, info=moment.info)
    if (
        moment.reward and not moment.truncated
    ):  # cut off, it pays what the world is worth untouched: `idle_scores_zero` judges that
        raise LawBroken(f"{what} pays {moment.reward}")
    if moment.terminated:
        if may_answer:
            return moment
        raise LawBroken(f"{what} ends the episode; it should be told")
    told = "\n".join(text_of(message) for message in moment.observation)
    if not told.strip():
        raise LawBroken(f"{what}: the agent is told nothing; the observation is {moment.observation!r}")
    if len(told) > MOST_TOLD_CHARS:
        raise LawBroken(f"{what}: the agent is told {len(told):,} characters, more than {MOST_TOLD_CHARS:,}")
    try:
        told.encode()
    except UnicodeEncodeError as error:
        raise LawBroken(f"{what}: what the agent is told cannot be sent: {error}") from None
    changed = changes(before, state_of(env), apart_from=OF_A_TURN)
    if changed and not may_answer:
        raise LawBroken(f"{what} changes {', '.join(changed)}")
    return moment


def act(env: AgentEnv, action: Any, what: str) -> Moment:
    """One step. Raises LawBroken for whatever it raises: nothing that an agent does is an exception."""
    try:
        return Moment(1, *env.step(action))
    except Exception as error:
        raise LawBroken(f"{what}: step raised {type(error).__name__}: {str(error)[:300]}") from error

"""Golden episodes over HTTP: a script for FakeLLM that answers every prompt of a run as the oracle would.

The run is played by the oracle once, beforehand, and its replies are looked up by the whole conversation so far. A prompt that differs in
one character from the oracle's is unknown and refused, so a full score over HTTP also proves that messages cross the wire unchanged.
"""

from collections.abc import Mapping
from typing import Any

from envgym.message import Message
from envgym.policy.chat_request import wire_message
from envgym.rollout import play
from envgym.task import canonical_json


class OracleScript:
    """Replies by conversation. Picklable, and callable with the body of a request."""

    def __init__(self, replies: Mapping[bytes, Message]) -> None:
        self._replies = replies

    def __call__(self, body: Mapping[str, Any]) -> Message:
        reply = self._replies.get(canonical_json(body["messages"]))
        if reply is None:
            raise LookupError(
                f"the oracle never saw this conversation of {len(body['messages'])} messages; make the script with the env, "
                "scaffold, seed, knobs and at least the episodes of the run that is played"
            )
        return reply


def oracle_script(env: str, **settings: Any) -> OracleScript:
    """The script for the run `Run(env, **settings)`, whatever its policy. Raises LookupError where the oracle does not score 1.0."""
    replies: dict[bytes, Message] = {}
    for trajectory in play(env, **{**settings, "policy": "oracle"}):
        if trajectory.score != 1.0:
            raise LookupError(
                f"the oracle of {env} scores {trajectory.score} on task {trajectory.task.id!r}: {trajectory.failures}"
            )
        for number, step in enumerate(trajectory.steps):
            prompt = [wire_message(message) for message in trajectory.prompt(number)]
            replies[canonical_json(prompt)] = trajectory.messages[step.reply]
    return OracleScript(replies)

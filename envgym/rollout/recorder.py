"""Builds a trajectory's message tree, steps and token paths while the episode is played.

The prompt of each call is laid over the path of the call before: what they share from the start is kept, the rest becomes new nodes.
A scaffold that only appends gives a chain; one that rewrites history gives a branch, without telling the recorder anything. An
observation that a scaffold drops before the next call is on no path: the model never saw it.
"""

from envgym.message import Message
from envgym.policy.policy import Reply, Tokens
from envgym.trajectory import Step, TokenPath, Trajectory


class Recorder:
    """Writes one attempt into `trajectory`, in place of what an earlier attempt recorded."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory
        if trajectory.messages:
            trajectory.messages, trajectory.parents, trajectory.steps, trajectory.tokens = [], [], [], []
        self._seen: list[Message] = []
        """The path that the last call or reply ended."""
        self._tip = -1
        """Its last node."""

    def see(self, prompt: list[Message]) -> None:
        """Lays `prompt` over the current path."""
        known = len(self._seen)
        if prompt[:known] != self._seen:
            known = shared_prefix(self._seen, prompt)
            for _ in self._seen[known:]:
                self._tip = self.trajectory.parents[self._tip]
            del self._seen[known:]
        for message in prompt[known:]:
            self._add(message)

    def sampled(self, reply: Reply) -> None:
        """A model call was answered."""
        step = Step(self._add(reply.message))
        step.finish_reason, step.policy_version = reply.finish_reason, reply.policy_version
        step.prompt_tokens, step.completion_tokens = reply.prompt_tokens, reply.completion_tokens
        if reply.tokens is not None:
            self._take_tokens(reply.tokens, len(self.trajectory.steps))
        self.trajectory.steps.append(step)

    def stepped(self, reward: float, terminated: bool, truncated: bool, error: str) -> None:
        """The world has answered the last reply."""
        step = self.trajectory.steps[-1]
        step.reward, step.terminated, step.truncated, step.error = reward, terminated, truncated, error

    def _add(self, message: Message) -> int:
        record = self.trajectory
        node = len(record.messages)
        record.messages.append(message)
        record.parents.append(self._tip)
        self._seen.append(message)
        self._tip = node
        return node

    def _take_tokens(self, tokens: Tokens, step: int) -> None:
        """Goes on with the last path where the engine's prompt extends it token by token, else begins a new one."""
        paths = self.trajectory.tokens
        given = tokens.prompt_ids
        if not paths or given[: len(paths[-1].token_ids)] != paths[-1].token_ids:
            paths.append(TokenPath([], [], [], []))
        path = paths[-1]
        added = given[len(path.token_ids) :]
        start = len(given)
        path.token_ids += [*added, *tokens.completion_ids]
        path.mask += [0] * len(added) + [1] * len(tokens.completion_ids)
        path.logprobs += [0.0] * len(added) + tokens.logprobs
        path.spans.append((step, start, start + len(tokens.completion_ids)))


def shared_prefix(one: list[Message], two: list[Message]) -> int:
    """How many messages two lists share from the start."""
    for at, (left, right) in enumerate(zip(one, two, strict=False)):
        if left is not right and left != right:
            return at
    return min(len(one), len(two))

"""envgym turns a real task into an episode that any agent can play, any verifier can score and any trainer can learn from.

Importing this package imports nothing else: public names load on first use. Its environments are known to gymnasium
(`gymnasium.make("envgym/game24-v0")`) whichever of the two is imported first.
"""

import importlib
from typing import TYPE_CHECKING, Any

from envgym import gymnasium_hook

if TYPE_CHECKING:
    from envgym.answer_env import AnswerEnv as AnswerEnv
    from envgym.env import AgentEnv as AgentEnv
    from envgym.env import EnvKnobs as EnvKnobs
    from envgym.env import Snapshot as Snapshot
    from envgym.errors import EnvFailure as EnvFailure
    from envgym.errors import EnvgymError as EnvgymError
    from envgym.errors import InvalidAction as InvalidAction
    from envgym.errors import PolicyFailure as PolicyFailure
    from envgym.errors import UsageError as UsageError
    from envgym.errors import VerifierFailure as VerifierFailure
    from envgym.errors import WorldFailure as WorldFailure
    from envgym.message import Action as Action
    from envgym.message import Message as Message
    from envgym.message import Observation as Observation
    from envgym.message import ToolSpec as ToolSpec
    from envgym.message import call as call
    from envgym.policy.policy import Policy as Policy
    from envgym.policy.policy import Reply as Reply
    from envgym.policy.policy import Request as Request
    from envgym.registry import make as make
    from envgym.rollout import play as play
    from envgym.rollout import play_async as play_async
    from envgym.scaffold import Scaffold as Scaffold
    from envgym.task import Limits as Limits
    from envgym.task import Task as Task
    from envgym.task import TaskFields as TaskFields
    from envgym.task import TaskList as TaskList
    from envgym.task_file import load_tasks as load_tasks
    from envgym.tool_env import ToolEnv as ToolEnv
    from envgym.tool_env import tool as tool
    from envgym.trajectory import Trajectory as Trajectory
    from envgym.trajectory import read_trajectories as read_trajectories
    from envgym.verdict import Outcome as Outcome
    from envgym.verdict import Verdict as Verdict
    from envgym.verdict import Verifier as Verifier

__version__ = "0.1.0"

_HOMES = {
    "envgym.answer_env": ["AnswerEnv"],
    "envgym.env": ["AgentEnv", "EnvKnobs", "Snapshot"],
    "envgym.errors": [
        "EnvFailure",
        "EnvgymError",
        "InvalidAction",
        "PolicyFailure",
        "UsageError",
        "VerifierFailure",
        "WorldFailure",
    ],
    "envgym.message": ["Action", "Message", "Observation", "ToolSpec", "call"],
    "envgym.policy.policy": ["Policy", "Reply", "Request"],
    "envgym.registry": ["make"],
    "envgym.rollout": ["play", "play_async"],
    "envgym.scaffold": ["Scaffold"],
    "envgym.task": ["Limits", "Task", "TaskFields", "TaskList"],
    "envgym.task_file": ["load_tasks"],
    "envgym.tool_env": ["ToolEnv", "tool"],
    "envgym.trajectory": ["Trajectory", "read_trajectories"],
    "envgym.verdict": ["Outcome", "Verdict", "Verifier"],
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'envgym' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]


gymnasium_hook.install()

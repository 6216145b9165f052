"""SkyRL-Gym 0.4.0: bare steps of the same worlds as text environments. It keeps no trajectory, so it has no rollout row.

`text_step` subclasses BaseTextEnv and returns its step dictionary with one user message; `tool_step` goes through a ToolGroup, with the
call read out of tags in the text as its search environments do. Arguments are parsed, not checked.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import books
import clock
from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput
from skyrl_gym.tools.core import ToolGroup, tool

CALL = re.compile(r"<transfer>(.*?)</transfer>", re.DOTALL)


class Guess(BaseTextEnv):
    def step(self, action: str) -> BaseTextEnvStepOutput:
        self.turns += 1
        said = books.hint(action, 500)
        right = said == "correct"
        told = [{"role": "user", "content": said}]
        return BaseTextEnvStepOutput(observations=told, reward=float(right), done=right, metadata={})


class Bank(ToolGroup):
    def __init__(self) -> None:
        self.books = books.Books()
        super().__init__(name="bank")

    @tool
    def transfer(self, payer: str, payee: str, cents: int) -> str:
        return self.books.transfer(payer, payee, cents)


class Ledger(BaseTextEnv):
    def __init__(self) -> None:
        super().__init__()
        self.init_tool_groups([Bank()])

    def step(self, action: str) -> BaseTextEnvStepOutput:
        self.turns += 1
        found = CALL.search(action)
        arguments = json.loads(found[1]) if found else {}
        said = self._execute_tool("bank", "transfer", list(arguments.values()))
        told = [{"role": "user", "content": said}]
        return BaseTextEnvStepOutput(observations=told, reward=0.0, done=False, metadata={})


def text_step(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    return lambda: steps(Guess(), ["1", "999"], count)


def tool_step(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    there_and_back = [("ada", "ben", 100), ("ben", "ada", 100)]
    wanted = [json.dumps({"payer": payer, "payee": payee, "cents": cents}) for payer, payee, cents in there_and_back]
    return lambda: steps(Ledger(), [f"<transfer>{arguments}</transfer>" for arguments in wanted], count)


def steps(env: BaseTextEnv, replies: list[str], count: int) -> int:
    env.init([{"role": "user", "content": "Play."}])
    for at in range(count):
        env.step(replies[at & 1])
    return count


if __name__ == "__main__":
    clock.serve({"text_step": text_step, "tool_step": tool_step})

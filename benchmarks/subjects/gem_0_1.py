"""GEM 0.1.0 (gem-llm): bare steps of the same worlds as text environments. It keeps no trajectory, so it has no rollout row.

`text_step` subclasses gem.Env, which adds nothing to the author's own code; `shipped_step` is its own GuessTheNumber.
`tool_step` is its ToolEnvWrapper around a tool that reads one call out of tags in the text; the arguments are parsed, not checked.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import books
import clock
import gem
from gem.envs.game_env.guess_the_number import GuessTheNumberEnv
from gem.tools.base_tool import BaseTool
from gem.tools.tool_env_wrapper import ToolEnvWrapper

CALL = re.compile(r"<transfer>(.*?)</transfer>", re.DOTALL)


class Guess(gem.Env):
    def reset(self, seed: int | None = None) -> tuple[str, dict[str, Any]]:
        return "Guess the number.", {}

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        said = books.hint(action, 500)
        right = said == "correct"
        return said, float(right), right, False, {}


class Transfer(BaseTool):
    tool_type = "transfer"
    name = "transfer"

    def __init__(self) -> None:
        super().__init__()
        self.books = books.Books()

    def instruction_string(self) -> str:
        return "Move money by <transfer>{payer, payee, cents}</transfer>."

    def execute_action(self, action: str) -> tuple[bool, bool, str, str]:
        found = CALL.search(action)
        if found is None:
            return False, True, "", ""
        return True, False, self.books.transfer(**json.loads(found[1])), action[: found.end()]


def text_step(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    return lambda: steps(Guess(), ["1", "999"], count)


def shipped_step(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    env = GuessTheNumberEnv(max_turns=10**9)
    env.game_number = 10
    return lambda: steps(env, ["\\boxed{1}", "\\boxed{20}"], count)


def tool_step(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    env = ToolEnvWrapper(Guess(), [Transfer()], max_tool_uses=10**9)
    there_and_back = [("ada", "ben", 100), ("ben", "ada", 100)]
    wanted = [json.dumps({"payer": payer, "payee": payee, "cents": cents}) for payer, payee, cents in there_and_back]
    return lambda: steps(env, [f"<transfer>{arguments}</transfer>" for arguments in wanted], count)


def steps(env: gem.Env, replies: list[str], count: int) -> int:
    env.reset()
    for at in range(count):
        env.step(replies[at & 1])
    return count


if __name__ == "__main__":
    clock.serve({"text_step": text_step, "shipped_step": shipped_step, "tool_step": tool_step})

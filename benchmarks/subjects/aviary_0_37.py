"""aviary (fhaviary 0.37): an Environment with two Tools, in process.

It has no rollout engine, verifier or record of its own, so a loop here keeps the messages and rewards of each episode in a list.
Done: requests parsed from the OpenAI form (`arguments` as a JSON string), tool lookup, its reader-writer lock, response messages.
Not done, in its favour: nothing is serialised or written; tools are `async` (a plain function would run in a thread) and made once.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import books
import clock
from aviary.core import Environment, Message, Messages, Tool, ToolRequestMessage


async def transfer(payer: str, payee: str, cents: int, state: books.Books) -> str:
    """Move money between two accounts.

    Args:
        payer: Account that gives.
        payee: Account that gets.
        cents: How much.
        state: The ledger.
    """
    return state.transfer(payer, payee, cents)


async def close_books(state: books.Books) -> str:
    """Close the books; the balances are final.

    Args:
        state: The ledger.
    """
    return state.close()


TOOLS = [Tool.from_function(transfer), Tool.from_function(close_books)]


class Ledger(Environment[books.Books]):
    def __init__(self, question: str, goal: dict[str, int]) -> None:
        self.question, self.goal = question, goal

    async def reset(self) -> tuple[Messages, list[Tool]]:
        self.state = books.Books()
        self.tools = TOOLS
        return [Message(content=self.question)], self.tools

    async def step(self, action: Message) -> tuple[Messages, float, bool, bool]:
        told = await self.exec_tool_calls(action, state=self.state, concurrency=False)
        done = self.state.closed
        return told, float(done and self.state.balances == self.goal), done, False


async def episode(env: Ledger, replies: list[dict[str, Any]]) -> tuple[list[Message], list[float]]:
    observation, _ = await env.reset()
    messages, rewards = list(observation), []
    for reply in replies:
        action = ToolRequestMessage.model_validate(reply)
        told, reward, done, truncated = await env.step(action)
        messages += [action, *told]
        rewards.append(reward)
        if done or truncated:
            break
    if rewards[-1] != 1.0:
        raise SystemExit(f"got {rewards[-1]}; the benchmark is broken")
    return messages, rewards


def multi_turn(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    moves = [books.transfers(index) for index in range(max(1, count // books.TURNS))]
    given = [(Ledger(f"{books.QUESTION}{each}", books.goal_of(each)), replies_for(each)) for each in moves]

    async def play() -> int:
        return sum([len((await episode(env, replies))[1]) for env, replies in given])

    return lambda: asyncio.run(play())


def tool_step(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    """Requests are parsed beforehand, as ours are messages beforehand; arguments are parsed in the request, not in the step."""
    there_and_back = [("ada", "ben", 100), ("ben", "ada", 100)]
    actions = [ToolRequestMessage.model_validate(reply) for reply in replies_for(there_and_back)[:2]]

    async def play() -> int:
        env = Ledger("", {})
        await env.reset()
        for at in range(count):
            await env.step(actions[at & 1])
        return count

    return lambda: asyncio.run(play())


def replies_for(moves: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    wanted = [("transfer", {"payer": payer, "payee": payee, "cents": cents}) for payer, payee, cents in moves]
    functions = [
        {"name": name, "arguments": json.dumps(arguments)} for name, arguments in [*wanted, ("close_books", {})]
    ]
    return [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": f"call_{at}", "type": "function", "function": each}],
        }
        for at, each in enumerate(functions)
    ]


if __name__ == "__main__":
    clock.serve({"multi_turn": multi_turn, "tool_step": tool_step})

"""verifiers 0.1.14: SingleTurnEnv and StatefulToolEnv with a Rubric, in process.

Done: prompt messages, the stop conditions, rubric, the serialisable output with prompt, completion, timing and metrics.
Not done, in its favour: no HTTP and no OpenAI types (a client of its own interface answers at once), no progress bar, no results file,
no token record. `run_rollout` in one coroutine was the fastest of its entry points; `generate` took 1.3 times as long.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import books
import check
import clock
from verifiers.clients import Client
from verifiers.types import Response, ResponseMessage, ToolCall

import verifiers as vf

MODEL = "script"


class Scripted(Client):
    """Answers call number n of example i with `replies[i][n]`."""

    def __init__(self, replies: list[list[dict[str, Any]]]) -> None:
        super().__init__(None)
        self.replies = replies

    async def get_response(
        self, prompt: Any, model: str, sampling_args: Any, tools: Any = None, **rest: Any
    ) -> Response:
        state = rest["state"]
        fields = self.replies[state["example_id"]][len(state["trajectory"])]
        message = ResponseMessage(finish_reason="stop", is_truncated=False, **fields)
        return Response(id="0", created=0, model=model, message=message)

    def setup_client(self, config: Any) -> None: ...
    async def to_native_tool(self, tool: Any) -> Any: ...
    async def to_native_prompt(self, messages: Any) -> Any: ...
    async def get_native_response(self, *args: Any, **kwargs: Any) -> Any: ...
    async def raise_from_native_response(self, response: Any) -> None: ...
    async def from_native_response(self, response: Any) -> Any: ...
    async def close(self) -> None: ...


class Ledger(vf.StatefulToolEnv):
    """Ends with the result of `close_books`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(tools=[], max_turns=30, **kwargs)
        self.add_tool(transfer, args_to_skip=["ledger"])
        self.add_tool(close_books, args_to_skip=["ledger"])

    async def setup_state(self, state: vf.State) -> None:
        state["ledger"] = books.Books()

    def update_tool_args(self, tool_name: str, tool_args: dict, messages: Any, state: vf.State, **kwargs: Any) -> dict:
        tool_args["ledger"] = state["ledger"]
        return tool_args

    async def env_response(self, messages: vf.Messages, state: vf.State, **kwargs: Any) -> vf.Messages:
        told = await super().env_response(messages, state, **kwargs)
        if state["ledger"].closed:
            state["final_env_response"] = told
        return told


def transfer(payer: str, payee: str, cents: int, ledger: Any) -> str:
    """Move `cents` from payer to payee."""
    return ledger.transfer(payer, payee, cents)


def close_books(ledger: Any) -> str:
    """Close the books; the balances are final."""
    return ledger.close()


def play(env: vf.Environment, inputs: list[Any], client: Scripted) -> int:
    """Plays each input once, one after another; returns how many model turns there were."""

    async def run() -> int:
        turns = 0
        for each in inputs:
            output = await env.run_rollout(each, client, MODEL, {})
            if output["reward"] != 1.0:
                raise SystemExit(f"got {output['reward']}; the benchmark is broken: {output['error']}")
            turns += sum(message["role"] == "assistant" for message in output["completion"])
        return turns

    return asyncio.run(run())


def single_turn(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    given = [tasks[at % len(tasks)] for at in range(count)]

    def correct(completion: Any, info: Any) -> float:
        return check.score(completion[-1]["content"], info)

    inputs = [
        {
            "prompt": [{"role": "user", "content": task["question"]}],
            "example_id": at,
            "info": {"numbers": task["numbers"], "target": task["target"]},
        }
        for at, task in enumerate(given)
    ]
    env = vf.SingleTurnEnv(dataset=one_row, rubric=vf.Rubric(funcs=[correct]))
    client = Scripted([[{"content": task["solution"]}] for task in given])
    return lambda: play(env, inputs, client)


def multi_turn(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    moves = [books.transfers(index) for index in range(max(1, count // books.TURNS))]

    def balanced(state: Any, info: Any) -> float:
        return float(state["ledger"].balances == info["goal"])

    inputs = [
        {
            "prompt": [{"role": "user", "content": f"{books.QUESTION}{each}"}],
            "example_id": at,
            "info": {"goal": books.goal_of(each)},
        }
        for at, each in enumerate(moves)
    ]
    env = Ledger(dataset=one_row, rubric=vf.Rubric(funcs=[balanced]))
    client = Scripted([calls(each) for each in moves])
    return lambda: play(env, inputs, client)


def calls(moves: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    wanted = [("transfer", {"payer": payer, "payee": payee, "cents": cents}) for payer, payee, cents in moves]
    return [
        {"tool_calls": [ToolCall(id=f"call_{at}", name=name, arguments=json.dumps(arguments))]}
        for at, (name, arguments) in enumerate([*wanted, ("close_books", {})])
    ]


def one_row() -> Any:
    """The inputs are handed to `run_rollout`; the constructor wants a dataset all the same."""
    from datasets import Dataset

    return Dataset.from_list([{"question": "", "answer": ""}])


if __name__ == "__main__":
    clock.serve({"single_turn": single_turn, "multi_turn": multi_turn})

"""Inspect 0.3.285: a Task with an exact scorer, in process, through its own `eval`.

Done: everything `inspect eval` does, its log file included; its transcript of events is part of what it records, and cannot be left out.
A ModelAPI of its own interface answers at once. Its `mockllm` is not used: it counts tokens with an encoding that must be downloaded.
In its favour: no display, no live log view, and as many samples at once as there are.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import books
import check
import clock
from inspect_ai import Task
from inspect_ai import eval as run_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    get_model,
    modelapi,
)
from inspect_ai.scorer import Score, accuracy, scorer
from inspect_ai.solver import generate, solver, use_tools
from inspect_ai.tool import ToolCall, tool
from inspect_ai.util import store


@modelapi(name="scripted")
class Scripted(ModelAPI):
    """Answers call number n of the conversation that opens with a question by `replies[question][n]`."""

    def __init__(self, model_name: str, replies: dict[str, list[dict[str, Any]]], **rest: Any) -> None:
        super().__init__(model_name)
        self.replies = replies

    async def generate(self, input: Any, tools: Any, tool_choice: Any, config: Any) -> ModelOutput:
        turn = sum(message.role == "assistant" for message in input)
        fields = {"content": "", **self.replies[input[0].text][turn]}
        message = ChatMessageAssistant(model="script", source="generate", **fields)
        usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return ModelOutput(model="script", choices=[ChatCompletionChoice(message=message)], usage=usage)


@scorer(metrics=[accuracy()])
def correct() -> Any:
    async def score(state: Any, target: Any) -> Score:
        return Score(value=check.score(state.output.completion, state.metadata))

    return score


@scorer(metrics=[accuracy()])
def balanced() -> Any:
    async def score(state: Any, target: Any) -> Score:
        return Score(value=float(store().get("books").balances == state.metadata["goal"]))

    return score


@tool
def transfer() -> Any:
    async def execute(payer: str, payee: str, cents: int) -> str:
        """Move money between two accounts.

        Args:
            payer: Account that gives.
            payee: Account that gets.
            cents: How much.
        """
        return store().get("books").transfer(payer, payee, cents)

    return execute


@tool
def close_books() -> Any:
    async def execute() -> str:
        """Close the books; the balances are final."""
        return store().get("books").close()

    return execute


@solver
def ledger() -> Any:
    """Ends with the result of `close_books`; the stock loop would ask the model once more."""

    async def solve(state: Any, generate: Any) -> Any:
        world = books.Books()
        store().set("books", world)
        while not world.closed:
            state = await generate(state, tool_calls="single")
        return state

    return solve


def play(task: Task, replies: dict[str, list[dict[str, Any]]], folder: Path, turns: int) -> int:
    model = get_model(
        "scripted/script", config=GenerateConfig(max_connections=len(replies)), memoize=False, replies=replies
    )
    (log,) = run_eval(
        task,
        model=model,
        display="none",
        log_dir=str(folder),
        log_level="error",
        log_realtime=False,
        max_samples=len(replies),
    )
    if log.status != "success" or log.results.scores[0].metrics["accuracy"].value != 1.0:
        raise SystemExit(f"{log.status}: {log.error}; the benchmark is broken")
    return turns * len(replies)


def single_turn(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    given = tasks[:count]
    samples = [
        Sample(input=task["question"], metadata={"numbers": task["numbers"], "target": task["target"]})
        for task in given
    ]
    replies = {task["question"]: [{"content": task["solution"]}] for task in given}
    task = Task(dataset=MemoryDataset(samples), solver=generate(), scorer=correct())
    return lambda: play(task, replies, folder, 1)


def multi_turn(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    moves = [books.transfers(index) for index in range(max(1, count // books.TURNS))]
    samples = [Sample(input=f"{books.QUESTION}{each}", metadata={"goal": books.goal_of(each)}) for each in moves]
    replies = {f"{books.QUESTION}{each}": calls(each) for each in moves}
    tools = use_tools([transfer(), close_books()])
    task = Task(dataset=MemoryDataset(samples), solver=[tools, ledger()], scorer=balanced())
    return lambda: play(task, replies, folder, books.TURNS)


def calls(moves: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    wanted = [("transfer", {"payer": payer, "payee": payee, "cents": cents}) for payer, payee, cents in moves]
    return [
        {"tool_calls": [ToolCall(id=f"call_{at}", function=name, arguments=json.loads(json.dumps(arguments)))]}
        for at, (name, arguments) in enumerate([*wanted, ("close_books", {})])
    ]


if __name__ == "__main__":
    clock.serve({"single_turn": single_turn, "multi_turn": multi_turn})

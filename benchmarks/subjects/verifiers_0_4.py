"""verifiers 0.4.0: a Task with a reward method, played by an Agent whose harness runs in this process.

Its contract asks that every model call goes over HTTP to its interception server, so it does: one local request per turn. Done: trace
graph, task hash, reward, timing. Not done, in its favour: no program is started (the shipped `null` harness starts one per episode),
the model client behind the server answers at once, one runtime is borrowed by all. It has no row with tools: those are MCP servers.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import check
import clock
import verifiers.v1 as vf
from verifiers.v1.clients import Client, EvalClientConfig
from verifiers.v1.configs.agent import AgentConfig
from verifiers.v1.configs.harness import HarnessConfig
from verifiers.v1.interception import InterceptionServer
from verifiers.v1.runtimes import ProgramResult, SubprocessConfig, provision_runtime

IN_FLIGHT = 16


class Data(vf.TaskData):
    numbers: list[int]
    target: int


class Puzzle(vf.Task[Data, vf.State, vf.TaskConfig]):
    @vf.reward
    async def correct(self, trace: vf.Trace) -> float:
        fields = {"numbers": self.data.numbers, "target": self.data.target}
        return check.score(trace.branches[-1].messages[-1].content, fields)


class Scripted(Client):
    """Answers a question with `replies[question]`."""

    def __init__(self, replies: dict[str, str]) -> None:
        self.replies = replies

    async def get_response(self, dialect: Any, body: dict[str, Any], *rest: Any, **more: Any) -> Any:
        message = {"role": "assistant", "content": self.replies[body["messages"][-1]["content"]]}
        raw = {
            "id": "0",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }
        response = dialect.parse_response(dialect.validate_response(raw))
        response.raw = raw
        return response


class OneCall(vf.Harness[HarnessConfig]):
    """Asks the model once, from this process."""

    EXECUTES_CODE = False
    NEEDS_CONTAINER = False
    http: aiohttp.ClientSession

    async def launch(
        self, ctx: Any, trace: Any, runtime: Any, endpoint: str, secret: str, mcp_urls: Any, data: Any
    ) -> ProgramResult:
        body = {"model": ctx.model, "messages": [{"role": "user", "content": data.prompt}]}
        headers = {"Authorization": f"Bearer {secret}"}
        async with self.http.post(f"{endpoint}/chat/completions", json=body, headers=headers) as reply:
            reply.raise_for_status()
            await reply.read()
        return ProgramResult(0, "", "")


async def play(given: list[dict[str, Any]]) -> int:
    server = InterceptionServer()
    client = EvalClientConfig(base_url="http://127.0.0.1:1/v1", api_key_var="NONE")
    server.clients[client.model_dump_json()] = Scripted({task["question"]: task["solution"] for task in given})
    agent = vf.Agent(AgentConfig(model="script", client=client), interception=server)
    harness = agent.harness = OneCall(HarnessConfig(id="null"))
    pending = iter(enumerate(given))
    async with server, aiohttp.ClientSession() as harness.http, provision_runtime(SubprocessConfig()) as box:

        async def work() -> int:
            played = 0
            for at, task in pending:
                fields = {key: task[key] for key in ("numbers", "target")}
                trace = await agent.run(Puzzle(Data(idx=at, prompt=task["question"], **fields)), runtime=box)
                if trace.reward != 1.0:
                    raise SystemExit(f"got {trace.reward}; the benchmark is broken: {trace.errors}")
                played += 1
            return played

        return sum(await asyncio.gather(*[work() for _ in range(IN_FLIGHT)]))


def single_turn(count: int, tasks: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    logging.disable(logging.WARNING)
    given = [tasks[at % len(tasks)] for at in range(count)]
    return lambda: asyncio.run(play(given))


if __name__ == "__main__":
    clock.serve({"single_turn": single_turn})

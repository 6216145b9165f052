"""1,000 episodes at once against a model server with 200 ms latency, over real HTTP: how close is the wall time to the ideal?

The ideal is turns x latency: what it would take if neither client nor server cost anything. The same 5,000 requests are sent in the same
run by bare aiohttp, which is this machine's own limit, and by httpx with one client, where it is installed. Server and client are separate
processes and share the machine's cores, so a machine with fewer than two free cores measures the queue for a core.

    python benchmarks/http_concurrency.py [--episodes 1000] [--turns 5] [--latency 0.2] [--repeats 3] [--json]
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

from pydantic import Field

from envgym import EnvKnobs, Message, Task, TaskFields, ToolEnv, Verdict, call, play, tool
from envgym.message import tool_result, user
from envgym.policy.open_files import allow_many_open_files
from envgym.policy.openai import OpenAIPolicy

FIRST = "Climb rung by rung to {}, then stop."


class Climb(ToolEnv):
    """A ladder of rungs that must be climbed one by one."""

    id = "climb"

    class Knobs(EnvKnobs):
        turns: int = Field(5, ge=1, description="Model calls of one episode.")

    def generate(self, rng: Random) -> TaskFields:
        return {"public": {"top": self.knobs.turns - 1}}

    def begin(self, task: Task) -> str:
        self.at = 0
        return FIRST.format(task.public["top"])

    @tool
    def climb(self, rung: int) -> str:
        """Go up to the next rung."""
        self.at = rung if rung == self.at + 1 else 0
        return f"You stand on rung {self.at}."

    @tool(final=True)
    def stop(self) -> str:
        """Say that you are at the top."""
        return "Done."

    def verify(self) -> Verdict:
        return Verdict.of(float(self.at == self.knobs.turns - 1), reason=f"at {self.at}")


def script(body: Mapping[str, Any]) -> Message:
    """What the server says: the next rung, then stop. Reads how high to go out of the first message."""
    top = int(body["messages"][0]["content"].split(",")[0].split()[-1])
    rung = 1 + sum(message["role"] == "assistant" for message in body["messages"])
    reply = call("climb", rung=rung) if rung <= top else call("stop")
    reply["tool_calls"][0]["id"] = f"call_{rung}"
    return reply


@contextmanager
def serving(latency_s: float) -> Iterator[str]:
    """A FakeLLM process; gives its address."""
    command = [sys.executable, "-m", "envgym.testing.fake_llm", "--latency", str(latency_s)]
    command += ["--script", f"{Path(__file__).resolve()}:script"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["base_url"]
        finally:
            process.terminate()
            print("   server", process.stdout.readline().strip(), file=sys.stderr)


def ours(url: str, episodes: int, turns: int, *, tokens: bool) -> int:
    """Complete episodes with trajectory and verdict. Returns how many were lost."""
    policy = OpenAIPolicy("fake", url, return_tokens=tokens)
    played = play(Climb, policy=policy, episodes=episodes, concurrency=episodes, knobs={"turns": turns})
    return episodes - sum(each.score == 1.0 and each.status == "ok" for each in played)


def conversations(turns: int) -> list[bytes]:
    """The bodies of an episode's requests, as ours sends them."""
    messages: list[Message] = [user(FIRST.format(turns - 1))]
    bodies = []
    for turn in range(turns):
        body = {"model": "fake", "messages": messages, "tools": Climb().tools(), "seed": turn}
        bodies.append(json.dumps(body).encode())
        reply = script(body)
        told = tool_result(reply["tool_calls"][0]["id"], f"You stand on rung {turn + 1}.")
        messages = [*messages, reply, told]
    return bodies


async def bare(post: Callable[[bytes], Awaitable[bytes]], episodes: int, turns: int) -> int:
    """The same requests and nothing else: no world, no record. Returns how many episodes were lost."""
    bodies = conversations(turns)
    lost = 0

    async def episode() -> None:
        nonlocal lost
        try:
            for body in bodies:
                json.loads(await post(body))["choices"][0]["message"]
        except Exception as error:  # noqa: BLE001  # a peer's failure is a figure of this benchmark
            lost += 1
            if lost == 1:
                print(f"   first loss: {type(error).__name__}: {error}", file=sys.stderr)

    await asyncio.gather(*(episode() for _ in range(episodes)))
    return lost


async def bare_aiohttp(url: str, episodes: int, turns: int) -> int:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def post(body: bytes) -> bytes:
            headers = {"Content-Type": "application/json"}
            async with session.post(f"{url}/chat/completions", data=body, headers=headers) as response:
                return await response.read()

        return await bare(post, episodes, turns)


async def bare_httpx(url: str, episodes: int, turns: int) -> int:
    import httpx

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(limits=limits, timeout=httpx.Timeout(120)) as client:

        async def post(body: bytes) -> bytes:
            headers = {"Content-Type": "application/json"}
            response = await client.post(f"{url}/chat/completions", content=body, headers=headers)
            return response.content

        return await bare(post, episodes, turns)


def contenders(episodes: int, turns: int) -> Iterator[tuple[str, Callable[[str], int]]]:
    yield "envgym rollout", lambda url: ours(url, episodes, turns, tokens=False)
    yield "envgym rollout, with tokens", lambda url: ours(url, episodes, turns, tokens=True)
    yield "bare aiohttp, no envgym", lambda url: asyncio.run(bare_aiohttp(url, episodes, turns))
    if find_spec("httpx") is None:
        print("   httpx is not installed here: no peer", file=sys.stderr)
        return
    yield "bare httpx, one client", lambda url: asyncio.run(bare_httpx(url, episodes, turns))


def measure(play: Callable[[str], int], *, latency_s: float, requests: int, repeats: int) -> dict[str, Any]:
    """The best of `repeats`: noise only ever adds."""
    best: dict[str, Any] = {}
    lost = 0
    with serving(latency_s) as url:
        for _ in range(repeats):
            wall, cpu = time.perf_counter(), time.process_time()
            lost += play(url)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            if not best or wall < best["wall_s"]:
                best = {"wall_s": round(wall, 3), "cpu_s": round(cpu, 3), "requests_per_s": round(requests / wall)}
    return {**best, "lost": lost}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    given = parser.parse_args()
    allow_many_open_files()
    if (load := os.getloadavg()[0]) > 1:
        print(f"   this machine is busy (load {load:.1f}): wall times hold the queue for a core", file=sys.stderr)
    requests, ideal = given.episodes * given.turns, given.turns * given.latency
    rows = {}
    for name, contender in contenders(given.episodes, given.turns):
        repeats = 1 if "httpx" in name else given.repeats  # one takes it minutes
        row = measure(contender, latency_s=given.latency, requests=requests, repeats=repeats)
        rows[name] = {**row, "ratio_to_ideal": round(row["wall_s"] / ideal, 2)}
        if not given.json:
            print(f"{name:30} {json.dumps(rows[name])}")
    if given.json:
        print(json.dumps({"episodes": given.episodes, "turns": given.turns, "ideal_s": ideal, "rows": rows}))
    else:
        print(
            f"ideal: {given.turns} turns x {given.latency} s = {ideal} s; the goal is a ratio of 1.5 without a lost episode"
        )


if __name__ == "__main__":
    main()

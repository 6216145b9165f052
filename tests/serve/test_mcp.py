"""A world over MCP, through the real server process and the real client library."""

import json
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from envgym import registry
from envgym.errors import UsageError
from envgym.serve.mcp_episode import McpEpisode, server_of
from envgym.task import TaskList
from envgym.task_file import write_tasks

pytest.importorskip("mcp", reason="pip install 'envgym[mcp]'")
pytestmark = pytest.mark.timeout(120)


async def over_mcp(arguments: list[str], calls: list[dict[str, Any]]) -> tuple[str, list[str], list[tuple[str, bool]]]:
    """The instructions, the names of the tools, and what each call gave, from a server process of its own."""
    from mcp import Client, StdioServerParameters

    server = StdioServerParameters(command=sys.executable, args=["-m", "envgym", "serve", "mcp", *arguments])
    async with Client(server) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        given = []
        for call in calls:
            result = await client.call_tool(call["tool"], call["arguments"])
            (content,) = result.content
            assert content.type == "text"
            given.append((content.text, bool(result.is_error)))
        return client.instructions or "", tools, given


def test_the_golden_calls_of_a_retail_task_score_one_over_mcp(tmp_path: Path) -> None:
    env = registry.make("tool_world:retail", level=3)
    task = env.taskset(7)[0]
    write_tasks(tmp_path / "tasks.jsonl", TaskList([task]))
    arguments = [
        "--domain",
        "retail",
        "--tasks",
        str(tmp_path / "tasks.jsonl"),
        "--verdict",
        str(tmp_path / "verdict.json"),
    ]
    instructions, tools, given = anyio.run(over_mcp, arguments, task.private["gold"]["calls"])
    assert task.public["request"] in instructions
    assert set(tools) == {*task.public["tools"], "ask_user", "finish"}
    assert not any(wrong for _, wrong in given)
    assert json.loads((tmp_path / "verdict.json").read_text())["score"] == 1.0


def test_a_bad_call_is_told_and_a_call_after_the_end_too(tmp_path: Path) -> None:
    calls = [
        {"tool": "get_order", "arguments": {"order_id": 12}},
        {"tool": "no_such_tool", "arguments": {}},
        {"tool": "finish", "arguments": {"outcome": "done"}},
        {"tool": "finish", "arguments": {"outcome": "done"}},
    ]
    arguments = ["tool_world:retail", "--verdict", str(tmp_path / "verdict.json")]
    _, _, given = anyio.run(over_mcp, arguments, calls)
    assert [wrong for _, wrong in given] == [True, True, False, True]
    assert "there is no tool" in given[1][0]
    assert "over" in given[3][0]
    assert json.loads((tmp_path / "verdict.json").read_text())["score"] == 0.0


def test_an_environment_without_tools_is_refused() -> None:
    env = registry.make("game24")
    with pytest.raises(UsageError, match="no tools"):
        server_of(McpEpisode(env, env.taskset(0)[0], lambda verdict: None))

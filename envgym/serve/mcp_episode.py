"""One episode of a ToolEnv as a server of the Model Context Protocol: its tools are those of the world, its instructions the request.

The client is the agent. Only calls change the world; what the user says beside the result of a call follows it in the same answer. When the
episode ends, the verdict is handed to `ended` and never to the client; further calls are told that it is over. Needs the extra `mcp`.
"""

import json
from collections.abc import Callable
from typing import Any

import anyio

from envgym.env import AgentEnv
from envgym.errors import EnvFailure, UsageError
from envgym.message import call, text_of
from envgym.task import Task
from envgym.verdict import Verdict

OVER = "not done: the episode is over"
Ended = Callable[[Verdict], None]


class McpEpisode:
    """Plays `task` in `env` for one client. Raises UsageError where the environment has no tools."""

    def __init__(self, env: AgentEnv, task: Task, ended: Ended) -> None:
        observation, _ = env.reset(options={"task": task})
        if not env.tools():
            raise UsageError(f"{env.id} has no tools; only environments with tools can be served over MCP")
        self.env = env
        self.instructions = "\n\n".join(text_of(message) for message in observation)
        self._ended = ended
        self._over = False

    def call(self, tool: str, arguments: dict[str, Any]) -> tuple[str, bool]:
        """What the agent reads after a call, and whether the call was wrong. Raises EnvFailure where the world failed."""
        if self._over:
            return OVER, True
        try:
            observation, _, terminated, truncated, info = self.env.step(call(tool, **arguments))
        except EnvFailure:
            self._over = True
            if self.env.verdict is not None:
                self._ended(self.env.verdict)
            raise
        if terminated or truncated:
            self._over = True
            if self.env.verdict is not None:
                self._ended(self.env.verdict)
        return "\n\n".join(text_of(message) for message in observation), "error" in info


def server_of(episode: McpEpisode) -> Any:
    """The MCP server of an episode, to be run over any transport of the `mcp` package. Raises UsageError without it."""
    try:
        from mcp import types
        from mcp.server.lowlevel import Server
    except ImportError as error:
        raise UsageError("serving over MCP needs the extra: pip install 'envgym[mcp]'") from error

    async def list_tools(context: Any, params: Any) -> Any:
        functions = [spec["function"] for spec in episode.env.tools()]
        return types.ListToolsResult(
            tools=[
                types.Tool(name=each["name"], description=each["description"], input_schema=each["parameters"])
                for each in functions
            ]
        )

    async def call_tool(context: Any, params: Any) -> Any:
        text, wrong = episode.call(params.name, params.arguments or {})
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=wrong)

    return Server(
        f"envgym {episode.env.id}",
        version=episode.env.version,
        instructions=episode.instructions,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def serve_stdio(server: Any) -> None:
    """Runs a server over stdin and stdout until the client leaves."""
    from mcp.server.stdio import stdio_server

    async def run() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(run)


def verdict_line(verdict: Verdict) -> str:
    """A verdict as one line of JSON."""
    return json.dumps(verdict.model_dump(mode="json"), ensure_ascii=False)

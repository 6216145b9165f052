"""ReAct: thoughts, actions and observations as plain text, for models without native tool calls.

One action per reply; the first `Action:` counts, and everything a model makes up after it (a forged `Observation:`) is ignored by the
world but stays in the transcript as the model's own text. Source: Yao et al. 2022, arXiv 2210.03629.
"""

import json
import re

from envgym.errors import InvalidAction
from envgym.message import Action, Message, Observation, ToolSpec, assistant, text_of, user
from envgym.scaffold import Scaffold

ACTION = re.compile(r"^[ \t*]*Action:(?P<name>[^\n]*)\n\s*\**Action Input:", re.MULTILINE)
FINAL = re.compile(r"^[ \t]*Final Answer:", re.MULTILINE)
FENCE = re.compile(r"[\s*]*(?:```(?:json)?\s*)?")

WITH_TOOLS = """Solve the task step by step. Each reply has exactly this form:

Thought: what you know and what you need next
Action: the name of one tool
Action Input: its arguments as one JSON object

You then get a line that starts with "Observation:". The tools are:

{tools}"""

WITHOUT_TOOLS = """Solve the task. Your reply has exactly this form:

Thought: how you get to the answer
Final Answer: the answer and nothing else"""


class ReAct(Scaffold):
    id = "react"

    def instructions(self) -> str:
        tools = self.env.tools()
        return WITH_TOOLS.format(tools="\n".join(map(tool_line, tools))) if tools else WITHOUT_TOOLS

    def parse(self, reply: Message) -> Action:
        text = text_of(reply)
        if not self.env.tools():
            return self._final(text)
        found = ACTION.search(text)
        if found is None:
            raise InvalidAction(
                'no action found; write "Action: tool" and then "Action Input: {...}"', code="react.form"
            )
        arguments = json_object(text[found.end() :])
        number = sum(message["role"] == "assistant" for message in self.transcript)
        return {
            "role": "assistant",
            "content": text[: found.start()].strip() or None,
            "tool_calls": [
                {
                    "id": f"call_{number}",
                    "type": "function",
                    "function": {"name": found["name"].strip("`*\"' \t\r"), "arguments": arguments},
                }
            ],
        }

    def _final(self, text: str) -> Action:
        marks = list(FINAL.finditer(text))
        if not marks:
            raise InvalidAction('no answer found; write "Final Answer: ..." on a line of its own', code="react.form")
        return text[marks[-1].end() :].strip()

    def show(self, observation: Observation) -> list[Message]:
        return [
            user(f"Observation: {text_of(message)}") if message["role"] == "tool" else message
            for message in observation
        ]

    def phrase(self, action: Action) -> Message:
        if isinstance(action, str):
            return assistant(f"Thought: I know the answer.\nFinal Answer: {action}")
        calls = action.get("tool_calls") or []
        if len(calls) != 1:
            return self.phrase(text_of(action))
        function = calls[0]["function"]
        thought = text_of(action) or f"I use {function['name']}."
        return assistant(f"Thought: {thought}\nAction: {function['name']}\nAction Input: {function['arguments']}")


def tool_line(tool: ToolSpec) -> str:
    function = tool["function"]
    schema = json.dumps(function["parameters"], ensure_ascii=False)
    return f"- {function['name']}: {function['description']}\n  arguments: {schema}"


def json_object(text: str) -> str:
    """The JSON value that `text` starts with, as text. Raises InvalidAction when there is none, or it is no object."""
    dress = FENCE.match(text)
    start = dress.end() if dress else 0
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise InvalidAction(f"Action Input is not JSON: {error}", code="react.json") from None
    if not isinstance(value, dict):
        raise InvalidAction("Action Input is one JSON object, like {}", code="react.json")
    return text[start:end]

"""Function calling: tools go into the model call natively, replies carry `tool_calls`.

Where an environment has no tools the reply's text is the answer. Call ids are made unique per episode, because model servers refuse a
history in which two calls share one.
"""

from envgym.message import Action, Message, ToolSpec, assistant, text_of
from envgym.scaffold import Scaffold


class FunctionCalling(Scaffold):
    id = "function_calling"

    def offered(self) -> list[ToolSpec]:
        return self.env.tools()

    def phrase(self, action: Action) -> Message:
        if isinstance(action, str):
            return assistant(action)
        calls = action.get("tool_calls")
        if not calls:
            return assistant(text_of(action))
        start = len(self.transcript)
        return {
            "role": "assistant",
            "content": action.get("content"),
            "tool_calls": [{**each, "id": f"call_{start}_{number}"} for number, each in enumerate(calls)],
        }

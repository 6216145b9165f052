"""Bfcl: the multi-turn sets of the Berkeley Function-Calling Leaderboard, played in the worlds of bfcl-eval itself.

bfcl-eval is the user's own installation and runs in a process of its own (`world_process.py`); no text of a model is evaluated. A scripted
user speaks turn by turn; a turn ends by a reply without a tool call, or by `finish_turn`. The state of an episode is the calls that were
made: the process can be lost at any time, and a snapshot needs none. Judged as bfcl-eval's multi_turn_checker does, which
`world_server.judge` states again: that checker evaluates calls as text.
"""

import json
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, Field

from envgym.env import EnvKnobs
from envgym.environments.bfcl.entries import entries, hidden_at, known_functions
from envgym.environments.bfcl.function_docs import arguments_of
from envgym.environments.bfcl.interpreter import interpreter
from envgym.environments.bfcl.world_process import OverBudget, Worlds, worlds_of
from envgym.errors import EnvFailure, InvalidAction, UsageError
from envgym.message import Action, Message, Observation, ToolCall, ToolSpec, call, text_of, tool_result, user
from envgym.task import Task, TaskSet
from envgym.tool_env import MAX_CALLS, Tool, ToolEnv, checked_arguments, tool, unknown_tool
from envgym.verdict import Verdict

MAX_SHOWN = 100_000
"""Characters of a result that are shown."""
COSTLY = "tool.cost"
"""Code of a call that was stopped; what else its reply asks for is not done, or one reply could stop 64 processes."""
REASONS = {
    "no_calls": "nothing was called",
    "state": "the world differs",
    "response": "a golden result was never seen",
}


class Bfcl(ToolEnv):
    """Function calling over several turns of a scripted user: files, travel, trading, a vehicle, messages, tickets, posts, arithmetic."""

    id = "bfcl"
    blocking = True
    found_by_tools = frozenset({"world", "gold"})

    class Knobs(EnvKnobs):
        set: Literal["base", "miss_param", "miss_func", "long_context"] = Field(
            "base",
            description="base; miss_param: a request lacks what it needs, told later; miss_func: functions come later; long_context.",
        )
        python: str = Field("", description="A Python that has bfcl-eval; empty: ENVGYM_BFCL_PYTHON, else our own.")

    class Public(BaseModel):
        turns: list[str] = Field(min_length=1, description="What the user says, turn by turn.")
        classes: list[str] = Field(description="Classes of bfcl-eval whose functions there are.")
        withheld: dict[str, list[str]] = Field({}, description="Functions by the turn from which they are there.")
        excluded: list[str] = Field([], description="Functions that are never there.")

    class Private(BaseModel):
        world: dict[str, Any] = Field(description="classes, config, long_context: the world at the start.")
        gold: list[list[dict[str, Any]]] = Field(description="Golden calls (name, arguments) by turn.")

    knobs: Knobs

    def __init__(self, **settings: Any) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        """The calls that reached the world, by turn of the user; the last entry is the running turn."""
        super().__init__(**settings)

    # ---- the task

    @property
    def python(self) -> str:
        """The interpreter that has bfcl-eval. Raises UsageError."""
        return interpreter(self.knobs.python)

    @property
    def worlds(self) -> Worlds:
        return worlds_of(self.python)

    def taskset(self, seed: int = 0) -> TaskSet:
        if self._given is None:
            self._given = entries(self.python, self.knobs.set)
        return self._given

    @property
    def playing(self) -> Task:
        """The current task. Raises UsageError where there is none."""
        if self.task is None:
            raise UsageError(f"{self.id}: no episode was started; call reset() first")
        return self.task

    def functions(self) -> dict[str, Tool]:
        """bfcl-eval's functions that are there in this turn."""
        if self.task is None:
            return {}
        public = self.task.public
        hidden = hidden_at(len(self.calls) - 1, public.get("withheld", {}), public.get("excluded", []))
        known = known_functions(self.python, public["classes"])
        return {name: entry for name, entry in known.items() if name not in hidden}

    def tools(self) -> list[ToolSpec]:
        return [*super().tools(), *(entry.spec for entry in self.functions().values())]

    # ---- the episode

    def begin(self, task: Task) -> str:
        self.calls = [[]]
        return self.request()

    def request(self) -> str:
        """What the user says in this turn, with the functions that are new in it: protocols of plain text show tools only at the start."""
        public = self.playing.public
        turn = len(self.calls) - 1
        text: str = public["turns"][turn]
        new = public.get("withheld", {}).get(str(turn), [])
        known = self.functions()
        specs = [json.dumps(known[name].spec["function"], ensure_ascii=False) for name in new if name in known]
        return "\n".join([text, *specs])

    @tool
    def finish_turn(self, reply: str) -> str:
        """Ends your work on what the user asked for last, and says `reply` to the user, who may then ask for more. A reply without a tool
        call does the same."""
        return "said"

    def respond(self, message: Message) -> tuple[Observation, bool]:
        calls = message.get("tool_calls")
        if not calls:
            if not text_of(message).strip():
                raise InvalidAction("call a tool, or answer the user", code="tool.none")
            return self.next_turn()
        if len(calls) > MAX_CALLS:
            raise InvalidAction(f"{len(calls)} tool calls in one reply; at most {MAX_CALLS}", code="reply.size")
        told: list[Message] = []
        finished = False
        for each in calls:
            if finished:
                text, final = "not done: the turn is over", False
            elif self.told_error == COSTLY:
                text, final = "not done: a call before it took too much", False
            else:
                text, final = self._carry_out(each)
            told.append(tool_result(each["id"], text))
            finished = finished or final
        if not finished:
            return tuple(told), False
        request, ended = self.next_turn()
        return (*told, *request), ended

    def next_turn(self) -> tuple[Observation, bool]:
        """The user's next request; nothing more, and the end, after the last."""
        if len(self.calls) == len(self.playing.public["turns"]):
            return (), True
        self.calls = [*self.calls, []]
        return (user(self.request()),), False

    def _carry_out(self, tool_call: ToolCall) -> tuple[str, bool]:
        """The result of one call as text, and whether it ends the turn."""
        name, arguments = tool_call["function"]["name"], tool_call["function"]["arguments"]
        try:
            if name in self.toolbox:
                return self.finish_turn(**checked_arguments(self.toolbox[name], arguments)), True
            known = self.functions()
            if name not in known:
                raise unknown_tool(name, [*self.toolbox, *known])
            return self._call(name, arguments_of(known[name], arguments)), False
        except InvalidAction as error:
            self.told_error = error.code
            return f"error: {error}", False

    def _call(self, name: str, arguments: dict[str, Any]) -> str:
        """Carries out a checked call in the world and records it. Raises InvalidAction where it costs too much."""
        made = {"name": name, "arguments": arguments}
        before = [each for turn in self.calls for each in turn]
        try:
            text, raised = self.worlds.call(self.playing.private["world"], before, made)
        except OverBudget as over:
            raise InvalidAction(
                f"{name} was stopped: it takes too much {over}; nothing was done", code="tool.cost"
            ) from None
        self.calls = [*self.calls[:-1], [*self.calls[-1], made]]
        if raised:
            self.told_error = "tool.raised"
        return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({len(text):,} characters in all)"

    # ---- the verdict

    def verify(self) -> Verdict:
        private = self.playing.private
        turns = [*self.calls, *([] for _ in range(len(private["gold"]) - len(self.calls)))]
        try:
            found = self.worlds.judge(private["world"], turns, private["gold"])
        except (EnvFailure, OverBudget) as error:
            return Verdict.infra_error(str(error), code="bfcl.process")
        code, turn, text = found["code"], found["turn"], found["text"]
        if not code:
            return Verdict.of(1.0, code="bfcl.right", reason="state and results are as they should be after every turn")
        if code == "gold":
            return Verdict.task_invalid(f"a golden call of turn {turn + 1} raises: {text}", code="bfcl.gold")
        return Verdict.of(0.0, code=f"bfcl.{code}", reason=f"turn {turn + 1}: {REASONS[code]}: {text}")

    def oracle(self) -> Iterator[Action]:
        """The golden calls one by one, each turn ended."""
        for turn in self.playing.private["gold"]:
            for each in turn:
                yield call(each["name"], **each["arguments"])
            yield call("finish_turn", reply="Done.")

"""tau2: customer service with the tools, data, tasks and verification of tau2-bench, out of the user's own checkout of it.

All that is theirs runs in processes of the checkout's interpreter (`worker.py`). The user is scripted: they say why they call, and hand out
what the scenario says of them, word by word, when they are asked; no model plays them. Where a user has tools of their own, the agent asks
them to use these (`user_...`). What their NL_ASSERTION would judge is not scored, and every verdict says so.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field

from envgym.env import EnvKnobs, Snapshot
from envgym.environments.tau2.audit import said_before, survey_of
from envgym.environments.tau2.checkout import Checkout
from envgym.environments.tau2.episode import Done, Episode
from envgym.environments.tau2.judge import Criteria, verdict_of
from envgym.environments.tau2.server import server_of
from envgym.environments.tau2.tasks_of import Which, tasks_of, theirs_of
from envgym.environments.tau2.tool_schema import USER, checked, domain_tools
from envgym.errors import EnvFailure, InvalidAction, UsageError
from envgym.message import Action, Parts, ToolCall, ToolSpec, call
from envgym.task import Task, TaskSet
from envgym.tool_env import Tool, ToolEnv, tool
from envgym.verdict import Verdict

RULES = (
    "You serve one user, by the policy above and with the tools alone. What you say to the user is what you pass to {speaking};"
    " finish ends the conversation."
)
ASKED = {
    "what_you_know": "known_info",
    "what_you_do_not_know": "unknown_info",
    "what_you_want": "task_instructions",
}


class Tau2(ToolEnv):
    """tau2-bench, from your own checkout: serve a user by a policy, with tools over a database that has to end in the right state."""

    id = "tau2"
    blocking = True
    costly = True
    max_turns = 60
    fixtures: ClassVar[frozenset[str]] = ToolEnv.fixtures | {"toolbox", "checkout", "policy"}
    found_by_tools = frozenset({"user_scenario", "initial_state", "evaluation_criteria"})

    class Knobs(EnvKnobs):
        domain: str = Field("retail", description="A domain of the checkout: retail, airline, telecom, ...")
        which: Which = Field("sound", description="all: the tasks that pay doing nothing or whose gold raises, too.")
        user: Literal["scripted", "none"] = Field(
            "scripted", description="none: all that the user knows and wants is told at once, and nobody can be asked."
        )
        checkout: str = Field("", description="Folder of the checkout of tau2-bench; empty: ENVGYM_TAU2.")
        python: str = Field("", description="Its interpreter; empty: ENVGYM_TAU2_PYTHON, else the checkout's .venv.")

    class Public(BaseModel):
        domain: str = Field(description="The domain that the task belongs to.")
        request: str = Field(description="What the user says first.")
        before: list[str] = Field([], description="What was said and done before the episode begins.")
        tools: list[str] = Field(description="What the domain offers, after who may call it: assistant or user.")

    class Private(BaseModel):
        user_scenario: dict[str, Any] = Field(description="What the user is, knows and wants.")
        evaluation_criteria: dict[str, Any] | None = Field(description="Gold steps, assertions and the reward basis.")

    knobs: Knobs

    def __init__(self, **settings: Any) -> None:
        self.episode: Episode | None = None
        self.said: list[str] = []
        self.checkout: Checkout | None = None
        super().__init__(**settings)

    def offered(self) -> Mapping[str, Tool]:
        """The agent's tools, and those that the user of this task has."""
        self._connect()
        allowed = None if self.task is None else self.task.private.get("user_tools")
        if allowed is None:
            return self.toolbox
        hers = {USER + name for name in allowed}
        return {name: entry for name, entry in self.toolbox.items() if not name.startswith(USER) or name in hers}

    def tools(self) -> list[ToolSpec]:
        return [entry.spec for entry in self.offered().values()]

    def _connect(self) -> Checkout:
        """Finds the checkout and learns what the domain offers. Raises UsageError where that is not there."""
        if self.checkout is None:
            place = Checkout.find(self.knobs.checkout, self.knobs.python)
            described = server_of(place).domain(self.knobs.domain)
            offered = domain_tools(described)
            own = {name: entry for name, entry in type(self).toolbox.items() if self._has(name)}
            if twice := offered.keys() & own.keys():
                raise UsageError(f"tau2: {self.knobs.domain} has a tool called {min(twice)!r}, as the environment has")
            self.toolbox: dict[str, Tool] = {**own, **offered}  # type: ignore[misc]
            self.policy: str = described["policy"]
            self.checkout = place
        return self.checkout

    def _has(self, name: str) -> bool:
        return name != "ask_user" or self.knobs.user == "scripted"

    def taskset(self, seed: int = 0) -> TaskSet:
        if self._given is None:
            knobs = self.knobs
            self._given = tasks_of(self._connect(), knobs.domain, user=knobs.user, which=knobs.which)
        return self._given

    def begin(self, task: Task) -> str:
        if task.public["domain"] != self.knobs.domain:
            raise UsageError(
                f"task {task.id!r} is of {task.public['domain']!r}; give --set domain={task.public['domain']}"
            )
        self.close()
        self.said = said_before(theirs_of(task))
        self.episode = Episode(self._connect(), self.knobs.domain, theirs_of(task))
        before = "".join(f"{line}\n" for line in task.public.get("before", []))
        rules = RULES.format(speaking="ask_user and to finish" if self._has("ask_user") else "finish")
        return f"{self.policy.strip()}\n\n{rules}\n\n{before}user: {task.public['request'].strip()}"

    @property
    def _playing(self) -> tuple[Task, Episode]:
        if self.task is None or self.episode is None:
            raise UsageError(f"{self.id}: no episode was started; call reset() first")
        return self.task, self.episode

    def _carry_out(self, tool_call: ToolCall) -> tuple[str | Parts, bool]:
        entry = self.offered().get(tool_call["function"]["name"])
        if entry is None or entry.method:
            return super()._carry_out(tool_call)
        try:
            done = self._make(entry.name, checked(entry, tool_call["function"]["arguments"]))
        except InvalidAction as error:
            self.told_error = error.code
            return f"error: {error}", False
        if done.error:
            self.told_error = "tool.failed"
        return done.text, False

    def _make(self, name: str, arguments: dict[str, Any]) -> Done:
        _, episode = self._playing
        if name.startswith(USER):
            return episode.call("user", name.removeprefix(USER), arguments)
        return episode.call("assistant", name, arguments)

    @tool(effect="reads")
    def ask_user(self, text: str, about: Literal["what_you_know", "what_you_want", "what_you_do_not_know"]) -> str:
        """Says `text` to the user, who answers with what they were told about themselves: what they know, what they want and how they will
        decide, or what they do not know."""
        task, _ = self._playing
        self.said.append(text)
        instructions = task.private["user_scenario"]["instructions"]
        answer = instructions.get(ASKED[about]) if isinstance(instructions, dict) else None
        return f"user: {answer.strip()}" if answer else "user: There is nothing more that I can say about that."

    @tool(final=True)
    def finish(self, message: str) -> str:
        """Says `message` to the user and ends the conversation."""
        self.said.append(message)
        return "The conversation is over."

    def verify(self) -> Verdict:
        _, episode = self._playing
        try:
            survey = survey_of(episode.checkout, episode.domain, episode.task)
            return verdict_of(Criteria.of(episode.task), episode.facts(), survey["gold"], self.said)
        except EnvFailure as error:
            return Verdict.infra_error(str(error)[:1000], code="tau2.worker")

    def oracle(self) -> Iterator[Action]:
        """Asks, makes the gold steps, says what had to be said."""
        _, episode = self._playing
        criteria = Criteria.of(episode.task)
        if "ask_user" in self.toolbox:
            yield call("ask_user", text="How can I help you?", about="what_you_want")
        for step in (criteria.actions or ()) if criteria is not None else ():
            name = USER + step["name"] if step["requestor"] == "user" else step["name"]
            yield call(name, **step["arguments"])
        yield call("finish", message="; ".join(criteria.communicate) if criteria is not None else "")

    def restore(self, snapshot: Snapshot) -> None:
        self.close()
        super().restore(snapshot)

    def close(self) -> None:
        episode = getattr(self, "episode", None)  # a fork is closed before it has one
        if episode is not None:
            episode.close()

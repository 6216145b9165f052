"""Tool worlds: a business over a database, whose user asks for something that takes looking up, changing and sometimes refusing.

What the agent changed is compared with what should have changed, row by row, so that any way there counts and any other change counts
against it; an answer is compared by its type; soft policies are judged over what was done. The score is the product of these gates.
Ids are opaque and nothing can be guessed. The same world serves every task of a domain: tasks carry only the rows that they add to a
generated base.
"""

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar, Literal

from pydantic import Field

from envgym.env import EnvKnobs
from envgym.environments.tool_world.answer import Answer, judged_answer
from envgym.environments.tool_world.check import checked
from envgym.environments.tool_world.dialogue import answer as user_answer
from envgym.environments.tool_world.domain import Domain
from envgym.environments.tool_world.generated_base import base_of
from envgym.environments.tool_world.kept_worlds import give_back, lend
from envgym.environments.tool_world.look import row_that_shows
from envgym.environments.tool_world.net import Difference, agreement, difference, from_tables, told
from envgym.environments.tool_world.results import bound, told_result
from envgym.environments.tool_world.tools import WorldTool, toolbox
from envgym.environments.tool_world.trace import Trace, rows_of
from envgym.environments.tool_world.world import World
from envgym.environments.tool_world.written_policy import written_policy
from envgym.errors import InvalidAction, UsageError
from envgym.message import Action, Message, Observation, ToolCall, ToolSpec, system, user
from envgym.message import call as call_of
from envgym.task import Task, TaskFields, TaskSet
from envgym.tool_env import Tool, ToolEnv, checked_arguments, tool
from envgym.verdict import Evidence, Verdict


class WorldKnobs(EnvKnobs):
    """Settings of generated tasks."""

    level: int = Field(
        default=2, ge=1, le=5, description="Difficulty: operations in a chain, hops of a reference, decoys, tricks."
    )
    tools: int = Field(
        default=20, ge=10, le=200, description="Tools that a task offers at least, as far as the domain has them."
    )
    size: int = Field(
        default=1, ge=1, le=200, description="Rows of the world, in multiples of what the domain declares."
    )


class ToolWorld(ToolEnv):
    """A business over a database; see the module."""

    domain: ClassVar[Domain]
    Knobs: ClassVar[type[EnvKnobs]] = WorldKnobs
    max_turns: ClassVar[int] = 60
    found_by_tools: ClassVar[frozenset[str]] = frozenset({"world", "user", "gold"})
    """Rows, and what is done to them, are there for tools to show."""
    world: World | None = None

    @classmethod
    def said_later(cls, task: Task) -> str:
        return " ".join(str(turn["say"]) for turn in task.private["user"].get("later", ()))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """A subclass that sets `domain` is the environment of that domain: checked at once, with its tools.

        Raises UsageError that lists every fault.
        """
        super().__init_subclass__(**kwargs)
        domain = vars(cls).get("domain")
        if domain is None:
            return
        made = toolbox(checked(domain))
        start = f"{domain.role[0].upper()}{domain.role[1:]}: {len(domain.tables)} tables, {len(made)} tools."
        cls.id = vars(cls).get("id", domain.name)
        cls.__doc__ = f"{vars(cls).get('__doc__') or start}\n\n{written_policy(domain, frozenset(made))}"
        cls.toolbox = {**made, **cls.toolbox}
        cls._specs = [entry.spec for entry in cls.toolbox.values()]
        cls.particulars = {"tables": len(cls.domain.tables), "tools": len(toolbox(cls.domain))}

    # ---- tasks

    def generate(self, rng: random.Random) -> TaskFields:
        from envgym.environments.tool_world.chain.generate import generate
        from envgym.environments.tool_world.chain.schedule import Due

        return generate(self.domain, rng, self.knobs, Due())

    def taskset(self, seed: int = 0) -> TaskSet:
        """The tasks that were given, else an endless set that covers the operations evenly."""
        if self._given is not None:
            return self._given
        from envgym.environments.tool_world.chain.generate import generate
        from envgym.environments.tool_world.chain.schedule import ScheduledTasks

        return ScheduledTasks(
            self.id,
            self.knobs.model_dump(mode="json"),
            lambda rng, due: generate(self.domain, rng, self.knobs, due),
            seed=seed,
            domain=self.domain,
        )

    def begin(self, task: Task) -> list[Message]:
        private, place = task.private, task.private["world"]
        world = self._world_for(task.hash, place)
        if world.task == task.hash:
            world.restart()
        else:
            world.begin(from_tables(place["changes"]), seed=place["ids"], task=task.hash)
        self.trace = Trace()
        self.outcome: tuple[str, Any, str | None] | None = None
        self._names: dict[str, str] = dict(task.public.get("names", {}))
        self._shown = tuple(sorted(task.public["tools"]))
        self._script: Mapping[str, Any] = private.get("user", {})
        self._told = 0
        rules = written_policy(self.domain, frozenset(self._shown))
        for name, shown in self._names.items():
            rules = rules.replace(f"- {name}:", f"- {shown}:")
        return [system(rules), user(task.public["request"])]

    def _world_for(self, task: str, place: Mapping[str, Any]) -> World:
        """The world of this episode from now on: the one of the last where the task lies in it, else another over the base."""
        if self.world is not None and self.world.task == task:
            return self.world
        found = base_of(self.domain, place["seed"], place["size"]).digest
        if found != place["digest"]:
            raise UsageError(
                f"{self.id}: the task was made for another version of this domain's data ({place['digest'][:8]}, not {found[:8]})"
            )
        self._leave()
        self.world = lend(self.domain, (place["seed"], place["size"]), task)
        return self.world

    def _leave(self) -> None:
        """Gives the world back."""
        if self.world is not None:
            give_back(self.world)
            self.world = None

    # ---- tools

    def tools(self) -> list[ToolSpec]:
        return self._specs.copy() if self.task is None else self._offered()[1].copy()

    def offered(self) -> Mapping[str, Tool]:
        return self.toolbox if self.task is None else self._offered()[0]

    def _offered(self) -> tuple[dict[str, Tool], list[ToolSpec]]:
        return offered_tools(self.domain, self._shown, tuple(sorted(self._names.items())))

    def perform(self, entry: Tool, arguments: dict[str, Any]) -> Any:
        if not isinstance(entry, WorldTool):
            return super().perform(entry, arguments)
        assert self.world is not None
        if entry.effect == "reads":
            result = entry.run(self.world, arguments)
            self.trace.after(entry, {})
            return result
        if entry.operation is None:
            breaches = self.trace.before(self.domain, self.world, entry, {})
            result = entry.run(self.world, arguments)
            rows: dict[str, str] = {}
        else:
            result, breaches, rows = self._operate(entry, arguments)
        self.trace.breaches += breaches
        self.trace.after(entry, rows)
        self.trace.calls.append((entry.name, arguments))
        return result

    def was_done(self, call: ToolCall) -> bool | None:
        """Where this episode offers the details of a row that shows it: whether this very change was carried out in this episode."""
        if self.look_for(call) is None:
            return None
        entry, arguments = self._change_in(call)
        assert entry is not None
        return (entry.name, arguments) in self.trace.calls

    def look_for(self, call: ToolCall) -> Message | None:
        """The details of the row that a change is about, where this episode offers them."""
        entry, arguments = self._change_in(call)
        shown = row_that_shows(self.domain, entry) if entry is not None else None
        if shown is None or shown[1] not in self._shown:
            return None
        argument, tool = shown
        key = next(iter(toolbox(self.domain)[tool].spec["function"]["parameters"]["properties"]))
        value = arguments[argument]
        return call_of(self._names.get(tool, tool), **{key: value[0] if isinstance(value, list) else value})

    def _change_in(self, made: ToolCall) -> tuple[WorldTool | None, dict[str, Any]]:
        """The tool of a call that changes the world, with its checked arguments; nothing where it is none, or does not fit."""
        entry = self.offered().get(made["function"]["name"])
        if not isinstance(entry, WorldTool) or entry.effect == "reads":
            return None, {}
        try:
            return entry, checked_arguments(entry, made["function"]["arguments"])
        except InvalidAction:
            return None, {}

    def _operate(self, entry: WorldTool, arguments: dict[str, Any]) -> tuple[Any, list[str], dict[str, str]]:
        """Runs an operation: its result, the policies that it breaks, the rows that it was given."""
        world, operation = self.world, entry.operation
        assert world is not None
        assert operation is not None
        before = world.inserted
        with world.transaction() as tx:
            values = {
                parameter.name: bound(world, tx, parameter, arguments[shown])
                for shown, parameter in zip(entry.arguments_of, operation.parameters, strict=True)
            }
            breaches = self.trace.before(self.domain, world, entry, values)
            returned = operation.function(tx, **values)
        return told_result(world, values, returned, world.inserted > before), breaches, rows_of(values)

    def respond(self, message: Message) -> tuple[Observation, bool]:
        observation, ended = super().respond(message)
        said = [each["say"] for each in self._script.get("revisions", ()) if each["after"] == self.turn + 1]
        later = self._script.get("later", ())[self._told :]
        if later and (ended or len(self.trace.calls) >= later[0]["after"]):
            said.append(later[0]["say"])
            self._told += 1
            if ended:  # nobody leaves before everything was said
                ended = False
                self._reopen()
        return (*observation, *(user(text) for text in said)), ended

    def _reopen(self) -> None:
        """Takes an ending back."""
        assert self.world is not None
        self.outcome = None
        self.world.execute("DELETE FROM _outcome")

    def tell(self, error: InvalidAction) -> str:
        style = self.domain.style.error
        if style == "code":
            return json.dumps({"error": {"code": error.code, "message": str(error)}}, ensure_ascii=False)
        return (
            json.dumps({"ok": False, "reason": str(error)}, ensure_ascii=False)
            if style == "status"
            else f"error: {error}"
        )

    @tool(effect="reads")
    def ask_user(self, text: str, about: str | None = None) -> str:
        """Asks the user something. `about` is the argument that you need to know, or the tool that you want a yes for."""
        real = {shown: name for name, shown in self._names.items()}
        said, agreed = user_answer(self._script, text[:2_000], real.get(about or "", about))
        operation = toolbox(self.domain)[agreed].operation if agreed is not None else None
        if operation is not None:
            self.trace.confirmed.add(operation.name)
        return said

    @tool(final=True)
    def finish(self, outcome: Literal["done", "refused"], answer: Answer = None, policy: str | None = None) -> str:
        """Ends the conversation. `answer` is what was asked for, if anything: a number, a text, an id, a list of ids, yes or no. A
        refusal names the `policy` that forbids it, or the tool that cannot do it.
        """
        assert self.world is not None
        self.outcome = (outcome, answer, policy)
        self.world.execute("INSERT INTO _outcome VALUES ('1', ?, ?, ?)", (outcome, json.dumps(answer), policy))
        return "Thank you, goodbye."

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever is played inside is undone at the end: the episode stands where it stood."""
        assert self.world is not None
        kept = {**vars(self), "trace": self.trace.copy()}
        try:
            with self.world.undone():
                yield
        finally:
            vars(self).clear()
            vars(self).update(kept)

    # ---- judging

    def verify(self) -> Verdict:
        assert self.world is not None
        assert self.task is not None
        gold = self.task.private["gold"]
        got = difference(self.domain, self.world.journal())
        parts = {
            "outcome": self._outcome_part(gold),
            "state": _state_part(got, gold["differences"]),
            "policy": _policy_part(self.trace.at_end(self.domain)),
        }
        if gold.get("answer") is not None:
            parts["answer"] = judged_answer(gold["answer"], self.outcome[1] if self.outcome is not None else None)
        wrong = [part for part in parts.values() if not part.passed]
        if not wrong:
            return Verdict.of(1, code="world.as_wanted", reason="everything is as it should be", parts=parts)
        return Verdict.of(0, code=wrong[0].code, reason=wrong[0].reason, parts=parts, evidence=wrong[0].evidence)

    def _outcome_part(self, gold: Mapping[str, Any]) -> Verdict:
        if self.outcome is None:
            return Verdict.of(0, code="world.unfinished", reason="finish was not called")
        outcome, _, policy = self.outcome
        if outcome != gold["outcome"]:
            return Verdict.of(0, code="world.outcome", reason=f"finished as {outcome}, not as {gold['outcome']}")
        named = {shown: name for name, shown in self._names.items()}.get(policy or "", policy)
        if gold["policy"] and named not in gold["policy"]:
            return Verdict.of(
                0,
                code="world.policy_named",
                reason=f"refused for {str(policy)[:80]!r}, not for {' or '.join(gold['policy'])}",
            )
        return Verdict.of(1, code="world.outcome", reason=f"finished as {outcome}")

    def oracle(self) -> Iterator[Action]:
        if self.task is None:
            return
        for step in self.task.private["gold"]["calls"]:
            yield call_as_shown(step, self._names)

    def close(self) -> None:
        self._leave()
        super().close()


def call_as_shown(step: Mapping[str, Any], names: Mapping[str, str]) -> Message:
    """A golden call under the names that the episode gives to tools, those that are asked about included."""
    arguments = dict(step["arguments"])
    if step["tool"] == "ask_user":
        arguments["about"] = names.get(arguments["about"], arguments["about"])
    return call_of(names.get(step["tool"], step["tool"]), **arguments)


def _state_part(got: Difference, wanted: list[Difference]) -> Verdict:
    """Whether the difference is one of those that are wanted; how near the nearest comes is told, not paid."""
    if got in wanted:
        return Verdict.of(1, code="world.state", reason="the right rows changed in the right way")
    row_f1, at = max((agreement(got, each), -at) for at, each in enumerate(wanted))
    nearest = wanted[-at]
    extra = [entry for entry in got if entry not in nearest]
    missing = [entry for entry in nearest if entry not in got]
    evidence = (
        *(Evidence(kind="diff", text=f"missing: {told(entry)}") for entry in missing[:10]),
        *(Evidence(kind="diff", text=f"not wanted: {told(entry)}") for entry in extra[:10]),
        Evidence(kind="agreement", text=f"row F1 {row_f1:.3f}", data={"row_f1": row_f1}),
    )
    return Verdict.of(
        0, code="world.state", reason=f"{len(missing)} changes missing, {len(extra)} not wanted", evidence=evidence
    )


def _policy_part(breaches: list[str]) -> Verdict:
    if not breaches:
        return Verdict.of(1, code="world.policy", reason="no policy was broken")
    return Verdict.of(0, code="world.policy", reason=f"broke {', '.join(dict.fromkeys(breaches))}")


@lru_cache(maxsize=2048)
def offered_tools(
    domain: Domain, names: tuple[str, ...], renamed: tuple[tuple[str, str], ...]
) -> tuple[dict[str, Tool], list[ToolSpec]]:
    """The tools of an episode by the names that it shows, and what agents read of them."""
    shown = dict(renamed)
    known: dict[str, Tool] = {**toolbox(domain), **ToolWorld.toolbox}
    made: dict[str, Tool] = {}
    for name in (*names, *ToolWorld.toolbox):
        entry = known[name]
        if name in shown:
            spec: Any = {**entry.spec, "function": {**entry.spec["function"], "name": shown[name]}}
            made[shown[name]] = replace(entry, spec=spec)
        else:
            made[name] = entry
    return made, [entry.spec for entry in made.values()]


def environment(domain: Domain) -> type[ToolWorld]:
    """The environment of a domain that has none of its own. Raises UsageError that lists every fault of the domain."""
    return type(domain.name, (ToolWorld,), {"id": f"tool_world:{domain.name}", "domain": domain})

"""Each law of tasks, scores and replies, broken in each way it knows. Every case changes one thing of a sound environment."""

import random
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import BaseModel

from envgym import Action, AgentEnv, Message, Task, TaskFields, ToolEnv, Verdict, call, tool
from envgym.env import StepResult
from envgym.errors import InvalidAction, UsageError
from envgym.message import Observation, ToolSpec, user
from envgym.task import GeneratedTasks, TaskSet
from envgym.testing import check

CASES: list[Any] = []
Env = type[AgentEnv]


def breaks(law: str, detail: str) -> Callable[[Env], Env]:
    """Marks an environment that must be caught by `law` with a detail that `detail` is found in."""

    def mark(env: Env) -> Env:
        CASES.append(pytest.param(law, env, detail, id=f"{law}-{env.__name__}"))
        return env

    return mark


class Lamps(ToolEnv):
    """Switch on the lamps that are named, then leave."""

    id = "lamps"
    max_turns = 6

    def generate(self, rng: random.Random) -> TaskFields:
        return {"public": {"on": sorted(rng.sample(range(20), 2))}, "private": {"code": f"code {rng.getrandbits(40)}"}}

    def begin(self, task: Task) -> str:
        self.on: list[int] = []
        return f"Switch on the lamps {task.public['on']}, in this order, then leave."

    @tool
    def switch(self, lamp: int) -> str:
        """Switch on one lamp."""
        self.on.append(lamp)
        return f"lamp {lamp} is on"

    @tool(final=True)
    def leave(self, note: str) -> str:
        """Leave, with a note. Ends the episode."""
        return "bye"

    def verify(self) -> Verdict:
        assert self.task is not None
        return Verdict.of(float(self.on == self.task.public["on"]))

    def oracle(self) -> Iterator[Action]:
        assert self.task is not None
        for lamp in self.task.public["on"]:
            yield call("switch", lamp=lamp)
        yield call("leave", note="done")


def test_the_environment_that_the_cases_change_is_sound() -> None:
    report = check(Lamps)
    assert report.ok, report.failures


# ---- tasks


class Tasks(GeneratedTasks):
    """The set of an environment, to be bent."""

    def __init__(self, env: AgentEnv, seed: int) -> None:
        super().__init__(env.id, {}, env.generate, seed=seed)


@breaks("tasks_are_valid", "ids are not unique")
class OneId(Lamps):
    def taskset(self, seed: int = 0) -> TaskSet:
        class Same(Tasks):
            def __getitem__(self, index: int, /) -> Task:
                return super().__getitem__(index).model_copy(update={"id": "0-0"})

        return Same(self, seed)


@breaks("tasks_are_valid", "belongs to 'lamp'")
class OtherEnv(Lamps):
    def taskset(self, seed: int = 0) -> TaskSet:
        return GeneratedTasks("lamp", {}, self.generate, seed=seed)


@breaks("tasks_are_valid", "public.wattage")
class OtherShape(Lamps):
    class Public(BaseModel):
        wattage: int


@breaks("tasks_are_valid", r"find\('0-0'\) gives another task")
class FindsAnother(Lamps):
    def taskset(self, seed: int = 0) -> TaskSet:
        class Next(Tasks):
            def find(self, task_id: str) -> Task:
                return self[7]

        return Next(self, seed)


@breaks("tasks_are_valid", "another one after JSON: private was {'gold': {1: 'x'}}, is {'gold': {'1': 'x'}}")
class KeysAreNumbers(Lamps):
    def generate(self, rng: random.Random) -> TaskFields:
        return {**super().generate(rng), "private": {"gold": {1: "x"}}}


@breaks("tasks_are_valid", "task '0-0' is another one after JSON")
class NobodyKnowsHowHard(Lamps):
    def generate(self, rng: random.Random) -> TaskFields:
        return {**super().generate(rng), "difficulty": float("nan")}


@breaks("reset_is_deterministic", "reset.. twice in one instance")
class CountsResets(Lamps):
    resets = 0

    def begin(self, task: Task) -> str:
        self.resets += 1
        return f"{super().begin(task)} ({self.resets})"


@breaks("reset_is_deterministic", "in two instances")
class CountsInstances(Lamps):
    made: ClassVar[list[int]] = []

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.made.append(len(self.made))
        self.number = len(self.made)

    def begin(self, task: Task) -> str:
        return f"{super().begin(task)} ({self.number})"


@breaks("reset_is_deterministic", "drawn after others and alone: task 2 differs")
class DependsOnTheLast(Lamps):
    last = 0

    def generate(self, rng: random.Random) -> TaskFields:
        self.last += 1
        return {"public": {"on": [self.last % 20, 0]}, "private": {}}

    def reset(self, **options: Any) -> Any:
        self.last = 0
        return super().reset(**options)


@breaks("reset_is_deterministic", "by value and by id")
class IdsMeanAnother(Lamps):
    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        if options and isinstance(options["task"], str):
            options = {"task": self.taskset()[5]}
        return super().reset(seed=seed, options=options)


def other_tools(**parts: Any) -> Callable[[AgentEnv], list[ToolSpec]]:
    """A `tools` method that changes parts of the first tool."""

    def tools(self: AgentEnv) -> list[ToolSpec]:
        first, *rest = Lamps.tools(self)  # type: ignore[arg-type]
        function: Any = {**first["function"], **parts}
        return [{"type": "function", "function": function}, *rest]

    return tools


def schema(**parts: Any) -> dict[str, Any]:
    return {"parameters": {"type": "object", "properties": {"lamp": {"type": "integer"}}, **parts}}


WRONG_TOOLS: list[tuple[dict[str, Any], str]] = [
    ({"name": "switch on"}, "tool name 'switch on'"),
    ({"name": "x" * 65}, "tool name"),
    ({"name": "leave"}, "not unique"),
    ({"description": " "}, "has no description"),
    ({"parameters": {}}, "of type 'object'"),
    (schema(required=["lamp", "room"]), r"requires \['room'\]"),
    (schema(properties={"lamp": {"type": "int"}}), "parameters.lamp.type is 'int'"),
    (schema(properties={"lamp": {"$ref": "#/$defs/Lamp"}}), "points to"),
    (schema(properties={"lamp": {"enum": []}}), "not a list of choices"),
    (schema(properties={"lamp": "integer"}), "is 'integer', not a schema"),
    (
        schema(properties={"lamp": {"anyOf": [{"type": "array", "items": {"type": "lamp"}}]}}),
        r"lamp.anyOf\[0\].items.type",
    ),
]


@pytest.mark.parametrize(("parts", "detail"), WRONG_TOOLS)
def test_a_tool_that_a_model_server_would_refuse_is_caught(parts: dict[str, Any], detail: str) -> None:
    env = type("Wrong", (Lamps,), {"tools": other_tools(**parts)})
    caught(check(env, laws=("tools_are_well_formed",)).failures, "tools_are_well_formed", detail)


@breaks("tools_are_well_formed", "a tool is {type: 'function'")
class FlatTool(Lamps):
    def tools(self) -> list[ToolSpec]:
        return [{"type": "function", "name": "switch"}]  # type: ignore[typeddict-item,typeddict-unknown-key]


@breaks("tools_are_well_formed", "after step 1, asked twice")
class ToolsTakeTurns(Lamps):
    def tools(self) -> list[ToolSpec]:
        tools = super().tools()
        if not getattr(self, "on", []):
            return tools
        CountsInstances.made.append(0)
        return tools[:: 1 if len(CountsInstances.made) % 2 else -1]


@breaks("tools_are_well_formed", r"tools\(\) changes asked")
class CountsAsking(Lamps):
    asked = 0

    def tools(self) -> list[ToolSpec]:
        self.asked += 1
        return super().tools()


# ---- scores


@breaks("oracle_scores_one", "no oracle: lamps has no oracle")
class NoOracle(Lamps):
    def oracle(self) -> Iterator[Action]:
        return AgentEnv.oracle(self)


@breaks("oracle_scores_one", "'0-0', bare: the oracle ends after 1 steps with reward 0.0")
class WrongOracle(Lamps):
    def oracle(self) -> Iterator[Action]:
        yield call("leave", note="")


@breaks("oracle_scores_one", "the oracle stopped and the episode goes on")
class LazyOracle(Lamps):
    def oracle(self) -> Iterator[Action]:
        yield call("switch", lamp=1)


@breaks("oracle_scores_one", "is cut off at its limit after 1 steps with reward 0.0")
class TooFewTurns(Lamps):
    max_turns = 1


@breaks("oracle_scores_one", "under react")
class TwoAtOnce(Lamps):
    """Two calls in one message are more than the ReAct protocol can say."""

    def oracle(self) -> Iterator[Action]:
        one, two, leave = super().oracle()
        assert not isinstance(one, str)
        assert not isinstance(two, str)
        yield {**one, "tool_calls": [*one["tool_calls"], *two["tool_calls"]]}
        yield leave


@breaks("idle_scores_zero", r"calling leave at once with blank arguments pays 1\.0")
class LeavingPays(Lamps):
    left = False

    @tool(final=True)
    def leave(self, note: str) -> str:
        """Leave, with a note. Ends the episode."""
        self.left = True
        return "bye"

    def verify(self) -> Verdict:
        return Verdict.of(float(self.left))


@breaks("idle_scores_zero", r"calling guess at once with blank arguments pays on every task \(3\)")
class ZeroPays(Lamps):
    guessed: int | None = None

    @tool(final=True)
    def guess(self, number: int) -> str:
        """Guess a number. Ends the episode."""
        self.guessed = number
        return "we shall see"

    def verify(self) -> Verdict:
        return Verdict.of(float(self.guessed == 0))


def test_a_blank_that_is_right_by_chance_is_no_fault() -> None:
    class Sometimes(ZeroPays):
        def verify(self) -> Verdict:
            assert self.task is not None
            return Verdict.of(float(self.guessed == int(self.task.id[-1]) % 2))

    assert check(Sometimes, laws=("idle_scores_zero",)).ok


@breaks("idle_scores_zero", "goes on after 6 turns, the limit")
class NeverEnds(Lamps):
    def step(self, action: Action) -> StepResult:
        observation, _, _, _, info = super().step(action)
        self._running = True
        return observation, 0.0, False, False, info


@breaks("idle_scores_zero", r"saying only '   \\n' pays 1.0 at step 6")
class SpacesPay(Lamps):
    def respond(self, message: Message) -> tuple[Observation, bool]:
        if message.get("content") == "   \n":
            self.on = self.task.public["on"] if self.task else []
        return super().respond(message)


class Bent(Lamps):
    """Its step results are bent on the way out."""

    def step(self, action: Action) -> StepResult:
        return self.bend(*super().step(action))

    def bend(self, observation: Any, reward: Any, terminated: Any, truncated: Any, info: Any) -> StepResult:
        return observation, reward, terminated, truncated, info


@breaks("terminal_reward_is_the_verdict", r"step 1: reward 0\.1 before the end")
class PaysEarly(Bent):
    def bend(self, observation: Any, reward: Any, terminated: Any, truncated: Any, info: Any) -> StepResult:
        return observation, reward or 0.1, terminated, truncated, info


@breaks("terminal_reward_is_the_verdict", r"reward 0\.5, but verify\(\) says 1\.0")
class PaysHalf(Bent):
    def bend(self, observation: Any, reward: Any, terminated: Any, truncated: Any, info: Any) -> StepResult:
        return observation, reward / 2, terminated, truncated, info


@breaks("terminal_reward_is_the_verdict", "terminated and truncated at once")
class EndsTwice(Bent):
    def bend(self, observation: Any, reward: Any, terminated: Any, truncated: Any, info: Any) -> StepResult:
        return observation, reward, terminated, terminated, info


@breaks("terminal_reward_is_the_verdict", "reward, terminated, truncated are")
class NumpyFlags(Bent):
    def bend(self, observation: Any, reward: Any, terminated: Any, truncated: Any, info: Any) -> StepResult:
        return observation, reward, np.bool_(terminated), truncated, info  # type: ignore[return-value]


@breaks("terminal_reward_is_the_verdict", "env.verdict is None")
class ForgetsTheVerdict(Bent):
    def bend(self, observation: Any, reward: Any, terminated: Any, truncated: Any, info: Any) -> StepResult:
        self.verdict = None
        return observation, reward, terminated, truncated, info


@breaks("verify_is_pure_and_repeats", "two verdicts on the same state differ: reason")
class CountsVerdicts(Lamps):
    judged: ClassVar[list[int]] = []

    def verify(self) -> Verdict:
        self.judged.append(1)
        return Verdict.of(super().verify().score or 0.0, reason=f"look {len(self.judged)}")


@breaks("verify_is_pure_and_repeats", r"before the first step: verify\(\) changes looks")
class KeepsCount(Lamps):
    looks = 0

    def verify(self) -> Verdict:
        self.looks += 1
        return super().verify()


@breaks("verify_is_pure_and_repeats", r"verify\(\) changes task")
class MarksTheTask(Lamps):
    def verify(self) -> Verdict:
        assert self.task is not None
        self.task.private["seen"] = self.task.private.get("seen", 0) + 1
        return super().verify()


@breaks("verify_is_pure_and_repeats", "without and with verdicts on the way: step 1 differs")
class TellsOfVerdicts(Lamps):
    looks: ClassVar[list[int]] = []

    def begin(self, task: Task) -> str:
        self.looks.clear()
        return super().begin(task)

    def verify(self) -> Verdict:
        self.looks.append(1)
        return super().verify()

    @tool
    def switch(self, lamp: int) -> str:
        """Switch on one lamp."""
        self.on.append(lamp)
        return f"lamp {lamp} is on {'again' * len(self.looks)}"


# ---- replies


@breaks("verify_is_not_a_tool", "there is a tool called 'Score'")
class ScoreTool(Lamps):
    @tool(name="Score")
    def points(self) -> str:
        """How good am I?"""
        return "1.0"


@breaks("verify_is_not_a_tool", r"tool 'peek' is the environment's verify\(\)")
class VerifyTool(Lamps):
    @tool(name="peek")
    def verify(self) -> Verdict:
        """Look."""
        return super().verify()


@breaks("verify_is_not_a_tool", "a call of grade changes asked")
class MindsTheOracle(Lamps):
    asked = False

    def respond(self, message: Message) -> tuple[Observation, bool]:
        calls = message.get("tool_calls") or ()
        self.asked = any(each["function"]["name"] == "grade" for each in calls)
        return super().respond(message)


class Answers(Lamps):
    """Something else happens where a reply is bad."""

    def respond(self, message: Message) -> tuple[Observation, bool]:
        try:
            observation, ended = super().respond(message)
        except InvalidAction as error:
            return self.instead(str(error))
        return self.instead("error") if self.told_error else (observation, ended)

    def instead(self, error: str) -> tuple[Observation, bool]:
        raise InvalidAction(error)


@breaks("malformed_actions_are_told", "the agent is told nothing")
class Silent(Answers):
    def instead(self, error: str) -> tuple[Observation, bool]:
        return (), False


@breaks("malformed_actions_are_told", "ends the episode; it should be told")
class Hangs(Answers):
    def instead(self, error: str) -> tuple[Observation, bool]:
        return (user(error),), True


@breaks("malformed_actions_are_told", "changes faults")
class CountsFaults(Answers):
    faults = 0

    def instead(self, error: str) -> tuple[Observation, bool]:
        self.faults += 1
        return (user(error),), False


@breaks("malformed_actions_are_told", "more than 20,000")
class Echoes(Answers):
    def instead(self, error: str) -> tuple[Observation, bool]:
        return (user(error * 1000),), False


@breaks("malformed_actions_are_told", "what the agent is told cannot be sent")
class HalfPair(Answers):
    def instead(self, error: str) -> tuple[Observation, bool]:
        return (user("\ud800" + error),), False


@breaks("malformed_actions_are_told", "no JSON value")
class HandsOutSets(Answers):
    def instead(self, error: str) -> tuple[Observation, bool]:
        return (user({error}),), False  # type: ignore[arg-type]


@breaks("malformed_actions_are_told", "NoneType 'None' as a reply: step raised TypeError")
class RaisesOnNone(Lamps):
    def step(self, action: Action) -> StepResult:
        len(action)
        return super().step(action)


@breaks("malformed_actions_are_told", "as a reply pays 0.5")
class PaysForGarbage(Bent):
    def bend(self, observation: Any, reward: Any, terminated: Any, truncated: Any, info: Any) -> StepResult:
        return observation, 0.5 if info.get("error") and not truncated else reward, terminated, truncated, info


@breaks("malformed_actions_are_told", "a lone surrogate pays 1.0")
class OddTextPays(Bent):
    def step(self, action: Action) -> StepResult:
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, 1.0 if action == "\ud800" else reward, terminated, truncated, info


LENIENT: dict[str, Callable[[str, str], bool]] = {
    "arguments '{'": lambda name, text: text == "{",
    "without lamp": lambda name, text: name == "switch" and text == "{}",
    "with an extra argument": lambda name, text: "no_such_argument" in text,
    "with lamp=True": lambda name, text: text == '{"lamp": true}',
    "with lamp=0.5": lambda name, text: text == '{"lamp": 0.5}',
    r"with note=\[\[None\]\]": lambda name, text: text == '{"note": [[null]]}',
    r"arguments '\[\[\[": lambda name, text: text.startswith("[["),
}


@pytest.mark.parametrize("what", LENIENT)
def test_a_tool_that_takes_what_its_schema_refuses_is_caught(what: str) -> None:
    class Lenient(Lamps):
        def respond(self, message: Message) -> tuple[Observation, bool]:
            for each in message.get("tool_calls") or ():
                if LENIENT[what](each["function"]["name"], each["function"]["arguments"]):
                    self.on.append(0)
                    return (user("ok"),), False
            return super().respond(message)

    caught(
        check(Lenient, laws=("malformed_actions_are_told",)).failures,
        "malformed_actions_are_told",
        f"{what}.* changes on",
    )


def test_a_choice_outside_the_choices_is_part_of_the_battery() -> None:
    class Choosy(Lamps):
        def tools(self) -> list[ToolSpec]:
            return other_tools(
                **schema(properties={"lamp": {"$ref": "#/$defs/L"}}, **{"$defs": {"L": {"enum": ["a"]}}})
            )(self)

        def respond(self, message: Message) -> tuple[Observation, bool]:
            if any("no such thing" in each["function"]["arguments"] for each in message.get("tool_calls") or ()):
                self.on.append(0)
            raise InvalidAction("no")

    caught(
        check(Choosy, laws=("malformed_actions_are_told",)).failures,
        "malformed_actions_are_told",
        "outside its choices",
    )


@breaks("step_before_reset_raises", "before reset with text raised nothing")
class AlwaysReady(Lamps):
    def _require_running(self) -> None:
        self.on = getattr(self, "on", [])


@breaks("step_before_reset_raises", "before reset with text raised AttributeError, not UsageError")
class NotReady(Lamps):
    def step(self, action: Action) -> StepResult:
        self.on = [*self.on]
        return super().step(action)


@breaks("step_before_reset_raises", "with an ill-formed reply raised TypeError")
class LooksFirst(Lamps):
    def step(self, action: Action) -> StepResult:
        self.length = len(action)
        return super().step(action)


@breaks("step_after_the_end_raises", "oracle) with text raised nothing")
class StartsAgain(Lamps):
    def step(self, action: Action) -> StepResult:
        if not self._running and self.task is not None:
            self.reset(options={"task": self.task})
        return super().step(action)


@breaks("step_after_the_end_raises", "a step after the end changed the verdict")
class LateLamp(Lamps):
    def step(self, action: Action) -> StepResult:
        if not self._running and self.task is not None:
            self.on.append(0)
        return super().step(action)


@breaks("step_after_the_end_raises", "goes on after 6 turns")
class NoLimit(NeverEnds):
    pass


@breaks("step_after_the_end_raises", "a step after the next reset: step raised UsageError")
class NeverAgain(Lamps):
    over = False

    def step(self, action: Action) -> StepResult:
        if self.over:
            raise UsageError("the episode has ended")
        result = super().step(action)
        self.over = result[2] or result[3]
        return result


@breaks("truncation_at_the_limit", "with 1 turns, saying nothing: not truncated at turn 1")
class OwnLimit(Lamps):
    @property
    def turn_limit(self) -> int:
        return 6


@breaks("truncation_at_the_limit", "with 2 turns, saying nothing: truncated at turn 1")
class OneTurnLess(Lamps):
    @property
    def turn_limit(self) -> int:
        return max(1, super().turn_limit - 1)


@pytest.mark.parametrize(("law", "env", "detail"), CASES)
def test_a_fault_is_caught_with_what_was_seen(law: str, env: Env, detail: str) -> None:
    caught(check(env, laws=(law,)).failures, law, detail)


def caught(failures: dict[str, str], law: str, detail: str) -> None:
    assert law in failures, "the law holds"
    assert detail in failures[law] or re.search(detail, failures[law]), failures[law]

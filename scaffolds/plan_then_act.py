"""Plan-then-act: the first reply is a plan and touches nothing; every later reply is one action under it.

The plan stays in the transcript and the tools are offered from the first call on (templates render them first), so an episode remains one
training path. Making the plan costs no turn of the environment.
"""

from collections.abc import Iterator
from typing import Any

from envgym.env import StepResult
from envgym.errors import InvalidAction
from envgym.message import Action, Message, Observation, as_assistant, assistant, text_of, user
from envgym.scaffolds.function_calling import FunctionCalling

PLAN = """Work in two phases. First reply with a short numbered plan and nothing else: no tool call, no answer. You will then be asked to
act, one step per reply."""
ACT = "Now carry out the plan, one step per reply. Change it where what you see calls for that."


class PlanThenAct(FunctionCalling):
    id = "plan_then_act"

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self.plan: str | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        self.plan = None
        return super().reset(seed=seed, options=options)

    def instructions(self) -> str:
        return PLAN

    def step(self, action: Action) -> StepResult:
        if self.plan is not None:
            return super().step(action)
        try:
            reply = as_assistant(action)
            self.transcript.append(reply)
            if reply.get("tool_calls") or not text_of(reply).strip():
                raise InvalidAction("the first reply is the plan: text without a tool call", code="plan.none")
        except InvalidAction as error:
            return self.look(self.env.refuse(error))
        self.plan = text_of(reply)
        self.transcript.append(user(ACT))
        return (user(ACT),), 0.0, False, False, {}

    def phrase(self, action: Action) -> Message:
        """In the first phase the only reply there can be: a plan."""
        if self.plan is None:
            return assistant("1. Look at what is given.\n2. Do what it calls for.")
        return super().phrase(action)

    def golden(self) -> Iterator[Message]:
        """The plan lists the oracle's own steps, read off a fork that plays them."""
        yield assistant(self._golden_plan())
        yield from super().golden()

    def _golden_plan(self) -> str:
        rehearsal = self.env.fork()
        steps = []
        for action in rehearsal.oracle():
            calls = [] if isinstance(action, str) else action.get("tool_calls") or []
            steps.append(
                f"Use {' and '.join(each['function']['name'] for each in calls)}." if calls else "Give the answer."
            )
            if any(rehearsal.step(action)[2:4]):
                break
        rehearsal.close()
        return "Plan:\n" + "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))

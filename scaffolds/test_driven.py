"""Test-driven: reproduce, fix, confirm.

Where an environment has work to change and runs tests or commands, the agent must see one fail before it may change the work (tests it
may write before), and run the tests again after its last change before it may submit; with nothing changed since, there is nothing to
confirm (the work may be the test). A last run that failed is pointed out once, then the agent may insist: some tests fail for reasons of
their own. What a shell command changes is not seen here, and any command that fails counts as a reproduction.

Elsewhere the phases are replies that cost no turn: the first says what is asked and what would confirm an answer, and the first answer is
held back once, to be checked.
"""

from collections.abc import Iterator
from typing import Any, Literal

from envgym.answer_env import AnswerEnv
from envgym.errors import InvalidAction
from envgym.message import Action, Message, Observation, ToolCall, assistant, text_of
from envgym.scaffolds.phased import Phased, calls_of
from envgym.tool_env import Effect, ToolEnv

Phase = Literal["reproduce", "seen", "fix", "failing", "confirmed"]
"""`seen`: the problem was, and nothing has changed since. `failing`: the tests ran after the last change, and one failed."""

RUNS = """Work in three phases. Reproduce: look around and make the problem show itself, by a test or a command that fails;
until then you may change tests only. Fix: change what is wrong. Confirm: run the tests again after your last change; only then submit."""
RUN_SEEN = "The problem shows. Now fix it, run the tests again after your last change, and only then submit."
WORDS = """Work in three phases. First reply with what is asked and with what would confirm an answer, and nothing else: no tool call, no
answer. Then work it out. When you give your answer you are asked once to check it."""
WORK = "Now work it out and answer."
CHECK = "Not taken yet. Check it against what you said would confirm it, then give your answer again, corrected where it was wrong."


class TestDriven(Phased):
    __test__ = False  # or pytest takes the class for tests
    id = "test_driven"

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self.phase: Phase = "reproduce"

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        self.phase = "reproduce"
        return super().reset(seed=seed, options=options)

    def instructions(self) -> str:
        return RUNS if self.runs() else WORDS

    def runs(self) -> bool:
        """Whether there is work to change here, and something to run that shows what is wrong with it."""
        effects = self.effects()
        return "changes" in effects and bool(effects & {"tests", "runs"})

    def admit(self, reply: Message) -> str:
        calls = calls_of(reply)
        if not self.runs():
            return self._admit_words(reply)
        for each in calls:
            if self.phase == "reproduce" and self.early(each):
                raise InvalidAction(
                    f"{each['function']['name']} comes too early: first show the problem by a test or command that fails",
                    code="reproduce.first",
                )
        if any(map(self.final, calls)):
            self._admit_end()
        return ""

    def early(self, call: ToolCall) -> bool:
        """Whether a call has to wait until the problem was seen."""
        if self.final(call):
            return True
        places = self.places_of(call)
        tests_only = bool(places) and isinstance(self.env, ToolEnv) and all(map(self.env.holds_tests, places))
        return self.effect(call) == "changes" and not tests_only

    def _admit_end(self) -> None:
        if self.phase == "fix":
            raise InvalidAction("run the tests after your last change before you end", code="confirm.first")
        if self.phase == "failing":
            self.phase = "confirmed"
            raise InvalidAction("the last run failed; if that is not your doing, end again", code="confirm.failing")

    def after(self, reply: Message) -> str:
        """The phase that the calls of a reply lead to, in their order."""
        if not isinstance(self.env, ToolEnv) or not self.runs():
            return ""
        before = self.phase
        for effect in map(self.effect, calls_of(reply)):
            self.phase = self._next(effect, self.env.run_failed)
        return RUN_SEEN if before == "reproduce" != self.phase else ""

    def _next(self, effect: Effect | None, failed: bool | None) -> Phase:
        """The phase after a call. `failed` says how the run ended, None where there was none."""
        if self.phase == "reproduce":
            return "seen" if effect in ("tests", "runs") and failed else "reproduce"
        if effect == "changes":
            return "fix"
        if effect == ("tests" if "tests" in self.effects() else "runs") and failed is not None:
            return "confirmed" if not failed else self.phase if self.phase == "seen" else "failing"
        return "fix" if effect == "runs" and self.phase == "seen" else self.phase  # a command may have changed anything

    # ---- where nothing runs

    def _admit_words(self, reply: Message) -> str:
        if self.phase == "reproduce":
            if calls_of(reply) or not text_of(reply).strip():
                raise InvalidAction(
                    "the first reply says what is asked and what would confirm an answer: text without a tool call",
                    code="reproduce.first",
                )
            self.phase = "fix"
            return WORK
        if self.phase == "fix" and self.answers(reply):
            self.phase = "confirmed"
            return CHECK
        return ""

    def answers(self, reply: Message) -> bool:
        """Whether a reply would end the episode."""
        calls = calls_of(reply)
        if isinstance(self.env, AnswerEnv):
            return not calls and bool(text_of(reply).strip())
        return any(map(self.final, calls))

    # ---- the oracle

    def phrase(self, action: Action) -> Message:
        if self.phase == "reproduce" and not self.runs():
            return assistant(
                "What is asked stands in the task. An answer is right when it meets all that stands there."
            )
        return super().phrase(action)

    def golden(self) -> Iterator[Message]:
        """The oracle's own runs show the problem and confirm that it is gone; where nothing runs, its answer is given twice."""
        if not self.runs():
            yield self.phrase("")
        for action in self.env.oracle():
            reply = self.phrase(action)
            if self.phase == "fix" and not self.runs() and self.answers(reply):
                yield reply
            yield self.phrase(action)

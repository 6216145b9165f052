"""A judge that compares two replies, asked in both orders: a preference that does not survive the swap is a tie.

Judges favour a place, often the first (Zheng et al. 2023, arXiv:2306.05685, section 3.3). `position_inconsistency` counts how often the two
orders disagreed: a judge for which it is a large share of `compared` prefers a place and not a reply. Length is not a place: a judge that
favours the longer reply is consistent, so look at its wins by length too.
"""

import threading
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from envgym.verdict import Cost, Verdict
from envgym.verifiers.check import Check
from envgym.verifiers.judge import ask
from envgym.verifiers.judge_client import JudgeClient
from envgym.verifiers.judge_prompt import asked, candidate, check_template

PAIR = (
    "A question was asked:\n{{question}}\n\nReply A:\n{{reply_a}}\n\nReply B:\n{{reply_b}}\n\nDecide which reply answers the question "
    "better. Neither length nor place nor praise of itself makes a reply better. Say tie where neither is."
)
SWAPPED = {"A": "B", "B": "A", "tie": "tie"}
SCORES = {"A": 1.0, "B": 0.0, "tie": 0.5}
CODES = {"A": "better", "B": "worse", "tie": "tie"}


class Preference(BaseModel):
    """Which of two replies is better."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(description="Why, in one sentence.")
    better: Literal["A", "B", "tie"] = Field(description="The better reply.")


class PairJudge(Check[...]):
    """A verifier of a reply against another one: 1 where it is better in both orders, 0 where it is worse in both, else 0.5.

    The gold is the other reply; the question is an option, `question`, here for all calls or with each. Two equal replies tie unasked; an
    empty other reply makes the task invalid. Safe to share among threads.
    """

    def __init__(self, client: JudgeClient, *, question: str = "", template: str = PAIR) -> None:
        check_template(template, ("question", "reply_a", "reply_b"))
        usual = asked(question)

        def verify(reply: str, gold: str, /, *, question: str = usual) -> Verdict:
            """Whether a judge prefers the reply to the gold, in both orders."""
            return self._judge(reply, gold, asked(question))

        super().__init__(verify, name="pair", needs=("gold", "judge"))
        self.compared = 0
        """Pairs decided in both orders."""
        self.position_inconsistency = 0
        """Those of them where the orders disagreed."""
        self._client = client
        self._template = template
        self._lock = threading.Lock()

    def _judge(self, reply: str, gold: object, question: str) -> Verdict:
        other = candidate(gold, "pair") if isinstance(gold, str) else None
        if not isinstance(other, str):
            why = "the gold must be another reply, a text that is not empty and not too long"
            return Verdict.task_invalid(why, code="pair.gold")
        text = candidate(reply, "pair")
        if isinstance(text, Verdict):
            return text
        if text == other:
            return Verdict.of(0.5, code="pair.same", reason="the two replies are the same")
        return self._compare(question, text, other)

    def _compare(self, question: str, mine: str, other: str) -> Verdict:
        sides: list[str] = []
        calls = tokens = 0
        for one, two in ((mine, other), (other, mine)):
            given = {"question": question, "reply_a": one, "reply_b": two}
            answer = ask(self._client, self._template, given, Preference)
            if isinstance(answer, Verdict):
                return answer
            better = answer.value.better
            sides.append(better if one is mine else SWAPPED[better])
            calls, tokens = calls + answer.calls, tokens + answer.tokens
        consistent = sides[0] == sides[1]
        with self._lock:
            self.compared += 1
            self.position_inconsistency += not consistent
        names = ("first", "second")
        parts = {
            name: Verdict.of(SCORES[side], code=f"pair.{CODES[side]}") for name, side in zip(names, sides, strict=True)
        }
        code, reason = "pair.position_inconsistent", "the judge changes its mind when the replies change places"
        if consistent:
            code, reason = f"pair.{CODES[sides[0]]}", "the judge says the same in both orders"
        score = SCORES[sides[0]] if consistent else 0.5
        return Verdict.of(score, code=code, reason=reason, parts=parts, cost=Cost(calls=calls, tokens=tokens))

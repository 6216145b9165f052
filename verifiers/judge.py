"""Verifiers that ask a judge model: how much of a rubric a reply meets, and whether it answers a question as the gold does.

The judge must show where: an item counts only where the passage that it quotes is found in the reply. Whatever keeps the judge from
deciding, an outage, prose, a verdict on an item that does not exist, is INFRA_ERROR with its own code, never a number. Source of the
score: HealthBench (Arora et al. 2025, section 3), weights met over positive weights; essential items and pitfalls: Rubrics as Rewards
(Gunjal et al. 2025).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from envgym.errors import UsageError
from envgym.verdict import Cost, Evidence, Verdict, Verifier
from envgym.verifiers.json_service import NoAnswer
from envgym.verifiers.judge_answer import Check, Shape, Unfit, accept
from envgym.verifiers.judge_client import Answered, JudgeClient
from envgym.verifiers.judge_prompt import candidate, check_template, found_in, messages, texts_of
from envgym.verifiers.rubric import Rubric, RubricItem, read_rubric

ESSENTIAL_CAP = 0.4
RUBRIC = (
    "A question was asked:\n{{question}}\n\nThis reply was given:\n{{reply}}\n\n"
    "Decide for every item of this list, each by its id, whether the reply meets it; an item that describes a fault is met where the "
    "reply has the fault. Quote the passage of the reply that shows it, or give an empty quote where the item is not met.\n{{items}}"
)
EQUIVALENCE = (
    "A question was asked:\n{{question}}\n\nIts right answer is:\n{{gold}}\n\nThis reply was given:\n{{reply}}\n\nQuote the final answer "
    "that the reply commits itself to; an empty quote where there is none, or more than one. Then decide whether it answers the question "
    "with the same meaning as the right answer: no more, no less."
)


class ItemVerdict(BaseModel):
    """What the judge says on one item."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="The id of the item.")
    quote: str = Field(description="The passage of the reply that shows it, word for word; empty where it is not met.")
    met: bool = Field(description="Whether the reply meets the item.")


class ItemVerdicts(BaseModel):
    """What the judge says on all of them."""

    model_config = ConfigDict(extra="forbid")

    items: list[ItemVerdict] = Field(description="One for each item, in any order.")


class Equivalence(BaseModel):
    """Whether the reply's answer is the right one."""

    model_config = ConfigDict(extra="forbid")

    quote: str = Field(description="The final answer of the reply, word for word; empty where there is none.")
    equivalent: bool = Field(description="Whether it has the meaning of the right answer.")


def rubric_judge(
    items: Sequence[Mapping[str, Any] | RubricItem],
    client: JudgeClient,
    *,
    question: str = "",
    essential_cap: float = ESSENTIAL_CAP,
    template: str = RUBRIC,
) -> Verifier:
    """A verifier that scores clip(weights of items met / positive weights, 0, 1), at most `essential_cap` while an essential one lacks.

    Weights of pitfalls count against the reply. The gold is the question that was asked, a string or {"question": ...}; None or "" takes
    `question`. Every item is a part: passed where an item is met or a pitfall avoided. An item that can be met by silence alone
    ("does not mention ...") cannot be quoted: write it as a pitfall. Raises UsageError for a rubric that makes no sense.
    """
    rubric = read_rubric(items)
    if not 0 <= essential_cap < 1:
        raise UsageError(f"essential_cap is {essential_cap}; expected a number from 0 to below 1")
    check_template(template, ("question", "reply", "items"))

    def verify(reply: str, gold: Any = None, /) -> Verdict:
        asked = texts_of(gold, {"question": question}, bare="question")
        if asked is None:
            return Verdict.task_invalid('the gold must be the question or {"question": ...}', code="rubric.gold")
        text = candidate(reply, "rubric")
        if isinstance(text, Verdict):
            return text
        given = {**asked, "reply": text, "items": rubric.shown()}
        answer = ask(client, template, given, ItemVerdicts, lambda said: _one_each(said, rubric))
        return answer if isinstance(answer, Verdict) else _score(rubric, answer, text, essential_cap)

    return verify


def _one_each(said: ItemVerdicts, rubric: Rubric) -> None:
    """Raises Unfit unless there is one verdict for each item and no other."""
    given = [each.id for each in said.items]
    known = [item.id for item in rubric.items]
    if unknown := [name for name in given if name not in known]:
        raise Unfit("unknown_item", f"there is no item {unknown[0][:80]!r}; the items are {', '.join(known)}")
    if len(set(given)) != len(given):
        raise Unfit("double_item", "it decides one item twice")
    if missing := [name for name in known if name not in given]:
        raise Unfit("missing_item", f"it does not decide {', '.join(missing)}")


def _score(rubric: Rubric, answer: Answered[ItemVerdicts], text: str, essential_cap: float) -> Verdict:
    said = {each.id: each for each in answer.value.items}
    met = {name: each.met and found_in(each.quote, text) for name, each in said.items()}
    score = rubric.share(met)
    parts = {item.id: _part(item, said[item.id], met[item.id]) for item in rubric.items}
    missing = [item.id for item in rubric.items if item.kind == "essential" and not met[item.id]]
    code, reason = "rubric.scored", f"{sum(part.passed for part in parts.values())} of {len(parts)} items stand"
    if missing:
        score = min(score, essential_cap)
        code, reason = "rubric.essential_missing", f"essential and missing: {', '.join(missing)}"
    return Verdict.of(score, code=code, reason=reason, parts=parts, cost=cost(answer))


def _part(item: RubricItem, said: ItemVerdict, met: bool) -> Verdict:
    pitfall = item.kind == "pitfall"
    evidence = (Evidence(kind="quote", text=said.quote[:500]),) if said.quote else ()
    if said.met and not met:
        code = "rubric.quote_not_found"
    elif pitfall:
        code = "rubric.pitfall" if met else "rubric.avoided"
    else:
        code = "rubric.met" if met else "rubric.not_met"
    return Verdict.of(float(met != pitfall), code=code, reason=item.text, evidence=evidence)


def equivalence_judge(client: JudgeClient, *, question: str = "", template: str = EQUIVALENCE) -> Verifier:
    """A verifier that passes a reply which answers the question with the gold, in whatever words.

    The gold is {"question": ..., "answer": ...}, or the answer alone, with `question` for all. The judge must quote the answer; a quote
    that is not in the reply fails.
    """
    check_template(template, ("question", "gold", "reply"))

    def verify(reply: str, gold: Any, /) -> Verdict:
        asked = texts_of(gold, {"question": question, "answer": ""}, bare="answer")
        if asked is None or not asked["answer"].strip():
            return Verdict.task_invalid(
                'the gold must be text or {"question": ..., "answer": ...}', code="equivalence.gold"
            )
        text = candidate(reply, "equivalence")
        if isinstance(text, Verdict):
            return text
        given = {"question": asked["question"], "gold": asked["answer"], "reply": text}
        answer = ask(client, template, given, Equivalence)
        if isinstance(answer, Verdict):
            return answer
        said = answer.value
        more: dict[str, Any] = {"evidence": (Evidence(kind="quote", text=said.quote[:500]),), "cost": cost(answer)}
        if not said.equivalent:
            return Verdict.of(0, code="equivalence.different", reason="the judge finds another answer", **more)
        if not found_in(said.quote, text):
            why = "what the judge quotes as the answer is not in the reply"
            return Verdict.of(0, code="equivalence.quote_not_found", reason=why, **more)
        return Verdict.of(1, code="equivalence.same", reason="the judge finds the same answer", **more)

    return verify


def ask(
    client: JudgeClient,
    template: str,
    given: Mapping[str, str],
    shape: type[Shape],
    check: Check[Shape] = accept,
) -> Answered[Shape] | Verdict:
    """What the judge says, or INFRA_ERROR with a code "judge.<what>" where it does not."""
    try:
        return client.ask(messages(template, given), shape, check)
    except NoAnswer as error:
        return Verdict.infra_error(str(error), code=f"judge.{error.what}")


def cost(answer: Answered[Any]) -> Cost:
    """What a judge's answer took when it was given."""
    return Cost(calls=answer.calls, tokens=answer.tokens)

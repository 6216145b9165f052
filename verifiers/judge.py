"""Verifiers that ask a judge model: how much of a rubric a reply meets, and whether it answers a question as the gold does.

The judge must show where: what it says in favour of a reply counts only with a passage that is found in the reply. A judge that does not
show it is told so and asked once more; then it has not decided. Whatever keeps a judge from deciding, an outage, prose, a verdict on an
item that does not exist, a claim without its quote, is INFRA_ERROR with its own code, never a number, and never the policy's doing.

What it says against a reply stands: a pitfall that is met, with a passage that is not found even when asked again, counts as met. Else a
reply could escape a penalty by how it is spelled, and to go unscored would be an escape too.

Source of the score: HealthBench (Arora et al. 2025, section 3), weights met over positive weights; essential items and pitfalls: Rubrics as
Rewards (Gunjal et al. 2025).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from envgym.errors import UsageError
from envgym.verdict import Cost, Evidence, Verdict
from envgym.verifiers.check import Check, verifier
from envgym.verifiers.json_service import NoAnswer
from envgym.verifiers.judge_answer import Scrutiny, Shape, Unfit, accept
from envgym.verifiers.judge_client import Answered, JudgeClient
from envgym.verifiers.judge_prompt import asked, candidate, check_template, clean, found_in, is_blank, messages
from envgym.verifiers.printable import shortened
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
) -> Check[...]:
    """A verifier that scores clip(weights of items met / positive weights, 0, 1), at most `essential_cap` while an essential one lacks.

    Weights of pitfalls count against the reply. The gold plays no part; the question that was asked is an option, `question`, here for all
    calls or with each. Every item is a part: passed where an item is met or a pitfall avoided. An item that can be met by silence alone
    ("does not mention ...") cannot be quoted: write it as a pitfall. Raises UsageError for a rubric that makes no sense.
    """
    rubric = read_rubric(items)
    if not 0 <= essential_cap < 1:
        raise UsageError(f"essential_cap is {essential_cap}; expected a number from 0 to below 1")
    check_template(template, ("question", "reply", "items"))

    usual = asked(question)

    @verifier(name="rubric", needs=("judge",))
    def verify(reply: str, gold: object = None, /, *, question: str = usual) -> Verdict:
        """How much of the rubric a judge finds in the reply."""
        text = candidate(reply, "rubric")
        if isinstance(text, Verdict):
            return text
        given = {"question": asked(question), "reply": text, "items": rubric.shown()}

        def check(said: ItemVerdicts) -> None:
            _one_each(said, rubric)
            _backs_credit(said, rubric, text)

        answer = ask(client, template, given, ItemVerdicts, check, doubt=lambda said: _backs_all(said, text))
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


def _backs_credit(said: ItemVerdicts, rubric: Rubric, text: str) -> None:
    """Raises Unfit for an item that is met without a quote, and for one in the reply's favour whose quote is not there."""
    pitfalls = {item.id for item in rubric.items if item.kind == "pitfall"}
    for each in said.items:
        if each.met and is_blank(each.quote):
            raise Unfit(
                "no_quote", f"item {each.id} is met but nothing is quoted; quote the reply, or say it is not met"
            )
    _backs_all(ItemVerdicts(items=[each for each in said.items if each.id not in pitfalls]), text)


def _backs_all(said: ItemVerdicts, text: str) -> None:
    """Raises Unfit for an item that is met and whose quote is not in the reply."""
    for each in said.items:
        if each.met and not found_in(each.quote, text):
            raise Unfit(
                "quote_not_found",
                f"the quote for item {each.id} is not in the reply; copy it letter for letter, or say the item is not met",
            )


def _score(rubric: Rubric, answer: Answered[ItemVerdicts], text: str, essential_cap: float) -> Verdict:
    said = {each.id: each for each in answer.value.items}
    met = {name: each.met for name, each in said.items()}
    score = rubric.share(met)
    parts = {item.id: _part(item, said[item.id], text) for item in rubric.items}
    missing = [item.id for item in rubric.items if item.kind == "essential" and not met[item.id]]
    code, reason = "rubric.scored", f"{sum(part.passed for part in parts.values())} of {len(parts)} items stand"
    if missing:
        score = min(score, essential_cap)
        code, reason = "rubric.essential_missing", f"essential and missing: {', '.join(missing)}"
    return Verdict.of(score, code=code, reason=reason, parts=parts, cost=cost(answer))


def _part(item: RubricItem, said: ItemVerdict, text: str) -> Verdict:
    evidence = (Evidence(kind="quote", text=said.quote[:500]),) if said.quote else ()
    if item.kind != "pitfall":
        code = "rubric.met" if said.met else "rubric.not_met"
    elif not said.met:
        code = "rubric.avoided"
    else:
        code = "rubric.pitfall" if found_in(said.quote, text) else "rubric.pitfall_unquoted"
    return Verdict.of(float(said.met != (item.kind == "pitfall")), code=code, reason=item.text, evidence=evidence)


def equivalence_judge(client: JudgeClient, *, question: str = "", template: str = EQUIVALENCE) -> Check[...]:
    """A verifier that passes a reply which answers the question with the gold, in whatever words.

    The gold is the right answer, a text; the question is an option, `question`, here for all calls or with each. A judge that says yes
    must quote the answer from the reply; one that cannot, asked again, has not decided.
    """
    check_template(template, ("question", "gold", "reply"))
    usual = asked(question)

    @verifier(name="equivalence", needs=("gold", "judge"))
    def verify(reply: str, gold: str, /, *, question: str = usual) -> Verdict:
        """Whether a judge finds the same answer in the reply as the gold is."""
        if not isinstance(gold, str) or not clean(gold):
            return Verdict.task_invalid(f"the gold {shortened(gold)} is no text", code="equivalence.gold")
        text = candidate(reply, "equivalence")
        if isinstance(text, Verdict):
            return text
        given = {"question": asked(question), "gold": clean(gold), "reply": text}
        answer = ask(client, template, given, Equivalence, lambda said: _backs_answer(said, text))
        if isinstance(answer, Verdict):
            return answer
        more: dict[str, Any] = {
            "evidence": (Evidence(kind="quote", text=answer.value.quote[:500]),),
            "cost": cost(answer),
        }
        if not answer.value.equivalent:
            return Verdict.of(0, code="equivalence.different", reason="the judge finds another answer", **more)
        return Verdict.of(1, code="equivalence.same", reason="the judge finds the same answer", **more)

    return verify


def _backs_answer(said: Equivalence, text: str) -> None:
    """Raises Unfit where the answer that is said to be right is not in the reply."""
    if said.equivalent and not found_in(said.quote, text):
        why = "the final answer that you quote is not in the reply; copy it letter for letter, or say it is not equivalent"
        raise Unfit("no_quote" if is_blank(said.quote) else "quote_not_found", why)


def ask(
    client: JudgeClient,
    template: str,
    given: Mapping[str, str],
    shape: type[Shape],
    check: Scrutiny[Shape] = accept,
    *,
    doubt: Scrutiny[Shape] = accept,
) -> Answered[Shape] | Verdict:
    """What the judge says, or INFRA_ERROR with a code "judge.<what>" where it does not."""
    try:
        return client.ask(messages(template, given), shape, check, doubt=doubt)
    except NoAnswer as error:
        return Verdict.infra_error(str(error), code=f"judge.{error.what}")


def cost(answer: Answered[Any]) -> Cost:
    """What a judge's answer took when it was given."""
    return Cost(calls=answer.calls, tokens=answer.tokens)

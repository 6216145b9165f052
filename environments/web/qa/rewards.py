"""What an episode of web question answering is judged by: the answer first, and how it was come by as parts beside it.

Three rewards. `correct`: the answer alone. `webexplorer`: (correct + 0.2 format) / 1.2, as WebExplorer pays (arXiv 2509.06501).
`evidence`: nothing without the right answer; with it half, and half by the pages of the proof that were opened and by citations that hold,
less up to a tenth for repeated searches. Every part is in the verdict whatever is paid. Parts that need a proof are left out where a task
has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from envgym.verdict import Verdict
from envgym.verifiers.alias_answer import alias_answer
from envgym.verifiers.check import Check, verifier
from envgym.verifiers.citation import citation
from envgym.verifiers.combine import format_weighted, gate, penalty, weighted
from envgym.verifiers.evidence import evidence
from envgym.verifiers.part import AnyCheck
from envgym.verifiers.search_economy import economy
from envgym.verifiers.typed_answer import AnswerType

Reward = Literal["correct", "webexplorer", "evidence"]


@dataclass(frozen=True, slots=True)
class Work:
    """What an agent did in an episode."""

    answer: Any = None
    citations: Sequence[Mapping[str, Any]] = ()
    fetched: Mapping[str, str] = field(default_factory=dict)
    """The text that it was shown of each page, by url."""
    looks: Sequence[tuple[str, ...]] = ()
    """What it searched and fetched, in order."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What it should have done. `facts` are empty where a task has no proof."""

    asked: AnswerType
    answer: Any
    aliases: Sequence[Any] = ()
    facts: Sequence[Mapping[str, Any]] = ()


@verifier(name="correct")
def right_answer(work: Work, wanted: Wanted) -> Verdict:
    """The answer is the gold, or one of its other names."""
    if work.answer is None:
        return Verdict.malformed("no answer was submitted", code="answer.none")
    return alias_answer(work.answer, wanted.answer, asked=wanted.asked, aliases=wanted.aliases)


@verifier(name="format")
def well_formed(work: Work, wanted: Wanted) -> Verdict:
    """An answer of the asked type was submitted, with at least one citation, of pages that were fetched."""
    answered = right_answer(work, wanted)
    if answered.code in ("answer.none", "typed_answer.unreadable"):
        return Verdict.of(0, code="format.answer", reason=answered.reason)
    if not work.citations:
        return Verdict.of(0, code="format.citations", reason="nothing is cited")
    strange = [each["url"] for each in work.citations if each["url"] not in work.fetched]
    if strange:
        return Verdict.of(
            0, code="format.citations", reason=f"{len(strange)} citations are of pages that were not fetched"
        )
    return Verdict.of(1, code="format.ok")


@verifier(name="evidence")
def pages_read(work: Work, wanted: Wanted) -> Verdict:
    """The share of the pages of the proof that were fetched."""
    return evidence(list(work.fetched), [fact["url"] for fact in wanted.facts])


@verifier(name="citations")
def cited(work: Work, wanted: Wanted) -> Verdict:
    """Citations hold, and support the facts of the proof where there is one."""
    return citation(work.citations, wanted.facts, fetched=work.fetched)


@verifier(name="economy")
def not_repeated(work: Work, wanted: Wanted) -> Verdict:
    """Searches and fetches were not repeated."""
    return economy(work.looks)


def judged(work: Work, wanted: Wanted, reward: Reward) -> Verdict:
    """The verdict that pays by `reward` and tells every part."""
    proved = bool(wanted.facts)
    parts = [right_answer, well_formed, *([pages_read] if proved else []), cited, not_repeated]
    told = {part.name: part(work, wanted) for part in parts}
    paid = told["correct"] if reward == "correct" else check_of(reward, proved)(work, wanted)
    return paid.model_copy(update={"parts": told})


def check_of(reward: Reward, proved: bool) -> Check[...]:
    """How a reward is reckoned from the parts."""
    if reward == "webexplorer":
        return format_weighted(right_answer, well_formed)
    by: dict[AnyCheck, float] = {right_answer: 2.0, cited: 1.0, **({pages_read: 1.0} if proved else {})}
    return penalty(gate(right_answer, weighted(by)), not_repeated, amount=0.1)

"""Citations checked without a model: the page was fetched, the quotation stands in what was fetched, and it says a fact of the proof.

Precision is the share of citations that hold, recall the share of facts that some citation supports, and the score is their harmonic mean;
without facts to support it is the precision alone. A quotation has to mean something: at least two words and 12 characters, at most 600,
and no more than half of a long page. What a quotation supports is decided by the value in it, typed: a number as a number, a name as whole
words under any of its spellings. Whether the words around the value are about the right thing is not read; the page says whom it is about.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from envgym.errors import UsageError
from envgym.task import faults_of
from envgym.verdict import Evidence, Verdict
from envgym.verifiers.browsing import fetched_in
from envgym.verifiers.check import verifier
from envgym.verifiers.json_reading import Unreadable, read_json
from envgym.verifiers.printable import printable
from envgym.verifiers.saying import Kind, says
from envgym.verifiers.unicode_form import nfkc

LEAST_CHARS, LEAST_WORDS = 12, 2
MOST_CHARS = 600
LONG_PAGE = 400
"""Characters from which on a quotation of more than half of the page cites nothing in particular."""
MAX_CITATIONS = 50


class Citation(BaseModel):
    """A quotation and where it is said to stand."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str = Field(max_length=4000)
    quote: str = Field(max_length=100_000)


class CitedFact(BaseModel):
    """A fact that has to be supported: the page that says it, and all spellings of its value."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str = Field(min_length=1)
    values: tuple[str | int | float, ...] = Field(min_length=1)
    kind: Kind = "text"


GIVEN = TypeAdapter(list[Citation])
FACTS = TypeAdapter(tuple[CitedFact, ...])


@verifier(needs=("gold", "transcript"))
def citation(
    reply: str | Sequence[Mapping[str, Any]],
    gold: Sequence[Mapping[str, Any]] | None,
    /,
    *,
    fetched: Mapping[str, str] | None = None,
    messages: Sequence[Mapping[str, Any]] | None = None,
) -> Verdict:
    """PASS when every citation of `reply` holds and every fact of `gold` is supported by one.

    `reply` is a list of {url, quote}, or JSON text: the list, or an object with it under "citations". `gold` is a list of
    {url, values, kind}; an empty one, or None, asks for citations that hold, whatever they say. `fetched` has the text that the agent was
    shown of each url; without it, it is read off `messages`. No citation at all is 0; a gold of another form is TASK_INVALID.
    """
    try:
        facts = FACTS.validate_python(() if gold is None else gold)
    except ValidationError as error:
        return Verdict.task_invalid(f"the facts are none: {faults_of(error)[:200]}", code="citation.gold")
    if fetched is None and messages is None:
        raise UsageError("citation needs to know what was fetched; give fetched={url: text}, or messages=[...]")
    try:
        given = citations_in(reply)
    except Unreadable as error:
        return Verdict.malformed(str(error), code="citation.unreadable")
    texts = fetched if fetched is not None else fetched_in(messages or ())
    return judged(given, facts, {url: plain(text) for url, text in texts.items()})


def citations_in(reply: str | Sequence[Mapping[str, Any]]) -> list[Citation]:
    """The citations of a reply. Raises Unreadable."""
    given: Any = read_json(reply) if isinstance(reply, str) else reply
    if isinstance(given, Mapping):
        given = given.get("citations")
    if not isinstance(given, list | tuple):
        raise Unreadable("there is no list of citations")
    if len(given) > MAX_CITATIONS:
        raise Unreadable(f"{len(given)} citations; at most {MAX_CITATIONS} are read")
    try:
        return GIVEN.validate_python(list(given))
    except ValidationError as error:
        raise Unreadable(f"a citation is {{url, quote}}: {faults_of(error)[:200]}") from None


def judged(given: Sequence[Citation], facts: Sequence[CitedFact], texts: Mapping[str, str]) -> Verdict:
    """The verdict on citations that could be read; `texts` are plain."""
    if not given:
        return Verdict.of(0, code="citation.none", reason="nothing is cited")
    supported: set[int] = set()
    faults: list[Evidence] = []
    for number, each in enumerate(given):
        fault = fault_of(each, texts)
        theirs = [] if fault else [at for at, fact in enumerate(facts) if supports(each, fact)]
        if not fault and facts and not theirs:
            fault = "it says no fact of the proof"
        if fault:
            told = f"{printable(each.url)}: {printable(each.quote, 80)!r}: {fault}"
            faults.append(Evidence(kind="citation", text=told, data={"citation": number, "fault": fault}))
        supported.update(theirs)
    holding = len(given) - len(faults)
    precision = holding / len(given)
    recall = len(supported) / len(facts) if facts else 1.0
    mean = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    parts = {"precision": Verdict.of(precision, reason=f"{holding} of {len(given)} citations hold")}
    if facts:
        parts["recall"] = Verdict.of(recall, reason=f"{len(supported)} of {len(facts)} facts are supported")
    reason = "; ".join(part.reason for part in parts.values())
    code = "citation.ok" if mean == 1 else "citation.partial" if mean else "citation.unsupported"
    return Verdict.of(mean, code=code, reason=reason, parts=parts, evidence=tuple(faults))


def supports(each: Citation, fact: CitedFact) -> bool:
    return each.url == fact.url and says(each.quote, fact.values, fact.kind)


def fault_of(each: Citation, texts: Mapping[str, str]) -> str:
    """Why a citation does not hold, whatever it supports; empty where it does."""
    quote = plain(each.quote)
    if each.url not in texts:
        return "the page was not fetched"
    if len(quote) < LEAST_CHARS or len(quote.split()) < LEAST_WORDS:
        return f"the quotation is too short to mean anything; at least {LEAST_WORDS} words and {LEAST_CHARS} characters"
    if len(quote) > MOST_CHARS:
        return f"the quotation has {len(quote)} characters; at most {MOST_CHARS}"
    page = texts[each.url]
    if len(page) > LONG_PAGE and 2 * len(quote) > len(page):
        return "the quotation is more than half of what was fetched"
    return "" if quote in page else "the quotation does not stand in what was fetched"


def plain(text: str) -> str:
    """Text as quotations are compared: compatibility forms, case and runs of blanks do not matter, nor which quotation marks."""
    return " ".join(nfkc(text).translate(MARKS).casefold().split())


MARKS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-"})

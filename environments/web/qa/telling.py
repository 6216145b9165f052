"""How results are told to an agent: hits as JSON, pages as plain text under a line that names them."""

import json
from collections.abc import Sequence

from envgym.environments.web.corpus.page import Page
from envgym.environments.web.search.engine import Hit, SearchEngine
from envgym.environments.web.search.passages import Range
from envgym.errors import InvalidAction
from envgym.verifiers.typed_answer import AnswerType

MAX_LINKS = 30
GAP = "\n[...]\n"
ASKED = {
    "integer": "an integer",
    "text": "a name or another short text",
    "list": "a list of texts, in any order",
    "yes_no": "yes or no",
}


def asked_for(answer: AnswerType) -> str:
    """What to submit, in words, with unit and tolerance."""
    if answer.kind != "number":
        return ASKED[answer.kind]
    exact = f", right to within {answer.tolerance:.1%}" if answer.tolerance else ""
    return f"a number{f' in {answer.unit}' if answer.unit else ''}{exact}"


def results_text(answers: Sequence[tuple[str, Sequence[Hit]]]) -> str:
    """The hits of each query."""
    told = [
        {
            "query": query,
            "results": [{"title": hit.title, "url": hit.url, "snippet": hit.snippet} for hit in hits],
            **({} if hits else {"note": "no page has a word of this query"}),
        }
        for query, hits in answers
    ]
    return json.dumps(told, ensure_ascii=False)


def part_text(page: Page, ranges: Sequence[Range], part: str) -> str:
    """What is shown of a page, with the links that stand in it."""
    shown = GAP.join(page.quote(*each).strip("\n") for each in ranges)
    head = f"{page.title} <{page.url}>{f', {part}' if part else ''}"
    links = links_text(page, shown)
    return f"{head}\n\n{shown}" + (f"\n\nLinks: {links}" if links else "")


def links_text(page: Page, shown: str) -> str:
    """The links whose words stand in what is shown, each url once."""
    links = {link.url: link.text for link in reversed(page.links) if link.text in shown}
    told = [f"{text} <{url}>" for url, text in reversed(links.items())]
    more = f" and {len(told) - MAX_LINKS} more" if len(told) > MAX_LINKS else ""
    return ", ".join(told[:MAX_LINKS]) + more


def found_text(page: Page, ranges: Sequence[Range], words: str, count: int, *, shown: int) -> str:
    """The places that were found, of which at most `shown` are in `ranges`."""
    if not count:
        return f"{words[:80]!r} does not stand in {page.title} <{page.url}>"
    times = "once" if count == 1 else f"{count} times"
    more = f"; the first {shown} are shown" if count > shown else ""
    lines = "\n".join(f"- {page.quote(*each)}" for each in ranges)
    return f"{words[:80]!r} stands {times} in {page.title} <{page.url}>{more}\n\n{lines}"


def unknown_url(url: str, engine: SearchEngine) -> InvalidAction:
    """Told for a url that the corpus does not have, with the pages whose titles are like it."""
    near = [hit.url for hit in engine.search(url.rsplit("/", 1)[-1].replace("-", " "), 3)]
    hint = f"did you mean {' or '.join(near)}?" if near else "find pages with search"
    return InvalidAction(f"there is no page {url[:200]!r}; {hint}", code="url.unknown")

"""The golden solution: the proof of a question, played as the searches and readings of somebody who is led by what he has read.

It searches for a page by its title where the question or a page that it has read says that name, follows links that it has seen, and else
searches with the question itself. Where even that does not show the page, it searches by its title all the same: what others find by
trying, it knows. Answers and quotations come from the pages.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from envgym.environments.web.corpus.page import Page
from envgym.environments.web.qa.reading import holds
from envgym.environments.web.search.passages import Range
from envgym.message import Action, call
from envgym.task import Task
from envgym.verifiers.citation import LEAST_CHARS

LONGEST_LINE = 400
MAX_QUERY = 400
MARGIN = 100
OTHER_WORDINGS = ("", "about", "all about", "more about", "what about", "only about", "again about")
"""For asking again where a result was noise: in other words, since the same query twice is a repetition."""


@dataclass(frozen=True, slots=True)
class Golden:
    """Plays a task. `seen` has the ranges that were shown so far, `result` gives the text of the last result."""

    pages: Mapping[str, Page]
    task: Task
    seen: Mapping[str, list[Range]]
    result: Callable[[], str]

    def play(self, tries: int) -> Iterator[Action]:
        """Every call, the last one answers. A search is made in up to `tries` wordings, where results may be noise."""
        proof = self.task.private.get("proof", [])
        told = [str(self.task.public["question"])]
        asked: set[str] = set()
        cited: dict[tuple[str, int, int], dict[str, str]] = {}
        for url in dict.fromkeys(fact["url"] for fact in proof):
            for action in self._reach(self.pages[url], told, asked, tries):
                yield action
                told.append(self.result())
            yield call("browse", url=url)
            told.append(self.result())
            for fact in proof:
                if fact["url"] == url:
                    start, end = quotation(self.pages[url].text, fact["start"], fact["end"])
                    if not holds(self.seen.get(url, ()), start, end):
                        yield call("find", url=url, text=self.pages[url].quote(start, end)[:MAX_QUERY])
                    cited[url, start, end] = {"url": url, "quote": self.pages[url].quote(start, end)}
        yield call("answer", answer=self.task.private["answer"], citations=list(cited.values())[:50])

    def _reach(self, page: Page, told: list[str], asked: set[str], tries: int) -> Iterator[Action]:
        """The searches that lead to a page; none where its url was seen."""
        question = told[0][:MAX_QUERY]
        queries = [page.title] if any(page.title in text for text in told) else [question, page.title]
        for query in (f"{other} {query}".strip() for query in queries for other in OTHER_WORDINGS[:tries]):
            if any(page.url in text for text in told):
                return
            if query not in asked:
                asked.add(query)
                yield call("search", queries=[query[:MAX_QUERY]])


def quotation(text: str, start: int, end: int) -> Range:
    """A range that means something by itself: the line around a span, or where that is long, the words around it."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    last = len(text) if last < 0 else last
    if last - first > LONGEST_LINE:
        first, last = max(first, start - MARGIN), min(last, end + MARGIN)
        first = text.find(" ", first, start) + 1 or first if first else first
        last = max(text.rfind(" ", end, last), end) if last < len(text) else last
    if last - first < LEAST_CHARS:
        last = min(len(text), last + LEAST_CHARS)
    return first, last

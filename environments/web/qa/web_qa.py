"""Web question answering: search a fixed corpus, read its pages, and answer with citations.

The corpus is the bundled Factbook, one that was built, or a folder of the user's; nothing is ever fetched from a network, and the urls
lead nowhere but into the corpus. A generated question was proved to have one answer by what the pages say. A task of the user's may come
with question and answer alone. Corpus and index are shared by all environments of a process; an episode owns only what it has seen.
Tools as in WebExplorer (arXiv 2509.06501), whose `browse` has a model read the page; here passages are ranked.
"""

import random
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from envgym.env import EnvKnobs
from envgym.environments.web.corpus.corpus import Corpus
from envgym.environments.web.corpus.page import Page
from envgym.environments.web.corpus.shelf import open_corpus
from envgym.environments.web.qa.golden import Golden
from envgym.environments.web.qa.reading import around, best_passages, merged, places_of
from envgym.environments.web.qa.rewards import Reward, Wanted, Work, judged
from envgym.environments.web.qa.telling import asked_for, found_text, part_text, results_text, unknown_url
from envgym.environments.web.question.draw import draw_question
from envgym.environments.web.search.engine import Hit, SearchEngine
from envgym.environments.web.search.noisy import SearchNoise, with_noise
from envgym.environments.web.search.passages import Range, parts_of
from envgym.environments.web.search.shelf import Kind, engine_of
from envgym.errors import InvalidAction, UsageError
from envgym.message import Action, call
from envgym.task import GeneratedTasks, Task, TaskFields, TaskSet
from envgym.tool_env import ToolEnv, tool
from envgym.verdict import Verdict, writable
from envgym.verifiers.search_economy import looks_of
from envgym.verifiers.typed_answer import AnswerType

MAX_QUERIES, MAX_QUERY = 5, 400
MAX_PLACES = 10
MAX_URL = 2000
NO_NOISE = SearchNoise.model_validate(0)
TEXT = AnswerType.model_validate({})
Query = Annotated[str, Field(min_length=1, max_length=MAX_QUERY)]
Answer = str | int | float | bool | list[str | int | float]


class CitedQuote(TypedDict):
    """A page and some words of it."""

    url: Annotated[str, Field(max_length=MAX_URL, description="Url of a page that you have read.")]
    quote: Annotated[str, Field(max_length=1000, description="Words from it, exactly as they stand there.")]


class ProofFact(BaseModel):
    """A fact of a proof, and where it stands."""

    model_config = ConfigDict(extra="allow")

    value: str | int | float = Field(description="What has to be shown: an id of an entity, or the value itself.")
    url: str = Field(description="The page that says it.")
    start: int = Field(ge=0, description="First character of the page's text that says it.")
    end: int = Field(description="The character behind the last.")
    relation: str = Field("", description="Name of the relation, where the corpus has facts.")


class WebQA(ToolEnv):
    """Answer questions over a fixed corpus of web pages: search, browse, find, and answer with citations."""

    id = "web_qa"
    max_turns = 60
    fixtures: ClassVar[frozenset[str]] = ToolEnv.fixtures | {"_corpus"}
    found_by_tools: ClassVar[frozenset[str]] = frozenset(
        {"query", "answer", "aliases", "proof", "distractors", "clues"}
    )
    """Private fields whose values the tools are there to show."""

    class Knobs(EnvKnobs):
        corpus: str = Field("atlas", description="Name of a corpus, or path of a folder.")
        engine: Kind = Field("bm25", description="Search engine; tantivy needs the extra `search`.")
        k: int = Field(5, ge=1, le=50, description="Hits of a query.")
        hops: int = Field(2, ge=2, le=4, description="Pages that have to be connected, at least.")
        rounds: int = Field(5, ge=0, le=20, description="Steps by which a question is made less telling.")
        reward: Reward = Field("correct", description="What is paid: the answer, or also how it was come by.")
        search_noise: SearchNoise = Field(
            NO_NOISE, description="Share of search hits that are noise; or a mapping with its curriculum."
        )
        page_chars: int = Field(6000, ge=500, le=50_000, description="Characters that one call shows of a page.")

    class Public(BaseModel):
        question: str = Field(min_length=1, description="What is asked, in English.")
        answer: AnswerType = Field(TEXT, description="What the answer must be.")
        corpus: str = Field("", description="Name of the corpus; empty: that of the settings.")
        data: str = Field("", description="sha256 of its content; empty: it is not checked.")
        title: str = Field("", description="What the corpus is.")

    class Private(BaseModel):
        answer: Any = Field(description="Gold.")
        aliases: list[Any] = Field(default=[], description="Other right answers: further names of it.")
        query: dict[str, Any] | None = Field(None, description="The formal question.")
        proof: list[ProofFact] = Field(default=[], description="Facts that prove it, with page and characters.")
        distractors: list[dict[str, Any]] = Field(default=[], description="What meets all clues but one.")
        clues: list[Any] = Field(default=[], description="The clues of the question.")

    knobs: Knobs
    submitted: Answer | None = None
    _corpus: Corpus | None = None

    # ---- tasks

    def taskset(self, seed: int = 0) -> TaskSet:
        if self._given is not None:
            return self._given
        corpus = open_corpus(self.knobs.corpus)
        what = {"corpus": corpus.sha256, "hops": self.knobs.hops, "rounds": self.knobs.rounds}
        return GeneratedTasks(self.id, what, self.generate, seed=seed)

    def generate(self, rng: random.Random) -> TaskFields:
        return draw_question(open_corpus(self.knobs.corpus), rng, hops=self.knobs.hops, rounds=self.knobs.rounds)

    def begin(self, task: Task) -> str:
        public = self.Public.model_validate(task.public)
        self._corpus = None
        corpus = self.corpus
        if public.data not in ("", corpus.sha256):
            raise UsageError(
                f"task {task.id!r} was made from other pages ({public.title or public.corpus}, sha256 {public.data[:12]}) than "
                f"{corpus.title} (sha256 {corpus.sha256[:12]}); build that corpus, or give its folder: corpus=PATH"
            )
        strange = [fact["url"] for fact in task.private.get("proof", ()) if fact["url"] not in corpus.pages]
        if strange:
            raise UsageError(f"task {task.id!r}: its proof is on {strange[0]!r}, which {corpus.title} does not have")
        self.submitted = None
        self.citations: list[CitedQuote] = []
        self.seen: dict[str, list[Range]] = {}
        self.looks: list[tuple[str, ...]] = []
        self.queries = 0
        self.left_out: dict[str, int] = {}
        self.noise_seed = int(self.np_random.integers(2**31)) if self.knobs.search_noise.probability else 0
        return (
            f"Answer a question from {corpus.title}: {len(corpus.pages):,} pages that you can search and read, and nothing else.\n\n"
            f"{public.question}\n\n"
            f"Look it up with the tools. Then call answer with {asked_for(public.answer)}, and cite what shows that it is right: for each "
            "fact the url of a page that you have read and some words of it, exactly as they stand there."
        )

    def verify(self) -> Verdict:
        if self.task is None:
            return Verdict.malformed("no answer was submitted", code="answer.none")
        pages = self.corpus.pages
        fetched = {url: "\n".join(pages[url].quote(*each) for each in ranges) for url, ranges in self.seen.items()}
        work = Work(self.submitted, self.citations, fetched, self.looks)
        private = self.task.private
        wanted = Wanted(
            AnswerType.model_validate(self.task.public.get("answer", {})),
            private["answer"],
            private.get("aliases", ()),
            [self._cited_fact(fact) for fact in private.get("proof", ())],
        )
        return judged(work, wanted, self.knobs.reward)

    def oracle(self) -> Iterator[Action]:
        if self.task is not None:
            tries = self.knobs.search_noise.patience + 1 if self.knobs.search_noise.probability else 1
            yield from Golden(self.corpus.pages, self.task, self.seen, lambda: str(self.observe()[-1]["content"])).play(
                tries
            )

    def random_action(self, rng: random.Random) -> Action:
        """A query made of words of some page, a page that was never found, or now and then a blind answer."""
        page = rng.choice(list(self.corpus.pages.values()))
        words = page.text.split()
        start = rng.randrange(max(1, len(words) - 3))
        some = " ".join(words[start : start + 3]) or page.title
        return rng.choice(
            [
                call("search", queries=[some[:MAX_QUERY]]),
                call("browse", url=page.url, query=some[:MAX_QUERY]),
                call("browse", url=page.url, page=rng.randint(1, 3)),
                call("find", url=page.url, text=some[:MAX_QUERY]),
                *([call("answer", answer=page.title, citations=[])] if rng.random() < 0.3 else []),
            ]
        )

    # ---- tools

    @tool(effect="reads")
    def search(self, queries: Annotated[list[Query], Field(min_length=1, max_length=MAX_QUERIES)]) -> str:
        """Search the pages. For each query the best ones, each with title, url and a snippet. Words count, not word order or operators."""
        for query in queries:
            legible(query)
        answers = [(query, self._hits(query)) for query in queries]
        self.looks += looks_of("search", {"queries": queries})
        return results_text(answers)

    @tool(effect="reads")
    def browse(
        self,
        url: Annotated[str, Field(max_length=MAX_URL)],
        query: Annotated[str, Field(max_length=MAX_QUERY)] = "",
        page: Annotated[int, Field(ge=1, le=10**6)] = 1,
    ) -> str:
        """Read a page. Long ones come in parts, by number. With a query, only the passages that have most of its words."""
        found = self._page(url)
        if legible(query):
            ranges = best_passages(found, query, self.knobs.page_chars)
            if not ranges:
                raise InvalidAction(
                    f"browse: no passage of {found.url} has words of {query[:80]!r}; read it without a query, or ask in other words"
                )
            part = ""
        else:
            parts = parts_of(found.text, self.knobs.page_chars)
            if page > len(parts):
                raise InvalidAction(f"browse: {found.url} has {len(parts)} parts, there is no part {page}")
            ranges, part = [parts[page - 1]], f"part {page} of {len(parts)}" if len(parts) > 1 else ""
        self._saw(found, ranges, "browse", {"query": query, "page": page})
        return part_text(found, ranges, part)

    @tool(effect="reads")
    def find(self, url: Annotated[str, Field(max_length=MAX_URL)], text: Query) -> str:
        """Find where some words stand in a page, without regard to case: each place with the words around it."""
        found = self._page(url)
        if not legible(text):
            raise InvalidAction("find: text is blank; give words that the page may have")
        places = places_of(found.text, text)
        ranges = merged(around(found.text, place) for place in places[:MAX_PLACES])
        self._saw(found, ranges, "find", {"text": text})
        return found_text(found, ranges, text, len(places), shown=MAX_PLACES)

    @tool(final=True)
    def answer(
        self,
        answer: Answer,
        citations: Annotated[list[CitedQuote], Field(max_length=50)] = [],  # noqa: B006
    ) -> str:
        """Give the answer and end: the bare value, no sentence around it. Cite pages that show it, with words as they stand there."""
        self.submitted = answer
        self.citations = citations
        return "answered"

    # ---- what the tools share

    def _hits(self, query: str) -> list[Hit]:
        noise, k = self.knobs.search_noise, self.knobs.k
        self.queries += 1
        if not noise.probability:
            return self.engine.search(query, k)
        return with_noise(self.engine.search(query, 2 * k), k, noise, self.noise_seed, self.queries, self.left_out)

    def _page(self, url: str) -> Page:
        """The page of a url, whatever stands behind its `#`. Raises InvalidAction that names near ones."""
        found = self.corpus.pages.get(legible(url).partition("#")[0])
        if found is None:
            raise unknown_url(url, self.engine)
        return found

    def _saw(self, page: Page, ranges: list[Range], name: str, arguments: dict[str, Any]) -> None:
        self.seen[page.url] = merged([*self.seen.get(page.url, ()), *ranges])
        self.looks += looks_of(name, {"url": page.url, **arguments})

    def _cited_fact(self, fact: dict[str, Any]) -> dict[str, Any]:
        """A fact of a proof with every spelling of its value."""
        store = self.corpus.store
        relation = store.relations.get(fact.get("relation", ""))
        kind = relation.kind if relation is not None else "text"
        return {"url": fact["url"], "values": store.spellings(fact["value"], kind), "kind": kind}

    # ---- what all episodes share

    @property
    def corpus(self) -> Corpus:
        """That of the running task, else that of the settings. Opened when it is first needed, and once per process."""
        if self._corpus is None:
            named = self.task.public.get("corpus", "") if self.task is not None else ""
            own = named in ("", self.knobs.corpus) or open_corpus(self.knobs.corpus).name == named
            self._corpus = open_corpus(self.knobs.corpus if own else named)
        return self._corpus

    @property
    def engine(self) -> SearchEngine:
        return engine_of(self.corpus, self.knobs.engine)

    def close(self) -> None:
        self._corpus = None
        super().close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_corpus"}


def legible(text: str) -> str:
    """`text` without blanks around it. Raises InvalidAction for characters that no page can have."""
    if "\0" in text or not (text.isascii() or writable(text) == text):
        raise InvalidAction("a text holds NUL or half of a character; write it anew", code="tool.arguments")
    return text.strip()

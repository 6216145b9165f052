"""A corpus as a retriever of passages, for agents that get whole documents for a query and browse nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from envgym.environments.web.corpus.shelf import open_corpus
from envgym.environments.web.search.bm25 import Bm25
from envgym.environments.web.search.engine import SearchEngine
from envgym.environments.web.search.passages import Passage, passages
from envgym.environments.web.search.shelf import Kind
from envgym.environments.web.search.tantivy_engine import TantivyEngine
from envgym.errors import UnknownId

Found = Sequence[tuple[Mapping[str, str], float]]


def retriever(corpus: str, *, engine: str = "bm25", passage_chars: int = 800) -> Callable[[str, int], Found]:
    """A function of a query and a number of documents. The id of a document is the url of its page with the passage's number behind `#`.

    Raises UsageError for a corpus that there is not.
    """
    if engine not in get_args(Kind):
        raise UnknownId.of("engine", engine, get_args(Kind))
    stretches = passages(open_corpus(corpus).pages.values(), passage_chars)
    numbered = [
        Passage(f"{each.url}#{number}", each.title, each.text, each.start) for number, each in enumerate(stretches)
    ]
    by_id = {each.url: each for each in numbered}
    made: SearchEngine = Bm25.of(numbered) if engine == "bm25" else TantivyEngine(numbered)

    def retrieve(query: str, k: int) -> Found:
        return [({"id": hit.url, "contents": contents(by_id[hit.url])}, hit.score) for hit in made.search(query, k)]

    return retrieve


def contents(passage: Passage) -> str:
    """The title in quotation marks on a line of its own, then the text."""
    title = passage.title.replace("\n", " ")
    return f'"{title}"\n{passage.text}'

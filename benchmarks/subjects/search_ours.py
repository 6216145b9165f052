"""Our BM25 with snippets, as the tool `search` calls it; and the ranking alone, which is what the peers do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from clock import serve
from search_documents import K, asked, documents_in, timed

from envgym.environments.web.search.bm25 import Bm25
from envgym.environments.web.search.passages import Passage


def engine(lines: list[dict[str, Any]]) -> Bm25:
    return Bm25.of(Passage(str(number), title, text, 0) for number, (title, text) in enumerate(documents_in(lines)))


def ranking(count: int, lines: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    made = engine(lines)
    return timed(lambda query: made.top(query, K), asked(lines, count))


def snippets(count: int, lines: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    made = engine(lines)
    return timed(lambda query: made.search(query, K), asked(lines, count))


if __name__ == "__main__":
    serve({"ranking": ranking, "snippets": snippets})

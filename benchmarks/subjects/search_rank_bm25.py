"""rank-bm25 0.2.2 over words in lower case, title and text together; the ten best by numpy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from clock import serve
from rank_bm25 import BM25Okapi
from search_documents import K, asked, documents_in, timed, words


def ranking(count: int, lines: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    made = BM25Okapi([words(f"{title} {text}") for title, text in documents_in(lines)])
    return timed(lambda query: np.argsort(-made.get_scores(words(query)))[:K], asked(lines, count))


if __name__ == "__main__":
    serve({"ranking": ranking})

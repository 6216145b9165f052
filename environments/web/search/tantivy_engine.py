"""Tantivy behind the protocol of SearchEngine, for corpora of millions of pages. Needs the extra `search`.

Pages are indexed by one thread into one segment and equal scores are put into the order of the corpus. Scores are floats of tantivy's own,
so that a ranking is the same for the same version of it.
"""

from collections.abc import Sequence
from typing import Any

from envgym.environments.web.search.engine import Hit
from envgym.environments.web.search.postings import Document
from envgym.environments.web.search.snippet import CHARACTERS
from envgym.environments.web.search.words import WORD
from envgym.errors import UsageError

TITLE_BOOST = 2.0
HEAP_BYTES = 64 << 20
MAX_WORDS = 64
MISSING = (
    "the engine 'tantivy' needs the package tantivy: pip install 'envgym[search]'; the engine 'bm25' needs nothing"
)


class TantivyEngine:
    """An index in memory over `documents`. Raises UsageError where the package is missing."""

    def __init__(self, documents: Sequence[Document]) -> None:
        try:
            import tantivy
        except ImportError as error:
            raise UsageError(MISSING) from error
        self.documents = documents
        self._tantivy = tantivy
        fields = tantivy.SchemaBuilder()
        for name in ("title", "text"):
            fields.add_text_field(name, stored=name == "text", tokenizer_name="en_stem")
        fields.add_unsigned_field("number", stored=True)
        self._schema = fields.build()
        self._index = tantivy.Index(self._schema)
        writer = self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
        for number, document in enumerate(documents):
            writer.add_document(tantivy.Document(title=[document.title], text=[document.text], number=number))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def search(self, query: str, k: int, /) -> list[Hit]:
        """The best pages. Query syntax of tantivy is not read: words are words."""
        words = " ".join(list(dict.fromkeys(found[0].lower() for found in WORD.finditer(query)))[:MAX_WORDS])
        if not words or k <= 0:
            return []
        asked = self._index.parse_query(words, ["title", "text"], field_boosts={"title": TITLE_BOOST})
        searcher = self._index.searcher()
        found = [(score, searcher.doc(address)) for score, address in searcher.search(asked, k, count=False).hits]
        snippets = self._tantivy.SnippetGenerator.create(searcher, asked, self._schema, "text")
        snippets.set_max_num_chars(CHARACTERS)
        ordered = sorted(found, key=lambda each: (-each[0], each[1]["number"][0]))
        return [self._hit(score, document, snippets) for score, document in ordered]

    def _hit(self, score: float, document: Any, snippets: Any) -> Hit:
        page = self.documents[document["number"][0]]
        stretch = snippets.snippet_from_doc(document).fragment() or page.text[:CHARACTERS]
        return Hit(page.url, page.title, score, " ".join(stretch.split()))

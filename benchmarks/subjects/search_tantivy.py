"""tantivy 0.27 with stemming, any of the words, one segment in memory; the title counts twice. `snippets` makes one of each hit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tantivy
from clock import serve
from search_documents import K, asked, documents_in, timed, words


def index_of(lines: list[dict[str, Any]]) -> tuple[tantivy.Index, tantivy.Schema]:
    fields = tantivy.SchemaBuilder()
    fields.add_text_field("title", stored=True, tokenizer_name="en_stem")
    fields.add_text_field("text", stored=True, tokenizer_name="en_stem")
    schema = fields.build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=64 << 20, num_threads=1)
    for title, text in documents_in(lines):
        writer.add_document(tantivy.Document(title=[title], text=[text]))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index, schema


def ranking(count: int, lines: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    index, _ = index_of(lines)
    searcher = index.searcher()

    def search(query: str) -> Any:
        asked_for = index.parse_query(" ".join(words(query)), ["title", "text"], field_boosts={"title": 2.0})
        return searcher.search(asked_for, K, count=False).hits

    return timed(search, asked(lines, count))


def snippets(count: int, lines: list[dict[str, Any]], folder: Path) -> Callable[[], int]:
    index, schema = index_of(lines)
    searcher = index.searcher()

    def search(query: str) -> Any:
        asked_for = index.parse_query(" ".join(words(query)), ["title", "text"], field_boosts={"title": 2.0})
        generator = tantivy.SnippetGenerator.create(searcher, asked_for, schema, "text")
        found = [(score, searcher.doc(place)) for score, place in searcher.search(asked_for, K, count=False).hits]
        return [(score, page["title"][0], generator.snippet_from_doc(page).fragment()) for score, page in found]

    return timed(search, asked(lines, count))


if __name__ == "__main__":
    serve({"ranking": ranking, "snippets": snippets})

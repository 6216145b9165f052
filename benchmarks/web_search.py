"""Searches per second of the default engine beside its peers, over the same real text with the same queries, in one run on one core.

    python benchmarks/web_search.py [--documents 50000] [--corpus geo --corpus foldoc ...] [--rounds 3]

The documents are the pages of built corpora (`envgym corpus build geo foldoc`), cut into passages until there are enough; with only the
bundled corpus there are fewer, and the table says how many. A query is four different words of some document that are no stop words. Rates
are per processor second, medians of `--rounds`. Peers live in environments of their own: `bash benchmarks/make_peers.sh tantivy rank_bm25`.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from measure import HERE, Figure, SubjectFailed, run_subject
from run import one_core, say

from envgym.environments.web.corpus.shelf import names, open_corpus
from envgym.environments.web.search.passages import Passage, passages
from envgym.environments.web.search.words import words_of

SIZES = (0, 1000, 500, 250, 120)
"""Characters of the passages that are tried until there are enough; 0 is whole pages."""
QUERIES = 2000
WORDS = 4


@dataclass(frozen=True)
class Subject:
    """One engine: its name in the table, its file and row under subjects/, its environment under peers/, how many queries it is asked."""

    name: str
    script: str
    row: str
    peer: str
    count: int

    @property
    def python(self) -> Path:
        return HERE / "peers" / self.peer / "bin" / "python" if self.peer else Path(sys.executable)


SUBJECTS = (
    Subject("envgym, ranking", "search_ours", "ranking", "", 4000),
    Subject("envgym, with snippets", "search_ours", "snippets", "", 4000),
    Subject("tantivy 0.27, ranking", "search_tantivy", "ranking", "tantivy", 4000),
    Subject("tantivy 0.27, with snippets", "search_tantivy", "snippets", "tantivy", 2000),
    Subject("SQLite FTS5", "search_fts5", "ranking", "", 100),
    Subject("rank-bm25 0.2.2", "search_rank_bm25", "ranking", "rank_bm25", 20),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--corpus", action="append", default=[], help="default: geo, foldoc and atlas, as far as built")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    corpora = given.corpus or [name for name in ("geo", "foldoc", "atlas") if name in names()]
    documents = drawn(corpora, given.documents)
    say(
        f"{len(documents):,} documents of {', '.join(corpora)}, {sum(len(each.text) for each in documents) / 1e6:.1f} MB"
    )
    with tempfile.TemporaryDirectory() as folder, one_core():
        file = Path(folder) / "documents.jsonl"
        file.write_text("".join(lines_of(documents)), "utf-8")
        rates = {subject.name: rate(subject, file, given.rounds) for subject in SUBJECTS}
    ours = rates[SUBJECTS[0].name]
    for name, figure in rates.items():
        if isinstance(figure, str):
            print(f"{name:<30}{figure}")
        else:
            times = f"x{ours.median / figure.median:,.1f}" if isinstance(ours, Figure) else ""
            print(f"{name:<30}{figure.median:>10,.0f} searches/s   ({figure.low:,.0f} to {figure.high:,.0f})   {times}")
    return 0


def drawn(corpora: list[str], count: int) -> list[Passage]:
    """That many passages, as long as they can be."""
    pages = [page for name in corpora for page in open_corpus(name).pages.values()]
    found: list[Passage] = []
    for size in SIZES:
        found = passages(pages, size)
        if len(found) >= count:
            break
    random.Random(0).shuffle(found)
    return found[:count]


def lines_of(documents: list[Passage]) -> Iterator[str]:
    """Documents and queries as lines of a file."""
    rng = random.Random(1)
    for each in documents:
        yield json.dumps({"title": each.title, "text": each.text}) + "\n"
    made = 0
    while made < QUERIES:
        words = sorted(set(words_of(rng.choice(documents).text)))
        if len(words) >= WORDS:
            made += 1
            yield json.dumps({"query": " ".join(rng.sample(words, WORDS))}) + "\n"


def rate(subject: Subject, file: Path, rounds: int) -> Figure | str:
    """Searches per second, or why there is no figure."""
    if not subject.python.exists():
        return f"not installed: bash benchmarks/make_peers.sh {subject.peer}"
    say(subject.name)
    try:
        samples = [
            run_subject(subject.python, subject.script, subject.row, count=subject.count, tasks=file)
            for _ in range(rounds)
        ]
    except SubjectFailed as error:
        return f"failed: {error}"
    return Figure.of(samples, "searches/s")


if __name__ == "__main__":
    sys.exit(main())

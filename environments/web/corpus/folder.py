"""A user's own folder as a corpus: its HTML, Markdown and text files, and JSONL files of pages ({"text", "title"?, "url"?}).

Whatever else lies there (pictures, archives, binaries) is left out and counted, and the counts are part of the corpus's title in
`envgym corpus show`. Files are only read: symbolic links that lead out of the folder are not followed, archives are not opened.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urldefrag, urljoin

from envgym.environments.web.corpus.corpus import Corpus, CorpusSource
from envgym.environments.web.corpus.html_text import NOT_TEXT, Document, decoded, read_html
from envgym.environments.web.corpus.page import Link, Page
from envgym.environments.web.corpus.plain_text import read_markdown, read_plain
from envgym.errors import UsageError

Reader = Callable[[bytes, frozenset[str]], Document]


def _of(read: Callable[[str], Document]) -> Reader:
    return lambda content, _: read(decoded(content))


READERS: dict[str, Reader] = {
    ".html": read_html, ".htm": read_html, ".xhtml": read_html, ".md": _of(read_markdown), ".markdown": _of(read_markdown),
    ".txt": _of(read_plain), ".rst": _of(read_plain),
}  # fmt: skip
ROWS = (".jsonl", ".ndjson")
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst", ".warc", ".zim")
URL = re.compile(r"https?://[^\s<>\"]{1,2000}$")


@dataclass(frozen=True)
class Limits:
    """Where reading a folder stops, with what to do."""

    file_bytes: int = 20 << 20
    """A longer document is left out and counted; JSONL files may have `total_bytes`."""
    files: int = 100_000
    total_bytes: int = 1 << 30
    pages: int = 1_000_000


@dataclass
class FolderReading:
    """The pages of a folder, and why files were left out."""

    pages: dict[str, Page] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def folder_corpus(folder: Path, *, limits: Limits = Limits()) -> Corpus:
    """A corpus of the documents in a folder, named after it. Raises UsageError where it has none or exceeds the limits."""
    if folder.is_file():
        what = (
            "unpack it and give the folder"
            if folder.suffix.casefold() in ARCHIVES
            else "give the folder that it lies in"
        )
        raise UsageError(f"{folder} is a file, not a folder: {what}")
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    name = slug_of(folder.resolve().name)
    read = read_folder(folder, f"https://{name}.test/", limits)
    if not read.pages:
        kinds = ", ".join((*READERS, *ROWS))
        raise UsageError(f"{folder} has no document that could be read ({kinds}); {describe(read.left_out)}")
    left_out = f"; {describe(read.left_out)}" if read.left_out else ""
    source = CorpusSource(f"folder:{name}", "", "", "the user's own")
    return Corpus(name, f"The documents of {name}{left_out}", read.pages, sources=(source,), folder=folder)


def slug_of(name: str) -> str:
    """A folder's name as the host of its pages."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60].strip("-") or "folder"


def describe(left_out: Counter[str]) -> str:
    """Why files were left out, most frequent first."""
    return "left out: " + (", ".join(f"{count} {why}" for why, count in left_out.most_common()) or "nothing")


def read_folder(folder: Path, base: str, limits: Limits, *, without: frozenset[str] = frozenset()) -> FolderReading:
    """All pages of a folder under urls that begin with `base`, in the order of their paths.

    Elements of HTML with a class in `without` are left out.
    """
    reading = FolderReading()
    total = 0
    documents: dict[str, tuple[Document, str]] = {}
    for number, (path, inner) in enumerate(_files(folder, reading.left_out), start=1):
        if number > limits.files:
            raise UsageError(f"{folder} has more than {limits.files} files; give a smaller folder")
        suffix = path.suffix.casefold()
        size = path.stat().st_size
        if suffix not in READERS and suffix not in ROWS:
            reading.left_out[
                "archives, which are not opened: unpack them" if suffix in ARCHIVES else f"of kind {suffix or 'none'}"
            ] += 1
            continue
        if suffix in READERS and size > limits.file_bytes:
            reading.left_out[f"longer than {limits.file_bytes >> 20} MiB"] += 1
            continue
        total += size
        if total > limits.total_bytes:
            raise UsageError(
                f"{folder} has more than {limits.total_bytes >> 20} MiB of documents; give a smaller folder"
            )
        url = base + quote(inner.as_posix())
        if suffix in ROWS:
            documents |= dict(_rows(path, url, base, reading.left_out))
        elif document := _document(path, suffix, reading.left_out, without):
            documents[url] = (document, inner.name)
        if len(documents) > limits.pages:
            raise UsageError(f"{folder} has more than {limits.pages} pages; give a smaller folder")
    for url, (document, fallback) in documents.items():
        reading.pages[url] = Page(url, document.title or fallback, document.text, links_of(document, url, documents))
    return reading


def links_of(
    document: Document, url: str, known: "dict[str, tuple[Document, str]] | dict[str, Page]"
) -> tuple[Link, ...]:
    """The links that lead to another page of the corpus, each page once."""
    found: dict[str, str] = {}
    for words, target in document.links:
        try:
            absolute = urldefrag(urljoin(url, target)).url
        except ValueError:  # a malformed host, such as http://[
            continue
        if absolute != url and absolute in known:
            found.setdefault(absolute, words[:200])
    return tuple(Link(words, target) for target, words in found.items())


def _files(folder: Path, left_out: Counter[str]) -> Iterator[tuple[Path, PurePosixPath]]:
    """Plain files in the order of their paths; what is hidden is passed over, what leads out of the folder is counted."""
    root = folder.resolve()
    for place, folders, names in os.walk(root, followlinks=False):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            path = Path(place) / name
            if name.startswith("."):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                left_out["links that lead out of the folder"] += 1
            elif path.is_file():
                yield path, PurePosixPath(path.relative_to(root).as_posix())
            else:
                left_out["that are no plain files"] += 1


def _document(path: Path, suffix: str, left_out: Counter[str], without: frozenset[str]) -> Document | None:
    try:
        content = path.read_bytes()
    except OSError:
        left_out["unreadable"] += 1
        return None
    if binary(content):
        left_out[f"binaries named {suffix}"] += 1
        return None
    document = READERS[suffix](content, without)
    if not document.text.strip():
        left_out["without text"] += 1
        return None
    return document


def binary(content: bytes) -> bool:
    """Whether bytes are no text: NULs in them, but for UTF-16 with its mark."""
    return b"\0" in content[:65536] and not content.startswith((b"\xff\xfe", b"\xfe\xff"))


def _rows(path: Path, url: str, base: str, left_out: Counter[str]) -> Iterator[tuple[str, tuple[Document, str]]]:
    """The pages of a JSONL file. A page without a url of its own gets that of the file with the number of its line."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            row = _row(line)
            if row is None:
                left_out['lines of JSONL without a "text"'] += 1
                continue
            text = "\n".join(
                " ".join(part.split()) for part in NOT_TEXT.sub("", row["text"]).splitlines() if part.strip()
            )
            title = " ".join(str(row.get("title") or text.split("\n")[0][:100]).split())
            own = str(row.get("url") or "")
            place = own if URL.match(own) else base + quote(own.lstrip("/")) if own else f"{url}/{number}"
            yield place, (Document(NOT_TEXT.sub("", title), text), place)


def _row(line: bytes) -> dict[str, str] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    good = isinstance(row, dict) and isinstance(row.get("text"), str) and row["text"].strip()
    return row if good else None

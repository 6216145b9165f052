"""A user's own folder as a corpus, with what does not belong in it."""

import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from envgym.environments.web.corpus.folder import Limits, folder_corpus
from envgym.environments.web.corpus.shelf import open_corpus
from envgym.errors import UsageError


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_documents_of_all_kinds_become_pages_with_links(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "My Notes",
        {
            "index.html": '<title>Start</title><p>Go to <a href="sub/page.md">the page</a> or <a href="http://x.test/">out</a>.',
            "sub/page.md": "# The page\n\nBack to [start](../index.html#top) and [away](../../etc/passwd).",
            "sub/ä b.txt": "Title line\n\nText.",
            "rows.jsonl": '{"text": "One row.\\nTwo lines.", "title": "Row"}\n\n{"text": "Other", "url": "own/place"}\n',
        },
    )
    corpus = folder_corpus(folder)
    assert corpus.name == "my-notes"
    assert list(corpus.pages) == [
        "https://my-notes.test/index.html",
        "https://my-notes.test/rows.jsonl/1",
        "https://my-notes.test/own/place",
        "https://my-notes.test/sub/page.md",
        "https://my-notes.test/sub/%C3%A4%20b.txt",
    ]
    start, row, other, page, text = corpus.pages.values()
    assert [link.url for link in start.links] == [page.url]
    assert [link.url for link in page.links] == [start.url]
    assert (start.title, row.title, other.title, page.title, text.title) == (
        "Start",
        "Row",
        "Other",
        "The page",
        "Title line",
    )
    assert row.text == "One row.\nTwo lines."


def test_the_same_folder_gives_the_same_corpus(tmp_path: Path) -> None:
    write(tmp_path, {"b.txt": "b", "a.txt": "a", "c/a.txt": "c"})
    assert folder_corpus(tmp_path).sha256 == folder_corpus(tmp_path).sha256


def test_what_cannot_be_read_is_counted(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("zeros", bytes(10_000_000))
    write(
        tmp_path,
        {
            "good.txt": "good",
            "picture.png": b"\x89PNG\0",
            "bomb.zip": bomb.getvalue(),
            "binary.html": b"<p>\0\0\0</p>",
            "empty.html": "<script>x</script>",
            "long.txt": "x" * 2000,
            ".hidden.txt": "hidden",
            ".git/config.txt": "hidden",
            "bad.jsonl": '{"text": ""}\nnot json\n{"text": 3}\n[]\n' + "[" * 100_000 + "\n",
        },
    )
    corpus = folder_corpus(tmp_path, limits=Limits(file_bytes=1000))
    assert [page.text for page in corpus.pages.values()] == ["good"]
    for why in (
        "1 archives",
        "1 of kind .png",
        "1 binaries named .html",
        "1 without text",
        "5 lines of JSONL",
        "1 longer than",
    ):
        assert why in corpus.title


def test_links_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    folder = write(tmp_path / "docs", {"a.txt": "inside"})
    write(tmp_path, {"secret.txt": "SECRET", "far/b.txt": "SECRET"})
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "far").symlink_to(tmp_path / "far")
    (folder / "in.txt").symlink_to(folder / "a.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "dangling.txt").symlink_to(folder / "nothing.txt")
    os.mkfifo(folder / "pipe.txt")
    corpus = folder_corpus(folder)
    assert [page.text for page in corpus.pages.values()] == ["inside", "inside"]
    assert "1 links that lead out of the folder" in corpus.title


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(files=2), "more than 2 files"),
        (Limits(total_bytes=5), "of documents"),
        (Limits(pages=2), "more than 2 pages"),
    ],
)
def test_too_much_is_refused(tmp_path: Path, limits: Limits, said: str) -> None:
    write(tmp_path, {"a.txt": "aaaa", "b.txt": "bbbb", "c.txt": "cccc"})
    with pytest.raises(UsageError, match=said):
        folder_corpus(tmp_path, limits=limits)


@pytest.mark.parametrize(
    ("name", "said"), [("x.zip", "unpack it"), ("x.txt", "give the folder"), ("missing", "no such folder")]
)
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str, said: str) -> None:
    if name != "missing":
        write(tmp_path, {name: "x"})
    with pytest.raises(UsageError, match=said):
        folder_corpus(tmp_path / name)


def test_a_folder_without_documents_says_what_it_has(tmp_path: Path) -> None:
    write(tmp_path, {"a.png": "x", "b.png": "x"})
    with pytest.raises(UsageError, match=r"2 of kind \.png"):
        folder_corpus(tmp_path)


@pytest.mark.parametrize("target", ["http://[", "//", "javascript:alert(1)", "a" * 5000, "\\\\host", "?q=1", "#x"])
def test_odd_targets_are_no_links(tmp_path: Path, target: str) -> None:
    write(tmp_path, {"a.html": f'<p><a href="{target}">words</a>', "b.html": "<p>b"})
    assert folder_corpus(tmp_path).pages[f"https://{folder_corpus(tmp_path).name}.test/a.html"].links == ()


def test_a_url_of_a_row_is_its_own_only_if_it_is_one(tmp_path: Path) -> None:
    rows = [
        {"text": "a", "url": "https://x.test/a"},
        {"text": "b", "url": "file:///etc/passwd"},
        {"text": "c", "url": "x y"},
    ]
    write(tmp_path, {"r.ndjson": "\n".join(map(json.dumps, rows))})
    first, *others = folder_corpus(tmp_path).pages
    assert first == "https://x.test/a"
    assert all(url.startswith("https://") and ".test/" in url and " " not in url for url in others)


def test_a_folder_is_opened_once_per_process(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "a"})
    assert open_corpus(tmp_path) is open_corpus(str(tmp_path))

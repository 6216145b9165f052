"""`envgym serve retrieve`: a real server on loopback, spoken to as Search-R1's trainers speak to theirs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from envgym.environments.web.corpus.shelf import open_corpus
from envgym.environments.web.search.retriever import retriever
from envgym.errors import UnknownId, UsageError
from envgym.serve.listen import listen
from envgym.serve.retrieval_service import RetrievalService

pytest.importorskip("starlette", reason="pip install 'envgym[serve]'")
pytest.importorskip("uvicorn", reason="pip install 'envgym[serve]'")

ENVGYM = Path(sys.executable).with_name("envgym")


@contextmanager
def server(*options: str, token: str = "") -> Iterator[str]:
    """The address of a service over the bundled corpus."""
    env = {**os.environ, "ENVGYM_RETRIEVE_TOKEN": token}
    command = [str(ENVGYM), "serve", "retrieve", "--port=0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            yield json.loads(line)["url"]
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with server() as address:
        yield address


def post(url: str, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(f"{url}/retrieve", content=content, headers=headers, timeout=30.0, trust_env=False)


def as_their_trainer_reads(result: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Title and text of each passage: the first line of its contents, and the rest."""
    contents = [each["document"]["contents"].split("\n") for each in result]
    return [(lines[0], "\n".join(lines[1:])) for lines in contents]


def test_it_answers_as_the_retriever_of_search_r1_does(url: str) -> None:
    queries = ["Which rivers flow through Afghanistan?", "capital of Croatia", "zzzz"]
    answer = post(url, {"queries": queries, "topk": 4, "return_scores": True})
    assert answer.status_code == 200
    results = answer.json()["result"]
    assert [len(each) for each in results] == [4, 4, 0]
    assert all(
        set(each) == {"document", "score"} and set(each["document"]) == {"id", "contents"} for each in results[0]
    )
    passages = as_their_trainer_reads(results[1])
    assert passages[0][0] == '"Croatia"'
    assert any("Capital, name: Zagreb" in text for _, text in passages)
    scores = [each["score"] for each in results[1]]
    assert scores == sorted(scores, reverse=True)
    ids = [each["document"]["id"] for each in results[1]]
    assert len(set(ids)) == 4
    assert all(each.partition("#")[0] in open_corpus("atlas").pages for each in ids)


def test_without_scores_a_list_holds_the_documents(url: str) -> None:
    with_scores = post(url, {"queries": ["Zagreb"], "topk": 2, "return_scores": True}).json()["result"]
    without = post(url, {"queries": ["Zagreb"], "topk": 2}).json()["result"]
    assert without == [[each["document"] for each in with_scores[0]]]


@pytest.mark.parametrize("more", [{}, {"topk": None}, {"topk": 0}, {"another": "field"}])
def test_without_a_number_the_service_has_its_own(more: dict[str, Any], url: str) -> None:
    assert len(post(url, {"queries": ["river"], **more}).json()["result"][0]) == 3


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"{", 400, "no JSON"),
        ([], 400, "dictionary"),
        ({}, 400, "queries"),
        ({"queries": "river"}, 400, "queries"),
        ({"queries": [7]}, 400, "queries.0"),
        ({"queries": ["a" * 5000]}, 400, "queries.0"),
        ({"queries": ["a"] * 3000}, 400, "queries"),
        ({"queries": ["a"], "topk": 101}, 400, "topk"),
        ({"queries": ["a"], "topk": -1}, 400, "topk"),
        (b"[" * 100_000, 400, "no JSON"),
        (b" " * (5 << 20), 413, "larger"),
    ],
)
def test_a_bad_request_is_told(body: Any, status: int, told: str, url: str) -> None:
    answer = post(url, body)
    assert answer.status_code == status
    assert told in answer.json()["error"]["message"]
    assert post(url, {"queries": ["river"]}).status_code == 200


def test_queries_of_any_characters_are_answered(url: str) -> None:
    queries = ["\0", "\ud800", "🦘", "", "AND OR NOT (", "Zagreb\n\nCapital"]
    answer = post(url, {"queries": queries})
    assert [len(each) for each in answer.json()["result"]] == [0, 0, 0, 0, 0, 3]


def test_no_queries_are_no_error(url: str) -> None:
    assert post(url, {"queries": []}).json() == {"result": []}


def test_a_token_is_asked_for_where_one_is_set() -> None:
    with server(token="secret") as url:
        assert post(url, {"queries": ["river"]}).status_code == 401
        assert post(url, {"queries": ["river"]}, authorization="Bearer wrong").status_code == 401
        assert post(url, {"queries": ["river"]}, authorization="Bearer secret").status_code == 200
        assert httpx.get(f"{url}/health", trust_env=False).json() == {"status": "ok"}


def test_passages_are_as_long_as_asked_and_whole_pages_where_none_are_wanted() -> None:
    pages = open_corpus("atlas").pages
    short, whole = retriever("atlas", passage_chars=200), retriever("atlas", passage_chars=0)
    assert all(len(document["contents"]) < 250 for document, _ in short("river", 20))
    document, _ = whole("Zagreb", 1)[0]
    page = pages[document["id"].partition("#")[0]]
    assert document["contents"] == f'"{page.title}"\n{page.text}'


def test_a_service_that_cannot_be_is_refused() -> None:
    with pytest.raises(UnknownId, match="bm25"):
        retriever("atlas", engine="bm52")
    with pytest.raises(UnknownId, match="atlas"):
        retriever("atlass")
    with pytest.raises(UsageError, match="topk"):
        RetrievalService(retriever("atlas"), topk=0)
    with pytest.raises(UsageError, match="ENVGYM_RETRIEVE_TOKEN"):
        listen(
            RetrievalService(retriever("atlas")),
            host="0.0.0.0",
            port=0,
            ready=print,
            token_name="ENVGYM_RETRIEVE_TOKEN",
            lets="read the corpus",
        )


def test_the_command_tells_what_is_wrong_with_a_corpus() -> None:
    done = subprocess.run(
        [str(ENVGYM), "serve", "retrieve", "--corpus", "atlass"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "did you mean 'atlas'" in done.stderr

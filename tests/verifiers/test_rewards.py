"""The reward service, as a process of its own: what it lets in, how it fails, how it ends; and `remote` against it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.serve.reward_service import RewardService
from envgym.serve.rewards import serve
from envgym.testing import FakeLLM
from envgym.testing.fault import Fault, Kind
from envgym.verdict import Outcome, Verdict
from envgym.verifiers.answer import exact
from envgym.verifiers.json_service import Patience
from envgym.verifiers.judge import equivalence_judge, rubric_judge
from envgym.verifiers.judge_client import JudgeClient
from envgym.verifiers.judge_pair import PairJudge
from envgym.verifiers.remote import remote

pytest.importorskip("starlette", reason="pip install 'envgym[serve]'")
pytest.importorskip("uvicorn", reason="pip install 'envgym[serve]'")

ENVGYM = Path(sys.executable).with_name("envgym")
TOKEN = "a-token-of-mine"
QUICK = Patience(timeout_s=5.0, deadline_s=6.0, max_retries=0, backoff_s=0.001, failures_to_open=10_000)
OTHERS = """
import os, time
from pathlib import Path
from envgym.errors import UsageError, VerifierFailure
from envgym.verdict import Verdict

def slow(reply, gold, *, seconds=0.5):
    Path(gold["began"]).touch() if isinstance(gold, dict) else None
    time.sleep(seconds)
    return Verdict.of(1, code="slow.done")

def raises(reply, gold): raise ValueError("the gold is " + str(gold))
def leaves(reply, gold): raise SystemExit(3)
def fails(reply, gold): raise VerifierFailure("worker died")
def choosy(reply, gold, *, mode="a"):
    if mode not in ("a", "b"): raise UsageError(f"mode is {mode!r}; expected a or b")
    return Verdict.of(1)
def number(reply, gold): return 1.0
def down(reply, gold): return Verdict.infra_error("judge is down", code="judge.http_503")
def broken(reply, gold): return Verdict.task_invalid("no gold")
def quotes(reply, gold): return Verdict.of(0, reason=reply)
def parts(reply, gold): return Verdict.of(0.5, parts={"a": Verdict.of(1), "b": Verdict.infra_error("x")})
"""
NAMES = ["slow", "raises", "leaves", "fails", "choosy", "number", "down", "broken", "quotes", "parts"]


@contextmanager
def service(folder: Path, *options: str, token: str = TOKEN) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address and process of a service with the verifiers above; killed in the end where it still runs."""
    file = folder / "others.py"
    file.write_text(OTHERS)
    more = [f"--verifier=x.{name}={file}:{name}" for name in NAMES]
    command = [str(ENVGYM), "serve", "rewards", "--port=0", *more, *options]
    env = {**os.environ, "ENVGYM_REWARD_TOKEN": token}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            yield json.loads(line)["url"], process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    options = ["--deadline=1.5", "--concurrency=4", "--nova-verifier=exact"]
    with service(tmp_path_factory.mktemp("service"), *options) as (address, _):
        yield address


def post(url: str, body: Any, *, path: str = "/v1/verify", token: str = TOKEN) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.post(url + path, content=content, headers=headers, timeout=10.0, trust_env=False)


def question(verifier: str, reply: str = "Paris", gold: Any = "Paris", **options: Any) -> dict[str, Any]:
    return {"reply": reply, "gold": gold, "verifier": verifier, "options": options}


def sample(name: str = "1", reply: str = "Paris", **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Which city?"}, {"role": "assistant", "content": reply}]
    return {"id": name, "messages": messages, "reference_answer": "Paris", **more}


def test_a_verdict_over_http_is_the_one_given_here(url: str) -> None:
    for reply in ("Paris", "paris", "Rome", "", "<think>Paris", "\\boxed{Paris} \\boxed{Rome}", "\0", "\ud800"):
        with remote(url, verifier="exact", token=TOKEN, patience=QUICK) as verifier:
            assert verifier(reply, "Paris") == exact(reply, "Paris")
    with remote(url, verifier="exact", token=TOKEN, options={"casefold": True}, patience=QUICK) as verifier:
        assert verifier("PARIS", "Paris").passed


def test_a_nova_batch_is_scored_in_order(url: str) -> None:
    batch = [
        sample("a"),
        sample("b", "Rome"),
        sample("c", "PARIS", options={"casefold": True}),
        sample("d", verifier="x.parts"),
    ]
    answer = post(url, batch, path="/reward/nova")
    assert answer.status_code == 200
    assert [(each["id"], each["aggregate_reward_score"]) for each in answer.json()] == [
        ("a", 1.0),
        ("b", 0.0),
        ("c", 1.0),
        ("d", 0.5),
    ]
    assert answer.json()[3]["metrics_list"] == [{"name": "a", "value": 1.0, "type": "Metric"}]
    with remote(url + "/reward/nova", route="nova", token=TOKEN, patience=QUICK) as verifier:
        assert verifier("Paris", "Paris").passed
        assert verifier("Rome", "Paris").score == 0.0


def test_health_needs_no_token_and_tells_nothing_more(url: str) -> None:
    answer = httpx.get(url + "/health", trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "x", "Bearer"])
@pytest.mark.parametrize("path", ["/v1/verify", "/reward/nova"])
def test_without_the_token_nothing_is_verified(url: str, token: str, path: str) -> None:
    answer = post(url, question("exact"), token=token, path=path)
    assert answer.status_code == 401
    assert TOKEN not in answer.text


def test_a_token_that_is_not_ascii_is_wrong_and_no_error(url: str) -> None:
    headers = {b"authorization": "Bearer é".encode("latin-1")}
    assert httpx.post(url + "/v1/verify", headers=headers, trust_env=False).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b"\xff", 400, "not_json"),
        (b"[" * 100_000, 400, "not_json"),
        ([], 400, "bad_request"),
        ({}, 400, "bad_request"),
        ({**question("exact"), "more": 1}, 400, "bad_request"),
        ({**question("exact"), "reply": 7}, 400, "bad_request"),
        ({**question("exact"), "options": []}, 400, "bad_request"),
        (question("exakt"), 404, "unknown_verifier"),
        (question("os:system"), 404, "unknown_verifier"),
        (question("/tmp/evil.py:run"), 404, "unknown_verifier"),
        (question("exact", nonsense=1), 400, "options"),
        (question("x.choosy", mode="c"), 400, "options"),
        (question("exact", casefold="yes"), 400, "options"),
        (question("number", rel_tol=[1]), 400, "options"),
        (question("language"), 400, "options"),
        (question("code_tests", limits={"cpu_s": 1e9}), 400, "options"),
        (question("code_tests", limits=7), 400, "options"),
        (question("exact", reply="x" * (1 << 20)), 413, "too_large"),
        (question("x.raises"), 500, "verifier_raised"),
        (question("x.leaves"), 500, "verifier_raised"),
        (question("x.number"), 500, "no_verdict"),
        (question("x.fails"), 503, "verifier_failed"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_cannot_be_verified_is_an_error_status_and_no_score(url: str, body: Any, status: int, code: str) -> None:
    answer = post(url, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert "score" not in answer.text
    assert "the gold is" not in answer.text


@pytest.mark.parametrize(
    ("verifier", "options", "named"),
    [
        ("code_tests", {"limits": {"cpu_s": 5}}, "'limits'"),
        ("code_tests", {"limits": {"confined": False}}, "'limits'"),
        ("exact", {"casefold": "yes"}, "'casefold'"),
        ("length", {"words": "ab"}, "'words'"),
    ],
)
def test_an_option_that_is_not_for_a_request_or_of_another_type_is_named(
    url: str, verifier: str, options: dict[str, Any], named: str
) -> None:
    """What a program may use, and whether it is confined, is for the owner of the service."""
    refused = post(url, question(verifier, gold=[], **options))
    assert (refused.status_code, named in refused.json()["error"]["message"]) == (400, True)


def test_the_largest_body_is_an_option_of_the_command_line(tmp_path: Path) -> None:
    with service(tmp_path, "--max-body-mb=0.01") as (url, _):
        assert post(url, question("exact", reply="x" * 9_000)).status_code == 200
        assert post(url, question("exact", reply="x" * 11_000)).status_code == 413
    refused = subprocess.run(
        [str(ENVGYM), "serve", "rewards", "--port=0", "--max-body-mb=0"], capture_output=True, text=True, check=False
    )
    assert (refused.returncode, "--max-body-mb" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("batch", "status"),
    [
        ({}, 400),
        ([{}], 400),
        ([sample("a"), sample("a")], 400),
        ([{**sample(), "messages": []}], 400),
        ([{**sample(), "messages": [{"role": "user", "content": "Paris"}]}], 400),
        ([{**sample(), "messages": [{"role": "assistant", "content": None}]}], 400),
        ([sample(verifier="exakt")], 404),
        ([sample("a"), sample("b", verifier="x.down")], 503),
        ([sample("a"), sample("b", verifier="x.broken")], 422),
        ([sample("a"), sample("b", verifier="x.raises")], 500),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_nova_batch_with_one_sample_that_is_not_judged_has_no_score_at_all(url: str, batch: Any, status: int) -> None:
    answer = post(url, batch, path="/reward/nova")
    assert answer.status_code == status
    assert "aggregate_reward_score" not in answer.text


@settings(max_examples=50)
@given(st.text(st.characters()))
def test_any_reply_may_be_quoted_back(url: str, reply: str) -> None:
    answer = post(url, question("x.quotes", reply))
    assert Verdict.model_validate(answer.json()).score == 0.0


def test_a_verifier_past_the_deadline_is_an_error_and_keeps_its_place(tmp_path: Path) -> None:
    with service(tmp_path, "--deadline=0.3", "--concurrency=1") as (url, _):
        start = time.monotonic()
        late = post(url, question("x.slow", seconds=1.5))
        assert (late.status_code, late.json()["error"]["code"]) == (504, "deadline")
        assert time.monotonic() - start < 1.2
        full = post(url, question("exact"))
        assert (full.status_code, full.headers["retry-after"]) == (429, "1")
        time.sleep(max(0.0, start + 1.8 - time.monotonic()))
        assert post(url, question("exact")).status_code == 200


def test_a_body_that_never_ends_is_cut_at_the_deadline(tmp_path: Path) -> None:
    with service(tmp_path, "--deadline=0.3") as (url, _):
        with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=5.0) as connection:
            head = (
                f"POST /v1/verify HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 100\r\n\r\n{{"
            )
            connection.sendall(head.encode())
            assert b" 504 " in connection.recv(100)


def test_what_is_too_much_at_once_is_refused_and_a_patient_client_gets_all(tmp_path: Path) -> None:
    with service(tmp_path, "--concurrency=2") as (url, _):
        with ThreadPoolExecutor(8) as pool:
            statuses = [each.status_code for each in pool.map(lambda _: post(url, question("x.slow")), range(8))]
        assert set(statuses) == {200, 429}
        patience = Patience(timeout_s=5.0, deadline_s=20.0, max_retries=20, backoff_s=0.05)
        with remote(url, verifier="x.slow", options={"seconds": 0.1}, token=TOKEN, patience=patience) as verifier:
            with ThreadPoolExecutor(4) as pool:
                assert all(each.passed for each in pool.map(lambda _: verifier("x", "y"), range(4)))


def wait_for(file: Path) -> None:
    for _ in range(500):
        if file.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{file} never came")


def test_a_service_that_is_killed_in_the_middle_is_no_number(tmp_path: Path) -> None:
    began = tmp_path / "began"
    with service(tmp_path) as (url, process):
        with remote(url, verifier="x.slow", options={"seconds": 20}, token=TOKEN, patience=QUICK) as verifier:
            with ThreadPoolExecutor(1) as pool:
                verdict = pool.submit(verifier, "x", {"began": str(began)})
                wait_for(began)
                process.send_signal(signal.SIGKILL)
                killed = verdict.result(timeout=10)
            process.wait()
            after = verifier("x", "y")
    assert (killed.outcome, killed.score, killed.code) == (Outcome.INFRA_ERROR, None, "remote.dropped")
    assert (after.outcome, after.score, after.code) == (Outcome.INFRA_ERROR, None, "remote.unreachable")


def test_a_service_that_is_told_to_stop_finishes_what_it_began(tmp_path: Path) -> None:
    began = tmp_path / "began"
    with service(tmp_path) as (url, process):
        with remote(url, verifier="x.slow", options={"seconds": 1.0}, token=TOKEN, patience=QUICK) as verifier:
            with ThreadPoolExecutor(1) as pool:
                verdict = pool.submit(verifier, "x", {"began": str(began)})
                wait_for(began)
                process.send_signal(signal.SIGTERM)
                assert verdict.result(timeout=10).passed
            assert process.wait(timeout=10) in (0, -signal.SIGTERM)
            assert verifier("x", "y").code == "remote.unreachable"


def test_a_hanging_verifier_does_not_keep_a_stopped_service_alive(tmp_path: Path) -> None:
    began = tmp_path / "began"
    with service(tmp_path, "--deadline=0.3") as (url, process):
        assert post(url, question("x.slow", gold={"began": str(began)}, seconds=60)).status_code == 504
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: RewardService(only=["exakt"]),
        lambda: RewardService(nova_verifier="exakt"),
        lambda: RewardService(deadline_s=0),
        lambda: RewardService(concurrency=0),
        lambda: serve(RewardService(), host="0.0.0.0"),
    ],
)
def test_a_service_that_cannot_be_is_told_at_once(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()


def numbers_in(value: Any) -> list[float]:
    """Every number anywhere in a verdict, but for what it cost."""
    if isinstance(value, dict):
        return [number for name, inner in value.items() if name != "cost" for number in numbers_in(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers_in(inner)]
    return [value] if isinstance(value, int | float) else []


OUTAGES: list[tuple[Kind, dict[str, Any]]] = [
    ("status", {"status": 429}),
    ("status", {"status": 500}),
    ("status", {"status": 503}),
    ("status", {"status": 401}),
    ("hang", {}),
    ("dropped", {}),
    ("truncated", {}),
    ("body", {}),
    ("body", {"text": "1.0"}),
    ("body", {"text": '{"score": 1.0}'}),
    ("body", {"text": '{"choices": [{"message": {"content": "Everything is met: 1.0"}}]}'}),
    ("body", {"text": '{"choices": [{"message": {"content": "{\\"score\\": 1.0}"}}]}'}),
]


@pytest.mark.parametrize(("kind", "more"), OUTAGES, ids=[f"{kind}-{more}" for kind, more in OUTAGES])
def test_an_outage_of_the_judge_or_of_the_service_is_a_number_nowhere(kind: Kind, more: dict[str, Any]) -> None:
    patience = Patience(timeout_s=0.2, deadline_s=1.0, max_retries=1, backoff_s=0.001, failures_to_open=2)
    with FakeLLM(faults=[Fault(kind, share=1.0, **more)]) as server:
        with JudgeClient("fake", server.base_url, patience=patience) as client:
            judges = [rubric_judge([{"id": "a", "text": "b"}], client), equivalence_judge(client), PairJudge(client)]
            remotes = [
                remote(server.base_url + "/chat/completions", route="nova", patience=patience),
                remote(server.base_url, verifier="exact", patience=patience),
            ]
            for verifier in [*judges, *judges, *remotes, *remotes]:
                verdict = verifier("Paris", "Rome")
                assert verdict.outcome is Outcome.INFRA_ERROR
                assert verdict.code.startswith(("judge.", "remote."))
                assert numbers_in(verdict.model_dump(mode="json")) == []
            for each in remotes:
                each.close()

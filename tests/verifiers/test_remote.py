"""A verifier behind HTTP: what a service may answer, and that anything else is no number."""

import json
import time
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.testing.http_exchange import Exchange
from envgym.testing.http_server import HttpServer
from envgym.verdict import Outcome, Verdict, Verifier
from envgym.verifiers.answer import exact
from envgym.verifiers.form import think_answer
from envgym.verifiers.json_service import Patience
from envgym.verifiers.remote import Remote, native_verdict, nova_verdict, remote

QUICK = Patience(timeout_s=1.0, deadline_s=2.0, max_retries=1, backoff_s=0.001, failures_to_open=1000)
PASS = Verdict.of(1, code="x.equal", reason="so it is").model_dump(mode="json")


class Service(HttpServer):
    """Answers every request with one status and body, and keeps what it was asked."""

    def __init__(self, body: Any, status: int = 200) -> None:
        super().__init__()
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.asked: list[tuple[str, Any, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, exchange: Exchange) -> None:
        body = json.loads(exchange.body)
        self.asked.append((exchange.path, body, exchange.headers.get("authorization", "")))
        whole = self.body
        if isinstance(body, list):
            whole = whole.replace(b"ITS-ID", body[0]["id"].encode())
        exchange.send(self.status, whole)


def asked(service: Service, route: Literal["native", "nova"] = "native", **more: Any) -> Verdict:
    with remote(service.url, route=route, patience=QUICK, verifier="exact", **more) as verifier:
        assert isinstance(verifier, Verifier)
        return verifier("Paris", "Paris")


def test_a_verdict_comes_through_as_it_is() -> None:
    whole = Verdict.of(0.5, code="x", parts={"a": Verdict.of(1), "b": Verdict.infra_error("down")})
    for given_verdict in (
        Verdict.of(1),
        whole,
        Verdict.task_invalid("no gold"),
        Verdict.infra_error("down", code="j.x"),
    ):
        with Service(given_verdict.model_dump(mode="json")) as service:
            assert asked(service) == given_verdict


def test_the_question_holds_all_and_the_token_goes_in_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVGYM_REWARD_TOKEN", "a-token-of-mine")
    with Service(PASS) as service:
        asked(service, options={"casefold": True})
        wanted = {"reply": "Paris", "gold": "Paris", "verifier": "exact", "options": {"casefold": True}}
        assert service.asked == [("/v1/verify", wanted, "Bearer a-token-of-mine")]


BAD_NATIVE: list[Any] = [
    b"",
    b"<html>502</html>",
    b"1",
    b"1.0",
    b"null",
    b"[]",
    b"{}",
    b'{"score": 1.0}',
    b'{"outcome": "pass", "score": NaN}',
    b'{"outcome": "fail", "outcome": "pass", "score": 1.0}',
    b"[" * 100_000,
    b'{"outcome": "pass"}',
    {"outcome": "pass", "score": 1.5},
    {"outcome": "partial", "score": -0.5},
    {"outcome": "pass", "score": True},
    {"outcome": "pass", "score": "1.0"},
    {"outcome": "pass", "score": None},
    {"outcome": "fail", "score": 1.0},
    {"outcome": "infra_error", "score": 0.0},
    {"outcome": "great", "score": 1.0},
    {**PASS, "bonus": 1},
    {**PASS, "parts": {"a": {"outcome": "pass", "score": 7}}},
]


@pytest.mark.parametrize("body", BAD_NATIVE, ids=lambda body: str(body)[:40])
def test_an_answer_that_is_no_verdict_is_no_number(body: Any) -> None:
    with Service(body) as service:
        verdict = asked(service)
    assert (verdict.outcome, verdict.score, verdict.parts) == (Outcome.INFRA_ERROR, None, {})
    assert verdict.code in ("remote.bad_verdict", "remote.not_json")


@pytest.mark.parametrize("status", [201, 204, 301, 400, 401, 404, 413, 422, 429, 500, 503])
def test_a_status_other_than_200_is_no_number_whatever_the_body_says(status: int) -> None:
    with Service(PASS if status != 204 else b"", status) as service:
        verdict = asked(service)
    assert (verdict.outcome, verdict.code) == (Outcome.INFRA_ERROR, f"remote.http_{status}")
    assert len(service.asked) == (2 if status in (429, 500, 503) else 1)


def test_the_nova_form_is_asked_and_read() -> None:
    metrics = [{"name": "length", "value": 12, "type": "Metric"}]
    with Service([{"id": "ITS-ID", "aggregate_reward_score": 0.25, "metrics_list": metrics}]) as service:
        verdict = asked(service, "nova")
        [(path, [sample], _)] = service.asked
    assert (verdict.score, verdict.code, path) == (0.25, "remote.scored", "/")
    assert verdict.evidence[0].data == {"name": "length", "value": 12.0, "type": "Metric"}
    assert sample["messages"] == [{"role": "assistant", "content": "Paris"}]
    assert sample["reference_answer"] == "Paris"


def test_a_gold_with_messages_gives_the_nova_form_its_conversation() -> None:
    conversation = [{"role": "user", "content": "Which city?"}]
    with Service([{"id": "ITS-ID", "aggregate_reward_score": 1}]) as service:
        with remote(service.url + "/reward", route="nova", patience=QUICK) as verifier:
            assert verifier("Paris", {"messages": conversation, "reference_answer": {"city": "Paris"}}).passed
        [(path, [sample], _)] = service.asked
    assert (path, sample["messages"][0], sample["reference_answer"]) == ("/reward", conversation[0], {"city": "Paris"})


GOOD_NOVA = {"id": "ITS-ID", "aggregate_reward_score": 1.0, "metrics_list": []}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"1", "bad_batch"),
        (GOOD_NOVA, "bad_batch"),
        ([], "bad_batch"),
        ([GOOD_NOVA, GOOD_NOVA], "bad_batch"),
        ([1.0], "bad_score"),
        ([{**GOOD_NOVA, "aggregate_reward_score": None}], "bad_score"),
        ([{**GOOD_NOVA, "aggregate_reward_score": "1.0"}], "bad_score"),
        ([{**GOOD_NOVA, "aggregate_reward_score": True}], "bad_score"),
        ([{"aggregate_reward_score": 1.0}], "bad_score"),
        ([{"id": "ITS-ID"}], "bad_score"),
        ([{**GOOD_NOVA, "metrics_list": [1]}], "bad_score"),
        ([{**GOOD_NOVA, "id": "another"}], "wrong_id"),
        ([{**GOOD_NOVA, "aggregate_reward_score": 1.01}], "score_out_of_range"),
        ([{**GOOD_NOVA, "aggregate_reward_score": -1}], "score_out_of_range"),
        (b'[{"id": "ITS-ID", "aggregate_reward_score": Infinity}]', "not_json"),
    ],
)
def test_a_nova_answer_that_is_none_is_no_number(body: Any, code: str) -> None:
    with Service(body) as service:
        verdict = asked(service, "nova")
    assert (verdict.outcome, verdict.score, verdict.code) == (Outcome.INFRA_ERROR, None, f"remote.{code}")


def test_a_reply_too_long_to_send_fails_unsent_because_it_is_the_policys_doing() -> None:
    with Service(PASS) as service, remote(service.url, verifier="exact", patience=QUICK) as verifier:
        start = time.monotonic()
        assert verifier("x" * 2_000_000, "x").code == "remote.too_long"
        assert verifier("\0" * 100_000, "x").code == "remote.too_long"
        assert (service.asked, time.monotonic() - start < 1.0) == ([], True)
        assert verifier("\ud800 \0", "x").passed


@pytest.mark.parametrize("gold", [float("nan"), {1, 2}, b"x", object()])
def test_a_gold_that_is_no_json_makes_the_task_invalid(gold: Any) -> None:
    with remote("http://127.0.0.1:1", verifier="exact") as verifier:
        assert verifier("x", gold).outcome is Outcome.TASK_INVALID


@pytest.mark.parametrize(
    "more",
    [
        {"url": "somewhere", "verifier": "x"},
        {"url": "http://me:pw@host", "verifier": "x"},
        {"url": "http://h"},
        {"url": "http://h", "route": "other"},
        {"url": "http://h", "verifier": "x", "options": {"a": {1}}},
    ],
)
def test_what_cannot_be_asked_is_told_at_once(more: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        remote(**more)


def test_a_remote_verifier_is_a_check_that_combines_and_is_closed_as_itself() -> None:
    with Service(PASS) as service, remote(service.url, verifier="exact", patience=QUICK) as verifier:
        both = verifier & exact & think_answer
        assert both.needs == ("gold", "network")
        assert set((verifier & exact)("Paris", "Paris").parts) == {"exact", "exact_2"}
        assert (verifier.named("there") | exact)("Paris", "Paris").parts["there"].code == "x.equal"
        with pytest.raises(UsageError, match="no options"):
            verifier.with_options(casefold=True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*PASS, *GOOD_NOVA]), inner),
)


@given(JSON)
def test_any_json_is_a_verdict_or_no_number(value: Any) -> None:
    for verdict in (native_verdict(value), nova_verdict(value, "7"), nova_verdict([value], "7")):
        assert verdict.score is None or isinstance(value, dict)


def test_a_remote_shows_no_token() -> None:
    with remote("http://127.0.0.1:1", verifier="exact", token="a-token-of-mine") as verifier:
        assert isinstance(verifier, Remote)
        assert "a-token" not in f"{verifier!r} {vars(verifier)} {vars(verifier._service)}"

"""What a status and its text mean, and how long to wait before asking again: pure functions of what the server said."""

from typing import Any

import pytest

from envgym.errors import UsageError
from envgym.policy.backoff import asked_pause_s, pause_s
from envgym.policy.chat_refusal import ContextFull, Refusal, Refused, TryAgain, told


def meaning(
    status: int, text: str, *, sent: tuple[str, ...] = ("messages", "max_tokens", "seed"), answered: bool = False
) -> Any:
    return Refusal(status, {}, text, "http://a.b/v1").error(sent, answered=answered)


def test_overfull_contexts_are_recognised_in_the_words_of_many_servers() -> None:
    for text in (
        "This model's maximum context length is 32768 tokens. However, you requested 41648 tokens",
        "The input (61709 tokens) is longer than the model's context length (40960 tokens).",
        "the request exceeds the available context size. try increasing the context size (exceed_context_size_error)",
        "too long (context_length_exceeded)",
        "prompt is too long: 210000 tokens > 200000 maximum",
    ):
        assert isinstance(meaning(400, text), ContextFull), text
        assert isinstance(meaning(500, text), TryAgain), text
        assert isinstance(meaning(403, text), UsageError), text


def test_newer_models_get_their_limit_under_its_newer_name() -> None:
    text = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    error = meaning(400, text)
    assert isinstance(error, Refused)
    assert error.field == "max_tokens"
    large = "max_tokens is too large: 200000. This model supports at most 16384 completion tokens"
    assert isinstance(meaning(400, large), UsageError)


def test_a_refused_field_must_have_been_sent_and_be_named_as_a_word() -> None:
    assert isinstance(meaning(422, "body.seed: Extra inputs are not permitted"), Refused)
    assert isinstance(meaning(403, "You are not allowed to request logprobs", sent=("logprobs",)), Refused)
    assert isinstance(meaning(400, "body.seed: no", sent=("messages",)), UsageError)
    assert isinstance(meaning(400, "proceeds and seeds"), UsageError)


def test_an_empty_account_is_not_asked_again() -> None:
    assert isinstance(meaning(429, "You exceeded your current quota (insufficient_quota)"), UsageError)
    assert isinstance(meaning(429, "Rate limit reached"), TryAgain)


def test_a_redirect_is_told() -> None:
    error = Refusal(307, {"location": "https://a.b/v1"}, "", "http://a.b/v1").error((), answered=False)
    assert isinstance(error, UsageError)
    assert "redirects to 'https://a.b/v1'" in str(error)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": {"message": "no", "code": "c"}}', "no (c)"),
        (b'{"error": "plain"}', "plain"),
        (b'{"object": "error", "message": "no", "code": 400}', "no"),
        (b'{"detail": [{"loc": ["body", "seed"]}]}', "[{'loc': ['body', 'seed']}]"),
        (b"<html>\n  Bad   Gateway</html>", "<html> Bad Gateway</html>"),
        (b"", "(no text)"),
        (b"\xff\xfe", "��"),
        (b"[1]", "[1]"),
    ],
)
def test_errors_are_read_in_every_form(body: bytes, text: str) -> None:
    assert told(body) == text


def test_pauses_double_up_to_a_limit_and_repeat_for_the_same_seed() -> None:
    for attempt in range(12):
        whole = min(20.0, 0.5 * 2**attempt)
        pauses = [pause_s(attempt, seed, first_s=0.5, longest_s=20.0) for seed in range(200)]
        assert pauses == [pause_s(attempt, seed, first_s=0.5, longest_s=20.0) for seed in range(200)]
        assert whole / 2 <= min(pauses) < whole * 0.55
        assert whole * 0.95 < max(pauses) <= whole


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "2", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
    ],
)
def test_the_pause_that_a_server_asks_for_is_read_or_ignored(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_pause_s(headers) == seconds

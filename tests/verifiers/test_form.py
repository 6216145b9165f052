"""The form of a reply: tags, language, repetition, length."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envgym.errors import UsageError
from envgym.verdict import Outcome
from envgym.verifiers.form import LANGUAGES, language, length, repeated, repetition, think_answer

ENVGYM = Path(sys.executable).with_name("envgym")
GOOD = "<think>2 + 2 is 4</think>\n<answer>4</answer>"


@pytest.mark.parametrize("reply", [GOOD, f"\n{GOOD}  ", "<think>a < b > c</think><answer><b>4</b></answer>"])
def test_sections_once_in_order_and_closed_pass(reply: str) -> None:
    assert think_answer(reply).code == "form.tags"
    assert think_answer(reply, "5", sections=["think", "answer"]).passed


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "form.tag_missing"),
        ("4", "form.tag_missing"),
        ("<think>2", "form.tag_missing"),
        ("<think>a</think>4", "form.tag_missing"),
        ("<think>a</think><answer>4", "form.tag_missing"),
        ("<Think>a</Think><answer>4</answer>", "form.tag_missing"),
        (GOOD + GOOD, "form.tag_twice"),
        (GOOD + "<answer>5</answer>", "form.tag_twice"),
        ("<answer>4</answer><think>a</think>", "form.outside"),
        ("<think>a<answer>4</answer></think>", "form.tag_order"),
        ("</think>a<think><answer>4</answer>", "form.tag_order"),
        ("so " + GOOD, "form.outside"),
        (GOOD + " done", "form.outside"),
        ("<think>a</think> so <answer>4</answer>", "form.outside"),
        ("<think> </think><answer>4</answer>", "form.tag_empty"),
        ("<think>a</think><answer>\n</answer>", "form.tag_empty"),
        ("<think>" * 140_000, "form.tag_twice"),
    ],
)
def test_any_other_form_is_malformed_and_says_why(reply: str, code: str) -> None:
    verdict = think_answer(reply)
    assert (verdict.outcome, verdict.code) in [(Outcome.MALFORMED, code), (Outcome.MALFORMED, "form.tag_order")]
    assert verdict.score == 0.0


def test_the_prompt_may_have_opened_the_first_section() -> None:
    assert think_answer(GOOD.removeprefix("<think>"), None, opened=True).passed
    assert think_answer(GOOD, None, opened=True).code == "form.tag_twice"


def test_other_sections_can_be_asked_for() -> None:
    assert think_answer("<plan>x</plan><code>y</code><test>z</test>", sections=["plan", "code", "test"]).passed
    for sections in ("think", [], [""], ["a b"], [3], None, 5):
        with pytest.raises(UsageError, match="sections"):
            think_answer(GOOD, sections=sections)  # type: ignore[arg-type]


TEXTS = {
    "en": [
        "The capital of France is Paris.",
        "First we add the two numbers and then we divide the sum by three.",
        "Yes, it is.",
    ],
    "de": [
        "Die Hauptstadt von Frankreich ist Paris.",
        "Zuerst addieren wir die beiden Zahlen und teilen dann die Summe durch drei.",
    ],
    "fr": [
        "La capitale de la France est Paris.",
        "D’abord, nous additionnons les deux nombres, puis nous divisons la somme par trois.",
    ],
    "es": ["La capital de Francia es París.", "Primero sumamos los dos números y luego dividimos la suma por tres."],
    "zh": ["法国的首都是巴黎。", "首先把两个数相加，然后除以三，得到 $x=3$。"],
    "ja": ["フランスの首都はパリです。", "まず二つの数を足して、それから三で割ります。"],
    "ru": ["Столица Франции — Париж.", "Сначала сложим два числа, а затем разделим сумму на три."],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
def test_a_sentence_is_in_its_language_and_in_no_other(name: str, text: str) -> None:
    assert [each for each in LANGUAGES if language(text, language=each).passed] == [name]
    assert language(
        f"# 1\n**{text}**\n\n```python\nfor the_item in of_this: pass\n```\nhttps://example.org/the/and",
        language=name,
    ).passed
    assert language(f"<think>{TEXTS['en'][1] * 3}</think>{text}", language=name).passed


@pytest.mark.parametrize(
    "text",
    [
        "La capitale della Francia è Parigi e non è Roma.",
        "A capital da França é Paris e não Lisboa.",
        "De hoofdstad van Frankrijk is Parijs en niet Rome.",
        "Столиця України — Київ, і це їхнє місто.",
        "Η πρωτεύουσα της Γαλλίας είναι το Παρίσι.",
        "عاصمة فرنسا هي باريس.",
        "프랑스의 수도는 파리입니다.",
    ],
)
def test_a_language_that_cannot_be_asked_for_is_none_of_them(text: str) -> None:
    assert all(language(text, language=name).score == 0.0 for name in LANGUAGES)


@pytest.mark.parametrize("text", ["", "42", "$x = 4$", "```\nthe code\n```", "Paris", "!!", "xqz vrt"])
def test_a_text_too_short_to_tell_is_unclear(text: str) -> None:
    assert {language(text, language=name).code for name in LANGUAGES} == {"form.language_unclear"}


def test_a_mixture_is_only_partly_in_a_language() -> None:
    mixture = TEXTS["en"][1] * 2 + TEXTS["zh"][0] * 8
    verdict = language(mixture, language="en")
    assert (verdict.code, verdict.score) == ("form.other_language", 0.0)
    assert set(verdict.evidence[0].data) == {"en", "zh"}
    assert language(mixture, language="en", share=0.3).passed
    assert language(f"<think>{TEXTS['zh'][0] * 9}</think>{TEXTS['en'][1]}", language="en", thinking=True).score == 0.0
    assert language("<think>The end", language="en").code == "answer.none"


@pytest.mark.parametrize("options", [{}, {"language": "tlh"}, {"language": ["en"]}, {"language": "en", "share": 0}])
def test_an_unknown_language_and_a_wrong_share_are_told(options: Any) -> None:
    with pytest.raises(UsageError):
        language("x", "en", **options)


def test_repetition_is_the_share_of_ngrams_that_repeat() -> None:
    assert repeated("a b a b a b", 2) == (1 - 2 / 5, "a b", 3)
    assert repeated("a b c", 4) == (0.0, "", 0)
    assert repeated("今天今天今天", 2)[0] == pytest.approx(1 - 2 / 5)


def test_a_loop_fails_and_prose_passes() -> None:
    prose = " ".join(f"word{n} and then number {n * n % 97}" for n in range(300))
    assert repetition(prose).passed
    verdict = repetition(prose + " wait, let me check this again once more please" * 100)
    assert (verdict.code, verdict.score) == ("form.repetition", 0.0)
    assert verdict.evidence[0].data["times"] >= 99
    assert "check this again" in verdict.evidence[0].text
    assert repetition("").passed
    assert repetition("no no", most=0, n=1).score == 0.0


def test_a_share_or_an_n_without_sense_is_told() -> None:
    for most in (-0.1, 1, "x", True, float("nan")):
        with pytest.raises(UsageError, match="most"):
            repetition("x", most=most)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="n-grams"):
        repetition("x", n=0)


@pytest.mark.parametrize(
    ("reply", "bounds", "code"),
    [
        ("one two three", {"words": [3, 3]}, "form.length"),
        ("one two", {"words": [3, None]}, "form.too_short"),
        ("one two three four", {"words": [None, 3]}, "form.too_long"),
        ("it's well-known", {"words": [2, 2]}, "form.length"),
        ("今天天气", {"words": [4, 4]}, "form.length"),
        ("<think>a b c d e</think> one two ", {"words": [2, 2], "characters": [7, 7]}, "form.length"),
        ("abc", {"characters": [4, None]}, "form.too_short"),
        ("", {"words": [1, None]}, "form.too_short"),
        ("", {"words": [0, 5]}, "form.length"),
        ("<think>a b", {"words": [0, 5]}, "answer.none"),
        ("a" * 1_000_000, {"characters": [None, 10]}, "form.too_long"),
    ],
)
def test_length_is_within_its_bounds(reply: str, bounds: Any, code: str) -> None:
    verdict = length(reply, **bounds)
    assert verdict.code == code
    assert verdict.passed == (code == "form.length")


@pytest.mark.parametrize(
    "bounds",
    [{}, {"words": 3}, {"words": "12"}, {"words": [3, 2]}, {"words": [None, None]}, {"words": [-1, 2]}, {"words": [1]}],
)
def test_bounds_without_sense_are_told(bounds: Any) -> None:
    with pytest.raises(UsageError):
        length("x", {"words": [0, 1]}, **bounds)


def test_lines_of_answers_need_no_gold_and_carry_their_options() -> None:
    lines = [
        {"answer": GOOD},
        {"answer": "<plan>x</plan>", "sections": ["plan"]},
        {"answer": GOOD, "gold": ["plan"]},
        {"answer": GOOD, "sections": "plan"},
    ]
    done = subprocess.run(
        [str(ENVGYM), "verify", "answers", "--verifier", "think_answer"],
        input="\n".join(map(json.dumps, lines)), capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["score"] for each in verdicts] == [1.0, 1.0, 1.0, None]
    assert verdicts[3]["code"] == "line.options"


@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_reply_gets_a_score_that_can_be_written(reply: str) -> None:
    for verdict in (
        think_answer(reply),
        language(reply, language="en"),
        language(reply + " the end of the day", language="de"),
        repetition(reply * 3, most=0, n=1),
        length(reply, words=[1, 9], characters=[None, 99]),
    ):
        assert verdict.score is not None
        assert verdict.model_dump_json()


@pytest.mark.parametrize(
    "piece", ["<think>", "a ", "`", "```", "$", "$$\n", "今", "'", "the-", "https://", "<a", "\\", "\ud800", "a'"]
)
def test_a_megabyte_costs_less_than_two_seconds(piece: str) -> None:
    reply = piece * (1_000_000 // len(piece))
    start = time.process_time()
    think_answer(reply)
    language(reply, language="en")
    repetition(reply)
    length(reply, words=[1, 9])
    assert time.process_time() - start < 2.0

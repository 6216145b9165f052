"""Which arguments of a combination reach which of its parts: the gold goes to those that need it, options to those that know them."""

from functools import partial
from typing import Any

import pytest

from envgym.errors import UsageError
from envgym.serve.options import check_options
from envgym.verdict import Outcome, Verdict
from envgym.verifiers.answer import exact, number
from envgym.verifiers.check import Check, verifier
from envgym.verifiers.combine import (
    all_of,
    cached,
    first,
    format_weighted,
    gate,
    hack_gate,
    negate,
    threshold,
    weighted,
)
from envgym.verifiers.form import language, length, repetition, think_answer
from envgym.verifiers.hack import hack_check

GOOD = "<think>It is six times seven.</think><answer>42</answer>"
ENGLISH = "The answer to it is what you get when you multiply six by seven, and that is:\n\nAnswer: 42"
TESTED = "I ran the tests. \\boxed{42}"


@pytest.mark.parametrize(
    ("check", "reply", "score"),
    [
        (format_weighted(exact, think_answer), GOOD, 1.0),
        (format_weighted(exact, think_answer), "42", 1 / 1.2),
        (weighted({exact: 1, repetition: 0.2}), "42", 1.0),
        (gate(language.with_options(language="en"), then=number), ENGLISH, 1.0),
        (gate(language.with_options(language="de"), then=number), ENGLISH, 0.0),
        (gate(length.with_options(words=(None, 5)), then=exact), "42", 1.0),
        (length.with_options(words=(1, 2)) & exact & hack_check & think_answer, "42", 0.0),
        (first(number, exact) & repetition.with_options(most=0.5, n=2), "42", 1.0),
        (gate(partial(language, language="en"), then=number), ENGLISH, 1.0),
        (threshold(negate(think_answer), 0.5) & exact, "42", 0.0),
        (cached(think_answer) | exact, "42", 1.0),
    ],
)
def test_a_check_of_form_beside_one_of_the_answer_takes_no_gold_for_its_settings(
    check: Check[...], reply: str, score: float
) -> None:
    assert check(reply, "42").score == pytest.approx(score)


def test_an_option_reaches_the_parts_that_know_it_and_no_others() -> None:
    whole = hack_gate(hack_check, exact)
    assert whole(TESTED, "42", messages=[]).outcome is Outcome.HACK
    assert whole(TESTED, "42").passed
    assert all_of(hack_check, exact, number)("THE", "the", casefold=True, rel_tol=1).parts["exact"].passed
    assert gate(language, then=exact)("Il est ici", "x", language="en").parts["language"].code == "form.other_language"


def test_nested_combinations_hand_options_on() -> None:
    whole = threshold(cached(all_of(hack_gate(hack_check, number), length)), 1.0)
    assert whole("41", "42", rel_tol=0.1, words=(1, 1)).passed
    assert not whole("41", "42", words=(1, 1)).passed


def test_an_option_that_no_part_knows_is_told() -> None:
    with pytest.raises(UsageError, match="did you mean 'casefold'"):
        (exact & think_answer)("x", "x", casefolds=True)
    with pytest.raises(UsageError, match="takes options"):
        (exact.with_options(casefold=True) & exact.with_options(casefold=False))("x", "x", casefold=True)
    with pytest.raises(UsageError, match=r"give one of en, de"):
        (exact & language)("x", "x")


def test_settled_options_are_not_taken_from_the_call() -> None:
    english = language.with_options(language="en")
    german = language.with_options(language="de").named("german")
    assert {name: part.score for name, part in all_of(english, german)(ENGLISH, "").parts.items()} == {
        "language": 1.0,
        "german": 0.0,
    }
    assert (english.needs, english.name, english.about) == ((), "language", language.about)
    with pytest.raises(TypeError):
        english(ENGLISH, "", language="de")
    assert english(ENGLISH, "", share=1.0).passed


@pytest.mark.parametrize("options", [{"langauge": "en"}, {"gold": "en"}, {"reply": "x"}])
def test_an_option_that_there_is_not_cannot_be_settled(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        language.with_options(**options)


def test_a_plain_function_gets_the_gold_and_the_options_that_it_names() -> None:
    def shorter(reply: str, gold: str, most: int = 3) -> Verdict:
        return Verdict.of(float(len(reply) <= most and gold == "g"))

    def everything(reply: str, gold: str, **options: Any) -> Verdict:
        return Verdict.of(float(options == {"most": 9, "other": 1}))

    def polite(reply: str) -> Verdict:
        return Verdict.of(float("please" in reply))

    def needs_size(reply: str, gold: str, *, size: int) -> Verdict:
        return Verdict.of(float(len(reply) == size))

    whole = all_of(shorter, everything, polite, needs_size)
    assert whole("please", "g", most=9, other=1, size=6).score == 0.0, "everything gets size too"
    assert all_of(shorter, polite, needs_size)("please", "g", most=9, size=6).passed
    with pytest.raises(UsageError, match="needs_size needs the option 'size'"):
        all_of(shorter, needs_size)("x", "g")
    assert set(whole.needs) == {"gold"}


def test_a_check_without_the_need_for_gold_gets_none() -> None:
    seen: list[Any] = []

    @verifier(needs=())
    def looks(reply: str, gold: Any = "unset", /) -> Verdict:
        seen.append(gold)
        return Verdict.of(1)

    cached(looks & exact)("42", "42")
    weighted({looks: 1.0})("42", "42")
    assert seen == [None, None]
    assert (looks & repetition).needs == ()


def test_the_same_question_is_cached_whatever_gold_a_part_does_not_need() -> None:
    calls: list[str] = []

    @verifier(needs=())
    def counts(reply: str, gold: Any = None, /, *, limit: int = 0) -> Verdict:
        calls.append(reply)
        return Verdict.of(1)

    check = cached(counts)
    check("a", "one")
    check("a", "two")
    check("a", "two", limit=1)
    assert calls == ["a", "a"]


def test_a_combination_states_its_options_like_any_check() -> None:
    whole = format_weighted(number, language.with_options(language="en"))
    check_options("whole", whole, {"rel_tol": 0.1, "share": 0.5})
    for wrong in ({"language": "de"}, {"share": "x"}):
        with pytest.raises(UsageError):
            check_options("whole", whole, wrong)

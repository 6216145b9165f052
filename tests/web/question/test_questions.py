"""Questions over the bundled corpus: they stand against every shortcut, read as English, and depend on the seed alone."""

import random
import re
from collections import Counter
from functools import cache
from typing import Any

import pytest

from envgym.environments.web.corpus.shelf import open_corpus
from envgym.environments.web.question.clue_words import ClueWriter, article_fitted, of_many
from envgym.environments.web.question.draw import draw_question, workshop_of
from envgym.environments.web.question.english import counted, denied, figure, head_of, listed, plural, singular
from envgym.environments.web.question.phrase import Writer, also
from envgym.environments.web.question.query import (
    QUERY,
    Counts,
    Decade,
    Has,
    Lacks,
    Linked,
    Query,
    Some,
    Top,
    Within,
    form_of,
    hops,
)
from envgym.environments.web.question.rejected import Rejected
from envgym.environments.web.question.shortcut import Guesses, no_shortcut, rank_of, says
from envgym.environments.web.question.solver import Solver
from envgym.environments.web.search.bm25 import Bm25
from envgym.errors import UsageError
from envgym.task import TaskFields

from .islands import islands, url


@cache
def drawn(number: int, wanted: int = 2) -> TaskFields:
    return draw_question(open_corpus("atlas"), random.Random(number), hops=wanted)


@pytest.mark.parametrize("wanted", [2, 3])
def test_questions_hold_what_they_promise(wanted: int) -> None:
    shop = workshop_of(open_corpus("atlas"))
    for number in range(15):
        fields = drawn(number, wanted)
        public, private = fields["public"], fields["private"]
        query = QUERY.validate_python(private["query"])
        assert hops(query.of) >= wanted
        (answer,) = shop.solver.answers(query)
        assert shop.corpus.store.name(answer) == str(private["answer"])
        assert not says(public["question"], [private["answer"], *private["aliases"]])
        page = shop.solver.only(query.of)
        assert page is not None
        assert rank_of(shop.engine, public["question"], page.page) > 5
        assert len({row["url"] for row in private["proof"]}) >= wanted
        assert all(
            shop.corpus.pages[row["url"]].quote(row["start"], row["end"]) == row["quote"] for row in private["proof"]
        )
        assert private["distractors"]
        assert private["answer"] not in [row["name"] for row in private["distractors"]]


def test_a_seed_makes_a_question_and_nothing_else_does() -> None:
    again = draw_question(open_corpus("atlas"), random.Random(3))
    assert again == drawn(3)
    assert drawn(4)["public"] != drawn(3)["public"]


def test_questions_differ_in_shape_and_in_graph() -> None:
    fields = [drawn(number, wanted) for wanted in (2, 3) for number in range(30)]
    shapes = Counter(each["tags"][0] for each in fields)
    assert len(shapes) >= 12, shapes
    forms = {form_of(QUERY.validate_python(each["private"]["query"])) for each in fields}
    assert len(forms) == len(fields)


def test_questions_are_clean_english() -> None:
    for wanted in (2, 3):
        for number in range(30):
            question = drawn(number, wanted)["public"]["question"]
            assert question[0].isupper()
            assert question[-1] in ".?"
            broken = r"  | ,|\{|\}|\b(?:a a|the the|an a|that that|and and)\b|\ba [AIaio](?!ne)\w|None"
            assert re.search(broken, question) is None, question


@pytest.mark.parametrize(
    ("hops_", "rounds", "message"), [(1, 5, "hops=1"), (9, 5, "hops=9"), (3, 1, "at least 2 rounds")]
)
def test_settings_that_cannot_be_met_are_refused(hops_: int, rounds: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        draw_question(open_corpus("atlas"), random.Random(0), hops=hops_, rounds=rounds)


def test_a_corpus_that_says_too_little_is_refused() -> None:
    with pytest.raises(UsageError, match="no 10 entities of a type with a page and 5 facts"):
        draw_question(islands(), random.Random(0))


# ---- shortcuts


def held(question: str, *clues: str, page: str, answer: Any = "Alba") -> None:
    corpus = islands()
    no_shortcut(Bm25.of(corpus.pages.values()), question=question, clues=clues, page=page, spellings=[answer], k=1)


def test_shortcuts_are_named() -> None:
    held("Which island has much wool?", "was settled in 1850", page=url("Elva"))
    with pytest.raises(Rejected, match="says its answer"):
        held("Is it ALBA?", page=url("Elva"))
    with pytest.raises(Rejected, match="found by the question"):
        held("Which island was settled in 1901?", page=url("Elva"))
    with pytest.raises(Rejected, match="found by a clue"):
        held("Which island is it?", "was settled in 1901", page=url("Elva"))


@pytest.mark.parametrize(
    ("text", "answer", "said"),
    [
        ("It has 1,200 people.", 1200, True),
        ("It has 1,200,000 people.", 1200, False),
        ("It lies in Nigeria.", "Niger", False),
        ("It is Côte d'Ivoire.", "Cote d'Ivoire", True),
        ("more than 12.5 percent", 12, False),
    ],
)
def test_whether_a_question_says_its_answer(text: str, answer: Any, said: bool) -> None:
    assert says(text, [answer]) is said


def test_the_likeliest_guess_is_known() -> None:
    guesses = Guesses(Solver(islands().store))
    assert guesses.likely(Query(Some("island"))) in ("Alba", "Corda")
    assert guesses.likely(Query(Some("island"), "near", counts=True)) in (1, 2)
    assert guesses.likely(Query(Some("island"), "area")) is None, "no two have the same"


# ---- words


@pytest.mark.parametrize(
    ("clue", "phrase"),
    [
        (Has("near", "Alba"), "lies next to Alba"),
        (Lacks("near", "Alba"), "does not lie next to Alba"),
        (Within("area", 200, None), r"has an area of (more than|over) 200 square kilometers"),
        (Within("area", 2_000_000, 3_000_000), "has an area of between 2 and 3 million square kilometers"),
        (Within("settled", None, 1850), "was settled before 1850"),
        (Within("settled", 1800, 1850), "was settled between 1800 and 1850"),
        (Decade("settled", 1800), "was settled in the 1800s"),
        (Counts("near", 2, 2), "lies next to exactly two islands"),
        (Counts("tongue", 2, None), "has at least two languages"),
        (Linked("near", Some("island", (Has("tongue", "Old"),))), "lies next to an island that has Old as a language"),
        (
            Top("area", "smallest", Some("island", (Has("near", "Alba"),))),
            "has the smallest area of all islands that lie next to Alba",
        ),
    ],
)
def test_clues_are_said_as_people_say_them(clue: Any, phrase: str) -> None:
    assert re.fullmatch(phrase, ClueWriter(islands().store, random.Random(0)).clue(clue))


def test_a_question_is_said_in_many_ways_with_the_same_words_in_them() -> None:
    near = Linked("near", Some("island", (Has("tongue", "New"), Within("area", 200, 300))))
    query = Query(Some("island", (Decade("settled", 1800), near)), "area")
    said = {Writer(islands().store, random.Random(number)).question(query) for number in range(60)}
    assert len({shape for _, shape in said}) >= 4
    assert len(said) >= 15
    for question, _ in said:
        assert "the 1800s" in question
        assert "New" in question
        assert "200" in question
        assert "area of" in question
        assert "Alba" not in question


def test_small_words() -> None:
    assert [plural(each) for each in ("country", "day", "sea", "currency", "church")] == [
        "countries",
        "days",
        "seas",
        "currencies",
        "churches",
    ]
    assert (singular("US dollars"), singular("people"), singular("percent")) == ("US dollar", "person", "percent")
    assert (counted(1, "country"), counted(14, "country")) == ("one country", "14 countries")
    assert [figure(each) for each in (1_500_000, 28_748, 0.5, 12.0)] == ["1.5 million", "28,748", "0.5", "12"]
    assert listed(["a", "b", "c"]) == "a, b, and c"
    assert denied("carries it") == "does not carry it"
    assert denied("became independent from France") == "did not become independent from France"
    assert head_of("an official language of {it}") == ("official language", " of {it}")
    assert of_many("gets much of its imports from a country that gets its gas") == (
        "get much of their imports from a country that gets its gas"
    )
    assert article_fitted("has a Orthodox majority in a European one") == "has an Orthodox majority in a European one"
    assert [also(each) for each in ("is near", "borders", "does not border")] == [
        "is also near",
        "also borders",
        "does not border",
    ]

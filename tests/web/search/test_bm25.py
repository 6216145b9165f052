"""The default search engine: it ranks as the formula says, the same everywhere, and survives what is asked."""

import math
import random
from collections import Counter
from dataclasses import dataclass

import pytest

from envgym.environments.web.search import bm25
from envgym.environments.web.search.bm25 import Bm25
from envgym.environments.web.search.postings import STEPS, Weights
from envgym.environments.web.search.words import words_of

WORDS = [
    "river",
    "lake",
    "peak",
    "border",
    "wheat",
    "copper",
    "island",
    "desert",
    "coast",
    "king",
    "port",
    "dam",
    "tea",
]


@dataclass(frozen=True)
class Text:
    url: str
    title: str
    text: str


def some_texts(seed: int, count: int = 60) -> list[Text]:
    rng = random.Random(seed)
    weights = [1 / (rank + 1) for rank in range(len(WORDS))]
    return [
        Text(f"u{number}", rng.choice(WORDS), " ".join(rng.choices(WORDS, weights, k=rng.randint(0, 40))))
        for number in range(count)
    ]


def added_up(texts: list[Text], query: str, weights: Weights) -> list[tuple[int, float]]:
    """The ranking by the formula, one document after the other, nothing passed over."""
    bodies = [Counter(words_of(each.text)) for each in texts]
    titles = [Counter(words_of(each.title)) for each in texts]
    lengths = [body.total() + title.total() for body, title in zip(bodies, titles, strict=True)]
    mean = sum(lengths) / len(lengths)
    scores = Counter[int]()
    for word in dict.fromkeys(words_of(query)):
        found = [number for number in range(len(texts)) if bodies[number][word] or titles[number][word]]
        rarity = math.log1p((len(texts) - len(found) + 0.5) / (len(found) + 0.5))
        for number in found:
            mentions = bodies[number][word] + weights.title_boost * titles[number][word]
            norm = weights.k1 * (1 - weights.b + weights.b * lengths[number] / mean)
            scores[number] += max(1, round(rarity * mentions * (weights.k1 + 1) / (mentions + norm) * STEPS))
    return [(number, score / STEPS) for number, score in sorted(scores.items(), key=lambda each: (-each[1], each[0]))]


@pytest.mark.parametrize("frequent", [1, 5, 1000])
def test_the_ranking_is_that_of_the_formula_whatever_is_passed_over(
    frequent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bm25, "FREQUENT", frequent)
    rng = random.Random(7)
    for seed in range(12):
        texts = some_texts(seed)
        weights = Weights(title_boost=seed % 5)
        engine = Bm25.of(texts, weights=weights)
        for _ in range(20):
            query = " ".join(rng.choices(WORDS, k=rng.randint(1, 6)))
            for k in (1, 3, 10, 100):
                assert engine.top(query, k) == added_up(texts, query, weights)[:k], (seed, query, k)


def test_a_page_without_the_most_telling_word_may_still_be_among_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "FREQUENT", 1)
    filler = "sand " * 300
    texts = [
        Text("a", "", "quokka"),
        Text("b", "", f"quokka {filler}"),
        Text("c", "", "wheat wheat"),
        Text("d", "", f"wheat {filler}"),
    ]
    texts += [Text(f"e{number}", "", filler) for number in range(20)]
    found = Bm25.of(texts).top("quokka wheat", 2)
    assert found == added_up(texts, "quokka wheat", Weights())[:2]
    assert [number for number, _ in found] == [0, 2] or [number for number, _ in found] == [2, 0]


def test_equal_pages_stand_in_the_order_of_the_corpus() -> None:
    texts = [Text(f"u{number}", "Lake", "a lake in the north") for number in (3, 1, 2)]
    assert [hit.url for hit in Bm25.of(texts).search("lake", 2)] == ["u3", "u1"]


def test_a_word_in_the_title_counts_more() -> None:
    texts = [Text("body", "Rivers", "the Danube and the Danube"), Text("title", "Danube", "it is long and it is wide")]
    assert Bm25.of(texts).search("Danube", 1)[0].url == "title"
    assert Bm25.of(texts, weights=Weights(title_boost=0)).search("Danube", 1)[0].url == "body"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("country", "Countries of the north"),
        ("COUNTRIES", "a country"),
        ("Sao Tome", "São Tomé and Príncipe"),
        ("Côte", "Cote d'Ivoire"),
        ("652230", "Area: 652,230 sq km"),
        ("652,230", "Area: 652230 sq km"),
        ("rivers", "the river's mouth"),
        ("ＯＩＬ", "crude oil"),
    ],
)
def test_words_are_found_in_other_forms(query: str, text: str) -> None:
    texts = [Text("wrong", "", "something else"), Text("right", "", text)]
    assert [hit.url for hit in Bm25.of(texts).search(query, 5)] == ["right"]


@pytest.mark.parametrize("word", ["status", "gas", "glass", "Laos", "Cyprus"])
def test_words_that_only_look_like_plurals_are_found_by_themselves(word: str) -> None:
    texts = [Text("wrong", "", "statu ga glas"), Text("right", "", f"about {word} and more")]
    assert Bm25.of(texts).search(word, 5)[0].url == "right"


@pytest.mark.parametrize(
    "query", ["", " ", "the of and", "?!", "\0", "\ud800", "a" * 1_000_000, "x " * 100_000, "e" + "\u0301" * 100_000]
)
def test_a_query_without_words_that_occur_finds_nothing(query: str) -> None:
    assert Bm25.of(some_texts(1)).search(query, 10) == []


def test_no_pages_and_no_places_are_no_error() -> None:
    assert Bm25.of([]).search("lake", 3) == []
    assert Bm25.of([Text("u", "", "")]).search("lake", 3) == []
    assert Bm25.of(some_texts(1)).search("lake", 0) == []


def test_a_snippet_shows_the_stretch_that_has_the_rarest_words() -> None:
    filler = "Nothing to see in this line about wheat. " * 30
    text = f"{filler}The longest river is the Volga, which freezes.\n{filler}"
    hits = Bm25.of([Text("u", "Page", text), *some_texts(2)]).search("wheat Volga freezes", 1)
    assert "the Volga, which freezes" in hits[0].snippet
    assert hits[0].snippet.startswith("… ")
    assert len(hits[0].snippet) < 300
    assert "\n" not in hits[0].snippet


def test_a_short_page_is_its_own_snippet() -> None:
    assert Bm25.of([Text("u", "Lake", "A lake\nin the north.")]).search("lake", 1)[0].snippet == "A lake in the north."

"""Noise in search results: its curriculum, and that nothing stays hidden."""

import pytest
from pydantic import ValidationError

from envgym.environments.web.corpus.shelf import open_corpus
from envgym.environments.web.search.engine import Hit
from envgym.environments.web.search.noisy import SearchNoise, with_noise
from envgym.environments.web.search.shelf import engine_of

RANKING = [Hit(f"u{number}", "", 20.0 - number, "") for number in range(20)]


@pytest.mark.parametrize(
    ("settings", "probability"),
    [
        ({"start": 0.25}, 0.25),
        ({"start": 0.25, "step": 7, "steps": 10}, 0.25),
        ({"start": 0.0, "end": 0.75, "step": 0, "steps": 10}, 0.0),
        ({"start": 0.0, "end": 0.75, "step": 10, "steps": 10}, 0.75),
        ({"start": 0.0, "end": 0.75, "step": 5, "steps": 10}, 0.25),  # (4^0.5 - 1) / 3 = 1/3
        ({"start": 0.5, "end": 0.0, "step": 5, "steps": 10, "base": 1}, 0.25),
    ],
)
def test_the_probability_follows_the_curriculum(settings: dict[str, float], probability: float) -> None:
    assert SearchNoise.model_validate(settings).probability == pytest.approx(probability)


@pytest.mark.parametrize(
    "settings", [{"start": 1.5}, {"start": -0.1}, {"step": 3, "steps": 2}, {"base": 0}, {"half": 1}]
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        SearchNoise.model_validate(settings)


def test_without_noise_the_ranking_is_shown_as_it_is() -> None:
    assert with_noise(RANKING, 5, SearchNoise.model_validate(0), 1, 1, {}) == RANKING[:5]


def test_a_hit_that_is_left_out_gives_way_to_the_next_ones() -> None:
    left_out: dict[str, int] = {}
    shown = with_noise(RANKING, 5, SearchNoise.model_validate(1), 1, 1, left_out)
    assert shown == RANKING[5:10]
    assert left_out == {f"u{number}": 1 for number in range(5)}


def test_results_depend_on_the_seed_and_the_number_of_the_query_alone() -> None:
    noise = SearchNoise.model_validate(0.5)
    shown = {
        (seed, number): with_noise(RANKING, 5, noise, seed, number, {}) for seed in range(3) for number in range(3)
    }
    assert shown == {key: with_noise(RANKING, 5, noise, *key, {}) for key in shown}
    assert len({tuple(hits) for hits in shown.values()}) > 5


@pytest.mark.parametrize("patience", [0, 1, 3])
def test_whoever_asks_again_finds_what_is_there(patience: int) -> None:
    noise = SearchNoise.model_validate({"start": 1.0, "patience": patience})
    left_out: dict[str, int] = {}
    shown = [with_noise(RANKING, 5, noise, 1, number, left_out) for number in range(10)]
    assert RANKING[0] not in {hit for hits in shown[:patience] for hit in hits}
    assert all(hits == RANKING[:5] for hits in shown[patience:])


def test_of_few_hits_none_is_left_out() -> None:
    assert with_noise(RANKING[:5], 5, SearchNoise.model_validate(1), 1, 1, {}) == RANKING[:5]


def test_noise_is_a_page_that_has_words_of_the_query() -> None:
    engine = engine_of(open_corpus("atlas"))
    ranking = engine.search("Danube river port", 10)
    shown = with_noise(ranking, 5, SearchNoise.model_validate(1), 1, 1, {})
    assert not {hit.url for hit in shown} & {hit.url for hit in ranking[:5]}
    assert all(hit.score > 0 for hit in shown)

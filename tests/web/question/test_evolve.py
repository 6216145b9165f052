"""Evolution on the bundled corpus: what comes out is unique, minimal, and has no clue that gives anything away."""

import random
from typing import Any

import pytest

from envgym.environments.web.corpus.shelf import open_corpus
from envgym.environments.web.question.draw import workshop_of
from envgym.environments.web.question.evolve import Evolution, evolve, minimal
from envgym.environments.web.question.explore import near_misses
from envgym.environments.web.question.generalise import neighbours
from envgym.environments.web.question.query import Decade, Has, Lacks, Linked, Some, Top, Within, clues_in, edited, hops
from envgym.environments.web.question.rejected import Rejected
from envgym.environments.web.question.solver import Solver

from .islands import islands


def evolved(number: int, wanted: int = 2, **more: Any) -> Evolution:
    """The first evolution that comes to its end, from the random stream `number` on."""
    shop = workshop_of(open_corpus("atlas"))
    rng = random.Random(number)
    for _ in range(200):
        try:
            found = evolve(
                shop.explorer, shop.broader, rng.choice(shop.seeds["country"]), rng, hops=wanted, rounds=5, **more
            )
            minimal(shop.solver, found.description())
        except Rejected:
            continue
        return found
    raise AssertionError("nothing evolved in 200 drafts")


@pytest.mark.parametrize("number", range(12))
@pytest.mark.parametrize("wanted", [2, 3])
def test_every_clue_is_needed_and_none_is_enough(number: int, wanted: int) -> None:
    evolution = evolved(number, wanted)
    some, solver = evolution.description(), evolution.solver
    assert solver.only(some) is evolution.entity
    assert hops(some) == wanted
    for path, type_, clue in clues_in(some):
        assert solver.only(edited(some, path, None)) is None, f"{clue} could be dropped"
        assert isinstance(clue, Lacks) or solver.clue(type_, clue).must.bit_count() >= 2, f"{clue} gives it away"
        exact = isinstance(clue, Has) and solver.store.relations[clue.relation].kind == "number"
        assert not exact, f"{clue} tells a number to the digit"
    names = {step.to.id for level in evolution.levels if (step := level.step) is not None}
    assert not names & {clue.value for _, _, clue in clues_in(some) if isinstance(clue, Has)}
    assert len(evolution.before) > 3 * len(list(clues_in(some)))


@pytest.mark.parametrize("number", range(4))
def test_a_superlative_is_among_a_few(number: int) -> None:
    evolution = evolved(number, best=True)
    (top,) = evolution.description().clues
    assert isinstance(top, Top)
    assert 3 <= evolution.solver.bounds(top.among).must.bit_count() <= 8


def test_what_is_hidden_is_told_of_nowhere_about_the_answer() -> None:
    for number in range(6):
        evolution = evolved(number, hidden=("area", "borders"))
        told = {getattr(clue, "relation", "") for clue in evolution.description().clues if not isinstance(clue, Linked)}
        assert not told & {"area", "borders"}


@pytest.mark.parametrize(
    ("clues", "reason"),
    [
        ((Decade("settled", 1800),), "not unique"),
        ((Decade("settled", 1900), Has("tongue", "Old")), "a clue gives it away"),
        ((Decade("settled", 1800), Has("tongue", "Old"), Lacks("tongue", "New")), "a clue could be dropped"),
        ((Has("tongue", "Old"), Linked("near", Some("island"))), "not unique"),
        ((Top("area", "greatest", Some("island", (Decade("settled", 1800),))),), "too few or too many"),
    ],
)
def test_a_description_that_breaks_a_rule_is_rejected(clues: tuple[Any, ...], reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        minimal(Solver(islands().store), Some("island", clues))


def test_one_that_breaks_none_is_taken() -> None:
    minimal(Solver(islands().store), Some("island", (Decade("settled", 1800), Lacks("tongue", "New"))))


def test_near_misses_fail_exactly_one_clue() -> None:
    solver = Solver(islands().store)
    some = Some("island", (Decade("settled", 1800), Lacks("tongue", "New")))
    assert [(miss.entity.name, miss.failed) for miss in near_misses(solver, some)] == [
        ("Elva", Decade("settled", 1800)),
        ("Berga", Lacks("tongue", "New")),
    ]


@pytest.mark.parametrize("number", [0.03, 0.7, 1.4, 9, 10, 47, 99, 100, 28_748, 1_246_700, 17_098_242])
def test_round_numbers_lie_on_both_sides(number: float) -> None:
    low, high = neighbours(number)
    assert low < number < high
    assert high <= 2 * number or number < 1


def test_rounds_bound_what_is_made_vaguer() -> None:
    shop = workshop_of(open_corpus("atlas"))
    entity = shop.seeds["country"][0]
    for rounds in (1, 4):
        kinds: list[str] = []
        for number in range(30):
            try:
                found = evolve(shop.explorer, shop.broader, entity, random.Random(number), hops=2, rounds=rounds)
            except Rejected:
                continue
            kinds = [change.kind for change in found.changes]
            assert kinds.count("described") + kinds.count("vaguer") <= rounds
            assert kinds.count("described") == 1
        assert kinds
        assert ("vaguer" in kinds) == (rounds > 1)


def test_years_and_numbers_are_made_vaguer() -> None:
    kinds = {type(clue) for number in range(25) for _, _, clue in clues_in(evolved(number).description())}
    assert kinds >= {Has, Linked, Within}

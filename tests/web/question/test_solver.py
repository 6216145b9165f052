"""The solver: what a query gives can be counted out over five islands, and nothing that a page leaves open is taken for sure."""

from typing import Any

import pytest

from envgym.environments.web.question.query import (
    QUERY,
    Begins,
    Counts,
    Decade,
    Has,
    Lacks,
    Letters,
    Linked,
    Query,
    Some,
    Top,
    Within,
    form_of,
    hops,
    outline_of,
)
from envgym.environments.web.question.solver import Solver, solve
from envgym.errors import UsageError

from .islands import islands

NEAR_SMALL = Linked("near", Some("island", (Within("area", None, 200),)))


def fits(*clues: Any, **opened: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """The islands that certainly meet all clues, and those that may."""
    solver = Solver(islands(**opened).store)
    found = solver.bounds(Some("island", clues))
    must, may = ({entity.name for entity in solver.entities("island", bits)} for bits in found)
    return must, may


@pytest.mark.parametrize(
    ("clue", "expected"),
    [
        (Has("tongue", "Old"), {"Alba", "Berga", "Elva"}),
        (Has("near", "Alba"), {"Berga", "Corda"}),
        (Lacks("tongue", "Old"), {"Corda", "Dorna"}),
        (Within("area", 200, 800), {"Berga", "Corda", "Dorna"}),
        (Within("settled", 1852, None), {"Dorna", "Elva"}),
        (Decade("settled", 1800), {"Alba", "Berga"}),
        (Counts("near", 2, 2), {"Alba", "Corda"}),
        (Counts("tongue", 2, None), {"Berga"}),
        (Counts("near", None, 0), {"Elva"}),
        (Letters(4), {"Alba", "Elva"}),
        (NEAR_SMALL, {"Berga", "Corda"}),
        (Top("area", "greatest", Some("island", (Has("tongue", "Old"),))), {"Elva"}),
        (Top("area", "smallest", Some("island", (Has("tongue", "New"),))), {"Berga"}),
    ],
)
def test_a_clue_fits_what_it_says(clue: Any, expected: set[str]) -> None:
    assert fits(clue) == (expected, expected)


def test_a_relation_is_followed_both_ways() -> None:
    solver = Solver(islands().store)
    tongue = Some("language", (Linked("tongue", Some("island", (Has("near", "Dorna"),)), turned=True),))
    assert [each.name for each in solver.entities("language", solver.bounds(tongue).must)] == ["New"]
    assert fits(Linked("tongue", tongue))[0] == {"Berga", "Corda", "Dorna"}


def test_the_bound_of_a_range_is_neither_inside_nor_outside() -> None:
    assert fits(Within("area", 250, 800)) == ({"Corda", "Dorna"}, {"Berga", "Corda", "Dorna"})


def test_another_spelling_of_a_name_is_not_ruled_out() -> None:
    assert fits(Begins("I")) == (set(), {"Alba", "Berga", "Corda", "Dorna", "Elva"})
    assert fits(Begins("A")) == ({"Alba"}, {"Alba"})


def test_what_a_page_leaves_open_may_hold_and_is_never_sure() -> None:
    opened = {"Elva": ("tongue",)}
    assert fits(Has("tongue", "New"), **opened)[1] == {"Berga", "Corda", "Dorna", "Elva"}
    assert "Elva" not in fits(Lacks("tongue", "New"), **opened)[0]
    assert fits(Counts("tongue", 1, 1), **opened)[0] == {"Alba", "Corda", "Dorna"}
    assert fits(Linked("tongue", Some("language", (Has("tongue", "Dorna", turned=True),))), **opened)[1] >= {"Elva"}
    largest = Top("area", "greatest", Some("island", (Has("tongue", "New"),)))
    assert fits(largest) == ({"Dorna"}, {"Dorna"})
    assert fits(largest, **opened) == (set(), {"Dorna", "Elva"})
    open_area = fits(Top("area", "smallest", Some("island")), Elva=("area",))
    assert open_area == (set(), {"Alba", "Elva"})


def test_a_query_with_two_answers_has_no_single_one() -> None:
    store = islands().store
    two = Query(Some("island", (Decade("settled", 1800),)))
    assert solve(two, store) == {"Alba", "Berga"}
    assert Solver(store).only(two.of) is None
    one = Query(Some("island", (Decade("settled", 1800), Lacks("tongue", "New"))), "area")
    assert solve(one, store) == {100}
    assert solve(Query(one.of, "near", counts=True), store) == {2}
    assert solve(Query(one.of, "ware", counts=True), store) == set(), "wares are not told completely"


def test_an_unknown_relation_is_named() -> None:
    with pytest.raises(UsageError, match="no relation 'aera'; it has near, area"):
        solve(Query(Some("island", (Has("aera", 1),))), islands().store)


def test_queries_survive_json() -> None:
    query = Query(
        Some("island", (NEAR_SMALL, Begins("B"), Top("area", "smallest", Some("island", (NEAR_SMALL,))))), "area"
    )
    assert QUERY.validate_json(QUERY.dump_json(query)) == query


def test_the_form_of_a_query_does_not_depend_on_the_order_of_its_clues() -> None:
    one = Query(Some("island", (NEAR_SMALL, Has("tongue", "Old"))))
    other = Query(Some("island", (Has("tongue", "Old"), NEAR_SMALL)))
    third = Query(Some("island", (Has("tongue", "New"), NEAR_SMALL)))
    assert form_of(one) == form_of(other) != form_of(third)
    assert outline_of(one) == outline_of(third) != outline_of(Query(one.of, "area"))
    assert hops(one.of) == 2

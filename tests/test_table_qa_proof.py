"""What table_qa proves about a question before it becomes a task, and how it says it."""

from typing import Any

import pytest

from envgym.environments.table_qa.english import Writer
from envgym.environments.table_qa.prove import Proof, Prover, Rejected
from envgym.environments.table_qa.query import (
    Aggregate,
    Busiest,
    Children,
    Count,
    Difference,
    Distinct,
    Everything,
    Exists,
    Extreme,
    Greater,
    Key,
    Listing,
    Named,
    Only,
    Parents,
    Value,
    Where,
)
from envgym.environments.table_qa.source import Source, open_source

CITIES = """id,city,people,country,height
1,Lyon,500,FR,170
2,Oslo,700,NO,
3,Köln,700,DE,50
4,Nice,300,FR,10
5,Bonn,300,DE,60
6,Bergen,200,NO,5
"""
SHOPS = """shop,city_id,sales,owner
A,1,10,Ann
B,1,20,Bob
C,1,30,bob
D,2,40,Cid
E,2,5,Dee
F,3,7,Eve
G,,9,Fay
"""
HOLDS = Key("shops", "city_id", "cities", "id")
ALL = Everything("cities")
LYON = Named("cities", "city", "Lyon")
OSLO = Named("cities", "city", "Oslo")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp("towns")
    (folder / "cities.csv").write_text(CITIES, encoding="utf-8")
    (folder / "shops.csv").write_text(SHOPS, encoding="utf-8")
    return open_source(str(folder))


def prove(source: Source, question: Any) -> Proof:
    return Prover(source).prove(question)


@pytest.mark.parametrize(
    ("question", "answer", "kind"),
    [
        (Value(Extreme(ALL, "height", "max"), "city"), "Lyon", "text"),
        (Value(Extreme(ALL, "people", "min"), "city"), "Bergen", "text"),
        (Value(Parents(Named("shops", "shop", "D"), HOLDS), "people"), 700, "integer"),
        (Value(Busiest(Everything("shops"), HOLDS), "city"), "Lyon", "text"),
        (Value(Only(Children(Named("cities", "city", "Köln"), HOLDS)), "sales"), 7, "integer"),
        (Count(Where(ALL, "country", "=", "FR")), 2, "integer"),
        (Count(Children(LYON, HOLDS)), 3, "integer"),
        (Count(Parents(Where(Everything("shops"), "sales", ">", 6), HOLDS)), 3, "integer"),
        (Distinct(Where(ALL, "people", ">", 250), "country"), 3, "integer"),
        (Aggregate(Children(LYON, HOLDS), "sales", "sum"), 60, "integer"),
        (Aggregate(Children(LYON, HOLDS), "sales", "avg"), 20.0, "number"),
        (Aggregate(ALL, "height", "max"), 170, "integer"),
        (Listing(Where(ALL, "country", "=", "DE"), "city"), ["Bonn", "Köln"], "list"),
        (Exists(Where(Children(LYON, HOLDS), "sales", ">", 25)), True, "yes_no"),
        (Exists(Where(Children(LYON, HOLDS), "sales", ">", 99)), False, "yes_no"),
        (Greater(Value(LYON, "people"), Value(OSLO, "people")), False, "yes_no"),
        (Difference(Value(OSLO, "people"), Value(LYON, "people")), 200, "integer"),
    ],
)
def test_a_sound_question_has_one_typed_answer(source: Source, question: Any, answer: Any, kind: str) -> None:
    proof = prove(source, question)
    assert (proof.answer, proof.kind.kind) == (answer, kind)


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (Value(Extreme(ALL, "people", "max"), "city"), "a tie"),
        (Value(Extreme(Where(ALL, "country", "=", "FR"), "people", "max"), "city"), "fewer than three"),
        (Value(Named("cities", "country", "FR"), "people"), "not unique"),
        (Value(Named("cities", "city", "Rome"), "people"), "not unique"),
        (Value(OSLO, "height"), "no value"),
        (Value(Parents(Named("shops", "shop", "G"), HOLDS), "city"), "none"),
        (Value(Only(Children(LYON, HOLDS)), "sales"), "not the only one"),
        (Value(Busiest(Where(Everything("shops"), "sales", "<", 8), HOLDS), "city"), "no one busiest"),
        (Count(Where(ALL, "people", ">", 0)), "keeps all"),
        (Count(Where(ALL, "people", ">", 9000)), "keeps all or nothing"),
        (Count(Children(Named("cities", "city", "Nice"), HOLDS)), "nothing on the other side"),
        (Count(Children(Named("cities", "city", "Köln"), HOLDS)), "one row only"),
        (Distinct(Where(ALL, "country", "=", "FR"), "country"), "one value only"),
        (Aggregate(Children(Named("cities", "city", "Köln"), HOLDS), "sales", "avg"), "fewer than two"),
        (Listing(Children(LYON, HOLDS), "owner"), "doubles"),
        (Listing(ALL, "height"), "cannot be listed"),
        (Exists(Where(ALL, "people", ">", 250)), "nothing to look for"),
        (Exists(Where(Children(LYON, HOLDS), "sales", ">", 1)), "every row fits"),
        (Greater(Value(OSLO, "people"), Value(Named("cities", "city", "Köln"), "people")), "equal"),
        (Difference(Value(LYON, "people"), Value(OSLO, "people")), "negative"),
    ],
)
def test_a_question_with_a_flaw_is_rejected_with_the_reason(source: Source, question: Any, why: str) -> None:
    with pytest.raises(Rejected, match=why):
        prove(source, question)


def english(source: Source, question: Any) -> str:
    return Writer(source.schema, frozenset(prove(source, question).holes)).question(question)


def test_rows_without_a_value_are_left_out_in_words(source: Source) -> None:
    question = Value(Extreme(ALL, "height", "max"), "city")
    assert english(source, question) == (
        "Which of all `cities` rows (leaving out those without a recorded `height`) has the highest `height`? Give its `city`."
    )
    assert "leaving out" not in english(source, Value(Extreme(ALL, "people", "min"), "city"))
    assert "leaving out those without a recorded `height`" in english(source, Aggregate(ALL, "height", "avg"))


def test_a_filter_that_could_belong_to_two_nouns_gets_a_sentence_of_its_own(source: Source) -> None:
    question = Count(Where(Children(Extreme(ALL, "height", "max"), HOLDS), "sales", ">", 15))
    assert english(source, question) == (
        "Consider the `cities` row with the highest `height` among all `cities` rows (leaving out those without a recorded "
        "`height`). Consider the `shops` rows linked by `city_id` to that `cities` row. How many of those `shops` rows whose "
        "`sales` is above 15 are there?"
    )


ISOTOPES = Key("isotopes", "element", "elements", "atomic_number")
DECAYS = Key("decay_modes", "nuclide", "isotopes", "nuclide")
DAUGHTERS = Key("decay_modes", "daughter", "isotopes", "nuclide")
ELEMENTS = Everything("elements")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            Value(Extreme(Children(Named("elements", "name", "Lead"), ISOTOPES), "half_life_s", "max"), "nuclide"),
            "Which of the isotopes of lead (leaving out those without a recorded half-life) has the longest half-life? {}",
        ),
        (
            Count(Where(Where(ELEMENTS, "is_radioactive", "=", 0), "period", "=", 6)),
            "How many non-radioactive elements in period 6 are there?",
        ),
        (
            Value(Busiest(Where(Everything("isotopes"), "is_stable", "=", 1), ISOTOPES), "name"),
            "Which element has the most stable isotopes? Give its name.",
        ),
        (
            Count(Where(Where(ELEMENTS, "discovery_year", "<", 1800), "density_g_cm3", ">", 5.5)),
            "How many elements discovered before 1800 whose density is above 5.5 g/cm³ are there?",
        ),
        (
            Greater(
                Value(Named("elements", "name", "Tin"), "density_g_cm3"),
                Value(Named("elements", "symbol", "Pb"), "density_g_cm3"),
            ),
            "Is the density of tin higher than that of the element whose chemical symbol is Pb?",
        ),
        (
            Value(Parents(Only(Children(Named("isotopes", "nuclide", "Rn-222"), DECAYS)), DAUGHTERS), "half_life_s"),
            "What is the half-life of the daughter nuclide of the only decay branch of Rn-222?",
        ),
    ],
)
def test_questions_about_the_periodic_table_read_as_a_chemist_writes(question: Any, text: str) -> None:
    assert english(open_source(""), question) == text.replace("{}", "Give its nuclide.")


def test_a_daughter_that_is_stable_has_no_half_life_to_ask_for() -> None:
    polonium = Only(Children(Named("isotopes", "nuclide", "Po-210"), DECAYS))
    assert prove(open_source(""), Value(Parents(polonium, DAUGHTERS), "nuclide")).answer == "Pb-206"
    with pytest.raises(Rejected, match="no value"):
        prove(open_source(""), Value(Parents(polonium, DAUGHTERS), "half_life_s"))
